//! What is made of which input: kinds of output, and the names of files.

use super::super::Failure;
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wamrc::options::Format;

/// A kind of output, as `--emit` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// The container.
    Aot,
    /// The object file.
    Object,
    /// Optimised LLVM IR.
    LlvmIr,
    /// Assembly.
    Asm,
}

impl Kind {
    fn format(self) -> Format {
        match self {
            Self::Aot => Format::Aot,
            Self::Object => Format::Object,
            Self::LlvmIr => Format::LlvmIrOpt,
            Self::Asm => Format::Assembly,
        }
    }
}

/// How files of each kind end.
const ENDINGS: &[(Format, &str)] = &[
    (Format::Aot, "aot"),
    (Format::Object, "o"),
    (Format::LlvmIrUnopt, "ll"),
    (Format::LlvmIrOpt, "ll"),
    (Format::Assembly, "s"),
];

fn ending(format: Format) -> &'static str {
    let found = ENDINGS.iter().find(|(known, _)| *known == format);
    found.map_or("", |(_, ending)| ending)
}

/// One file to make.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Product {
    pub(super) format: Format,
    /// `-` for standard output.
    pub(super) path: PathBuf,
}

/// An input with all that is made of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Job {
    /// `-` for standard input.
    pub(super) input: PathBuf,
    pub(super) products: Vec<Product>,
}

/// Where files go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Destination<'a> {
    /// `-o`.
    File(&'a Path),
    /// `--out-dir`.
    Folder(&'a Path),
}

/// The formats asked for: `--emit`'s kinds, else `--format`.
pub(super) fn formats(kinds: &[Kind], format: Format) -> Vec<Format> {
    let mut formats: Vec<Format> = Vec::new();
    for kind in kinds {
        if !formats.contains(&kind.format()) {
            formats.push(kind.format());
        }
    }
    if formats.is_empty() {
        formats.push(format);
    }
    formats
}

/// Names all files.
pub(super) fn jobs(
    inputs: &[PathBuf],
    formats: &[Format],
    destination: Destination<'_>,
) -> Result<Vec<Job>, Failure> {
    if let (Destination::File(_), [_, _, ..]) = (destination, inputs) {
        return Err(Failure::usage(
            "-o names one file and there are several inputs; --out-dir DIR takes them all",
        ));
    }
    let job = |input: &PathBuf| {
        let products = formats.iter().map(|format| {
            Ok(Product {
                format: *format,
                path: name(input, *format, formats.len(), destination)?,
            })
        });
        Ok(Job {
            input: input.clone(),
            products: products.collect::<Result<_, Failure>>()?,
        })
    };
    let jobs: Vec<Job> = inputs.iter().map(job).collect::<Result<_, Failure>>()?;
    check(&jobs)?;
    Ok(jobs)
}

fn name(
    input: &Path,
    format: Format,
    kinds: usize,
    destination: Destination<'_>,
) -> Result<PathBuf, Failure> {
    match destination {
        Destination::File(path) if kinds == 1 => Ok(path.to_owned()),
        Destination::File(path) if path.as_os_str() == "-" => Err(Failure::usage(
            "-o - is for one kind of output, and --emit asks for several",
        )),
        Destination::File(path) => {
            let known = |end| ENDINGS.iter().any(|(_, ending)| *ending == end);
            let stem = match path.extension().is_some_and(known) {
                true => path.with_extension(""),
                false => path.to_owned(),
            };
            Ok(with_ending(stem, format))
        }
        Destination::Folder(_) if input.as_os_str() == "-" => Err(Failure::usage(
            "--out-dir names files as their inputs, and standard input has no name; use -o OUT",
        )),
        Destination::Folder(folder) => {
            let stem = input.file_stem().unwrap_or_default();
            Ok(with_ending(folder.join(stem), format))
        }
    }
}

fn with_ending(stem: PathBuf, format: Format) -> PathBuf {
    let mut name = stem.into_os_string();
    name.push(".");
    name.push(ending(format));
    name.into()
}

/// Refuses output that would overwrite an input or other output.
fn check(jobs: &[Job]) -> Result<(), Failure> {
    let mut makers: BTreeMap<&Path, &Path> = BTreeMap::new();
    for job in jobs {
        for product in &job.products {
            let (path, input) = (product.path.as_path(), job.input.as_path());
            if let Some(other) = makers.insert(path, input) {
                return Err(Failure::usage(format!(
                    "{} and {} would both become {}",
                    other.display(),
                    input.display(),
                    path.display()
                )));
            }
        }
    }
    let real = |path: &Path| path.canonicalize().ok();
    for job in jobs.iter().filter(|job| job.input.as_os_str() != "-") {
        let input = real(&job.input);
        if let Some(path) = makers
            .keys()
            .find(|path| input.is_some() && real(path) == input)
        {
            return Err(Failure::usage(format!(
                "{} is an input, and would be overwritten",
                path.display()
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Destination, Format, Kind, formats, jobs};
    use std::path::{Path, PathBuf};

    fn names(inputs: &[&str], kinds: &[Kind], destination: Destination<'_>) -> Option<Vec<String>> {
        let inputs: Vec<PathBuf> = inputs.iter().map(PathBuf::from).collect();
        let jobs = jobs(&inputs, &formats(kinds, Format::Aot), destination).ok()?;
        let products = jobs.into_iter().flat_map(|job| job.products);
        Some(
            products
                .map(|product| product.path.display().to_string())
                .collect(),
        )
    }

    #[test]
    fn files_are_named() {
        let (out, stem) = (Path::new("d/x.aot"), Path::new("d/x.v1"));
        let folder = Destination::Folder(Path::new("d"));
        let two = [Kind::Aot, Kind::Asm];
        let cases = [
            (
                &["a.wasm"][..],
                &[][..],
                Destination::File(out),
                Some(vec!["d/x.aot"]),
            ),
            (
                &["a.wasm"],
                &[Kind::Asm],
                Destination::File(out),
                Some(vec!["d/x.aot"]),
            ),
            (
                &["a.wasm"],
                &two,
                Destination::File(out),
                Some(vec!["d/x.aot", "d/x.s"]),
            ),
            (
                &["a.wasm"],
                &two,
                Destination::File(stem),
                Some(vec!["d/x.v1.aot", "d/x.v1.s"]),
            ),
            (&["a.wasm"], &two, Destination::File(Path::new("-")), None),
            (&["a.wasm", "b.wasm"], &[], Destination::File(out), None),
            (
                &["a.wasm", "p/b.wasm"],
                &[],
                folder,
                Some(vec!["d/a.aot", "d/b.aot"]),
            ),
            (&["a.wasm", "p/a.wasm"], &[], folder, None),
            (&["-"], &[], folder, None),
            (
                &["-"],
                &[],
                Destination::File(Path::new("-")),
                Some(vec!["-"]),
            ),
        ];
        for (inputs, kinds, destination, expected) in cases {
            let expected: Option<Vec<String>> =
                expected.map(|names| names.into_iter().map(str::to_owned).collect());
            assert_eq!(
                names(inputs, kinds, destination),
                expected,
                "{inputs:?} {kinds:?}"
            );
        }
    }
}
