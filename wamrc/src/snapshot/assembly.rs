//! Machine code without addresses: labels for places in the same function, names for all others.

use crate::disassembly::{Instruction, Listing, Reference};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The functions and thunks of a container, in order.
#[must_use]
pub fn normalise_listings(listings: &[Listing]) -> String {
    let mut text = String::new();
    for listing in listings.iter().filter(|it| !it.part.is_constants()) {
        let labels = labels(listing);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}:", listing.part.name);
        for instruction in &listing.instructions {
            if let Some(label) = labels.get(&instruction.line.address) {
                let _ = writeln!(text, "{label}:");
            }
            let _ = writeln!(text, "  {}", without_distance(instruction, &labels));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

/// Names for the places that the code of a function jumps to, in order.
fn labels(listing: &Listing) -> BTreeMap<u64, String> {
    let part = &listing.part;
    let inside = part.offset..part.offset.saturating_add(part.size);
    let instructions = listing.instructions.iter();
    let notes = instructions.filter_map(|instruction| instruction.reference.as_ref());
    let places = notes.filter_map(|note| match note {
        Reference::Near { place, .. } => Some(*place),
        Reference::Loaded(_) => None,
    });
    let places: BTreeMap<u64, ()> = places
        .filter(|place| inside.contains(place))
        .map(|place| (place, ()))
        .collect();
    let numbered = places.into_keys().zip(1..);
    numbered
        .map(|(place, number): (u64, u32)| (place, format!(".L{number}")))
        .collect()
}

/// An instruction, with a name in place of a distance.
fn without_distance(instruction: &Instruction, labels: &BTreeMap<u64, String>) -> String {
    let text = &instruction.line.text;
    match &instruction.reference {
        // A word between instructions is often a distance.
        None if text.starts_with(".long") || text.starts_with(".quad") => {
            ".word constant".to_owned()
        }
        None => text.clone(),
        Some(Reference::Loaded(name)) => format!("{text} ; {}", without_addend(name)),
        Some(Reference::Near {
            name,
            place,
            operand,
        }) => {
            let label = labels.get(place);
            let name = label.map_or_else(|| without_addend(name), String::as_str);
            let mut text = text.clone();
            text.replace_range(operand.clone(), name);
            text
        }
    }
}

/// What is referred to, without how far behind its start.
fn without_addend(note: &str) -> &str {
    match note.split_once(' ') {
        Some((name @ ("constant" | ".text"), _)) => name,
        _ if note.starts_with("0x") => "elsewhere",
        _ => note,
    }
}

#[cfg(test)]
mod tests {
    use super::normalise_listings;
    use crate::disassembly::{Instruction, Listing, Part, Reference};
    use crate::llvm::Line;

    fn listing(offset: u64) -> Listing {
        let near = |name: &str, place, operand| Reference::Near {
            name: name.to_owned(),
            place,
            operand,
        };
        let loaded = Reference::Loaded("aot_raise".to_owned());
        let inside = format!("{:#x}", offset + 7);
        let texts = [
            ("jne 5", 2, Some(near(&inside, offset + 7, 4..5))),
            ("callq 0", 5, Some(loaded)),
            (
                "movsd -0x20(%rip), %xmm0",
                8,
                Some(near("constant 0x8", 8, 6..11)),
            ),
            ("retq", 1, None),
        ];
        let mut address = offset;
        let instructions = texts.map(|(text, size, reference)| {
            let line = Line {
                address,
                size,
                text: text.to_owned(),
            };
            address += size as u64;
            Instruction {
                line,
                reference,
                origin: None,
            }
        });
        Listing {
            part: Part {
                name: "function 0 (f)".to_owned(),
                functions: vec![0],
                offset,
                size: 16,
            },
            instructions: instructions.to_vec(),
        }
    }

    #[test]
    fn addresses_do_not_show() {
        let text = normalise_listings(&[listing(0x40)]);
        assert_eq!(text, normalise_listings(&[listing(0x80)]));
        let expected = "function 0 (f):\n  jne .L1\n  callq 0 ; aot_raise\n.L1:\n  \
            movsd constant(%rip), %xmm0\n  retq";
        assert_eq!(text, expected);
    }
}
