//! Calls by a machine's C convention: which register or stack word holds each
//! argument and result of a WebAssembly function.
//!
//! Only files of stock wamrc need it, which have no entry thunks and call some
//! imports as C functions. The rules are data ([`Convention`]); registers are
//! filled and saved in a [`Frame`] by a few instructions in `arch`. Contract:
//! `Machine::invoke` calls a function whose arguments were placed here, and
//! [`direct_import`] is called by the import stubs of `arch` alone.

use aot_format::ValType;

use super::arch::native as arch;
use crate::builtins::import_number;
use crate::context::EnvPtr;
use crate::entry::guard;
use crate::value::slots_of;

/// How arguments and results of a C function are passed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Convention {
    /// Bytes of an integer register and of a stack word.
    pub(crate) word: usize,
    /// Integer registers for arguments.
    pub(crate) ints: usize,
    /// Values of two words start at an even register.
    pub(crate) even_pairs: bool,
    /// The first half of a value may take the last register, the other the stack.
    pub(crate) split: bool,
    /// Stack words that values of two words are aligned to.
    pub(crate) pair_align: usize,
    /// Float registers for arguments.
    pub(crate) floats: usize,
    /// Bytes of the widest value that is passed in a float register.
    pub(crate) float_bytes: usize,
    /// Bytes from one float register to the next in [`Frame::floats`].
    pub(crate) float_stride: usize,
    /// A value of two strides takes two registers, and later ones fill the gaps.
    pub(crate) overlapping: bool,
    /// Floats that find no float register go where integers do, not to the stack.
    pub(crate) floats_to_ints: bool,
    /// Float results come on the x87 stack.
    pub(crate) x87: bool,
    /// 32-bit integers are sign-extended, and 32-bit floats in 64-bit registers
    /// have ones above them.
    pub(crate) extended: bool,
}

const BASE: Convention = Convention {
    word: 8,
    ints: 0,
    even_pairs: false,
    split: false,
    pair_align: 2,
    floats: 0,
    float_bytes: 0,
    float_stride: 16,
    overlapping: false,
    floats_to_ints: false,
    x87: false,
    extended: false,
};

/// Conventions by machine. Each build uses one; tests see all.
#[allow(dead_code, reason = "each build uses one")]
impl Convention {
    /// x86-64, System V psABI 3.2.3.
    pub(crate) const SYSTEM_V_64: Convention = Convention {
        ints: 6,
        floats: 8,
        float_bytes: 16,
        ..BASE
    };
    /// i386, System V psABI: everything on the stack, nothing aligned.
    pub(crate) const SYSTEM_V_32: Convention = Convention {
        word: 4,
        pair_align: 1,
        x87: true,
        ..BASE
    };
    /// AArch64, AAPCS64 6.8.
    pub(crate) const AAPCS64: Convention = Convention {
        ints: 8,
        floats: 8,
        float_bytes: 16,
        ..BASE
    };
    /// ARM, AAPCS32 6.5: floats in integer registers.
    pub(crate) const AAPCS32: Convention = Convention {
        word: 4,
        ints: 4,
        even_pairs: true,
        ..BASE
    };
    /// ARM, AAPCS32 7.1: floats in the registers of the floating-point unit.
    pub(crate) const AAPCS32_VFP: Convention = Convention {
        floats: 16,
        float_bytes: 8,
        float_stride: 4,
        overlapping: true,
        ..Convention::AAPCS32
    };

    /// RISC-V psABI chapter 2, for registers of `word` bytes and floats of at
    /// most `float_bytes` in float registers.
    pub(crate) const fn riscv(word: usize, float_bytes: usize) -> Convention {
        Convention {
            word,
            ints: 8,
            split: true,
            floats: if float_bytes == 0 { 0 } else { 8 },
            float_bytes,
            float_stride: 8,
            floats_to_ints: true,
            extended: true,
            ..BASE
        }
    }

    /// Whether a value of this type is in a float register, given there is one.
    fn in_float(&self, ty: ValType) -> bool {
        is_float(ty) && size(ty, self.word) <= self.float_bytes
    }
}

fn is_float(ty: ValType) -> bool {
    matches!(ty, ValType::F32 | ValType::F64 | ValType::V128)
}

/// Bytes of a value; references take a word.
fn size(ty: ValType, word: usize) -> usize {
    match ty.is_reference() {
        true => word,
        false => ty.size() as usize,
    }
}

/// A word of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// An integer register.
    Int(usize),
    /// A stack word.
    Stack(usize),
}

/// Where an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At this byte of [`Frame::floats`].
    Float(usize),
    /// In this run of words: so many registers from the first, the rest on the
    /// stack from the second.
    Words {
        /// First register and number of registers.
        registers: (usize, usize),
        /// First stack word and number of stack words.
        stack: (usize, usize),
    },
}

impl Place {
    fn words(self) -> impl Iterator<Item = Word> {
        let (registers, stack) = match self {
            Place::Float(_) => ((0, 0), (0, 0)),
            Place::Words { registers, stack } => (registers, stack),
        };
        let registers = (registers.0..registers.0 + registers.1).map(Word::Int);
        registers.chain((stack.0..stack.0 + stack.1).map(Word::Stack))
    }
}

/// Gives arguments their places in order.
#[derive(Debug)]
pub(crate) struct Assigner {
    convention: Convention,
    ints: usize,
    /// Float registers in use, a bit each.
    floats: u32,
    stack: usize,
}

impl Assigner {
    /// None given yet.
    pub(crate) fn new(convention: Convention) -> Assigner {
        Assigner {
            convention,
            ints: 0,
            floats: 0,
            stack: 0,
        }
    }

    /// The place of the next argument.
    pub(crate) fn next(&mut self, ty: ValType) -> Place {
        let rules = self.convention;
        let bytes = size(ty, rules.word);
        let words = bytes.div_ceil(rules.word);
        if rules.in_float(ty) {
            if let Some(at) = self.float(bytes) {
                return Place::Float(at);
            }
            if !rules.floats_to_ints {
                return self.on_stack(words);
            }
        }
        if rules.even_pairs && words == 2 {
            self.ints = self.ints.next_multiple_of(2);
        }
        let left = rules.ints.saturating_sub(self.ints);
        let registers = match words {
            _ if words <= left && words <= 2 => words,
            2 if rules.split => left,
            _ => 0,
        };
        let first = self.ints;
        self.ints += registers;
        if registers == words {
            return Place::Words {
                registers: (first, registers),
                stack: (0, 0),
            };
        }
        // What has gone to the stack is followed there by the rest.
        self.ints = rules.ints;
        if registers == 0 {
            return self.on_stack(words);
        }
        let at = self.stack;
        self.stack += words - registers;
        Place::Words {
            registers: (first, registers),
            stack: (at, words - registers),
        }
    }

    fn on_stack(&mut self, words: usize) -> Place {
        if words > 1 {
            self.stack = self.stack.next_multiple_of(self.convention.pair_align);
        }
        let at = self.stack;
        self.stack += words;
        Place::Words {
            registers: (0, 0),
            stack: (at, words),
        }
    }

    fn float(&mut self, bytes: usize) -> Option<usize> {
        let rules = self.convention;
        let (units, mask) = match rules.overlapping && bytes > rules.float_stride {
            true => (2, 0b11),
            false => (1, 0b1),
        };
        let mut starts = (0..rules.floats).step_by(units);
        match starts.find(|start| self.floats & mask << start == 0) {
            Some(start) => {
                self.floats |= mask << start;
                Some(start * rules.float_stride)
            }
            None => {
                // Nothing fills gaps once a float is on the stack.
                self.floats = u32::MAX;
                None
            }
        }
    }

    /// Words of the stack in use.
    pub(crate) fn stack_words(&self) -> usize {
        self.stack
    }
}

/// Registers before or after a call.
#[repr(C)]
#[derive(Default)]
pub(crate) struct Frame {
    /// Float registers for arguments.
    pub(crate) floats: [u64; 16],
    /// Integer registers for arguments.
    pub(crate) ints: [usize; 8],
    /// The first float register for results.
    pub(crate) float_result: [u64; 2],
    /// The integer registers for results.
    pub(crate) int_results: [usize; 2],
    /// Bytes of a float result on the x87 stack.
    pub(crate) x87_bytes: usize,
}

/// Half of a pair of slots, `word` bytes at a time.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the part is not wider than a word"
)]
fn part(words: [u64; 2], index: usize, word: usize) -> usize {
    let [low, high] = words;
    match (word, index) {
        (8, 0) | (4, 0) => low as usize,
        (4, 1) => (low >> 32) as usize,
        (8, 1) | (4, 2) => high as usize,
        _ => (high >> 32) as usize,
    }
}

/// The opposite of [`part`].
fn set_part(words: &mut [u64; 2], index: usize, word: usize, value: usize) {
    let value = value as u64;
    let [low, high] = words;
    match (word, index) {
        (8, 0) => *low = value,
        (8, _) => *high = value,
        (_, 0) => *low |= value & u64::from(u32::MAX),
        (_, 1) => *low |= value << 32,
        (_, 2) => *high |= value & u64::from(u32::MAX),
        _ => *high |= value << 32,
    }
}

/// A 32-bit value as a register holds it: `words` as they are otherwise.
fn widen(ty: ValType, words: [u64; 2], extended: bool) -> [u64; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "the value has 32 bits")]
    let low = words[0] as u32;
    match ty {
        ValType::I32 if extended => {
            let value = i64::from(low.cast_signed());
            [value.cast_unsigned(), 0]
        }
        ValType::I32 | ValType::F32 => [low.into(), 0],
        _ => words,
    }
}

impl Frame {
    fn set_float(&mut self, at: usize, ty: ValType, words: [u64; 2], rules: &Convention) {
        let slot = self.floats.get_mut(at / 8);
        let Some(slot) = slot else { return };
        match ty {
            ValType::F32 if rules.extended => *slot = words[0] | u64::from(u32::MAX) << 32,
            ValType::F32 => {
                let shift = at % 8 * 8;
                *slot = *slot & !(u64::from(u32::MAX) << shift) | words[0] << shift;
            }
            _ => *slot = words[0],
        }
        if ty == ValType::V128
            && let Some(high) = self.floats.get_mut(at / 8 + 1)
        {
            *high = words[1];
        }
    }

    fn float(&self, at: usize, ty: ValType) -> [u64; 2] {
        let slot = |index: usize| self.floats.get(index).copied().unwrap_or_default();
        match ty {
            ValType::F32 => [slot(at / 8) >> (at % 8 * 8) & u64::from(u32::MAX), 0],
            ValType::V128 => [slot(at / 8), slot(at / 8 + 1)],
            _ => [slot(at / 8), 0],
        }
    }

    /// The result that a function left.
    fn result(&self, ty: ValType, rules: &Convention) -> [u64; 2] {
        let words = match rules.in_float(ty) || rules.x87 && is_float(ty) {
            true => self.float_result,
            false => {
                let mut words = [0; 2];
                let count = size(ty, rules.word).div_ceil(rules.word);
                for (index, value) in self.int_results.iter().take(count).enumerate() {
                    set_part(&mut words, index, rules.word, *value);
                }
                words
            }
        };
        match size(ty, rules.word) {
            4 => [words[0] & u64::from(u32::MAX), 0],
            8 => [words[0], 0],
            _ => words,
        }
    }

    /// Leaves a result to the caller.
    fn set_result(&mut self, ty: ValType, words: [u64; 2], rules: &Convention) {
        if rules.in_float(ty) || rules.x87 && is_float(ty) {
            let ones = match ty {
                ValType::F32 if rules.extended => u64::from(u32::MAX) << 32,
                _ => 0,
            };
            self.float_result = [words[0] | ones, words[1]];
            self.x87_bytes = if rules.x87 { size(ty, rules.word) } else { 0 };
            return;
        }
        let words = widen(ty, words, rules.extended);
        for (index, value) in self.int_results.iter_mut().enumerate() {
            *value = part(words, index, rules.word);
        }
    }
}

/// A call of compiled code, as the machine sees it.
pub(crate) struct Machine {
    frame: Frame,
    stack: alloc::vec::Vec<usize>,
}

impl Machine {
    /// Places arguments: the environment, the values, pointers for further
    /// results; `result` is the type of the first.
    pub(crate) fn new(
        arguments: &[(ValType, [u64; 2])],
        pointers: &[usize],
        env: usize,
        result: Option<ValType>,
    ) -> Machine {
        let rules = arch::convention();
        let mut machine = Machine {
            frame: Frame::default(),
            stack: alloc::vec::Vec::new(),
        };
        if let Some(ty) = result.filter(|ty| rules.x87 && is_float(*ty)) {
            machine.frame.x87_bytes = size(ty, rules.word);
        }
        let pointer = |address: &usize| (ValType::EXTERNREF, [*address as u64, 0]);
        let mut assigner = Assigner::new(rules);
        let values = arguments.iter().copied();
        let all = core::iter::once(pointer(&env)).chain(values);
        for (ty, words) in all.chain(pointers.iter().map(pointer)) {
            let words = widen(ty, words, rules.extended);
            let place = assigner.next(ty);
            machine.stack.resize(assigner.stack_words(), 0);
            if let Place::Float(at) = place {
                machine.frame.set_float(at, ty, words, &rules);
            }
            for (index, word) in place.words().enumerate() {
                let slot = match word {
                    Word::Int(index) => machine.frame.ints.get_mut(index),
                    Word::Stack(index) => machine.stack.get_mut(index),
                };
                if let Some(slot) = slot {
                    *slot = part(words, index, rules.word);
                }
            }
        }
        machine
    }

    /// Calls `code` with the arguments and keeps its results.
    ///
    /// # Safety
    /// `code` must be a function of the placed type.
    pub(crate) unsafe fn invoke(&mut self, code: usize) {
        let (stack, words) = (self.stack.as_ptr(), self.stack.len());
        // SAFETY: the caller vouches for `code`; `stack` has `words` words.
        unsafe { arch::invoke(code, &mut self.frame, stack, words) }
    }

    /// The first result.
    pub(crate) fn result(&self, ty: ValType) -> [u64; 2] {
        self.frame.result(ty, &arch::convention())
    }
}

/// Reads the arguments of a call of an import, in order.
struct Arguments<'a> {
    frame: &'a Frame,
    stack: *const usize,
    assigner: Assigner,
}

impl Arguments<'_> {
    /// The next argument.
    ///
    /// Safe because frames come only from import stubs: compiled code passes
    /// what the import's type says.
    fn next(&mut self, ty: ValType) -> [u64; 2] {
        let word = self.assigner.convention.word;
        let place = self.assigner.next(ty);
        if let Place::Float(at) = place {
            return self.frame.float(at, ty);
        }
        let mut words = [0; 2];
        for (index, from) in place.words().enumerate() {
            let value = match from {
                Word::Int(index) => self.frame.ints.get(index).copied().unwrap_or_default(),
                Word::Stack(index) => {
                    // SAFETY: the import's type says there is such a stack word.
                    let at = unsafe { self.stack.add(index) };
                    // SAFETY: as above.
                    unsafe { at.read() }
                }
            };
            set_part(&mut words, index, word, value);
        }
        // What is above a narrow value in a register is anything.
        widen(ty, words, false)
    }
}

/// An import that a stock file calls as a C function; `stack` is what the stack
/// pointer was when the stub was called (behind the return address, where that
/// is on the stack).
#[allow(dead_code, reason = "only architectures with import stubs call it")]
pub(super) extern "C" fn direct_import(
    env: EnvPtr,
    index: u32,
    frame: &mut Frame,
    stack: *const usize,
) {
    let rules = arch::convention();
    guard(env, (), |store, instance| {
        let number = import_number(store, instance, index)?;
        let ty = store.func_entry(number).ty.clone();
        let mut words: alloc::vec::Vec<u64> = alloc::vec::Vec::with_capacity(ty.slots());
        let mut arguments = Arguments {
            frame,
            stack,
            assigner: Assigner::new(rules),
        };
        // The environment, which `env` is.
        arguments.assigner.next(ValType::EXTERNREF);
        for &param in ty.params() {
            let mut pair = arguments.next(param);
            if param.is_reference() && param.size() == 4 {
                pair[0] &= u64::from(u32::MAX);
            }
            if let Some(family) = store.family(param) {
                pair[0] = store.globalize(instance, family, pair[0]);
            }
            words.extend(pair.into_iter().take(slots_of(param)));
        }
        words.resize(ty.slots(), 0);
        store.call(number, Some(instance), &mut words)?;
        if let Some(&result) = ty.results().first() {
            let mut low = words.first().copied().unwrap_or_default();
            if let Some(family) = store.family(result) {
                low = store.localize(instance, family, low)?;
            }
            let high = words.get(1).copied().unwrap_or_default();
            frame.set_result(result, [low, high], &rules);
        }
        Ok(())
    });
}

#[cfg(test)]
mod tests;
