//! Metrics: one table of all there are, so that what a dashboard or an alert asks for is known to exist.
//!
//! It refuses labels whose values come from outside. An app, an account, a path or an address is no label: a thousand apps make as
//! many series as one, and which app it was stands in the logs and the traces.

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

/// One metric as people and their tools see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    pub name: &'static str,
    pub kind: MetricKind,
    /// Each with few values, which the program knows.
    pub labels: &'static [&'static str],
    pub meaning: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows, until the process ends.
    Counter,
    /// It is what it is now.
    Gauge,
    /// How long things took: a histogram over [`SECONDS`].
    Seconds,
    /// How many there were at a time: a histogram over [`COUNTS`].
    Counts,
}

/// Bounds around what is promised: 1 s for a page, 5 s for a plan; and around what a commit takes.
pub const SECONDS: &[f64] =
    &[0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0, 300.0];
pub const COUNTS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

macro_rules! metrics {
    ($($name:literal, $kind:ident, [$($label:literal),*], $meaning:literal;)+) => {
        &[$(Metric { name: $name, kind: MetricKind::$kind, labels: &[$($label),*], meaning: $meaning }),+]
    };
}

/// Every metric of the framework and the server; modules bring theirs in their value.
pub const METRICS: &[Metric] = metrics! {
    "http_requests_total", Counter, ["class", "status"], "answered requests by class of route and class of status";
    "http_request_duration_seconds", Seconds, ["class"], "from the request's header to the answer's";
    "http_connections", Gauge, ["listener"], "open connections";
    "http_connections_limit", Gauge, ["listener"], "connections served at a time; one more waits";
    "database_queue_waiting", Gauge, ["queue"], "closures that wait for a database thread";
    "database_queue_limit", Gauge, ["queue"], "closures that may wait; one more is refused as busy";
    "database_queue_wait_seconds", Seconds, ["queue"], "how long a closure waited for a database thread";
    "database_run_seconds", Seconds, ["queue"], "how long a closure ran, without its commit";
    "database_commit_seconds", Seconds, [], "how long a commit took, which on SQLite many closures share";
    "database_batch_closures", Counts, [], "closures that shared a commit; always 1 on PostgreSQL";
    "database_refused_total", Counter, ["queue"], "closures refused because the queue was full or the wait too long";
    "database_collisions_total", Counter, [], "transactions tried again because others changed the same rows";
    "database_connections_current", Gauge, [], "open connections of this process to its database";
    "database_log_bytes", Gauge, [], "size of SQLite's write-ahead log; 0 on PostgreSQL";
    "job_slots", Gauge, [], "jobs that may run at once in this process";
    "job_slots_busy", Gauge, [], "jobs that run in this process";
    "job_attempts_total", Counter, ["kind", "outcome"], "tries of jobs by how they ended: done, retried, dead, cancelled or released";
    "job_duration_seconds", Seconds, ["kind"], "how long a try of a job took";
    "jobs_due", Gauge, [], "jobs that are due and wait for a worker, counted up to 1000";
    "job_oldest_due_seconds", Gauge, [], "how long the first of them has been due";
    "event_lag_events", Gauge, ["consumer"], "events that a consumer has not acted on";
    "event_lag_seconds", Gauge, ["consumer"], "how long the first of them has waited";
    "events_dead_total", Counter, ["consumer"], "events that a consumer was never able to act on";
    "audit_seal_lag_seconds", Gauge, [], "how long the oldest unsealed audit entry has waited";
    "audit_sealed_total", Counter, [], "sealed audit entries";
    "audit_seal_failures_total", Counter, [], "rounds of the sealer that failed";
    "audit_chains_broken", Gauge, [], "chains that somebody other than the sealer has changed";
    "housekeeping_deleted_total", Counter, ["what"], "rows and files deleted because they had their time";
    "object_duration_seconds", Seconds, ["operation"], "how long storing, fetching or deleting a file took";
    "object_failures_total", Counter, ["operation"], "files that could not be stored, fetched or deleted";
    "clock_behind_seconds", Gauge, [], "how far the machine's clock was set back behind what it had told";
    "disk_free_bytes", Gauge, [], "room on the disk of the data folder";
    "disk_size_bytes", Gauge, [], "size of the disk of the data folder";
    "process_resident_memory_bytes", Gauge, [], "memory of this process";
    "process_open_fds", Gauge, [], "open files and connections of this process";
    "process_max_fds", Gauge, [], "as many as the system allows";
    "process_cpu_seconds_total", Counter, [], "time of processors used by this process, in whole seconds";
    "process_start_time_seconds", Gauge, [], "when this process began, in seconds since 1970";
};

/// Describes them, and begins those without labels at nought: an alert can tell "none" from "not known".
pub fn register(metrics: &[Metric]) {
    for Metric { name, kind, labels, meaning } in metrics {
        match kind {
            MetricKind::Counter => describe_counter!(*name, *meaning),
            MetricKind::Gauge => describe_gauge!(*name, *meaning),
            MetricKind::Seconds | MetricKind::Counts => describe_histogram!(*name, *meaning),
        }
        if labels.is_empty() {
            match kind {
                MetricKind::Counter => counter!(*name).increment(0),
                MetricKind::Gauge => gauge!(*name).increment(0.0),
                MetricKind::Seconds | MetricKind::Counts => drop(histogram!(*name)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_say_what_they_count_and_no_label_is_a_tenants() {
        let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), METRICS.len(), "a name stands there twice");
        for Metric { name, kind, labels, .. } in METRICS {
            assert_eq!(*kind == MetricKind::Counter, name.ends_with("_total"), "{name}");
            assert!(*kind != MetricKind::Seconds || name.ends_with("_seconds"), "{name}");
            for label in *labels {
                let closed = [
                    "class",
                    "status",
                    "listener",
                    "queue",
                    "kind",
                    "outcome",
                    "consumer",
                    "what",
                    "operation",
                ];
                assert!(closed.contains(label), "{name} has the label {label}");
            }
        }
    }
}
