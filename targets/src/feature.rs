//! Features of CPUs, as far as they matter for what may be combined and for what a machine must have to run a file.
//!
//! A [`Family`] holds the features of one instruction set, what they imply, and what each CPU name of LLVM stands for. A
//! [`Set`] is made from a CPU and text as LLVM takes it (`+a,-b`). [`check`] refuses combinations that cannot be right, and
//! its result, less what every machine of the family has, is what a file requires. Names are LLVM's. Features that
//! matter to neither (tuning, privileged instructions) are left out; LLVM itself knows all names.

use core::fmt;

use crate::profile::{self, Profile};
use crate::{Abi, Target};

mod cpu;
mod family;

pub use family::{AARCH64, ARC, ARM, MIPS, RISCV, X86, XTENSA};

/// The features of one instruction set.
#[derive(Debug)]
pub struct Family {
    /// The features that matter. Invariant: at most 128.
    pub features: &'static [Feature],
    /// What CPUs have, by LLVM's names: the features that matter, separated by commas, with what they imply. Invariant:
    /// ascending by name.
    pub cpus: &'static [(&'static str, &'static str)],
}

/// A feature.
#[derive(Debug)]
pub struct Feature {
    /// LLVM's name.
    pub name: &'static str,
    /// What it cannot be without, separated by commas.
    pub implies: &'static str,
}

/// Features of a family.
#[derive(Clone, Copy, Debug)]
pub struct Set {
    family: &'static Family,
    bits: u128,
}

/// Names in text, without empty ones.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|name| !name.is_empty())
}

impl Family {
    fn index(&self, name: &str) -> Option<usize> {
        self.features.iter().position(|known| known.name == name)
    }

    /// What a CPU has; `None` for a name that is not known.
    fn cpu(&self, name: &str) -> Option<&'static str> {
        let at = self.cpus.binary_search_by_key(&name, |(known, _)| known);
        at.ok()
            .and_then(|at| self.cpus.get(at))
            .map(|(_, has)| *has)
    }
}

impl Set {
    /// The empty set.
    #[must_use]
    pub const fn new(family: &'static Family) -> Set {
        Set { family, bits: 0 }
    }

    /// What LLVM compiles for: a CPU of a target, with what goes with every CPU there, changed by features as LLVM writes them
    /// (`+a,-b`). The baseline CPU comes with the target's baseline. A CPU that is not known has nothing.
    #[must_use]
    pub fn of(target: &Target, cpu: &str, features: &str) -> Set {
        let has = match cpu {
            "" | "generic" => target.generic,
            _ => target.family.cpu(cpu).unwrap_or(""),
        };
        let baseline = match cpu == target.llvm.cpu {
            true => target.llvm.features,
            false => "",
        };
        let mut set = Set::new(target.family).with(has);
        for change in [baseline, target.llvm.always, features]
            .into_iter()
            .flat_map(names)
        {
            match (change.strip_prefix('+'), change.strip_prefix('-')) {
                (Some(name), _) => set.add(name),
                (_, Some(name)) => set.remove(name),
                _ => {}
            }
        }
        set
    }

    /// Whether it has a feature; false for what does not matter.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let bit = |at: usize| self.bits >> at & 1 == 1;
        self.family.index(name).is_some_and(bit)
    }

    /// Its features, in the family's order.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> + use<> {
        let set = *self;
        let all = set.family.features.iter().enumerate();
        all.filter(move |(at, _)| set.bits >> at & 1 == 1)
            .map(|(_, feature)| feature.name)
    }

    /// What must be looked for in a machine before a file that needs all this is run: the features not every machine of the
    /// target has, but for those that others of the set imply.
    pub fn required(&self, target: &Target) -> impl Iterator<Item = &'static str> + use<> {
        let set = *self;
        let universal = Set::new(set.family).with(target.universal);
        let implied = move |name: &str| {
            set.iter()
                .any(|other| other != name && Set::new(set.family).with(other).has(name))
        };
        set.iter()
            .filter(move |name| !universal.has(name) && !implied(name))
    }

    fn with(mut self, list: &str) -> Set {
        names(list).for_each(|name| self.add(name));
        self
    }

    /// Adds a feature and what it implies.
    fn add(&mut self, name: &str) {
        let Some(at) = self.family.index(name) else {
            return;
        };
        if self.bits >> at & 1 == 1 {
            return;
        }
        self.bits |= 1 << at;
        if let Some(feature) = self.family.features.get(at) {
            names(feature.implies).for_each(|name| self.add(name));
        }
    }

    /// Removes a feature and everything that cannot be without it.
    fn remove(&mut self, name: &str) {
        for (at, feature) in self.family.features.iter().enumerate() {
            if Set::new(self.family).with(feature.name).has(name) {
                self.bits &= !(1 << at);
            }
        }
    }
}

impl fmt::Display for Set {
    /// As LLVM takes them: `+a,+b`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_signed(f, self.iter())
    }
}

/// Features with signs, as LLVM takes them.
fn write_signed(
    f: &mut fmt::Formatter<'_>,
    names: impl Iterator<Item = &'static str>,
) -> fmt::Result {
    for (count, name) in names.enumerate() {
        let comma = if count > 0 { "," } else { "" };
        write!(f, "{comma}+{name}")?;
    }
    Ok(())
}

/// [`Set::required`] as text, as LLVM takes it.
#[derive(Clone, Copy, Debug)]
pub struct Required<'a>(pub Set, pub &'a Target);

impl fmt::Display for Required<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_signed(f, self.0.required(self.1))
    }
}

/// A combination that cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combination {
    /// The ABI needs a feature the machine does not have.
    Abi {
        /// The ABI.
        abi: &'static str,
        /// The feature, as LLVM calls it.
        needs: &'static str,
        /// A profile of the target with this ABI.
        profile: Option<&'static str>,
    },
    /// The target cannot have a feature.
    Feature {
        /// The target.
        target: &'static str,
        /// The feature, as LLVM calls it.
        feature: &'static str,
        /// Why not.
        reason: &'static str,
    },
}

impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Combination::Abi {
                abi,
                needs,
                profile,
            } => {
                write!(
                    f,
                    "abi {abi} needs the feature {needs}, which neither the cpu nor the features given have"
                )?;
                match profile {
                    Some(profile) => write!(f, "; target {profile} has both"),
                    None => Ok(()),
                }
            }
            Combination::Feature {
                target,
                feature,
                reason,
            } => write!(
                f,
                "target {target} cannot have the feature {feature}: {reason}"
            ),
        }
    }
}

impl core::error::Error for Combination {}

/// Whether this can be right: a target, an ABI of it (`None` for its default), a CPU and features as the user gave them. The
/// result is what a machine that runs the code has. Of a CPU that is not known only the features given are judged.
///
/// # Errors
/// [`Combination`] says what contradicts what.
pub fn check(
    target: &Target,
    abi: Option<&Abi>,
    cpu: &str,
    features: &str,
) -> Result<Set, Combination> {
    let set = Set::of(target, cpu, features);
    for (feature, reason) in target.forbids {
        if set.has(feature) {
            return Err(Combination::Feature {
                target: target.name,
                feature,
                reason,
            });
        }
    }
    let known = ["", "generic"].contains(&cpu) || target.family.cpu(cpu).is_some();
    let abi = abi.or(target.abis.first()).filter(|_| known);
    if let Some(abi) = abi
        && let Some(needs) = abi.requires.iter().find(|needed| !set.has(needed))
    {
        let fits = |it: &&Profile| it.target.name == target.name && it.abi == abi.name;
        return Err(Combination::Abi {
            abi: abi.name,
            needs,
            profile: profile::ALL.iter().find(fits).map(|it| it.name),
        });
    }
    Ok(set)
}

#[cfg(test)]
mod tests;
