//! Generated tables in `docs/`: replaced between markers, or compared with what they should be.
//!
//! A block is `<!-- generated: NAME -->`, the table, `<!-- end generated -->`. `WAMRC_BLESS=1` writes; without it a stale
//! block fails the test that calls this. Shared by the crates that have tables.

use std::path::Path;

/// A table: the name in its marker, and its Markdown.
pub(crate) type Block = (&'static str, String);

/// Compares the blocks of `docs/FILE` with these, or writes them.
pub(crate) fn check(file: &str, blocks: &[Block]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(file);
    let found = std::fs::read_to_string(&path).expect("a document");
    let fresh = blocks.iter().fold(found.clone(), |text, (name, table)| {
        replaced(&text, name, table).unwrap_or_else(|| panic!("docs/{file}: no block {name}"))
    });
    if std::env::var_os("WAMRC_BLESS").is_some() {
        std::fs::write(&path, fresh).expect("a writable document");
    } else {
        assert!(
            found == fresh,
            "docs/{file} is stale: run `cargo xtask docs`"
        );
    }
}

/// The text with the table between the markers of this name.
fn replaced(text: &str, name: &str, table: &str) -> Option<String> {
    let start = format!("<!-- generated: {name} -->\n");
    let (before, rest) = text.split_once(&start)?;
    let end = "<!-- end generated -->";
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{start}\n{table}\n{end}{after}"))
}
