//! Traps: WAMR's numbers, names and messages, in one list.
//!
//! Compiled code raises them by number; a runtime reports `Exception: ` plus the message.
//!
//! Spec: `aot-v6.md` C.12.1.

/// Grammar: `traps! { (NUMBER VARIANT NAME MESSAGE;)* }`. The line `0 Unreachable UNREACHABLE "unreachable";` becomes
/// `TrapId::Unreachable = 0` with that name and message. Numbers ascend from 0 without gaps.
macro_rules! traps {
    ($($number:literal $variant:ident $name:ident $message:literal;)*) => {
        /// Why compiled code or a runtime function stopped a program.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u32)]
        pub enum TrapId { $(#[doc = concat!("\"", $message, "\"")] $variant = $number,)* }

        impl TrapId {
            /// Every trap, by number.
            pub const ALL: &'static [TrapId] = &[$(TrapId::$variant,)*];

            /// WAMR's name of the number, without its `EXCE_`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(TrapId::$variant => stringify!($name),)* }
            }

            /// The message, without `Exception: `.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(TrapId::$variant => $message,)* }
            }

            /// The trap of this number; `None` for [`ALREADY_THROWN`] and everything above.
            #[must_use]
            pub const fn from_number(number: u32) -> Option<TrapId> {
                match number { $($number => Some(TrapId::$variant),)* _ => None }
            }
        }
    };
}

#[rustfmt::skip]
traps! {
    0  Unreachable                  UNREACHABLE                      "unreachable";
    1  OutOfMemory                  OUT_OF_MEMORY                    "allocate memory failed";
    2  OutOfBoundsMemoryAccess      OUT_OF_BOUNDS_MEMORY_ACCESS      "out of bounds memory access";
    3  IntegerOverflow              INTEGER_OVERFLOW                 "integer overflow";
    4  IntegerDivideByZero          INTEGER_DIVIDE_BY_ZERO           "integer divide by zero";
    5  InvalidConversionToInteger   INVALID_CONVERSION_TO_INTEGER    "invalid conversion to integer";
    6  InvalidFunctionTypeIndex     INVALID_FUNCTION_TYPE_INDEX      "indirect call type mismatch";
    7  InvalidFunctionIndex         INVALID_FUNCTION_INDEX           "invalid function index";
    8  UndefinedElement             UNDEFINED_ELEMENT                "undefined element";
    9  UninitializedElement         UNINITIALIZED_ELEMENT            "uninitialized element";
    10 CallUnlinkedImportFunc       CALL_UNLINKED_IMPORT_FUNC        "failed to call unlinked import function";
    11 NativeStackOverflow          NATIVE_STACK_OVERFLOW            "native stack overflow";
    12 UnalignedAtomic              UNALIGNED_ATOMIC                 "unaligned atomic";
    13 AuxStackOverflow             AUX_STACK_OVERFLOW               "wasm auxiliary stack overflow";
    14 AuxStackUnderflow            AUX_STACK_UNDERFLOW              "wasm auxiliary stack underflow";
    15 OutOfBoundsTableAccess       OUT_OF_BOUNDS_TABLE_ACCESS       "out of bounds table access";
    16 OperandStackOverflow         OPERAND_STACK_OVERFLOW           "wasm operand stack overflow";
    17 FailedToCompileFastJitFunc   FAILED_TO_COMPILE_FAST_JIT_FUNC  "failed to compile fast jit function";
    18 NullFuncObj                  NULL_FUNC_OBJ                    "null function reference";
    19 NullStructObj                NULL_STRUCT_OBJ                  "null structure reference";
    20 NullArrayObj                 NULL_ARRAY_OBJ                   "null array reference";
    21 NullI31Obj                   NULL_I31_OBJ                     "null i31 reference";
    22 NullReference                NULL_REFERENCE                   "null reference";
    23 FailedToCreateRttType        FAILED_TO_CREATE_RTT_TYPE        "create rtt type failed";
    24 FailedToCreateStructObj      FAILED_TO_CREATE_STRUCT_OBJ      "create struct object failed";
    25 FailedToCreateArrayObj       FAILED_TO_CREATE_ARRAY_OBJ       "create array object failed";
    26 FailedToCreateExternrefObj   FAILED_TO_CREATE_EXTERNREF_OBJ   "create externref object failed";
    27 CastFailure                  CAST_FAILURE                     "cast failure";
    28 ArrayIdxOob                  ARRAY_IDX_OOB                    "out of bounds array access";
    29 FailedToCreateString         FAILED_TO_CREATE_STRING          "create string object failed";
    30 FailedToCreateStringref      FAILED_TO_CREATE_STRINGREF       "create stringref failed";
    31 FailedToCreateStringview     FAILED_TO_CREATE_STRINGVIEW      "create stringview failed";
    32 FailedToEncodeString         FAILED_TO_ENCODE_STRING          "encode failed";
}

/// Number that means: an exception is already pending, keep its text and unwind.
pub const ALREADY_THROWN: u32 = 33;

/// What stands before a message in `cur_exception`.
pub const PREFIX: &str = "Exception: ";

impl TrapId {
    /// The number compiled code passes to `aot_set_exception_with_id`.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }
}

impl core::fmt::Display for TrapId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for TrapId {}
