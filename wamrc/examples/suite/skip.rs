//! The list of assertions that are not made: `fixtures/spec/skip.toml`, tables
//! `[[skip]]` with the keys file, line and reason (a small part of TOML, read
//! here).

use std::path::Path;

/// One assertion that is not expected to hold.
#[derive(Clone, Debug, Default)]
struct Skip {
    file: String,
    line: usize,
    reason: String,
}

/// All of them.
pub(crate) struct Skips {
    list: Vec<Skip>,
}

impl Skips {
    /// Reads the list.
    pub(crate) fn read() -> Skips {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/spec/skip.toml");
        let text = std::fs::read_to_string(&path).expect("fixtures/spec/skip.toml");
        let skips = Skips::parse(&text);
        for skip in &skips.list {
            let complete = !skip.file.is_empty() && skip.line > 0 && !skip.reason.is_empty();
            assert!(complete, "a skip needs file, line and reason: {skip:?}");
        }
        skips
    }

    fn parse(text: &str) -> Skips {
        let mut list: Vec<Skip> = Vec::new();
        for line in text.lines().map(str::trim) {
            if line == "[[skip]]" {
                list.push(Skip::default());
            }
            let (Some((key, value)), Some(skip)) = (line.split_once('='), list.last_mut()) else {
                continue;
            };
            let value = value.trim().trim_matches('"');
            match key.trim() {
                "file" => skip.file = value.to_owned(),
                "line" => skip.line = value.parse().expect("line is a number"),
                "reason" => skip.reason = value.to_owned(),
                other => panic!("unknown key {other:?} in skip.toml"),
            }
        }
        Skips { list }
    }

    /// The reason not to expect the assertion on this line to hold.
    pub(crate) fn reason(&self, file: &str, line: usize) -> Option<&str> {
        let found = self.list.iter();
        let mut found = found.filter(|skip| skip.file == file && skip.line == line);
        found.next().map(|skip| skip.reason.as_str())
    }

    /// Lines listed for a file.
    pub(crate) fn lines(&self, file: &str) -> Vec<usize> {
        let found = self.list.iter().filter(|skip| skip.file == file);
        found.map(|skip| skip.line).collect()
    }

    /// Complaints about skips of files that are not in the suite.
    pub(crate) fn without_file(&self, files: &[String]) -> Vec<String> {
        let unknown = self.list.iter().filter(|skip| !files.contains(&skip.file));
        unknown
            .map(|skip| format!("skip.toml names {}, which is not in the suite", skip.file))
            .collect()
    }
}

#[test]
fn skips_are_read() {
    let skips =
        Skips::parse("# why\n[[skip]]\nfile = \"a/b.wast\"\nline = 12\nreason = \"x = y\"\n");
    assert_eq!(skips.reason("a/b.wast", 12), Some("x = y"));
    assert_eq!(skips.reason("a/b.wast", 13), None);
    assert_eq!(skips.lines("a/b.wast"), [12]);
    assert_eq!(skips.without_file(&[]).len(), 1);
}
