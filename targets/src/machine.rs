//! What a loader needs to know of a machine.
//!
//! Apart from the rest of a [`Target`](crate::Target), so that a loader holds the facts of its own machines and
//! nothing about compilers, nor the tables of other architectures: it names its architecture's list (`ARM`, `RISCV`, …) and
//! [`find_machine`] picks from it.

use crate::reloc::Row;
use crate::stub::Stub;
use crate::target::FloatAbi;
use crate::{Arch, Endian, PtrWidth};

pub use crate::arch::machines::*;

/// One machine, as loaders see it.
#[derive(Debug)]
pub struct Machine {
    /// Name as `--target` takes it; unique in [`crate::ALL`].
    pub name: &'static str,
    /// The architecture file this comes from.
    pub arch: Arch,
    /// Pointer width.
    pub width: PtrWidth,
    /// Byte order of data.
    pub endian: Endian,
    /// `e_machine` of its ELF objects and of the container's target information.
    pub elf_machine: u16,
    /// Architecture string of the container: what a file must begin with for a runtime of this machine.
    pub aot_arch: &'static str,
    /// Relocations the loader applies, in the order of the psABI. Invariant: numbers strictly ascending.
    pub relocs: &'static [Row],
    /// How relocations in pairs (upper and lower part of an address) are read where the lower part is not directly behind
    /// the upper: as those of object files (see [`Target::object_relocs`](crate::Target::object_relocs)), the lower one with
    /// the upper one's symbol, and its addend plus the distance. Empty on machines without such pairs.
    pub apart: &'static [Row],
    /// Far-call stub, if direct calls do not reach the whole address space.
    pub stub: Option<&'static Stub>,
    /// Relocation numbers a stock loader applies, ascending.
    pub stock_relocs: &'static [u32],
    /// Memory accesses are bounds-checked by guard pages unless asked otherwise (else by code).
    pub guard_pages: bool,
    /// Fields of garbage-collected structures follow each other without alignment (WAMR's rule for x86).
    pub packed_objects: bool,
    /// Required alignment of the native stack at a call, in bytes.
    pub stack_align: u32,
    /// Size of the smallest page a guard may have, in bytes; larger stack frames need probes.
    pub page_bytes: u32,
    /// How floats are passed under the default ABI.
    pub float_abi: FloatAbi,
    /// What is added to the place of a function to call it: 1 in Thumb state, 0 elsewhere. Symbols of functions in object
    /// files have it, offsets in containers do not.
    pub code_bit: u8,
}

impl Machine {
    /// The relocation row of this number, if the loader can apply it.
    #[must_use]
    pub fn row(&self, number: u32) -> Option<&'static Row> {
        find(self.relocs, number)
    }
}

pub(crate) fn find(rows: &'static [Row], number: u32) -> Option<&'static Row> {
    let at = rows.binary_search_by_key(&number, |row| row.number);
    at.ok().and_then(|at| rows.get(at))
}

/// What a file's target information says of the machine it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description<'a> {
    /// ELF machine number.
    pub elf_machine: u16,
    /// Pointer width.
    pub width: PtrWidth,
    /// Byte order.
    pub endian: Endian,
    /// Architecture string.
    pub aot_arch: &'a str,
}

impl Description<'_> {
    /// Whether this can be of a machine: the architecture string begins with the machine's, and all else is the same.
    fn fits(&self, machine: &Machine) -> bool {
        // As stock does (spec A.4.1).
        let aot_arch = match self.aot_arch {
            "arm64" | "aarch64" => "aarch64v8",
            other => other,
        };
        machine.elf_machine == self.elf_machine
            && machine.width == self.width
            && machine.endian == self.endian
            && aot_arch.starts_with(machine.aot_arch)
    }
}

/// The machine among these that a file describes.
///
/// Several may share everything but the architecture string (ARM and Thumb do): the one with the longest
/// [`Machine::aot_arch`] that the file's begins with is taken. `None` means that the file is for none of them.
#[must_use]
pub fn find_machine(
    machines: impl IntoIterator<Item = &'static Machine>,
    description: &Description<'_>,
) -> Option<&'static Machine> {
    let machines = machines.into_iter();
    let fits = machines.filter(|machine| description.fits(machine));
    fits.max_by_key(|machine| machine.aot_arch.len())
}
