//! How the parts of a pack become bytes, and back: one pair of functions per type.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::Float;

/// A pack that is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where reading stopped.
    pub offset: usize,
    /// What was expected there.
    pub what: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed pack: {} at {:#x}", self.what, self.offset)
    }
}

impl core::error::Error for Malformed {}

/// A place in a pack.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Cursor<'a> {
        Cursor { bytes, at: 0 }
    }

    pub(crate) fn malformed(&self, what: &'static str) -> Malformed {
        Malformed {
            offset: self.at,
            what,
        }
    }

    /// The next `length` bytes.
    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let found = rest.get(..length);
        let found = found.ok_or_else(|| self.malformed("more bytes"))?;
        self.at += length;
        Ok(found)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N)?);
        Ok(array)
    }
}

/// Something a pack contains.
pub(crate) trait Coded: Sized {
    fn read(from: &mut Cursor<'_>) -> Result<Self, Malformed>;
    fn write(&self, to: &mut Vec<u8>);
}

impl Coded for u64 {
    fn read(from: &mut Cursor<'_>) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = from.array()?;
            let part = u64::from(byte & 0x7F);
            if part << shift >> shift != part {
                break;
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(from.malformed("a number of 64 bits"))
    }
    fn write(&self, to: &mut Vec<u8>) {
        let mut rest = *self;
        loop {
            let [low, ..] = (rest & 0x7F).to_le_bytes();
            rest >>= 7;
            if rest == 0 {
                return to.push(low);
            }
            to.push(low | 0x80);
        }
    }
}

/// Narrower numbers: one line per type.
macro_rules! narrow {
    ($($ty:ty, $what:literal;)+) => {$(
        impl Coded for $ty {
            fn read(from: &mut Cursor<'_>) -> Result<$ty, Malformed> {
                let wide = u64::read(from)?;
                <$ty>::try_from(wide).map_err(|_| from.malformed($what))
            }
            fn write(&self, to: &mut Vec<u8>) {
                (*self as u64).write(to);
            }
        }
    )+};
}

narrow! {
    u32, "a number of 32 bits";
    usize, "a length";
}

impl Coded for bool {
    fn read(from: &mut Cursor<'_>) -> Result<bool, Malformed> {
        match u32::read(from)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(from.malformed("0 or 1")),
        }
    }
    fn write(&self, to: &mut Vec<u8>) {
        u32::from(*self).write(to);
    }
}

impl Coded for String {
    fn read(from: &mut Cursor<'_>) -> Result<String, Malformed> {
        let length = usize::read(from)?;
        let bytes = from.bytes(length)?;
        let text = core::str::from_utf8(bytes);
        Ok(text.map_err(|_| from.malformed("text"))?.into())
    }
    fn write(&self, to: &mut Vec<u8>) {
        self.len().write(to);
        to.extend_from_slice(self.as_bytes());
    }
}

impl<T: Coded> Coded for Option<T> {
    fn read(from: &mut Cursor<'_>) -> Result<Option<T>, Malformed> {
        match bool::read(from)? {
            true => Ok(Some(T::read(from)?)),
            false => Ok(None),
        }
    }
    fn write(&self, to: &mut Vec<u8>) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }
}

impl<T: Coded> Coded for Vec<T> {
    fn read(from: &mut Cursor<'_>) -> Result<Vec<T>, Malformed> {
        let mut list = Vec::new();
        for _ in 0..usize::read(from)? {
            list.push(T::read(from)?);
        }
        Ok(list)
    }
    fn write(&self, to: &mut Vec<u8>) {
        self.len().write(to);
        for item in self {
            item.write(to);
        }
    }
}

impl Coded for [u8; 16] {
    fn read(from: &mut Cursor<'_>) -> Result<[u8; 16], Malformed> {
        from.array()
    }
    fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(self);
    }
}

impl<Bits: Coded + Copy> Coded for Float<Bits> {
    fn read(from: &mut Cursor<'_>) -> Result<Float<Bits>, Malformed> {
        match u32::read(from)? {
            0 => Ok(Float::Bits(Bits::read(from)?)),
            1 => Ok(Float::Canonical),
            2 => Ok(Float::Arithmetic),
            _ => Err(from.malformed("tag of Float")),
        }
    }
    fn write(&self, to: &mut Vec<u8>) {
        match self {
            Float::Bits(bits) => {
                0_u32.write(to);
                bits.write(to);
            }
            Float::Canonical => 1_u32.write(to),
            Float::Arithmetic => 2_u32.write(to),
        }
    }
}

impl<Bits: Coded + Copy, const N: usize> Coded for [Float<Bits>; N] {
    fn read(from: &mut Cursor<'_>) -> Result<[Float<Bits>; N], Malformed> {
        let mut lanes = [Float::Canonical; N];
        for lane in &mut lanes {
            *lane = Float::read(from)?;
        }
        Ok(lanes)
    }
    fn write(&self, to: &mut Vec<u8>) {
        for lane in self {
            lane.write(to);
        }
    }
}
