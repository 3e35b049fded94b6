//! A small deterministic generator of artifacts for tests.
//!
//! Every part of the container gets zero to a few items with arbitrary values inside the format's rules, so that what is
//! written must read back equal. Memory is leaked: the artifacts borrow it, and tests end.

#[path = "objects.rs"]
pub(crate) mod objects;

use aot_format::{
    ArchName, Artifact, AuxInfo, BinType, Binary, BinaryOp, CustomSection, DataSegment,
    DeclaredLimits, DefinedTag, ElemSegment, EntryThunk, ExecMode, Export, ExportKind, ExportTag,
    FeatureFlags, FloatAbi, FunctionEntry, FunctionName, FunctionNames, Global, ImportFunc,
    ImportGlobal, ImportTag, InitExpr, LinkImport, LinkKind, MemoryType, ObjectData, Record,
    RefInfo, RefType, Relies, Reloc, RelocGroup, Seq, SubType, TableType, Tags, TargetInfo,
    ValType,
};

/// xorshift64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn word(&mut self) -> u32 {
        u32::try_from(self.next() >> 32).unwrap()
    }

    /// Below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        self.word() % limit
    }

    fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    fn bytes(&mut self, limit: u32) -> &'static [u8] {
        let count = self.below(limit);
        let bytes: Vec<u8> = (0..count).map(|_| self.next().to_le_bytes()[7]).collect();
        bytes.leak()
    }

    fn text(&mut self) -> &'static str {
        const LETTERS: [char; 6] = ['a', 'B', '7', '_', '.', 'ß'];
        let count = self.below(9);
        let text: String = (0..count)
            .map(|_| LETTERS[self.below(6) as usize])
            .collect();
        text.leak()
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Random, u32) -> T) -> Vec<T> {
        let count = self.below(4);
        (0..count).map(|index| item(self, index)).collect()
    }

    fn val_type(&mut self) -> ValType {
        ValType::ALL[self.below(7) as usize]
    }

    fn val_types(&mut self) -> &'static [ValType] {
        self.list(|random, _| random.val_type()).leak()
    }
}

/// What expressions may refer to.
#[derive(Clone, Copy)]
struct Scope {
    globals: u32,
    functions: u32,
}

fn integer(random: &mut Random, ty: ValType, globals: u32, depth: u32) -> InitExpr<'static> {
    let wide = ty == ValType::I64;
    match random.below(if depth == 0 { 2 } else { 3 }) {
        0 if globals > 0 => InitExpr::GlobalGet(random.below(globals)),
        2 => {
            let ops = if wide {
                [BinaryOp::I64Add, BinaryOp::I64Sub, BinaryOp::I64Mul]
            } else {
                [BinaryOp::I32Add, BinaryOp::I32Sub, BinaryOp::I32Mul]
            };
            let op = ops[random.below(3) as usize];
            let left = integer(random, ty, globals, depth - 1);
            let right = integer(random, ty, globals, depth - 1);
            InitExpr::Binary(Binary::new(op, Box::leak(Box::new([left, right]))))
        }
        _ if wide => InitExpr::I64(random.next()),
        _ => InitExpr::I32(random.word()),
    }
}

fn reference(random: &mut Random, scope: Scope) -> InitExpr<'static> {
    match random.below(3) {
        0 if scope.functions > 0 => InitExpr::RefFunc(random.below(scope.functions)),
        1 if scope.globals > 0 => InitExpr::GlobalGet(random.below(scope.globals)),
        _ => InitExpr::RefNull(None),
    }
}

fn value(random: &mut Random, ty: ValType, scope: Scope) -> InitExpr<'static> {
    match ty {
        ValType::I32 | ValType::I64 => integer(random, ty, scope.globals, 5),
        ValType::F32 => InitExpr::F32(random.word()),
        ValType::F64 => InitExpr::F64(random.next()),
        ValType::V128 => InitExpr::V128(u128::from(random.next()) << 64 | 5),
        ValType::FUNCREF => reference(random, scope),
        ValType::Ref(_) => InitExpr::RefNull(None),
    }
}

fn target(random: &mut Random) -> TargetInfo {
    let types = [
        BinType::Elf64Le,
        BinType::Elf32Le,
        BinType::Elf32Be,
        BinType::Elf64Be,
    ];
    let modes = [ExecMode::Relocatable, ExecMode::Xip];
    TargetInfo {
        bin_type: types[random.below(4) as usize],
        abi_type: 0,
        e_type: modes[random.below(2) as usize],
        e_machine: 62,
        e_flags: random.word(),
        features: FeatureFlags(random.next() & !FeatureFlags::GARBAGE_COLLECTION.0),
        arch: ArchName::new("x86_64").unwrap(),
    }
}

fn memory(random: &mut Random) -> MemoryType {
    let init_pages = random.below(100);
    MemoryType {
        flags: [0, MemoryType::HAS_MAX, 3, MemoryType::MEMORY64][random.below(4) as usize],
        page_bytes: random.word(),
        init_pages,
        max_pages: init_pages + random.below(100),
    }
}

fn table(random: &mut Random) -> TableType<'static> {
    let init = random.below(100);
    TableType {
        elem: [RefType::FUNC, RefType::EXTERN][random.below(2) as usize],
        flags: [0, 1, 4, 5][random.below(4) as usize],
        possible_grow: random.flag(),
        nullable: random.next().to_le_bytes()[3],
        init,
        max: init + random.below(1000),
        value: InitExpr::None,
    }
}

fn data(random: &mut Random, scope: Scope, memories: u32) -> DataSegment<'static> {
    let passive = random.flag() || memories == 0;
    let offset = integer(random, ValType::I32, scope.globals, 3);
    DataSegment {
        passive,
        memory: if memories == 0 {
            0
        } else {
            random.below(memories)
        },
        offset: if passive { InitExpr::None } else { offset },
        bytes: random.bytes(70),
    }
}

fn elem(random: &mut Random, scope: Scope, tables: u32) -> ElemSegment<'static> {
    let mode = if tables == 0 { 1 } else { random.below(8) };
    let values = random.list(|random, _| reference(random, scope));
    ElemSegment {
        mode,
        elem_type: [0x70, 0x64][random.below(2) as usize],
        table: if tables == 0 { 0 } else { random.below(tables) },
        offset: if mode & 1 == 0 {
            integer(random, ValType::I32, scope.globals, 2)
        } else {
            InitExpr::None
        },
        ref_info: RefInfo {
            ref_type: 0x70,
            nullable: 1,
            heap_type: random.word(),
        },
        values: Seq::from(&*values.leak()),
    }
}

fn relocation(
    random: &mut Random,
    section: &'static str,
    size: u32,
    narrow: bool,
) -> RelocGroup<'static> {
    const SYMBOLS: [&str; 5] = [
        ".text",
        ".rodata",
        "memset",
        "aot_invoke_native",
        ".literal",
    ];
    let relocs = random.list(|random, _| Reloc {
        offset: random.below(size).into(),
        addend: if narrow {
            i64::from(random.word().cast_signed())
        } else {
            random.next().cast_signed()
        },
        kind: random.word(),
        symbol: SYMBOLS[random.below(5) as usize],
    });
    let relocs = Seq::from(&*relocs.leak());
    RelocGroup { section, relocs }
}

fn custom(random: &mut Random) -> Vec<CustomSection<'static>> {
    let names = random.list(|random, index| FunctionName {
        index,
        name: random.text(),
    });
    vec![
        CustomSection::NativeSymbols(Seq::from(
            &[
                "",
                "i32#0000002A",
                "f64#3FF0000000000000",
                "aot_invoke_native",
            ][..],
        )),
        CustomSection::Raw {
            name: "other",
            bytes: random.bytes(20),
        },
        CustomSection::FunctionNames(FunctionNames {
            wasm_bytes: random.word(),
            names: Seq::from(&*names.leak()),
        }),
        CustomSection::Unknown {
            sub_type: 2,
            bytes: random.bytes(20),
        },
    ]
}

pub(crate) fn tags(random: &mut Random, types: u32) -> Tags<'static> {
    let imports = random.list(|random, _| ImportTag {
        type_index: random.below(types),
        module: random.text(),
        name: random.text(),
    });
    let mut defined = random.list(|random, _| DefinedTag {
        type_index: random.below(types),
    });
    defined.push(DefinedTag { type_index: 0 });
    let count = u32::try_from(imports.len() + defined.len()).unwrap();
    let exports = random.list(|random, _| ExportTag {
        index: random.below(count),
        name: random.text(),
    });
    Tags {
        handles: random.flag(),
        imports: Seq::from(&*imports.leak()),
        defined: Seq::from(&*defined.leak()),
        exports: Seq::from(&*exports.leak()),
    }
}

fn record(random: &mut Random, artifact: &Artifact<'_>) -> Record<'static> {
    let (types, code) = (artifact.types.len(), artifact.text.len());
    let thunks = random.list(|random, _| EntryThunk {
        type_index: random.below(u32::try_from(types).unwrap()),
        text_offset: random.below(u32::try_from(code).unwrap()).into(),
    });
    let kinds = [
        (LinkKind::Memory, artifact.memories.len()),
        (LinkKind::Table, artifact.tables.len()),
    ];
    let link_imports = kinds.map(|(kind, count)| {
        (0..u32::try_from(count).unwrap())
            .map(|index| LinkImport {
                kind,
                index,
                module: random.text(),
                name: random.text(),
            })
            .collect::<Vec<_>>()
    });
    let mut limits = |count: usize| {
        let list: Vec<_> = (0..count)
            .map(|_| DeclaredLimits {
                min: random.below(1000).into(),
                max: random.flag().then_some(u64::MAX),
            })
            .collect();
        Seq::from(&*list.leak())
    };
    Record {
        memory_limits: limits(artifact.memories.len()),
        table_limits: limits(artifact.tables.len()),
        relies: Relies(random.word()),
        float_abi: [FloatAbi::Soft, FloatAbi::Single, FloatAbi::Double][random.below(3) as usize],
        cpu: random.text(),
        features: random.text(),
        compiler: "generator",
        thunks: Seq::from(&*thunks.leak()),
        link_imports: Seq::from(&*link_imports.concat().leak()),
    }
}

/// The artifact of this seed; any seed gives one that the format allows.
pub(crate) fn artifact(seed: u64) -> Artifact<'static> {
    let random = &mut Random::new(seed);
    let mut artifact = Artifact::new(target(random));
    artifact.version = [5, 6][random.below(2) as usize];
    artifact.types = random.list(|random, _| SubType::func(random.val_types(), random.val_types()));
    artifact.types.push(SubType::func(&[], &[]));
    let types = u32::try_from(artifact.types.len()).unwrap();
    artifact.memories = random.list(|random, _| memory(random));
    artifact.tables = random.list(|random, _| table(random));
    artifact.import_funcs = random.list(|random, _| ImportFunc {
        type_index: random.below(types),
        module: random.text(),
        name: random.text(),
    });
    let code: Vec<u8> = (0..64).map(|_| random.next().to_le_bytes()[1]).collect();
    artifact.text = code.into();
    if random.flag() {
        artifact.literal = [1; 8].as_slice().into();
    }
    artifact.functions = random.list(|random, _| FunctionEntry {
        text_offset: random.below(64).into(),
        type_index: random.below(types),
        max_local_cells: random.word(),
        max_stack_cells: random.word(),
    });
    artifact.import_globals = random.list(|random, _| ImportGlobal {
        ty: random.val_type(),
        mutable: random.flag(),
        module: random.text(),
        name: random.text(),
    });
    fill_values(random, &mut artifact);
    fill_sections(random, &mut artifact);
    artifact
}

fn fill_values(random: &mut Random, artifact: &mut Artifact<'static>) {
    let imported = u32::try_from(artifact.import_globals.len()).unwrap();
    let functions = artifact.import_funcs.len() + artifact.functions.len();
    let functions = u32::try_from(functions).unwrap();
    artifact.globals = random.list(|random, index| {
        let ty = random.val_type();
        let globals = imported + index;
        Global {
            ty,
            mutable: random.flag(),
            init: value(random, ty, Scope { globals, functions }),
        }
    });
    let defined = u32::try_from(artifact.globals.len()).unwrap();
    let globals = imported + defined;
    let scope = Scope { globals, functions };
    let (memories, tables) = (artifact.memories.len(), artifact.tables.len());
    let (memories, tables) = (memories.try_into().unwrap(), tables.try_into().unwrap());
    artifact.data = random.list(|random, _| data(random, scope, memories));
    artifact.elems = random.list(|random, _| elem(random, scope, tables));
    artifact.aux = AuxInfo {
        func_count: u32::try_from(artifact.functions.len()).unwrap(),
        start: (functions > 0).then(|| random.below(functions)),
        stack_top_global: (defined > 0).then(|| globals - 1),
        stack_bottom: random.word().into(),
        stack_size: random.word(),
        ..AuxInfo::default()
    };
    let spaces = [
        (ExportKind::Func, functions),
        (ExportKind::Table, tables),
        (ExportKind::Memory, memories),
        (ExportKind::Global, globals),
    ];
    for (number, (kind, count)) in spaces.into_iter().enumerate() {
        if count > 0 {
            let name = format!("{}{number}", random.text()).leak();
            let index = random.below(count);
            artifact.exports.push(Export { index, kind, name });
        }
    }
}

fn fill_sections(random: &mut Random, artifact: &mut Artifact<'static>) {
    let narrow = artifact.target.width().bytes() == 4;
    artifact.object_data = vec![ObjectData {
        name: ".rodata",
        bytes: &[7; 24],
    }];
    artifact.relocations = vec![
        relocation(random, ".rela.text", 64, narrow),
        relocation(random, ".rel.rodata", 24, narrow),
    ];
    artifact.custom = custom(random);
    let types = u32::try_from(artifact.types.len()).unwrap();
    artifact.tags = random.flag().then(|| tags(random, types));
    artifact.record = random.flag().then(|| record(random, artifact));
}
