//! What is counted of the database: waits, runs, commits and refusals, by queue.
//!
//! It refuses to look a metric up for each closure: handles are fetched once, when the database is opened.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use std::time::Duration;

/// The queues closures wait in, and `Point` for short reads that wait in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    Write,
    Bulk,
    Read,
    Point,
}

struct LaneMeter {
    wait: Histogram,
    run: Histogram,
    refused: Counter,
}

pub(crate) struct Meters {
    lanes: [LaneMeter; 4],
    pub(crate) commit: Histogram,
    pub(crate) batch: Histogram,
    connections: Gauge,
}

impl Lane {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Bulk => "bulk",
            Self::Read => "read",
            Self::Point => "point",
        }
    }
}

impl LaneMeter {
    fn new(lane: Lane) -> Self {
        let queue = lane.as_str();
        Self {
            wait: histogram!("database_queue_wait_seconds", "queue" => queue),
            run: histogram!("database_run_seconds", "queue" => queue),
            refused: counter!("database_refused_total", "queue" => queue),
        }
    }
}

impl Meters {
    pub(crate) fn new() -> Self {
        Self {
            lanes: [Lane::Write, Lane::Bulk, Lane::Read, Lane::Point].map(LaneMeter::new),
            commit: histogram!("database_commit_seconds"),
            batch: histogram!("database_batch_closures"),
            connections: gauge!("database_connections_current"),
        }
    }

    /// Counts one more connection.
    pub(crate) fn connection(&self) -> Counted {
        self.connections.increment(1.0);
        Counted(self.connections.clone())
    }

    pub(crate) fn waited(&self, lane: Lane, wait: Duration) {
        self.lanes[lane as usize].wait.record(wait.as_secs_f64());
    }

    pub(crate) fn ran(&self, lane: Lane, run: Duration) {
        self.lanes[lane as usize].run.record(run.as_secs_f64());
    }

    pub(crate) fn refused(&self, lane: Lane) {
        self.lanes[lane as usize].refused.increment(1);
    }
}

/// Counts a connection for as long as it is there.
pub(crate) struct Counted(Gauge);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
