//! The server: two listeners, the pumps beside them, and an orderly end.

use crate::front::{Bounds, answer};
use crate::installation::{Installation, OpenError};
use crate::ops::{self, Ops};
use crate::web;
use metrics_exporter_prometheus::{BuildError, PrometheusHandle};
use slipway_framework::audit::Sealer;
use slipway_framework::clock::ClockWatch;
use slipway_framework::config::Settings;
use slipway_framework::housekeeping::{Chores, clean};
use slipway_framework::http::{Fallbacks, TrustedProxies};
use slipway_framework::module::Assembly;
use slipway_framework::object::ObjectError;
use slipway_framework::platform::Platform;
use slipway_framework::{event, job};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long open connections may finish after the process was told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// Between two looks at the machine's clock.
const CLOCK_LOOK: Duration = Duration::from_secs(10);
/// How often counters of clients that have gone quiet are dropped.
const SWEEP: Duration = Duration::from_mins(5);
/// How often samples are folded: ten thousand writes a second leave as many of each histogram until then.
const FOLD: Duration = Duration::from_secs(5);

/// How often housekeeping looks for what has had its time. Everything it deletes is kept for a day or longer, so minutes do not
/// matter, and a round reads every row that names a file.
const HOUSEKEEPING: Duration = Duration::from_mins(15);
/// When it looks first: a process that is restarted often gets to it too, and starting is not made slower.
const FIRST_HOUSEKEEPING: Duration = Duration::from_mins(1);

/// Signing keys made ahead of the launches that will need them.
const READY_KEYS: usize = 8;

/// Why the server cannot run.
#[derive(Debug, Error)]
pub(crate) enum ServeError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{setting} {address} cannot be listened at: {source}; is another process there?")]
    Listen { setting: &'static str, address: SocketAddr, source: io::Error },
    #[error("metrics cannot be recorded: {0}")]
    Metrics(#[from] BuildError),
    #[error(
        "the object store {store} cannot be used: {source}; look at OBJECT_STORE_URL, its key and whether the store runs"
    )]
    Store { store: String, source: ObjectError },
    #[error("the server stopped: {0}")]
    Io(#[from] io::Error),
}

/// Serves until the process is told to stop.
pub(crate) async fn serve(settings: &Settings, assembly: Assembly) -> Result<(), ServeError> {
    let started = Instant::now();
    let metrics = ops::recorder(&assembly.metrics())?;
    let installation = Installation::open(settings, assembly)?;
    let Installation { platform, assembly, .. } = &installation;
    if let Some(cloud) = &settings.cloud {
        // Whoever is wrong about the bucket hears of it now, and not from the first upload.
        let failed = |source| ServeError::Store { store: cloud.to_string(), source };
        platform.objects().ping().await.map_err(failed)?;
    }
    let public = listen("SLIPWAY_LISTEN", settings.listen).await?;
    let private = listen("SLIPWAY_OPS_LISTEN", settings.ops_listen).await?;
    let trusted = TrustedProxies(settings.trusted_proxies.clone());
    let fallbacks = Fallbacks { console: web::console(), app: web::apps(&assembly.kits()) };
    let router = assembly.router(platform, trusted, fallbacks);
    slipway_builder::keep_keys_ready(platform, READY_KEYS);

    // Where a setting asks for any free port, this is the one that was given.
    let (listening, operators) = (public.local_addr()?, private.local_addr()?);
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    tasks.spawn(event::run(platform.db().clone(), assembly.consumers(), stop.clone()));
    let workers =
        job::Workers { weights: settings.job_weights.clone(), ..job::Workers::of(settings.job_concurrency) };
    tasks.spawn(job::run(platform.clone(), assembly.jobs(), workers, stop.clone()));
    let sealer = Sealer::new(platform);
    tasks.spawn(sealer.clone().run(stop.clone()));
    tasks.spawn(sweep(platform.clone(), stop.clone()));
    tasks.spawn(fold(metrics.clone(), stop.clone()));
    tasks.spawn(watch_clock(platform.clone(), stop.clone()));
    tasks.spawn(keep_house(platform.clone(), assembly.chores(), stop.clone()));
    let watched = Ops {
        platform: platform.clone(),
        metrics,
        data: settings.data.clone(),
        sealer: sealer.clone(),
        consumers: assembly.consumers().iter().map(|consumer| consumer.name).collect(),
        migrations: assembly.migrations().count(),
    };
    tasks.spawn(answer(private, ops::router(watched), Bounds::OPERATORS, stop.clone()));
    tasks.close();
    let origin = settings.addresses.console_origin();
    let started_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%origin, listen = %listening, ops = %operators, started_ms, "ready");

    let serving = answer(public, router, Bounds::PUBLIC, stop.clone());
    let told = told_to_stop()?;
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => {}
        () = told => {
            tracing::info!("stopping");
            stop.cancel();
            // A stream that never ends is cut after the grace period; everything else ends by itself.
            if tokio::time::timeout(GRACE, &mut serving).await.is_err() {
                tracing::info!("connections that were still open are closed");
            }
        }
    }
    stop.cancel();
    tasks.wait().await;
    sealer.finish().await;
    if let Some(collector) = installation.collector.clone() {
        // It waits on a thread for its own thread; when that is gone, so is what it held.
        let _ = tokio::task::spawn_blocking(move || collector.finish()).await;
    }
    Ok(())
}

async fn listen(setting: &'static str, address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { setting, address, source })
}

async fn sweep(platform: Platform, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(SWEEP)).await.is_some() {
        platform.limits().forget_idle();
    }
}

/// Folds the samples that nobody has scraped, which would otherwise pile up.
async fn fold(metrics: PrometheusHandle, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(FOLD)).await.is_some() {
        metrics.run_upkeep();
    }
}

/// Says when the machine's clock is set back: what is due waits for it, and people see times that are not right.
async fn watch_clock(platform: Platform, stop: CancellationToken) {
    let mut watch = ClockWatch::new(platform.clock());
    let mut was_behind = false;
    while stop.run_until_cancelled(tokio::time::sleep(CLOCK_LOOK)).await.is_some() {
        let behind = watch.behind(platform.clock());
        metrics::gauge!("clock_behind_seconds").set(behind.unwrap_or_default().as_secs_f64());
        match behind {
            Some(behind) if !was_behind => tracing::error!(
                behind_s = behind.as_secs(),
                "the machine's clock was set back; what is due by then waits until it has caught up: put the clock right, or restart if it is right"
            ),
            None if was_behind => tracing::info!("the machine's clock is right again"),
            _ => {}
        }
        was_behind = behind.is_some();
    }
}

async fn keep_house(platform: Platform, chores: Chores, stop: CancellationToken) {
    let mut pause = FIRST_HOUSEKEEPING;
    while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        // Each slice is a transaction of its own, so a round can be left at any moment.
        if stop.run_until_cancelled(clean(&platform, &chores)).await.is_none() {
            return;
        }
        pause = HOUSEKEEPING;
    }
}

/// Ctrl-C, or the signal that service managers send.
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
