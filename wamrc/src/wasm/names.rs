//! The name section, read leniently.
//!
//! Names are for people: a malformed name section is ignored as the core specification (appendix
//! 7.4) demands, never an error.

use super::index::FuncIdx;
use wasmparser::{BinaryReader, Name, NameSectionReader};

/// What is kept of a name section.
#[derive(Default)]
pub(super) struct Names<'a> {
    /// Name of the module.
    pub(super) module: Option<&'a str>,
    /// Function names, ascending by index, indices in range.
    pub(super) functions: Vec<(FuncIdx, &'a str)>,
}

/// Reads a name section for a module with `function_count` functions.
pub(super) fn read_names(reader: BinaryReader<'_>, function_count: u32) -> Names<'_> {
    let mut names = Names::default();
    for subsection in NameSectionReader::new(reader) {
        match subsection {
            Ok(Name::Module { name, .. }) => names.module = Some(name),
            Ok(Name::Function(map)) => {
                for naming in map {
                    let Ok(naming) = naming else { break };
                    let index = FuncIdx(naming.index);
                    let ascending = names.functions.last().is_none_or(|last| last.0 < index);
                    if ascending && naming.index < function_count {
                        names.functions.push((index, naming.name));
                    }
                }
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    names
}
