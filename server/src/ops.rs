//! What operators and their tools ask: metrics and health, on a listener of its own that is never public.

mod alert;
mod files;
mod health;
mod machine;

pub use files::{OpsFile, alerted_metrics, ops_files};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics::{counter, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use slipway_framework::audit::Sealer;
use slipway_framework::job;
use slipway_framework::metric::{self, COUNTS, Metric, MetricKind, SECONDS};
use slipway_framework::platform::Platform;
use std::path::PathBuf;

/// What operators look at.
#[derive(Clone)]
pub(crate) struct Ops {
    pub(crate) platform: Platform,
    pub(crate) metrics: PrometheusHandle,
    /// The folder whose disk must not fill up.
    pub(crate) data: PathBuf,
    pub(crate) sealer: Sealer,
    pub(crate) consumers: Vec<&'static str>,
    /// How many steps of the schema were made.
    pub(crate) migrations: usize,
}

/// Starts counting. Once for each process, and before anything is opened that counts.
pub(crate) fn recorder(metrics: &[Metric]) -> Result<PrometheusHandle, BuildError> {
    let mut builder = PrometheusBuilder::new().set_buckets(SECONDS)?;
    for metric in metrics.iter().filter(|metric| metric.kind == MetricKind::Counts) {
        builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), COUNTS)?;
    }
    let handle = builder.install_recorder()?;
    metric::register(metrics);
    Ok(handle)
}

pub(crate) fn router(ops: Ops) -> Router {
    gauge!("process_start_time_seconds").set(ops.platform.clock().now().as_seconds() as f64);
    Router::new()
        .route("/metrics", get(scrape))
        .route("/health", get(health::health))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(ops)
}

async fn scrape(State(ops): State<Ops>) -> Response {
    sample(&ops).await;
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, ops.metrics.render()).into_response()
}

/// Looks at what is a state and no happening: it is true at the moment of the scrape.
async fn sample(ops: &Ops) {
    let db = ops.platform.db();
    for (queue, waiting, limit) in db.waiting() {
        gauge!("database_queue_waiting", "queue" => queue).set(waiting as f64);
        gauge!("database_queue_limit", "queue" => queue).set(limit as f64);
    }
    if let Some(bytes) = db.log_bytes() {
        gauge!("database_log_bytes").set(bytes as f64);
    }
    // A database in trouble is told by everything else.
    if let Ok(backlog) = job::backlog(db).await {
        gauge!("jobs_due").set(backlog.due as f64);
        gauge!("job_oldest_due_seconds").set(backlog.oldest.as_secs_f64());
    }
    if let Some(disk) = machine::disk(&ops.data) {
        gauge!("disk_free_bytes").set(disk.free as f64);
        gauge!("disk_size_bytes").set(disk.size as f64);
    }
    if let Some(process) = machine::process() {
        gauge!("process_resident_memory_bytes").set(process.resident_bytes as f64);
        gauge!("process_open_fds").set(process.open_files as f64);
        gauge!("process_max_fds").set(process.max_files.map_or(f64::INFINITY, |most| most as f64));
        counter!("process_cpu_seconds_total").absolute(process.cpu_s);
    }
}

/// The process is there (P-OBS-05).
async fn live() -> Json<serde_json::Value> {
    Json(json!({ "status": "alive" }))
}

/// The process can do its work: the database answers, and its schema was brought up to date before this listener opened.
async fn ready(State(ops): State<Ops>) -> Response {
    match ops.platform.db().ping().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "not ready" }))).into_response()
        }
    }
}
