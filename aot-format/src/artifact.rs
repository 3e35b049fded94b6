//! Owned container, and writing it (feature `alloc`): what the compiler uses.
//!
//! The lists are vectors of the structs a [`View`] yields; strings and bytes are borrowed. Writing is deterministic,
//! and what was written is read back before it is given out: a file that breaks a rule of the format never leaves.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::error::WriteError;
use crate::section::custom::CustomSection;
use crate::section::export::Export;
use crate::section::function::{self, FunctionEntry, LocalFlags};
use crate::section::init_data::counters::AuxInfo;
use crate::section::init_data::data::DataSegment;
use crate::section::init_data::global::{Global, ImportGlobal};
use crate::section::init_data::import::ImportFunc;
use crate::section::init_data::memory::MemoryType;
use crate::section::init_data::object_data::ObjectData;
use crate::section::init_data::table::{ElemSegment, TableType};
use crate::section::init_data::types::SubType;
use crate::section::relocation::{self, RelocGroup};
use crate::section::tags::{self, Tags};
use crate::section::target_info::{self, TargetInfo};
use crate::section::text::{self, Text};
use crate::section::wamrc::{self, Record};
use crate::section::{SectionId, custom};
use crate::sink::Sink;
use crate::value::HeapType;
use crate::view::{MAGIC, VERSIONS, View};

/// A container to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact<'a> {
    /// Version of the format: 5 or 6.
    pub version: u32,
    /// The machine.
    pub target: TargetInfo,
    /// Memories, imported ones first; stock expects at least one ([`MemoryType::NONE`] stands for none).
    pub memories: Vec<MemoryType>,
    /// Data segments.
    pub data: Vec<DataSegment<'a>>,
    /// Tables, imported ones first.
    pub tables: Vec<TableType<'a>>,
    /// Element segments.
    pub elems: Vec<ElemSegment<'a>>,
    /// Types.
    pub types: Vec<SubType<'a>>,
    /// Imported globals.
    pub import_globals: Vec<ImportGlobal<'a>>,
    /// Defined globals.
    pub globals: Vec<Global<'a>>,
    /// Imported functions.
    pub import_funcs: Vec<ImportFunc<'a>>,
    /// Counters, start function, C stack and heap; `func_count` equals the number of `functions`.
    pub aux: AuxInfo,
    /// Object data sections.
    pub object_data: Vec<ObjectData<'a>>,
    /// Literals; padded to 4 when written.
    pub literal: Cow<'a, [u8]>,
    /// Code; padded to 4 when written.
    pub text: Cow<'a, [u8]>,
    /// Defined functions.
    pub functions: Vec<FunctionEntry>,
    /// Which local cells hold references, for imported and then defined functions; what is missing has none. Only files
    /// with garbage collection have them, and ours need none.
    pub local_flags: Vec<LocalFlags<'a>>,
    /// Exports.
    pub exports: Vec<Export<'a>>,
    /// Relocation groups. The symbol table is made from them.
    pub relocations: Vec<RelocGroup<'a>>,
    /// Custom sections other than ours.
    pub custom: Vec<CustomSection<'a>>,
    /// Exception tags, written before the record.
    pub tags: Option<Tags<'a>>,
    /// Our record, written as the last section.
    pub record: Option<Record<'a>>,
}

impl<'a> Artifact<'a> {
    /// An empty container for this machine, in the newest version.
    #[must_use]
    pub fn new(target: TargetInfo) -> Artifact<'a> {
        let [.., version] = VERSIONS;
        Artifact {
            version,
            target,
            memories: Vec::new(),
            data: Vec::new(),
            tables: Vec::new(),
            elems: Vec::new(),
            types: Vec::new(),
            import_globals: Vec::new(),
            globals: Vec::new(),
            import_funcs: Vec::new(),
            aux: AuxInfo::default(),
            object_data: Vec::new(),
            literal: Cow::Borrowed(&[]),
            text: Cow::Borrowed(&[]),
            functions: Vec::new(),
            local_flags: Vec::new(),
            exports: Vec::new(),
            relocations: Vec::new(),
            custom: Vec::new(),
            tags: None,
            record: None,
        }
    }

    /// Everything a file holds.
    #[must_use]
    pub fn from_view(view: &View<'a>) -> Artifact<'a> {
        let text = view.text();
        let is_own = |section: &CustomSection<'_>| matches!(section, CustomSection::Raw { name, .. } if [wamrc::NAME, tags::NAME].contains(name));
        Artifact {
            version: view.version(),
            target: *view.target(),
            memories: view.memories().iter().collect(),
            data: view.data().iter().collect(),
            tables: view.tables().iter().collect(),
            elems: view.elems().iter().collect(),
            types: view.types().iter().collect(),
            import_globals: view.import_globals().iter().collect(),
            globals: view.globals().iter().collect(),
            import_funcs: view.import_funcs().iter().collect(),
            aux: *view.aux(),
            object_data: view.object_data().iter().collect(),
            literal: Cow::Borrowed(text.literal),
            text: Cow::Borrowed(text.code),
            functions: view.functions().iter().collect(),
            local_flags: function::used_flags(view.local_flags()),
            exports: view.exports().iter().collect(),
            relocations: view.relocations().iter().collect(),
            custom: view
                .custom()
                .iter()
                .filter(|section| !is_own(section))
                .collect(),
            tags: view.tags(),
            record: view.record(),
        }
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// [`WriteError`]: something the format cannot express, or that [`View::read`] would refuse.
    pub fn write(&self) -> Result<Vec<u8>, WriteError> {
        if !VERSIONS.contains(&self.version) {
            return Err(WriteError::Version(self.version));
        }
        let (counter, entries) = (self.aux.func_count, self.functions.len());
        if counter as usize != entries {
            return Err(WriteError::FunctionCount { counter, entries });
        }
        let mut sink = Sink::default();
        self.write_sections(&mut sink)?;
        let bytes = sink.finish();
        match View::read(&bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => Err(WriteError::Invalid(error)),
        }
    }

    fn write_sections(&self, sink: &mut Sink) -> Result<(), WriteError> {
        let width = self.target.width();
        sink.u32(MAGIC);
        sink.u32(self.version);
        sink.section(SectionId::TargetInfo, |sink| {
            target_info::encode(&self.target, sink);
            Ok(())
        })?;
        sink.section(SectionId::InitData, |sink| self.write_init_data(sink))?;
        sink.section(SectionId::Text, |sink| {
            let (literal, code) = (&*self.literal, &*self.text);
            text::encode(&Text { literal, code }, sink);
            Ok(())
        })?;
        sink.section(SectionId::Function, |sink| {
            function::encode(&self.functions, sink, width)?;
            if self.target.has_objects() {
                let functions = self.import_funcs.len() + self.functions.len();
                function::encode_flags(&self.local_flags, functions, sink)?;
            }
            Ok(())
        })?;
        sink.section(SectionId::Export, |sink| {
            sink.count(self.exports.len())?;
            self.exports
                .iter()
                .try_for_each(|export| export.encode(sink))
        })?;
        sink.section(SectionId::Relocation, |sink| {
            relocation::encode(&self.relocations, sink, width)
        })?;
        for section in &self.custom {
            sink.section(SectionId::Custom, |sink| section.encode(sink))?;
        }
        if let Some(tags) = &self.tags {
            sink.section(SectionId::Custom, |sink| {
                custom::encode_raw_name(tags::NAME, sink)?;
                tags.encode(sink)
            })?;
        }
        match &self.record {
            Some(record) => sink.section(SectionId::Custom, |sink| {
                custom::encode_raw_name(wamrc::NAME, sink)?;
                record.encode(self.heap_types(), sink)
            }),
            None => Ok(()),
        }
    }

    /// Heap types that the codes of the globals leave unsaid.
    fn heap_types(&self) -> impl Iterator<Item = HeapType> + Clone {
        let imported = self.import_globals.iter().map(|global| global.ty);
        let types = imported.chain(self.globals.iter().map(|global| global.ty));
        types
            .filter(|ty| ty.has_long_code())
            .filter_map(|ty| ty.reference().map(|reference| reference.heap))
    }

    fn write_init_data(&self, sink: &mut Sink) -> Result<(), WriteError> {
        let objects = self.target.has_objects();
        // Neither memories nor tables are listed apart as imported.
        sink.u32(0);
        sink.count(self.memories.len())?;
        self.memories.iter().for_each(|memory| memory.encode(sink));
        sink.count(self.data.len())?;
        self.data
            .iter()
            .try_for_each(|segment| segment.encode(sink))?;
        sink.u32(0);
        sink.count(self.tables.len())?;
        self.tables
            .iter()
            .for_each(|table| table.encode(sink, objects));
        sink.count(self.elems.len())?;
        self.elems.iter().for_each(|segment| segment.encode(sink));
        sink.count(self.types.len())?;
        self.types
            .iter()
            .try_for_each(|ty| ty.encode(sink, objects))?;
        sink.count(self.import_globals.len())?;
        self.import_globals
            .iter()
            .try_for_each(|import| import.encode(sink))?;
        sink.count(self.globals.len())?;
        self.globals.iter().for_each(|global| global.encode(sink));
        sink.count(self.import_funcs.len())?;
        self.import_funcs
            .iter()
            .try_for_each(|import| import.encode(sink))?;
        self.aux.encode(sink);
        sink.count(self.object_data.len())?;
        self.object_data
            .iter()
            .try_for_each(|data| data.encode(sink))
    }
}
