//! The plain struct every architecture fills in.
//!
//! Code elsewhere selects by these fields, never by matching on the architecture.

use crate::reloc::Row;
use crate::stub::Stub;
use crate::{Arch, Endian, PtrWidth};

/// Everything the toolchain believes about one machine.
#[derive(Debug)]
pub struct Target {
    /// Name as `--target` takes it; unique in [`crate::ALL`].
    pub name: &'static str,
    /// The architecture file this target comes from.
    pub arch: Arch,
    /// Pointer width.
    pub width: PtrWidth,
    /// Byte order of data.
    pub endian: Endian,
    /// `e_machine` of its ELF objects and of the container's target information.
    pub elf_machine: u16,
    /// Architecture string of the container: what a file must begin with for a runtime of this target.
    pub aot_arch: &'static str,
    /// How LLVM names and configures the machine.
    pub llvm: Llvm,
    /// Relocations the loader applies, in the order of the psABI. Invariant: numbers strictly ascending.
    pub relocs: &'static [Row],
    /// Far-call stub, if direct calls do not reach the whole address space.
    pub stub: Option<&'static Stub>,
    /// Memory accesses are bounds-checked by guard pages unless asked otherwise (else by code).
    pub guard_pages: bool,
    /// Fields of garbage-collected structures follow each other without alignment (WAMR's rule for x86).
    pub packed_objects: bool,
    /// Required alignment of the native stack at a call, in bytes.
    pub stack_align: u32,
    /// Arguments LLVM's guaranteed tail calls pass in registers.
    pub tail_calls: TailCalls,
    /// Size of the smallest page a guard may have, in bytes; larger stack frames need probes.
    pub page_bytes: u32,
}

impl Target {
    /// The relocation row of this number, if the loader can apply it.
    #[must_use]
    pub fn row(&self, number: u32) -> Option<&'static Row> {
        let at = self.relocs.binary_search_by_key(&number, |row| row.number);
        at.ok().and_then(|at| self.relocs.get(at))
    }
}

/// How LLVM names and configures a target. The baseline is fixed: nothing comes from the host.
#[derive(Clone, Copy, Debug)]
pub struct Llvm {
    /// Target triple.
    pub triple: &'static str,
    /// Baseline CPU, used when none is asked for.
    pub cpu: &'static str,
    /// Baseline features as LLVM spells them (`+a,-b`), before the user's.
    pub features: &'static str,
    /// Default code model.
    pub code_model: CodeModel,
}

/// How many arguments a call by LLVM's convention `tailcc` takes in registers. Arguments beyond them must not be left to
/// LLVM: tail calls that change the size of the stack's argument area are not dependable on any machine, and on some
/// impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TailCalls {
    /// Integer and pointer registers, each as wide as a pointer.
    pub ints: u8,
    /// Registers for floats and vectors.
    pub floats: u8,
}

/// LLVM's code models, as far as targets use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeModel {
    /// Code and data lie within the reach of the shortest relative forms.
    Small,
    /// Code reaches code shortly, data by long forms.
    Medium,
    /// No assumption about distances.
    Large,
}
