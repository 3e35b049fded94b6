//! What may be named where: third-party crates, `unsafe`, architectures and
//! conditions on the target (architecture §3, §5, §8).

use super::Finding;
use super::source::Source;

/// A word of code and the only places for it; a place that ends in `/` is a
/// folder, any other a file.
struct Confined {
    word: &'static str,
    /// The rule covers files below this; empty for all.
    within: &'static str,
    places: &'static [&'static str],
}

/// Third-party types stop at their module.
const CRATES: &[Confined] = &[
    Confined {
        word: "inkwell",
        within: "",
        places: LLVM,
    },
    Confined {
        word: "llvm_sys",
        within: "",
        places: LLVM,
    },
    Confined {
        word: "wasmparser",
        within: "wamrc/",
        // The visitor's signatures are wasmparser's.
        places: &[
            "wamrc/src/wasm.rs",
            "wamrc/src/wasm/",
            "wamrc/src/lower.rs",
            "wamrc/src/lower/",
        ],
    },
    Confined {
        word: "object::read",
        within: "",
        places: OBJECT,
    },
    Confined {
        word: "use object::",
        within: "wamrc/src/",
        places: OBJECT,
    },
    Confined {
        word: "gimli",
        within: "",
        places: &["wamrc/src/debug.rs", "wamrc/src/debug/"],
    },
    Confined {
        word: "target_lexicon",
        within: "",
        places: &["targets/src/triple.rs", "targets/src/triple/"],
    },
    Confined {
        word: "clap",
        within: "wamrc/",
        places: &["wamrc/src/cli.rs", "wamrc/src/cli/", "wamrc/src/main.rs"],
    },
];

const LLVM: &[&str] = &["wamrc/src/llvm.rs", "wamrc/src/llvm/"];
const OBJECT: &[&str] = &["wamrc/src/object.rs", "wamrc/src/object/"];

/// The only files with `unsafe`; growing this list is a reviewed change.
const UNSAFE: &[&str] = &[
    "aot-runtime/src/code.rs",
    "aot-runtime/src/context.rs",
    "aot-runtime/src/entry.rs",
    "aot-runtime/src/gc/raw.rs",
    "aot-runtime/src/host.rs",
    "aot-runtime/src/host/",
    "wamrc/src/llvm/",
];

/// Third-party crates outside their module.
pub(super) fn crates(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for confined in CRATES {
        let covered = |source: &&Source| {
            source.path.starts_with(confined.within)
                // `object` here is wasm's word in the other crates.
                && !source.is_test()
        };
        for source in sources.iter().filter(covered) {
            findings.extend(confined.findings(source, "move the use there, behind our own type"));
        }
    }
    findings
}

/// `unsafe` outside the listed files.
pub(super) fn unsafe_code(sources: &[Source]) -> Vec<Finding> {
    let confined = Confined {
        word: "unsafe",
        within: "",
        places: UNSAFE,
    };
    let product = |source: &&Source| !source.is_test();
    let found = sources.iter().filter(product);
    found
        .flat_map(|source| confined.findings(source, "use the safe wrapper, or add one there"))
        .collect()
}

/// `Arch::` outside `targets` and the runtime's host.
pub(super) fn architectures(sources: &[Source]) -> Vec<Finding> {
    let confined = Confined {
        word: "Arch::",
        within: "",
        places: &[
            "targets/",
            "aot-runtime/src/host.rs",
            "aot-runtime/src/host/",
        ],
    };
    let hint = "read a field of the target; add one to targets::Target if it is missing";
    sources
        .iter()
        .flat_map(|source| confined.findings(source, hint))
        .collect()
}

/// Conditions on the machine that the code is built for.
pub(super) fn target_conditions(sources: &[Source]) -> Vec<Finding> {
    let places = &["aot-runtime/src/host.rs", "aot-runtime/src/host/"];
    let hint = "nothing about the target may come from the host; hosts differ in host/";
    let mut findings = Vec::new();
    for word in [
        "target_arch",
        "target_os",
        "target_pointer_width",
        "target_endian",
        "target_family",
    ] {
        let confined = Confined {
            word,
            within: "",
            places,
        };
        let product = |source: &&Source| !source.is_test();
        for source in sources.iter().filter(product) {
            let lines = confined.findings(source, hint);
            // The struct field or variable of that name is not a condition.
            findings.extend(lines.into_iter().filter(|finding| {
                let line = source.code.lines().nth(finding.line - 1);
                line.is_some_and(|line| line.contains("cfg"))
            }));
        }
    }
    findings
}

impl Confined {
    fn findings(&self, source: &Source, hint: &'static str) -> Vec<Finding> {
        let inside = self.places.iter().any(|place| match place.ends_with('/') {
            true => source.path.starts_with(place),
            false => source.path == *place,
        });
        if inside {
            return Vec::new();
        }
        let lines = source.lines_with(self.word).into_iter();
        lines
            .map(|line| Finding {
                path: source.path.clone(),
                line,
                message: format!("`{}` belongs into {}", self.word, self.places.join(", ")),
                hint,
            })
            .collect()
    }
}
