//! Claims jobs, runs them, keeps their leases and writes down how they ended.

use super::meter::{self, Slot, Try};
use super::store::{self, Claimed};
use super::turn::{Turns, Weights};
use super::{Backoff, Job, JobContext, JobError, JobState};
use crate::db::DbError;
use crate::platform::Platform;
use crate::scope::{Actor, Cause, Purpose, SystemScope};
use crate::trace::{self, Active, SpanKind};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use slipway_kernel::RequestId;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a job stays claimed without a heartbeat.
const LEASE: Duration = Duration::from_secs(30);
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long the runner sleeps when nobody wakes it: a retry may be due, or another process may have written.
const IDLE: Duration = Duration::from_secs(1);
/// How long running jobs may go on after the process was told to stop. Giving back the rest takes a moment too, and all of it is
/// over within 10 s.
const DRAIN: Duration = Duration::from_secs(8);
/// Ends of jobs that are written down together at most.
const ENDS_AT_ONCE: usize = 256;
/// How long the ends of jobs wait for a database that does not take them, before they are tried again.
const NOT_TAKEN: Duration = Duration::from_millis(200);

type Run = dyn Fn(serde_json::Value, JobContext) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync;
type GivenUp =
    dyn Fn(serde_json::Value, JobContext, String) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync;

/// How long a job of a kind unknown here is left for others.
const STRANGER: Duration = Duration::from_mins(1);
/// How long a dead job may take to tell whoever waits for it; shorter than the lease, so that nobody else tells meanwhile.
const TELLING: Duration = Duration::from_secs(20);
/// How often it tries to tell; the pauses between are those of the job's kind.
const TELLINGS: u32 = 10;

/// What the runner knows of a kind of job.
struct Kind {
    name: &'static str,
    retries: u32,
    backoff: Backoff,
    timeout: Duration,
    run: Box<Run>,
    given_up: Box<GivenUp>,
}

/// Every kind of job of the installation.
#[derive(Clone, Default)]
pub struct Registry(Arc<BTreeMap<&'static str, Arc<Kind>>>);

impl Registry {
    /// Adds a kind.
    ///
    /// # Panics
    /// When two jobs have the same kind: a mistake of the program, found when it starts.
    pub fn add<J: Job>(&mut self) {
        let kind = Kind {
            name: J::KIND,
            retries: J::RETRIES,
            backoff: J::BACKOFF,
            timeout: J::TIMEOUT,
            run: Box::new(|payload, context| {
                Box::pin(async move {
                    let job: J = serde_json::from_value(payload).map_err(|error| {
                        JobError::Hopeless(format!("the payload does not fit its type: {error}"))
                    })?;
                    job.run(&context).await
                })
            }),
            given_up: Box::new(|payload, context, reason| {
                Box::pin(async move {
                    match serde_json::from_value::<J>(payload) {
                        Ok(job) => job.given_up(&context, &reason).await,
                        // Nobody can know whom to tell.
                        Err(_) => Ok(()),
                    }
                })
            }),
        };
        let kinds = Arc::get_mut(&mut self.0).expect("kinds are added before the registry is shared");
        assert!(kinds.insert(J::KIND, Arc::new(kind)).is_none(), "two jobs are called {}", J::KIND);
    }

    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.kinds()).finish()
    }
}

/// How a process works on jobs.
#[derive(Debug, Clone)]
pub struct Workers {
    /// Jobs that run at once.
    pub concurrency: usize,
    /// How long running jobs may go on after the process was told to stop; then they are dropped and given back.
    pub drain: Duration,
    pub weights: Weights,
}

impl Workers {
    #[must_use]
    pub fn of(concurrency: usize) -> Self {
        Self { concurrency, drain: DRAIN, weights: Weights::default() }
    }
}

/// Runs jobs until told to stop; then asks running ones to end, and gives back those that do not.
pub async fn run(platform: Platform, registry: Registry, workers: Workers, stop: CancellationToken) {
    meter::begin(registry.kinds(), workers.concurrency);
    let (ends, ended) = mpsc::unbounded_channel();
    let ending = tokio::spawn(write_ends(platform.clone(), ended));
    let worker = Worker { ends: Some(ends), ..Worker::new(platform, registry, stop.child_token()) };
    let slots = Arc::new(Semaphore::new(workers.concurrency));
    let tracker = TaskTracker::new();
    let mut turns = Turns::START;
    while !stop.is_cancelled() {
        let free = slots.available_permits();
        let claimed = if free == 0 {
            Ok((Vec::new(), false))
        } else {
            worker.claim(free, &mut turns, &workers.weights).await
        };
        let (claimed, is_cut_short) = claimed.unwrap_or_else(|error| {
            tracing::error!(%error, "jobs cannot be claimed");
            (Vec::new(), false)
        });
        if claimed.is_empty() && !is_cut_short {
            tokio::select! {
                () = stop.cancelled() => break,
                () = worker.platform.db().signals().jobs.notified() => {}
                () = tokio::time::sleep(IDLE) => {}
            }
            continue;
        }
        for claimed in claimed {
            if stop.is_cancelled() {
                // It was claimed while the process was told to stop, and nothing is begun any more.
                worker.release(&claimed, Duration::ZERO).await;
                continue;
            }
            let permit = slots.clone().acquire_owned().await.expect("the semaphore is never closed");
            let worker = worker.clone();
            tracker.spawn(async move {
                let slot = Slot::take();
                worker.serve(claimed).await;
                drop(slot);
                // The place is free before the loop is woken, or it would look, find none, and sleep.
                drop(permit);
                worker.platform.db().signals().jobs.notify_one();
            });
        }
    }
    tracker.close();
    if tokio::time::timeout(workers.drain, tracker.wait()).await.is_err() {
        worker.hurry.cancel();
        tracker.wait().await;
    }
    drop(worker);
    // Nobody is left to send an end, so this one comes to its own. A panic in it has been logged.
    let _ = ending.await;
}

/// Writes down that jobs have succeeded, as many at once as have ended meanwhile.
async fn write_ends(platform: Platform, mut ended: mpsc::UnboundedReceiver<Claimed>) {
    let mut ends = Vec::new();
    while ended.recv_many(&mut ends, ENDS_AT_ONCE).await > 0 {
        let (begun, done) = (Instant::now(), Arc::<[Claimed]>::from(std::mem::take(&mut ends)));
        loop {
            let written = done.clone();
            let write = move |tx: &mut crate::db::Tx<SystemScope>| {
                store::finish_done(tx, &written);
                Ok::<_, DbError>(())
            };
            let Err(error) = platform.db().write(&scope(RequestId::from_bits(0)), write).await else { break };
            tracing::error!(jobs = done.len(), %error, "that jobs have ended could not be written down");
            if begun.elapsed() > LEASE {
                // Their leases have run out, and they are tried again: at least once is kept.
                break;
            }
            tokio::time::sleep(NOT_TAKEN).await;
        }
    }
}

/// Runs every job that is due, one after the other, and returns how many there were. For tests and for `--once` tools.
///
/// # Errors
/// [`DbError`] when jobs cannot be claimed.
pub async fn drain(platform: &Platform, registry: &Registry) -> Result<usize, DbError> {
    let worker = Worker::new(platform.clone(), registry.clone(), CancellationToken::new());
    let (mut turns, mut done) = (Turns::START, 0);
    loop {
        let (claimed, is_cut_short) = worker.claim(1, &mut turns, &Weights::default()).await?;
        if claimed.is_empty() && !is_cut_short {
            return Ok(done);
        }
        for claimed in claimed {
            worker.serve(claimed).await;
            done += 1;
        }
    }
}

#[derive(Clone)]
struct Worker {
    platform: Platform,
    registry: Registry,
    /// Fires when the process stops: jobs are asked to end.
    stop: CancellationToken,
    /// Fires when they have had their time: jobs are dropped and given back.
    hurry: CancellationToken,
    /// Where jobs that succeeded are written down together; without it each is by itself, before the next is begun.
    ends: Option<mpsc::UnboundedSender<Claimed>>,
}

impl Worker {
    fn new(platform: Platform, registry: Registry, stop: CancellationToken) -> Self {
        Self { platform, registry, stop, hurry: CancellationToken::new(), ends: None }
    }

    /// Jobs to run, and whether there may be more that are due although there is room.
    async fn claim(
        &self,
        at_most: usize,
        turns: &mut Turns,
        weights: &Weights,
    ) -> Result<(Vec<Claimed>, bool), DbError> {
        let at_most = u32::try_from(at_most).unwrap_or(u32::MAX);
        let (from, weights) = (*turns, weights.clone());
        let claim = move |tx: &mut crate::db::Tx<SystemScope>| {
            store::claim(tx, tx.now() + LEASE, at_most, from, &weights)
        };
        let taken = self.platform.db().write(&scope(RequestId::from_bits(0)), claim).await?;
        *turns = taken.turns;
        Ok((taken.jobs, taken.is_cut_short))
    }

    async fn serve(&self, claimed: Claimed) {
        let Some(kind) = self.registry.0.get(claimed.kind.as_str()).cloned() else {
            // A newer process may know it; this one gives it back, untried, and leaves it alone for a while.
            tracing::warn!(job = %claimed.job, kind = claimed.kind, "no job of this kind is known here");
            return self.release(&claimed, STRANGER).await;
        };
        let context = JobContext::new(self.platform.clone(), &claimed);
        if let Some(reason) = claimed.dead_because.clone() {
            return self.tell(&claimed, &kind, &context, reason).await;
        }
        if claimed.cancel_requested {
            self.finish(&claimed, JobState::Cancelled, None).await;
            return;
        }
        if claimed.attempt > kind.retries + 1 {
            let reason = "its worker died at every try".to_owned();
            return self.give_up(&claimed, &kind, &context, reason).await;
        }
        let mut counted = Try::begin(kind.name);
        let active = self.begin_trace(&claimed);
        let running = trace::within(active.clone(), (kind.run)(claimed.payload.clone(), context.clone()));
        let work = AssertUnwindSafe(running).catch_unwind();
        let result = tokio::select! {
            result = tokio::time::timeout(kind.timeout, work) => match result {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err(JobError::Retry("the job panicked".to_owned())),
                Err(_) => Err(JobError::Retry(format!("the try took longer than {} s", kind.timeout.as_secs_f64()))),
            },
            lost = self.keep(&claimed, &context.cancelled) => {
                tracing::warn!(job = %claimed.job, kind = claimed.kind, "{lost}");
                return;
            }
            () = self.hurry.cancelled() => return self.release(&claimed, Duration::ZERO).await,
        };
        counted.ended(&result, claimed.attempt <= kind.retries, self.stop.is_cancelled());
        drop(counted);
        if let Some(active) = active {
            let attributes = vec![
                ("slipway.job", claimed.job.to_string()),
                ("slipway.request", claimed.request.to_string()),
                ("slipway.attempt", claimed.attempt.to_string()),
            ];
            active.end(format!("job {}", kind.name), SpanKind::Consumer, (attributes, result.is_err()));
        }
        match result {
            Ok(()) => self.done(claimed).await,
            Err(JobError::Cancelled) if self.stop.is_cancelled() => {
                self.release(&claimed, Duration::ZERO).await;
            }
            Err(JobError::Cancelled) => drop(self.finish(&claimed, JobState::Cancelled, None).await),
            Err(JobError::Retry(reason)) if claimed.attempt <= kind.retries => {
                self.postpone(&claimed, kind.backoff, &reason).await;
            }
            Err(JobError::Retry(reason) | JobError::Hopeless(reason)) => {
                self.give_up(&claimed, &kind, &context, reason).await;
            }
            Err(error @ JobError::Lost) => {
                tracing::warn!(job = %claimed.job, request = %claimed.request, kind = claimed.kind, "{error}");
            }
        }
    }

    /// A job is told in the trace of the request that it came from, or in one of its own.
    fn begin_trace(&self, claimed: &Claimed) -> Option<Active> {
        let of_request = Some(claimed.request.bits()).filter(|bits| *bits != 0);
        let trace = of_request.unwrap_or(claimed.job.bits());
        let platform = &self.platform;
        platform.tracer().begin(trace, None, (platform.clock(), platform.entropy()))
    }

    /// Beats until the job is no longer this worker's; passes on that somebody wants it to stop.
    async fn keep(&self, claimed: &Claimed, cancelled: &CancellationToken) -> &'static str {
        loop {
            tokio::select! {
                () = tokio::time::sleep(HEARTBEAT) => {}
                () = self.stop.cancelled(), if !cancelled.is_cancelled() => {
                    cancelled.cancel();
                    continue;
                }
            }
            let held = claimed.clone();
            let beat = move |tx: &mut crate::db::Tx<SystemScope>| store::beat(tx, &held, tx.now() + LEASE);
            match self.platform.db().write::<_, _, DbError, _>(&scope(claimed.request), beat).await {
                Ok(Some(true)) => cancelled.cancel(),
                Ok(Some(false)) => {}
                Ok(None) => return "another worker has taken the job over",
                // The next beat may get through; if none does the lease runs out and somebody else takes over.
                Err(error) => tracing::warn!(job = %claimed.job, %error, "a heartbeat failed"),
            }
        }
    }

    async fn give_up(&self, claimed: &Claimed, kind: &Kind, context: &JobContext, reason: String) {
        tracing::error!(job = %claimed.job, request = %claimed.request, kind = claimed.kind, attempt = claimed.attempt, reason, "a job is dead");
        let (held, failure) = (claimed.clone(), reason.clone());
        let died = self.write(claimed, move |tx| store::die(tx, &held, &failure, tx.now() + LEASE)).await;
        // Whoever lost the job to another worker has nothing to say about its end.
        if died.unwrap_or(false) {
            self.tell(claimed, kind, context, reason).await;
        }
    }

    /// Tells whoever waits for a dead job, and writes down that it did: a process that dies in between leaves that to another.
    async fn tell(&self, claimed: &Claimed, kind: &Kind, context: &JobContext, reason: String) {
        let telling = (kind.given_up)(claimed.payload.clone(), context.clone(), reason);
        let failure = match tokio::time::timeout(TELLING, AssertUnwindSafe(telling).catch_unwind()).await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(error))) => Some(error.to_string()),
            Ok(Err(_)) => Some("it panicked".to_owned()),
            Err(_) => Some(format!("it took longer than {} s", TELLING.as_secs())),
        };
        let held = claimed.clone();
        let Some(failure) = failure else {
            self.write(claimed, move |tx| store::told(tx, &held)).await;
            return;
        };
        // The tries to run it came first; a job that died without one has more tries to tell.
        let tellings = claimed.attempt.saturating_sub(kind.retries);
        if tellings >= TELLINGS {
            tracing::error!(job = %claimed.job, kind = claimed.kind, failure, "nobody could be told that a job is dead");
            self.write(claimed, move |tx| store::told(tx, &held)).await;
            return;
        }
        tracing::warn!(job = %claimed.job, kind = claimed.kind, failure, "telling that a job is dead will be tried again");
        let pause = kind.backoff.pause(tellings, self.noise());
        self.write(claimed, move |tx| store::tell_later(tx, &held, tx.now() + pause)).await;
    }

    fn noise(&self) -> u16 {
        u16::from_be_bytes(self.platform.entropy().bytes())
    }

    async fn postpone(&self, claimed: &Claimed, backoff: Backoff, failure: &str) {
        tracing::warn!(job = %claimed.job, request = %claimed.request, kind = claimed.kind, attempt = claimed.attempt, failure, "a job will be tried again");
        let pause = backoff.pause(claimed.attempt, self.noise());
        let (held, failure) = (claimed.clone(), failure.to_owned());
        self.write(claimed, move |tx| store::postpone(tx, &held, &failure, tx.now() + pause)).await;
    }

    /// The job succeeded. What [`JobContext::finish`] has ended already is not ended again.
    async fn done(&self, claimed: Claimed) {
        match &self.ends {
            // The receiver lives as long as this sender.
            Some(ends) => drop(ends.send(claimed)),
            None => drop(self.finish(&claimed, JobState::Done, None).await),
        }
    }

    /// Writes down how the job ended; `false` when it was no longer this claim's to end.
    async fn finish(&self, claimed: &Claimed, state: JobState, failure: Option<String>) -> bool {
        let held = claimed.clone();
        self.write(claimed, move |tx| store::finish(tx, &held, state, failure.as_deref()))
            .await
            .unwrap_or(false)
    }

    async fn release(&self, claimed: &Claimed, pause: Duration) {
        let held = claimed.clone();
        self.write(claimed, move |tx| store::release(tx, &held, tx.now() + pause)).await;
    }

    /// When even this fails, the lease runs out and the job is tried again: at least once is kept.
    async fn write<T: Send + 'static>(
        &self,
        claimed: &Claimed,
        closure: impl FnMut(&mut crate::db::Tx<SystemScope>) -> Result<T, DbError> + Send + 'static,
    ) -> Option<T> {
        let written = self.platform.db().write(&scope(claimed.request), closure).await;
        written.inspect_err(|error| tracing::error!(job = %claimed.job, %error, "how a job ended could not be written down")).ok()
    }
}

pub(super) fn scope(request: RequestId) -> SystemScope {
    SystemScope::new(Purpose::Jobs, Cause { actor: Actor::Platform, request })
}
