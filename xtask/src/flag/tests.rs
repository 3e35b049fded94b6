//! Tests of the command line forms.

use super::Flags;

fn flags(text: &str) -> Flags {
    Flags::new(text.split(' ').map(str::to_owned).collect())
}

#[test]
fn words_and_values_mix() {
    let mut flags = flags("dir --json out.json filter --runs=7 --check");
    assert_eq!(flags.value("--json").unwrap().as_deref(), Some("out.json"));
    assert_eq!(flags.value("--runs").unwrap().as_deref(), Some("7"));
    assert!(flags.present("--check"));
    assert!(!flags.present("--check"));
    assert_eq!(flags.word().as_deref(), Some("dir"));
    assert_eq!(flags.word().as_deref(), Some("filter"));
    assert_eq!(flags.word(), None);
    flags.finish().unwrap();
}

#[test]
fn wamrc_flags_split_at_blanks() {
    let mut flags = Flags::new(vec![
        "--wamrc-flags".to_owned(),
        "--opt-level=0  --bounds-checks=1".to_owned(),
    ]);
    assert_eq!(
        flags.wamrc().unwrap(),
        ["--opt-level=0", "--bounds-checks=1"]
    );
}

#[test]
fn leftovers_and_missing_values_are_refused() {
    assert!(flags("--unknown").finish().is_err());
    assert!(flags("--json").value("--json").is_err());
}
