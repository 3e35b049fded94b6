//! Whether this machine and platform can run a file at all.
//!
//! Spec: `aot-v6.md` A.4.1 for the architecture; our record for the rest.

use aot_format::{ExecMode, Place, Relies, View};
use targets::{Description, Machine, find_machine};

use crate::error::{LoadError, Name, Reliance};
use crate::host;
use crate::layout::WIDTH;
use crate::module::LoadOptions;
use crate::platform::{Capabilities, Platform};

/// The machine the file is for, which must be one this is built for.
pub(crate) fn machine(view: &View<'_>) -> Result<&'static Machine, LoadError> {
    let info = view.target();
    let other = LoadError::Architecture {
        found: Name::new(info.arch.as_str()),
        expected: Name::new(host::ARCHITECTURE),
    };
    if info.width() != WIDTH {
        return Err(other);
    }
    let description = info.description();
    let candidates = || host::MACHINES.iter().copied().flatten().copied();
    if info.bin_type.endian() != host::ENDIAN {
        let swapped = Description {
            endian: host::ENDIAN,
            ..description
        };
        return Err(match find_machine(candidates(), &swapped) {
            Some(_) => LoadError::ByteOrder {
                found: info.bin_type.endian(),
            },
            None => other,
        });
    }
    match find_machine(candidates(), &description) {
        Some(machine) if host::runs(machine) => Ok(machine),
        _ => Err(other),
    }
}

/// Whether the processor and this build's functions fit the code: how floats are
/// passed, and what the code's instructions need. A stock file says nothing of
/// this but, on some machines, the former in its ELF flags.
pub(crate) fn processor(view: &View<'_>, platform: &dyn Platform) -> Result<(), LoadError> {
    let expected = host::float_abi::float_abi();
    let record = view.record();
    let found = match &record {
        Some(record) => Some(record.float_abi),
        None => host::float_abi::of_elf_flags(view.target().e_flags),
    };
    if let Some(found) = found.filter(|found| *found != expected) {
        return Err(LoadError::FloatAbi { found, expected });
    }
    let Some(record) = record else {
        return Ok(());
    };
    let asked = record.features.split(',');
    let mut needed = asked.filter_map(|feature| feature.strip_prefix('+'));
    let missing = needed.find(|name| host::feature::has(name) == Some(false));
    match missing.or_else(|| platform.lacks(record.cpu, record.features)) {
        Some(name) => Err(LoadError::Processor(Name::new(name))),
        None => Ok(()),
    }
}

/// Whether the code can be executed where the file is.
pub(crate) fn in_place(
    view: &View<'_>,
    bytes: &'static [u8],
    platform: &dyn Platform,
) -> Result<(), LoadError> {
    let changed = view.relocations().iter().any(|group| {
        let code = matches!(view.place(&group), Some(Place::Code | Place::Literal));
        code && !group.raw().is_empty()
    });
    let code = view.text().code.as_ptr() as usize;
    // Ours align the code, with the constants in it, in the file.
    let align = view.record().map_or(4, |_| 16);
    let reason = match view.target().e_type {
        ExecMode::Relocatable => "is not an execute-in-place file",
        ExecMode::Xip if changed => "has relocations in its code",
        ExecMode::Xip if !code.is_multiple_of(align) => "has its code at an odd address",
        ExecMode::Xip if !platform.executes(bytes) => "is not where the platform executes code",
        ExecMode::Xip => return Ok(()),
    };
    Err(LoadError::InPlace(reason))
}

/// What the file relies on; an error if the platform does not have it.
pub(crate) fn needs(
    view: &View<'_>,
    machine: &Machine,
    options: &LoadOptions,
) -> Result<Relies, LoadError> {
    let capabilities = options.platform.capabilities();
    let objects = view.target().has_objects();
    let ours = view
        .record()
        .is_some_and(|it| it.relies.contains(Relies::GARBAGE_COLLECTION));
    if objects && !(ours && cfg!(feature = "gc")) || ours && !objects {
        // Stock's files keep frames of their own, which we do not follow.
        return Err(LoadError::Feature(Name::new(match ours {
            true => "garbage collection",
            false => "garbage collection as stock compiles it",
        })));
    }
    let exceptions = view
        .record()
        .is_some_and(|it| it.relies.contains(Relies::EXCEPTIONS));
    if exceptions && !cfg!(feature = "gc") {
        return Err(LoadError::Feature(Name::new("exceptions")));
    }
    let Some(record) = view.record() else {
        // Stock's defaults; nothing in the file says so. On machines without guard
        // pages it puts all checks into the code.
        if !machine.guard_pages {
            return Ok(Relies::NONE);
        }
        let assumed = Relies::GUARD_PAGES | Relies::UNWINDING_TRAPS | Relies::STACK_GUARD;
        return match lacking(assumed, capabilities) {
            None => Ok(assumed),
            Some(_) if options.trust_stock_checked => Ok(Relies::NONE),
            Some(_) => Err(LoadError::UnknownChecks),
        };
    };
    match lacking(record.relies, capabilities) {
        None => Ok(record.relies),
        Some(reliance) => Err(LoadError::Relies(reliance)),
    }
}

/// The first thing of `needs` that the platform lacks. Cells of imported
/// globals and foreign functions every platform of ours has.
pub(crate) fn lacking(needs: Relies, capabilities: Capabilities) -> Option<Reliance> {
    let checks = [
        (
            Relies::GUARD_PAGES,
            capabilities.guard_pages,
            Reliance::GuardPages,
        ),
        (
            Relies::UNWINDING_TRAPS,
            capabilities.unwinding_traps,
            Reliance::UnwindingTraps,
        ),
        (
            Relies::STACK_GUARD,
            capabilities.stack_guard,
            Reliance::StackGuard,
        ),
        (Relies::THREADS, cfg!(feature = "std"), Reliance::Threads),
    ];
    if needs.unknown() != 0 {
        return Some(Reliance::Unknown(needs.unknown()));
    }
    checks
        .into_iter()
        .find(|(bit, has, _)| needs.contains(*bit) && !has)
        .map(|(.., reliance)| reliance)
}
