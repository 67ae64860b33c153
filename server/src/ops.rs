//! What operators and their tools ask: metrics and health, on a listener of its own that is never public.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use slipway_framework::platform::Platform;

#[derive(Clone)]
struct Ops {
    platform: Platform,
    metrics: PrometheusHandle,
}

/// Starts counting. Once for each process.
pub(crate) fn recorder() -> Result<PrometheusHandle, BuildError> {
    // Bounds in seconds around what the requirements promise: 200 ms for a page, 5 s for a plan.
    let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0];
    PrometheusBuilder::new().set_buckets(&bounds)?.install_recorder()
}

pub(crate) fn router(platform: Platform, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/metrics", get(scrape))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(Ops { platform, metrics })
}

async fn scrape(State(ops): State<Ops>) -> Response {
    if let Some(bytes) = ops.platform.db().log_bytes() {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a gauge is a float, and a log is far from 2^53 bytes"
        )]
        metrics::gauge!("database_log_bytes").set(bytes as f64);
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, ops.metrics.render()).into_response()
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
