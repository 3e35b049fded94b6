//! How functions of a module call each other's bodies.
//!
//! The ABI's signature (spec C.1) with the base of memory 0 if bodies get it; in modules with tail
//! calls another convention, and an area in memory for the arguments that do not fit its registers
//! (`plan::passing`).

use super::function::FunctionLowering;
use super::{Unit, signature};
use crate::error::CompileError;
use crate::llvm::{
    Access, Binary, Builder, Convention, Floats, Function, Outcome, Region, Signature, Type, Value,
};
use crate::plan::{FunctionPlan, Place, Plan, passing};
use crate::wasm::{FuncType, MemoryIdx};
use aot_format::abi::exec_env;
use targets::TailForm;

/// Arguments in the area: written just before a call, read first thing behind it.
const AREA: Access = Access {
    align: 8,
    region: Region::Argument,
    constant: false,
};

/// Bytes of an entry of the array of bodies: distance and type.
const BODY_BYTES: u32 = 8;

/// Whether a body says beside its result that an exception is pending (`plan::ExceptionPlan`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signals {
    No,
    Yes,
}

impl Signals {
    /// A function that is called by its name.
    pub(super) fn of(function: &FunctionPlan, plan: &Plan) -> Self {
        Self::from(plan.exceptions.signals(function.defined))
    }

    /// A function that is called through a table or a reference.
    pub(super) fn of_reference(plan: &Plan) -> Self {
        Self::from(plan.exceptions.references_signal)
    }

    fn from(signals: bool) -> Self {
        match signals {
            true => Self::Yes,
            false => Self::No,
        }
    }
}

/// How bodies of a type are called.
pub(super) struct Interface {
    /// The machine signature.
    pub(super) signature: Signature,
    /// Types of all arguments.
    types: Vec<Type>,
    /// Where each travels.
    places: Vec<Place>,
}

impl Interface {
    pub(super) fn new(ty: &FuncType, signals: Signals, plan: &Plan) -> Self {
        let mut signature = signature(ty, plan);
        if plan.passes_base {
            signature.params.insert(1, Type::Ptr);
        }
        if signals == Signals::Yes {
            signature.outcome = Outcome::Flagged;
        }
        let types = signature.params.clone();
        let mut places = vec![Place::Call; types.len()];
        if plan.tail_calls {
            let arguments = passing::arguments(ty, plan.passes_base);
            (places, _) = passing::places(&arguments, &plan.registers);
            signature.convention = match plan.registers.form {
                TailForm::Guaranteed => Convention::Tail,
                TailForm::Sibling => Convention::Sibling,
                TailForm::Absent => Convention::C,
            };
            if signature.convention != Convention::C {
                signature.floats = Floats::Once;
            }
            let all = types.iter().zip(&places);
            let passed = all.filter(|(_, place)| **place == Place::Call);
            signature.params = passed.map(|(ty, _)| *ty).collect();
        }
        Self {
            signature,
            types,
            places,
        }
    }

    /// The arguments of the machine call, after the others have been written to the area.
    pub(super) fn pass<'c>(
        &self,
        unit: &Unit<'_, 'c, '_>,
        b: &Builder<'_, 'c>,
        args: &[Value<'c>],
    ) -> Vec<Value<'c>> {
        let Some(exec_env) = args.first() else {
            return Vec::new();
        };
        let mut passed = Vec::with_capacity(args.len());
        let mut area = None;
        for (value, place) in args.iter().zip(&self.places) {
            match place {
                Place::Call => passed.push(*value),
                Place::Area(offset) => {
                    let area = *area.get_or_insert_with(|| load_area(unit, b, *exec_env));
                    b.store(*value, b.offset(area, u64::from(*offset)), AREA);
                }
            }
        }
        passed
    }

    /// All arguments, in the function that gets them; `None` if it was declared otherwise.
    pub(super) fn receive<'c>(
        &self,
        unit: &Unit<'_, 'c, '_>,
        b: &Builder<'_, 'c>,
        function: Function<'c>,
    ) -> Option<Vec<Value<'c>>> {
        let exec_env = function.param(0)?;
        let mut params = (0_u32..).map_while(|position| function.param(position));
        let mut area = None;
        let all = self.types.iter().zip(&self.places);
        all.map(|(ty, place)| match place {
            Place::Call => params.next(),
            Place::Area(offset) => {
                let area = *area.get_or_insert_with(|| load_area(unit, b, exec_env));
                Some(b.load(*ty, b.offset(area, u64::from(*offset)), AREA))
            }
        })
        .collect()
    }
}

pub(super) fn load_area<'c>(
    unit: &Unit<'_, 'c, '_>,
    b: &Builder<'_, 'c>,
    exec_env: Value<'c>,
) -> Value<'c> {
    let field = exec_env::Field::WasmStackBottom;
    let offset = field.offset(unit.options.target.width);
    let address = b.offset(exec_env, offset.into());
    let access = Access::constant(Region::Instance, unit.pointer_bytes());
    b.load(Type::Ptr, address, access)
}

impl<'c> FunctionLowering<'_, '_, 'c, '_> {
    /// How bodies of a type are called.
    pub(super) fn interface(&self, ty: &FuncType, signals: Signals) -> Interface {
        Interface::new(ty, signals, self.unit.plan)
    }

    /// The arguments of a machine call of a body: `places` are for the results beyond the first.
    pub(super) fn own_args(
        &mut self,
        ty: &FuncType,
        args: &[Value<'c>],
        places: &[Value<'c>],
    ) -> Result<Vec<Value<'c>>, CompileError> {
        let mut all = Vec::with_capacity(2 + args.len() + places.len());
        all.push(self.exec_env);
        if self.unit.plan.passes_base {
            let memory = self.memory(MemoryIdx(0))?;
            all.push(self.memory_base(&memory)?);
        }
        all.extend_from_slice(args);
        all.extend_from_slice(places);
        // Arguments are the same with a signal and without.
        let interface = self.interface(ty, Signals::No);
        Ok(interface.pass(self.unit, &self.b, &all))
    }

    /// The address of the body of a function that this module defines, by its index in the function
    /// index space. For functions that are reached by reference only: the others are not listed.
    pub(super) fn body_by_index(&mut self, function: Value<'c>) -> Value<'c> {
        let bodies = self.unit.body_array();
        let imports = self.unit.plan.import_count();
        let imports = self.b.int(Type::I32, imports.into());
        let position = self.b.binary(Binary::Sub, function, imports);
        let place = self.scaled(position, BODY_BYTES);
        self.b.tagged_function(bodies, place)
    }
}

impl<'c> Unit<'_, 'c, '_> {
    /// The constant array of bodies by defined index, made when it is first asked for.
    pub(super) fn body_array(&self) -> Value<'c> {
        *self.by_index.get_or_init(|| {
            let functions = &self.plan.functions;
            let array = self.array("bodies", functions.len(), || {
                let body = |plan: &FunctionPlan| plan.escapes.then(|| self.body(plan));
                Some(functions.iter().map(|it| (body(it), it.ty.0)).collect())
            });
            array.expect("invariant: the entries are there")
        })
    }
}
