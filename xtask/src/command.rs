//! Running other programs, with errors that say which command failed and how to get what is missing.
//!
//! It refuses to go through a shell: arguments are lists, so nothing needs quoting.

use std::{
    ffi::OsStr,
    io,
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error("cannot run `{command}`: {source}; is it installed and on PATH?")]
    Start { command: String, source: io::Error },
    #[error("`{command}` ended with {status}{output}")]
    Failed { command: String, status: ExitStatus, output: String },
}

/// A command that runs in a folder and reads nothing from the terminal.
pub(crate) fn new(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs silently and gives what was printed to standard output; standard error is part of the failure.
pub(crate) fn output(command: &mut Command) -> Result<String, CommandError> {
    let output = command.output().map_err(|source| could_not_start(command, source))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    check(command, output.status, errors.trim())?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as a person would type it.
fn spelled(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn could_not_start(command: &Command, source: io::Error) -> CommandError {
    CommandError::Start { command: spelled(command), source }
}

fn check(command: &Command, status: ExitStatus, errors: &str) -> Result<(), CommandError> {
    if status.success() {
        return Ok(());
    }
    let output = if errors.is_empty() { String::new() } else { format!(":\n{errors}") };
    Err(CommandError::Failed { command: spelled(command), status, output })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = new("sh", Path::new("/"));
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_names_the_command_and_shows_its_errors() {
        let error = output(&mut shell("echo why >&2; exit 3")).unwrap_err().to_string();
        assert!(
            error.contains("sh -c") && error.contains("exit status: 3") && error.ends_with("why"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_program_says_so() {
        let error = output(&mut new("slipway-no-such-program", Path::new("/"))).unwrap_err().to_string();
        assert!(error.contains("on PATH"), "{error}");
    }
}
