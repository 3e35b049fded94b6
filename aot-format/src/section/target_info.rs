//! TARGET_INFO: which machine the file is for, and which features it uses.
//!
//! Spec: `aot-v6.md` A.4.

use targets::{Description, Endian, PtrWidth, Target};

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::value::{References, Representation};

/// The target information section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetInfo {
    /// Object format, word size and byte order.
    pub bin_type: BinType,
    /// Unused; 0.
    pub abi_type: u16,
    /// Relocatable or execute-in-place.
    pub e_type: ExecMode,
    /// ELF (or COFF) machine number.
    pub e_machine: u16,
    /// Flags of the ELF header.
    pub e_flags: u32,
    /// Features the file uses.
    pub features: FeatureFlags,
    /// Architecture name.
    pub arch: ArchName,
}

/// Object format, word size and byte order in one code: bit 0 big endian, bit 1 64-bit, bit 2 COFF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum BinType {
    /// 32-bit little-endian ELF.
    Elf32Le = 0,
    /// 32-bit big-endian ELF.
    Elf32Be = 1,
    /// 64-bit little-endian ELF.
    Elf64Le = 2,
    /// 64-bit big-endian ELF.
    Elf64Be = 3,
    /// 32-bit COFF.
    Coff32 = 4,
    /// 64-bit COFF.
    Coff64 = 6,
}

/// How the code is meant to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum ExecMode {
    /// Copied and relocated.
    Relocatable = 1,
    /// Executed in place, all addresses taken from tables.
    Xip = 4,
}

/// Features a file uses: a set of bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeatureFlags(pub u64);

/// Architecture name: up to 15 ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ArchName([u8; 16]);

impl TargetInfo {
    /// For relocatable ELF code of this target.
    #[must_use]
    pub fn new(target: &Target, e_flags: u32, features: FeatureFlags) -> TargetInfo {
        TargetInfo {
            bin_type: BinType::elf(target.width, target.endian),
            abi_type: 0,
            e_type: ExecMode::Relocatable,
            e_machine: target.elf_machine,
            e_flags,
            features,
            arch: ArchName::new(target.aot_arch).unwrap_or(ArchName([0; 16])),
        }
    }

    /// The target this describes, if we have it.
    #[must_use]
    pub fn target(&self) -> Option<&'static Target> {
        targets::by_description(&self.description())
    }

    /// What this says of the machine.
    #[must_use]
    pub fn description(&self) -> Description<'_> {
        Description {
            elf_machine: self.e_machine,
            width: self.bin_type.width(),
            endian: self.bin_type.endian(),
            aot_arch: self.arch.as_str(),
        }
    }

    /// Pointer width of the machine.
    #[must_use]
    pub const fn width(&self) -> PtrWidth {
        self.bin_type.width()
    }

    /// Whether references are addresses of objects: the garbage-collection bit.
    #[must_use]
    pub const fn has_objects(&self) -> bool {
        self.features.contains(FeatureFlags::GARBAGE_COLLECTION)
    }

    /// What references are in code, cells, globals and tables.
    #[must_use]
    pub const fn references(&self) -> References {
        References {
            representation: if self.has_objects() {
                Representation::Object
            } else {
                Representation::Index
            },
            width: self.width(),
        }
    }
}

impl BinType {
    /// ELF of this word size and byte order.
    #[must_use]
    pub const fn elf(width: PtrWidth, endian: Endian) -> BinType {
        match (width, endian) {
            (PtrWidth::W32, Endian::Little) => BinType::Elf32Le,
            (PtrWidth::W32, Endian::Big) => BinType::Elf32Be,
            (PtrWidth::W64, Endian::Little) => BinType::Elf64Le,
            (PtrWidth::W64, Endian::Big) => BinType::Elf64Be,
        }
    }

    /// Pointer width.
    #[must_use]
    pub const fn width(self) -> PtrWidth {
        match self as u16 & 0b10 {
            0 => PtrWidth::W32,
            _ => PtrWidth::W64,
        }
    }

    /// Byte order of code and data (the container itself is always little endian).
    #[must_use]
    pub const fn endian(self) -> Endian {
        match self as u16 & 0b01 {
            0 => Endian::Little,
            _ => Endian::Big,
        }
    }

    /// The type of this code.
    #[must_use]
    pub const fn from_code(code: u16) -> Option<BinType> {
        Some(match code {
            0 => BinType::Elf32Le,
            1 => BinType::Elf32Be,
            2 => BinType::Elf64Le,
            3 => BinType::Elf64Be,
            4 => BinType::Coff32,
            6 => BinType::Coff64,
            _ => return None,
        })
    }
}

/// Grammar: `features! { (/// doc BIT CONSTANT NAME;)* }`. The line `/// Vectors. 0 SIMD "simd";` becomes
/// `FeatureFlags::SIMD` with bit 0 and that name in lists.
macro_rules! features {
    ($(#[doc = $doc:literal] $bit:literal $const:ident $name:literal;)*) => {
        impl FeatureFlags {
            $(#[doc = $doc] pub const $const: FeatureFlags = FeatureFlags(1 << $bit);)*

            /// Every known flag with its name, by bit.
            pub const ALL: &'static [(FeatureFlags, &'static str)] = &[$((FeatureFlags::$const, $name),)*];
        }
    };
}

features! {
    /// 128-bit vectors.
    0 SIMD "simd";
    /// Bulk memory operations.
    1 BULK_MEMORY "bulk-memory";
    /// Threads.
    2 MULTI_THREAD "multi-thread";
    /// Reference types.
    3 REF_TYPES "ref-types";
    /// Garbage collection.
    4 GARBAGE_COLLECTION "gc";
    /// Exception handling (never set by stock).
    5 EXCEPTION_HANDLING "exception-handling";
    /// Call-stack frames are tiny ones.
    6 TINY_STACK_FRAME "tiny-stack-frame";
    /// Several memories (never set by stock).
    7 MULTI_MEMORY "multi-memory";
    /// Dynamic linking (never set by stock).
    8 DYNAMIC_LINKING "dynamic-linking";
    /// Component model (never set by stock).
    9 COMPONENT_MODEL "component-model";
    /// Relaxed vectors (never set by stock).
    10 RELAXED_SIMD "relaxed-simd";
    /// Flexible vectors (never set by stock).
    11 FLEXIBLE_VECTORS "flexible-vectors";
    /// Call-stack frames are pushed by the callee.
    12 FRAME_PER_FUNCTION "frame-per-function";
    /// Call-stack frames carry no function index.
    13 FRAME_NO_FUNC_IDX "frame-no-func-idx";
}

impl FeatureFlags {
    /// No feature.
    pub const NONE: FeatureFlags = FeatureFlags(0);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub const fn contains(self, other: FeatureFlags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: FeatureFlags) -> FeatureFlags {
        FeatureFlags(self.0 | other.0)
    }
}

impl core::ops::BitOr for FeatureFlags {
    type Output = FeatureFlags;

    fn bitor(self, other: FeatureFlags) -> FeatureFlags {
        self.union(other)
    }
}

impl core::ops::BitOrAssign for FeatureFlags {
    fn bitor_assign(&mut self, other: FeatureFlags) {
        *self = self.union(other);
    }
}

impl ArchName {
    /// From text; `None` when it is longer than 15 bytes or not printable ASCII.
    #[must_use]
    pub fn new(name: &str) -> Option<ArchName> {
        let mut bytes = [0; 16];
        let room = bytes.first_chunk_mut::<15>()?.get_mut(..name.len())?;
        room.copy_from_slice(name.as_bytes());
        name.bytes()
            .all(|byte| byte.is_ascii_graphic())
            .then_some(ArchName(bytes))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.0.split(|byte| *byte == 0).next().unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default()
    }

    /// The bytes in the file.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl core::fmt::Debug for ArchName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(self.as_str(), f)
    }
}

pub(crate) fn decode(cursor: &mut Cursor<'_>) -> Result<TargetInfo, ReadError> {
    let at = *cursor;
    let code = cursor.u16()?;
    let bin_type = BinType::from_code(code).ok_or(at.error(ReadErrorKind::BinType(code)))?;
    let abi_type = cursor.u16()?;
    let at = *cursor;
    let e_type = match cursor.u16()? {
        1 => ExecMode::Relocatable,
        4 => ExecMode::Xip,
        other => return Err(at.error(ReadErrorKind::ExecMode(other))),
    };
    let e_machine = cursor.u16()?;
    let at = *cursor;
    match cursor.u32()? {
        1 => {}
        other => return Err(at.error(ReadErrorKind::ElfVersion(other))),
    }
    let e_flags = cursor.u32()?;
    let features = FeatureFlags(cursor.u64()?);
    // Reserved, and ignored by stock loaders too.
    cursor.u64()?;
    let at = *cursor;
    let arch = cursor.bytes(16)?;
    let malformed = at.error(ReadErrorKind::ArchName);
    let text = match arch.split_last() {
        Some((0, _)) => arch.split(|byte| *byte == 0).next().unwrap_or_default(),
        _ => return Err(malformed),
    };
    let arch = core::str::from_utf8(text).ok().and_then(ArchName::new);
    Ok(TargetInfo {
        bin_type,
        abi_type,
        e_type,
        e_machine,
        e_flags,
        features,
        arch: arch.ok_or(malformed)?,
    })
}

#[cfg(feature = "alloc")]
pub(crate) fn encode(info: &TargetInfo, sink: &mut crate::sink::Sink) {
    sink.u16(info.bin_type as u16);
    sink.u16(info.abi_type);
    sink.u16(info.e_type as u16);
    sink.u16(info.e_machine);
    sink.u32(1);
    sink.u32(info.e_flags);
    sink.u64(info.features.0);
    sink.u64(0);
    sink.bytes(info.arch.bytes());
}
