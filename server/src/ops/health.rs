//! How every part of the installation is, with what was measured: for whoever was woken (P-OBS-03, P-OBS-04).
//!
//! It refuses to send a process away for what another process would have too: slow files, a full disk or a lag make it degraded,
//! and only a database that does not answer makes it unhealthy.

use super::{Ops, machine};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use slipway_framework::{event, job};
use slipway_kernel::Ts;
use std::fmt::Display;
use std::time::{Duration, Instant};

/// How long one part may take to tell how it is.
const PATIENCE: Duration = Duration::from_secs(5);
const SLOW_DATABASE: Duration = Duration::from_secs(1);
/// In hundredths of the disk and of the memory.
const LOW_DISK_PERCENT: u64 = 10;
const HIGH_MEMORY_PERCENT: u64 = 90;
/// Four times what SQLite keeps of its log after it was copied: somebody holds up the copying.
const LARGE_LOG_BYTES: u64 = 256 * 1024 * 1024;
/// Entries are sealed and events stamped within a second; a minute is trouble.
const LATE: Duration = Duration::from_secs(60);
/// Jobs may wait for others; five minutes is longer than any user waits.
const LATE_JOB: Duration = Duration::from_secs(300);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Healthy,
    Degraded,
    Unhealthy,
}

/// What one part was found to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    component: &'static str,
    status: Status,
    /// With its unit; absent when nothing could be measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<String>,
    message: String,
}

#[derive(Debug, Serialize)]
struct Health {
    status: Status,
    timestamp: Ts,
    checks: Vec<Check>,
}

/// What was measured of everything; a text says why it could not be.
#[derive(Debug, Clone)]
struct Readings {
    database: Result<Duration, String>,
    migrations: usize,
    log_bytes: Option<u64>,
    disk: Option<machine::Disk>,
    memory_used_percent: Option<u64>,
    seal_lag: Result<Duration, String>,
    sequencer_lag: Result<Duration, String>,
    oldest_job: Result<Duration, String>,
    objects: Result<Duration, String>,
}

pub(super) async fn health(State(ops): State<Ops>) -> Response {
    let checks = judge(&read(&ops).await);
    let status = checks.iter().map(|check| check.status).max().unwrap_or(Status::Healthy);
    let code = match status {
        Status::Healthy | Status::Degraded => StatusCode::OK,
        Status::Unhealthy => StatusCode::SERVICE_UNAVAILABLE,
    };
    let timestamp = ops.platform.clock().now();
    (code, Json(Health { status, timestamp, checks })).into_response()
}

async fn read(ops: &Ops) -> Readings {
    let (platform, db) = (&ops.platform, ops.platform.db());
    let events = async {
        let lags = event::lags(db, &ops.consumers).await?;
        Ok::<_, slipway_framework::db::DbError>(
            lags.iter().filter_map(|lag| lag.waited).max().unwrap_or_default(),
        )
    };
    let oldest = async { job::backlog(db).await.map(|backlog| backlog.oldest) };
    let (database, objects, seal_lag, sequencer_lag, oldest_job) = tokio::join!(
        timed(db.ping()),
        timed(platform.objects().ping()),
        patiently(ops.sealer.lag()),
        patiently(events),
        patiently(oldest),
    );
    Readings {
        database,
        migrations: ops.migrations,
        log_bytes: db.log_bytes(),
        disk: machine::disk(&ops.data),
        memory_used_percent: machine::memory_used_percent(),
        seal_lag,
        sequencer_lag,
        oldest_job,
        objects,
    }
}

async fn timed<E: Display>(work: impl Future<Output = Result<(), E>>) -> Result<Duration, String> {
    let began = Instant::now();
    patiently(work).await.map(|()| began.elapsed())
}

async fn patiently<T, E: Display>(work: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err(format!("it did not answer within {} s", PATIENCE.as_secs())),
    }
}

/// What is to be thought of the readings.
fn judge(readings: &Readings) -> Vec<Check> {
    let mut checks = vec![
        match &readings.database {
            Err(reason) => check("database", Status::Unhealthy, None, reason.clone()),
            Ok(took) => check(
                "database",
                degraded_if(*took >= SLOW_DATABASE),
                Some(millis(*took)),
                "answers within 1 s",
            ),
        },
        // The listener opens when every step is done, and an older program may run beside a newer schema.
        check("migrations", Status::Healthy, Some(format!("{} steps", readings.migrations)), "all were made"),
        lag("audit_seals", &readings.seal_lag, LATE, "entries are sealed within 60 s"),
        lag("events", &readings.sequencer_lag, LATE, "events are acted on within 60 s"),
        lag("jobs", &readings.oldest_job, LATE_JOB, "due jobs begin within 300 s"),
        match &readings.objects {
            Err(reason) => check("files", Status::Degraded, None, reason.clone()),
            Ok(took) => check("files", Status::Healthy, Some(millis(*took)), "the store answers"),
        },
    ];
    if let Some(bytes) = readings.log_bytes {
        let status = degraded_if(bytes > LARGE_LOG_BYTES);
        checks.push(check("database_log", status, Some(format!("{bytes} bytes")), "at most 256 MiB"));
    }
    if let Some(machine::Disk { free, size }) = readings.disk {
        let percent = u128::from(free) * 100 / u128::from(size.max(1));
        let status = degraded_if(percent <= u128::from(LOW_DISK_PERCENT));
        checks.push(check("disk", status, Some(format!("{percent} % free")), "more than 10 % free"));
    }
    if let Some(percent) = readings.memory_used_percent {
        let status = degraded_if(percent >= HIGH_MEMORY_PERCENT);
        checks.push(check("memory", status, Some(format!("{percent} % used")), "less than 90 % used"));
    }
    checks
}

fn lag(
    component: &'static str,
    lag: &Result<Duration, String>,
    bound: Duration,
    rule: &'static str,
) -> Check {
    match lag {
        // The database's own check says how bad that is.
        Err(reason) => check(component, Status::Degraded, None, reason.clone()),
        Ok(lag) => check(component, degraded_if(*lag > bound), Some(millis(*lag)), rule),
    }
}

fn check(
    component: &'static str,
    status: Status,
    measured: Option<String>,
    message: impl Into<String>,
) -> Check {
    Check { component, status, measured, message: message.into() }
}

fn degraded_if(is_bad: bool) -> Status {
    if is_bad { Status::Degraded } else { Status::Healthy }
}

fn millis(duration: Duration) -> String {
    format!("{} ms", duration.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use machine::Disk;

    fn well() -> Readings {
        Readings {
            database: Ok(Duration::from_millis(2)),
            migrations: 12,
            log_bytes: Some(0),
            disk: Some(Disk { free: 50, size: 100 }),
            memory_used_percent: Some(40),
            seal_lag: Ok(Duration::ZERO),
            sequencer_lag: Ok(Duration::ZERO),
            oldest_job: Ok(Duration::ZERO),
            objects: Ok(Duration::from_millis(1)),
        }
    }

    type Change = fn(&mut Readings);

    /// P-OBS-04, X-83: both sides of every bound.
    #[test]
    fn each_part_is_judged_on_both_sides_of_its_bound() {
        let cases: [(&str, Status, Change); 20] = [
            ("database", Status::Healthy, |at| at.database = Ok(Duration::from_millis(999))),
            ("database", Status::Degraded, |at| at.database = Ok(Duration::from_secs(1))),
            ("database", Status::Unhealthy, |at| at.database = Err("gone".to_owned())),
            ("database_log", Status::Healthy, |at| at.log_bytes = Some(268_435_456)),
            ("database_log", Status::Degraded, |at| at.log_bytes = Some(268_435_457)),
            ("disk", Status::Healthy, |at| at.disk = Some(Disk { free: 11, size: 100 })),
            ("disk", Status::Degraded, |at| at.disk = Some(Disk { free: 10, size: 100 })),
            ("disk", Status::Degraded, |at| at.disk = Some(Disk { free: 0, size: 0 })),
            ("memory", Status::Healthy, |at| at.memory_used_percent = Some(89)),
            ("memory", Status::Degraded, |at| at.memory_used_percent = Some(90)),
            ("audit_seals", Status::Healthy, |at| at.seal_lag = Ok(Duration::from_secs(60))),
            ("audit_seals", Status::Degraded, |at| at.seal_lag = Ok(Duration::from_millis(60_001))),
            ("audit_seals", Status::Degraded, |at| at.seal_lag = Err("busy".to_owned())),
            ("events", Status::Healthy, |at| at.sequencer_lag = Ok(Duration::from_secs(60))),
            ("events", Status::Degraded, |at| at.sequencer_lag = Ok(Duration::from_secs(61))),
            ("jobs", Status::Healthy, |at| at.oldest_job = Ok(Duration::from_secs(300))),
            ("jobs", Status::Degraded, |at| at.oldest_job = Ok(Duration::from_secs(301))),
            ("files", Status::Healthy, |at| at.objects = Ok(Duration::from_secs(3))),
            ("files", Status::Degraded, |at| at.objects = Err("timeout".to_owned())),
            ("migrations", Status::Healthy, |at| at.migrations = 0),
        ];
        for (component, expected, change) in cases {
            let mut readings = well();
            change(&mut readings);
            let found: Vec<_> = judge(&readings);
            let others = found.iter().filter(|check| check.component != component);
            assert!(others.clone().all(|check| check.status == Status::Healthy), "{readings:?}: {found:?}");
            let own = found.iter().find(|check| check.component == component).unwrap();
            assert_eq!(own.status, expected, "{component}: {readings:?}");
        }
    }

    #[test]
    fn what_a_machine_does_not_tell_is_not_judged() {
        let silent = Readings { log_bytes: None, disk: None, memory_used_percent: None, ..well() };
        assert_eq!(judge(&silent).len(), 6);
    }
}
