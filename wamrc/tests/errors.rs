//! Every module in `fixtures/wat/errors` is refused with the message in `snapshots/errors`.
//!
//! One message per situation: the name of what is wrong or unsupported and the byte offset. The
//! command line's own messages are in `cli.rs`.

use wamrc::options::Proposal;
use wamrc::{CompileError, Options};

/// The options a fixture's `;;! flags:` lines ask for.
fn options(text: &str) -> Options {
    let mut options = Options::new(&targets::X86_64);
    for line in text
        .lines()
        .filter_map(|line| line.strip_prefix(";;! flags: "))
    {
        match line {
            "--disable-simd" => options.simd = Proposal::Refuse,
            "--disable-bulk-memory" => options.bulk_memory = Proposal::Refuse,
            "--disable-ref-types" => options.reference_types = Proposal::Refuse,
            other => panic!("flag {other} has no meaning in this test"),
        }
    }
    options
}

fn check(path: &std::path::Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let wasm = wat::parse_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let error = wamrc::compile(&wasm, &options(&text)).expect_err("is to be refused");
    let kind = match &error {
        CompileError::NotWasm { .. } => "not wasm",
        CompileError::Invalid { .. } => "invalid",
        CompileError::Unsupported { .. } => "unsupported",
        CompileError::Forbidden { .. } => "forbidden",
        CompileError::Limit { .. } => "limit",
        other => panic!("unexpected kind of error: {other:?}"),
    };
    let case = path.file_stem().unwrap().to_str().unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/errors");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
        .bind(|| insta::assert_snapshot!(format!("errors__{case}"), format!("{kind}: {error}")));
}

#[test]
fn refused_modules() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/wat/errors");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() > 20, "fixtures are missing");
    paths.iter().for_each(|path| check(path));
}
