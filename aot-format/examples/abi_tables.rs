//! Prints the generated tables of `docs/abi.md` and `docs/aot-format.md`.
//!
//! The same text as the test `docs` compares the documents with.

#[path = "../tests/support/abi_tables.rs"]
mod abi_tables;

fn main() {
    for (name, table) in [abi_tables::abi(), abi_tables::format()].concat() {
        println!("<!-- generated: {name} -->\n\n{table}\n<!-- end generated -->\n");
    }
}
