//! What needs the process's main thread or a process of its own: overflow of
//! the main stack, and faults that are none of ours. Runs without the test
//! harness; prints one line per check.

#[cfg(all(
    feature = "std",
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv64"
    )
))]
#[path = "support/machine.rs"]
mod machine;

#[cfg(all(
    feature = "std",
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv64"
    )
))]
fn main() {
    use aot_runtime::{Caller, Imports, Instance, LoadOptions, Module, Store, Trap, TrapId};
    use std::os::unix::process::ExitStatusExt;

    let module = Module::load(&machine::module(|_| ()), &LoadOptions::default()).unwrap();
    let mut imports = Imports::new();
    // The import reads an address of its choice: faults of the host's own.
    imports.func("env", "f", |_: &mut Caller<'_>, address: i32| {
        let address = std::ptr::without_provenance::<i32>(usize::try_from(address).unwrap());
        // SAFETY: none; the process is meant to die of it.
        unsafe { address.read_volatile() }
    });
    let mut store = Store::new();
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let call = instance.typed::<(i32,), i32>(&store, "call").unwrap();
    match std::env::args().nth(1).as_deref() {
        Some("fault-in-host") => {
            let _ = call.call(&mut store, (16,));
            return;
        }
        Some("fault-outside") => {
            // SAFETY: none; the process is meant to die of it.
            unsafe { std::ptr::without_provenance::<i32>(16).read_volatile() };
            return;
        }
        _ => {}
    }
    let recurse = instance.typed::<(), ()>(&store, "recurse").unwrap();
    for _ in 0..3 {
        assert_eq!(
            recurse.call(&mut store, ()),
            Err(Trap::Wasm(TrapId::NativeStackOverflow))
        );
    }
    println!("overflow of the main stack is a trap: ok");
    for case in ["fault-in-host", "fault-outside"] {
        // Where the machine is emulated, the emulator has to run it again.
        let emulator = std::env::var("WAMRC_EMULATOR").unwrap_or_default();
        let this = std::env::args_os().next().unwrap();
        let mut words: Vec<_> = emulator.split_whitespace().map(Into::into).collect();
        words.push(this);
        let status = std::process::Command::new(&words[0])
            .args(&words[1..])
            .arg(case)
            .status()
            .unwrap();
        assert_eq!(status.signal(), Some(11), "{case}: {status}");
        println!("{case} is left alone: ok");
    }
}

#[cfg(not(all(
    feature = "std",
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "x86",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv64"
    )
)))]
fn main() {}
