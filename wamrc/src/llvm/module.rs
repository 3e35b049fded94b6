//! A module under construction: its functions, declarations and what they have in common.
//!
//! Every function gets the same attributes, decided here from LLVM's point of view; which symbols
//! and signatures exist is the caller's business.

use super::alias::Scopes;
use super::builder::Builder;
use super::context::{Context, Function, Value};
use super::error::LlvmError;
use super::intrinsics::{Declared, Intrinsic};
use super::machine::Machine;
use super::origin::Origins;
use super::routine::Routines;
use super::types::{Convention, Outcome, Signature, Type, Types};
use inkwell::GlobalVisibility;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::{Linkage, Module as Inkwell};
use inkwell::types::{IntType, StructType};
use inkwell::values::{FunctionValue, GlobalValue, IntValue, MetadataValue, PointerValue};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use targets::Nans;

/// Who can call a function or read an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// This module alone, as far as its kind allows.
    Module,
    /// All modules of the file.
    File,
    /// Another module of the file defines it; this is a copy to put in place of calls.
    Copy,
}

/// What a defined function is for, as far as its attributes depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// Compiled from a wasm function; called by this module only, so LLVM may change its signature.
    Body,
    /// What the loader and other modules call: enters a `Body`.
    Entry,
    /// As `Body`, but reached only through a wrapper that has checked the stack: kept out of other
    /// functions, its frame size reported.
    CheckedBody,
    /// Checks the stack, then enters a `CheckedBody` by a guaranteed tail call.
    Wrapper,
    /// As `Wrapper`, called by this module only.
    Check,
    /// Called by the runtime only.
    Thunk,
}

/// Library routines that LLVM must not invent calls to: a stock runtime does not have them
/// (spec B.12). memset, memcpy and memmove are there and stay allowed.
const MISSING_ROUTINES: [&str; 5] = [
    "no-builtin-memcmp",
    "no-builtin-bcmp",
    "no-builtin-strlen",
    "no-builtin-wcslen",
    "no-builtin-memchr",
];

/// Those that code executed in place cannot call, besides.
const DISTANT_ROUTINES: [&str; 3] = [
    "no-builtin-memcpy",
    "no-builtin-memmove",
    "no-builtin-memset",
];

/// LLVM's cost limit for inlining a body, 225 by default. Producers of wasm have inlined what is worth
/// it; on a Rust program the default costs a third more compile time and a fifth more code.
const INLINE_THRESHOLD: &str = "50";

/// An LLVM module.
pub struct Module<'c> {
    pub(super) context: &'c Context,
    pub(super) inner: Inkwell<'c>,
    pub(super) types: Types<'c>,
    pub(super) scopes: Scopes<'c>,
    pub(super) unlikely: MetadataValue<'c>,
    pub(super) likely: MetadataValue<'c>,
    pub(super) hinted: MetadataValue<'c>,
    pub(super) hinted_against: MetadataValue<'c>,
    jump_tables: Cell<bool>,
    /// What all functions say of their size.
    attributes: &'static [&'static str],
    pub(super) distances: bool,
    /// The integer as wide as a pointer.
    pub(super) size: IntType<'c>,
    signed_words: bool,
    /// What NaNs operations make.
    pub(super) nans: Nans,
    pub(super) prof: u32,
    declared: Declared<'c>,
    externals: RefCell<BTreeMap<String, Function<'c>>>,
    pub(super) routines: Routines,
    /// What the origins of instructions are noted with, while they are.
    pub(super) origins: RefCell<Option<Origins<'c>>>,
}

impl<'c> Module<'c> {
    /// An empty module for the given machine. The name reaches the printed IR only.
    #[must_use]
    pub fn new(context: &'c Context, name: &str, machine: &Machine) -> Self {
        let inner = context.inner().create_module(name);
        machine.describe(&inner);
        let types = context.types();
        let weight = |weight: u64| context.inner().i32_type().const_int(weight, false).into();
        let text = context.inner().metadata_string("branch_weights").into();
        Self {
            context,
            types,
            scopes: context.scopes(),
            likely: context
                .inner()
                .metadata_node(&[text, weight(1 << 20), weight(1)]),
            // The weights LLVM gives to `__builtin_expect`.
            hinted: context
                .inner()
                .metadata_node(&[text, weight(2000), weight(1)]),
            hinted_against: context
                .inner()
                .metadata_node(&[text, weight(1), weight(2000)]),
            jump_tables: Cell::new(true),
            attributes: machine.attributes(),
            distances: machine.has_distances(),
            size: context
                .inner()
                .ptr_sized_int_type(&machine.inner().get_target_data(), None),
            signed_words: machine.signed_words(),
            nans: machine.nans(),
            unlikely: context
                .inner()
                .metadata_node(&[text, weight(1), weight(1 << 20)]),
            prof: context.inner().get_kind_id("prof"),
            declared: Declared::default(),
            externals: RefCell::default(),
            routines: Routines::default(),
            origins: RefCell::default(),
            inner,
        }
    }

    /// Functions defined from now on branch by comparisons instead of tables of addresses.
    pub fn avoid_jump_tables(&self) {
        self.jump_tables.set(false);
    }

    /// Adds a function that this module defines. Its first parameter, if a pointer, is never null.
    #[must_use]
    pub fn define(&self, symbol: &str, signature: &Signature, kind: FunctionKind) -> Function<'c> {
        self.define_for(symbol, signature, kind, Reach::Module)
    }

    /// Adds a function that this module defines, for others as well.
    #[must_use]
    pub fn define_for(
        &self,
        symbol: &str,
        signature: &Signature,
        kind: FunctionKind,
        reach: Reach,
    ) -> Function<'c> {
        let value = self
            .inner
            .add_function(symbol, self.types.function(signature), None);
        let own = matches!(
            kind,
            FunctionKind::Body | FunctionKind::CheckedBody | FunctionKind::Check
        );
        match reach {
            Reach::Module if own => value.set_linkage(Linkage::Internal),
            Reach::Module | Reach::File => hide(value),
            Reach::Copy => {
                value.set_linkage(Linkage::AvailableExternally);
                hide(value);
            }
        }
        value.set_call_conventions(signature.convention.number());
        self.describe(value, signature);
        for key in MISSING_ROUTINES {
            self.flag(value, key, "");
        }
        if self.has_table() {
            for key in DISTANT_ROUTINES {
                self.flag(value, key, "");
            }
        }
        // A frame larger than a page must touch every page on its way down, or an overflow could
        // step over the guard page.
        self.flag(value, "probe-stack", "inline-asm");
        if !self.jump_tables.get() {
            self.flag(value, "no-jump-tables", "true");
        }
        for name in self.attributes {
            self.mark(value, AttributeLoc::Function, name);
        }
        match kind {
            FunctionKind::Body => {
                self.keep_frame(value, signature);
                if self.attributes.is_empty() {
                    self.flag(value, "function-inline-threshold", INLINE_THRESHOLD);
                }
            }
            FunctionKind::CheckedBody => {
                self.keep_frame(value, signature);
                self.flag(value, "warn-stack-size", "0");
                self.mark(value, AttributeLoc::Function, "noinline");
            }
            FunctionKind::Wrapper | FunctionKind::Check => {
                self.mark(value, AttributeLoc::Function, "noinline");
            }
            FunctionKind::Entry | FunctionKind::Thunk => {}
        }
        self.note_origins(value, symbol);
        Function {
            value,
            returns: signature.result,
            bits: signature.bits(),
            slot: None,
        }
    }

    /// Unbounded recursion must exhaust the stack, as the specification's tests demand. Calls of the
    /// sibling convention say it themselves: the attribute would forbid the wanted jumps, too.
    fn keep_frame(&self, value: FunctionValue<'c>, signature: &Signature) {
        if signature.convention != Convention::Sibling {
            self.flag(value, "disable-tail-calls", "true");
        }
    }

    /// Declares a function that another module of the same file defines.
    #[must_use]
    pub fn declare(&self, symbol: &str, signature: &Signature) -> Function<'c> {
        let value = self
            .inner
            .add_function(symbol, self.types.function(signature), None);
        hide(value);
        value.set_call_conventions(signature.convention.number());
        self.describe(value, signature);
        Function {
            value,
            returns: signature.result,
            bits: signature.bits(),
            slot: None,
        }
    }

    /// The declaration of a function of the runtime. `cold` calls are laid out away from the rest
    /// of the code; `returns` is false if control never comes back.
    #[must_use]
    pub fn runtime(
        &self,
        symbol: &str,
        signature: &Signature,
        cold: bool,
        returns: bool,
    ) -> Function<'c> {
        if let Some(known) = self.externals.borrow().get(symbol) {
            return *known;
        }
        let value = self
            .inner
            .add_function(symbol, self.types.function(signature), None);
        self.mark(value, AttributeLoc::Function, "nounwind");
        if cold {
            self.mark(value, AttributeLoc::Function, "cold");
        }
        if !returns {
            self.mark(value, AttributeLoc::Function, "noreturn");
        }
        self.extend(value, signature);
        for (position, _) in (0u32..)
            .zip(&signature.params)
            .filter(|(_, ty)| self.is_signed(**ty))
        {
            self.mark(value, AttributeLoc::Param(position), "signext");
        }
        let function = Function {
            value,
            returns: signature.result,
            bits: signature.bits(),
            slot: self.slot(symbol),
        };
        self.externals
            .borrow_mut()
            .insert(symbol.to_owned(), function);
        function
    }

    /// A constant array of 32-bit words in a section of its own.
    pub fn words(&self, symbol: &str, section: &str, words: &[u32]) -> Value<'c> {
        let word = self.context.inner().i32_type();
        let values: Vec<_> = words
            .iter()
            .map(|&value| word.const_int(value.into(), false))
            .collect();
        let array = word.const_array(&values);
        let global = self.inner.add_global(array.get_type(), None, symbol);
        global.set_initializer(&array);
        global.set_visibility(GlobalVisibility::Hidden);
        global.set_section(Some(section));
        global.set_alignment(4);
        // The words are replaced after code generation, so LLVM must not read them now.
        global.set_externally_initialized(true);
        Value(global.as_pointer_value().into())
    }

    /// An array of 32-bit words that another module of the file has.
    pub fn declare_words(&self, symbol: &str) -> Value<'c> {
        let word = self.context.inner().i32_type();
        let global = self.inner.add_global(word.array_type(0), None, symbol);
        global.set_visibility(GlobalVisibility::Hidden);
        global.set_alignment(4);
        Value(global.as_pointer_value().into())
    }

    /// At least so many constant bytes of value 1.
    pub fn ones(&self, count: u32) -> Value<'c> {
        let byte = self.context.inner().i8_type();
        // Few sizes, so that functions share the arrays.
        let count = count.next_power_of_two().max(16);
        let symbol = format!("ones.{count}");
        let known = self.inner.get_global(&symbol);
        let global = known.unwrap_or_else(|| {
            let values = vec![byte.const_int(1, false); usize::try_from(count).unwrap_or(0)];
            let array = byte.const_array(&values);
            let global = self.inner.add_global(array.get_type(), None, &symbol);
            global.set_initializer(&array);
            global.set_linkage(Linkage::Private);
            global.set_constant(true);
            global
        });
        Value(global.as_pointer_value().into())
    }

    /// A constant array of functions with a tag each, as pairs of words: how to find the function, for
    /// [`Builder::tagged_function`], and the tag as 32 bits. No function: zero.
    pub fn tagged_functions(
        &self,
        symbol: &str,
        entries: &[(Option<Function<'c>>, u32)],
        reach: Reach,
    ) -> Value<'c> {
        let word = self.context.inner().i32_type();
        let pair = self.pair();
        let global = self.pairs(symbol, entries.len());
        let start = global.as_pointer_value();
        let values: Vec<_> = entries
            .iter()
            .map(|(function, tag)| {
                let place = match function {
                    Some(function) => self.place_of(*function, start),
                    None => word.const_zero(),
                };
                let tag = word.const_int(u64::from(*tag), false);
                pair.const_named_struct(&[place.into(), tag.into()])
            })
            .collect();
        global.set_initializer(&pair.const_array(&values));
        if reach == Reach::Module {
            global.set_linkage(Linkage::Private);
        }
        Value(start.into())
    }

    /// Such an array that another module of the file has.
    pub fn declare_tagged_functions(&self, symbol: &str, length: usize) -> Value<'c> {
        Value(self.pairs(symbol, length).as_pointer_value().into())
    }

    fn pair(&self) -> StructType<'c> {
        let word = self.context.inner().i32_type();
        self.context.inner().struct_type(&[word.into(); 2], false)
    }

    /// A constant array of pairs of words without content.
    fn pairs(&self, symbol: &str, length: usize) -> GlobalValue<'c> {
        let pair = self.pair();
        let length = u32::try_from(length).expect("invariant: at most 2^32 table entries");
        let global = self.inner.add_global(pair.array_type(length), None, symbol);
        global.set_visibility(GlobalVisibility::Hidden);
        global.set_constant(true);
        global.set_alignment(8);
        global
    }

    /// The distance of a function from the start of an array in bytes, or its address where constants
    /// cannot hold distances: all machines of that kind have 32-bit addresses.
    fn place_of(&self, function: Function<'c>, start: PointerValue<'c>) -> IntValue<'c> {
        let word = self.context.inner().i32_type();
        let entry = function.value.as_global_value().as_pointer_value();
        if !self.distances {
            return entry.const_to_int(word);
        }
        let size = self.size;
        let distance = entry.const_to_int(size).const_sub(start.const_to_int(size));
        match size == word {
            true => distance,
            false => distance.const_truncate(word),
        }
    }

    /// A builder for the body of a function that has none yet.
    #[must_use]
    pub fn builder(&self, function: Function<'c>) -> Builder<'_, 'c> {
        Builder::new(self, function)
    }

    /// The module as LLVM's textual IR.
    #[must_use]
    pub fn print(&self) -> String {
        self.inner.print_to_string().to_string()
    }

    /// The module as LLVM's bitcode.
    #[must_use]
    pub fn bitcode(&self) -> Vec<u8> {
        self.inner.write_bitcode_to_memory().as_slice().to_vec()
    }

    /// Checks the module's consistency.
    ///
    /// # Errors
    /// [`LlvmError::Step`] with LLVM's explanation: a bug of the caller.
    pub fn verify(&self) -> Result<(), LlvmError> {
        self.inner.verify().map_err(|message| LlvmError::Step {
            step: "verify",
            message: message.to_string(),
        })
    }

    pub(super) fn intrinsic(&self, intrinsic: Intrinsic, overload: &[Type]) -> Function<'c> {
        self.declared
            .function(&self.inner, &self.types, intrinsic, overload)
    }

    /// Attributes every function of the file has, wherever it is defined.
    fn describe(&self, value: FunctionValue<'c>, signature: &Signature) {
        self.mark(value, AttributeLoc::Function, "nounwind");
        for position in (0u32..).take(signature.params.len()) {
            self.mark(value, AttributeLoc::Param(position), "noundef");
        }
        if signature.params.first() == Some(&Type::Ptr) {
            self.mark(value, AttributeLoc::Param(0), "nonnull");
        }
        if signature.result.is_some() && signature.outcome == Outcome::Plain {
            self.mark(value, AttributeLoc::Return, "noundef");
        }
        self.extend(value, signature);
    }

    /// Promises what the C convention wants of a 32-bit result.
    fn extend(&self, value: FunctionValue<'c>, signature: &Signature) {
        let plain = signature.convention == Convention::C && signature.outcome == Outcome::Plain;
        if plain && signature.result.is_some_and(|ty| self.is_signed(ty)) {
            self.mark(value, AttributeLoc::Return, "signext");
        }
    }

    /// Whether a value travels sign-extended in the C convention.
    fn is_signed(&self, ty: Type) -> bool {
        self.signed_words && ty == Type::I32
    }

    fn mark(&self, value: FunctionValue<'c>, place: AttributeLoc, name: &str) {
        let kind = Attribute::get_named_enum_kind_id(name);
        value.add_attribute(place, self.context.inner().create_enum_attribute(kind, 0));
    }

    fn flag(&self, value: FunctionValue<'c>, key: &str, content: &str) {
        value.add_attribute(
            AttributeLoc::Function,
            self.context.inner().create_string_attribute(key, content),
        );
    }
}

/// Makes every reference position independent without a table of addresses.
fn hide(function: FunctionValue<'_>) {
    let value = function.as_global_value();
    value.set_visibility(GlobalVisibility::Hidden);
}
