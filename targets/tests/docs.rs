//! `docs/targets.md` says what the code says.
//!
//! `WAMRC_BLESS=1` (or `cargo xtask docs`) writes the tables.

#[path = "support/generated.rs"]
mod generated;
#[path = "support/target_tables.rs"]
mod target_tables;

#[test]
fn docs_targets_are_fresh() {
    generated::check("targets.md", &target_tables::blocks());
}
