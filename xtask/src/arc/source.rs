//! Where the source of LLVM's ARC target comes from: Debian's source package of LLVM, of the version that is installed.
//!
//! apt fetches it, with a configuration and lists of its own, so that the system's stay as they are and no right to install
//! is needed; apt checks signatures. Only the target's folder is kept.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::quietly;
use crate::{process, workspace};

/// The source package.
const PACKAGE: &str = "llvm-toolchain-22";

/// Folder of the target in LLVM's source.
const FOLDER: &str = "llvm/lib/Target/ARC";

/// A file that is in every copy of it.
const MARK: &str = "ARC.td";

/// Key ring that Debian's archives are signed with.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Archives to look in, in turn: what one has dropped, the next may have.
const ARCHIVES: &[&str] = &[
    "http://deb.debian.org/debian sid main",
    "http://security.debian.org/debian-security bookworm-security main",
];

/// The unchanged source of the target: what the user names, what is there from before, or what apt brings.
pub(super) fn original(version: &str, given: Option<&Path>) -> Result<PathBuf> {
    if let Some(given) = given {
        let folder = workspace::scratch("arc/given")?;
        return match given.is_dir() {
            true => Ok(given.join(FOLDER)),
            false => unpack(given, &folder),
        };
    }
    let folder = workspace::scratch(&format!("arc/{version}"))?;
    let kept = folder.join("ARC");
    if kept.join(MARK).is_file() {
        return Ok(kept);
    }
    let archive = fetch(version)?;
    let unpacked = unpack(&archive, &folder)?;
    std::fs::remove_file(&archive).context("removing the source package")?;
    Ok(unpacked)
}

/// Unpacks the target's folder of LLVM's source into a folder.
fn unpack(archive: &Path, folder: &Path) -> Result<PathBuf> {
    println!("unpacking {}", workspace::shown(archive));
    let depth = FOLDER.matches('/').count();
    let mut command = Command::new("tar");
    command
        .arg("-xJf")
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .args([
            "--wildcards",
            // The archive's own folder, and what leads to the target's.
            &format!("--strip-components={}", depth + 1),
            &format!("*/{FOLDER}/*"),
        ]);
    quietly(&mut command)?;
    let unpacked = folder.join("ARC");
    match unpacked.join(MARK).is_file() {
        true => Ok(unpacked),
        false => bail!("{} holds no {FOLDER}", archive.display()),
    }
}

/// Brings the package's archive of the upstream source.
fn fetch(version: &str) -> Result<PathBuf> {
    const HINT: &str =
        "give LLVM's source, as an archive or a folder: cargo xtask arc-backend --source PATH";
    if !process::exists("apt-get") || !Path::new(KEYS).exists() {
        bail!("only apt with Debian's keys can fetch the source of LLVM {version}; {HINT}");
    }
    let mut problems = Vec::new();
    for archive in ARCHIVES {
        println!("fetching the source of LLVM {version} (200 MB) from {archive}");
        match fetch_from(archive, version) {
            Ok(path) => return Ok(path),
            Err(error) => problems.push(format!("{archive}: {error:#}")),
        }
    }
    bail!("{}\n{HINT}", problems.join("\n"));
}

fn fetch_from(archive: &str, version: &str) -> Result<PathBuf> {
    let folder = workspace::scratch("arc/apt")?;
    std::fs::create_dir_all(folder.join("lists/partial"))?;
    std::fs::create_dir_all(folder.join("cache/archives/partial"))?;
    let sources = folder.join("sources.list");
    std::fs::write(&sources, format!("deb-src [signed-by={KEYS}] {archive}\n"))?;
    let apt = |program: &str| {
        let mut command = Command::new(program);
        command.current_dir(&folder);
        for (key, value) in [
            ("Dir::Etc::SourceList", sources.display().to_string()),
            ("Dir::Etc::SourceParts", "-".to_owned()),
            (
                "Dir::State::Lists",
                folder.join("lists").display().to_string(),
            ),
            ("Dir::Cache", folder.join("cache").display().to_string()),
            // Root's apt would else download as a user who cannot write here.
            ("APT::Sandbox::User", "root".to_owned()),
        ] {
            command.args(["-o", &format!("{key}={value}")]);
        }
        command
    };
    quietly(apt("apt-get").args(["update", "-qq"]))?;
    let known = quietly(apt("apt-cache").args(["showsrc", PACKAGE]))?;
    let revision = revision(&known, version)
        .with_context(|| format!("has no {PACKAGE} of version {version}"))?;
    quietly(apt("apt-get").args([
        "source",
        "--download-only",
        "--tar-only",
        &format!("{PACKAGE}={revision}"),
    ]))?;
    let path = folder.join(format!("{PACKAGE}_{version}.orig.tar.xz"));
    match path.is_file() {
        true => Ok(path),
        false => bail!("apt brought no {}", path.display()),
    }
}

/// The package's last revision of an upstream version, among what `apt-cache showsrc` printed.
fn revision<'t>(known: &'t str, version: &str) -> Option<&'t str> {
    known
        .lines()
        .filter_map(|line| line.strip_prefix("Version: "))
        .rfind(|revision| {
            let upstream = revision.split_once(':').map_or(*revision, |(_, rest)| rest);
            upstream
                .strip_prefix(version)
                .is_some_and(|rest| rest.starts_with('-'))
        })
}

#[cfg(test)]
mod tests {
    use super::revision;

    #[test]
    fn revisions_of_the_version_are_found() {
        let known = "Package: llvm-toolchain-22\nVersion: 1:22.1.8-1\n\nVersion: 1:22.1.8-3\n\
                     Version: 1:22.1.80-1\nVersion: 1:22.2.0-1\n";
        assert_eq!(revision(known, "22.1.8"), Some("1:22.1.8-3"));
        assert_eq!(revision(known, "22.1.9"), None);
        assert_eq!(revision("Version: 22.1.9-1\n", "22.1.9"), Some("22.1.9-1"));
    }
}
