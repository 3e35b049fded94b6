//! Runtime functions that compiled code may call: one list of names, signatures and when a runtime has them.
//!
//! Derived from it: the compiler's declarations, the runtime's dispatch table (a missing body does not compile, because
//! [`Builtin`] is matched exhaustively), the symbols a file may name, and the table in `docs/abi.md`. The order is
//! that of stock WAMR's symbol map, then ours. Names we make no use of (part of GC, stringref, profiling) are in
//! [`super::native_symbols`].
//!
//! Spec: `aot-v6.md` B.12, C.13, D.15.

/// What a parameter or result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// No result.
    Void,
    /// Pointer to the module instance.
    Instance,
    /// Pointer to the execution environment.
    ExecEnv,
    /// Any other pointer.
    Pointer,
    /// C's `bool`: 0 or 1 in the low byte.
    Bool,
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// Integer of pointer size.
    Size,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
}

/// Which builds of stock WAMR have a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Every build.
    Always,
    /// Builds with bulk memory (the default).
    BulkMemory,
    /// Builds with shared memory.
    SharedMemory,
    /// Builds with reference types (the default).
    RefTypes,
    /// Builds with call-stack frames.
    StackFrame,
    /// Builds with the intrinsics of execute-in-place files (the default).
    Intrinsics,
    /// Builds with shared heaps.
    SharedHeap,
    /// Builds with static profile-guided optimisation.
    StaticPgo,
    /// Builds with garbage collection.
    GarbageCollection,
    /// Builds with stringref.
    Stringref,
    /// No build of stock WAMR: ours alone.
    Ours,
}

impl When {
    /// Whether the default build of stock iwasm on Linux has it.
    #[must_use]
    pub const fn in_default_build(self) -> bool {
        matches!(
            self,
            When::Always | When::BulkMemory | When::RefTypes | When::Intrinsics
        )
    }

    /// Whether this project's runtime has it.
    #[must_use]
    pub const fn provided(self) -> bool {
        self.in_default_build()
            || matches!(
                self,
                When::GarbageCollection | When::SharedMemory | When::StackFrame | When::Ours
            )
    }
}

/// Grammar: `builtins! { (/// doc VARIANT "name" WHEN (PARAM*) -> RESULT;)* }`. The line
/// `Memset "memset" Always (Pointer I32 Size) -> Pointer;` becomes the variant `Builtin::Memset` with that name, the
/// parameters `[Type::Pointer, Type::I32, Type::Size]`, the result `Type::Pointer` and `When::Always`.
macro_rules! builtins {
    ($(#[doc = $doc:literal] $variant:ident $name:literal $when:ident ($($param:ident)*) -> $result:ident;)*) => {
        /// A function of the runtime.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Builtin { $(#[doc = $doc] $variant,)* }

        impl Builtin {
            /// Every one, in the order of stock's symbol map, then ours.
            pub const ALL: &'static [Builtin] = &[$(Builtin::$variant,)*];

            /// The symbol.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Builtin::$variant => $name,)* }
            }

            /// Parameters, in order.
            #[must_use]
            pub const fn params(self) -> &'static [Type] {
                match self { $(Builtin::$variant => &[$(Type::$param,)*],)* }
            }

            /// Result; [`Type::Void`] for none.
            #[must_use]
            pub const fn result(self) -> Type {
                match self { $(Builtin::$variant => Type::$result,)* }
            }

            /// Which builds have it.
            #[must_use]
            pub const fn when(self) -> When {
                match self { $(Builtin::$variant => When::$when,)* }
            }

            /// What it does.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(Builtin::$variant => $doc.trim_ascii(),)* }
            }

            /// The function of this symbol.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Builtin> {
                match name { $($name => Some(Builtin::$variant),)* _ => None }
            }
        }
    };
}

#[rustfmt::skip]
builtins! {
    /// Raises the trap of this number.
    AotSetExceptionWithId "aot_set_exception_with_id" Always (Instance I32) -> Void;
    /// Calls an import: function index, parameter cells, argument array. False: an exception is pending.
    AotInvokeNative "aot_invoke_native" Always (ExecEnv I32 I32 Pointer) -> Bool;
    /// Calls a table element: table, element, parameter cells, argument array. False: an exception is pending.
    AotCallIndirect "aot_call_indirect" Always (ExecEnv I32 I32 I32 Pointer) -> Bool;
    /// Grows memory 0 by so many pages. False: refused.
    AotEnlargeMemory "aot_enlarge_memory" Always (Instance I32) -> Bool;
    /// Sets an exception by its text.
    AotSetException "aot_set_exception" Always (Instance Pointer) -> Void;
    /// Converts a wasm address to a native one: is string, address, size, where to store it. False: an exception is pending.
    AotCheckAppAddrAndConvert "aot_check_app_addr_and_convert" Always (Instance Bool I64 I64 Pointer) -> Bool;
    /// Calls a C-API import: record, parameters, their number, results, their number. False: an exception is pending.
    WasmRuntimeQuickInvokeCApiNative "wasm_runtime_quick_invoke_c_api_native" Always (Instance Pointer Pointer I32 Pointer I32) -> Bool;
    /// C memset.
    Memset "memset" Always (Pointer I32 Size) -> Pointer;
    /// C memmove.
    Memmove "memmove" Always (Pointer Pointer Size) -> Pointer;
    /// C memcpy; ranges may overlap.
    Memcpy "memcpy" Always (Pointer Pointer Size) -> Pointer;
    /// Square root.
    Sqrt "sqrt" Always (F64) -> F64;
    /// Square root.
    Sqrtf "sqrtf" Always (F32) -> F32;
    /// C minimum: the other operand if one is NaN.
    Fmin "fmin" Always (F64 F64) -> F64;
    /// C minimum: the other operand if one is NaN.
    Fminf "fminf" Always (F32 F32) -> F32;
    /// C maximum: the other operand if one is NaN.
    Fmax "fmax" Always (F64 F64) -> F64;
    /// C maximum: the other operand if one is NaN.
    Fmaxf "fmaxf" Always (F32 F32) -> F32;
    /// Rounds up.
    Ceil "ceil" Always (F64) -> F64;
    /// Rounds up.
    Ceilf "ceilf" Always (F32) -> F32;
    /// Rounds down.
    Floor "floor" Always (F64) -> F64;
    /// Rounds down.
    Floorf "floorf" Always (F32) -> F32;
    /// Rounds towards zero.
    Trunc "trunc" Always (F64) -> F64;
    /// Rounds towards zero.
    Truncf "truncf" Always (F32) -> F32;
    /// Rounds to nearest, ties to even.
    Rint "rint" Always (F64) -> F64;
    /// Rounds to nearest, ties to even.
    Rintf "rintf" Always (F32) -> F32;
    /// memory.init: segment, source offset, length, destination. False: out of bounds.
    AotMemoryInit "aot_memory_init" BulkMemory (Instance I32 I32 I32 Size) -> Bool;
    /// data.drop of a segment.
    AotDataDrop "aot_data_drop" BulkMemory (Instance I32) -> Bool;
    /// Atomic wait: address, expected value, timeout, is 64-bit.
    WasmRuntimeAtomicWait "wasm_runtime_atomic_wait" SharedMemory (Instance Pointer I64 I64 Bool) -> I32;
    /// Atomic notify: address, count.
    WasmRuntimeAtomicNotify "wasm_runtime_atomic_notify" SharedMemory (Instance Pointer I32) -> I32;
    /// elem.drop of a segment.
    AotDropTableSeg "aot_drop_table_seg" RefTypes (Instance I32) -> Void;
    /// table.init: table, segment, length, source, destination. Traps when out of bounds.
    AotTableInit "aot_table_init" RefTypes (Instance I32 I32 I32 I32 I32) -> Void;
    /// table.copy: source table, destination table, length, source, destination. Traps when out of bounds.
    AotTableCopy "aot_table_copy" RefTypes (Instance I32 I32 I32 I32 I32) -> Void;
    /// table.fill: table, length, value, start. Traps when out of bounds.
    AotTableFill "aot_table_fill" RefTypes (Instance I32 I32 Size I32) -> Void;
    /// table.grow: table, number of elements, value. Old size, or -1: refused.
    AotTableGrow "aot_table_grow" RefTypes (Instance I32 I32 Size) -> I32;
    /// Pushes a frame for a function. False: an exception is pending.
    AotAllocFrame "aot_alloc_frame" StackFrame (ExecEnv I32) -> Bool;
    /// Pops a frame.
    AotFreeFrame "aot_free_frame" StackFrame (ExecEnv) -> Void;
    /// Profiling: entering (or leaving) a function.
    AotFrameUpdateProfileInfo "aot_frame_update_profile_info" StackFrame (ExecEnv Bool) -> Void;
    /// Absolute value.
    AotIntrinsicFabsF32 "aot_intrinsic_fabs_f32" Intrinsics (F32) -> F32;
    /// Absolute value.
    AotIntrinsicFabsF64 "aot_intrinsic_fabs_f64" Intrinsics (F64) -> F64;
    /// Rounds down.
    AotIntrinsicFloorF32 "aot_intrinsic_floor_f32" Intrinsics (F32) -> F32;
    /// Rounds down.
    AotIntrinsicFloorF64 "aot_intrinsic_floor_f64" Intrinsics (F64) -> F64;
    /// Rounds up.
    AotIntrinsicCeilF32 "aot_intrinsic_ceil_f32" Intrinsics (F32) -> F32;
    /// Rounds up.
    AotIntrinsicCeilF64 "aot_intrinsic_ceil_f64" Intrinsics (F64) -> F64;
    /// Rounds towards zero.
    AotIntrinsicTruncF32 "aot_intrinsic_trunc_f32" Intrinsics (F32) -> F32;
    /// Rounds towards zero.
    AotIntrinsicTruncF64 "aot_intrinsic_trunc_f64" Intrinsics (F64) -> F64;
    /// Rounds to nearest, ties to even.
    AotIntrinsicRintF32 "aot_intrinsic_rint_f32" Intrinsics (F32) -> F32;
    /// Rounds to nearest, ties to even.
    AotIntrinsicRintF64 "aot_intrinsic_rint_f64" Intrinsics (F64) -> F64;
    /// Square root.
    AotIntrinsicSqrtF32 "aot_intrinsic_sqrt_f32" Intrinsics (F32) -> F32;
    /// Square root.
    AotIntrinsicSqrtF64 "aot_intrinsic_sqrt_f64" Intrinsics (F64) -> F64;
    /// Sign of the second on the first.
    AotIntrinsicCopysignF32 "aot_intrinsic_copysign_f32" Intrinsics (F32 F32) -> F32;
    /// Sign of the second on the first.
    AotIntrinsicCopysignF64 "aot_intrinsic_copysign_f64" Intrinsics (F64 F64) -> F64;
    /// Sum.
    AotIntrinsicFaddF32 "aot_intrinsic_fadd_f32" Intrinsics (F32 F32) -> F32;
    /// Sum.
    AotIntrinsicFaddF64 "aot_intrinsic_fadd_f64" Intrinsics (F64 F64) -> F64;
    /// Difference.
    AotIntrinsicFsubF32 "aot_intrinsic_fsub_f32" Intrinsics (F32 F32) -> F32;
    /// Difference.
    AotIntrinsicFsubF64 "aot_intrinsic_fsub_f64" Intrinsics (F64 F64) -> F64;
    /// Product.
    AotIntrinsicFmulF32 "aot_intrinsic_fmul_f32" Intrinsics (F32 F32) -> F32;
    /// Product.
    AotIntrinsicFmulF64 "aot_intrinsic_fmul_f64" Intrinsics (F64 F64) -> F64;
    /// Quotient.
    AotIntrinsicFdivF32 "aot_intrinsic_fdiv_f32" Intrinsics (F32 F32) -> F32;
    /// Quotient.
    AotIntrinsicFdivF64 "aot_intrinsic_fdiv_f64" Intrinsics (F64 F64) -> F64;
    /// wasm minimum.
    AotIntrinsicFminF32 "aot_intrinsic_fmin_f32" Intrinsics (F32 F32) -> F32;
    /// wasm minimum.
    AotIntrinsicFminF64 "aot_intrinsic_fmin_f64" Intrinsics (F64 F64) -> F64;
    /// wasm maximum.
    AotIntrinsicFmaxF32 "aot_intrinsic_fmax_f32" Intrinsics (F32 F32) -> F32;
    /// wasm maximum.
    AotIntrinsicFmaxF64 "aot_intrinsic_fmax_f64" Intrinsics (F64 F64) -> F64;
    /// Leading zeros.
    AotIntrinsicClzI32 "aot_intrinsic_clz_i32" Intrinsics (I32) -> I32;
    /// Leading zeros.
    AotIntrinsicClzI64 "aot_intrinsic_clz_i64" Intrinsics (I64) -> I64;
    /// Trailing zeros.
    AotIntrinsicCtzI32 "aot_intrinsic_ctz_i32" Intrinsics (I32) -> I32;
    /// Trailing zeros.
    AotIntrinsicCtzI64 "aot_intrinsic_ctz_i64" Intrinsics (I64) -> I64;
    /// Bits set.
    AotIntrinsicPopcntI32 "aot_intrinsic_popcnt_i32" Intrinsics (I32) -> I32;
    /// Bits set.
    AotIntrinsicPopcntI64 "aot_intrinsic_popcnt_i64" Intrinsics (I64) -> I64;
    /// Converts i32 to f32.
    AotIntrinsicI32ToF32 "aot_intrinsic_i32_to_f32" Intrinsics (I32) -> F32;
    /// Converts u32 to f32.
    AotIntrinsicU32ToF32 "aot_intrinsic_u32_to_f32" Intrinsics (I32) -> F32;
    /// Converts i32 to f64.
    AotIntrinsicI32ToF64 "aot_intrinsic_i32_to_f64" Intrinsics (I32) -> F64;
    /// Converts u32 to f64.
    AotIntrinsicU32ToF64 "aot_intrinsic_u32_to_f64" Intrinsics (I32) -> F64;
    /// Converts i64 to f32.
    AotIntrinsicI64ToF32 "aot_intrinsic_i64_to_f32" Intrinsics (I64) -> F32;
    /// Converts u64 to f32.
    AotIntrinsicU64ToF32 "aot_intrinsic_u64_to_f32" Intrinsics (I64) -> F32;
    /// Converts i64 to f64.
    AotIntrinsicI64ToF64 "aot_intrinsic_i64_to_f64" Intrinsics (I64) -> F64;
    /// Converts u64 to f64.
    AotIntrinsicU64ToF64 "aot_intrinsic_u64_to_f64" Intrinsics (I64) -> F64;
    /// Converts f64 to f32.
    AotIntrinsicF64ToF32 "aot_intrinsic_f64_to_f32" Intrinsics (F64) -> F32;
    /// Converts f32 to i32.
    AotIntrinsicF32ToI32 "aot_intrinsic_f32_to_i32" Intrinsics (F32) -> I32;
    /// Converts f32 to u32.
    AotIntrinsicF32ToU32 "aot_intrinsic_f32_to_u32" Intrinsics (F32) -> I32;
    /// Converts f32 to i64.
    AotIntrinsicF32ToI64 "aot_intrinsic_f32_to_i64" Intrinsics (F32) -> I64;
    /// Converts f32 to u64.
    AotIntrinsicF32ToU64 "aot_intrinsic_f32_to_u64" Intrinsics (F32) -> I64;
    /// Converts f64 to i32.
    AotIntrinsicF64ToI32 "aot_intrinsic_f64_to_i32" Intrinsics (F64) -> I32;
    /// Converts f64 to u32.
    AotIntrinsicF64ToU32 "aot_intrinsic_f64_to_u32" Intrinsics (F64) -> I32;
    /// Converts f64 to i64.
    AotIntrinsicF64ToI64 "aot_intrinsic_f64_to_i64" Intrinsics (F64) -> I64;
    /// Converts f64 to u64.
    AotIntrinsicF64ToU64 "aot_intrinsic_f64_to_u64" Intrinsics (F64) -> I64;
    /// Converts f32 to f64.
    AotIntrinsicF32ToF64 "aot_intrinsic_f32_to_f64" Intrinsics (F32) -> F64;
    /// Compares: 0 eq, 1 ne, 2 lt, 3 gt, 4 le, 5 ge, 6 unordered.
    AotIntrinsicF32Cmp "aot_intrinsic_f32_cmp" Intrinsics (I32 F32 F32) -> I32;
    /// Compares: 0 eq, 1 ne, 2 lt, 3 gt, 4 le, 5 ge, 6 unordered.
    AotIntrinsicF64Cmp "aot_intrinsic_f64_cmp" Intrinsics (I32 F64 F64) -> I32;
    /// The operator i64_div_s.
    AotIntrinsicI64DivS "aot_intrinsic_i64_div_s" Intrinsics (I64 I64) -> I64;
    /// The operator i64_div_u.
    AotIntrinsicI64DivU "aot_intrinsic_i64_div_u" Intrinsics (I64 I64) -> I64;
    /// The operator i64_rem_s.
    AotIntrinsicI64RemS "aot_intrinsic_i64_rem_s" Intrinsics (I64 I64) -> I64;
    /// The operator i64_rem_u.
    AotIntrinsicI64RemU "aot_intrinsic_i64_rem_u" Intrinsics (I64 I64) -> I64;
    /// The operator i64_bit_or.
    AotIntrinsicI64BitOr "aot_intrinsic_i64_bit_or" Intrinsics (I64 I64) -> I64;
    /// The operator i64_bit_and.
    AotIntrinsicI64BitAnd "aot_intrinsic_i64_bit_and" Intrinsics (I64 I64) -> I64;
    /// The operator i64_mul.
    AotIntrinsicI64Mul "aot_intrinsic_i64_mul" Intrinsics (I64 I64) -> I64;
    /// The operator i64_shl.
    AotIntrinsicI64Shl "aot_intrinsic_i64_shl" Intrinsics (I64 I64) -> I64;
    /// The operator i64_shr_s.
    AotIntrinsicI64ShrS "aot_intrinsic_i64_shr_s" Intrinsics (I64 I64) -> I64;
    /// The operator i64_shr_u.
    AotIntrinsicI64ShrU "aot_intrinsic_i64_shr_u" Intrinsics (I64 I64) -> I64;
    /// The operator i32_div_s.
    AotIntrinsicI32DivS "aot_intrinsic_i32_div_s" Intrinsics (I32 I32) -> I32;
    /// The operator i32_div_u.
    AotIntrinsicI32DivU "aot_intrinsic_i32_div_u" Intrinsics (I32 I32) -> I32;
    /// The operator i32_rem_s.
    AotIntrinsicI32RemS "aot_intrinsic_i32_rem_s" Intrinsics (I32 I32) -> I32;
    /// The operator i32_rem_u.
    AotIntrinsicI32RemU "aot_intrinsic_i32_rem_u" Intrinsics (I32 I32) -> I32;
    /// Shared heap: makes the heap that holds an address range the current one: offset, bytes, where to store start, end and base, is 64-bit. False: none.
    WasmRuntimeCheckAndUpdateLastUsedSharedHeap "wasm_runtime_check_and_update_last_used_shared_heap" SharedHeap (Instance Size Size Pointer Pointer Pointer Bool) -> Bool;
    /// The run-time type of a type index. Null: no memory.
    AotRttTypeNew "aot_rtt_type_new" GarbageCollection (Instance I32) -> Pointer;
    /// Allocates a structure of a run-time type, all zero. Null: no memory.
    WasmStructObjNew "wasm_struct_obj_new" GarbageCollection (ExecEnv Pointer) -> Pointer;
    /// Allocates an array: run-time type, length, the elements' value in 16 bytes or null for zero. Null: no memory.
    WasmArrayObjNew "wasm_array_obj_new" GarbageCollection (ExecEnv Pointer I32 Pointer) -> Pointer;
    /// The function object of a function index: raise on failure, error text, its size. Null: an exception is pending.
    AotCreateFuncObj "aot_create_func_obj" GarbageCollection (Instance I32 Bool Pointer I32) -> Pointer;
    /// Whether an object that is not null is of a type index.
    AotObjIsInstanceOf "aot_obj_is_instance_of" GarbageCollection (Instance Pointer I32) -> Bool;
    /// Whether an object that is not null is of an abstract heap type, given by its code.
    WasmObjIsTypeOf "wasm_obj_is_type_of" GarbageCollection (Pointer I32) -> Bool;
    /// any.convert_extern of a reference that is not null.
    WasmExternrefObjToInternalObj "wasm_externref_obj_to_internal_obj" GarbageCollection (Pointer) -> Pointer;
    /// extern.convert_any of a reference that is not null. Null: no memory.
    WasmInternalObjToExternrefObj "wasm_internal_obj_to_externref_obj" GarbageCollection (ExecEnv Pointer) -> Pointer;
    /// memory.grow of any memory: index, pages. Old size in pages, or -1: refused.
    WamrcMemoryGrow "wamrc_memory_grow" Ours (Instance I32 I64) -> I64;
    /// memory.init of any memory: memory, segment, source offset, length, destination. False: out of bounds.
    WamrcMemoryInit "wamrc_memory_init" Ours (Instance I32 I32 I32 I32 I64) -> Bool;
    /// array.new_data: run-time type, segment, offset, length. Traps when out of range or without memory.
    WamrcArrayNewData "wamrc_array_new_data" Ours (ExecEnv Pointer I32 I32 I32) -> Pointer;
    /// array.new_elem: run-time type, segment, offset, length. Traps when out of range or without memory.
    WamrcArrayNewElem "wamrc_array_new_elem" Ours (ExecEnv Pointer I32 I32 I32) -> Pointer;
    /// array.init_data of an array that is not null: index, segment, offset, length. Traps when out of range.
    WamrcArrayInitData "wamrc_array_init_data" Ours (Instance Pointer I32 I32 I32 I32) -> Void;
    /// array.init_elem of an array that is not null: index, segment, offset, length. Traps when out of range.
    WamrcArrayInitElem "wamrc_array_init_elem" Ours (Instance Pointer I32 I32 I32 I32) -> Void;
    /// A new exception: tag index, payload slots. Null: an exception is pending (no memory).
    WamrcExceptionNew "wamrc_exception_new" Ours (ExecEnv I32 Pointer) -> Pointer;
    /// The payload of an exception in the calling instance's terms: exception, where to write the slots.
    WamrcExceptionRead "wamrc_exception_read" Ours (ExecEnv Pointer Pointer) -> Void;
    /// Throws an exception that is not null: it is pending on return, where there is one.
    WamrcThrow "wamrc_throw" Ours (ExecEnv Pointer) -> Void;
    /// Takes the exception that is pending. Null: none, but a trap.
    WamrcCatch "wamrc_catch" Ours (ExecEnv) -> Pointer;
}
