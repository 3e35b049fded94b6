//! Unix systems and machines whose faults nothing here turns into traps: the
//! machine cannot leave compiled code, or its signal frame is not known. Files
//! need all checks in their code.

/// Whether faults become traps.
pub(super) const CATCHES: bool = false;

/// Nothing to install.
pub(super) fn install() {}
