//! `wamrc validate --runtime=NAME FILE.aot…`: whether a runtime takes a file, from the file alone.
//!
//! What is checked is what loaders refuse: version, features, relocations, symbols, and what our record says the file
//! relies on. Machine code is not looked at, and imports are the host's business.

use super::{Failure, container, output};
use aot_format::abi::native_symbols;
use aot_format::{CustomSection, FeatureFlags, NativeSymbol, Relies, View};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use targets::Target;

/// Options of the command.
#[derive(Debug, Args)]
#[group(id = "validate-options")]
pub(super) struct Arguments {
    /// The runtime: wamrc, or the default build of stock WAMR: stock-2.4.1, stock-2.4.3, stock-main
    #[arg(long, value_name = "RUNTIME", default_value = "wamrc", value_parser = names(),
          hide_possible_values = true)]
    runtime: String,

    /// The AOT files; - is standard input
    #[arg(value_name = "FILE.aot", required = true)]
    files: Vec<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A runtime with what it takes.
struct Runtime {
    name: &'static str,
    versions: &'static [u32],
    features: FeatureFlags,
    relies: Relies,
    /// Whether it is this project's; else the default build of stock.
    ours: bool,
}

/// Features in the default build of stock's runtime.
const STOCK_FEATURES: FeatureFlags = FeatureFlags::SIMD
    .union(FeatureFlags::BULK_MEMORY)
    .union(FeatureFlags::REF_TYPES);

/// What a file may rely on there. Stock's runtime does not read it, but has it on the systems that have guard pages.
const STOCK_RELIES: Relies = Relies::GUARD_PAGES
    .union(Relies::UNWINDING_TRAPS)
    .union(Relies::STACK_GUARD)
    // Its instances share no tables, so that no foreign function gets into one.
    .union(Relies::FOREIGN_FUNCTIONS);

const fn stock(name: &'static str, versions: &'static [u32]) -> Runtime {
    Runtime {
        name,
        versions,
        features: STOCK_FEATURES,
        relies: STOCK_RELIES,
        ours: false,
    }
}

const RUNTIMES: &[Runtime] = &[
    Runtime {
        name: "wamrc",
        versions: &aot_format::VERSIONS,
        features: STOCK_FEATURES
            .union(FeatureFlags::MULTI_THREAD)
            .union(FeatureFlags::GARBAGE_COLLECTION)
            .union(FeatureFlags::EXCEPTION_HANDLING)
            .union(FeatureFlags::MULTI_MEMORY)
            .union(FeatureFlags::RELAXED_SIMD)
            .union(FeatureFlags::TINY_STACK_FRAME)
            .union(FeatureFlags::FRAME_PER_FUNCTION)
            .union(FeatureFlags::FRAME_NO_FUNC_IDX),
        relies: Relies(u32::MAX),
        ours: true,
    },
    stock("stock-2.4.1", &[5]),
    stock("stock-2.4.3", &[5]),
    stock("stock-main", &[6]),
];

fn names() -> clap::builder::PossibleValuesParser {
    RUNTIMES.iter().map(|runtime| runtime.name).into()
}

/// Checks each file; some that the runtime refuses is a failure.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let named = |runtime: &&Runtime| runtime.name == arguments.runtime;
    let Some(runtime) = RUNTIMES.iter().find(named) else {
        return Err(Failure::usage(format!("--runtime={}", arguments.runtime)));
    };
    let mut text = String::new();
    let mut values = Vec::new();
    let mut refused = false;
    for path in &arguments.files {
        let bytes = container::read(path)?;
        let view = container::view(path, &bytes)?;
        let problems = runtime.problems(&view);
        let path = path.display();
        match problems.is_empty() {
            true => text.push_str(&format!("{path}: {} takes it\n", runtime.name)),
            false => refused = true,
        }
        for problem in &problems {
            text.push_str(&format!(
                "{path}: {} cannot run it: {problem}\n",
                runtime.name
            ));
        }
        values.push(json!({
            "file": path.to_string(),
            "runtime": runtime.name,
            "valid": problems.is_empty(),
            "problems": problems,
        }));
    }
    if arguments.json {
        text = format!("{:#}\n", Value::from(values));
    }
    output::print(text.as_bytes())?;
    match refused {
        true => Err(Failure::Printed),
        false => Ok(()),
    }
}

impl Runtime {
    /// Everything for which the runtime refuses the file.
    fn problems(&self, view: &View<'_>) -> Vec<String> {
        let mut problems = Vec::new();
        if !self.versions.contains(&view.version()) {
            let read: Vec<String> = self.versions.iter().map(u32::to_string).collect();
            problems.push(format!(
                "it has version {} of the format, the runtime reads {} (compile with --aot-version={})",
                view.version(),
                read.join(" and "),
                read.join(" or ")
            ));
        }
        problems.extend(self.lacking_features(view));
        problems.extend(self.lacking_abilities(view));
        match view.target().target() {
            Some(target) => problems.extend(self.unresolved(view, target)),
            None => problems.push(format!(
                "nothing is known of its machine {} ({})",
                view.target().e_machine,
                view.target().arch.as_str()
            )),
        }
        problems
    }

    fn lacking_features(&self, view: &View<'_>) -> Vec<String> {
        let used = view.target().features;
        let known = FeatureFlags::ALL.iter();
        let lacking =
            known.filter(|(flag, _)| used.contains(*flag) && !self.features.contains(*flag));
        lacking
            .map(|(_, name)| format!("it uses the feature {name}"))
            .collect()
    }

    fn lacking_abilities(&self, view: &View<'_>) -> Vec<String> {
        let relies = view.record().map_or(Relies::NONE, |record| record.relies);
        let mut problems: Vec<String> = Relies::ALL
            .iter()
            .filter(|(bit, _)| relies.contains(*bit) && !self.relies.contains(*bit))
            .map(|(_, name)| format!("it relies on {name}"))
            .collect();
        if relies.unknown() != 0 {
            let bits = relies.unknown();
            problems.push(format!("it relies on something unknown ({bits:#x})"));
        }
        problems
    }

    /// Relocations the loader does not apply and symbols it does not have, each once.
    fn unresolved(&self, view: &View<'_>, target: &'static Target) -> BTreeSet<String> {
        let mut problems = BTreeSet::new();
        for relocation in view.relocations().iter().flat_map(|group| group.relocs) {
            let applied = match self.ours {
                true => target.row(relocation.kind).is_some(),
                false => target.stock_relocs.contains(&relocation.kind),
            };
            if !applied {
                let kind = container::relocation_kind(view, relocation.kind);
                problems.insert(format!("it has relocations {kind}"));
            }
            let symbol = relocation.symbol;
            let known = match view.symbol(symbol) {
                aot_format::Symbol::Runtime(name) => self.resolves(name, target),
                _ => true,
            };
            if !known {
                problems.insert(format!("its code calls {symbol}"));
            }
        }
        problems.extend(self.unresolved_in_table(view));
        problems
    }

    /// Functions of the table that in-place code calls through.
    fn unresolved_in_table(&self, view: &View<'_>) -> Vec<String> {
        let tables = view.custom().iter().filter_map(|section| match section {
            CustomSection::NativeSymbols(symbols) => Some(symbols),
            _ => None,
        });
        let addresses = tables
            .flat_map(|symbols| symbols.iter())
            .filter_map(|name| match NativeSymbol::parse(name) {
                NativeSymbol::Address(name) => Some(name),
                _ => None,
            });
        let unknown = addresses.filter(|name| match self.ours {
            true => !native_symbols::provided(name),
            false => !native_symbols::in_default_build(name),
        });
        unknown
            .map(|name| format!("its code calls {name} through the table"))
            .collect()
    }

    fn resolves(&self, name: &str, target: &Target) -> bool {
        let own = match self.ours {
            true => native_symbols::provided(name) || target.libcalls.contains(&name),
            false => native_symbols::in_default_build(name),
        };
        own || target.stock_libcalls.contains(&name)
    }
}
