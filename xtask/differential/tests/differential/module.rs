//! Modules and arguments from a seed.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "random words are cut to the width that is needed"
)]

use aot_format::ValType;
use aot_runtime::{Store, Value};
use arbitrary::Unstructured;
use wasm_smith::{Config, MemoryOffsetChoices};

/// Loop iterations and calls a module may make in all.
const FUEL: u32 = 2000;

/// A module within the features that wamrc accepts; none if the bytes of this
/// seed do not make one.
pub(crate) fn generate(seed: u64) -> Option<Vec<u8>> {
    let mut random = Random::new(seed);
    let length = 1000 + random.next() as usize % 15_000;
    let bytes: Vec<u8> = (0..length).map(|_| (random.next() >> 56) as u8).collect();
    let mut module =
        wasm_smith::Module::new(config(&mut random), &mut Unstructured::new(&bytes)).ok()?;
    module.ensure_termination(FUEL).ok()?;
    Some(module.to_bytes())
}

/// Every proposal is in every other module, so that modules mix them in all ways.
fn config(random: &mut Random) -> Config {
    let mut on = || random.next() & 1 == 0;
    Config {
        export_everything: true,
        canonicalize_nans: true,
        // Random accesses mostly trap; every other module has none that can,
        // so that more than its first few instructions run.
        disallow_traps: on(),
        max_imports: 0,
        min_funcs: 4,
        max_funcs: 16,
        max_globals: 10,
        max_instructions: 500,
        max_memories: if on() { 1 } else { 3 },
        min_memories: 1,
        // Small and with a maximum, so that growing succeeds in both engines
        // or in neither.
        max_memory32_bytes: 8 * 65_536,
        memory_max_size_required: true,
        memory_offset_choices: MemoryOffsetChoices(60, 30, 10),
        max_tables: 2,
        min_tables: 1,
        max_table_elements: 40,
        table_max_size_required: true,
        acquire_release_atomics_enabled: false,
        compact_imports_enabled: false,
        exceptions_enabled: on(),
        gc_enabled: on(),
        limit_arrays_in_const_exprs: true,
        memory64_enabled: on(),
        max_memory64_bytes: 8 * 65_536,
        custom_page_sizes_enabled: on(),
        relaxed_simd_enabled: false,
        simd_enabled: on(),
        tail_call_enabled: on(),
        threads_enabled: false,
        wide_arithmetic_enabled: on(),
        ..Config::default()
    }
}

/// Numbers that are the same on every machine (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// An argument: often a value at an edge, else any; null for references, if that is possible.
    pub(crate) fn value(&mut self, store: &Store, ty: ValType) -> Option<Value> {
        const EDGES: &[u64] = &[
            0,
            1,
            u64::MAX,
            0x8000_0000,
            0x7fff_ffff,
            1 << 63,
            (1 << 63) - 1,
            65_535,
            0x3f80_0000,
            0x3ff0_0000_0000_0000,
        ];
        let choice = self.next();
        let word = match choice & 1 {
            0 => EDGES[(choice >> 1) as usize % EDGES.len()],
            _ => self.next(),
        };
        Some(match ty {
            ValType::I32 => Value::I32(word as i32),
            ValType::I64 => Value::I64(word as i64),
            ValType::F32 => Value::F32(word as u32),
            ValType::F64 => Value::F64(word),
            ValType::V128 => Value::V128(u128::from(word) | u128::from(self.next()) << 64),
            ValType::Ref(reference) if !reference.nullable => return None,
            ValType::Ref(_) => store.zero(ty),
        })
    }
}
