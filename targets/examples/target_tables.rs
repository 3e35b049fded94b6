//! Prints the generated tables of `docs/targets.md`.
//!
//! The same text as the test `docs` compares the document with.

#[path = "../tests/support/target_tables.rs"]
mod target_tables;

fn main() {
    for (name, table) in target_tables::blocks() {
        println!("<!-- generated: {name} -->\n\n{table}\n<!-- end generated -->\n");
    }
}
