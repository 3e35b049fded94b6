//! Text a user gives for a target, to a [`Selection`] (feature `triple`).
//!
//! Four kinds are understood: our own target names, profiles, the names stock wamrc takes for `--target`
//! (spec A.4.1), and full triples (anything with a `-` that is none of these), which target-lexicon reads, but for ARC's,
//! which it does not know. Naming a machine we have no target for is a different error from text that names none.

use core::fmt;
use core::str::FromStr as _;

use target_lexicon::{
    Aarch64Architecture, Architecture, ArmArchitecture, BinaryFormat, Mips32Architecture,
    Mips64Architecture, Riscv32Architecture, Riscv64Architecture, Triple,
};

use crate::profile::{self, Profile};
use crate::{Abi, Target, by_name};

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    /// The target.
    pub target: &'static Target,
    /// CPU and features, if the name says more than the target's baseline.
    pub profile: Option<&'static Profile>,
    /// CPU features the name stands for, as LLVM spells them; behind the baseline's, before the user's.
    pub features: &'static str,
    /// The ABI, if the name says which; else the target's default.
    pub abi: Option<&'static Abi>,
}

/// Why text does not name a usable target. The text itself is the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TripleError {
    /// Not a target name, nor a profile, nor a triple.
    Unknown,
    /// A machine that exists, but which is not supported: why.
    Unsupported(&'static str),
    /// A triple whose objects are not ELF.
    UnsupportedFormat,
}

impl fmt::Display for TripleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TripleError::Unknown => "unknown target",
            TripleError::Unsupported(reason) => reason,
            TripleError::UnsupportedFormat => "target with an object format other than ELF",
        })
    }
}

impl core::error::Error for TripleError {}

const BIG_ARM: &str = "big-endian ARM is not supported";
const BIG_AARCH64: &str = "big-endian AArch64 is not supported";
const BIG_RISCV: &str = "big-endian RISC-V is not supported";
const BIG_ARC: &str = "big-endian ARC is not supported";
const OLD_ARM: &str = "ARM before version 7 is not supported; armv7 is";
const OLD_THUMB: &str = "Thumb code of machines before ARMv6-M and ARMv7 is not supported; thumbv6m, thumbv7m and thumbv7 are";
const NO_ARM_STATE: &str = "this machine runs Thumb code only; choose the thumb target";
const NO_MVE: &str = "ARMv8.1-M is not supported; thumbv8m.main runs there";
const OTHER: &str = "machine not supported";
const RELEASE_6: &str = "MIPS release 6 is not supported";
const N32: &str = "the MIPS ABI n32 is not supported";
const X32: &str = "the x86-64 ABI x32 is not supported";
const ILP32: &str = "the AArch64 ABI ilp32 is not supported";

/// What a name selects: a target with features, or why nothing.
type Selects = Result<(&'static str, &'static str), &'static str>;

/// What stock's names select. Stock's ARM and Thumb names are a prefix and a
/// sub-architecture; `eb` behind most names means big endian.
const STOCK: &[(&str, Selects)] = &[
    ("aarch64v8", Ok(("aarch64", ""))),
    ("aarch64v8.1", Ok(("aarch64", "+v8.1a"))),
    ("aarch64v8.2", Ok(("aarch64", "+v8.2a"))),
    ("aarch64v8.3", Ok(("aarch64", "+v8.3a"))),
    ("aarch64v8.4", Ok(("aarch64", "+v8.4a"))),
    ("aarch64v8.5", Ok(("aarch64", "+v8.5a"))),
    ("arm64", Ok(("aarch64", ""))),
    ("aarch64_be", Err(BIG_AARCH64)),
    ("aarch64_bev8", Err(BIG_AARCH64)),
    ("aarch64_bev8.1", Err(BIG_AARCH64)),
    ("aarch64_bev8.2", Err(BIG_AARCH64)),
    ("aarch64_bev8.3", Err(BIG_AARCH64)),
    ("aarch64_bev8.4", Err(BIG_AARCH64)),
    ("aarch64_bev8.5", Err(BIG_AARCH64)),
    ("mipseb", Ok(("mips", ""))),
    ("riscv32eb", Err(BIG_RISCV)),
    ("riscv64eb", Err(BIG_RISCV)),
    ("arceb", Err(BIG_ARC)),
];

/// Stock's ARM sub-architectures, with what `arm` and `thumb` in front of them select.
const SUBARCH: &[(&str, Selects, Selects)] = &[
    ("", Err(OLD_ARM), Err(OLD_THUMB)),
    ("v4", Err(OLD_ARM), Err(OLD_THUMB)),
    ("v4t", Err(OLD_ARM), Err(OLD_THUMB)),
    ("v5t", Err(OLD_ARM), Err(OLD_THUMB)),
    ("v5te", Err(OLD_ARM), Err(OLD_THUMB)),
    ("v5tej", Err(OLD_ARM), Err(OLD_THUMB)),
    ("v6", Err(OLD_ARM), Err(OLD_THUMB)),
    ("v6kz", Err(OLD_ARM), Err(OLD_THUMB)),
    ("v6t2", Err(OLD_ARM), Err(OLD_THUMB)),
    ("v6k", Err(OLD_ARM), Err(OLD_THUMB)),
    ("v7", Ok(("armv7", "")), Ok(("thumbv7", ""))),
    ("v7a", Ok(("armv7", "")), Ok(("thumbv7", ""))),
    ("v6m", Err(NO_ARM_STATE), Ok(("thumbv6m", ""))),
    ("v6sm", Err(NO_ARM_STATE), Ok(("thumbv6m", ""))),
    ("v7m", Err(NO_ARM_STATE), Ok(("thumbv7m", ""))),
    ("v7em", Err(NO_ARM_STATE), Ok(("thumbv7em", ""))),
    (
        "v8a",
        Ok(("armv7", "+armv8-a")),
        Ok(("thumbv7", "+armv8-a")),
    ),
    (
        "v8r",
        Ok(("armv7", "+armv8-r")),
        Ok(("thumbv7", "+armv8-r")),
    ),
    ("v8m.base", Err(NO_ARM_STATE), Ok(("thumbv8m.base", ""))),
    ("v8m.main", Err(NO_ARM_STATE), Ok(("thumbv8m.main", ""))),
    ("v8.1m.main", Err(NO_ARM_STATE), Err(NO_MVE)),
];

/// What `text` names.
///
/// # Errors
/// [`TripleError`], saying whether the text is unknown or why the machine is not supported.
pub fn parse(text: &str) -> Result<Selection, TripleError> {
    if let Some(target) = by_name(text) {
        return Ok(plain(target));
    }
    if let Some(profile) = profile::by_name(text) {
        return Ok(Selection {
            profile: Some(profile),
            features: profile.features,
            abi: profile.target.abi(profile.abi),
            ..plain(profile.target)
        });
    }
    if let Some(selects) = stock(text) {
        return select(selects);
    }
    if text.contains('-') {
        return parse_triple(text);
    }
    Err(TripleError::Unknown)
}

fn plain(target: &'static Target) -> Selection {
    Selection {
        target,
        profile: None,
        features: "",
        abi: None,
    }
}

fn select(selects: Selects) -> Result<Selection, TripleError> {
    let (name, features) = selects.map_err(TripleError::Unsupported)?;
    let target = by_name(name).ok_or(TripleError::Unknown)?;
    Ok(Selection {
        features,
        ..plain(target)
    })
}

/// What a name of stock's selects; `None` if it is none.
fn stock(text: &str) -> Option<Selects> {
    if let Some((_, selects)) = STOCK.iter().find(|(name, _)| *name == text) {
        return Some(*selects);
    }
    let (thumb, sub) = match (text.strip_prefix("arm"), text.strip_prefix("thumb")) {
        (Some(sub), _) => (false, sub),
        (_, Some(sub)) => (true, sub),
        _ => return None,
    };
    let (big, plain) = match sub.strip_suffix("eb") {
        Some(plain) => (true, plain),
        None => (false, sub),
    };
    let (_, arm, thumbs) = SUBARCH.iter().find(|(name, ..)| *name == plain)?;
    Some(match (big, thumb) {
        (true, _) => Err(BIG_ARM),
        (_, false) => *arm,
        (_, true) => *thumbs,
    })
}

/// The target names `--target=help` lists: everything [`parse`] takes that is neither profile nor triple.
pub fn names() -> impl Iterator<Item = &'static str> {
    crate::ALL.iter().map(|target| target.name)
}

fn parse_triple(text: &str) -> Result<Selection, TripleError> {
    if let Some(rest) = text.strip_prefix("arc") {
        return match rest.split('-').next() {
            Some("" | "v2" | "hs") => select(Ok(("arc", ""))),
            Some("eb") => Err(TripleError::Unsupported(BIG_ARC)),
            _ => Err(TripleError::Unknown),
        };
    }
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or(text);
    let triple = Triple::from_str(text);
    // Ours and stock's names may stand in triples too, even those target-lexicon does not know.
    let own = by_name(first).map(plain).map(Ok);
    let own = own.or_else(|| stock(first).map(select));
    let mut selection = match (own, &triple) {
        (Some(own), _) => own?,
        (None, Ok(triple)) => machine(triple)?,
        (None, Err(_)) => return Err(TripleError::Unknown),
    };
    let format = triple.map_or(BinaryFormat::Unknown, |triple| triple.binary_format);
    if !matches!(format, BinaryFormat::Elf | BinaryFormat::Unknown) {
        return Err(TripleError::UnsupportedFormat);
    }
    let name = match parts.next_back() {
        Some("gnueabi" | "musleabi") => "gnueabi",
        Some("gnueabihf" | "musleabihf") => "gnueabihf",
        Some("eabi") => "eabi",
        Some("eabihf") => "eabihf",
        Some("gnuabi64" | "muslabi64") => "n64",
        Some("gnuabin32" | "muslabin32") => return Err(TripleError::Unsupported(N32)),
        Some("gnux32" | "muslx32") => return Err(TripleError::Unsupported(X32)),
        Some("gnu_ilp32") => return Err(TripleError::Unsupported(ILP32)),
        _ => return Ok(selection),
    };
    let found = selection.target.abi(name);
    selection.abi = Some(found.ok_or(TripleError::Unsupported(NO_SUCH_ABI))?);
    Ok(selection)
}

const NO_SUCH_ABI: &str = "the target does not have the ABI of this triple";

/// The machine of a triple whose first part is no name of ours or stock's.
fn machine(triple: &Triple) -> Result<Selection, TripleError> {
    let selects = match triple.architecture {
        Architecture::X86_64 | Architecture::X86_64h => Ok(("x86_64", "")),
        Architecture::X86_32(_) => Ok(("i386", "")),
        Architecture::Aarch64(Aarch64Architecture::Aarch64) => Ok(("aarch64", "")),
        Architecture::Aarch64(Aarch64Architecture::Aarch64be) => Err(BIG_AARCH64),
        Architecture::Arm(arm) => Err(arm_machine(arm)),
        Architecture::Riscv32(riscv) => riscv32(riscv),
        Architecture::Riscv64(riscv) => riscv64(riscv),
        Architecture::XTensa => Ok(("xtensa", "")),
        Architecture::Mips32(Mips32Architecture::Mips) => Ok(("mips", "")),
        Architecture::Mips32(Mips32Architecture::Mipsel) => Ok(("mipsel", "")),
        Architecture::Mips64(Mips64Architecture::Mips64) => Ok(("mips64", "")),
        Architecture::Mips64(Mips64Architecture::Mips64el) => Ok(("mips64el", "")),
        Architecture::Mips32(_) | Architecture::Mips64(_) => Err(RELEASE_6),
        Architecture::Unknown => return Err(TripleError::Unknown),
        _ => Err(OTHER),
    };
    let mut selection = select(selects)?;
    selection.abi = match triple.architecture {
        Architecture::Riscv32(Riscv32Architecture::Riscv32imafc) => Some("ilp32f"),
        Architecture::Riscv32(Riscv32Architecture::Riscv32gc) => Some("ilp32d"),
        Architecture::Riscv64(Riscv64Architecture::Riscv64imac) => Some("lp64"),
        _ => None,
    }
    .and_then(|name| selection.target.abi(name));
    Ok(selection)
}

/// Why an ARM machine that has no name of its own here is not supported.
fn arm_machine(arm: ArmArchitecture) -> &'static str {
    match arm.endianness() {
        target_lexicon::Endianness::Big => BIG_ARM,
        _ if arm.is_thumb() => OLD_THUMB,
        _ => OLD_ARM,
    }
}

/// Features of a name like Rust's: the baseline has `m`, `a` and `c`. LLVM keeps what these imply when they go, so it
/// goes by name.
fn riscv32(riscv: Riscv32Architecture) -> Selects {
    match riscv {
        Riscv32Architecture::Riscv32 | Riscv32Architecture::Riscv32imac => Ok(("riscv32", "")),
        Riscv32Architecture::Riscv32i => Ok(("riscv32", "-m,-zmmul,-a,-zaamo,-zalrsc,-c,-zca")),
        Riscv32Architecture::Riscv32im => Ok(("riscv32", "-a,-zaamo,-zalrsc,-c,-zca")),
        Riscv32Architecture::Riscv32ima => Ok(("riscv32", "-c,-zca")),
        Riscv32Architecture::Riscv32imc => Ok(("riscv32", "-a,-zaamo,-zalrsc")),
        Riscv32Architecture::Riscv32imafc => Ok(("riscv32", "+f")),
        Riscv32Architecture::Riscv32gc => Ok(("riscv32", "+f,+d")),
        _ => Err(
            "this set of RISC-V extensions has no name here; give --target=riscv32 and --cpu-features",
        ),
    }
}

/// Features of a name like Rust's: the baseline has all of `gc`.
fn riscv64(riscv: Riscv64Architecture) -> Selects {
    match riscv {
        Riscv64Architecture::Riscv64 | Riscv64Architecture::Riscv64gc => Ok(("riscv64", "")),
        Riscv64Architecture::Riscv64imac => Ok(("riscv64", "-f,-d")),
        _ => Err(
            "this set of RISC-V extensions has no name here; give --target=riscv64 and --cpu-features",
        ),
    }
}
