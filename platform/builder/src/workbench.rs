//! Where pictures are worked on: off the async threads, two at a time, with a bounded wait and no panic that gets out.
//!
//! It refuses to queue without end: whoever waits longer than [`WAIT`] is told to come back.

use axum::http::StatusCode;
use slipway_framework::http::Problem;
use slipway_framework::platform::Platform;
use slipway_kernel::Code;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

const PLACES: usize = 2;
const WAIT: Duration = Duration::from_secs(5);
/// The slowest accepted drawing takes under half a second.
const LIMIT: Duration = Duration::from_secs(10);

const BUSY: Code = Code::new("builder.busy");
const UNDRAWABLE: Code = Code::new("logos.undrawable");

/// The places of this process.
#[derive(Debug)]
struct Workbench(Arc<Semaphore>);

impl Default for Workbench {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PLACES)))
    }
}

/// Does work on a picture and gives its result. Work that runs over [`LIMIT`] keeps its place until it ends, because a thread cannot
/// be stopped; its caller is told that the picture cannot be drawn, and so is the caller of work that panicked.
pub(crate) async fn draw<T: Send + 'static>(
    platform: &Platform,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let places = platform.db().local::<Workbench>().0.clone();
    let busy = || {
        let detail = "Many pictures are being worked on right now. Try again in a moment.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, BUSY, detail).retry_after(WAIT)
    };
    let place = tokio::time::timeout(WAIT, places.acquire_owned()).await.map_err(|_| busy())?;
    let place = place.expect("the semaphore is never closed");
    let drawn = tokio::task::spawn_blocking(move || {
        let _place = place;
        work()
    });
    let undrawable = || {
        let detail = "This picture cannot be drawn. Export it anew, best as PNG.";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, UNDRAWABLE, detail)
    };
    match tokio::time::timeout(LIMIT, drawn).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) | Err(_) => Err(undrawable()),
    }
}
