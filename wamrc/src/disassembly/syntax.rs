//! How LLVM prints instructions that jump, per family of machines: what their last operand counts from.
//!
//! Only direct jumps and calls are read, and operands relative to the next instruction on x86. A pair of instructions
//! that makes an address (RISC-V's `auipc`, `jalr`) is read together.

use crate::llvm::Line;
use std::ops::Range;

/// A place in the code that an instruction leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Jump {
    /// Offset in the code.
    pub(super) place: u64,
    /// Where in the instruction's text the operand stands.
    pub(super) operand: Range<usize>,
}

/// A word in the code that an instruction reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Offset in the code.
    pub(super) place: u64,
    /// Bytes of it.
    pub(super) size: u64,
    /// Where in the instruction's text its address stands.
    pub(super) operand: Range<usize>,
}

/// What a distance counts from.
#[derive(Clone, Copy, Debug)]
enum From {
    /// So many bytes behind the instruction's start.
    Start(u64),
    /// The instruction's end.
    End,
}

/// How the mnemonics of instructions begin that read words, and how those end that read something else.
const LOADS: &[&str] = &["ldr", "vldr", "l32r"];
const NARROW: &[&str] = &["b", "h", "sb", "sh", "d", "ex"];

/// How a family of machines is printed.
#[derive(Debug)]
pub(super) struct Syntax {
    /// How LLVM's triples begin.
    triples: &'static [&'static str],
    /// Instructions begin at multiples of this.
    pub(super) unit: usize,
    from: From,
    /// Mnemonics of direct jumps and calls, to the end or to a dot; one that ends in `*` stands for all that begin so.
    jumps: &'static [&'static str],
    /// Those of jumps and calls to where a register says, where such registers come from words between the code.
    indirect: &'static [&'static str],
    /// What stands in front of the distance.
    mark: &'static str,
    /// How the address of a word begins that is read from between the code; empty where none is.
    word: &'static str,
    /// Whether jumps hold what the loader writes. Otherwise all addresses are in words.
    written: bool,
}

/// Conditions stand behind `b` and in front of the width.
const ARM_JUMPS: &[&str] = &[
    "b", "bl", "beq", "bne", "bhs", "blo", "bmi", "bpl", "bvs", "bvc", "bhi", "bls", "bge", "blt",
    "bgt", "ble", "cbz", "cbnz",
];

/// What most families have in common; all that is known of any other.
const OTHER: Syntax = Syntax {
    triples: &[],
    unit: 1,
    from: From::End,
    jumps: &[],
    indirect: &[],
    mark: "",
    word: "",
    written: true,
};

#[rustfmt::skip]
const ALL: &[Syntax] = &[
    Syntax { triples: &["x86_64", "i386", "i486", "i586", "i686"], unit: 1, from: From::End, jumps: &["j*", "call*"], ..OTHER },
    Syntax { triples: &["aarch64"], unit: 4, from: From::Start(0), mark: "#",
        jumps: &["b", "bl", "cbz", "cbnz", "tbz", "tbnz"], ..OTHER },
    Syntax { triples: &["thumb"], unit: 2, from: From::Start(4), mark: "#", word: "[pc, #",
        jumps: ARM_JUMPS, indirect: &["bx", "blx"], ..OTHER },
    Syntax { triples: &["arm"], unit: 4, from: From::Start(8), mark: "#", word: "[pc, #",
        jumps: ARM_JUMPS, indirect: &["bx", "blx"], ..OTHER },
    Syntax { triples: &["riscv"], unit: 2, from: From::Start(0), jumps: &["j", "jal", "beq", "bne", "blt",
        "bge", "bltu", "bgeu", "beqz", "bnez", "bltz", "bgez", "blez", "bgtz", "bgt", "ble", "bgtu", "bleu"], ..OTHER },
    Syntax { triples: &["mips"], unit: 4, from: From::Start(0), jumps: &["b", "bal", "j", "jal", "beq", "bne",
        "beqz", "bnez", "bltz", "bgez", "blez", "bgtz", "bc1t", "bc1f"], ..OTHER },
    Syntax { triples: &["xtensa"], unit: 1, from: From::Start(0), mark: ". ", word: ". ", written: false,
        jumps: &["b*", "j", "call*", "loop*"], indirect: &["jx", "callx*"] },
];

/// The syntax for a triple.
pub(super) fn syntax(triple: &str) -> &'static Syntax {
    let starts = |prefix: &&str| triple.starts_with(prefix);
    let found = ALL.iter().find(|syntax| syntax.triples.iter().any(starts));
    found.unwrap_or(&OTHER)
}

impl Syntax {
    /// Where an instruction leads; `before` is the one in front of it.
    pub(super) fn jump(&self, line: &Line, before: Option<&Line>) -> Option<Jump> {
        let text = line.text.as_str();
        if let Some((front, _)) = text.split_once("(%rip)") {
            return self.relative(line, last_operand(front));
        }
        if let Some(jump) = before.and_then(|before| pair(before, line)) {
            return Some(jump);
        }
        if !self.is_jump(line) {
            return None;
        }
        let Range { start, end } = last_operand(text);
        // A mark of its own, with a space behind.
        let apart = text.get(..start)?.ends_with(self.mark);
        let start = start - if apart { self.mark.len() } else { 0 };
        self.relative(line, start..end)
    }

    /// Whether an instruction is a direct jump or call.
    pub(super) fn is_jump(&self, line: &Line) -> bool {
        is_one_of(self.jumps, line)
    }

    /// Whether code of the family reads words from between its instructions.
    pub(super) fn has_literals(&self) -> bool {
        !self.word.is_empty()
    }

    /// Whether an instruction is a jump or call that holds what the loader writes.
    pub(super) fn is_written(&self, line: &Line) -> bool {
        self.written && self.is_jump(line)
    }

    /// Whether an instruction goes where its register, the only operand, says.
    pub(super) fn is_indirect(&self, line: &Line) -> bool {
        is_one_of(self.indirect, line)
    }

    /// The word that an instruction reads by its distance. On ARM it counts from a multiple of four.
    pub(super) fn word(&self, line: &Line) -> Option<Word> {
        let text = line.text.as_str();
        let (mnemonic, operands) = text.split_once(' ')?;
        let rest = LOADS.iter().find_map(|load| mnemonic.strip_prefix(load));
        let reads = rest.is_some_and(|rest| !NARROW.contains(&rest));
        if !self.has_literals() || !reads {
            return None;
        }
        let start = text.rfind(self.word)?;
        let rest = text.get(start + self.word.len()..)?;
        let distance = number(rest.trim_end_matches(']').trim_start_matches('+'))?;
        let from = match self.from {
            From::Start(0) => line.address,
            From::Start(bytes) => line.address.checked_add(bytes)? & !3,
            From::End => return None,
        };
        Some(Word {
            place: from.checked_add_signed(distance)?,
            size: if operands.starts_with('d') { 8 } else { 4 },
            operand: start..text.len(),
        })
    }

    /// The place at a distance that stands in this range of an instruction's text.
    fn relative(&self, line: &Line, operand: Range<usize>) -> Option<Jump> {
        let digits = line.text.get(operand.clone())?.strip_prefix(self.mark)?;
        let distance = number(digits.trim_start_matches('+'))?;
        let from = match self.from {
            From::Start(bytes) => line.address.checked_add(bytes)?,
            From::End => line.address.checked_add(line.size as u64)?,
        };
        let place = from.checked_add_signed(distance)?;
        Some(Jump { place, operand })
    }
}

/// Whether an instruction's mnemonic is among these.
fn is_one_of(mnemonics: &[&str], line: &Line) -> bool {
    let found = line.text.split([' ', '.']).next().unwrap_or_default();
    mnemonics.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => found.starts_with(start),
        None => found == *known,
    })
}

/// RISC-V's call: `auipc ra, 1`, then `jalr -8(ra)`.
fn pair(first: &Line, second: &Line) -> Option<Jump> {
    let (register, high) = first.text.strip_prefix("auipc ")?.split_once(", ")?;
    let operand = second
        .text
        .strip_prefix("jalr ")
        .or_else(|| second.text.strip_prefix("jr "))?;
    let low = operand.strip_suffix(')')?.strip_suffix(register)?;
    let distance = number(low.strip_suffix('(')?)?.checked_add(number(high)?.checked_shl(12)?)?;
    let start = second.text.len() - operand.len();
    Some(Jump {
        place: first.address.checked_add_signed(distance)?,
        operand: start..second.text.len(),
    })
}

/// Where the last operand of a text stands.
fn last_operand(text: &str) -> Range<usize> {
    let start = text.rfind([' ', ',', '*']).map_or(0, |at| at + 1);
    start..text.len()
}

fn number(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let value = match digits.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if negative {
        value.wrapping_neg()
    } else {
        value
    })
}

#[cfg(test)]
mod tests {
    use super::syntax;
    use crate::llvm::Line;

    fn line(text: &str, address: u64, size: usize) -> Line {
        Line {
            address,
            size,
            text: text.to_owned(),
        }
    }

    #[test]
    fn operands_lead_to_places() {
        let cases = [
            ("x86_64", "callq 16", 5, Some((0x115, "16"))),
            ("x86_64", "jne -0x20", 2, Some((0xe2, "-0x20"))),
            (
                "x86_64",
                "movaps 0x40(%rip), %xmm0",
                7,
                Some((0x147, "0x40")),
            ),
            ("x86_64", "mulsd %xmm1, -8(%rip)", 8, Some((0x100, "-8"))),
            ("x86_64", "callq *%rax", 2, None),
            ("x86_64", "movl $5, %eax", 5, None),
            ("x86_64", "retq", 1, None),
            ("aarch64", "b.ne #-16", 4, Some((0xf0, "#-16"))),
            ("aarch64", "tbz w0, #3, #8", 4, Some((0x108, "#8"))),
            ("aarch64", "bic w0, w1, #4", 4, None),
            ("thumbv7em-none", "bl #-90", 4, Some((0xaa, "#-90"))),
            ("thumbv7em-none", "beq.w #12", 4, Some((0x110, "#12"))),
            ("armv7", "bl #-140", 4, Some((0x7c, "#-140"))),
            ("armv7", "blx r3", 4, None),
            ("riscv32", "bltu a3, a2, 24", 4, Some((0x118, "24"))),
            ("riscv32", "jalr ra", 2, None),
            ("mipsel", "bnez $1, -32", 4, Some((0xe0, "-32"))),
            ("xtensa", "blt a6, a3, . -18", 3, Some((0xee, ". -18"))),
            ("xtensa", "call8 . +20", 3, Some((0x114, ". +20"))),
            ("xtensa", "callx8 a8", 3, None),
            ("vax", "b 4", 1, None),
        ];
        for (triple, text, size, expected) in cases {
            let line = line(text, 0x100, size);
            let jump = syntax(triple).jump(&line, None);
            let found = jump.map(|jump| (jump.place, &text[jump.operand]));
            assert_eq!(found, expected, "{triple}: {text}");
        }
    }

    #[test]
    fn pairs_lead_to_places() {
        let first = line("auipc ra, 1", 0x100, 4);
        let second = line("jalr -8(ra)", 0x104, 4);
        let jump = syntax("riscv64").jump(&second, Some(&first));
        let jump = jump.expect("a place");
        assert_eq!((jump.place, &second.text[jump.operand]), (0x10f8, "-8(ra)"));
        assert_eq!(syntax("riscv64").jump(&second, None), None);
    }
}
