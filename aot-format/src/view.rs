//! Zero-copy, fully validated view of a container: what the runtime and `wamrc inspect` use.
//!
//! [`View::read`] checks everything that can be checked without knowing the machine: structure, counts, indices,
//! offsets, expression types, names. Lists can then be iterated without errors. What it cannot know and the
//! runtime must check: types of globals named by `global.get`, values of offsets, meaning of relocation numbers,
//! whether the machine is the running one, and machine code, which is never checked.

use crate::cursor::Cursor;
use crate::error::{ReadError, ReadErrorKind};
use crate::section::custom::CustomSection;
use crate::section::export::Export;
use crate::section::function::{self, Functions, LocalFlags};
use crate::section::init_data::counters::AuxInfo;
use crate::section::init_data::data::DataSegment;
use crate::section::init_data::global::{Global, Globals, ImportGlobal};
use crate::section::init_data::import::ImportFunc;
use crate::section::init_data::memory::MemoryType;
use crate::section::init_data::object_data::ObjectData;
use crate::section::init_data::table::{ElemSegment, TableType};
use crate::section::init_data::types::SubType;
use crate::section::init_data::{self, InitData};
use crate::section::relocation::{self, Place, RelocGroup, Relocations, Symbol, Symbols};
use crate::section::tags::{self, Tags};
use crate::section::target_info::{self, TargetInfo};
use crate::section::text::{self, Text};
use crate::section::wamrc::{self, Record};
use crate::section::{SectionId, finish, read_frame};
use crate::seq::{Form, Seq};
use crate::value::HeapType;

mod check;

/// The first four bytes of a file, as a little-endian word: `\0aot`.
pub const MAGIC: u32 = 0x746F_6100;

/// Versions of the format this crate reads and writes, ascending.
///
/// They differ in no byte of the container but the version itself: stock went from 5 to 6 when a private member of
/// its instances moved.
pub const VERSIONS: [u32; 2] = [5, 6];

/// A validated container.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    version: u32,
    target: TargetInfo,
    init: InitData<'a>,
    text: Text<'a>,
    functions: Functions<'a>,
    exports: Seq<'a, Export<'a>>,
    exports_at: u32,
    relocations: Relocations<'a>,
    custom: Seq<'a, CustomSection<'a>>,
    record: Option<Record<'a>>,
    tags: Option<Tags<'a>>,
    local_flags: Seq<'a, LocalFlags<'a>>,
    /// Heap types of the globals whose codes do not say them.
    heap_types: Seq<'a, HeapType>,
}

impl<'a> View<'a> {
    /// Reads and validates a file.
    ///
    /// # Errors
    /// The first thing that is wrong, with its offset. Never panics, never allocates.
    pub fn read(bytes: &'a [u8]) -> Result<View<'a>, ReadError> {
        let mut file = Cursor::new(bytes)?;
        let version = read_header(&mut file)?;
        let target = section(&mut file, SectionId::TargetInfo, target_info::decode)?;
        let (width, objects) = (target.width(), target.has_objects());
        let init = section(&mut file, SectionId::InitData, |cursor| {
            init_data::decode(cursor, objects)
        })?;
        let text = section(&mut file, SectionId::Text, text::decode)?;
        let count = init.aux.func_count;
        let all = count.saturating_add(init.import_funcs.len());
        let (functions, local_flags) = section(&mut file, SectionId::Function, |cursor| {
            let functions = function::decode(cursor, count, width)?;
            Ok((functions, function::decode_flags(cursor, all, objects)?))
        })?;
        let (exports, exports_at) = section(&mut file, SectionId::Export, read_exports)?;
        let relocations = section(&mut file, SectionId::Relocation, |cursor| {
            relocation::decode(cursor, width)
        })?;
        let custom_at = file;
        let custom = Seq::read_rest(&mut file, Form::PLAIN)?;
        let (recorded, tags) = read_own(custom_at)?;
        let (record, heap_types) = recorded.unzip();
        let view = View {
            version,
            target,
            init,
            text,
            functions,
            exports,
            exports_at,
            relocations,
            custom,
            record,
            tags,
            local_flags,
            heap_types: heap_types.unwrap_or_default(),
        };
        check::all(&view)?;
        Ok(view)
    }

    /// Version of the format.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The machine the file is for.
    #[must_use]
    pub const fn target(&self) -> &TargetInfo {
        &self.target
    }

    /// Memories, imported ones first; at least one in files of ours and stock's (see [`MemoryType::NONE`]).
    #[must_use]
    pub const fn memories(&self) -> Seq<'a, MemoryType> {
        self.init.memories
    }

    /// Data segments.
    #[must_use]
    pub const fn data(&self) -> Seq<'a, DataSegment<'a>> {
        self.init.data
    }

    /// Tables, imported ones first.
    #[must_use]
    pub const fn tables(&self) -> Seq<'a, TableType<'a>> {
        self.init.tables
    }

    /// Element segments.
    #[must_use]
    pub const fn elems(&self) -> Seq<'a, ElemSegment<'a>> {
        self.init.elems
    }

    /// Types.
    #[must_use]
    pub const fn types(&self) -> Seq<'a, SubType<'a>> {
        self.init.types
    }

    /// Imported globals.
    #[must_use]
    pub const fn import_globals(&self) -> Globals<'a, ImportGlobal<'a>> {
        Globals::new(self.init.import_globals, self.heap_types, 0)
    }

    /// Defined globals.
    #[must_use]
    pub fn globals(&self) -> Globals<'a, Global<'a>> {
        let imported = self.init.import_globals.iter();
        let skipped = imported.filter(|global| global.ty.has_long_code()).count();
        let skipped = u32::try_from(skipped).unwrap_or(u32::MAX);
        Globals::new(self.init.globals, self.heap_types, skipped)
    }

    /// Imported functions.
    #[must_use]
    pub const fn import_funcs(&self) -> Seq<'a, ImportFunc<'a>> {
        self.init.import_funcs
    }

    /// Counters, start function, C stack and heap.
    #[must_use]
    pub const fn aux(&self) -> &AuxInfo {
        &self.init.aux
    }

    /// Object data sections.
    #[must_use]
    pub const fn object_data(&self) -> Seq<'a, ObjectData<'a>> {
        self.init.object_data
    }

    /// Literals and code.
    #[must_use]
    pub const fn text(&self) -> Text<'a> {
        self.text
    }

    /// Defined functions.
    #[must_use]
    pub const fn functions(&self) -> Functions<'a> {
        self.functions
    }

    /// Which local cells of each function, imported ones first, hold references; empty without garbage collection.
    #[must_use]
    pub const fn local_flags(&self) -> Seq<'a, LocalFlags<'a>> {
        self.local_flags
    }

    /// Exports, with unique names.
    #[must_use]
    pub const fn exports(&self) -> Seq<'a, Export<'a>> {
        self.exports
    }

    /// The symbol table; [`RelocGroup::raw`] refers to it by position.
    #[must_use]
    pub const fn symbols(&self) -> Symbols<'a> {
        self.relocations.symbols
    }

    /// Relocation groups. [`View::place`] is never `None` for them.
    #[must_use]
    pub const fn relocations(&self) -> Seq<'a, RelocGroup<'a>> {
        self.relocations.groups
    }

    /// Custom sections, ours included.
    #[must_use]
    pub const fn custom(&self) -> Seq<'a, CustomSection<'a>> {
        self.custom
    }

    /// Our own record; `None` for a file of stock's.
    #[must_use]
    pub const fn record(&self) -> Option<Record<'a>> {
        self.record
    }

    /// Exception tags; `None` for a file that uses no exceptions.
    #[must_use]
    pub const fn tags(&self) -> Option<Tags<'a>> {
        self.tags
    }

    /// Number of functions, imported and defined. Each takes bytes of the file, so the sum cannot overflow.
    #[must_use]
    pub fn function_count(&self) -> u32 {
        self.import_funcs()
            .len()
            .saturating_add(self.functions.len())
    }

    /// Number of globals, imported and defined. Each takes bytes of the file, so the sum cannot overflow.
    #[must_use]
    pub fn global_count(&self) -> u32 {
        self.import_globals()
            .len()
            .saturating_add(self.globals().len())
    }

    /// What a group applies to; `None` if the file has no such section.
    #[must_use]
    pub fn place(&self, group: &RelocGroup<'a>) -> Option<Place> {
        relocation::place(group.target_name(), |name| self.data_position(name))
    }

    /// Bytes of a place before relocation.
    #[must_use]
    pub fn place_bytes(&self, place: Place) -> Option<&'a [u8]> {
        match place {
            Place::Code => Some(self.text.code),
            Place::Literal => Some(self.text.literal),
            Place::Data(index) => self.object_data().at(index).map(|data| data.bytes),
        }
    }

    /// What a symbol denotes.
    #[must_use]
    pub fn symbol(&self, name: &'a str) -> Symbol<'a> {
        Symbol::parse(name, |name| self.data_position(name))
    }

    /// Position of the first object data section of this name.
    fn data_position(&self, name: &str) -> Option<u32> {
        let mut sections = (0_u32..).zip(self.object_data());
        let found = sections.find(|(_, data)| data.name == name);
        found.map(|(index, _)| index)
    }
}

fn read_header(file: &mut Cursor<'_>) -> Result<u32, ReadError> {
    let at = *file;
    let magic = file.u32()?;
    if magic != MAGIC {
        return Err(at.error(ReadErrorKind::Magic(magic)));
    }
    let at = *file;
    let version = file.u32()?;
    if VERSIONS.contains(&version) {
        Ok(version)
    } else {
        Err(at.error(ReadErrorKind::Version(version)))
    }
}

/// Reads one section's frame and body, and makes sure the body is used up.
fn section<'a, T>(
    file: &mut Cursor<'a>,
    id: SectionId,
    decode: impl FnOnce(&mut Cursor<'a>) -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    let mut body = read_frame(file, id)?;
    let value = decode(&mut body)?;
    finish(&body, id)?;
    Ok(value)
}

fn read_exports<'a>(cursor: &mut Cursor<'a>) -> Result<(Seq<'a, Export<'a>>, u32), ReadError> {
    let count = cursor.count(crate::error::What::Exports, crate::limits::EXPORTS)?;
    let at = cursor.offset();
    Ok((Seq::read(cursor, count, Form::PLAIN)?, at))
}

/// The record, and the heap types of globals.
type Recorded<'a> = (Record<'a>, Seq<'a, HeapType>);

/// Finds and reads our sections among the custom ones, which have been read once.
fn read_own(mut file: Cursor<'_>) -> Result<(Option<Recorded<'_>>, Option<Tags<'_>>), ReadError> {
    let mut record = None;
    let mut tags = None;
    let mut native_symbols = false;
    while file.left() > 0 {
        let at = file;
        let mut body = read_frame(&mut file, SectionId::Custom)?;
        let duplicate = match body.u32()? {
            0 => match body.string()? {
                wamrc::NAME => {
                    let decoded = Record::decode(&mut body)?;
                    finish(&body, SectionId::Custom)?;
                    record.replace(decoded).is_some()
                }
                tags::NAME => {
                    let decoded = Tags::decode(&mut body)?;
                    finish(&body, SectionId::Custom)?;
                    tags.replace(decoded).is_some()
                }
                _ => false,
            },
            1 => core::mem::replace(&mut native_symbols, true),
            _ => false,
        };
        if duplicate {
            return Err(at.error(ReadErrorKind::DuplicateCustom));
        }
    }
    Ok((record, tags))
}
