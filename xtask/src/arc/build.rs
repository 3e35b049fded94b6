//! From the corrected source to the plugin: tables by LLVM's own generator, then a C++ compiler.
//!
//! The source files are compiled as two, each of which includes its share of them: most of the time goes into reading
//! LLVM's headers, which so happens twice instead of seventeen times.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::quietly;
use crate::process;

/// The installed LLVM.
pub(super) struct Llvm {
    /// `major.minor.patch`.
    pub(super) version: String,
    config: PathBuf,
}

/// What the generator makes: the end of the file's name, and the option that asks for it.
const TABLES: &[(&str, &str)] = &[
    ("AsmWriter", "-gen-asm-writer"),
    ("CallingConv", "-gen-callingconv"),
    ("DAGISel", "-gen-dag-isel"),
    ("InstrInfo", "-gen-instr-info"),
    ("RegisterInfo", "-gen-register-info"),
    ("SDNodeInfo", "-gen-sd-node-info"),
    ("SubtargetInfo", "-gen-subtarget"),
];

/// Folders whose files go into one unit each; the second has tables of the same names as the first.
const UNITS: &[&[&str]] = &[&[""], &["MCTargetDesc", "TargetInfo"]];

/// A file whose only content is the pass that is left out.
const UNUSED: &str = "ARCOptAddrMode.cpp";

/// Functions of the target that make it known to LLVM.
const PARTS: &[&str] = &["TargetInfo", "Target", "TargetMC", "AsmPrinter"];

/// Options of the C++ compiler: as LLVM was built, as far as it matters to those who include its headers.
const OPTIONS: &[&str] = &[
    "-std=c++17",
    "-O1",
    "-DNDEBUG",
    "-D_GNU_SOURCE",
    "-D__STDC_CONSTANT_MACROS",
    "-D__STDC_FORMAT_MACROS",
    "-D__STDC_LIMIT_MACROS",
    "-fPIC",
    "-fno-rtti",
    "-fno-exceptions",
    "-fvisibility=hidden",
    "-fvisibility-inlines-hidden",
    "-w",
];

/// C++ compilers by preference: the one of LLVM's own version is quickest.
const COMPILERS: &[&str] = &["clang++-22", "c++", "g++", "clang++"];

impl Llvm {
    /// Asks the installed LLVM who it is.
    pub(super) fn find() -> Result<Llvm> {
        let config = match std::env::var_os("LLVM_SYS_221_PREFIX") {
            Some(prefix) => PathBuf::from(prefix).join("bin/llvm-config"),
            None => PathBuf::from("llvm-config-22"),
        };
        let mut llvm = Llvm {
            version: String::new(),
            config,
        };
        llvm.version = llvm.ask(&["--version"])?;
        match llvm.version.starts_with("22.") {
            true => Ok(llvm),
            false => bail!("LLVM is {}, the corrections are for 22", llvm.version),
        }
    }

    fn ask(&self, question: &[&str]) -> Result<String> {
        let answer = quietly(Command::new(&self.config).args(question))?;
        Ok(answer.trim().to_owned())
    }

    fn folder(&self, question: &str) -> Result<PathBuf> {
        self.ask(&[question]).map(PathBuf::from)
    }
}

/// Builds the plugin from the source in `folder`, which the files that are made also go to.
pub(super) fn plugin(llvm: &Llvm, folder: &Path, register: &str, plugin: &Path) -> Result<()> {
    let include = llvm.folder("--includedir")?;
    tables(llvm, folder, &include)?;
    let compiler = compiler()?;
    println!(
        "compiling with {} (half a minute of processor time)",
        compiler.to_string_lossy()
    );
    let mut units = Vec::new();
    for (number, folders) in UNITS.iter().enumerate() {
        let path = folder.join(format!("unit{number}.cc"));
        let mut text = including(folder, folders)?;
        if number == 0 {
            text.push_str(&registering(register));
        }
        std::fs::write(&path, text)?;
        units.push(path);
    }
    let compile = |unit: &PathBuf| -> Result<PathBuf> {
        let object = unit.with_extension("o");
        let mut command = Command::new(&compiler);
        command.args(OPTIONS).arg("-I").arg(folder);
        command.arg("-I").arg(&include);
        quietly(command.arg("-c").arg(unit).arg("-o").arg(&object))?;
        Ok(object)
    };
    let objects: Vec<PathBuf> = std::thread::scope(|scope| {
        let compile = &compile;
        let threads: Vec<_> = units
            .iter()
            .map(|unit| scope.spawn(move || compile(unit)))
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                let result = thread.join();
                result.unwrap_or_else(|_| bail!("a thread panicked"))
            })
            .collect::<Result<_>>()
    })?;
    // Not in place: a program may have the file open.
    let fresh = plugin.with_extension("fresh");
    let mut link = Command::new(&compiler);
    link.args(["-shared", "-Wl,-z,defs", "-o"]).arg(&fresh);
    link.args(&objects).arg("-L").arg(llvm.folder("--libdir")?);
    let libraries = llvm.ask(&["--link-shared", "--libs"])?;
    quietly(link.args(libraries.split_whitespace()))?;
    std::fs::rename(&fresh, plugin).with_context(|| plugin.display().to_string())
}

/// Makes LLVM's tables of the target.
fn tables(llvm: &Llvm, folder: &Path, include: &Path) -> Result<()> {
    println!("generating {} tables", TABLES.len());
    let generator = llvm.folder("--bindir")?.join("llvm-tblgen");
    for (name, option) in TABLES {
        let mut command = Command::new(&generator);
        command.arg(option).arg("-I").arg(folder);
        command.arg("-I").arg(include).arg(folder.join("ARC.td"));
        command
            .arg("-o")
            .arg(folder.join(format!("ARCGen{name}.inc")));
        quietly(&mut command)?;
    }
    Ok(())
}

/// The text of a unit: every source file of some folders.
fn including(folder: &Path, folders: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    for name in folders {
        for entry in std::fs::read_dir(folder.join(name))? {
            let path = entry?.path();
            let unused = path.file_name().is_some_and(|name| name == UNUSED);
            if path.extension().is_some_and(|end| end == "cpp") && !unused {
                files.push(path);
            }
        }
    }
    files.sort();
    let lines = files
        .iter()
        .map(|file| format!("#include \"{}\"\n", file.display()));
    Ok(lines.collect())
}

/// The function that `wamrc` calls.
fn registering(name: &str) -> String {
    let mut declarations = String::new();
    let mut calls = String::new();
    for part in PARTS {
        declarations.push_str(&format!("extern \"C\" void LLVMInitializeARC{part}();\n"));
        calls.push_str(&format!("  LLVMInitializeARC{part}();\n"));
    }
    format!(
        "{declarations}extern \"C\" __attribute__((visibility(\"default\"))) void {name}() {{\n\
         {calls}}}\n"
    )
}

fn compiler() -> Result<std::ffi::OsString> {
    if let Some(compiler) = std::env::var_os("CXX") {
        return Ok(compiler);
    }
    let known = COMPILERS.iter().find(|name| process::exists(name));
    known
        .map(|name| (*name).into())
        .context("no C++ compiler: install g++, or name one in CXX")
}
