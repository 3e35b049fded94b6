//! How much room compiled code gets for call-stack frames.
//!
//! Files of stock wamrc do not say whether their code keeps standard frames, so each gets room for at least the frame that
//! its first function writes to: pushing another one is then a trap, not a stray write. Spec C.14, D.12, A.4.2.

use aot_format::abi::exec_env::ARGUMENT_AREA;
use aot_format::abi::frame::Frame;
use aot_format::{FeatureFlags, Relies};

use super::declare::Declarations;
use crate::types::Shape;

/// Bytes for the frames of a call. An operating system gives only what is used.
const ROOM: usize = if cfg!(feature = "std") {
    64 * 1024
} else {
    size_of::<Frame>()
};

/// Bytes behind the last frame at most: what 50,000 locals and operands take, the usual limit of compilers.
const MOST_VALUES: usize = 1024 * 1024;

/// The area an execution environment points at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FrameArea {
    /// Its size.
    pub(crate) bytes: usize,
    /// How much of it frames are checked to stay in.
    pub(crate) checked: usize,
    /// Whether the first frame is there from the start.
    pub(crate) standard: bool,
}

impl FrameArea {
    pub(super) fn of(declared: &Declarations, needs: Relies) -> FrameArea {
        let only = |bytes| FrameArea {
            bytes,
            checked: bytes,
            standard: false,
        };
        if declared.features.contains(FeatureFlags::TINY_STACK_FRAME) {
            only(64 * 1024)
        } else if needs.contains(Relies::ARGUMENT_AREA) {
            only(ARGUMENT_AREA as usize)
        } else if declared.has_record {
            only(0)
        } else {
            FrameArea::standard(declared)
        }
    }

    /// Code stores the arguments of imports behind the frame, the caller's values and the import's own frame, and checks
    /// for neither.
    fn standard(declared: &Declarations) -> FrameArea {
        let arguments = |ty: &u32| match declared.types.get(*ty as usize).map(|ty| &ty.shape) {
            Some(Shape::Func(ty)) => ty.params().iter().map(|ty| ty.size() as usize).sum(),
            _ => 0,
        };
        let imports = declared.import_funcs.iter().map(|(_, ty)| ty);
        let arguments: usize = imports.map(arguments).max().unwrap_or(0);
        let values = (declared.frame_cells as usize).saturating_mul(4);
        let behind = values.saturating_add(arguments);
        let (checked, behind) = match behind <= MOST_VALUES && ROOM > size_of::<Frame>() {
            true => (ROOM, behind),
            // No other frame is pushed.
            false => (size_of::<Frame>(), 0),
        };
        FrameArea {
            bytes: checked + behind,
            checked,
            standard: true,
        }
    }
}
