//! Where a relocation's value goes inside the bytes: the only file with instruction masks and shifts.
//!
//! A [`Field`] is data: how many bytes the loader touches, how they form a word, and the runs of bits of the value in
//! that word. One small loop reads and writes them all, so that a loader holds no more than the shapes of its own
//! architecture. What value goes in is `reloc.rs`'s business. Shapes are constants below, by architecture, named as
//! the instruction formats are in the architectures' manuals.

use crate::Endian;

/// A place for a value: which bytes the loader touches and how the value's bits are spread over them.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Bytes touched, at most 8.
    pub size: u8,
    /// How the bytes form a word.
    pub order: Order,
    /// Where bits of the value are in the word. Invariant: the run with the highest bit of the value comes first.
    pub runs: &'static [Run],
    /// Low bits that are stored nowhere and have to be zero.
    pub unit: u8,
    /// How the stored bits read as an addend.
    pub addend: Addend,
    /// Other runs for another instruction that may be at the place.
    pub other: Option<(Pattern, &'static [Run])>,
    /// What the word must match for the place to hold an instruction this is for.
    pub expect: Pattern,
}

/// How bytes form a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// All bytes in the byte order of the machine.
    Whole,
    /// Little-endian halves, the most significant first (Thumb's 32-bit instructions, ARC's middle-endian words).
    Halves,
}

/// How stored bits read as an addend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addend {
    /// Each where [`Field::runs`] puts it, sign-extended.
    Signed,
    /// The same, zero-extended.
    Unsigned,
    /// As a sign-extended number that starts at bit 0, whatever bits of the value they are (AAELF32 for MOVW and MOVT).
    Low,
}

/// Consecutive bits of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First bit in the value.
    pub from: u8,
    /// Number of bits.
    pub bits: u8,
    /// First bit in the word.
    pub to: u8,
    /// What is added to the value before its bits are taken: rounding, for low parts that are signed.
    pub round: u64,
    /// The value's bit whose complement the stored bit is combined with by exclusive or; 0 for none.
    pub flip: u8,
}

/// Bits a word must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The bits that matter.
    pub mask: u64,
    /// What they must be.
    pub value: u64,
}

impl Pattern {
    /// Matches every word.
    pub const ANY: Pattern = Pattern { mask: 0, value: 0 };

    const fn matches(self, word: u64) -> bool {
        word & self.mask == self.value
    }
}

impl Run {
    const fn mask(self) -> u64 {
        low_bits(self.bits)
    }

    /// The run's bits of `value`, at their place in the word.
    const fn place(self, value: u64) -> u64 {
        let mut bits = value.wrapping_add(self.round) >> self.from;
        if self.flip != 0 {
            bits ^= !(value >> self.flip);
        }
        (bits & self.mask()) << self.to
    }

    /// The reverse, but for rounding; `above` holds the value's bits found already.
    const fn find(self, word: u64, above: u64) -> u64 {
        let mut bits = word >> self.to;
        if self.flip != 0 {
            bits ^= !(above >> self.flip);
        }
        bits & self.mask()
    }
}

const fn low_bits(count: u8) -> u64 {
    match count {
        0 => 0,
        64.. => u64::MAX,
        _ => (1 << count) - 1,
    }
}

impl Field {
    /// Bytes touched.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size as usize
    }

    /// Significant bits of the stored value, counted from bit 0.
    #[must_use]
    pub const fn bits(&self) -> u32 {
        match self.runs {
            [] => 0,
            [run, ..] => run.from as u32 + run.bits as u32,
        }
    }

    /// The value stored now, as the ABI reads it as an addend; `None` when `bytes` is shorter than the field.
    #[must_use]
    pub fn read(&self, bytes: &[u8], endian: Endian) -> Option<i64> {
        let word = self.word(bytes, endian)?;
        let (mut value, mut width) = (0_u64, 0);
        for run in self.runs_in(word) {
            let bits = run.find(word, value);
            match self.addend {
                Addend::Low => {
                    value = value << run.bits | bits;
                    width += run.bits;
                }
                _ => {
                    value |= bits << run.from;
                    width = width.max(run.from + run.bits);
                }
            }
        }
        let unused = 64 - u32::from(width.clamp(1, 64));
        Some(match self.addend {
            Addend::Unsigned => value.cast_signed(),
            _ => (value << unused).cast_signed() >> unused,
        })
    }

    /// Stores the bits of `value`; `None` (and nothing is written) when `bytes` is shorter than the field.
    #[must_use]
    pub fn write(&self, bytes: &mut [u8], endian: Endian, value: u64) -> Option<()> {
        let mut word = self.word(bytes, endian)?;
        for run in self.runs_in(word) {
            word = word & !(run.mask() << run.to) | run.place(value);
        }
        let bytes = bytes.get_mut(..self.size())?;
        for (position, byte) in (0..).zip(bytes) {
            [*byte, ..] = (word >> (8 * self.significance(position, endian))).to_le_bytes();
        }
        Some(())
    }

    /// Whether the place holds an instruction this field is for; `None` when `bytes` is shorter than the field.
    #[must_use]
    pub fn fits(&self, bytes: &[u8], endian: Endian) -> Option<bool> {
        Some(self.expect.matches(self.word(bytes, endian)?))
    }

    fn runs_in(&self, word: u64) -> &'static [Run] {
        match self.other {
            Some((pattern, runs)) if pattern.matches(word) => runs,
            _ => self.runs,
        }
    }

    fn word(&self, bytes: &[u8], endian: Endian) -> Option<u64> {
        let bytes = (0..).zip(bytes.get(..self.size())?);
        Some(bytes.fold(0, |word, (position, byte)| {
            word | u64::from(*byte) << (8 * self.significance(position, endian))
        }))
    }

    /// Which byte of the word, counted from the least significant, is at this position.
    const fn significance(&self, position: u8, endian: Endian) -> u8 {
        match (self.order, endian) {
            (Order::Whole, Endian::Little) => position,
            (Order::Whole, Endian::Big) => self.size - 1 - position,
            (Order::Halves, _) => (self.size - 2 - position / 2 * 2) + position % 2,
        }
    }
}

const fn run(from: u8, bits: u8, to: u8) -> Run {
    rounded(from, bits, to, 0)
}

const fn rounded(from: u8, bits: u8, to: u8, round: u64) -> Run {
    Run {
        from,
        bits,
        to,
        round,
        flip: 0,
    }
}

const fn flipped(from: u8, to: u8, flip: u8) -> Run {
    Run {
        from,
        bits: 1,
        to,
        round: 0,
        flip,
    }
}

const fn plain(size: u8, runs: &'static [Run], unit: u8) -> Field {
    Field {
        size,
        order: Order::Whole,
        runs,
        unit,
        addend: Addend::Signed,
        other: None,
        expect: Pattern::ANY,
    }
}

const fn halves(size: u8, runs: &'static [Run], unit: u8) -> Field {
    Field {
        order: Order::Halves,
        ..plain(size, runs, unit)
    }
}

const fn low(field: Field) -> Field {
    Field {
        addend: Addend::Low,
        ..field
    }
}

/// Fields by name. Grammar: `fields! { (/// doc)* NAME = FIELD; … }`; the line `/// …` `WORD32 = plain(4, &[run(0, 32, 0)],
/// 0);` becomes a documented `pub const WORD32: &Field`.
macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $field:expr;)*) => {
        $($(#[$doc])* pub const $name: &Field = &$field;)*

        /// Every shape, for tests.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &Field)] = &[$((stringify!($name), $name)),*];
    };
}

fields! {
    /// A 16-bit word.
    WORD16 = plain(2, &[run(0, 16, 0)], 0);
    /// A 32-bit word.
    WORD32 = plain(4, &[run(0, 32, 0)], 0);
    /// A 64-bit word.
    WORD64 = plain(8, &[run(0, 64, 0)], 0);

    /// AArch64 `b`, `bl`: imm26, words.
    A64_BRANCH = plain(4, &[run(2, 26, 0)], 2);
    /// AArch64 `b.cond`, `cbz`, `ldr` of a literal: imm19, words.
    A64_BRANCH19 = plain(4, &[run(2, 19, 5)], 2);
    /// AArch64 `tbz`: imm14, words.
    A64_BRANCH14 = plain(4, &[run(2, 14, 5)], 2);
    /// AArch64 `adr`: immhi:immlo, bytes.
    A64_ADR = plain(4, &[run(2, 19, 5), run(0, 2, 29)], 0);
    /// AArch64 `adrp`: immhi:immlo, pages.
    A64_ADRP = plain(4, &[run(14, 19, 5), run(12, 2, 29)], 0);
    /// AArch64 `add` and loads of bytes: imm12.
    A64_LO12 = plain(4, &[run(0, 12, 10)], 0);
    /// AArch64 loads of 2 bytes: imm12, scaled.
    A64_LO12_2 = plain(4, &[run(1, 11, 10)], 1);
    /// AArch64 loads of 4 bytes: imm12, scaled.
    A64_LO12_4 = plain(4, &[run(2, 10, 10)], 2);
    /// AArch64 loads of 8 bytes: imm12, scaled.
    A64_LO12_8 = plain(4, &[run(3, 9, 10)], 3);
    /// AArch64 loads of 16 bytes: imm12, scaled.
    A64_LO12_16 = plain(4, &[run(4, 8, 10)], 4);
    /// AArch64 `movz`, `movk`: imm16 from bit 0.
    A64_MOVW0 = plain(4, &[run(0, 16, 5)], 0);
    /// AArch64 `movz`, `movk`: imm16 from bit 16.
    A64_MOVW1 = plain(4, &[run(16, 16, 5)], 0);
    /// AArch64 `movz`, `movk`: imm16 from bit 32.
    A64_MOVW2 = plain(4, &[run(32, 16, 5)], 0);
    /// AArch64 `movz`, `movk`: imm16 from bit 48.
    A64_MOVW3 = plain(4, &[run(48, 16, 5)], 0);

    /// ARM `b`, `bl`: imm24, words.
    ARM_BRANCH = plain(4, &[run(2, 24, 0)], 2);
    /// ARM `movw`: imm4:imm12 from bit 0.
    ARM_MOVW = low(plain(4, &[run(12, 4, 16), run(0, 12, 0)], 0));
    /// ARM `movt`: imm4:imm12 from bit 16.
    ARM_MOVT = low(plain(4, &[run(28, 4, 16), run(16, 12, 0)], 0));
    /// The low 31 bits of a word: unwind tables.
    ARM_PREL31 = plain(4, &[run(0, 31, 0)], 0);

    /// Thumb `bl`, `b.w`: S:I1:I2:imm10:imm11, halves; bit 0 of the value says Thumb and is dropped.
    THUMB_BRANCH = halves(4, &[run(24, 1, 26), flipped(23, 13, 24), flipped(22, 11, 24), run(12, 10, 16), run(1, 11, 0)], 0);
    /// Thumb `b.w` with a condition: S:J2:J1:imm6:imm11, halves.
    THUMB_BRANCH19 = halves(4, &[run(20, 1, 26), run(19, 1, 11), run(18, 1, 13), run(12, 6, 16), run(1, 11, 0)], 0);
    /// Thumb `b`, 16 bits: imm11, halves.
    THUMB_BRANCH11 = plain(2, &[run(1, 11, 0)], 0);
    /// Thumb `b` with a condition, 16 bits: imm8, halves.
    THUMB_BRANCH8 = plain(2, &[run(1, 8, 0)], 0);
    /// Thumb `movw`: imm4:i:imm3:imm8 from bit 0.
    THUMB_MOVW = low(halves(4, &[run(12, 4, 16), run(11, 1, 26), run(8, 3, 12), run(0, 8, 0)], 0));
    /// Thumb `movt`: imm4:i:imm3:imm8 from bit 16.
    THUMB_MOVT = low(halves(4, &[run(28, 4, 16), run(27, 1, 26), run(24, 3, 12), run(16, 8, 0)], 0));

    /// RISC-V `auipc`, `lui`: the upper 20 bits, rounded for a signed low part.
    RV_U = plain(4, &[rounded(12, 20, 12, 0x800)], 0);
    /// RISC-V I-type: the low 12 bits.
    RV_I = plain(4, &[run(0, 12, 20)], 0);
    /// RISC-V S-type: the low 12 bits.
    RV_S = plain(4, &[run(5, 7, 25), run(0, 5, 7)], 0);
    /// RISC-V conditional branches: 13 bits.
    RV_B = plain(4, &[run(12, 1, 31), run(11, 1, 7), run(5, 6, 25), run(1, 4, 8)], 1);
    /// RISC-V `jal`: 21 bits.
    RV_J = plain(4, &[run(20, 1, 31), run(12, 8, 12), run(11, 1, 20), run(1, 10, 21)], 1);
    /// RISC-V `auipc` and the instruction behind it: I-type, or S-type if it is a store.
    RV_PAIR = Field {
        other: Some((
            // opcode 01_0_0011 or 01_0_0111 of the second instruction
            Pattern { mask: 0x7B << 32, value: 0x23 << 32 },
            &[rounded(12, 20, 12, 0x800), run(5, 7, 57), run(0, 5, 39)],
        )),
        ..plain(8, &[rounded(12, 20, 12, 0x800), run(0, 12, 52)], 0)
    };
    /// RISC-V compressed conditional branches: 9 bits.
    RV_CB = plain(2, &[run(8, 1, 12), run(6, 2, 5), run(5, 1, 2), run(3, 2, 10), run(1, 2, 3)], 1);
    /// RISC-V compressed jumps: 12 bits.
    RV_CJ = plain(2, &[
        run(11, 1, 12), run(10, 1, 8), run(8, 2, 9), run(7, 1, 6), run(6, 1, 7), run(5, 1, 2), run(4, 1, 11), run(1, 3, 3),
    ], 1);
    /// Nothing is stored: what must hold is checked.
    NOTHING = plain(4, &[], 0);

    /// Xtensa `l32r`: imm16, words, always backwards.
    XTENSA_L32R = Field {
        // op0 is 0001
        expect: Pattern { mask: 0xF, value: 0x1 },
        ..plain(3, &[run(2, 16, 8)], 2)
    };

    /// MIPS `j`, `jal`: 26 bits, words.
    MIPS_JUMP = Field { addend: Addend::Unsigned, ..plain(4, &[run(2, 26, 0)], 2) };
    /// MIPS branches: 16 bits, words.
    MIPS_BRANCH = plain(4, &[run(2, 16, 0)], 2);
    /// MIPS `%lo`.
    MIPS_LO = plain(4, &[run(0, 16, 0)], 0);
    /// MIPS `%hi`.
    MIPS_HI = plain(4, &[rounded(16, 16, 0, 0x8000)], 0);
    /// MIPS `%higher`.
    MIPS_HIGHER = plain(4, &[rounded(32, 16, 0, 0x8000_8000)], 0);
    /// MIPS `%highest`.
    MIPS_HIGHEST = plain(4, &[rounded(48, 16, 0, 0x8000_8000_8000)], 0);

    /// ARC long immediates, 32 bits.
    ARC_LIMM = halves(4, &[run(0, 32, 0)], 0);
    /// ARC `b` with a condition: 21 bits, halves.
    ARC_S21H = halves(4, &[run(11, 10, 6), run(1, 10, 17)], 1);
    /// ARC `bl` with a condition: 21 bits, words.
    ARC_S21W = halves(4, &[run(11, 10, 6), run(2, 9, 18)], 2);
    /// ARC `b`: 25 bits, halves.
    ARC_S25H = halves(4, &[run(21, 4, 0), run(11, 10, 6), run(1, 10, 17)], 1);
    /// ARC `bl`: 25 bits, words.
    ARC_S25W = halves(4, &[run(21, 4, 0), run(11, 10, 6), run(2, 9, 18)], 2);
}

#[cfg(test)]
mod tests;
