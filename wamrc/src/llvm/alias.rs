//! Which memory accesses cannot overlap, told to LLVM.
//!
//! Compiled code reaches six kinds of memory that never share a byte: linear memory, the globals
//! of the instance, its tables, garbage-collected objects, everything else of the runtime's
//! structures, and argument arrays. Each is an alias scope of one domain; an access is in its own scope and declared disjoint from
//! all others (LLVM `!alias.scope`, `!noalias`). See the performance notes, "base and scopes".

use inkwell::context::Context as Inkwell;
use inkwell::values::{BasicMetadataValueEnum, InstructionValue, MetadataValue};

/// Kinds of memory that never overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// Linear memory.
    Memory,
    /// Values of globals, inline or through import cells.
    Global,
    /// Table instances: sizes and elements.
    Table,
    /// All other structures of the runtime.
    Instance,
    /// Arrays for arguments and results, on the stack.
    Argument,
    /// Garbage-collected objects: fields and elements.
    Object,
}

/// The first five of `Region`.
const NAMES: [&str; 5] = ["memory", "global", "table", "instance", "argument"];

/// Metadata of one context: scope lists per region and the kind numbers.
#[derive(Clone, Copy)]
pub(super) struct Scopes<'c> {
    own: [MetadataValue<'c>; 6],
    others: [MetadataValue<'c>; 6],
    empty: MetadataValue<'c>,
    alias_scope: u32,
    noalias: u32,
    invariant_load: u32,
}

impl<'c> Scopes<'c> {
    pub(super) fn new(context: &'c Inkwell) -> Self {
        let text = |text: &str| BasicMetadataValueEnum::from(context.metadata_string(text));
        let domain = context.metadata_node(&[text("wamrc")]);
        let scopes = NAMES.map(|name| context.metadata_node(&[text(name), domain.into()]));
        let list = |scopes: &[MetadataValue<'c>]| {
            let scopes: Vec<_> = scopes.iter().map(|&scope| scope.into()).collect();
            context.metadata_node(&scopes)
        };
        let others = scopes.map(|scope| {
            let rest = scopes.iter().filter(|other| **other != scope);
            list(&rest.copied().collect::<Vec<_>>())
        });
        // One side of a pair is enough, so modules without objects need not mention them.
        let object = context.metadata_node(&[text("object"), domain.into()]);
        let own = scopes.map(|scope| list(&[scope]));
        let [memory, global, table, instance, argument] = own;
        let own = [memory, global, table, instance, argument, list(&[object])];
        let [memory, global, table, instance, argument] = others;
        let others = [memory, global, table, instance, argument, list(&scopes)];
        Self {
            own,
            others,
            empty: context.metadata_node(&[]),
            alias_scope: context.get_kind_id("alias.scope"),
            noalias: context.get_kind_id("noalias"),
            invariant_load: context.get_kind_id("invariant.load"),
        }
    }

    /// Marks a load or store.
    pub(super) fn mark(&self, instruction: InstructionValue<'c>, region: Region) {
        let row = region as usize;
        attach(instruction, self.own[row], self.alias_scope);
        attach(instruction, self.others[row], self.noalias);
    }

    /// Marks a load from a location that never changes.
    pub(super) fn mark_constant(&self, instruction: InstructionValue<'c>) {
        attach(instruction, self.empty, self.invariant_load);
    }
}

/// Attaches a node to an instruction.
pub(super) fn attach<'c>(instruction: InstructionValue<'c>, node: MetadataValue<'c>, kind: u32) {
    instruction
        .set_metadata(node, kind)
        .expect("invariant: the metadata value is a node");
}
