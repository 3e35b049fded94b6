//! x86-64, System V convention: entry and exit, generic calls, import stubs.
//!
//! Contract: `enter` saves what the convention says a callee must preserve and
//! the stack pointer; `leave` restores exactly that, from any depth below, so
//! the frames between must not own anything. `Machine::invoke` calls any
//! function whose arguments were classified here. Import stubs are for stock
//! files, which call some imports directly: the stub hands all argument
//! registers to `direct_import`.

use core::arch::naked_asm;
use core::ffi::c_void;

use aot_format::ValType;

use crate::builtins::import_number;
use crate::context::EnvPtr;
use crate::entry::guard;
use crate::value::slots_of;

/// Whether [`leave`] exists.
pub(crate) const CAN_LEAVE: bool = true;
/// Whether [`Machine::invoke`] exists.
pub(crate) const CAN_INVOKE: bool = true;
/// `mov r11d, imm32; mov rax, imm64; jmp rax`, padded.
pub(crate) const IMPORT_STUB_BYTES: usize = 24;

/// Stores the landing stack pointer at `landing`, calls `body(data)` and
/// returns 0; returns 1 when [`leave`] was called with that stack pointer.
///
/// # Safety
/// `body` must accept `data`, and frames left by [`leave`] must own nothing.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn enter(
    landing: *mut usize,
    body: extern "C" fn(*mut c_void),
    data: *mut c_void,
) -> u32 {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 8",
        "mov [rdi], rsp",
        "mov rdi, rdx",
        "call rsi",
        "xor eax, eax",
        "add rsp, 8",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}

/// Returns 1 from the [`enter`] that stored `landing`.
///
/// # Safety
/// That `enter` must still be running, on this thread, and every frame below
/// it must own nothing.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn leave(landing: usize) -> ! {
    naked_asm!(
        "cld",
        "mov rsp, rdi",
        "mov eax, 1",
        "add rsp, 8",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}

/// Machine arguments and results of a call by the C convention.
#[repr(C)]
pub(crate) struct Machine {
    ints: [u64; 6],
    vectors: [[u64; 2]; 8],
    result_int: u64,
    padding: u64,
    result_vector: [u64; 2],
    stack: alloc::vec::Vec<u64>,
}

impl Machine {
    /// Classifies arguments: the environment, the values, then result pointers.
    pub(crate) fn new(
        arguments: &[(ValType, [u64; 2])],
        pointers: &[usize],
        env: usize,
    ) -> Machine {
        let mut machine = Machine {
            ints: [0; 6],
            vectors: [[0; 2]; 8],
            result_int: 0,
            padding: 0,
            result_vector: [0; 2],
            stack: alloc::vec::Vec::new(),
        };
        let mut ints = 0;
        let mut vectors = 0;
        machine.push_int(&mut ints, env as u64);
        for &(ty, words) in arguments {
            match ty {
                ValType::F32 | ValType::F64 | ValType::V128 => {
                    if let Some(register) = machine.vectors.get_mut(vectors) {
                        *register = words;
                        vectors += 1;
                    } else {
                        machine.push_vector(ty, words);
                    }
                }
                _ => machine.push_int(&mut ints, words[0]),
            }
        }
        for &pointer in pointers {
            machine.push_int(&mut ints, pointer as u64);
        }
        machine
    }

    fn push_int(&mut self, used: &mut usize, word: u64) {
        if let Some(register) = self.ints.get_mut(*used) {
            *register = word;
            *used += 1;
        } else {
            self.stack.push(word);
        }
    }

    fn push_vector(&mut self, ty: ValType, words: [u64; 2]) {
        if ty == ValType::V128 {
            // The convention aligns a 16-byte argument to 16 on the stack.
            if self.stack.len() % 2 == 1 {
                self.stack.push(0);
            }
            self.stack.extend(words);
        } else {
            self.stack.push(words[0]);
        }
    }

    /// Calls `code` with the arguments and keeps its result registers.
    ///
    /// # Safety
    /// `code` must be a function of the classified type.
    pub(crate) unsafe fn invoke(&mut self, code: usize) {
        let stack = self.stack.as_ptr();
        let words = self.stack.len();
        // SAFETY: the caller vouches for `code`; `self` is `repr(C)` with the
        // registers at the offsets `invoke_machine` uses, and `stack` has
        // `words` words.
        unsafe { invoke_machine(code, self, stack, words) }
    }

    /// The first result.
    pub(crate) fn result(&self, ty: ValType) -> [u64; 2] {
        match ty {
            ValType::F32 | ValType::F64 | ValType::V128 => self.result_vector,
            _ => [self.result_int, 0],
        }
    }
}

const _: () = assert!(core::mem::offset_of!(Machine, vectors) == 48);
const _: () = assert!(core::mem::offset_of!(Machine, result_int) == 176);
const _: () = assert!(core::mem::offset_of!(Machine, result_vector) == 192);

/// Loads the registers of `machine`, pushes `words` stack words, calls `code`,
/// and stores the result registers.
#[unsafe(naked)]
unsafe extern "C" fn invoke_machine(
    code: usize,
    machine: *mut Machine,
    stack: *const u64,
    words: usize,
) {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "push rbx",
        "push r12",
        "mov rbx, rsi",
        "mov r12, rdi",
        "lea rax, [rcx + 1]",
        "and rax, -2",
        "shl rax, 3",
        "sub rsp, rax",
        "xor r10d, r10d",
        "2:",
        "cmp r10, rcx",
        "jae 3f",
        "mov r11, [rdx + r10*8]",
        "mov [rsp + r10*8], r11",
        "inc r10",
        "jmp 2b",
        "3:",
        "movups xmm0, [rbx + 48]",
        "movups xmm1, [rbx + 64]",
        "movups xmm2, [rbx + 80]",
        "movups xmm3, [rbx + 96]",
        "movups xmm4, [rbx + 112]",
        "movups xmm5, [rbx + 128]",
        "movups xmm6, [rbx + 144]",
        "movups xmm7, [rbx + 160]",
        "mov rdi, [rbx]",
        "mov rsi, [rbx + 8]",
        "mov rdx, [rbx + 16]",
        "mov rcx, [rbx + 24]",
        "mov r8, [rbx + 32]",
        "mov r9, [rbx + 40]",
        "call r12",
        "mov [rbx + 176], rax",
        "movups [rbx + 192], xmm0",
        "lea rsp, [rbp - 16]",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}

/// Argument registers as [`import_entry`] found them; results go to the first
/// of each kind.
#[repr(C)]
pub(crate) struct DirectFrame {
    ints: [u64; 6],
    vectors: [[u64; 2]; 8],
}

/// Reads arguments in the order of the convention.
pub(crate) struct DirectArguments<'a> {
    frame: &'a mut DirectFrame,
    stack: *const u64,
    ints: usize,
    vectors: usize,
    stack_words: usize,
}

impl<'a> DirectArguments<'a> {
    /// Starts behind the execution environment, which is the first argument.
    pub(crate) fn new(frame: &'a mut DirectFrame, stack: *const u64) -> DirectArguments<'a> {
        DirectArguments {
            frame,
            stack,
            ints: 1,
            vectors: 0,
            stack_words: 0,
        }
    }

    /// The next argument of type `ty`.
    ///
    /// Safe because frames come only from `import_entry`: compiled code passes
    /// what the import's type says.
    pub(crate) fn next(&mut self, ty: ValType) -> [u64; 2] {
        let register = match ty {
            ValType::F32 | ValType::F64 | ValType::V128 => {
                self.vectors += 1;
                self.frame.vectors.get(self.vectors - 1).copied()
            }
            _ => {
                self.ints += 1;
                self.frame.ints.get(self.ints - 1).map(|&word| [word, 0])
            }
        };
        if let Some(words) = register {
            return words;
        }
        if ty == ValType::V128 {
            self.stack_words = self.stack_words.next_multiple_of(2);
            // SAFETY: the import's type says there is a stack argument of two words here.
            let at = unsafe { self.stack.add(self.stack_words) };
            // SAFETY: as above.
            let words = unsafe { at.cast::<[u64; 2]>().read_unaligned() };
            self.stack_words += 2;
            return words;
        }
        // SAFETY: the import's type says there is a stack argument of one word here.
        let at = unsafe { self.stack.add(self.stack_words) };
        // SAFETY: as above.
        let word = unsafe { at.read() };
        self.stack_words += 1;
        [word, 0]
    }

    /// Stores the result.
    pub(crate) fn set_result(self, ty: ValType, words: [u64; 2]) {
        match ty {
            ValType::F32 | ValType::F64 | ValType::V128 => self.frame.vectors[0] = words,
            _ => self.frame.ints[0] = words[0],
        }
    }
}

/// Where import stubs jump to, the import's number in `r11d`.
#[unsafe(naked)]
unsafe extern "C" fn import_entry() {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "sub rsp, 176",
        "mov [rsp], rdi",
        "mov [rsp + 8], rsi",
        "mov [rsp + 16], rdx",
        "mov [rsp + 24], rcx",
        "mov [rsp + 32], r8",
        "mov [rsp + 40], r9",
        "movups [rsp + 48], xmm0",
        "movups [rsp + 64], xmm1",
        "movups [rsp + 80], xmm2",
        "movups [rsp + 96], xmm3",
        "movups [rsp + 112], xmm4",
        "movups [rsp + 128], xmm5",
        "movups [rsp + 144], xmm6",
        "movups [rsp + 160], xmm7",
        "mov esi, r11d",
        "mov rdx, rsp",
        "lea rcx, [rbp + 16]",
        "call {direct_import}",
        "mov rax, [rsp]",
        "movups xmm0, [rsp + 48]",
        "mov rsp, rbp",
        "pop rbp",
        "ret",
        direct_import = sym direct_import,
    )
}

/// Writes the stub for import `index` into [`IMPORT_STUB_BYTES`] bytes.
pub(crate) fn write_import_stub(out: &mut [u8], index: u32) {
    let mut code = [0xCC_u8; IMPORT_STUB_BYTES];
    let parts = [
        (0, [0x41, 0xBB].as_slice()),
        (2, &index.to_le_bytes()),
        (6, &[0x48, 0xB8]),
        (8, &(import_entry as *const () as usize).to_le_bytes()),
        (16, &[0xFF, 0xE0]),
    ];
    for (at, bytes) in parts {
        if let Some(target) = code.get_mut(at..at + bytes.len()) {
            target.copy_from_slice(bytes);
        }
    }
    if let Some(target) = out.get_mut(..code.len()) {
        target.copy_from_slice(&code);
    }
}

/// An import that a stock file calls directly: arguments in registers.
extern "C" fn direct_import(env: EnvPtr, index: u32, frame: &mut DirectFrame, stack: *const u64) {
    guard(env, (), |store, instance| {
        let number = import_number(store, instance, index)?;
        let ty = store.func_entry(number).ty.clone();
        let mut arguments = DirectArguments::new(frame, stack);
        let mut words: alloc::vec::Vec<u64> = alloc::vec::Vec::with_capacity(ty.slots());
        for &param in ty.params() {
            let mut pair = arguments.next(param);
            if param.size() == 4 {
                // Narrow arguments leave garbage in the rest of a register.
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
            arguments.set_result(result, [low, words.get(1).copied().unwrap_or_default()]);
        }
        Ok(())
    });
}
