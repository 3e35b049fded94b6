//! Text a user gives for a target, to a [`Target`] (feature `triple`).
//!
//! Three kinds are understood: our own target names, the names stock wamrc takes for `--target` ([`STOCK`]), and full
//! triples (anything with a `-`), which target-lexicon reads. Naming a machine we have no target for is a different
//! error from text that names none.

use core::fmt;
use core::str::FromStr as _;

use target_lexicon::{Architecture, BinaryFormat, Triple};

use crate::{ALL, Target, by_name};

/// Why text does not name a usable target. The text itself is the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TripleError {
    /// Not a target name, nor a triple.
    Unknown,
    /// A machine that exists, but which is not supported yet.
    UnsupportedMachine,
    /// A triple whose objects are not ELF.
    UnsupportedFormat,
}

impl fmt::Display for TripleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TripleError::Unknown => "unknown target",
            TripleError::UnsupportedMachine => "target machine not supported yet",
            TripleError::UnsupportedFormat => "target with an object format other than ELF",
        })
    }
}

impl core::error::Error for TripleError {}

/// Families of `--target` names stock wamrc takes: each name, and the target of ours which it selects.
///
/// Stock's ARM and Thumb names are a prefix plus one of [`ARM_SUBARCH`]; `eb` may follow most 32-bit names and `mips`.
pub const STOCK: &[(&str, Option<&str>)] = &[
    ("x86_64", Some("x86_64")),
    ("i386", Some("i386")),
    ("xtensa", Some("xtensa")),
    ("mips", Some("mips")),
    ("mipsel", Some("mipsel")),
    ("aarch64", Some("aarch64")),
    ("aarch64v8", Some("aarch64")),
    ("aarch64v8.1", None),
    ("aarch64v8.2", None),
    ("aarch64v8.3", None),
    ("aarch64v8.4", None),
    ("aarch64v8.5", None),
    ("aarch64_be", None),
    ("aarch64_bev8", None),
    ("aarch64_bev8.1", None),
    ("aarch64_bev8.2", None),
    ("aarch64_bev8.3", None),
    ("aarch64_bev8.4", None),
    ("aarch64_bev8.5", None),
    ("arm", None),
    ("thumb", None),
    ("riscv32", Some("riscv32")),
    ("riscv64", Some("riscv64")),
    ("arc", Some("arc")),
];

/// Sub-architectures stock wamrc takes behind `arm` and `thumb`.
pub const ARM_SUBARCH: &[&str] = &[
    "v4",
    "v4t",
    "v5t",
    "v5te",
    "v5tej",
    "v6",
    "v6kz",
    "v6t2",
    "v6k",
    "v7",
    "v6m",
    "v6sm",
    "v7em",
    "v8a",
    "v8r",
    "v8m.base",
    "v8m.main",
    "v8.1m.main",
];

/// The target that `text` names.
///
/// # Errors
/// [`TripleError`], saying whether the text is unknown or the machine merely unsupported.
pub fn parse(text: &str) -> Result<&'static Target, TripleError> {
    if let Some(target) = by_name(text) {
        return Ok(target);
    }
    if text.contains('-') {
        return parse_triple(text);
    }
    match STOCK.iter().find(|(name, _)| *name == text) {
        Some((_, Some(target))) => by_name(target).ok_or(TripleError::UnsupportedMachine),
        Some((_, None)) => Err(TripleError::UnsupportedMachine),
        None if is_stock_variant(text) => Err(TripleError::UnsupportedMachine),
        None => Err(TripleError::Unknown),
    }
}

/// The names `--target=help` lists: everything [`parse`] takes that is not a triple.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|target| target.name)
}

fn parse_triple(text: &str) -> Result<&'static Target, TripleError> {
    let triple = Triple::from_str(text).map_err(|_| TripleError::Unknown)?;
    let target = match triple.architecture {
        Architecture::X86_64 => by_name("x86_64"),
        Architecture::X86_32(_) => by_name("i386"),
        Architecture::Unknown => return Err(TripleError::Unknown),
        _ => None,
    };
    let target = target.ok_or(TripleError::UnsupportedMachine)?;
    match triple.binary_format {
        BinaryFormat::Elf | BinaryFormat::Unknown => Ok(target),
        _ => Err(TripleError::UnsupportedFormat),
    }
}

/// `arm…`/`thumb…` with a sub-architecture, and names with the big-endian suffix `eb`.
fn is_stock_variant(text: &str) -> bool {
    let plain = text.strip_suffix("eb").unwrap_or(text);
    if plain != text && ["arm", "thumb", "riscv32", "riscv64", "mips", "arc"].contains(&plain) {
        return true;
    }
    ["arm", "thumb"]
        .iter()
        .filter_map(|prefix| plain.strip_prefix(prefix))
        .any(|sub| ARM_SUBARCH.contains(&sub))
}
