//! Running other programs, with errors that say which command failed and how to get what is missing.
//!
//! It refuses to go through a shell: arguments are lists, so nothing needs quoting.

use std::{
    ffi::OsStr,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    thread,
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

/// Runs with the caller's terminal and fails if the command does.
pub(crate) fn run(command: &mut Command) -> Result<(), CommandError> {
    announce(command);
    let status = command.status().map_err(|source| could_not_start(command, source))?;
    check(command, status, "")
}

/// Runs silently and gives what was printed to standard output; standard error is part of the failure.
pub(crate) fn output(command: &mut Command) -> Result<String, CommandError> {
    let output = command.output().map_err(|source| could_not_start(command, source))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    check(command, output.status, errors.trim())?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs while printing and keeping both output streams; gives the lines, also of a command that failed.
pub(crate) fn tee(command: &mut Command) -> (Vec<String>, Result<(), CommandError>) {
    announce(command);
    let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(source) => return (Vec::new(), Err(could_not_start(command, source))),
    };
    let stdout = child.stdout.take().expect("standard output was asked to be a pipe");
    let stderr = child.stderr.take().expect("standard error was asked to be a pipe");
    let errors = thread::spawn(move || copy(stderr, &mut io::stderr()));
    let mut lines = copy(stdout, &mut io::stdout());
    lines.extend(errors.join().expect("copying lines does not panic"));
    let ended = child.wait().map_err(|source| could_not_start(command, source));
    (lines, ended.and_then(|status| check(command, status, "")))
}

/// The first place on PATH that holds a program.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a build tool finds programs on PATH; no setting is read")]
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

/// Whether the caller has set a variable that a child will inherit.
pub(crate) fn is_set(variable: &str) -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "a build tool leaves its caller's choice alone; no setting is read"
    )]
    std::env::var_os(variable).is_some()
}

/// The command as a person would type it.
fn spelled(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn announce(command: &Command) {
    println!("  $ {}", spelled(command));
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

fn copy(from: impl Read, to: &mut impl Write) -> Vec<String> {
    let mut lines = Vec::new();
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        // A closed terminal must not stop the tests: their result is the exit status.
        let _closed = writeln!(to, "{line}");
        lines.push(line);
    }
    lines
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

    #[test]
    fn tee_keeps_both_streams_of_a_command_that_fails() {
        let (lines, ended) = tee(&mut shell("echo out; echo err >&2; exit 1"));
        assert_eq!(lines, ["out", "err"]);
        assert!(ended.is_err());
    }
}
