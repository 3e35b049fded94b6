//! The table of `docs/conformance.md`: what of the suite passes, by folder.
//!
//! Each mode compares its counts with the table; `WAMRC_BLESS=1` writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use spec_runner::Count;

/// Where the generated part is.
const MARKS: [&str; 2] = ["<!-- generated: conformance -->", "<!-- end generated -->"];

/// Counts by folder of the suite.
#[derive(Default)]
pub(crate) struct Conformance {
    folders: BTreeMap<String, (usize, Count)>,
}

impl Conformance {
    /// Notes what a file, `FOLDER/NAME.wast`, came to.
    pub(crate) fn add(&mut self, file: &str, count: Count) {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let (files, total) = self.folders.entry(folder.to_owned()).or_default();
        *files += 1;
        total.add(count);
    }

    /// What is wrong with the table in the document, if anything.
    pub(crate) fn compare(&self) -> Option<String> {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/conformance.md");
        let text = std::fs::read_to_string(&path).expect("the document exists");
        let [start, end] = MARKS;
        let (head, rest) = text.split_once(start).expect("a start mark");
        let (_, tail) = rest.split_once(end).expect("an end mark");
        let wanted = format!("{head}{start}\n\n{}\n{end}{tail}", self.table());
        if wanted == text {
            return None;
        }
        if std::env::var_os("WAMRC_BLESS").is_some() {
            std::fs::write(&path, wanted).expect("the document is writable");
            return None;
        }
        Some("docs/conformance.md is out of date: run cargo xtask bless".to_owned())
    }

    fn table(&self) -> String {
        let mut out = String::from("| folder | files | passed | failed | skipped |\n");
        out.push_str("| --- | --: | --: | --: | --: |\n");
        let (mut files, mut total) = (0, Count::default());
        for (folder, (count, sum)) in &self.folders {
            row(&mut out, folder, *count, *sum);
            files += count;
            total.add(*sum);
        }
        row(&mut out, "**all**", files, total);
        out
    }
}

fn row(out: &mut String, name: &str, files: usize, count: Count) {
    let Count {
        passed,
        failed,
        skipped,
    } = count;
    writeln!(
        out,
        "| {name} | {files} | {passed} | {failed} | {skipped} |"
    )
    .expect("text grows");
}
