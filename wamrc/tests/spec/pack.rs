//! Packs: what is written is read back, and nothing that is read can do harm.

use spec_runner::pack::{Action, Argument, Builder, Directive, Family, Float, Pack, Pattern, Step};

/// One step of every kind that has something special about it.
fn steps() -> Vec<Step> {
    let step = |line, directive| Step {
        line,
        excuse: None,
        directive,
    };
    let call = Action::Invoke(
        Some("m".to_owned()),
        "f".to_owned(),
        vec![
            Argument::I64(u64::MAX),
            Argument::V128([7; 16]),
            Argument::Null(Family::Exn),
        ],
    );
    let patterns = vec![
        vec![
            Pattern::F32(Float::Canonical),
            Pattern::F32(Float::Bits(1 << 31)),
        ],
        vec![Pattern::F64x2([Float::Arithmetic, Float::Bits(300)])],
        vec![Pattern::Null(vec![Family::Func, Family::Any])],
    ];
    vec![
        Step {
            excuse: Some("known".to_owned()),
            ..step(1, Directive::Failed("no such thing".to_owned(), true))
        },
        step(300, Directive::Instantiate(1, None)),
        step(u32::MAX, Directive::AssertReturn(call, patterns)),
    ]
}

fn pack() -> Vec<u8> {
    let mut builder = Builder::default();
    assert_eq!(builder.module(vec![1, 2, 3]), 0);
    assert_eq!(builder.module(vec![4]), 1);
    assert_eq!(builder.module(vec![1, 2, 3]), 0, "stored once");
    for step in steps() {
        builder.step(&step);
    }
    builder.write("folder/name.wast")
}

#[test]
fn packs_are_read_back() {
    let bytes = pack();
    let pack = Pack::read(&bytes).expect("a pack");
    assert_eq!(pack.name, "folder/name.wast");
    assert_eq!(pack.modules, [&[1, 2, 3][..], &[4]]);
    let read: Vec<Step> = pack.steps().collect::<Result<_, _>>().expect("steps");
    assert_eq!(read, steps());
}

/// Every beginning is an error somewhere, and every changed byte at worst another pack.
#[test]
fn damaged_packs_are_harmless() {
    let bytes = pack();
    let read = |bytes: &[u8]| {
        let pack = Pack::read(bytes)?;
        pack.steps().collect::<Result<Vec<_>, _>>()
    };
    for end in 0..bytes.len() {
        assert!(read(&bytes[..end]).is_err(), "{end} bytes");
    }
    for place in 0..bytes.len() {
        for value in [0, 1, 0x7F, 0xFF] {
            let mut damaged = bytes.clone();
            damaged[place] = value;
            let _ = read(&damaged);
        }
    }
}
