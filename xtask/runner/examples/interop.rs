//! `interop DIR TARGET OUT`: packs of files that stock wamrc made, for machines on which no command can be started.
//!
//! DIR is laid out as `cargo xtask interop` has it: `aot/TARGET-MODULE[-VARIANT].aot`, and `expected.tsv` with the columns
//! module, function, arguments, result. Every row is a step of its own with an instance of its own. Programs for WASI have
//! no rows and are left out.

use std::path::Path;
use std::process::ExitCode;

use spec_runner::pack::{Action, Argument, Builder, Directive, Float, Pattern, Step};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, target, out] = &words[..] else {
        eprintln!("interop DIR TARGET OUT");
        return ExitCode::FAILURE;
    };
    match write_packs(Path::new(folder), target, Path::new(out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_packs(folder: &Path, target: &str, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let expected = std::fs::read_to_string(folder.join("expected.tsv"))?;
    std::fs::create_dir_all(out)?;
    for entry in std::fs::read_dir(folder.join("aot"))? {
        let path = entry?.path();
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some(rest) = stem.strip_prefix(&format!("{target}-")) else {
            continue;
        };
        let module = rest.split('-').next().unwrap_or(rest);
        let mut pack = Builder::default();
        let number = pack.module(std::fs::read(&path)?);
        let mut assertions = 0;
        for (line, row) in expected.lines().enumerate().skip(1) {
            if row.split('\t').next() == Some(module) {
                add_row(&mut pack, number, line + 1, row)?;
                assertions += 1;
            }
        }
        if assertions > 0 {
            let name = format!("interop/{stem}");
            let path = out.join(format!("{stem}.pack"));
            std::fs::write(&path, pack.write(&name))?;
            let summary = format!("{name}\t1\t{assertions}\t0\t0\t0\t0\n");
            std::fs::write(path.with_extension("tsv"), summary)?;
        }
    }
    Ok(())
}

/// A new instance, and the row's call.
fn add_row(pack: &mut Builder, module: u32, line: usize, row: &str) -> Result<(), String> {
    let columns: Vec<&str> = row.split('\t').collect();
    let [_, function, arguments, result] = columns[..] else {
        return Err(format!("expected.tsv:{line}: 4 columns expected"));
    };
    let arguments = arguments.split_whitespace();
    let arguments = arguments.map(|text| Argument::Text(text.to_owned()));
    let call = Action::Invoke(None, function.to_owned(), arguments.collect());
    let assertion = match result.strip_prefix("Exception: ") {
        Some(message) => Directive::AssertTrap(call, message.to_owned()),
        None => {
            let pattern = pattern(result).ok_or_else(|| {
                format!("expected.tsv:{line}: {result:?} is no value with its type")
            })?;
            Directive::AssertReturn(call, vec![vec![pattern]])
        }
    };
    for directive in [Directive::Instantiate(module, None), assertion] {
        pack.step(&Step {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            excuse: None,
            directive,
        });
    }
    Ok(())
}

/// `0x2a:i32`, `0x2a:i64`, `1.5:f32` or `1.5:f64`.
fn pattern(result: &str) -> Option<Pattern> {
    let (value, ty) = result.split_once(':')?;
    let bits = || u64::from_str_radix(value.strip_prefix("0x")?, 16).ok();
    Some(match ty {
        "i32" => Pattern::I32(u32::try_from(bits()?).ok()?),
        "i64" => Pattern::I64(bits()?),
        "f32" => Pattern::F32(Float::Bits(value.parse::<f32>().ok()?.to_bits())),
        "f64" => Pattern::F64(Float::Bits(value.parse::<f64>().ok()?.to_bits())),
        _ => return None,
    })
}
