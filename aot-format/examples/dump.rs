//! Prints a container as text, without LLVM: `cargo run -p aot-format --example dump -- FILE`.
//!
//! The same text as `wamrc inspect FILE` prints; for looking at files while working on the format or the runtime.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: dump FILE")?;
    let bytes = std::fs::read(path)?;
    let view = aot_format::View::read(&bytes)?;
    print!("{}", aot_format::dump::to_string(&view));
    Ok(())
}
