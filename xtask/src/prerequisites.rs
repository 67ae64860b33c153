//! What a machine must have, how to get it, and the installing of what this program may install.
//!
//! It refuses to touch the system unless it runs as root on Debian: everybody else is told what to install.

use std::path::{Path, PathBuf};

use crate::command::{self, CommandError};

/// The oldest Node with the `require` of modules that Vite needs; `web/package.json` says the same.
const NODE_AT_LEAST: [u32; 2] = [20, 19];

/// What the judge tests import; pinned, because a judge that changes by itself proves nothing.
const PYTHON_PACKAGES: &[&str] = &[
    "androguard==4.1.4",
    "codemagic-cli-tools==0.70.0",
    "highspy==1.15.1",
    // A server that speaks S3. `moto[s3,server]` would bring what all other services need as well, 180 MB of it.
    "moto==5.2.5",
    "flask==3.1.3",
    "flask-cors==6.0.5",
    "py-partiql-parser==0.6.3",
    "PyYAML==6.0.4",
];

/// The platform's typings, a judge of the Android code's references: package and archive.
const TYPINGS: (&str, &str) = ("@nativescript/types-android@9.1.1", "nativescript-types-android-9.1.1.tgz");

#[derive(Debug, thiserror::Error)]
pub(crate) enum PrerequisiteError {
    #[error("{0}")]
    Missing(String),
    #[error(
        "missing Debian packages: run `apt-get install {0}` as root, or leave them out with --embedded-only"
    )]
    Packages(String),
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Checks the compilers; gives their versions.
pub(crate) fn check_compilers(root: &Path) -> Result<String, PrerequisiteError> {
    let rust_at_least = version(env!("CARGO_PKG_RUST_VERSION")).unwrap_or_default();
    let checks = [
        ("rustc", rust_at_least, "install it from https://rustup.rs, then `rustup update stable`"),
        ("node", NODE_AT_LEAST, "install an LTS release from https://nodejs.org"),
    ];
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for (program, at_least, remedy) in checks {
        let printed = command::output(command::new(program, root).arg("--version")).unwrap_or_default();
        match version(&printed) {
            Some([major, minor]) if [major, minor] >= at_least => {
                found.push(format!("{program} {major}.{minor}"));
            }
            _ => {
                let [major, minor] = at_least;
                let state = if printed.is_empty() { "none" } else { printed.trim() };
                missing
                    .push(format!("{program} {major}.{minor} or newer is needed, found {state}: {remedy}"));
            }
        }
    }
    match ["cc", "gcc", "clang"].into_iter().find(|compiler| command::find(compiler).is_some()) {
        Some(compiler) => found.push(compiler.to_owned()),
        None => missing.push(
            "a C compiler is needed for the bundled SQLite: `apt-get install build-essential`, or `xcode-select --install` on macOS"
                .to_owned(),
        ),
    }
    if missing.is_empty() {
        Ok(found.join(", "))
    } else {
        Err(PrerequisiteError::Missing(missing.join("\n")))
    }
}

/// The first `major.minor` in a text.
fn version(text: &str) -> Option<[u32; 2]> {
    let numbers = text.trim_start_matches(|first: char| !first.is_ascii_digit());
    let mut parts = numbers.split(|end: char| !end.is_ascii_digit());
    Some([parts.next()?.parse().ok()?, parts.next()?.parse().ok()?])
}

/// Sees to it that the Debian packages of the judges, the browser and PostgreSQL are there; gives what it did.
pub(crate) fn ensure_packages(root: &Path, with_postgres: bool) -> Result<String, PrerequisiteError> {
    let programs = ["chromium", "apksigner", "zipalign", "aapt", "dexdump"];
    let mut missing: Vec<&str> =
        programs.into_iter().filter(|program| command::find(program).is_none()).collect();
    if command::find("jarsigner").is_none() || command::find("javac").is_none() {
        missing.push("default-jdk-headless");
    }
    if !Path::new("/usr/share/java/baksmali.jar").exists() {
        missing.push("libsmali-java");
    }
    if with_postgres && postgres_folder().is_none() {
        missing.push("postgresql");
    }
    if command::output(command::new("python3", root).args(["-c", "import ensurepip"])).is_err() {
        missing.push("python3-venv");
    }
    if missing.is_empty() {
        return Ok("nothing is missing".to_owned());
    }
    if !is_root(root) || command::find("apt-get").is_none() {
        return Err(PrerequisiteError::Packages(missing.join(" ")));
    }
    command::run(apt_get(root).arg("update"))?;
    command::run(apt_get(root).args(["install", "--yes", "--no-install-recommends"]).args(&missing))?;
    Ok(format!("installed {}", missing.join(" ")))
}

fn apt_get(root: &Path) -> std::process::Command {
    let mut command = command::new("apt-get", root);
    command.args(["--quiet", "--option", "DPkg::Lock::Timeout=300"]).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// The folder of the judges under the target folder, and in it the Python they run in.
pub(crate) struct Judges {
    pub(crate) folder: PathBuf,
    pub(crate) python: PathBuf,
}

/// Sees to it that exactly these packages lie in a Python environment; gives the folder of its programs.
pub(crate) fn ensure_python(
    root: &Path,
    folder: &Path,
    packages: &[&str],
) -> Result<PathBuf, PrerequisiteError> {
    let programs = folder.join("bin");
    let python = programs.join("python");
    let script = "import sys; from importlib.metadata import version\n\
                  for pin in sys.argv[1:]:\n    name, wanted = pin.split('=='); assert version(name) == wanted";
    if command::output(command::new(&python, root).args(["-c", script]).args(packages)).is_err() {
        command::run(command::new("python3", root).args(["-m", "venv"]).arg(folder))?;
        command::run(command::new(&python, root).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
    }
    Ok(programs)
}

/// Sees to it that the judges that come from registries lie under the target folder.
pub(crate) fn ensure_judges(root: &Path, target: &Path) -> Result<Judges, PrerequisiteError> {
    let judges = target.join("judges");
    let folder = judges.join("venv");
    let python = ensure_python(root, &folder, PYTHON_PACKAGES)?.join("python");
    let (package, archive) = TYPINGS;
    if !judges.join("package/package.json").exists() {
        command::run(command::new("npm", &judges).args(["pack", "--silent", package]))?;
        command::run(command::new("tar", &judges).args(["xzf", archive]))?;
    }
    Ok(Judges { folder: judges, python })
}

/// The folder of PostgreSQL's own programs. Debian keeps them off PATH, one folder per major version.
pub(crate) fn postgres_folder() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter(|entry| entry.path().join("bin/postgres").is_file())
        .max_by_key(|entry| entry.file_name().to_string_lossy().parse::<u32>().unwrap_or(0))
        .map(|entry| entry.path().join("bin"));
    newest.or_else(|| Some(command::find("postgres")?.parent()?.to_owned()))
}

pub(crate) fn is_root(root: &Path) -> bool {
    command::output(command::new("id", root).arg("-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_as_numbers() {
        assert_eq!(version("rustc 1.95.0 (f2d3ce0bd 2026-03-21)"), Some([1, 95]));
        assert_eq!(version("v20.9.0"), Some([20, 9]));
        assert_eq!(version("1.95"), Some([1, 95]));
        assert_eq!(version("none"), None);
        assert!(version("v20.9.0") < version("v20.19.0"));
    }
}
