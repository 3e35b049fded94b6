//! A container without offsets, sums of code, and versions of the compiler.

use aot_format::{View, dump};
use std::collections::BTreeMap;

/// What a container declares and relies on; its code only as the names of what it refers to.
#[must_use]
pub fn normalise_container(view: &View<'_>) -> String {
    let mut out = Vec::new();
    let mut relocations: BTreeMap<String, usize> = BTreeMap::new();
    let dump = dump::to_string(view);
    for line in dump.lines() {
        if let Some(relocation) = relocation(line) {
            *relocations.entry(relocation).or_default() += 1;
            continue;
        }
        flush(&mut relocations, &mut out);
        out.extend(plain(line));
    }
    flush(&mut relocations, &mut out);
    out.join("\n")
}

/// A line that says something about the module.
fn plain(line: &str) -> Option<String> {
    if line.starts_with("code ") || line.starts_with("literal ") {
        return None;
    }
    if line.starts_with("wamrc record ") {
        return Some("wamrc record".to_owned());
    }
    let placed = line.starts_with("func ") || line.trim_start().starts_with("thunk ");
    match line.split_once(" at 0x").filter(|_| placed) {
        Some((before, after)) => {
            let after = after.trim_start_matches(|character: char| character.is_ascii_hexdigit());
            Some(format!("{before}{after}"))
        }
        None => Some(line.to_owned()),
    }
}

/// The kind and symbol of a line that is a relocation: `  0x1c R_X86_64_PLT32 aot_raise -4`.
fn relocation(line: &str) -> Option<String> {
    let rest = line.strip_prefix("  0x")?;
    let (offset, rest) = rest.split_once(' ')?;
    let (what, addend) = rest.rsplit_once(' ')?;
    let hexadecimal = offset
        .chars()
        .all(|character| character.is_ascii_hexdigit());
    (hexadecimal && addend.starts_with(['+', '-'])).then(|| what.to_owned())
}

/// Relocations with how many there are of each.
fn flush(relocations: &mut BTreeMap<String, usize>, out: &mut Vec<String>) {
    let counted = std::mem::take(relocations).into_iter();
    out.extend(counted.map(|(what, count)| format!("  {count} × {what}")));
}

#[cfg(test)]
mod tests {
    use super::{plain, relocation};

    #[test]
    fn offsets_are_left_out() {
        let cases = [
            (
                "func 3 type 0 at 0x1c0, cells 1 + 2",
                Some("func 3 type 0, cells 1 + 2"),
            ),
            ("  thunk type 1 at 0xffe", Some("  thunk type 1")),
            ("wamrc record wamrc 9 (LLVM 99)", Some("wamrc record")),
            ("code 64 bytes, sum 17795fed34351f0b", None),
            (
                "export \"look at 0x1\" func 0",
                Some("export \"look at 0x1\" func 0"),
            ),
        ];
        for (line, expected) in cases {
            assert_eq!(plain(line).as_deref(), expected, "{line}");
        }
        let found = relocation("  0x1c R_X86_64_PLT32 aot_raise -4");
        assert_eq!(found.as_deref(), Some("R_X86_64_PLT32 aot_raise"));
        assert_eq!(relocation("  0 0x0000002a"), None);
    }
}
