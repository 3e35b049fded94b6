//! Runs fixtures: a line `;;! run: FUNCTION ARGUMENTS => RESULTS` of a file in
//! `fixtures/wat` is a call that must answer so, compiled in both bounds-check
//! modes, with and without checks of the native stack, at every level, in parts, and as files
//! that are executed in place, with everything carried out by the runtime that can be.
//!
//! Arguments and results are numbers of the function's types; `=> trap MESSAGE`
//! is a trap. Lines of one file run in order on one instance.

#[path = "support/fixtures.rs"]
mod fixtures;

use aot_format::ValType;
use aot_runtime::{Imports, Instance, LoadOptions, Module, Store, Value};
use std::num::NonZeroU32;
use wamrc::Options;
use wamrc::options::{BoundsCheck, Intrinsics, OptLevel, Partitioning, RuntimeCalls, StackCheck};

const MODES: &[(BoundsCheck, StackCheck, OptLevel)] = &[
    (BoundsCheck::GuardPages, StackCheck::GuardPage, OptLevel::O0),
    (BoundsCheck::GuardPages, StackCheck::GuardPage, OptLevel::O3),
    (BoundsCheck::GuardPages, StackCheck::Emit, OptLevel::O2),
    (BoundsCheck::Emit, StackCheck::GuardPage, OptLevel::O0),
    (BoundsCheck::Emit, StackCheck::GuardPage, OptLevel::O3),
    (BoundsCheck::Emit, StackCheck::Emit, OptLevel::O1),
];

/// Modes in which every function is compiled by itself as well.
const IN_PARTS: &[(BoundsCheck, StackCheck)] = &[
    (BoundsCheck::GuardPages, StackCheck::GuardPage),
    (BoundsCheck::Emit, StackCheck::Emit),
];

#[test]
fn fixtures_answer_as_they_say() {
    let mut calls = 0;
    let mut failures = Vec::new();
    for path in fixtures::valid() {
        let text = fixtures::text(&path);
        let lines: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix(";;! run:"))
            .collect();
        if lines.is_empty() {
            continue;
        }
        let wasm = fixtures::wasm(&path);
        for (bounds_check, stack_check, opt_level) in MODES {
            let mut options = Options::new(targets::by_name("x86_64").expect("the target exists"));
            options.bounds_check = *bounds_check;
            options.stack_check = *stack_check;
            options.opt_level = *opt_level;
            if let Err(detail) = check(&wasm, &options, &lines) {
                let path = path.display();
                let mode = (bounds_check, stack_check, opt_level);
                failures.push(format!("{path} {mode:?}: {detail}"));
            }
            calls += lines.len();
        }
        for (bounds_check, stack_check) in IN_PARTS {
            let mut options = Options::new(&targets::X86_64);
            options.bounds_check = *bounds_check;
            options.stack_check = *stack_check;
            options.opt_level = OptLevel::O2;
            // Every function by itself.
            options.partitioning = Partitioning::Parts(NonZeroU32::MIN);
            if let Err(detail) = check(&wasm, &options, &lines) {
                let path = path.display();
                failures.push(format!("{path} in parts {bounds_check:?}: {detail}"));
            }
        }
        for (intrinsics, opt_level) in [("", OptLevel::O3), ("all", OptLevel::O0)] {
            let mut options = Options::new(&targets::X86_64);
            options.opt_level = opt_level;
            options.runtime_calls = RuntimeCalls::Table;
            options.intrinsics = match intrinsics {
                "" => Intrinsics::OfTarget,
                list => Intrinsics::Listed(vec![list.to_owned()]),
            };
            if let Err(detail) = check(&wasm, &options, &lines) {
                let path = path.display();
                failures.push(format!(
                    "{path} in place {intrinsics} {opt_level:?}: {detail}"
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(calls > 200, "only {calls} calls: fixtures were not found");
}

fn check(wasm: &[u8], options: &Options, lines: &[&str]) -> Result<(), String> {
    let output = wamrc::compile(wasm, options).map_err(|error| error.to_string())?;
    let module =
        Module::load(&output.bytes, &LoadOptions::default()).map_err(|error| error.to_string())?;
    let mut store = Store::new();
    let instance =
        Instance::new(&mut store, &module, &Imports::new()).map_err(|error| error.to_string())?;
    for line in lines {
        let (call, wanted) = line.split_once("=>").ok_or("a line without =>")?;
        let answer = answer(&mut store, instance, call)?;
        let wanted = wanted.trim();
        if !same(&answer, wanted)? {
            return Err(format!("{} gave {answer:?}, not {wanted}", call.trim()));
        }
    }
    Ok(())
}

/// What a call came to.
#[derive(Debug)]
enum Answer {
    Values(Vec<Value>),
    Trap(String),
}

fn answer(store: &mut Store, instance: Instance, call: &str) -> Result<Answer, String> {
    let mut words = call.split_whitespace();
    let name = words.next().ok_or("a line without a function")?;
    let func = instance
        .func(store, name)
        .ok_or_else(|| format!("no function {name}"))?;
    let types = func.ty(store);
    let words: Vec<&str> = words.collect();
    if words.len() != types.params().len() {
        return Err(format!("{name} takes {} arguments", types.params().len()));
    }
    let pairs = words.iter().zip(types.params());
    let arguments: Vec<Value> = pairs
        .map(|(word, ty)| value(word, *ty))
        .collect::<Result<_, _>>()?;
    let mut results: Vec<Value> = types.results().iter().map(|ty| Value::zero(*ty)).collect();
    Ok(match func.call(store, &arguments, &mut results) {
        Ok(()) => Answer::Values(results),
        Err(trap) => Answer::Trap(trap.to_string()),
    })
}

fn same(answer: &Answer, wanted: &str) -> Result<bool, String> {
    match answer {
        Answer::Trap(message) => Ok(wanted.strip_prefix("trap ") == Some(message)),
        Answer::Values(values) => {
            let words: Vec<&str> = wanted.split_whitespace().collect();
            if wanted.starts_with("trap ") || words.len() != values.len() {
                return Ok(false);
            }
            for (word, found) in words.iter().zip(values) {
                if value(word, found.ty())? != *found {
                    return Ok(false);
                }
            }
            Ok(true)
        }
    }
}

/// The low bits of an integer.
#[expect(
    clippy::cast_possible_truncation,
    reason = "signed and unsigned notation mean the same bits"
)]
fn bits(number: i128) -> (i32, i64) {
    (number as i32, number as i64)
}

/// A number of a type: decimal, `0x…`, or a float as Rust writes it; `null`
/// for references; 128 bits in hexadecimal, lane 0 last. Integers may be given
/// signed or unsigned.
fn value(word: &str, ty: ValType) -> Result<Value, String> {
    let integer = || -> Result<i128, String> {
        let (sign, digits) = match word.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, word),
        };
        let number = match digits.strip_prefix("0x") {
            Some(digits) => i128::from_str_radix(digits, 16),
            None => digits.parse(),
        };
        number
            .map(|number| sign * number)
            .map_err(|error| format!("{word}: {error}"))
    };
    let float = |error| format!("{word}: {error}");
    Ok(match ty {
        ValType::I32 => Value::I32(bits(integer()?).0),
        ValType::I64 => Value::I64(bits(integer()?).1),
        ValType::F32 => Value::F32(word.parse::<f32>().map_err(float)?.to_bits()),
        ValType::F64 => Value::F64(word.parse::<f64>().map_err(float)?.to_bits()),
        ValType::V128 => {
            let digits = word.strip_prefix("0x").unwrap_or(word);
            let bits = u128::from_str_radix(digits, 16);
            Value::V128(bits.map_err(|error| format!("{word}: {error}"))?)
        }
        ValType::FUNCREF if word == "null" => Value::FuncRef(None),
        ValType::EXTERNREF if word == "null" => Value::ExternRef(None),
        _ => return Err(format!("{word} is no {ty:?}")),
    })
}
