//! The plain struct every architecture fills in.
//!
//! Code elsewhere selects by these fields, never by matching on the architecture.

use core::ops::Deref;

use crate::feature::Family;
use crate::machine::{Machine, find};
use crate::operation::Lack;
use crate::reloc::Row;

/// Everything the toolchain believes about one machine.
///
/// What a loader needs of it is its [`Machine`], whose fields and functions a target has too: `target.width`.
#[derive(Debug)]
pub struct Target {
    /// What a loader needs to know.
    pub machine: &'static Machine,
    /// How LLVM names and configures the machine.
    pub llvm: Llvm,
    /// Relocations of object files that the compiler resolves and no container holds, or that mean something else in
    /// object files; looked up there before [`Machine::relocs`]. Invariant: numbers strictly ascending.
    pub object_relocs: &'static [Row],
    /// Arguments LLVM's guaranteed tail calls pass in registers.
    pub tail_calls: TailCalls,
    /// What becomes of a float that a function of the C convention returns.
    pub float_results: FloatResults,
    /// What NaNs operations make.
    pub nans: Nans,
    /// What the instructions for the lesser or greater of two numbers make of a signalling NaN. LLVM takes them for a
    /// comparison with a constant and a selection, as if there were no such NaNs.
    pub extremes: Extremes,
    /// An unaligned store may be several instructions, of which the first are carried out before a later one faults.
    /// It matters where memories have guard pages.
    pub torn_stores: bool,
    /// The C convention wants 32-bit integers sign-extended in 64-bit registers, as arguments and as results.
    pub signed_words: bool,
    /// Helper routines LLVM may call here besides those every runtime resolves (`memcpy`, `floor`, …, spec B.12): the
    /// runtime of this target provides each.
    pub libcalls: &'static [&'static str],
    /// What `--target-abi` may say; the first is the default.
    pub abis: &'static [Abi],
    /// Helper routines a stock runtime resolves besides those it resolves everywhere (spec B.13).
    pub stock_libcalls: &'static [&'static str],
    /// The features of its instruction set.
    pub family: &'static Family,
    /// What LLVM's CPU `generic` has under this target's triples, separated by commas.
    pub generic: &'static str,
    /// What every machine of this target has, separated by commas: files need not require it.
    pub universal: &'static str,
    /// What LLVM has no instructions for here and makes calls of helper routines of.
    pub lacks: &'static [Lack],
    /// Features it cannot have, and why not.
    pub forbids: &'static [(&'static str, &'static str)],
    /// What users must know, for `docs/targets.md`.
    pub notes: &'static str,
}

impl Deref for Target {
    type Target = Machine;

    fn deref(&self) -> &Machine {
        self.machine
    }
}

impl Target {
    /// The relocation row of this number in an object file, if the compiler knows it.
    #[must_use]
    pub fn object_row(&self, number: u32) -> Option<&'static Row> {
        find(self.object_relocs, number).or_else(|| self.row(number))
    }

    /// The ABI of this name. Machines without operating system call theirs `eabi` and `eabihf`, which Linux and stock
    /// wamrc call `gnueabi` and `gnueabihf`; both names are taken.
    #[must_use]
    pub fn abi(&self, name: &str) -> Option<&'static Abi> {
        let named = |name: &str| self.abis.iter().find(|abi| abi.name == name);
        let bare = || name.strip_prefix("gnu").and_then(named);
        named(name).or_else(bare)
    }
}

/// How LLVM names and configures a target. The baseline is fixed: nothing comes from the host.
#[derive(Clone, Copy, Debug)]
pub struct Llvm {
    /// Target triple.
    pub triple: &'static str,
    /// Baseline CPU, used when none is asked for.
    pub cpu: &'static str,
    /// Features of the baseline CPU as LLVM spells them (`+a,-b`); with another CPU they do not count.
    pub features: &'static str,
    /// Features that go with every CPU: conventions of this project. The user's come behind them.
    pub always: &'static str,
    /// What LLVM calls the default ABI (`-target-abi`); empty where the triple says it.
    pub abi: &'static str,
    /// Default code model.
    pub code_model: CodeModel,
    /// Code model of code that is executed where the file is: it may not count on where pages begin.
    pub in_place: CodeModel,
    /// How code refers to what it does not know the address of.
    pub reloc_model: RelocModel,
    /// How LLVM's output becomes an object file.
    pub emission: Emission,
}

/// How calls become jumps, and how many arguments such a call takes in registers. Arguments beyond them must not be left
/// to LLVM: tail calls that change the size of the stack's argument area are not dependable on any machine, and on some
/// impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TailCalls {
    /// What LLVM offers.
    pub form: TailForm,
    /// Integer and pointer registers, each as wide as a pointer.
    pub ints: u8,
    /// Registers for floats and vectors, under an ABI that passes floats in float registers (else none).
    pub floats: u8,
    /// Values of two registers start at an even one; an odd one before them stays unused.
    pub even_pairs: bool,
    /// A vector of 128 bits travels in one of the float registers.
    pub vectors: bool,
}

/// How LLVM makes a call a jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TailForm {
    /// `musttail` with the convention `tailcc`.
    Guaranteed,
    /// LLVM has no `tailcc` here, but makes every call marked `tail` of the convention `fastcc` a jump whose arguments
    /// are all in registers, at any optimisation level.
    Sibling,
    /// Not at all.
    Absent,
}

/// What becomes of a float on its way back from a function of the C convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatResults {
    /// It arrives as it was.
    Kept,
    /// A signalling NaN arrives quiet: results are loaded into registers of another format.
    Quieted,
}

/// What is the lesser or greater of a number and a signalling NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extremes {
    /// The number, as a comparison and a selection have it; or there are no such instructions.
    Number,
    /// A NaN (`minNum` and `maxNum` of IEEE 754-2008).
    Nan,
}

/// What NaNs a machine's operations make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nans {
    /// Quiet ones have the first bit of the fraction set, as IEEE 754 wants since 2008, and WebAssembly.
    Standard,
    /// So too, but roundings, which LLVM makes of conversions to integers and back, leave signalling ones as they are.
    KeptByRounding,
    /// Quiet ones have it clear.
    Inverted,
}

/// How code refers to symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelocModel {
    /// By absolute addresses, which the loader fills in.
    Static,
    /// Relative to itself, as far as the symbol is in the same file.
    Pic,
}

/// How LLVM's output becomes an object file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emission {
    /// LLVM writes it.
    Object,
    /// LLVM writes assembly, which LLVM assembles in the same process.
    Reassembled,
    /// LLVM's part for the machine is a plugin; it writes assembly, of which an assembler of another package makes the
    /// object.
    External(&'static External),
}

/// What makes code for a target besides LLVM itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct External {
    /// File name of the plugin that holds LLVM's target.
    pub plugin: &'static str,
    /// Folder it lies in, in the folder of everything that was built.
    pub folder: &'static str,
    /// Environment variable that says where it is, if it is elsewhere.
    pub variable: &'static str,
    /// The C function without parameters that makes the target known to LLVM. Its name changes with what the plugin
    /// corrects, so that one from before is not mistaken for it.
    pub register: &'static str,
    /// The command that builds it.
    pub recipe: &'static str,
    /// The assembler and its options; `-o OBJECT SOURCE` follow.
    pub assembler: &'static [&'static str],
    /// Debian's package of the assembler.
    pub package: &'static str,
}

/// How floats are passed to functions; what containers record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatAbi {
    /// In integer registers.
    Soft,
    /// Those of 32 bits in float registers.
    Single,
    /// All in float registers.
    Double,
}

/// An ABI by the name `--target-abi` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abi {
    /// The name.
    pub name: &'static str,
    /// LLVM triple of it, if another than the target's.
    pub triple: Option<&'static str>,
    /// What LLVM calls it (`-target-abi`); empty where the triple says it.
    pub llvm: &'static str,
    /// How floats are passed.
    pub float_abi: FloatAbi,
    /// Features the machine must have, as LLVM spells them without signs.
    pub requires: &'static [&'static str],
}

/// LLVM's code models, as far as targets use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeModel {
    /// Code and data lie within the reach of one instruction.
    Tiny,
    /// Code and data lie within the reach of the shortest relative forms.
    Small,
    /// Code reaches code shortly, data by long forms.
    Medium,
    /// No assumption about distances.
    Large,
}
