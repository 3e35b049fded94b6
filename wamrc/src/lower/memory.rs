//! Loads, stores, and the address arithmetic of linear memory (core spec 3.3.7; spec D.2).
//!
//! With guard pages an access is the base, plus the zero-extended address, plus the constant offset,
//! in two steps that LLVM knows not to wrap. With checks the end of the access is compared first. An
//! address of 64 bits is never added to before it is known to be small (decision 009).
//!
//! Linear memory is little endian: on a big-endian machine the bytes of an access are reversed, which
//! puts lane 0 of a vector where `simd/lane.rs` wants it whatever the shape.
//!
//! To LLVM a load has no effect, so with guard pages one whose result is not used may disappear together
//! with its trap. Only a load that is dropped on the spot is kept for certain: marking all of them would
//! keep loops from being vectorised.

use super::function::FunctionLowering;
use crate::error::CompileError;
use crate::llvm::{Access, Binary, Cast, IntCompare, Intrinsic, Region, Type, Value};
use crate::plan::{AddressCheck, MemoryAccess, MemoryPlan};
use crate::wasm::{IndexType, MemoryIdx};
use aot_format::abi::instance;
use aot_format::abi::memory::{Field, GUARDED_RESERVATION, WIDE_GUARD};
use aot_format::abi::traps::TrapId;
use targets::Endian;
use wasmparser::{MemArg, MemArgTarget};

/// How a loaded value becomes as wide as its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Widen {
    /// It is that wide already.
    Whole,
    /// Sign extension.
    Signed,
    /// Zero extension.
    Unsigned,
}

/// The machine type of addresses and indices.
pub(super) fn index_type(ty: IndexType) -> Type {
    match ty {
        IndexType::I32 => Type::I32,
        IndexType::I64 => Type::I64,
    }
}

/// The integer with as many bits.
fn integer(bits: u32) -> Type {
    match bits {
        8 => Type::I8,
        16 => Type::I16,
        32 => Type::I32,
        64 => Type::I64,
        _ => Type::I128,
    }
}

/// An address that may be accessed, and what is known about it.
pub(super) struct Place<'c> {
    pub(super) address: Value<'c>,
    pub(super) access: Access,
    /// Offset of the last byte of an access of several instructions whose end nothing has compared with the size.
    last: Option<u64>,
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    /// A load of `stored` that becomes a `result`.
    pub(super) fn load(
        &mut self,
        stored: Type,
        widen: Widen,
        result: Type,
        memarg: &MemArg,
    ) -> Result<(), CompileError> {
        let value = self.load_little(stored, memarg)?;
        let value = match widen {
            Widen::Whole => value,
            Widen::Signed => self.b.cast(Cast::SExt, value, result),
            Widen::Unsigned => self.b.cast(Cast::ZExt, value, result),
        };
        self.push(value);
        Ok(())
    }

    /// A store of the low bits of the operand, as many as `stored` has.
    pub(super) fn store(&mut self, stored: Type, memarg: &MemArg) -> Result<(), CompileError> {
        let [address, value] = self.pop_array()?;
        let place = self.place(address, memarg, stored)?;
        let value = if stored.is_float() {
            value
        } else {
            self.b.cast(Cast::Trunc, value, stored)
        };
        self.store_at(value, &place);
        Ok(())
    }

    /// Pops an address and loads from there.
    pub(super) fn load_little(
        &mut self,
        ty: Type,
        memarg: &MemArg,
    ) -> Result<Value<'c>, CompileError> {
        let Place {
            address, access, ..
        } = self.pop_place(ty, memarg)?;
        if self.unit.options.target.endian == Endian::Little {
            return Ok(self.b.load(ty, address, access));
        }
        let bits = self.b.load(integer(ty.bits()), address, access);
        let bits = self.reversed(bits);
        Ok(self.b.cast(Cast::BitCast, bits, ty))
    }

    /// Pops an address and stores there.
    pub(super) fn store_little(
        &mut self,
        value: Value<'c>,
        memarg: &MemArg,
    ) -> Result<(), CompileError> {
        let place = self.pop_place(self.b.type_of(value), memarg)?;
        self.store_at(value, &place);
        Ok(())
    }

    /// A store that traps must have changed nothing (core spec 4.6.9): where it may be several instructions, its last byte
    /// is read first, which traps if any of them would.
    fn store_at(&self, value: Value<'c>, place: &Place<'c>) {
        if let Some(last) = place.last {
            let end = self.b.offset(place.address, last);
            let byte = self.b.load(Type::I8, end, Access::new(Region::Memory, 1));
            self.b.keep_load(byte);
        }
        let value = match self.unit.options.target.endian {
            Endian::Little => value,
            Endian::Big => {
                let bits = integer(self.b.type_of(value).bits());
                let bits = self.b.cast(Cast::BitCast, value, bits);
                self.reversed(bits)
            }
        };
        self.b.store(value, place.address, place.access);
    }

    /// An integer of linear memory as a number of the machine, or back.
    pub(super) fn in_memory_order(&self, value: Value<'c>) -> Value<'c> {
        match self.unit.options.target.endian {
            Endian::Little => value,
            Endian::Big => self.reversed(value),
        }
    }

    /// An integer with its bytes in the opposite order.
    fn reversed(&self, bits: Value<'c>) -> Value<'c> {
        match self.b.type_of(bits) {
            Type::I8 => bits,
            ty => self.b.intrinsic(Intrinsic::Bswap, &[ty], &[bits]),
        }
    }

    /// A load whose result is dropped must still trap if its address is bad.
    pub(super) fn drop_value(&mut self) -> Result<(), CompileError> {
        let value = self.pop()?;
        self.b.keep_load(value);
        Ok(())
    }

    /// Pops an address; the place of the access.
    pub(super) fn pop_place(
        &mut self,
        stored: Type,
        memarg: &MemArg,
    ) -> Result<Place<'c>, CompileError> {
        let address = self.pop()?;
        self.place(address, memarg, stored)
    }

    /// The place of an access, after the checks it needs.
    pub(super) fn place(
        &mut self,
        address: Value<'c>,
        memarg: &MemArg,
        stored: Type,
    ) -> Result<Place<'c>, CompileError> {
        let memory = self.accessed(memarg)?;
        let offset = memarg.offset;
        let bytes = u64::from(stored.bits() / 8);
        if let Some(constant) = self.b.constant_int(address) {
            let start = constant.saturating_add(offset);
            self.check_constant(&memory, start, bytes)?;
            let base = self.memory_base(&memory)?;
            let align = 1 << start.trailing_zeros().min(3);
            let address = self.b.offset(base, start);
            return Ok(self.place_at(address, &memory, align, bytes));
        }
        let start = self.b.cast(Cast::ZExt, address, Type::I64);
        self.check_address(&memory, start, offset, bytes)?;
        let base = self.memory_base(&memory)?;
        let index = self.b.cast(Cast::Trunc, start, self.unit.size_type());
        let address = self.b.index(base, index);
        let address = self.b.offset(address, offset);
        Ok(self.place_at(address, &memory, 1, bytes))
    }

    fn place_at(
        &self,
        address: Value<'c>,
        memory: &MemoryPlan,
        align: u32,
        bytes: u64,
    ) -> Place<'c> {
        let torn = self.unit.options.target.torn_stores && u64::from(align) < bytes;
        Place {
            address,
            access: Access::new(Region::Memory, align),
            last: (torn && memory.check != AddressCheck::Whole).then(|| bytes.saturating_sub(1)),
        }
    }

    /// Checks an access at a constant address, if its end is not below the least size.
    fn check_constant(
        &mut self,
        memory: &MemoryPlan,
        start: u64,
        bytes: u64,
    ) -> Result<(), CompileError> {
        let inside = start.saturating_add(bytes) <= memory.min_bytes();
        if inside || memory.check == AddressCheck::Reserved {
            return Ok(());
        }
        let start = self.b.int(Type::I64, start);
        match memory.address {
            IndexType::I32 => self.check(memory, start, 0, bytes),
            IndexType::I64 => self.check_whole(memory, start, 0, bytes),
        }
    }

    /// Checks as much of an access as its memory asks for.
    fn check_address(
        &mut self,
        memory: &MemoryPlan,
        start: Value<'c>,
        offset: u64,
        bytes: u64,
    ) -> Result<(), CompileError> {
        let end = offset.saturating_add(bytes);
        let outside = match (memory.check, memory.address) {
            (AddressCheck::Reserved, _) => return Ok(()),
            (AddressCheck::HighBits, _) if end <= GUARDED_RESERVATION / 2 => {
                let most = self.b.int(Type::I64, u64::from(u32::MAX));
                self.b.icmp(IntCompare::Ugt, start, most)
            }
            (AddressCheck::Start, _) if end <= WIDE_GUARD => {
                let size = self.memory_size(memory)?;
                self.b.icmp(IntCompare::Uge, start, size)
            }
            (_, IndexType::I32) => return self.check(memory, start, offset, bytes),
            (_, IndexType::I64) => return self.check_whole(memory, start, offset, bytes),
        };
        self.trap_if(outside, TrapId::OutOfBoundsMemoryAccess);
        Ok(())
    }

    /// Traps unless an access at a 64-bit address lies below the size. Sums with the address could
    /// wrap, so the constant part is taken from the size instead, which is at least as large.
    fn check_whole(
        &mut self,
        memory: &MemoryPlan,
        start: Value<'c>,
        offset: u64,
        bytes: u64,
    ) -> Result<(), CompileError> {
        let end = offset.saturating_add(bytes);
        let size = self.memory_size(memory)?;
        let constant = self.b.int(Type::I64, end);
        if end > memory.min_bytes() {
            let short = self.b.icmp(IntCompare::Ult, size, constant);
            self.trap_if(short, TrapId::OutOfBoundsMemoryAccess);
        }
        let last = self.b.binary(Binary::Sub, size, constant);
        let outside = self.b.icmp(IntCompare::Ugt, start, last);
        self.trap_if(outside, TrapId::OutOfBoundsMemoryAccess);
        Ok(())
    }

    /// Traps unless `start + offset + bytes` is at most the size, for addresses of 32 bits: the sum
    /// has 34 bits and cannot wrap.
    fn check(
        &mut self,
        memory: &MemoryPlan,
        start: Value<'c>,
        offset: u64,
        bytes: u64,
    ) -> Result<(), CompileError> {
        let bound = match bytes {
            1 => Field::MemBoundCheck1byte,
            2 => Field::MemBoundCheck2bytes,
            4 => Field::MemBoundCheck4bytes,
            8 => Field::MemBoundCheck8bytes,
            _ => Field::MemBoundCheck16bytes,
        };
        // A runtime sets the bounds only while the size is positive (spec C.7), and they are only
        // right for sizes above theirs.
        let (end, limit) = if memory.min_bytes() >= 16 {
            let ty = self.unit.size_type();
            let bound = self.memory_field(memory, bound, ty, memory.size_changes)?;
            (offset, self.b.cast(Cast::ZExt, bound, Type::I64))
        } else {
            (offset + bytes, self.memory_size(memory)?)
        };
        let end = match end {
            0 => start,
            _ => {
                let end = self.b.int(Type::I64, end);
                self.b.binary(Binary::Add, start, end)
            }
        };
        let outside = self.b.icmp(IntCompare::Ugt, end, limit);
        self.trap_if(outside, TrapId::OutOfBoundsMemoryAccess);
        Ok(())
    }

    /// The plan of a memory.
    pub(super) fn memory(&self, index: MemoryIdx) -> Result<MemoryPlan, CompileError> {
        let memory = self.unit.plan.memories.get(index.position()).copied();
        memory.ok_or_else(|| self.internal("unknown memory"))
    }

    /// The plan of the memory that a load or store means.
    pub(super) fn accessed(&self, memarg: &MemArg) -> Result<MemoryPlan, CompileError> {
        match memarg.target {
            MemArgTarget::Memory(index) => self.memory(MemoryIdx(index)),
            MemArgTarget::Array(_) => Err(self.internal("access to an array")),
        }
    }

    /// The type of the address that a load or store takes.
    pub(super) fn address_type(&self, memarg: &MemArg) -> Result<Type, CompileError> {
        Ok(index_type(self.accessed(memarg)?.address))
    }

    /// Current size in bytes, as `I64`.
    pub(super) fn memory_size(&mut self, memory: &MemoryPlan) -> Result<Value<'c>, CompileError> {
        let changes = memory.size_changes;
        self.memory_field(memory, Field::MemoryDataSize, Type::I64, changes)
    }

    /// Current size in pages, as an address.
    pub(super) fn memory_pages(&mut self, memory: &MemoryPlan) -> Result<Value<'c>, CompileError> {
        let ty = index_type(memory.address);
        if memory.page_bytes == 1 {
            // The field for pages has 32 bits only.
            let bytes = self.memory_size(memory)?;
            return Ok(self.b.cast(Cast::Trunc, bytes, ty));
        }
        let changes = memory.size_changes;
        let pages = self.memory_field(memory, Field::CurPageCount, Type::I32, changes)?;
        Ok(self.b.cast(Cast::ZExt, pages, ty))
    }

    /// The address of the first byte.
    pub(super) fn memory_base(&mut self, memory: &MemoryPlan) -> Result<Value<'c>, CompileError> {
        if memory.base_moves {
            return self.memory_field(memory, Field::MemoryData, Type::Ptr, true);
        }
        if let Some(known) = self.entry.bases.get(&memory.index) {
            return Ok(*known);
        }
        let base = self.memory_field(memory, Field::MemoryData, Type::Ptr, false)?;
        self.entry.bases.insert(memory.index, base);
        Ok(base)
    }

    /// A field of the memory's descriptor; loaded in the entry block if it never changes.
    fn memory_field(
        &mut self,
        memory: &MemoryPlan,
        field: Field,
        ty: Type,
        changes: bool,
    ) -> Result<Value<'c>, CompileError> {
        let descriptor = self.descriptor(memory);
        let offset = u64::from(field.offset(self.unit.options.target.width));
        let align = 1 << offset.trailing_zeros().min(3);
        if changes {
            let address = self.b.offset(descriptor, offset);
            return Ok(self
                .b
                .load(ty, address, Access::new(Region::Instance, align)));
        }
        Ok(self.b.in_entry(|b| {
            let address = b.offset(descriptor, offset);
            b.load(ty, address, Access::constant(Region::Instance, align))
        }))
    }

    /// The memory's descriptor, found in the entry block.
    fn descriptor(&mut self, memory: &MemoryPlan) -> Value<'c> {
        if let Some(known) = self.entry.descriptors.get(&memory.index) {
            return *known;
        }
        let found = match memory.access {
            MemoryAccess::Inline(offset) => {
                let instance = self.instance();
                self.b.in_entry(|b| b.offset(instance, offset.into()))
            }
            MemoryAccess::Pointer => {
                let array = self.instance_pointer(instance::Field::Memories);
                let bytes = self.unit.pointer_bytes();
                let offset = u64::from(memory.index.0) * u64::from(bytes);
                self.b.in_entry(|b| {
                    let slot = b.offset(array, offset);
                    b.load(Type::Ptr, slot, Access::constant(Region::Instance, bytes))
                })
            }
        };
        self.entry.descriptors.insert(memory.index, found);
        found
    }
}
