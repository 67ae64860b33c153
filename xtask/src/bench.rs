//! `cargo xtask bench`: the figures the product claims, each with its target, the durability and the data behind it.
//!
//! A round counts only when everything it made was verified; a round that did not is void, which is counted and said. It
//! refuses to fail because a target was missed: that is for people to judge, who see the machine's load beside the number.

mod apk;
mod database;
mod http;
mod peer;
mod requests;
mod samples;
mod server;

use std::{fs, path::Path, thread};

use clap::{Args, ValueEnum};

use crate::{
    command::{self, CommandError},
    step::{Outcome, Steps},
    test::{self, TestError},
};
use samples::Target;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What to measure
    figure: Figure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Figure {
    /// A logo to a signed APK and AAB in one process, beside apktool and apksigner on the same content
    Apk,
    /// An insert through the database port, beside the same statements written by hand; on PostgreSQL
    Database,
    /// A seven-day plan
    Plan,
    /// Inserts, reads and pages over HTTP, beside PocketBase with the same rows
    Requests,
    /// Launches through the API, memory after a day's work, and cold starts of the release server
    Server,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    #[error(transparent)]
    Target(#[from] TestError),
    #[error("parts without a figure: {0}; their messages stand above")]
    Parts(usize),
}

/// Measures and prints the figure.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), BenchError> {
    let target = test::target_folder(root)?;
    let mut steps = Steps::default();
    println!("{}\n", machine());
    match options.figure {
        Figure::Apk => apk::measure(root, &target, &mut steps),
        Figure::Database => database::measure(root, &target, &mut steps),
        Figure::Plan => plan(root, &mut steps),
        Figure::Requests => requests::measure(root, &target, &mut steps),
        Figure::Server => server::measure(root, &target, &mut steps),
    }
    println!("{}\n{}", machine(), steps.summary());
    match steps.failures() {
        0 => Ok(()),
        count => Err(BenchError::Parts(count)),
    }
}

/// The planner's own bench says everything but the target.
fn plan(root: &Path, steps: &mut Steps) {
    steps.run("plan", || {
        let lines = bench(root, "slipway-nutrition", "plan", None)?;
        let p95_ms = samples::milliseconds(&lines, "p95").ok_or("the bench printed no `p95`")?;
        Ok(Outcome::Done(format!("p95 {p95_ms:.1} ms, {}; in memory", Target::AtMost(500.0).judge(p95_ms))))
    });
}

/// Runs a crate's bench, which may leave files in a folder; gives what it printed.
fn bench(root: &Path, package: &str, name: &str, folder: Option<&Path>) -> Result<Vec<String>, CommandError> {
    let arguments = ["bench", "--quiet", "--package", package, "--bench", name, "--"];
    let (lines, ended) = command::tee(command::new("cargo", root).args(arguments).args(folder));
    ended.map(|()| lines)
}

/// How many processors there are and how many programs wanted them lately: every figure depends on both.
fn machine() -> String {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let averages = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let averages: Vec<_> = averages.split(' ').take(3).collect();
    let load = if averages.is_empty() { "unknown".to_owned() } else { averages.join(" ") };
    format!("machine: {processors} processors; load over 1, 5 and 15 minutes: {load}")
}
