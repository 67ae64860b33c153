//! `cargo xtask new-kit NAME`: a small, whole kit to begin with, entered in every list of the house.
//!
//! The templates are a kit called `kitname`, file by file where it would stand in the workspace, under `xtask/templates/new-kit`. It
//! refuses a name that something else has, and writes nothing before everything is known to fit.

mod lists;
mod name;

use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use clap::Args;

use crate::command::{self, CommandError};
use crate::tidy::{self, TidyError};
use name::{KitName, NameError};

#[derive(Debug, Args)]
#[command(
    after_help = "The kit has a noun with rules, a store, routes, a job, an event, pages and tests on both engines.\n\
    docs/guides/add-a-kit.md tells what each part is for."
)]
pub(crate) struct Options {
    /// What the kit is called in folders, routes and tables: a word of a-z and 0-9, such as `plants`
    name: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum NewKitError {
    #[error(transparent)]
    Name(#[from] NameError),
    #[error("{0} is there already; choose another name, or delete it first")]
    Exists(String),
    #[error("the routes of a kit called `{0}` would hide those under /api/v1/{0}; choose another name")]
    Route(String),
    #[error("{path} has no place for the kit: {wanted} is not there")]
    List { path: String, wanted: &'static str },
    #[error("cannot read or write {path}: {source}")]
    File { path: String, source: io::Error },
    #[error(
        "the files are written, but a command failed: {source}\nmend what it says, then run what is left:\n{left}"
    )]
    Command { source: CommandError, left: String },
    #[error("the files are written, but the migration could not be entered: {0}")]
    Tidy(#[from] TidyError),
}

/// Where the kit called `kitname` lies.
const TEMPLATES: &str = "xtask/templates/new-kit";
const DESCRIPTION: &str = "web/packages/api/openapi.json";

/// A file that is to be written.
#[derive(Debug)]
struct Written {
    path: String,
    text: String,
}

/// Writes the kit, enters it, and brings what is generated up to date; prints what it did.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), NewKitError> {
    let name = KitName::parse(&options.name)?;
    check_is_free(root, &name)?;
    let files = kit(root, &name)?;
    let lists = lists::enter(root, &name)?;
    for (title, group) in [("new", &files), ("changed", &lists)] {
        for Written { path, text } in group {
            write(root, path, text)?;
            println!("  {title:<8} {path}");
        }
    }
    let steps = steps(root, &name);
    for (index, step) in steps.iter().enumerate() {
        step.run(root).map_err(|source| {
            let left = steps[index..].iter().map(|step| format!("  {step}\n")).collect();
            NewKitError::Command { source, left }
        })?;
    }
    tidy::accept_migrations(root)?;
    println!("  changed  xtask/migrations.lock\n{}", next(&name));
    Ok(())
}

/// Refuses a name under which something stands already.
fn check_is_free(root: &Path, name: &KitName) -> Result<(), NewKitError> {
    let taken = ["kits", "platform", "engines", "web/apps"].map(|folder| format!("{folder}/{name}"));
    if let Some(path) = taken.into_iter().find(|path| root.join(path).exists()) {
        return Err(NewKitError::Exists(path));
    }
    let description = read(root, DESCRIPTION)?;
    let route = format!("\"/api/v1/{name}");
    let is_route = |rest: &str| rest.starts_with('"') || rest.starts_with('/');
    match description.split(&route).skip(1).any(is_route) {
        true => Err(NewKitError::Route(name.to_string())),
        false => Ok(()),
    }
}

/// The kit's own files, sorted by path.
fn kit(root: &Path, name: &KitName) -> Result<Vec<Written>, NewKitError> {
    let templates = root.join(TEMPLATES);
    let mut paths = Vec::new();
    gather(&templates, &mut paths)?;
    paths.sort();
    let written = paths.into_iter().map(|path| {
        let relative = path.strip_prefix(&templates).expect("it was found below").to_string_lossy();
        let text = fs::read_to_string(&path).map_err(|source| failed(&path.to_string_lossy(), source))?;
        Ok(Written { path: name.fill(&relative), text: name.fill(&text) })
    });
    written.collect()
}

fn gather(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), NewKitError> {
    let failed = |source| failed(&folder.to_string_lossy(), source);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        match path.is_dir() {
            true => gather(&path, paths)?,
            false => paths.push(path),
        }
    }
    Ok(())
}

/// Something that is brought up to date after the files are written.
struct Step {
    folder: &'static str,
    program: &'static str,
    arguments: Vec<String>,
    /// The file that takes what is printed.
    into: Option<&'static str>,
}

fn steps(root: &Path, name: &KitName) -> Vec<Step> {
    let step = |folder, line: &str, into| {
        let mut words = line.split(' ').map(str::to_owned);
        let program = if words.next().as_deref() == Some("npm") { "npm" } else { "cargo" };
        Step { folder, program, arguments: words.collect(), into }
    };
    let mut steps = vec![
        step("", &format!("cargo fmt -p slipway-{name} -p slipway-server"), None),
        step("", "cargo run -p slipway-server --bin slipway -- openapi", Some(DESCRIPTION)),
    ];
    if !root.join("web/node_modules").exists() {
        steps.push(step("web", "npm install --no-audit --no-fund", None));
    }
    steps.push(step("web", "npm install --package-lock-only --prefer-offline --no-audit --no-fund", None));
    steps.push(step("web", "npm run generate", None));
    steps
}

impl Step {
    fn run(&self, root: &Path) -> Result<(), CommandError> {
        let mut command: Command = command::new(self.program, &root.join(self.folder));
        command.args(&self.arguments);
        let Some(path) = self.into else { return command::run(&mut command) };
        println!("  $ {self}");
        let printed = command::output(&mut command)?;
        let write = fs::write(root.join(path), printed);
        write.map_err(|source| CommandError::Start { command: self.to_string(), source })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.folder.is_empty() {
            write!(formatter, "cd {} && ", self.folder)?;
        }
        write!(formatter, "{} {}", self.program, self.arguments.join(" "))?;
        self.into.map_or(Ok(()), |path| write!(formatter, " > {path}"))
    }
}

fn next(name: &KitName) -> String {
    format!(
        "\nThe kit `{name}` is in the house. Next:\n  \
         cargo xtask tidy && cargo test -p slipway-{name} -- --skip postgres::   # it is whole\n  \
         cargo xtask up   # choose it at http://localhost:8080 → New app\n  \
         kits/{name}/README.md, legal/ and src/note.rs   # make it yours: begin with the noun\n\
         docs/guides/ has add-an-endpoint.md, add-a-job.md and add-an-event.md."
    )
}

fn read(root: &Path, path: &str) -> Result<String, NewKitError> {
    fs::read_to_string(root.join(path)).map_err(|source| failed(path, source))
}

fn write(root: &Path, path: &str, text: &str) -> Result<(), NewKitError> {
    let target = root.join(path);
    let folder = target.parent().unwrap_or(root);
    let written = fs::create_dir_all(folder).and_then(|()| fs::File::create(&target));
    let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| failed(path, source))
}

fn failed(path: &str, source: io::Error) -> NewKitError {
    NewKitError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
    }

    #[test]
    fn every_file_and_every_list_takes_the_name() {
        let name = KitName::parse("seeds").unwrap();
        let files = kit(&root(), &name).unwrap();
        let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
        for part in ["kits/seeds/src/lib.rs", "server/tests/it/kits/seeds.rs", "web/apps/seeds/src/app.html"]
        {
            assert!(paths.contains(&part), "{part}: {paths:?}");
        }
        for Written { path, text } in files.iter().chain(&lists::enter(&root(), &name).unwrap()) {
            let folded = format!("{path}{text}").to_lowercase();
            assert!(!folded.contains("kitname"), "{path}");
        }
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let refused = |name: &str| check_is_free(&root(), &KitName::parse(name).unwrap()).unwrap_err();
        for name in ["meals", "identity", "apk", "console"] {
            assert!(matches!(refused(name), NewKitError::Exists(path) if path.ends_with(name)));
        }
        for name in ["accounts", "sessions", "app", "partners"] {
            assert!(matches!(refused(name), NewKitError::Route(route) if route == name));
        }
        assert!(check_is_free(&root(), &KitName::parse("account").unwrap()).is_ok());
    }

    #[test]
    fn a_step_is_printed_as_a_person_would_type_it() {
        let steps = steps(&root(), &KitName::parse("seeds").unwrap());
        let printed: Vec<_> = steps.iter().map(ToString::to_string).collect();
        assert_eq!(printed[0], "cargo fmt -p slipway-seeds -p slipway-server");
        assert!(printed[1].ends_with("-- openapi > web/packages/api/openapi.json"), "{printed:?}");
        assert_eq!(printed.last().unwrap(), "cd web && npm run generate");
    }
}
