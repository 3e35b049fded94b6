//! 32-bit values as sums `Σ coefficient·term + constant (mod 2^32)`, advancing by a fixed step per iteration.
//!
//! Arithmetic is modulo 2^32 throughout, as wasm's is, so the form is exact; nothing is assumed about wrapping.
//! Terms are values defined outside the loop (or inside, for values the analysis cannot look through when they are
//! loop-invariant); a phi with a constant step contributes its start value to the terms and its step to `step`.

use super::ir::{Block, Opcode, Value};

/// The value of a 32-bit expression in iteration `k`: `Σ coefficient·term + constant + k·step (mod 2^32)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Affine {
    /// Distinct loop-invariant values in order of discovery, each with a non-zero coefficient.
    pub(super) terms: Vec<(Value, i32)>,
    pub(super) constant: i32,
    pub(super) step: i32,
}

impl Affine {
    fn constant(value: i32) -> Affine {
        Affine {
            terms: Vec::new(),
            constant: value,
            step: 0,
        }
    }

    fn plus(mut self, other: &Affine, scale: i32) -> Affine {
        for &(value, coefficient) in &other.terms {
            let added = coefficient.wrapping_mul(scale);
            match self.terms.iter_mut().find(|(v, _)| *v == value) {
                Some((_, c)) => *c = c.wrapping_add(added),
                None => self.terms.push((value, added)),
            }
        }
        self.terms.retain(|&(_, c)| c != 0);
        self.constant = self
            .constant
            .wrapping_add(other.constant.wrapping_mul(scale));
        self.step = self.step.wrapping_add(other.step.wrapping_mul(scale));
        self
    }

    /// `self - other` when it is a constant: the same terms and the same step.
    pub(super) fn distance(&self, other: &Affine) -> Option<i32> {
        let d = self.clone().plus(other, -1);
        (d.terms.is_empty() && d.step == 0).then_some(d.constant)
    }
}

/// An induction variable: a 32-bit phi of the loop that grows by a constant.
#[derive(Clone)]
pub(super) struct Induction {
    pub(super) phi: Value,
    pub(super) start: Value,
    pub(super) step: i32,
}

/// How far expressions are followed; beyond it a value stands for itself.
const MAX_DEPTH: u32 = 8;

/// The loop's 32-bit induction variables: phis `[start, outside], [phi + constant, loop]`.
pub(super) fn inductions(body: Block) -> Vec<Induction> {
    body.instructions()
        .take_while(|i| i.opcode() == Some(Opcode::LLVMPHI))
        .filter(|phi| phi.ty().int_width() == Some(32))
        .filter_map(|phi| induction(phi, body))
        .collect()
}

fn induction(phi: Value, body: Block) -> Option<Induction> {
    let incoming = phi.incoming();
    let [(a, from_a), (b, from_b)] = incoming.as_slice() else {
        return None;
    };
    let (start, next) = if *from_a == body { (*b, *a) } else { (*a, *b) };
    if (*from_a == body) == (*from_b == body)
        || next.opcode() != Some(Opcode::LLVMAdd)
        || next.operand(0) != phi
    {
        return None;
    }
    Some(Induction {
        phi,
        start,
        step: i32_constant(next.operand(1))?,
    })
}

fn i32_constant(value: Value) -> Option<i32> {
    i32::try_from(value.constant()?).ok()
}

/// Writes the values of one loop as affine forms.
pub(super) struct Decomposer<'a> {
    pub(super) body: Block,
    pub(super) inductions: &'a [Induction],
}

impl Decomposer<'_> {
    /// The affine form of a 32-bit value, or `None` if it changes irregularly inside the loop.
    pub(super) fn decompose(&self, value: Value) -> Option<Affine> {
        self.decompose_to(value, 0)
    }

    fn decompose_to(&self, value: Value, depth: u32) -> Option<Affine> {
        if let Some(c) = i32_constant(value) {
            return Some(Affine::constant(c));
        }
        if let Some(iv) = self.inductions.iter().find(|iv| iv.phi == value) {
            let mut form = self.decompose_to(iv.start, depth + 1)?;
            form.step = iv.step;
            return Some(form);
        }
        let inside = value.block() == Some(self.body);
        let form = if depth < MAX_DEPTH {
            self.look_through(value, depth)
        } else {
            None
        };
        match form {
            Some(form) => Some(form),
            None if inside => None,
            None => Some(Affine {
                terms: vec![(value, 1)],
                constant: 0,
                step: 0,
            }),
        }
    }

    fn look_through(&self, value: Value, depth: u32) -> Option<Affine> {
        let opcode = value.opcode()?;
        let operands = || {
            let a = self.decompose_to(value.operand(0), depth + 1)?;
            Some((a, value.operand(1)))
        };
        match opcode {
            Opcode::LLVMAdd | Opcode::LLVMSub => {
                let (a, rhs) = operands()?;
                let b = self.decompose_to(rhs, depth + 1)?;
                Some(a.plus(&b, if opcode == Opcode::LLVMAdd { 1 } else { -1 }))
            }
            Opcode::LLVMMul => {
                let (a, rhs) = operands()?;
                Some(Affine::constant(0).plus(&a, i32_constant(rhs)?))
            }
            Opcode::LLVMShl => {
                let (a, rhs) = operands()?;
                let shift = u32::try_from(rhs.constant()?).ok().filter(|s| *s < 32)?;
                Some(Affine::constant(0).plus(&a, 1i32.wrapping_shl(shift)))
            }
            _ => None,
        }
    }
}
