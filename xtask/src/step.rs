//! Steps with titles, durations and one summary table at the end.
//!
//! It refuses to stop at a failure: the caller decides what may still run after one.

use std::{
    error::Error,
    time::{Duration, Instant},
};

/// What a step that did not fail has to say.
#[derive(Debug)]
pub(crate) enum Outcome {
    Done(String),
    Skipped(String),
}

/// Nobody branches on a step's error: it is printed and counted.
pub(crate) type StepResult = Result<Outcome, Box<dyn Error>>;

/// The steps that ran so far.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    records: Vec<Record>,
}

#[derive(Debug)]
struct Record {
    title: &'static str,
    result: &'static str,
    duration: Duration,
    note: String,
}

impl Steps {
    /// Runs a step, says how it went, and tells whether it did not fail.
    pub(crate) fn run(&mut self, title: &'static str, work: impl FnOnce() -> StepResult) -> bool {
        println!("── {title}");
        let start = Instant::now();
        let (result, note) = match work() {
            Ok(Outcome::Done(note)) => ("ok", note),
            Ok(Outcome::Skipped(reason)) => ("skipped", reason),
            Err(error) => ("FAILED", error.to_string()),
        };
        println!("  {result}{}{note}\n", if note.is_empty() { "" } else { ": " });
        self.records.push(Record { title, result, duration: start.elapsed(), note });
        result != "FAILED"
    }

    pub(crate) fn failures(&self) -> usize {
        self.records.iter().filter(|record| record.result == "FAILED").count()
    }

    /// One line per step: title, result, seconds, and the first line of its note.
    pub(crate) fn summary(&self) -> String {
        let mut table = format!("{:<18} {:<8} {:>8}  note\n", "step", "result", "seconds");
        for Record { title, result, duration, note } in &self.records {
            let note = note.lines().next().unwrap_or_default();
            let line = format!("{title:<18} {result:<8} {:>8.1}  {note}", duration.as_secs_f64());
            table.push_str(line.trim_end());
            table.push('\n');
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_tells_every_step() {
        let mut steps = Steps::default();
        assert!(steps.run("first", || Ok(Outcome::Done("12 passed".to_owned()))));
        assert!(steps.run("second", || Ok(Outcome::Skipped("no web".to_owned()))));
        assert!(!steps.run("third", || Err("why\nand more".into())));
        assert_eq!(steps.failures(), 1);
        let summary = steps.summary();
        let lines: Vec<_> = summary.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[1].starts_with("first") && lines[1].ends_with("12 passed"), "{summary}");
        assert!(lines[3].contains("FAILED") && lines[3].ends_with("why"), "{summary}");
    }
}
