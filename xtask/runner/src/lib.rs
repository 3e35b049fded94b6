//! Runs a *pack*: one script of WebAssembly's official test suite, compiled for the machine this runs on.
//!
//! [`pack`] is the file format, written by `wamrc/examples/suite.rs` on the host; [`run`] makes the assertions with the
//! runtime. There is no WebAssembly here, neither text nor binary: what is decided by parsing and validation alone is
//! decided on the host and is not in a pack. Without `std` the embedder brings the platform.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

mod check;
mod command;
pub mod pack;
mod run;
mod spectest;
mod value;

pub use command::{Host, command};
pub use run::{Count, Options, Watch, run};
