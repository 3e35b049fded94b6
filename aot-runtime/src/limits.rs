//! Sizes a memory or table may have, as declared, and when an import fits.

use core::fmt;

/// Limits of a memory (in pages) or table (in elements).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Least size.
    pub min: u64,
    /// Greatest size, if there is one.
    pub max: Option<u64>,
}

impl Limits {
    /// Whether something with these limits (the current size as minimum) may
    /// be imported where `wanted` is declared.
    pub fn fits(&self, wanted: &Limits) -> bool {
        let max = match (self.max, wanted.max) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(have), Some(want)) => have <= want,
        };
        self.min >= wanted.min && max
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.max {
            Some(max) => write!(f, "{}..{}", self.min, max),
            None => write!(f, "{}..", self.min),
        }
    }
}
