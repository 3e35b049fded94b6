//! Decides, without changing anything, whether an innermost loop can be guarded, and with which address families.
//!
//! A loop qualifies when it is one block that branches to itself, is entered from one block only, leaves through
//! one dedicated exit whose phis carry every value used later, and all its accesses to linear memory have affine
//! 32-bit addresses. Anything else is left alone.

use super::affine::{Affine, Decomposer, inductions};
use super::ir::{Block, Opcode, Predicate, Value};

/// More instructions than this are not worth a second copy.
const MAX_INSTRUCTIONS: usize = 160;
/// Families beyond this would make the guard cost more than it saves.
const MAX_FAMILIES: usize = 8;
/// Steps beyond this leave no headroom in the guard's 64-bit arithmetic (2^33 iterations times the step).
const MAX_STEP: i32 = 1 << 20;
/// Constant distances beyond this make separate families.
const MAX_SPREAD: i32 = 1 << 24;

/// A load or store of linear memory: address `root + zext32(family base + k·step) + displacement`.
pub(super) struct Access {
    pub(super) instruction: Value,
    pub(super) is_store: bool,
    pub(super) family: usize,
    /// Bytes past the family's base, not negative.
    pub(super) displacement: i64,
    pub(super) bytes: i64,
}

/// Accesses whose addresses differ by constants only.
pub(super) struct Family {
    pub(super) root: Value,
    /// The member with the lowest address; its value in iteration 0 is the family's base.
    pub(super) base: Affine,
    /// Largest `address - base` of a member before its constant offset is added, in bytes.
    pub(super) spread: i64,
    /// Range of bytes the family touches in an iteration, relative to its base.
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) has_store: bool,
}

/// When the loop leaves: `value` in iteration k against an invariant bound.
pub(super) struct Exit {
    pub(super) value: Affine,
    pub(super) bound: Affine,
    /// The loop goes on while `value predicate bound`.
    pub(super) predicate: Predicate,
}

pub(super) struct Loop {
    pub(super) body: Block,
    pub(super) preheader: Block,
    pub(super) exit_block: Block,
    pub(super) accesses: Vec<Access>,
    pub(super) families: Vec<Family>,
    pub(super) exit: Exit,
}

struct Candidate {
    instruction: Value,
    root: Value,
    form: Affine,
    displacement: i64,
    bytes: i64,
    is_store: bool,
}

/// The guardable loop whose body is `body`, if it is one.
pub(super) fn analyse(body: Block) -> Option<Loop> {
    let (preheader, exit_block) = shape(body)?;
    let ivs = inductions(body);
    let decomposer = Decomposer {
        body,
        inductions: &ivs,
    };
    let exit = exit_condition(body, &decomposer)?;
    let candidates = accesses(body, &decomposer)?;
    if !candidates.iter().any(|c| c.form.step != 0) || !values_leave_through_phis(body, exit_block)
    {
        return None;
    }
    let (families, accesses) = group(candidates)?;
    Some(Loop {
        body,
        preheader,
        exit_block,
        accesses,
        families,
        exit,
    })
}

fn shape(body: Block) -> Option<(Block, Block)> {
    let term = body.terminator();
    let successors = body.successors();
    if term.opcode() != Some(Opcode::LLVMBr)
        || successors.len() != 2
        || successors[0] == successors[1]
    {
        return None;
    }
    let exit_block = *successors.iter().find(|s| **s != body)?;
    if !successors.contains(&body) || body.instructions().count() > MAX_INSTRUCTIONS {
        return None;
    }
    let phi = body.instructions().next()?;
    let incoming = phi.incoming();
    if phi.opcode() != Some(Opcode::LLVMPHI) || incoming.len() != 2 {
        return None;
    }
    let preheader = incoming.iter().map(|(_, b)| *b).find(|b| *b != body)?;
    (preheader.successors() == [body]).then_some((preheader, exit_block))
}

fn exit_condition(body: Block, decomposer: &Decomposer<'_>) -> Option<Exit> {
    let term = body.terminator();
    let compare = term.operand(0);
    if compare.opcode() != Some(Opcode::LLVMICmp) || compare.operand(0).ty().int_width() != Some(32)
    {
        return None;
    }
    let mut a = decomposer.decompose(compare.operand(0))?;
    let mut b = decomposer.decompose(compare.operand(1))?;
    let mut predicate = compare.predicate();
    if a.step == 0 {
        (a, b) = (b, a);
        predicate = swapped(predicate);
    }
    if body.successors().first() != Some(&body) {
        predicate = inverted(predicate);
    }
    let ok = a.step != 0 && a.step.abs() < MAX_STEP && b.step == 0 && supported(predicate, a.step);
    ok.then_some(Exit {
        value: a,
        bound: b,
        predicate,
    })
}

fn supported(predicate: Predicate, step: i32) -> bool {
    use Predicate::*;
    match predicate {
        LLVMIntNE => true,
        LLVMIntULT | LLVMIntULE | LLVMIntSLT | LLVMIntSLE => step > 0,
        LLVMIntUGT | LLVMIntUGE | LLVMIntSGT | LLVMIntSGE => step < 0,
        LLVMIntEQ => false,
    }
}

fn swapped(p: Predicate) -> Predicate {
    use Predicate::*;
    match p {
        LLVMIntUGT => LLVMIntULT,
        LLVMIntUGE => LLVMIntULE,
        LLVMIntULT => LLVMIntUGT,
        LLVMIntULE => LLVMIntUGE,
        LLVMIntSGT => LLVMIntSLT,
        LLVMIntSGE => LLVMIntSLE,
        LLVMIntSLT => LLVMIntSGT,
        LLVMIntSLE => LLVMIntSGE,
        other => other,
    }
}

fn inverted(p: Predicate) -> Predicate {
    use Predicate::*;
    match p {
        LLVMIntEQ => LLVMIntNE,
        LLVMIntNE => LLVMIntEQ,
        LLVMIntUGT => LLVMIntULE,
        LLVMIntUGE => LLVMIntULT,
        LLVMIntULT => LLVMIntUGE,
        LLVMIntULE => LLVMIntUGT,
        LLVMIntSGT => LLVMIntSLE,
        LLVMIntSGE => LLVMIntSLT,
        LLVMIntSLT => LLVMIntSGE,
        LLVMIntSLE => LLVMIntSGT,
    }
}

/// All accesses through affine addresses; `None` when one is irregular or something else touches memory.
fn accesses(body: Block, decomposer: &Decomposer<'_>) -> Option<Vec<Candidate>> {
    let mut out = Vec::new();
    for i in body.instructions() {
        match i.opcode()? {
            Opcode::LLVMLoad | Opcode::LLVMStore => {
                let is_store = i.opcode() == Some(Opcode::LLVMStore);
                if i.is_volatile() || i.is_atomic() {
                    return None;
                }
                let (pointer, bytes) = if is_store {
                    (i.operand(1), i.operand(0).ty().store_bytes()?)
                } else {
                    (i.operand(0), i.ty().store_bytes()?)
                };
                match address(pointer, decomposer)? {
                    Some((root, form, displacement)) => {
                        out.push(Candidate {
                            instruction: i,
                            root,
                            form,
                            displacement,
                            bytes,
                            is_store,
                        });
                    }
                    // An invariant pointer of the instance (a global, say): alias scopes keep it apart already.
                    None => continue,
                }
            }
            Opcode::LLVMCall if !harmless(i) => return None,
            Opcode::LLVMInvoke
            | Opcode::LLVMFence
            | Opcode::LLVMAtomicRMW
            | Opcode::LLVMAtomicCmpXchg => return None,
            _ => {}
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Intrinsics that neither read nor write memory.
fn harmless(call: Value) -> bool {
    const NAMES: &[&str] = &[
        "fabs",
        "sqrt",
        "floor",
        "ceil",
        "trunc",
        "rint",
        "nearbyint",
        "roundeven",
        "copysign",
        "minimum",
        "maximum",
        "minnum",
        "maxnum",
        "fshl",
        "fshr",
        "ctpop",
        "ctlz",
        "cttz",
        "abs",
        "smin",
        "smax",
        "umin",
        "umax",
        "bswap",
        "canonicalize",
        "fptosi",
        "fptoui",
        "fmuladd",
    ];
    call.callee_name()
        .and_then(|n| {
            n.strip_prefix("llvm.")
                .map(|rest| rest.split('.').next().unwrap_or("").to_owned())
        })
        .is_some_and(|base| NAMES.contains(&base.as_str()))
}

/// `Some(None)`: invariant and not of the form `root + zext(…)`; `None`: irregular.
#[expect(
    clippy::option_option,
    reason = "irregular and foreign addresses are different answers"
)]
fn address(pointer: Value, decomposer: &Decomposer<'_>) -> Option<Option<(Value, Affine, i64)>> {
    let mut displacement = 0i64;
    let mut index: Option<Value> = None;
    let mut at = pointer;
    while at.opcode() == Some(Opcode::LLVMGetElementPtr) {
        if at.operand_count() != 2 || at.gep_element().int_width() != Some(8) {
            break;
        }
        let i = at.operand(1);
        match i.constant() {
            Some(c) => displacement = displacement.checked_add(c)?,
            None if index.is_none() && is_zext32(i) => index = Some(i.operand(0)),
            None => break,
        }
        at = at.operand(0);
    }
    let invariant = at.block() != Some(decomposer.body);
    match index {
        Some(i) if invariant => Some(
            decomposer
                .decompose(i)
                .map(|f| (at, f, displacement))
                .map(Some)?,
        ),
        None if invariant => Some(None),
        _ => None,
    }
}

fn is_zext32(value: Value) -> bool {
    value.opcode() == Some(Opcode::LLVMZExt) && value.operand(0).ty().int_width() == Some(32)
}

fn values_leave_through_phis(body: Block, exit_block: Block) -> bool {
    body.instructions().all(|i| {
        i.users().all(|u| {
            let b = u.block();
            b == Some(body) || (b == Some(exit_block) && u.opcode() == Some(Opcode::LLVMPHI))
        })
    })
}

/// Sorts accesses into families and measures them.
fn group(candidates: Vec<Candidate>) -> Option<(Vec<Family>, Vec<Access>)> {
    let mut families: Vec<Family> = Vec::new();
    let mut members: Vec<(usize, i32)> = Vec::new();
    for c in &candidates {
        if c.form.step.abs() >= MAX_STEP || c.displacement < 0 {
            return None;
        }
        let found = families.iter().position(|f| {
            f.root == c.root
                && c.form
                    .distance(&f.base)
                    .is_some_and(|d| d.abs() < MAX_SPREAD)
        });
        let family = found.unwrap_or_else(|| {
            families.push(Family {
                root: c.root,
                base: c.form.clone(),
                spread: 0,
                low: i64::MAX,
                high: 0,
                has_store: false,
            });
            families.len() - 1
        });
        members.push((family, c.form.distance(&families[family].base)?));
    }
    if families.len() > MAX_FAMILIES {
        return None;
    }
    let lowest: Vec<i32> = (0..families.len())
        .map(|f| {
            members
                .iter()
                .filter(|m| m.0 == f)
                .map(|m| m.1)
                .min()
                .unwrap_or(0)
        })
        .collect();
    let mut out = Vec::new();
    for (c, (family, distance)) in candidates.into_iter().zip(members) {
        let f = &mut families[family];
        let from_base = i64::from(distance) - i64::from(lowest[family]);
        let displacement = from_base.checked_add(c.displacement)?;
        f.spread = f.spread.max(from_base);
        f.low = f.low.min(displacement);
        f.high = f.high.max(displacement.checked_add(c.bytes)?);
        f.has_store |= c.is_store;
        out.push(Access {
            instruction: c.instruction,
            is_store: c.is_store,
            family,
            displacement,
            bytes: c.bytes,
        });
    }
    for (f, low) in families.iter_mut().zip(lowest) {
        f.base.constant = f.base.constant.wrapping_add(low);
    }
    Some((families, out))
}
