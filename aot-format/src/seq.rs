//! A list in a file, or a list to be written: both behind one type.
//!
//! Reading, a [`Seq`] is a run of bytes that [`View::read`](crate::View::read) has walked once: iterating cannot fail any
//! more (an impossible failure ends the iteration). Writing, it is a slice. So the same structs, lists inside them
//! included, serve both directions without allocation.

use core::fmt;

use targets::PtrWidth;

use crate::cursor::Cursor;
use crate::error::ReadError;
use crate::section::relocation::Symbols;

/// What decoding some items needs to know besides their bytes. One type for all, so that lists are covariant.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    pub(crate) width: PtrWidth,
    pub(crate) symbols: Symbols<'a>,
    /// References are objects: the encodings of garbage collection.
    pub(crate) objects: bool,
}

impl Form<'_> {
    /// For items that need nothing.
    pub(crate) const PLAIN: Form<'static> = Form {
        width: PtrWidth::W64,
        symbols: Symbols::EMPTY,
        objects: false,
    };

    /// For items whose encoding depends on what references are.
    pub(crate) const fn of(objects: bool) -> Form<'static> {
        Form {
            objects,
            ..Form::PLAIN
        }
    }
}

/// Something lists hold, with the way to read it.
pub trait Item<'a>: Copy {
    /// Smallest number of bytes an item takes: bounds counts before walking.
    const MIN_BYTES: u32;

    /// Reads one item.
    ///
    /// # Errors
    /// Whatever is wrong with it by itself; indices are checked by `View::read` once everything is known.
    fn decode(cursor: &mut Cursor<'a>, form: Form<'a>) -> Result<Self, ReadError>;
}

/// A list of `T`: in the file, or a slice.
pub struct Seq<'a, T: Item<'a>>(Repr<'a, T>);

enum Repr<'a, T: Item<'a>> {
    /// Invariant (of values made by [`Seq::read`]): `count` items decode from `start` without error.
    File {
        start: Cursor<'a>,
        count: u32,
        form: Form<'a>,
    },
    Slice(&'a [T]),
}

impl<'a, T: Item<'a>> Seq<'a, T> {
    /// The empty list.
    pub const EMPTY: Seq<'a, T> = Seq(Repr::Slice(&[]));

    /// Reads `count` items to check them; the list remembers where they are.
    ///
    /// # Errors
    /// The first item's that is malformed; a count that the bytes left cannot hold is refused at once.
    pub(crate) fn read(
        cursor: &mut Cursor<'a>,
        count: u32,
        form: Form<'a>,
    ) -> Result<Seq<'a, T>, ReadError> {
        let start = *cursor;
        let needed = u64::from(count) * u64::from(T::MIN_BYTES);
        if needed > u64::from(cursor.left()) {
            let needed = u32::try_from(needed).unwrap_or(u32::MAX);
            let left = cursor.left();
            return Err(cursor.error(crate::ReadErrorKind::Truncated { needed, left }));
        }
        for _ in 0..count {
            T::decode(cursor, form)?;
        }
        Ok(Seq(Repr::File { start, count, form }))
    }

    /// A list whose items have been read once from here.
    pub(crate) const fn trusted(start: Cursor<'a>, count: u32, form: Form<'a>) -> Seq<'a, T> {
        Seq(Repr::File { start, count, form })
    }

    /// Number of items.
    #[must_use]
    pub fn len(&self) -> u32 {
        match &self.0 {
            Repr::File { count, .. } => *count,
            Repr::Slice(items) => u32::try_from(items.len()).unwrap_or(u32::MAX),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The items in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, T> {
        Iter {
            repr: self.0,
            left: self.len(),
        }
    }

    /// The item of this position; takes time linear in it when reading.
    #[must_use]
    pub fn at(&self, index: u32) -> Option<T> {
        self.iter().nth(index as usize)
    }

    /// Offset in the file of the first item (0 for slices).
    pub(crate) fn start(&self) -> u32 {
        self.iter().offset()
    }

    /// The same bytes read as other items; empty for a slice.
    pub(crate) fn reinterpret<U: Item<'a>>(&self) -> Seq<'a, U> {
        match &self.0 {
            Repr::File { start, count, form } => Seq(Repr::File {
                start: *start,
                count: *count,
                form: *form,
            }),
            Repr::Slice(_) => Seq::EMPTY,
        }
    }

    /// Reads items up to the end of the cursor.
    pub(crate) fn read_rest(
        cursor: &mut Cursor<'a>,
        form: Form<'a>,
    ) -> Result<Seq<'a, T>, ReadError> {
        let start = *cursor;
        let mut count = 0;
        while cursor.left() > 0 {
            T::decode(cursor, form)?;
            count += 1;
        }
        Ok(Seq(Repr::File { start, count, form }))
    }

    /// The items with their offsets in the file (0 for slices).
    pub(crate) fn located(&self) -> Located<'a, T> {
        Located(self.iter())
    }
}

impl<'a, T: Item<'a>> Clone for Repr<'a, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, T: Item<'a>> Copy for Repr<'a, T> {}

impl<'a, T: Item<'a>> Clone for Seq<'a, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, T: Item<'a>> Copy for Seq<'a, T> {}

impl<'a, T: Item<'a>> From<&'a [T]> for Seq<'a, T> {
    fn from(items: &'a [T]) -> Self {
        Seq(Repr::Slice(items))
    }
}

impl<'a, T: Item<'a>> Default for Seq<'a, T> {
    fn default() -> Self {
        Seq::EMPTY
    }
}

impl<'a, T: Item<'a> + fmt::Debug> fmt::Debug for Seq<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: Item<'a> + PartialEq> PartialEq for Seq<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<'a, T: Item<'a>> IntoIterator for Seq<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// Iterator over a [`Seq`].
pub struct Iter<'a, T: Item<'a>> {
    repr: Repr<'a, T>,
    left: u32,
}

impl<'a, T: Item<'a>> Iter<'a, T> {
    fn offset(&self) -> u32 {
        match &self.repr {
            Repr::File { start, .. } => start.offset(),
            Repr::Slice(_) => 0,
        }
    }
}

impl<'a, T: Item<'a>> Iterator for Iter<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        match &mut self.repr {
            Repr::File { start, form, .. } => T::decode(start, *form).ok(),
            Repr::Slice(items) => {
                let (first, rest) = items.split_first()?;
                *items = rest;
                Some(*first)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl<'a, T: Item<'a>> ExactSizeIterator for Iter<'a, T> {}

/// Iterator over items and their offsets.
pub(crate) struct Located<'a, T: Item<'a>>(Iter<'a, T>);

impl<'a, T: Item<'a>> Iterator for Located<'a, T> {
    type Item = (u32, T);

    fn next(&mut self) -> Option<(u32, T)> {
        let offset = self.0.offset();
        self.0.next().map(|item| (offset, item))
    }
}

impl<'a> Item<'a> for &'a str {
    const MIN_BYTES: u32 = 2;

    fn decode(cursor: &mut Cursor<'a>, _: Form<'a>) -> Result<Self, ReadError> {
        cursor.string()
    }
}
