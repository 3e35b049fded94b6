//! What is changed in LLVM's ARC target: our own edits of a source that others wrote.
//!
//! Each edit names a file and the shortest piece of a line that tells the place; it must be there exactly once, or the
//! source is another than the one these edits are for, and nothing is built. Why each is needed is told with it; what
//! happens without: `targets-and-emulators.md`, ARC.

use std::path::Path;

use anyhow::{Context, Result, bail};

/// A change with a reason.
pub(super) struct Correction {
    /// What it does, in a line for people.
    about: &'static str,
    edits: &'static [Edit],
}

/// One change of one file.
struct Edit {
    file: &'static str,
    /// What is at the place.
    anchor: &'static str,
    change: Change,
}

enum Change {
    /// This instead of the anchor.
    Instead(&'static str),
    /// A line of its own behind the anchor's line.
    LineBehind(&'static str),
}

/// Every correction, in the order in which they are made.
pub(super) const ALL: &[Correction] = &[
    // The patterns of conditional moves want a constant that selection leaves alone; with an ordinary one, which selection
    // turns into a move to a register, nothing matches and the function does not compile.
    Correction {
        about: "conditional moves take their condition as a target constant",
        edits: &[Edit {
            file: "ARCISelLowering.cpp",
            anchor: "DAG.getConstant(ArcCC,",
            change: Change::Instead("DAG.getTargetConstant(ArcCC,"),
        }],
    },
    // The target says nothing of fences, which makes LLVM take them for instructions it has. As calls they are right
    // wherever the runtime makes atomic accesses right, which are calls as well.
    Correction {
        about: "fences are calls of the runtime",
        edits: &[Edit {
            file: "ARCISelLowering.cpp",
            anchor: "setMaxAtomicSizeInBitsSupported(0);",
            change: Change::LineBehind(
                "setOperationAction(ISD::ATOMIC_FENCE, MVT::Other, Expand);",
            ),
        }],
    },
    // Slots of the frame too far for a store's offset are addressed through a register that is looked for when all
    // registers are assigned, by rules that see only a part of what is live: values are lost without a word. Loads can have
    // the address in the register they load; for stores r30, which calls do not preserve, is kept free.
    Correction {
        about: "far slots of the frame are addressed through registers that are free",
        edits: &[
            Edit {
                file: "ARCRegisterInfo.cpp",
                anchor: "RS->FindUnusedReg(&ARC::GPR32RegClass)",
                change: Change::Instead("MI.mayLoad() ? Reg : unsigned(ARC::R30)"),
            },
            Edit {
                file: "ARCRegisterInfo.cpp",
                anchor: "Reserved.set(ARC::ILINK);",
                change: Change::LineBehind("Reserved.set(ARC::R30);"),
            },
        ],
    },
    // The pass that makes additions part of accesses moves them over uses of the old value.
    Correction {
        about: "accesses that update their address are not formed",
        edits: &[Edit {
            file: "ARCTargetMachine.cpp",
            anchor: "addPass(createARCOptAddrMode());",
            change: Change::Instead(""),
        }],
    },
    // Calls of libgcc's routines for this, which runtimes need not have.
    Correction {
        about: "functions save and restore registers themselves",
        edits: &[Edit {
            file: "ARCFrameLowering.cpp",
            anchor: "cl::init(true)",
            change: Change::Instead("cl::init(false)"),
        }],
    },
];

/// Copies the source and corrects the copy.
pub(super) fn apply(original: &Path, corrected: &Path) -> Result<()> {
    if corrected.exists() {
        std::fs::remove_dir_all(corrected)?;
    }
    copy(original, corrected)?;
    for correction in ALL {
        println!("  {}", correction.about);
        for edit in correction.edits {
            let path = corrected.join(edit.file);
            let text =
                std::fs::read_to_string(&path).with_context(|| format!("reading {}", edit.file))?;
            let text = edit.apply(&text).with_context(|| correction.about)?;
            std::fs::write(&path, text)?;
        }
    }
    Ok(())
}

impl Edit {
    /// The text of the file with the change.
    fn apply(&self, text: &str) -> Result<String> {
        let Edit { file, anchor, .. } = self;
        let mut places = text.match_indices(anchor);
        let (Some((at, _)), None) = (places.next(), places.next()) else {
            let count = text.matches(anchor).count();
            bail!(
                "{file} has {anchor:?} {count} times instead of once: not the source this is for"
            );
        };
        let (before, rest) = text.split_at(at);
        let behind = rest.strip_prefix(anchor).unwrap_or_default();
        Ok(match self.change {
            Change::Instead(replacement) => format!("{before}{replacement}{behind}"),
            Change::LineBehind(line) => {
                let (same_line, others) = behind.split_once('\n').unwrap_or((behind, ""));
                format!("{before}{anchor}{same_line}\n  {line}\n{others}")
            }
        })
    }
}

/// A number that changes with the corrections.
pub(super) fn digest() -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for edit in ALL.iter().flat_map(|correction| correction.edits) {
        let (Change::Instead(change) | Change::LineBehind(change)) = edit.change;
        for byte in [edit.file, edit.anchor, change].join("\n").bytes() {
            // FNV-1a: no cryptography is needed to see that a line of ours has changed.
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    state
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    let entries = std::fs::read_dir(from).with_context(|| format!("reading {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => {
                std::fs::copy(entry.path(), target)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
