//! What each target machine is, as data: word size, byte order, ELF number, LLVM names, relocations, far-call stub.
//!
//! A target is a plain [`Target`] value; all behaviour is in [`reloc::apply`] and [`field`], which read it. Nothing
//! here knows of wasm, LLVM, containers or the host. Adding a machine is one row in `arch.rs` and one file below
//! `arch/`.
//!
//! ```
//! let target = targets::by_name("x86_64").unwrap();
//! let row = target.row(2).unwrap();
//! let mut code = [0xE8, 0, 0, 0, 0];
//! targets::reloc::apply(row, &mut code, 1, 0x1001, 0x2000, -4).unwrap();
//! assert_eq!(code, [0xE8, 0xFB, 0x0F, 0, 0]);
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic
    )
)]

#[cfg(test)]
extern crate std;

mod arch;
pub mod feature;
pub mod field;
mod libcall;
pub mod machine;
pub mod operation;
pub mod profile;
pub mod reloc;
pub mod stub;
mod target;
#[cfg(feature = "triple")]
pub mod triple;
mod width;

pub use arch::targets::*;
pub use arch::{ALL, Arch};
pub use machine::{Description, Machine, find_machine};
pub use target::{
    Abi, CodeModel, Emission, External, Extremes, FloatAbi, FloatResults, Llvm, Nans, RelocModel,
    TailCalls, TailForm, Target,
};
pub use width::{Endian, PtrWidth};

/// The target of this name (the names `Target::name` carries), if there is one.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Target> {
    ALL.iter().copied().find(|target| target.name == name)
}

/// The target a file describes; see [`find_machine`]. `None` means that no such machine is known.
#[must_use]
pub fn by_description(description: &Description<'_>) -> Option<&'static Target> {
    let machine = find_machine(ALL.iter().map(|target| target.machine), description)?;
    by_name(machine.name)
}

/// The same, of its parts: ELF machine number, pointer width, byte order, architecture string.
#[must_use]
pub fn by_elf_machine(
    machine: u16,
    width: PtrWidth,
    endian: Endian,
    aot_arch: &str,
) -> Option<&'static Target> {
    by_description(&Description {
        elf_machine: machine,
        width,
        endian,
        aot_arch,
    })
}

#[cfg(test)]
mod tests;
