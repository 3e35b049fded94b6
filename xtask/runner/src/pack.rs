//! A pack: a script of the test suite with all its modules, compiled for one target.
//!
//! ```text
//! pack     = "wastpack" version name modules steps
//! modules  = count (length byte*)*          AOT containers; steps name them by position
//! steps    = count step*
//! step     = line excuse directive          excuse: the reason why an assertion is known not to hold
//! ```
//!
//! Numbers are unsigned LEB128; text and lists are preceded by their length; an optional thing by 0 or 1; a variant by its
//! tag, which is the number in its line below. Vectors are 16 bytes, lane 0 first. So a pack is the same on machines
//! of either byte order, apart from the containers in it. Nothing is trusted: reading ends in [`Malformed`].

use alloc::string::String;
use alloc::vec::Vec;

mod code;

pub use code::Malformed;
use code::{Coded, Cursor};

/// What a pack begins with; the last byte is the version of the format.
const MAGIC: &[u8; 9] = b"wastpack\x01";

/// Grammar: `coded! { (/// doc)* NAME { (/// doc)* TAG VARIANT[(FIELD: TYPE, …)], … } … }`. The line `2 F32(bits: u32)`
/// becomes the variant `F32(u32)`, written as the number 2 and then the field, and read back so.
macro_rules! coded {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$about:meta])* $tag:literal $variant:ident $(($($field:ident: $ty:ty),+))?,)+
    })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name { $($(#[$about])* $variant $(($($ty),+))?,)+ }

        impl Coded for $name {
            fn read(from: &mut Cursor<'_>) -> Result<$name, Malformed> {
                match u32::read(from)? {
                    $($tag => Ok($name::$variant $(($(<$ty>::read(from)?),+))?),)+
                    _ => Err(from.malformed(concat!("tag of ", stringify!($name)))),
                }
            }
            fn write(&self, to: &mut Vec<u8>) {
                match self {
                    $($name::$variant $(($($field),+))? => {
                        u32::write(&$tag, to);
                        $($($field.write(to);)+)?
                    })+
                }
            }
        }
    )+};
}

coded! {
    /// What a step does.
    Directive {
        /// The host could not prepare the step, and says why; whether it is an assertion.
        0 Failed(message: String, asserts: bool),
        /// Loads a module for later.
        1 Load(module: u32),
        /// Instantiates a module under a name, and as the current instance.
        2 Instantiate(module: u32, name: Option<String>),
        /// Offers the exports of an instance to importers.
        3 Register(module: String, instance: Option<String>),
        /// Does something that must succeed.
        4 Act(action: Action),
        /// The action must return these results, each one of some alternatives.
        5 AssertReturn(action: Action, results: Vec<Vec<Pattern>>),
        /// The action must trap with this message.
        6 AssertTrap(action: Action, message: String),
        /// The action must end with an exception that no one catches.
        7 AssertException(action: Action),
        /// The module must not link, for this reason.
        8 AssertUnlinkable(module: u32, message: String),
    }

    /// Something that has results or fails. An instance without a name is the current one.
    Action {
        /// Calls an export.
        0 Invoke(instance: Option<String>, function: String, arguments: Vec<Argument>),
        /// Reads an exported global.
        1 Get(instance: Option<String>, global: String),
        /// Instantiates a module.
        2 Instantiate(module: u32),
    }

    /// A value that a script passes.
    Argument {
        /// The bits of an integer.
        0 I32(bits: u32),
        /// The bits of an integer.
        1 I64(bits: u64),
        /// The bits of a float.
        2 F32(bits: u32),
        /// The bits of a float.
        3 F64(bits: u64),
        /// A vector.
        4 V128(bytes: [u8; 16]),
        /// A null reference.
        5 Null(family: Family),
        /// An external reference with the host's key.
        6 Extern(key: u32),
        /// The same value of the host's as an internal reference.
        7 Host(key: u32),
        /// A number as people write it, of the type the function wants.
        8 Text(number: String),
    }

    /// The four families of reference types.
    Family {
        /// Functions.
        0 Func,
        /// External references.
        1 Extern,
        /// Objects and small integers.
        2 Any,
        /// Exceptions.
        3 Exn,
    }

    /// What a result may be.
    Pattern {
        /// These bits.
        0 I32(bits: u32),
        /// These bits.
        1 I64(bits: u64),
        /// A float.
        2 F32(wanted: Float<u32>),
        /// A float.
        3 F64(wanted: Float<u64>),
        /// A vector of exactly these bytes.
        4 Bytes(bytes: [u8; 16]),
        /// A vector of floats.
        5 F32x4(lanes: [Float<u32>; 4]),
        /// A vector of floats.
        6 F64x2(lanes: [Float<u64>; 2]),
        /// A null reference of one of these families.
        7 Null(families: Vec<Family>),
        /// An external reference; with this key, or any.
        8 Extern(key: Option<u32>),
        /// A function.
        9 Func,
        /// A reference below `any`.
        10 Any,
        /// A reference below `eq`.
        11 Eq,
        /// An array.
        12 Array,
        /// A structure.
        13 Struct,
        /// An integer of 31 bits.
        14 I31,
        /// An internal reference to the host's value with this key.
        15 Host(key: u32),
    }
}

/// What a float may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Float<Bits> {
    /// Exactly these bits.
    Bits(Bits),
    /// A NaN whose payload is the top bit alone.
    Canonical,
    /// A NaN whose payload has the top bit.
    Arithmetic,
}

/// One directive of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where it begins in the script, from 1.
    pub line: u32,
    /// Why it is known not to hold; then it is an error if it does.
    pub excuse: Option<String>,
    /// What to do.
    pub directive: Directive,
}

impl Step {
    /// Whether it counts as an assertion; the others only fail.
    #[must_use]
    pub fn asserts(&self) -> bool {
        match &self.directive {
            Directive::Failed(_, asserts) => *asserts,
            Directive::Load(_)
            | Directive::Instantiate(..)
            | Directive::Register(..)
            | Directive::Act(_) => false,
            Directive::AssertReturn(..)
            | Directive::AssertTrap(..)
            | Directive::AssertException(_)
            | Directive::AssertUnlinkable(..) => true,
        }
    }
}

/// A pack that has been opened: the modules are where they were, steps are read one by one.
#[derive(Clone, Debug)]
pub struct Pack<'a> {
    /// The script's name, `FOLDER/NAME.wast`.
    pub name: String,
    /// The containers.
    pub modules: Vec<&'a [u8]>,
    /// Number of steps.
    pub steps: u32,
    cursor: Cursor<'a>,
}

impl<'a> Pack<'a> {
    /// Opens a pack.
    ///
    /// # Errors
    /// [`Malformed`] if what precedes the steps is not as it should be.
    pub fn read(bytes: &'a [u8]) -> Result<Pack<'a>, Malformed> {
        let mut cursor = Cursor::new(bytes);
        if cursor.bytes(MAGIC.len())? != MAGIC {
            return Err(cursor.malformed("first bytes"));
        }
        let name = String::read(&mut cursor)?;
        let mut modules = Vec::new();
        for _ in 0..u32::read(&mut cursor)? {
            let length = usize::read(&mut cursor)?;
            modules.push(cursor.bytes(length)?);
        }
        let steps = u32::read(&mut cursor)?;
        Ok(Pack {
            name,
            modules,
            steps,
            cursor,
        })
    }

    /// The steps in order; after an error there are no more.
    pub fn steps(&self) -> impl Iterator<Item = Result<Step, Malformed>> {
        let mut cursor = self.cursor.clone();
        let mut left = self.steps;
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let step = read_step(&mut cursor);
            if step.is_err() {
                left = 0;
            }
            Some(step)
        })
    }
}

fn read_step(cursor: &mut Cursor<'_>) -> Result<Step, Malformed> {
    Ok(Step {
        line: u32::read(cursor)?,
        excuse: Option::read(cursor)?,
        directive: Directive::read(cursor)?,
    })
}

/// A pack being put together.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    modules: Vec<Vec<u8>>,
    steps: Vec<u8>,
    count: u32,
}

impl Builder {
    /// Adds a module, unless it is there already; its number.
    pub fn module(&mut self, container: Vec<u8>) -> u32 {
        let known = self.modules.iter().position(|known| *known == container);
        let number = known.unwrap_or_else(|| {
            self.modules.push(container);
            self.modules.len() - 1
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// Number of different modules.
    #[must_use]
    pub fn modules(&self) -> usize {
        self.modules.len()
    }

    /// Adds a step at the end.
    pub fn step(&mut self, step: &Step) {
        step.line.write(&mut self.steps);
        step.excuse.write(&mut self.steps);
        step.directive.write(&mut self.steps);
        self.count += 1;
    }

    /// The file.
    #[must_use]
    pub fn write(&self, name: &str) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        String::from(name).write(&mut out);
        self.modules.len().write(&mut out);
        for container in &self.modules {
            container.len().write(&mut out);
            out.extend_from_slice(container);
        }
        self.count.write(&mut out);
        out.extend_from_slice(&self.steps);
        out
    }
}
