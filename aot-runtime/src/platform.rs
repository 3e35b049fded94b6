//! What the runtime needs from the machine below it.
//!
//! A hosted build brings its own implementation ([`hosted`]); on bare metal
//! there is one over a buffer ([`Arena`]), or the embedder writes one, six short
//! methods. Memory obtained here holds
//! code, linear memories and nothing else: ordinary objects use `alloc`.

/// What a platform can promise to compiled code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Address space can be reserved without memory behind it, and faults in
    /// it become traps: files without bounds checks in their code can run.
    pub guard_pages: bool,
    /// A helper that fails leaves compiled code at once instead of returning.
    pub unwinding_traps: bool,
    /// Native stacks end in guard pages whose faults become traps.
    pub stack_guard: bool,
}

impl Capabilities {
    /// Nothing: only files with all checks in their code can run.
    pub const NONE: Capabilities = Capabilities {
        guard_pages: false,
        unwinding_traps: false,
        stack_guard: false,
    };
}

/// Where reserved address space should lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Anywhere.
    Any,
    /// Below 2 GiB if at all possible: the code has absolute 32-bit addresses.
    Low,
}

/// What may be done with pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    None,
    /// Reading.
    Read,
    /// Reading and writing.
    ReadWrite,
    /// Reading and executing.
    ReadExecute,
}

pub use crate::host::arena::Arena;
pub use crate::host::hosted;
pub(crate) use crate::host::pages::Nothing;
pub use crate::host::pages::Platform;
