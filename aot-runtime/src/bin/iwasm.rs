//! The command `iwasm`; everything is in the library's module `cli`.

fn main() -> std::process::ExitCode {
    aot_runtime::cli::main()
}
