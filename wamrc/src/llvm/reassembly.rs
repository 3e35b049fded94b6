//! Assembly as LLVM prints it, to an object file, in this process.
//!
//! For machines whose object writer in LLVM does not place literals right (Xtensa): their constants
//! are words that instructions reach by a short distance backwards. The printed directives that leave
//! the place of these words to the assembler are replaced by the words themselves, right in front of
//! the function that uses them. The text is then the inline assembly of an empty module, which LLVM
//! assembles. Facts: `targets-and-emulators.md`, Xtensa.

use super::context::Context;
use super::error::LlvmError;
use super::machine::Machine;
use super::module::Module;
use inkwell::targets::FileType;
use std::fmt::Write as _;

/// Directive that says: the literals of the next function may stand here.
const POSITION: &str = ".literal_position";
/// How directives about stack frames begin, which come with debug information. LLVM's assembler does not know the registers
/// that LLVM's printer names in them, and nobody reads what becomes of them.
const FRAME: &str = ".cfi_";
/// Directive of one literal: name and value.
const LITERAL: &str = ".literal";

/// Assembles what the machine has printed.
///
/// # Errors
/// [`LlvmError::Step`] with LLVM's message if it does not accept the text.
pub(super) fn assemble(machine: &Machine, assembly: &str) -> Result<Vec<u8>, LlvmError> {
    let context = Context::new();
    let module = Module::new(&context, "assembly", machine);
    module.inner.set_inline_assembly(&place_literals(assembly));
    machine.write(&module, FileType::Object)
}

/// Puts the literals of each function in front of it, as words.
fn place_literals(assembly: &str) -> String {
    let mut text = String::with_capacity(assembly.len() + assembly.len() / 8);
    let mut waiting = String::new();
    for line in assembly.lines() {
        let mut words = line.trim_start().splitn(2, char::is_whitespace);
        match (words.next(), words.next()) {
            (Some(POSITION), _) => continue,
            (Some(word), _) if word.starts_with(FRAME) => continue,
            (Some(LITERAL), Some(rest)) => {
                if let Some((name, value)) = rest.split_once(',') {
                    push_literal(&mut waiting, name, value.trim());
                    continue;
                }
            }
            _ => {}
        }
        if !waiting.is_empty() && is_label(line) {
            text.push_str("\t.p2align\t2\n");
            text.push_str(&waiting);
            waiting.clear();
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// A word with a name. The name is weak, which makes LLVM leave the distance to it to us: what it computes itself is right
/// only for pieces of code that start at a multiple of four bytes, and where pieces start is its own affair. LLVM does not
/// quote the symbols of literals, whose names can contain the
/// character that begins a comment.
fn push_literal(text: &mut String, name: &str, value: &str) {
    let written = match value.split_once('#') {
        None => writeln!(text, "\t.weak\t{name}\n{name}:\n\t.long\t{value}"),
        Some(_) => {
            let digits = value.trim_end_matches(|character: char| character.is_ascii_digit());
            let symbol = digits.strip_suffix(['+', '-']).unwrap_or(value);
            let offset = value.get(symbol.len()..).unwrap_or_default();
            writeln!(
                text,
                "\t.weak\t{name}\n{name}:\n\t.long\t\"{symbol}\"{offset}"
            )
        }
    };
    written.expect("invariant: writing to a string does not fail");
}

/// Whether a line defines a label.
fn is_label(line: &str) -> bool {
    !line.starts_with(char::is_whitespace) && line.trim_end().ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::place_literals;

    #[test]
    fn literals_move_in_front_of_their_function() {
        let printed = "\
\t.literal_position
\t.literal .LCPI0_0, 1073217536
\t.literal .LCPI0_1, aot_func_internal#1
\t.literal .LCPI0_2, aot_func#2+4
\t.text
\t.p2align\t2
\"aot_func#0\":
\tl32r\ta8, .LCPI0_0
.LBB0_1:
\tretw.n
";
        let placed = "\
\t.text
\t.p2align\t2
\t.p2align\t2
\t.weak\t.LCPI0_0
.LCPI0_0:
\t.long\t1073217536
\t.weak\t.LCPI0_1
.LCPI0_1:
\t.long\t\"aot_func_internal#1\"
\t.weak\t.LCPI0_2
.LCPI0_2:
\t.long\t\"aot_func#2\"+4
\"aot_func#0\":
\tl32r\ta8, .LCPI0_0
.LBB0_1:
\tretw.n
";
        assert_eq!(place_literals(printed), placed);
    }
}
