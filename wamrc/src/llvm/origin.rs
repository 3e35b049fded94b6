//! Where instructions come from, as LLVM's debug information: a line's number is an offset in the WebAssembly file.

use super::builder::Builder;
use super::module::Module;
use inkwell::debug_info::{
    AsDIScope as _, DICompileUnit, DIFlags, DIFlagsConstants as _, DISubroutineType,
    DWARFEmissionKind, DWARFSourceLanguage, DebugInfoBuilder, debug_metadata_version,
};
use inkwell::module::FlagBehavior;
use inkwell::values::FunctionValue;

/// The name of the file that the lines are of. The compiler is not told the real one.
const FILE: (&str, &str) = ("module.wasm", ".");

/// The line of what does not come from the file.
pub(super) const NONE: u32 = 0;

/// What all functions of a module have in common.
pub(super) struct Origins<'c> {
    builder: DebugInfoBuilder<'c>,
    unit: DICompileUnit<'c>,
    ty: DISubroutineType<'c>,
}

impl<'c> Module<'c> {
    /// From now on functions that are defined note what [`Builder::at`] says; to be called before the first is.
    pub fn begin_origins(&self) {
        let version = self.context.inner().i32_type();
        let version = version.const_int(debug_metadata_version().into(), false);
        self.inner
            .add_basic_value_flag("Debug Info Version", FlagBehavior::Warning, version);
        let (name, folder) = FILE;
        let (builder, unit) = self.inner.create_debug_info_builder(
            false,
            DWARFSourceLanguage::C,
            name,
            folder,
            "wamrc",
            true,
            "",
            0,
            "",
            DWARFEmissionKind::LineTablesOnly,
            0,
            false,
            false,
            "",
            "",
        );
        let ty = builder.create_subroutine_type(unit.get_file(), None, &[], DIFlags::ZERO);
        *self.origins.borrow_mut() = Some(Origins { builder, unit, ty });
    }

    /// Ends what [`Module::begin_origins`] began; to be called before anything is done with the module.
    pub fn end_origins(&self) {
        if let Some(origins) = self.origins.borrow_mut().take() {
            origins.builder.finalize();
        }
    }

    /// Has a function note origins. All do, whatever they are for: what is put in place of a call in one that does not
    /// has none any more.
    pub(super) fn note_origins(&self, function: FunctionValue<'c>, symbol: &str) {
        let origins = self.origins.borrow();
        let Some(Origins { builder, unit, ty }) = origins.as_ref() else {
            return;
        };
        let (scope, file) = (unit.as_debug_info_scope(), unit.get_file());
        let flags = DIFlags::ZERO;
        let subprogram = builder.create_function(
            scope, symbol, None, file, NONE, *ty, true, true, NONE, flags, true,
        );
        function.set_subprogram(subprogram);
    }
}

impl Builder<'_, '_> {
    /// Says where in the file the instructions come from that are built from now on; before, they come from nowhere.
    pub fn at(&self, offset: u64) {
        // There are no files of 4 GiB and more.
        self.at_line(u32::try_from(offset).unwrap_or(NONE));
    }

    pub(super) fn at_line(&self, line: u32) {
        let origins = self.module.origins.borrow();
        let (Some(origins), Some(function)) =
            (origins.as_ref(), self.function.value.get_subprogram())
        else {
            return;
        };
        let context = self.module.context.inner();
        let scope = function.as_debug_info_scope();
        let origins = &origins.builder;
        let location = origins.create_debug_location(context, line, 0, scope, None);
        self.inner.set_current_debug_location(location);
    }
}
