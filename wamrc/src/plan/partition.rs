//! Which functions are compiled together.
//!
//! The functions are cut into runs of about equal size that are compiled one by one or side by side; the rule looks at
//! the module alone, so the file does not depend on how many threads there were. Neighbours stay together: producers put
//! what belongs together next to each other. Small functions that are called from another run are copied there for LLVM
//! to put in place of the calls.

use super::Plan;
use crate::error::CompileError;
use crate::options::{Format, Options, Partitioning, RuntimeCalls, StackCheck};
use crate::wasm::{Body, Call, FuncIdx, Module, TableIdx, TypeIdx};
use std::collections::BTreeSet;
use std::ops::Range;
use targets::Emission;

/// Most bytes of WebAssembly code in a function that is copied to its callers.
const COPY_BYTES: u32 = 48;

/// A part does not end before it has one in so many of the bytes it should have.
const SMALL_SHARE: u64 = 8;

/// Functions that are compiled together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partition {
    /// The functions it defines, by defined index.
    pub functions: Range<u32>,
    /// Functions of other partitions that it has copies of.
    pub copies: BTreeSet<u32>,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partitions {
    /// In the order of their functions; one at least. The first has what the module has once, besides.
    pub list: Vec<Partition>,
    /// For each defined function, whether another partition than its own refers to it.
    pub shared: Vec<bool>,
    /// Tables of known content that any code may call through.
    pub tables: BTreeSet<TableIdx>,
}

impl Partitions {
    /// Whether there is more than one.
    #[must_use]
    pub fn are_several(&self) -> bool {
        self.list.len() > 1
    }
}

/// Bytes of WebAssembly code in a part; `None` if what is to be made cannot be made of parts: files that call the runtime through a table number its slots as they
/// are used, assemblers want literals near their code, and whoever looks at LLVM's IR or object wants one.
fn part_bytes(options: &Options) -> Option<u64> {
    let can_divide = options.format == Format::Aot
        && options.runtime_calls == RuntimeCalls::Direct
        && options.target.llvm.emission == Emission::Object;
    match options.partitioning {
        Partitioning::Parts(bytes) if can_divide => Some(bytes.get().into()),
        Partitioning::Parts(_) | Partitioning::Whole => None,
    }
}

/// Divides a module for which everything else is decided.
pub(super) fn divide(
    module: &Module<'_>,
    plan: &Plan,
    options: &Options,
) -> Result<Partitions, CompileError> {
    let sizes: Vec<u64> = module
        .defined_functions()
        .map(|(_, _, body)| body.size.into())
        .collect();
    let ranges = match part_bytes(options) {
        Some(bytes) => cut(&sizes, bytes),
        None => std::iter::once(0..plan.defined_count()).collect(),
    };
    let mut partitions = Partitions {
        list: Vec::with_capacity(ranges.len()),
        shared: vec![false; sizes.len()],
        tables: called_tables(module, plan),
    };
    if let [whole] = ranges.as_slice() {
        let functions = whole.clone();
        partitions.list.push(Partition {
            functions,
            copies: BTreeSet::new(),
        });
        return Ok(partitions);
    }
    partitions.share_references(plan);
    for functions in ranges {
        let partition = partitions.connect(functions, module, plan)?;
        partitions.list.push(partition);
    }
    Ok(partitions)
}

/// Runs of about the size of a part. One ends where the next function would take it farther from that size than it is: a
/// large function, which all threads wait for in the end, is a part by itself. What is not much larger than a part is one.
fn cut(sizes: &[u64], part_bytes: u64) -> Vec<Range<u32>> {
    let end = FuncIdx::from_position(sizes.len()).0;
    if 2 * sizes.iter().sum::<u64>() < 3 * part_bytes {
        return std::iter::once(0..end).collect();
    }
    let mut ranges = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (function, size) in (0_u32..).zip(sizes) {
        let is_small = bytes < part_bytes / SMALL_SHARE;
        if start < function && !is_small && 2 * bytes + size > 2 * part_bytes {
            ranges.push(start..function);
            (start, bytes) = (function, 0);
        }
        bytes += size;
    }
    ranges.push(start..end);
    ranges
}

/// Tables of known content that `call_indirect` is applied to.
fn called_tables(module: &Module<'_>, plan: &Plan) -> BTreeSet<TableIdx> {
    let called = &module.uses.call_indirect;
    let known = plan.dispatch.keys().copied();
    known.filter(|table| called.contains(table)).collect()
}

impl Partitions {
    /// Functions that are called through arrays, which only the first partition has.
    fn share_references(&mut self, plan: &Plan) {
        let tables = self.tables.iter().filter_map(|it| plan.dispatch.get(it));
        let listed = tables.flatten().flatten();
        let listed = listed.filter_map(|function| plan.defined(*function));
        let escaping = plan.functions.iter().filter(|it| it.escapes);
        let escaping = escaping.filter(|_| plan.calls_bodies());
        for function in listed.chain(escaping) {
            if let Some(shared) = self.shared.get_mut(FuncIdx(function.defined).position()) {
                *shared = true;
            }
        }
    }

    /// Finds out what the functions of a run refer to, and what the copies refer to that it gets.
    fn connect(
        &mut self,
        functions: Range<u32>,
        module: &Module<'_>,
        plan: &Plan,
    ) -> Result<Partition, CompileError> {
        let mut callees = BTreeSet::new();
        for defined in functions.clone() {
            callees.extend(callees_of(defined, module, plan)?);
        }
        let elsewhere = |callee: &u32| !functions.contains(callee);
        let mut copies: BTreeSet<u32> = callees.iter().copied().filter(elsewhere).collect();
        copies.retain(|callee| can_copy(*callee, module, plan));
        for copy in &copies {
            callees.extend(callees_of(*copy, module, plan)?);
        }
        for callee in callees.into_iter().filter(elsewhere) {
            if let Some(shared) = self.shared.get_mut(FuncIdx(callee).position()) {
                *shared = true;
            }
        }
        Ok(Partition { functions, copies })
    }
}

/// A function, by defined index, with its body.
fn body<'m, 'w>(defined: u32, module: &'m Module<'w>, plan: &Plan) -> Option<&'m Body<'w>> {
    let function = plan.functions.get(FuncIdx(defined).position())?;
    module.body(function.index)
}

/// Whether LLVM may put the function in place of calls that is as small as this one is.
fn can_copy(defined: u32, module: &Module<'_>, plan: &Plan) -> bool {
    let small = body(defined, module, plan).is_some_and(|body| body.size <= COPY_BYTES);
    small && plan.checks.stack == StackCheck::GuardPage
}

/// The functions, by defined index, that the code of one names.
fn callees_of(
    defined: u32,
    module: &Module<'_>,
    plan: &Plan,
) -> Result<BTreeSet<u32>, CompileError> {
    let mut callees = BTreeSet::new();
    let Some(body) = body(defined, module, plan) else {
        return Ok(callees);
    };
    let mut name = |callee: FuncIdx| callees.extend(plan.defined(callee).map(|it| it.defined));
    for (call, _) in body.calls_out()? {
        match call {
            Call::Direct(callee) => name(callee),
            Call::Table(table) => few_targets(table, plan).for_each(&mut name),
            Call::Throw | Call::Reference => {}
        }
    }
    Ok(callees)
}

/// The functions that are called by name instead of through a table.
fn few_targets(table: TableIdx, plan: &Plan) -> impl Iterator<Item = FuncIdx> {
    let types = plan.targets.range((table, TypeIdx(0))..);
    let of_table = types.take_while(move |((it, _), _)| *it == table);
    of_table.flat_map(|(_, targets)| targets.keys().copied())
}

#[cfg(test)]
mod tests {
    use super::cut;

    fn all(sizes: &[u64]) -> Vec<Vec<u32>> {
        let ranges = cut(sizes, 1000).into_iter();
        ranges.map(Iterator::collect).collect()
    }

    #[test]
    fn runs_are_of_about_equal_size() {
        assert_eq!(all(&[]), [[0_u32; 0]]);
        assert_eq!(all(&[10, 20]), [[0, 1]]);
        assert_eq!(all(&[490; 3]), [[0, 1, 2]]);
        assert_eq!(all(&[500; 3]), [vec![0, 1], vec![2]]);
        assert_eq!(all(&[500; 4]), [[0, 1], [2, 3]]);
        assert_eq!(all(&[700; 4]), [[0], [1], [2], [3]]);
    }

    #[test]
    fn large_functions_are_alone() {
        assert_eq!(all(&[3000, 1, 1]), [vec![0], vec![1, 2]]);
        assert_eq!(all(&[200, 3000, 200]), [[0], [1], [2]]);
        // But not what would be a part of nearly nothing.
        assert_eq!(all(&[100, 3000, 200]), [vec![0, 1], vec![2]]);
    }

    #[test]
    fn every_function_is_in_one_run() {
        let sizes: Vec<u64> = (0..1000).map(|it| it * 7919 % 4001).collect();
        let ranges = cut(&sizes, 8192);
        assert!(ranges.len() > 10, "{}", ranges.len());
        let every: Vec<u32> = ranges.into_iter().flatten().collect();
        assert_eq!(every, (0..1000).collect::<Vec<u32>>());
    }
}
