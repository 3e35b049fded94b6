//! Malformed containers of `fixtures/corrupt/`: each is refused with exactly the error its first line names.
//!
//! A fixture is text: the expected error (or `valid`, for the file the others are damaged copies of), then hexadecimal
//! bytes with `#` comments. Together they reach every kind of read error.

use std::collections::BTreeSet;
use std::path::Path;

use aot_format::{ReadErrorKind, View};

/// Grammar: `kinds! { (VARIANT)* }`: every variant of `ReadErrorKind`. Yields the list of names and the name of a value;
/// a variant left out does not compile.
macro_rules! kinds {
    ($($variant:ident)*) => {
        const KINDS: &[&str] = &[$(stringify!($variant)),*];

        fn kind_name(kind: ReadErrorKind) -> &'static str {
            match kind { $(ReadErrorKind::$variant { .. } => stringify!($variant),)* }
        }
    };
}

kinds! {
    FileTooLarge Truncated Magic Version UnknownSection SectionOrder MissingSection TrailingBytes BinType ExecMode
    ElfVersion ArchName UnterminatedString NotUtf8 TooMany Unsupported NotBoolean ValType InitExpr InitExprDepth
    InitExprType MemoryFlags Limits TableFlags ElemType ElemMode IndexOutOfRange AuxValue AuxGlobal LiteralSize
    OffsetOutOfRange ExportKind DuplicateExport SymbolOffset SymbolBytes RelocationTarget DuplicateCustom
    RecordVersion TagsVersion AddressMapVersion FloatAbi LinkKind DeclaredLimits TypeFlag HeapType ReferenceMap RecursionGroup Supertype
}

/// Kinds no fixture can reach: the first would have 4 GiB, and a view does not look into the other.
const UNREACHABLE: &[&str] = &["FileTooLarge", "AddressMapVersion"];

#[test]
fn corrupt_files_are_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/corrupt");
    let mut reached = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).expect("the folder of fixtures") {
        let path = entry.expect("a folder entry").path();
        let text = std::fs::read_to_string(&path).expect("a text file");
        let (expected, hex) = text.split_once('\n').expect("two lines");
        let bytes = bytes(hex);
        let found = match View::read(&bytes) {
            Ok(_) => "valid".to_owned(),
            Err(error) => {
                reached.insert(kind_name(error.kind));
                error.to_string()
            }
        };
        assert_eq!(found, expected, "{}", path.display());
    }
    let missing: Vec<_> = KINDS
        .iter()
        .filter(|kind| !reached.contains(*kind) && !UNREACHABLE.contains(kind))
        .collect();
    assert!(missing.is_empty(), "no fixture reaches {missing:?}");
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .map(|byte| u8::from_str_radix(byte, 16).expect("a hexadecimal byte"))
        .collect()
}
