//! Artifacts with garbage collection: those of `generate`, with types, tables, segments and globals of their own.

use aot_format::{
    Artifact, Construct, ConstructOp, ElemSegment, FeatureFlags, FieldType, Fields, Global,
    HeapType, ImportGlobal, InitExpr, LocalFlags, RefInfo, RefType, Relies, StorageType, SubType,
    TableType, TypeDef, ValType,
};

use super::{Random, artifact, tags};

impl Random {
    fn heap(&mut self, types: u32) -> HeapType {
        let abstracts = HeapType::ABSTRACT.len();
        match self.below(u32::try_from(abstracts).unwrap() + 4) as usize {
            index if index < abstracts => HeapType::ABSTRACT[index],
            _ => HeapType::Concrete(self.below(types)),
        }
    }

    fn reference(&mut self, types: u32) -> RefType {
        RefType {
            nullable: self.flag(),
            heap: self.heap(types),
        }
    }

    fn any_type(&mut self, types: u32) -> ValType {
        match self.flag() {
            true => ValType::Ref(self.reference(types)),
            false => self.val_type(),
        }
    }

    fn field(&mut self, types: u32) -> FieldType {
        let storage = match self.below(4) {
            0 => StorageType::I8,
            1 => StorageType::I16,
            _ => StorageType::Val(self.any_type(types)),
        };
        FieldType {
            mutable: self.flag(),
            storage,
        }
    }

    fn definition(&mut self, types: u32) -> TypeDef<'static> {
        match self.below(3) {
            0 => TypeDef::Array(self.field(types)),
            1 => TypeDef::Struct(Fields::new(
                self.list(|random, _| random.field(types)).leak(),
            )),
            _ => {
                let params = self.list(|random, _| random.any_type(types)).leak();
                let results = self.list(|random, _| random.any_type(types)).leak();
                SubType::func(params, results).def
            }
        }
    }

    /// An expression below `any`.
    fn object(&mut self, types: u32, depth: u32) -> InitExpr<'static> {
        let count = if depth == 0 { 0 } else { self.below(4) };
        let operands: Vec<_> = (0..count).map(|_| self.object(types, depth - 1)).collect();
        let list = [
            (ConstructOp::Struct, count),
            (ConstructOp::ArrayFixed, count),
            (ConstructOp::StructDefault, 0),
            (ConstructOp::Array, 2),
            (ConstructOp::ArrayDefault, 1),
            (ConstructOp::AnyConvertExtern, 1),
            (ConstructOp::I31, 1),
        ];
        let fitting: Vec<_> = list.iter().filter(|(_, wanted)| *wanted == count).collect();
        match self.below(5) {
            0 => InitExpr::I31(self.word()),
            1 => InitExpr::RefNull(Some(self.heap(types))),
            _ if fitting.is_empty() => InitExpr::RefNull(Some(HeapType::None)),
            _ => {
                let (op, _) = fitting[self.below(u32::try_from(fitting.len()).unwrap()) as usize];
                let ty = self.below(types);
                InitExpr::Construct(Construct::new(*op, ty, operands.leak()))
            }
        }
    }
}

/// Recursion groups of one to three types; open ones have the type before as their supertype now and then.
fn types(random: &mut Random) -> Vec<SubType<'static>> {
    let mut list = Vec::new();
    for _ in 0..1 + random.below(4) {
        let length = 1 + random.below(3);
        let end = u32::try_from(list.len()).unwrap() + length;
        for index in 0..length {
            let before = u32::try_from(list.len()).unwrap();
            list.push(SubType {
                is_final: random.flag(),
                parent: before.checked_sub(1).filter(|_| random.flag()),
                group_len: length.try_into().unwrap(),
                group_index: index.try_into().unwrap(),
                def: random.definition(end),
            });
        }
    }
    list
}

/// The artifact of this seed.
pub(crate) fn objects(seed: u64) -> Artifact<'static> {
    let mut artifact = artifact(seed);
    let random = &mut Random::new(seed ^ 0xA5A5);
    artifact.target.features |= FeatureFlags::GARBAGE_COLLECTION;
    artifact.types = types(random);
    let count = u32::try_from(artifact.types.len()).unwrap();
    for function in &mut artifact.functions {
        function.type_index = random.below(count);
    }
    for function in &mut artifact.import_funcs {
        function.type_index = random.below(count);
    }
    let any = RefType::nullable(HeapType::Any);
    for table in &mut artifact.tables {
        let long = RefType::non_null(HeapType::Concrete(random.below(count)));
        let elem = if random.flag() { any } else { long };
        *table = TableType {
            elem,
            nullable: 0,
            value: InitExpr::I31(random.word()),
            ..*table
        };
    }
    for elem in &mut artifact.elems {
        let values = random.list(|random, _| random.object(count, 4));
        *elem = ElemSegment {
            elem_type: any.code().into(),
            ref_info: RefInfo::of(any),
            values: (&*values.leak()).into(),
            ..*elem
        };
    }
    globals(random, &mut artifact, count);
    artifact.tags = artifact.tags.map(|_| tags(random, count));
    let functions = artifact.import_funcs.len() + artifact.functions.len();
    if functions > 0 && random.flag() {
        artifact.local_flags = (0..functions)
            .map(|_| LocalFlags(random.list(|random, _| u8::from(random.flag())).leak()))
            .collect();
        artifact.local_flags[0] = LocalFlags(&[1]);
    }
    if let Some(record) = &mut artifact.record {
        record.relies |= Relies::GARBAGE_COLLECTION;
        record.thunks = aot_format::Seq::EMPTY;
    }
    artifact
}

fn globals(random: &mut Random, artifact: &mut Artifact<'static>, types: u32) {
    // Without the record, heap types that a code does not say are lost.
    let recorded = artifact.record.is_some();
    for global in &mut artifact.import_globals {
        let ty = random.any_type(types);
        if recorded || ValType::from_code(ty.code()).is_some() {
            *global = ImportGlobal { ty, ..*global };
        }
    }
    for global in &mut artifact.globals {
        let ty = ValType::Ref(RefType::nullable(HeapType::Concrete(random.below(types))));
        let ty = if recorded { ty } else { ValType::ANYREF };
        let init = random.object(types, 3);
        *global = Global {
            ty,
            init,
            ..*global
        };
    }
    artifact.data.clear();
    artifact.elems.iter_mut().for_each(|elem| {
        if elem.mode & 1 == 0 {
            elem.offset = InitExpr::I32(0);
        }
    });
}
