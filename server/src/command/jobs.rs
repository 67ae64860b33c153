//! `slipway jobs`: what waits, what runs, what is dead, and doing dead jobs once more.

use crate::installation::Installation;
use clap::{Args, Subcommand, ValueEnum};
use slipway_framework::config::Settings;
use slipway_framework::job::{self, JobLine, JobState};
use slipway_framework::module::Assembly;
use slipway_kernel::JobId;

#[derive(Debug, Subcommand)]
pub(super) enum Jobs {
    /// List jobs, the latest first
    List {
        /// Those in this state
        #[arg(long, value_enum, default_value_t = State::Dead)]
        state: State,
        /// How many are listed at most
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1_000))]
        limit: i64,
    },
    /// Do dead jobs once more, with all their tries, now that the cause is mended
    Retry(Retry),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum State {
    Ready,
    Running,
    Done,
    Dead,
    Cancelled,
}

#[derive(Debug, Args)]
pub(super) struct Retry {
    /// One job (job_…), as `slipway jobs list` prints it
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    job: Option<JobId>,
    /// Every dead job
    #[arg(long)]
    all: bool,
    /// Only those of one kind, such as builder.build_release
    #[arg(long, value_name = "KIND", requires = "all")]
    kind: Option<String>,
}

pub(super) async fn run(settings: &Settings, assembly: Assembly, jobs: &Jobs) -> Result<(), String> {
    let installation = Installation::open(settings, assembly).map_err(|error| error.to_string())?;
    let db = installation.platform.db();
    match jobs {
        Jobs::List { state, limit } => {
            let lines = job::list(db, state.of_jobs(), *limit).await.map_err(|error| error.to_string())?;
            if lines.is_empty() {
                println!("No job is {}.", state.word());
            }
            for line in lines {
                println!("{}", told(&line));
            }
            Ok(())
        }
        Jobs::Retry(Retry { job: Some(job), .. }) => {
            if job::retry_dead(db, *job).await.map_err(|error| error.to_string())? {
                println!("{job} is done once more, as soon as the server runs.");
                return Ok(());
            }
            Err(format!("{job} is no dead job, or its end is still being told; see `slipway jobs list`"))
        }
        Jobs::Retry(Retry { kind, .. }) => {
            let count = job::retry_all_dead(db, kind.as_deref()).await.map_err(|error| error.to_string())?;
            println!("{count} dead jobs are done once more, as soon as the server runs.");
            Ok(())
        }
    }
}

impl State {
    fn of_jobs(self) -> JobState {
        match self {
            Self::Ready => JobState::Ready,
            Self::Running => JobState::Running,
            Self::Done => JobState::Done,
            Self::Dead => JobState::Dead,
            Self::Cancelled => JobState::Cancelled,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }
}

fn told(JobLine { root, job, kind, attempts, run_at, finished_at, progress, failure }: &JobLine) -> String {
    let mut line = format!("{}  {job}  {kind} of {root}, {attempts} tries", finished_at.unwrap_or(*run_at));
    if let Some((percent, note)) = progress {
        line.push_str(&format!(", {percent} % {note}"));
    }
    if let Some(failure) = failure {
        line.push_str(&format!(": {failure}"));
    }
    line
}
