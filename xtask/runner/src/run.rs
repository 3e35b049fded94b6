//! Runs one script: loads its modules, keeps its instances, makes its assertions.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use aot_runtime::platform::Platform;
use aot_runtime::{Imports, Instance, LoadOptions, Module, Store, StoreOptions, Value};

use crate::check::{self, Failure};
use crate::pack::{Action, Argument, Directive, Pack, Step};
use crate::{spectest, value};

/// What a script runs on.
#[derive(Clone)]
pub struct Options {
    /// Where code and memories go.
    pub platform: &'static dyn Platform,
    /// Limits of the store.
    pub store: StoreOptions,
}

/// Assertions of one file or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// That held.
    pub passed: usize,
    /// That did not, and other steps that did not succeed.
    pub failed: usize,
    /// That did not, as was known.
    pub skipped: usize,
}

impl Count {
    /// Adds another count.
    pub fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl core::fmt::Display for Count {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Count {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// Who wants to know what happens.
pub trait Watch {
    /// A step is about to be taken.
    fn step(&mut self, line: u32);
    /// A step did not end as it should.
    fn failure(&mut self, line: u32, detail: &str);
}

/// Runs a script.
pub fn run(pack: &Pack<'_>, options: &Options, watch: &mut dyn Watch) -> Count {
    let mut count = Count::default();
    let fail = |count: &mut Count, watch: &mut dyn Watch, line, detail: &str| {
        count.failed += 1;
        watch.failure(line, detail);
    };
    let mut runner = match Runner::new(pack, options) {
        Ok(runner) => runner,
        Err(failure) => {
            fail(&mut count, watch, 0, &failure.to_string());
            return count;
        }
    };
    for step in pack.steps() {
        let step = match step {
            Ok(step) => step,
            Err(error) => {
                fail(&mut count, watch, 0, &error.to_string());
                break;
            }
        };
        watch.step(step.line);
        match (&step.excuse, runner.directive(&step.directive)) {
            (None, Ok(())) => count.passed += usize::from(step.asserts()),
            (None, Err(detail)) => fail(&mut count, watch, step.line, &detail),
            (Some(_), Err(_)) => count.skipped += 1,
            (Some(_), Ok(())) => fail(&mut count, watch, step.line, &unexcused(&step)),
        }
    }
    count
}

fn unexcused(step: &Step) -> String {
    let reason = step.excuse.as_deref().unwrap_or_default();
    format!("listed as not holding ({reason}), but it holds")
}

/// The state of a script.
struct Runner<'a> {
    modules: &'a [&'a [u8]],
    platform: &'static dyn Platform,
    store: Store,
    imports: Imports,
    current: Option<Instance>,
    named: BTreeMap<String, Instance>,
    /// Modules that were loaded for later, by number.
    loaded: BTreeMap<u32, Module>,
}

impl<'a> Runner<'a> {
    fn new(pack: &'a Pack<'_>, options: &Options) -> Result<Runner<'a>, Failure> {
        let mut store = Store::with_options(options.platform, &options.store);
        let imports = spectest::spectest(&mut store).map_err(Failure::Instantiate)?;
        Ok(Runner {
            modules: &pack.modules,
            platform: options.platform,
            store,
            imports,
            current: None,
            named: BTreeMap::new(),
            loaded: BTreeMap::new(),
        })
    }

    fn directive(&mut self, directive: &Directive) -> Result<(), String> {
        let text = |failure: Failure| failure.to_string();
        match directive {
            Directive::Failed(message, _) => Err(message.clone()),
            Directive::Load(module) => {
                let loaded = self.load(*module).map_err(text)?;
                self.loaded.insert(*module, loaded);
                Ok(())
            }
            Directive::Instantiate(module, name) => {
                let instance = self.instantiate(*module).map_err(text)?;
                self.current = Some(instance);
                if let Some(name) = name {
                    self.named.insert(name.clone(), instance);
                }
                Ok(())
            }
            Directive::Register(module, name) => {
                let instance = self.instance(name.as_deref()).map_err(text)?;
                self.imports.instance(module, &self.store, instance);
                Ok(())
            }
            Directive::Act(action) => self.act(action).map(drop).map_err(text),
            Directive::AssertReturn(action, expected) => {
                let results = self.act(action).map_err(text)?;
                value::compare(&results, expected, &self.store)
            }
            Directive::AssertTrap(action, message) => check::trap(self.act(action), message),
            Directive::AssertException(action) => check::exception(self.act(action)),
            Directive::AssertUnlinkable(module, message) => {
                check::unlinkable(self.instantiate(*module), message)
            }
        }
    }

    fn load(&self, module: u32) -> Result<Module, Failure> {
        if let Some(loaded) = self.loaded.get(&module) {
            return Ok(loaded.clone());
        }
        let container = self.modules.get(module as usize);
        let container = container.ok_or_else(|| Failure::Script("no such module".into()))?;
        let options = LoadOptions {
            platform: self.platform,
            // Such files are here for machines without guard pages only.
            trust_stock_checked: true,
        };
        Module::load(container, &options).map_err(Failure::Load)
    }

    fn instantiate(&mut self, module: u32) -> Result<Instance, Failure> {
        let module = self.load(module)?;
        Instance::new(&mut self.store, &module, &self.imports).map_err(Failure::Instantiate)
    }

    fn act(&mut self, action: &Action) -> Result<Vec<Value>, Failure> {
        match action {
            Action::Invoke(instance, function, arguments) => {
                self.invoke(instance.as_deref(), function, arguments)
            }
            Action::Instantiate(module) => self.instantiate(*module).map(|_| Vec::new()),
            Action::Get(instance, name) => {
                let instance = self.instance(instance.as_deref())?;
                let global = instance.global(&self.store, name);
                let global =
                    global.ok_or_else(|| Failure::Script(format!("no global {name:?}")))?;
                Ok([global.get(&mut self.store)].into())
            }
        }
    }

    fn invoke(
        &mut self,
        instance: Option<&str>,
        name: &str,
        arguments: &[Argument],
    ) -> Result<Vec<Value>, Failure> {
        let instance = self.instance(instance)?;
        let func = instance.func(&self.store, name);
        let func = func.ok_or_else(|| Failure::Script(format!("no function {name:?}")))?;
        let mut values = Vec::new();
        let ty = func.ty(&self.store);
        for (position, argument) in arguments.iter().enumerate() {
            let wanted = ty.params().get(position).copied();
            let value = value::argument(argument, wanted, &mut self.store);
            values.push(value.map_err(Failure::Trap)?);
        }
        let mut results: Vec<Value> = ty.results().iter().map(|ty| Value::zero(*ty)).collect();
        func.call(&mut self.store, &values, &mut results)
            .map_err(Failure::Trap)?;
        Ok(results)
    }

    /// The named instance, or the current one.
    fn instance(&self, name: Option<&str>) -> Result<Instance, Failure> {
        let found = match name {
            Some(name) => self.named.get(name).copied(),
            None => self.current,
        };
        found.ok_or_else(|| Failure::Script("no such instance".into()))
    }
}
