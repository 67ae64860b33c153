//! `cargo xtask guides`: follows each guide literally, in a copy of the workspace, as a newcomer would.
//!
//! What a person reads is what it reads: the sentence above a block of code says where the block goes. It refuses to know anything that
//! is not in the guide; whatever a guide forgets to say fails its own commands.

mod copy;
mod steps;

use std::{fs, io, path::Path};

use clap::Args;

use crate::command::{self, CommandError};
use copy::CopyError;
use steps::{Action, Step, StepsError};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Follow these only, such as `add-a-job`; otherwise all of them, each in a workspace without the others
    pub(crate) names: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum GuidesError {
    #[error("there is no guide called `{name}`; docs/guides has {known}")]
    Unknown { name: String, known: String },
    #[error("docs/guides cannot be read: {0}")]
    Read(io::Error),
    #[error("{guide}, {source}")]
    Form { guide: String, source: StepsError },
    #[error("{guide}, line {line}: {what}")]
    Edit { guide: String, line: usize, what: String },
    #[error("{guide}, line {line}: {source}")]
    Command { guide: String, line: usize, source: CommandError },
    #[error(transparent)]
    Copy(#[from] CopyError),
}

/// Follows the guides; gives their names.
pub(crate) fn run(root: &Path, target: &Path, options: &Options) -> Result<String, GuidesError> {
    let known = known(root)?;
    if let Some(name) = options.names.iter().find(|name| !known.contains(name)) {
        return Err(GuidesError::Unknown { name: name.clone(), known: known.join(", ") });
    }
    let chosen = if options.names.is_empty() { &known } else { &options.names };
    for name in chosen {
        println!("── {name}");
        let path = format!("docs/guides/{name}.md");
        let text = fs::read_to_string(root.join(&path)).map_err(GuidesError::Read)?;
        let steps = steps::read(&text).map_err(|source| GuidesError::Form { guide: path.clone(), source })?;
        // Cargo knows a crate by its place in the workspace, so a copy must not build where the checkout does.
        let (workspace, built) = (copy::fresh(root, &target.join("guides"))?, target.join("guides/target"));
        for step in &steps {
            follow((&workspace, &built), &path, step)?;
        }
    }
    Ok(format!("followed {}", chosen.join(", ")))
}

/// Every guide, sorted.
fn known(root: &Path) -> Result<Vec<String>, GuidesError> {
    let entries = fs::read_dir(root.join("docs/guides")).map_err(GuidesError::Read)?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<_> = names.filter_map(|name| name.strip_suffix(".md").map(str::to_owned)).collect();
    names.retain(|name| name != "README");
    names.sort();
    Ok(names)
}

fn follow((workspace, built): (&Path, &Path), guide: &str, step: &Step) -> Result<(), GuidesError> {
    match &step.action {
        Action::Run(lines) => lines.iter().try_for_each(|line| {
            // What a guide shows is typed into a shell.
            let mut typed = command::new("sh", workspace);
            typed.args(["-c", line]).env("CARGO_TARGET_DIR", built);
            command::run(&mut typed).map_err(|source| GuidesError::Command {
                guide: guide.to_owned(),
                line: step.line,
                source,
            })
        }),
        Action::Edit { path, place, block } => {
            println!("  {path}");
            let refused = |what: String| GuidesError::Edit { guide: guide.to_owned(), line: step.line, what };
            let target = workspace.join(path);
            let text = fs::read_to_string(&target).map_err(|error| refused(format!("{path}: {error}")))?;
            let edited = place.put(&text, block).map_err(|what| refused(format!("{path}: {what}")))?;
            fs::write(&target, edited).map_err(|error| refused(format!("{path}: {error}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn every_guide_can_be_read_by_the_program() {
        let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        let known = known(&root).unwrap();
        for expected in ["add-a-job", "add-a-kit", "add-an-endpoint", "add-an-event"] {
            assert!(known.iter().any(|name| name == expected), "{expected}: {known:?}");
        }
        for name in known {
            let text = fs::read_to_string(root.join(format!("docs/guides/{name}.md"))).unwrap();
            let steps = steps::read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let last = steps.iter().rev().find(|step| matches!(step.action, Action::Run(_)));
            assert!(last.is_some(), "{name} runs nothing");
        }
    }

    #[test]
    fn a_guide_that_is_not_there_is_refused() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let options = Options { names: vec!["add-a-moon".to_owned()] };
        let error = run(root, Path::new("/"), &options).unwrap_err().to_string();
        assert!(error.contains("add-a-moon") && error.contains("add-a-kit"), "{error}");
    }
}
