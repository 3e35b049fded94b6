//! The few words of LLVM's C API which the loop guards need, as safe functions over copyable handles.
//!
//! A `Value`, `Block` or `Metadata` is only ever made from a live module by [`Module::functions`] and the accessors below,
//! and the guards run while that module is borrowed, so every handle is valid for the whole run. Nothing here
//! decides anything: see `analysis.rs` and `rewrite.rs`. Contract: callers ask for what the value's kind has (a phi's
//! incoming values of a phi, successors of a terminator), and never use an instruction after `erase`.

#![expect(
    unsafe_code,
    reason = "LLVM's C API; the contract is in the file's head"
)]

use std::ffi::CStr;
use std::ptr;

use llvm_sys::core::*;
use llvm_sys::debuginfo::{LLVMMetadataReplaceAllUsesWith, LLVMTemporaryMDNode};
use llvm_sys::prelude::*;
use llvm_sys::{LLVMGEPFlagInBounds, LLVMGEPFlagNUSW, LLVMGEPFlagNUW};
pub(super) use llvm_sys::{LLVMIntPredicate as Predicate, LLVMOpcode as Opcode};

/// The number of the metadata `dbg`, which LLVM fixes.
const DEBUG_PLACE: u32 = 0;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Value(pub(super) LLVMValueRef);
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Block(pub(super) LLVMBasicBlockRef);
#[derive(Clone, Copy)]
pub(super) struct Context(pub(super) LLVMContextRef);
#[derive(Clone, Copy)]
pub(super) struct Module(pub(super) LLVMModuleRef);
#[derive(Clone, Copy)]
pub(super) struct Metadata(pub(super) LLVMMetadataRef);
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Type(pub(super) LLVMTypeRef);

fn chain<T>(first: *mut T, next: impl Fn(*mut T) -> *mut T) -> impl Iterator<Item = *mut T> {
    std::iter::successors((!first.is_null()).then_some(first), move |&v| {
        let n = next(v);
        (!n.is_null()).then_some(n)
    })
}

impl Module {
    pub(super) fn context(self) -> Context {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Context(unsafe { LLVMGetModuleContext(self.0) })
    }
    pub(super) fn functions(self) -> impl Iterator<Item = Value> {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        chain(unsafe { LLVMGetFirstFunction(self.0) }, |f| unsafe {
            LLVMGetNextFunction(f)
        })
        .map(Value)
    }
}

impl Block {
    pub(super) fn of_function(function: Value) -> impl Iterator<Item = Block> {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        chain(unsafe { LLVMGetFirstBasicBlock(function.0) }, |b| unsafe {
            LLVMGetNextBasicBlock(b)
        })
        .map(Block)
    }
    pub(super) fn instructions(self) -> impl Iterator<Item = Value> {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        chain(unsafe { LLVMGetFirstInstruction(self.0) }, |i| unsafe {
            LLVMGetNextInstruction(i)
        })
        .map(Value)
    }
    pub(super) fn terminator(self) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe { LLVMGetBasicBlockTerminator(self.0) })
    }
    pub(super) fn successors(self) -> Vec<Block> {
        let t = self.terminator().0;
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let n = unsafe { LLVMGetNumSuccessors(t) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        (0..n)
            .map(|i| Block(unsafe { LLVMGetSuccessor(t, i) }))
            .collect()
    }
    pub(super) fn append_after(self, context: Context, name: &CStr) -> Block {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let f = unsafe { LLVMGetBasicBlockParent(self.0) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let b = unsafe { LLVMAppendBasicBlockInContext(context.0, f, name.as_ptr()) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMMoveBasicBlockAfter(b, self.0) };
        Block(b)
    }
}

impl Value {
    pub(super) fn opcode(self) -> Option<Opcode> {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        (!unsafe { LLVMIsAInstruction(self.0) }.is_null())
            .then(|| unsafe { LLVMGetInstructionOpcode(self.0) })
    }
    pub(super) fn block(self) -> Option<Block> {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        self.opcode()
            .map(|_| Block(unsafe { LLVMGetInstructionParent(self.0) }))
    }
    pub(super) fn operand_count(self) -> u32 {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        u32::try_from(unsafe { LLVMGetNumOperands(self.0) }).unwrap_or(0)
    }
    pub(super) fn operand(self, index: u32) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe { LLVMGetOperand(self.0, index) })
    }
    pub(super) fn set_operand(self, index: u32, value: Value) {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMSetOperand(self.0, index, value.0) }
    }
    pub(super) fn ty(self) -> Type {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Type(unsafe { LLVMTypeOf(self.0) })
    }
    /// The value of an integer constant of at most 64 bits, sign-extended.
    pub(super) fn constant(self) -> Option<i64> {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        if unsafe { LLVMIsAConstantInt(self.0) }.is_null() || self.ty().int_width()? > 64 {
            return None;
        }
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Some(unsafe { LLVMConstIntGetSExtValue(self.0) })
    }
    /// The values and blocks of a phi; none for anything else.
    pub(super) fn incoming(self) -> Vec<(Value, Block)> {
        if self.opcode() != Some(Opcode::LLVMPHI) {
            return Vec::new();
        }
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let n = unsafe { LLVMCountIncoming(self.0) };
        (0..n)
            .map(|i| {
                // SAFETY: a live handle of the right kind, see the contract at the top.
                let v = unsafe { LLVMGetIncomingValue(self.0, i) };
                // SAFETY: a live handle of the right kind, see the contract at the top.
                (Value(v), Block(unsafe { LLVMGetIncomingBlock(self.0, i) }))
            })
            .collect()
    }
    pub(super) fn add_incoming(self, value: Value, block: Block) {
        let (mut v, mut b) = (value.0, block.0);
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMAddIncoming(self.0, &mut v, &mut b, 1) }
    }
    /// Replaces what a phi takes on the way from `block`.
    pub(super) fn set_incoming(self, block: Block, value: Value) {
        for ((_, from), n) in self.incoming().into_iter().zip(0..) {
            if from == block {
                self.set_operand(n, value);
            }
        }
    }
    pub(super) fn predicate(self) -> Predicate {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMGetICmpPredicate(self.0) }
    }
    pub(super) fn users(self) -> impl Iterator<Item = Value> {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        chain(unsafe { LLVMGetFirstUse(self.0) }, |u| unsafe {
            LLVMGetNextUse(u)
        })
        // SAFETY: a live handle of the right kind, see the contract at the top.
        .map(|u| Value(unsafe { LLVMGetUser(u) }))
    }
    pub(super) fn gep_element(self) -> Type {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Type(unsafe { LLVMGetGEPSourceElementType(self.0) })
    }
    pub(super) fn is_volatile(self) -> bool {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMGetVolatile(self.0) != 0 }
    }
    pub(super) fn is_atomic(self) -> bool {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe {
            LLVMGetOrdering(self.0) != llvm_sys::LLVMAtomicOrdering::LLVMAtomicOrderingNotAtomic
        }
    }
    /// The name of the function a call names directly.
    pub(super) fn callee_name(self) -> Option<String> {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let f = unsafe { LLVMGetCalledValue(self.0) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        if unsafe { LLVMIsAFunction(f) }.is_null() {
            return None;
        }
        let mut len = 0;
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let p = unsafe { LLVMGetValueName2(f, &mut len) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let bytes = unsafe { std::slice::from_raw_parts(p.cast::<u8>(), len) };
        Some(String::from_utf8_lossy(bytes).into_owned())
    }
    /// Whether two instructions of one opcode are the same operation apart from operands and flags that may be dropped:
    /// types, predicates, alignment, floating point flags, attributes of a call, metadata.
    pub(super) fn same_operation(self, other: Value) -> bool {
        self.ty() == other.ty()
            && self.operand_count() == other.operand_count()
            && self.details() == other.details()
            && self.attributes() == other.attributes()
            && self.all_metadata() == other.all_metadata()
    }
    /// Predicate, alignment and floating point flags, as far as the opcode has them.
    fn details(self) -> [u32; 2] {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let flags = match unsafe { LLVMCanValueUseFastMathFlags(self.0) } {
            0 => 0,
            // SAFETY: the value was just said to have such flags.
            _ => unsafe { LLVMGetFastMathFlags(self.0) },
        };
        let detail = match self.opcode() {
            Some(Opcode::LLVMICmp) => self.predicate() as u32,
            // SAFETY: a live handle of the right kind, see the contract at the top.
            Some(Opcode::LLVMFCmp) => unsafe { LLVMGetFCmpPredicate(self.0) as u32 },
            Some(Opcode::LLVMLoad | Opcode::LLVMStore) => {
                // SAFETY: a live handle of the right kind, see the contract at the top.
                unsafe { LLVMGetAlignment(self.0) }
            }
            _ => 0,
        };
        [flags, detail]
    }
    /// The attributes of a call's result, of the call and of its arguments.
    fn attributes(self) -> Vec<(u32, LLVMAttributeRef)> {
        if self.opcode() != Some(Opcode::LLVMCall) {
            return Vec::new();
        }
        let mut out = Vec::new();
        // The function itself counts as u32::MAX, the result as 0, the arguments from 1.
        for place in (0..self.operand_count()).chain([u32::MAX]) {
            // SAFETY: a live handle of the right kind, see the contract at the top.
            let n = unsafe { LLVMGetCallSiteAttributeCount(self.0, place) };
            let mut found = vec![ptr::null_mut(); n as usize];
            // SAFETY: there is room for as many as were just counted.
            unsafe { LLVMGetCallSiteAttributes(self.0, place, found.as_mut_ptr()) };
            out.extend(found.into_iter().map(|a| (place, a)));
        }
        out
    }
    fn all_metadata(self) -> Vec<(u32, LLVMMetadataRef)> {
        let mut n = 0;
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let entries = unsafe { LLVMInstructionGetAllMetadataOtherThanDebugLoc(self.0, &mut n) };
        let entry = |i| {
            let i = u32::try_from(i).unwrap_or(0);
            // SAFETY: `i` is below the number of entries.
            let kind = unsafe { LLVMValueMetadataEntriesGetKind(entries, i) };
            // SAFETY: `i` is below the number of entries.
            (kind, unsafe {
                LLVMValueMetadataEntriesGetMetadata(entries, i)
            })
        };
        // LLVM's function gives the place in the source, too, whatever its name says.
        let out = (0..n).map(entry).filter(|(kind, _)| *kind != DEBUG_PLACE);
        let out = out.collect();
        // SAFETY: made above and not used any more.
        unsafe { LLVMDisposeValueMetadataEntries(entries) };
        out
    }
    /// Drops what an instruction promises about its operands or result beyond its operation.
    pub(super) fn drop_promises(self) {
        use Opcode::*;
        match self.opcode() {
            Some(LLVMAdd | LLVMSub | LLVMMul | LLVMShl | LLVMTrunc) => {
                // SAFETY: an instruction that can have the flag.
                unsafe { LLVMSetNSW(self.0, 0) };
                // SAFETY: an instruction that can have the flag.
                unsafe { LLVMSetNUW(self.0, 0) };
            }
            // SAFETY: an instruction that can have the flag.
            Some(LLVMLShr | LLVMAShr | LLVMUDiv | LLVMSDiv) => unsafe { LLVMSetExact(self.0, 0) },
            // SAFETY: an instruction that can have the flag.
            Some(LLVMOr) => unsafe { LLVMSetIsDisjoint(self.0, 0) },
            // SAFETY: an instruction that can have the flag.
            Some(LLVMZExt | LLVMUIToFP) => unsafe { LLVMSetNNeg(self.0, 0) },
            // SAFETY: an instruction that can have the flag.
            Some(LLVMICmp) => unsafe { LLVMSetICmpSameSign(self.0, 0) },
            _ => {}
        }
    }
    pub(super) fn clone_instruction(self) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe { LLVMInstructionClone(self.0) })
    }
    pub(super) fn set_successor(self, index: u32, block: Block) {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMSetSuccessor(self.0, index, block.0) }
    }
    pub(super) fn replace_uses(self, with: Value) {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMReplaceAllUsesWith(self.0, with.0) }
    }
    pub(super) fn erase(self) {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMInstructionEraseFromParent(self.0) }
    }
    pub(super) fn metadata(self, kind: u32) -> Option<Vec<Metadata>> {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let node = unsafe { LLVMGetMetadata(self.0, kind) };
        if node.is_null() {
            return None;
        }
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let n = unsafe { LLVMGetMDNodeNumOperands(node) };
        let mut out = vec![ptr::null_mut(); n as usize];
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMGetMDNodeOperands(node, out.as_mut_ptr()) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Some(
            out.into_iter()
                .map(|v| Metadata(unsafe { LLVMValueAsMetadata(v) }))
                .collect(),
        )
    }
    pub(super) fn set_metadata(self, context: Context, kind: u32, node: Metadata) {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let v = unsafe { LLVMMetadataAsValue(context.0, node.0) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMSetMetadata(self.0, kind, v) }
    }
    /// Gives the loop that this latch's terminator closes `options` in place of those it had.
    pub(super) fn set_loop_options(self, context: Context, options: &[Metadata]) {
        let node = context.distinct_node(options);
        self.set_metadata(context, context.kind("llvm.loop"), node);
    }
}

impl Type {
    pub(super) fn int_width(self) -> Option<u32> {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        (unsafe { LLVMGetTypeKind(self.0) } == llvm_sys::LLVMTypeKind::LLVMIntegerTypeKind)
            // SAFETY: a live handle of the right kind, see the contract at the top.
            .then(|| unsafe { LLVMGetIntTypeWidth(self.0) })
    }
    /// Bytes that a load or store of this type touches; `None` for anything but plain scalars.
    pub(super) fn store_bytes(self) -> Option<i64> {
        use llvm_sys::LLVMTypeKind::*;
        // SAFETY: a live handle of the right kind, see the contract at the top.
        match unsafe { LLVMGetTypeKind(self.0) } {
            LLVMIntegerTypeKind => self.int_width().map(|w| i64::from(w.div_ceil(8))),
            LLVMFloatTypeKind => Some(4),
            LLVMDoubleTypeKind => Some(8),
            _ => None,
        }
    }
}

impl Context {
    pub(super) fn int(self, width: u32) -> Type {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Type(unsafe { LLVMIntTypeInContext(self.0, width) })
    }
    pub(super) fn constant(self, width: u32, value: i64) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe { LLVMConstInt(self.int(width).0, value.cast_unsigned(), 1) })
    }
    pub(super) fn kind(self, name: &str) -> u32 {
        let len = u32::try_from(name.len()).unwrap_or(0);
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMGetMDKindIDInContext(self.0, name.as_ptr().cast(), len) }
    }
    pub(super) fn node(self, operands: &[Metadata]) -> Metadata {
        let mut ops: Vec<_> = operands.iter().map(|m| m.0).collect();
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Metadata(unsafe { LLVMMDNodeInContext2(self.0, ops.as_mut_ptr(), ops.len()) })
    }
    /// A node whose first operand is itself: unique, and given a fresh identity wherever LLVM copies code.
    pub(super) fn distinct_node(self, rest: &[Metadata]) -> Metadata {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let tmp = unsafe { LLVMTemporaryMDNode(self.0, ptr::null_mut(), 0) };
        let mut ops = vec![tmp];
        ops.extend(rest.iter().map(|m| m.0));
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let node = unsafe { LLVMMDNodeInContext2(self.0, ops.as_mut_ptr(), ops.len()) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMMetadataReplaceAllUsesWith(tmp, node) };
        Metadata(node)
    }
    /// The loop option that keeps the vectoriser away.
    pub(super) fn not_vectorised(self) -> Metadata {
        self.node(&[
            self.string("llvm.loop.vectorize.enable"),
            self.boolean(false),
        ])
    }
    /// The options of a loop that was made by undoing an unrolling by `factor`: LLVM is to unroll it again unless it
    /// vectorises it.
    pub(super) fn unrolled_unless_vectorised(self, factor: i32) -> Vec<Metadata> {
        let done = self.node(&[self.string("llvm.loop.isvectorized"), self.number(1)]);
        let once = self.node(&[self.string("llvm.loop.unroll.runtime.disable")]);
        let vectorised = self.string("llvm.loop.vectorize.followup_vectorized");
        let rest = self.string("llvm.loop.vectorize.followup_epilogue");
        vec![
            self.node(&[self.string("llvm.loop.unroll.count"), self.number(factor)]),
            self.node(&[vectorised, done]),
            self.node(&[rest, done, once]),
        ]
    }
    fn number(self, value: i32) -> Metadata {
        let c = self.constant(32, i64::from(value));
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Metadata(unsafe { LLVMValueAsMetadata(c.0) })
    }
    pub(super) fn string(self, text: &str) -> Metadata {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Metadata(unsafe { LLVMMDStringInContext2(self.0, text.as_ptr().cast(), text.len()) })
    }
    fn boolean(self, value: bool) -> Metadata {
        let c = self.constant(1, i64::from(value));
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Metadata(unsafe { LLVMValueAsMetadata(c.0) })
    }
}

/// A position to build at.
pub(super) struct Builder {
    raw: LLVMBuilderRef,
    context: Context,
}

impl Drop for Builder {
    fn drop(&mut self) {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMDisposeBuilder(self.raw) }
    }
}

impl Builder {
    pub(super) fn new(context: Context) -> Builder {
        Builder {
            // SAFETY: a live handle, see the contract at the top.
            raw: unsafe { LLVMCreateBuilderInContext(context.0) },
            context,
        }
    }
    pub(super) fn before(&self, instruction: Value) {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMPositionBuilderBefore(self.raw, instruction.0) }
    }
    pub(super) fn at_end(&self, block: Block) {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMPositionBuilderAtEnd(self.raw, block.0) }
    }
    pub(super) fn insert(&self, instruction: Value) {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMInsertIntoBuilder(self.raw, instruction.0) }
    }
    pub(super) fn binary(&self, op: Opcode, a: Value, b: Value) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe { LLVMBuildBinOp(self.raw, op, a.0, b.0, c"".as_ptr()) })
    }
    pub(super) fn compare(&self, p: Predicate, a: Value, b: Value) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe { LLVMBuildICmp(self.raw, p, a.0, b.0, c"".as_ptr()) })
    }
    pub(super) fn select(&self, c: Value, a: Value, b: Value) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe { LLVMBuildSelect(self.raw, c.0, a.0, b.0, c"".as_ptr()) })
    }
    pub(super) fn zext64(&self, v: Value) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe { LLVMBuildZExt(self.raw, v.0, self.context.int(64).0, c"".as_ptr()) })
    }
    pub(super) fn sext64(&self, v: Value) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe { LLVMBuildSExt(self.raw, v.0, self.context.int(64).0, c"".as_ptr()) })
    }
    pub(super) fn phi(&self, ty: Type) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe { LLVMBuildPhi(self.raw, ty.0, c"".as_ptr()) })
    }
    /// A product that neither interpretation of the operands overflows.
    pub(super) fn mul_no_wrap(&self, a: Value, b: Value) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let v = unsafe { LLVMBuildMul(self.raw, a.0, b.0, c"".as_ptr()) };
        // SAFETY: a multiplication can have the flag; of two constants there is none to give it to.
        if !unsafe { LLVMIsAInstruction(v) }.is_null() {
            // SAFETY: an instruction that can have the flag.
            unsafe { LLVMSetNSW(v, 1) };
            // SAFETY: an instruction that can have the flag.
            unsafe { LLVMSetNUW(v, 1) };
        }
        Value(v)
    }
    pub(super) fn add_no_wrap(&self, a: Value, b: Value, unsigned: bool) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let v = unsafe { LLVMBuildAdd(self.raw, a.0, b.0, c"".as_ptr()) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMSetNSW(v, 1) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMSetNUW(v, i32::from(unsigned)) };
        Value(v)
    }
    /// `getelementptr inbounds nuw i8, base, offset`.
    pub(super) fn byte_offset(&self, base: Value, offset: Value) -> Value {
        let flags = LLVMGEPFlagInBounds | LLVMGEPFlagNUW | LLVMGEPFlagNUSW;
        let mut index = offset.0;
        let ty = self.context.int(8).0;
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe {
            LLVMBuildGEPWithNoWrapFlags(self.raw, ty, base.0, &mut index, 1, c"".as_ptr(), flags)
        })
    }
    pub(super) fn branch(&self, condition: Value, yes: Block, no: Block) -> Value {
        // SAFETY: a live handle of the right kind, see the contract at the top.
        Value(unsafe { LLVMBuildCondBr(self.raw, condition.0, yes.0, no.0) })
    }
    /// `llvm.experimental.noalias.scope.decl`: tells LLVM to rename the scope wherever it copies the loop.
    pub(super) fn declare_scope(&self, module: Module, scope: Metadata) {
        let name = "llvm.experimental.noalias.scope.decl";
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let id = unsafe { LLVMLookupIntrinsicID(name.as_ptr().cast(), name.len()) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let f = unsafe { LLVMGetIntrinsicDeclaration(module.0, id, ptr::null_mut(), 0) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let ty = unsafe { LLVMIntrinsicGetType(self.context.0, id, ptr::null_mut(), 0) };
        let list = self.context.node(&[scope]);
        // SAFETY: a live handle of the right kind, see the contract at the top.
        let mut arg = unsafe { LLVMMetadataAsValue(self.context.0, list.0) };
        // SAFETY: a live handle of the right kind, see the contract at the top.
        unsafe { LLVMBuildCall2(self.raw, ty, f, &mut arg, 1, c"".as_ptr()) };
    }
}
