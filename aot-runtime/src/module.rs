//! Loaded modules: code in place and declarations ready to instantiate.
//!
//! [`Module::load`] is the list of steps; each is a function elsewhere. A
//! module is immutable and may be instantiated in any number of stores.

use crate::host::share::Arc;
use alloc::vec::Vec;

use aot_format::{AuxInfo, ExportKind, References, Relies, ValType, View};

use crate::code::{Code, Executable};
use crate::context::Block;
use crate::error::{LoadError, Reliance};
use crate::layout::ModuleLayout;
use crate::link::{self, WhereIsCode};
use crate::platform::{self, Platform};
use crate::types::TypeDecl;

pub(crate) mod check;
mod declare;
mod frames;

use frames::FrameArea;

pub(crate) use declare::{
    Data, Declarations, Elem, GlobalDecl, Init, MemoryDecl, Origin, TableDecl, TagDecls,
};

/// How to load a file.
#[derive(Clone, Copy)]
pub struct LoadOptions {
    /// Where the code goes, and what it may rely on.
    pub platform: &'static dyn Platform,
    /// On a platform without guard pages, believe that files of stock wamrc,
    /// which do not say, have bounds checks in their code.
    pub trust_stock_checked: bool,
}

impl Default for LoadOptions {
    /// The hosted platform; one that has nothing in a build without `std`.
    fn default() -> LoadOptions {
        LoadOptions {
            platform: platform::hosted().unwrap_or(&platform::Nothing),
            trust_stock_checked: false,
        }
    }
}

/// A loaded module. Cheap to clone.
#[derive(Clone)]
pub struct Module {
    inner: Arc<Inner>,
}

struct Inner {
    declared: Declarations,
    layout: ModuleLayout,
    placed: Placed,
    needs: Relies,
}

/// Where the code of a module is.
pub(crate) struct Placed {
    /// Keeps the mapping alive.
    #[expect(dead_code, reason = "owned for its address")]
    pub(crate) code: Code<Executable>,
    /// Addresses of the defined functions.
    pub(crate) functions: Vec<usize>,
    /// Addresses of the entry thunks by type index, ascending.
    pub(crate) thunks: Vec<(u32, usize)>,
    /// Addresses that call the imports, for files that do so directly.
    pub(crate) import_stubs: Vec<usize>,
    /// Address of the stack sizes, or 0.
    pub(crate) stack_sizes: usize,
    /// The native symbol table of an execute-in-place file.
    pub(crate) native_symbols: Option<Block>,
}

impl Module {
    /// Loads a file: reads and checks it, places text and data, relocates,
    /// seals, and takes down the declarations.
    ///
    /// # Errors
    /// [`LoadError`]; never panics, whatever the bytes.
    pub fn load(
        bytes: &(impl AsRef<[u8]> + ?Sized),
        options: &LoadOptions,
    ) -> Result<Module, LoadError> {
        let view = View::read(bytes.as_ref())?;
        Module::from_view(&view, options, WhereIsCode::Copied)
    }

    /// Loads an execute-in-place file (`wamrc --xip`) whose code stays where it is: in flash, for example. Only what the
    /// code needs at run time is taken from the platform.
    ///
    /// # Errors
    /// [`LoadError::InPlace`] for files that are not for this or not at a multiple of 16 (of 4, if stock wamrc made them), and
    /// where the platform does not say that these bytes can be executed; otherwise as [`Module::load`].
    pub fn load_in_place(bytes: &'static [u8], options: &LoadOptions) -> Result<Module, LoadError> {
        let view = View::read(bytes)?;
        check::in_place(&view, bytes, options.platform)?;
        Module::from_view(&view, options, WhereIsCode::InPlace)
    }

    fn from_view(
        view: &View<'_>,
        options: &LoadOptions,
        where_is_code: WhereIsCode,
    ) -> Result<Module, LoadError> {
        let machine = check::machine(view)?;
        check::processor(view, options.platform)?;
        let needs = check::needs(view, machine, options)?;
        let declared = Declarations::read(view)?;
        let layout = declared.layout()?;
        let placed = link::place(view, machine, options.platform, where_is_code)?;
        Ok(Module {
            inner: Arc::new(Inner {
                declared,
                layout,
                placed,
                needs,
            }),
        })
    }

    /// The exports: name, kind, index.
    pub fn exports(&self) -> impl Iterator<Item = (&str, ExportKind, u32)> {
        self.inner
            .declared
            .exports
            .iter()
            .map(|(name, kind, index)| (name.as_str(), *kind, *index))
    }

    /// An export by name.
    pub fn export(&self, name: &str) -> Option<(ExportKind, u32)> {
        let declared = &self.inner.declared;
        let position = declared.export_order.binary_search_by(|&position| {
            declared
                .exports
                .get(position)
                .map_or("", |(name, ..)| name.as_str())
                .cmp(name)
        });
        let position = position
            .ok()
            .and_then(|at| declared.export_order.get(at).copied())?;
        declared
            .exports
            .get(position)
            .map(|(_, kind, index)| (*kind, *index))
    }

    /// Whether the module imports anything from this module name.
    pub fn imports_from(&self, module: &str) -> bool {
        self.inner
            .declared
            .import_funcs
            .iter()
            .any(|(origin, _)| origin.module == module)
    }

    /// The shared memories the module imports: module name, name and type.
    #[cfg(feature = "std")]
    pub fn shared_memory_imports(
        &self,
    ) -> impl Iterator<Item = (&str, &str, crate::memory::MemoryType)> {
        self.memories().iter().filter_map(|memory| {
            let origin = memory.origin.as_ref()?;
            let ty = memory.init.ty;
            ty.shared.then_some((&*origin.module, &*origin.name, ty))
        })
    }

    /// Whether a platform gives what the code relies on.
    pub(crate) fn fits(&self, platform: &dyn Platform) -> bool {
        let lacking = |reliance: Option<Reliance>| reliance.is_some();
        !lacking(check::lacking(self.inner.needs, platform.capabilities()))
    }

    pub(crate) fn layout(&self) -> &ModuleLayout {
        &self.inner.layout
    }

    /// Imported functions with their type indices.
    pub(crate) fn import_funcs(&self) -> impl Iterator<Item = (&Origin, u32)> {
        self.inner
            .declared
            .import_funcs
            .iter()
            .map(|(origin, ty)| (origin, *ty))
    }

    /// The types.
    pub(crate) fn types(&self) -> &[TypeDecl] {
        &self.inner.declared.types
    }

    /// What references are.
    pub(crate) fn references(&self) -> References {
        self.inner.declared.references
    }

    pub(crate) fn import_globals(&self) -> impl Iterator<Item = (&Origin, ValType, bool)> {
        self.inner
            .declared
            .import_globals
            .iter()
            .map(|(origin, ty, mutable)| (origin, *ty, *mutable))
    }

    pub(crate) fn tags(&self) -> &TagDecls {
        &self.inner.declared.tags
    }

    /// Whether the code looks for exceptions after calls.
    pub(crate) fn handles_exceptions(&self) -> bool {
        self.inner.declared.tags.handles
    }

    /// Whether functions that raise traps do not return.
    pub(crate) fn traps_unwind(&self) -> bool {
        self.inner.needs.contains(Relies::UNWINDING_TRAPS)
    }

    pub(crate) fn globals(&self) -> &[GlobalDecl] {
        &self.inner.declared.globals
    }

    pub(crate) fn memories(&self) -> &[MemoryDecl] {
        &self.inner.declared.memories
    }

    pub(crate) fn tables(&self) -> &[TableDecl] {
        &self.inner.declared.tables
    }

    pub(crate) fn elems(&self) -> impl ExactSizeIterator<Item = &Elem> {
        self.inner.declared.elems.iter()
    }

    pub(crate) fn data_segments(&self) -> impl ExactSizeIterator<Item = &Data> {
        self.inner.declared.data.iter()
    }

    /// The bytes of a data segment.
    pub(crate) fn data(&self, segment: u32) -> Option<&[u8]> {
        self.inner
            .declared
            .data
            .get(segment as usize)
            .map(|data| &*data.bytes)
    }

    pub(crate) fn start(&self) -> Option<u32> {
        self.inner.declared.aux.start
    }

    pub(crate) fn aux(&self) -> &AuxInfo {
        &self.inner.declared.aux
    }

    /// Whether the file has our record.
    pub(crate) fn has_record(&self) -> bool {
        self.inner.declared.has_record
    }

    /// The area in which code keeps frames, or passes arguments.
    pub(crate) fn frame_area(&self) -> FrameArea {
        FrameArea::of(&self.inner.declared, self.inner.needs)
    }

    /// Number of imported functions.
    pub(crate) fn import_count(&self) -> usize {
        self.inner.declared.import_funcs.len()
    }

    /// Number of functions, imported and defined.
    pub(crate) fn function_count(&self) -> usize {
        self.inner.declared.import_funcs.len() + self.inner.declared.functions.len()
    }

    /// The canonical type index of a function.
    pub(crate) fn function_type(&self, index: usize) -> u32 {
        let declared = &self.inner.declared;
        let imported = declared.import_funcs.len();
        match index.checked_sub(imported) {
            None => declared
                .import_funcs
                .get(index)
                .map_or(u32::MAX, |(_, ty)| *ty),
            Some(index) => declared.functions.get(index).copied().unwrap_or(u32::MAX),
        }
    }

    /// What a function's entry in the instance's pointer array is.
    pub(crate) fn function_pointer(&self, index: usize) -> usize {
        let imported = self.inner.declared.import_funcs.len();
        let address = match index.checked_sub(imported) {
            None => self.inner.placed.import_stubs.get(index),
            Some(index) => self.inner.placed.functions.get(index),
        };
        address
            .copied()
            .unwrap_or_else(crate::builtins::unlinked_address)
    }

    /// Type index, address and entry thunk of a defined function, by its index in
    /// the whole space.
    pub(crate) fn defined_function(&self, index: u32) -> Option<(u32, usize, Option<usize>)> {
        let position = (index as usize).checked_sub(self.inner.declared.import_funcs.len())?;
        let code = *self.inner.placed.functions.get(position)?;
        let ty = *self.inner.declared.functions.get(position)?;
        Some((ty, code, self.thunk(ty)))
    }

    fn thunk(&self, type_index: u32) -> Option<usize> {
        let thunks = &self.inner.placed.thunks;
        let at = thunks
            .binary_search_by_key(&type_index, |(ty, _)| *ty)
            .ok()?;
        thunks.get(at).map(|(_, address)| *address)
    }

    /// Whether a function of another instance can get hold of in this one.
    pub(crate) fn may_meet_foreign(&self) -> bool {
        self.inner.declared.may_meet_foreign
    }

    /// Address of the native symbol table, or 0.
    pub(crate) fn native_symbols(&self) -> usize {
        self.inner
            .placed
            .native_symbols
            .as_ref()
            .map_or(0, |block| block.address(0))
    }

    /// Address of the stack sizes, or 0.
    pub(crate) fn stack_sizes(&self) -> usize {
        self.inner.placed.stack_sizes
    }
}
