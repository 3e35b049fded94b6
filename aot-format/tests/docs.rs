//! `docs/abi.md` and `docs/aot-format.md` say what the code says.
//!
//! `WAMRC_BLESS=1` (or `cargo xtask docs`) writes the tables.

#[path = "support/abi_tables.rs"]
mod abi_tables;
#[path = "../../targets/tests/support/generated.rs"]
mod generated;

#[test]
fn docs_abi_is_fresh() {
    generated::check("abi.md", &abi_tables::abi());
}

#[test]
fn docs_aot_format_is_fresh() {
    generated::check("aot-format.md", &abi_tables::format());
}

/// Bytes of the annotated file in the document: second to ninth column group of each line in its block.
fn example() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/aot-format.md");
    let text = std::fs::read_to_string(path).expect("a document");
    let (_, block) = text.split_once("```text\n").expect("the block");
    let (block, _) = block.split_once("```").expect("its end");
    let mut bytes = Vec::new();
    for line in block.lines() {
        let line = line.strip_prefix("; ").map_or(line, |_| "");
        let Some((offset, rest)) = line.split_once("  ") else {
            continue;
        };
        assert_eq!(usize::from_str_radix(offset, 16), Ok(bytes.len()), "{line}");
        let hex = rest.get(..23).unwrap_or(rest);
        bytes.extend(
            hex.split_whitespace()
                .map(|byte| u8::from_str_radix(byte, 16).unwrap()),
        );
    }
    bytes
}

#[test]
fn docs_example_is_a_container() {
    let bytes = example();
    let view = aot_format::View::read(&bytes).unwrap();
    let dump = aot_format::dump::to_string(&view);
    assert!(dump.ends_with("export \"add\" func 0\n"), "{dump}");
    assert_eq!(aot_format::Artifact::from_view(&view).write(), Ok(bytes));
}
