//! Optimisation pipelines per level.
//!
//! A table of LLVM's textual pipelines: changing what runs is changing a string here.

use super::context::Context;
use super::error::LlvmError;
use super::guard::guard_loops;
use super::machine::Machine;
use super::module::Module;
use crate::options::OptLevel;
use inkwell::OptimizationLevel;
use inkwell::passes::PassBuilderOptions;
use targets::PtrWidth;

/// The effort of instruction selection and register allocation.
pub(super) fn codegen(level: OptLevel, width: PtrWidth) -> OptimizationLevel {
    match level {
        OptLevel::O0 if width == PtrWidth::W64 => OptimizationLevel::None,
        // The fast instruction selection of the smaller machines does not know all conventions.
        OptLevel::O0 => OptimizationLevel::Less,
        OptLevel::O1 => OptimizationLevel::Less,
        OptLevel::O2 | OptLevel::Os | OptLevel::Oz => OptimizationLevel::Default,
        OptLevel::O3 => OptimizationLevel::Aggressive,
    }
}

/// What a level runs: LLVM pipelines as `opt -passes=` takes them, with the loop guards in between.
struct Level {
    /// Brings loops into the form the guards read; empty for a level without guards.
    before_guards: &'static str,
    /// The pipeline proper; empty for none.
    pipeline: &'static str,
    /// Loops may become several, or wider.
    loops: bool,
    /// What functions say of their size.
    attributes: &'static [&'static str],
}

/// Locals to SSA, then rotated, simplified loops in LCSSA form with their invariants outside. Not
/// `indvars`: it widens the recurrences that the guards look for.
const LOOP_FORM: &str = "function(sroa,simplifycfg,early-cse),\
    function(loop-simplify,lcssa,loop-mssa(loop-rotate,licm),instcombine<no-verify-fixpoint>,\
    loop-simplify,lcssa)";

/// What LLVM's own O3 does, less what it repeats and what the producer of the wasm has done already: dead stores
/// (`dse`), bits nobody reads (`bdce`), constants (`sccp`), loops that are a `memset` (`loop-idiom`). `instcombine`, the
/// most expensive pass, runs where a pass after it needs its forms: before the loop passes, and to read what the
/// vectoriser made. Figures: `docs/decisions/023-passes.md`.
const FULL: &str = "ipsccp,globalopt,deadargelim,\
    cgscc(devirt<4>(inline,function-attrs,function<eager-inv>(\
    early-cse<memssa>,jump-threading,correlated-propagation,simplifycfg,instsimplify,reassociate,\
    loop-mssa(loop-rotate,licm,simple-loop-unswitch<nontrivial>),\
    simplifycfg,instcombine<no-verify-fixpoint>,\
    loop(indvars,loop-deletion,loop-unroll-full),\
    sroa,gvn,instsimplify,loop-mssa(licm),adce,\
    simplifycfg<hoist-common-insts;sink-common-insts>))),elim-avail-extern,globaldce,\
    function<eager-inv>(loop-rotate,loop-vectorize,loop-load-elim,instcombine<no-verify-fixpoint>,\
    slp-vectorizer,vector-combine,loop-unroll<O3>,instcombine<no-verify-fixpoint>,loop-mssa(licm),\
    loop-sink,instsimplify,div-rem-pairs,simplifycfg),globaldce";

#[rustfmt::skip]
const fn level(level: OptLevel) -> Level {
    let (before_guards, pipeline, loops, attributes): (_, _, _, &[&str]) = match level {
        OptLevel::O0 => ("",        "",            false, &[]),
        OptLevel::O1 => ("",        "default<O1>", false, &[]),
        OptLevel::O2 => (LOOP_FORM, "default<O2>", true,  &[]),
        OptLevel::O3 => (LOOP_FORM, FULL,          true,  &[]),
        OptLevel::Os => ("",        "default<Os>", true,  &["optsize"]),
        OptLevel::Oz => ("",        "default<Oz>", false, &["optsize", "minsize"]),
    };
    Level {
        before_guards,
        pipeline,
        loops,
        attributes,
    }
}

/// The attributes of functions that are optimised so.
pub(super) const fn attributes(opt: OptLevel) -> &'static [&'static str] {
    level(opt).attributes
}

impl Module<'_> {
    /// Optimises the module in place.
    ///
    /// # Errors
    /// [`LlvmError::Step`] if LLVM reports an error.
    pub fn optimise(&self, machine: &Machine, opt: OptLevel) -> Result<(), LlvmError> {
        let Level {
            before_guards,
            pipeline,
            ..
        } = level(opt);
        if !before_guards.is_empty() {
            self.run("loop form", before_guards, machine, opt)?;
            guard_loops(self);
        }
        match pipeline {
            "" => Ok(()),
            _ => self.run("passes", pipeline, machine, opt),
        }
    }

    fn run(
        &self,
        step: &'static str,
        pipeline: &str,
        machine: &Machine,
        level: OptLevel,
    ) -> Result<(), LlvmError> {
        let options = PassBuilderOptions::create();
        let loops = self::level(level).loops;
        options.set_loop_vectorization(loops);
        options.set_loop_slp_vectorization(loops);
        options.set_loop_interleaving(loops);
        options.set_loop_unrolling(loops);
        self.inner
            .run_passes(pipeline, machine.inner(), options)
            .map_err(|message| LlvmError::Step {
                step,
                message: message.to_string(),
            })?;
        reported(self.context, step)
    }
}

/// Turns errors LLVM reported through the context into a result.
pub(super) fn reported(context: &Context, step: &'static str) -> Result<(), LlvmError> {
    match context.take_errors() {
        errors if errors.is_empty() => Ok(()),
        errors => Err(LlvmError::Step {
            step,
            message: errors.join("; "),
        }),
    }
}
