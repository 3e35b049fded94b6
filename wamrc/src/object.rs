//! Object file bytes to the pieces of a container.

/// Placeholder error until extraction lands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {}
