//! Runs the HiGHS oracle beside it. Test-only, and loud when the interpreter or `highspy` is missing.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::mpsc;

/// The interpreter: `SLIPWAY_TEST_PYTHON`, else `python3`.
#[expect(
    clippy::disallowed_methods,
    reason = "which interpreter holds highspy is a fact of the machine, not a setting"
)]
fn python() -> String {
    std::env::var("SLIPWAY_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Feeds `lines` to `oracle.py` and returns its answers, one per line.
pub(crate) fn ask(arguments: &[&str], lines: &[String]) -> Vec<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle/oracle.py");
    let python = python();
    let help = format!(
        "the oracle needs `{python}` with highspy: run `python3 -m venv V && V/bin/pip install highspy==1.15.1`, set \
         SLIPWAY_TEST_PYTHON=V/bin/python and test again, or leave it out with `-E 'not test(/oracle::/)'`"
    );
    let mut child = Command::new(&python)
        .arg(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{help} ({error})"));
    // Writing and reading at once, lest both sides wait for a full pipe.
    let mut input = child.stdin.take().expect("it was asked for");
    let text = lines.iter().fold(String::new(), |text, line| text + line + "\n");
    let (done, written) = mpsc::channel();
    std::thread::spawn(move || done.send(input.write_all(text.as_bytes()).is_ok()));
    let output = child.wait_with_output().expect("the child was started");
    assert!(output.status.success() && written.recv() == Ok(true), "{help}");
    let answers: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), lines.len(), "the oracle answers every line");
    answers
}
