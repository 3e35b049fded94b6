//! What output was made from, as a rule of Make: for build systems that read such files (Make, Ninja, CMake, Cargo).

use super::product::Job;
use std::path::{Path, PathBuf};

/// One rule per input: its output depends on it and on the response files; and an empty rule for each file that is
/// depended on, so that one that is gone is no error but a reason to build again.
pub(super) fn rules(jobs: &[Job], files: &[PathBuf]) -> String {
    let mut text = String::new();
    let named = |path: &&PathBuf| path.as_os_str() != "-";
    for job in jobs {
        let targets = job.products.iter().map(|product| escape(&product.path));
        let sources = std::iter::once(&job.input).chain(files).filter(named);
        let sources: Vec<String> = sources.map(|path| escape(path)).collect();
        let targets: Vec<String> = targets.collect();
        text.push_str(&format!("{}: {}\n", targets.join(" "), sources.join(" ")));
    }
    let sources = jobs.iter().map(|job| &job.input).chain(files);
    for source in sources.filter(named) {
        text.push_str(&format!("\n{}:\n", escape(source)));
    }
    text
}

/// A path as Make reads it.
fn escape(path: &Path) -> String {
    let mut text = String::new();
    for character in path.to_string_lossy().chars() {
        match character {
            ' ' | '#' => text.extend(['\\', character]),
            '$' => text.push_str("$$"),
            character => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::product::{Job, Product};
    use super::rules;
    use wamrc::options::Format;

    #[test]
    fn rules_are_those_of_make() {
        let product = |path: &str| Product {
            format: Format::Aot,
            path: path.into(),
        };
        let jobs = [Job {
            input: "my app.wasm".into(),
            products: vec![product("a$.aot"), product("a#.o")],
        }];
        let expected = "a$$.aot a\\#.o: my\\ app.wasm flags.txt\n\nmy\\ app.wasm:\n\nflags.txt:\n";
        assert_eq!(rules(&jobs, &["flags.txt".into()]), expected);
    }
}
