//! What is counted of jobs: slots, tries by how they ended, and how long they took.

use super::JobError;
use metrics::{Gauge, counter, gauge, histogram};
use std::time::{Duration, Instant};

const OUTCOMES: [&str; 5] = ["done", "retried", "dead", "cancelled", "released"];

/// A place of this process, for as long as a job has it.
pub(super) struct Slot(Gauge);

impl Slot {
    pub(super) fn take() -> Self {
        let busy = gauge!("job_slots_busy");
        busy.increment(1.0);
        Self(busy)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Begins every series at nought, so that the first failure of a kind is a change.
pub(super) fn begin(kinds: impl Iterator<Item = &'static str>, concurrency: usize) {
    gauge!("job_slots").set(f64::from(u32::try_from(concurrency).unwrap_or(u32::MAX)));
    for kind in kinds {
        drop(histogram!("job_duration_seconds", "kind" => kind));
        for outcome in OUTCOMES {
            counter!("job_attempts_total", "kind" => kind, "outcome" => outcome).increment(0);
        }
    }
}

/// A try of a known kind that is under way. Dropped without an end it was given back or taken over.
pub(super) struct Try {
    kind: &'static str,
    began: Instant,
    outcome: &'static str,
}

impl Try {
    pub(super) fn begin(kind: &'static str) -> Self {
        Self { kind, began: Instant::now(), outcome: "released" }
    }

    /// Says how it ended; `again` is whether another try follows a failure that may pass.
    pub(super) fn ended(&mut self, result: &Result<(), JobError>, again: bool, stopping: bool) {
        self.outcome = match result {
            Ok(()) => "done",
            Err(JobError::Cancelled) if stopping => "released",
            Err(JobError::Cancelled) => "cancelled",
            // Whoever has it now counts how it ends.
            Err(JobError::Lost) => "released",
            Err(JobError::Retry(_)) if again => "retried",
            Err(JobError::Retry(_) | JobError::Hopeless(_)) => "dead",
        };
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

impl Drop for Try {
    fn drop(&mut self) {
        histogram!("job_duration_seconds", "kind" => self.kind).record(self.elapsed().as_secs_f64());
        counter!("job_attempts_total", "kind" => self.kind, "outcome" => self.outcome).increment(1);
    }
}
