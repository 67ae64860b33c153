//! A closure on its way to a database thread and back.
//!
//! It refuses to know an engine: it is handed a driver, runs the closure, says whether to keep what was done, and
//! replies only when it is told how that ended.

use super::driver::{Access, Driver};
use super::meter::Lane;
use super::tx::{Effects, Read, Sources, Tx};
use super::{DbError, inside};
use crate::scope::Scope;
use crate::trace::{self, Active, SpanKind};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What a database thread sees of a closure. `attempt` may run more than once; `settle` ends it.
pub(crate) trait Work: Send {
    /// How long it has waited, or `None` when nobody waits for it any more.
    fn waiting(&self) -> Option<Duration>;
    /// How long the closure may run, all its tries together.
    fn budget(&self) -> Duration;
    /// Runs the closure from its beginning; `spent` is what earlier tries have used up of its time.
    fn attempt(&mut self, driver: Driver, spent: Duration) -> (Driver, Attempt);
    /// Replies.
    fn settle(self: Box<Self>, verdict: Verdict);
}

pub(crate) enum Attempt {
    /// Commit it, with these effects.
    Keep(Effects),
    /// Roll it back; the closure has said why.
    Undo,
}

pub(crate) enum Verdict {
    /// The caller gets what the closure returned.
    AsReturned,
    /// The caller gets this instead.
    Failed(DbError),
}

struct Envelope<T, E> {
    reply: oneshot::Sender<Result<T, E>>,
    queued_at: Instant,
    lane: Lane,
    has_begun: bool,
    trace: Option<Traced>,
}

/// When the last try ran, for the trace that the closure belongs to.
struct Traced {
    active: Active,
    began: Instant,
    ran: Option<(Instant, Instant)>,
}

impl<T, E> Envelope<T, E> {
    fn new(reply: oneshot::Sender<Result<T, E>>, lane: Lane) -> Self {
        let queued_at = Instant::now();
        let traced = |active| Traced { active, began: queued_at, ran: None };
        Self { reply, queued_at, lane, has_begun: false, trace: trace::current().map(traced) }
    }

    /// Tells where the time went: waiting, running (its last try), and the commit with what it waited for.
    fn tell(&self, failed: bool) {
        let Some(Traced { active, began, ran }) = &self.trace else { return };
        let (inner, now) = (active.inner(), Instant::now());
        let name = match self.lane {
            Lane::Write => "database write",
            Lane::Bulk => "database bulk write",
            Lane::Read | Lane::Point => "database read",
        };
        active.tell_inner(&inner, name, (self.queued_at, now), failed);
        inner.tell("database wait", SpanKind::Internal, (self.queued_at, ran.map_or(now, |_| *began)), false);
        if let Some((first, last)) = *ran {
            inner.tell("database run", SpanKind::Internal, (first, last), failed);
            inner.tell("database commit", SpanKind::Internal, (last, now), failed);
        }
    }

    fn waiting(&self) -> Option<Duration> {
        if self.reply.is_closed() { None } else { Some(self.queued_at.elapsed()) }
    }

    /// Counts the wait of the first try, and then runs a try and counts it.
    fn run<R>(&mut self, sources: &Sources, attempt: impl FnOnce() -> R) -> R {
        let began = Instant::now();
        if !std::mem::replace(&mut self.has_begun, true) {
            sources.meters.waited(self.lane, began.duration_since(self.queued_at));
        }
        let result = attempt();
        let ended = Instant::now();
        sources.meters.ran(self.lane, ended.duration_since(began));
        if let Some(traced) = &mut self.trace {
            if traced.ran.is_none() {
                traced.began = began;
            }
            traced.ran = Some((began, ended));
        }
        result
    }
}

pub(crate) struct WriteWork<S: Scope, T, E, F> {
    scope: S,
    sources: Sources,
    budget: Duration,
    closure: F,
    returned: Option<Result<T, E>>,
    envelope: Envelope<T, E>,
}

pub(crate) struct ReadWork<S: Scope, T, E, F> {
    scope: S,
    sources: Sources,
    cap: Duration,
    closure: F,
    returned: Option<Result<T, E>>,
    envelope: Envelope<T, E>,
}

impl<S: Scope, T, E, F> WriteWork<S, T, E, F> {
    pub(crate) fn new(
        scope: S,
        sources: Sources,
        (lane, budget): (Lane, Duration),
        closure: F,
    ) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, receiver) = oneshot::channel();
        let envelope = Envelope::new(reply, lane);
        (Self { scope, sources, budget, closure, returned: None, envelope }, receiver)
    }
}

impl<S: Scope, T, E, F> ReadWork<S, T, E, F> {
    pub(crate) fn new(
        scope: S,
        sources: Sources,
        cap: Duration,
        closure: F,
    ) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, receiver) = oneshot::channel();
        let envelope = Envelope::new(reply, Lane::Read);
        (Self { scope, sources, cap, closure, returned: None, envelope }, receiver)
    }
}

impl<S, T, E, F> Work for WriteWork<S, T, E, F>
where
    S: Scope,
    T: Send,
    E: From<DbError> + Send,
    F: FnMut(&mut Tx<S>) -> Result<T, E> + Send,
{
    fn waiting(&self) -> Option<Duration> {
        self.envelope.waiting()
    }

    fn budget(&self) -> Duration {
        self.budget
    }

    fn attempt(&mut self, mut driver: Driver, spent: Duration) -> (Driver, Attempt) {
        let budget = self.budget.saturating_sub(spent);
        driver.prepare_transaction(self.scope.reach(), Access::Write { budget });
        let deadline = Instant::now() + budget;
        let mut tx = Tx::new(Read::new(driver, self.scope.clone(), self.sources.clone(), deadline));
        let result = self.envelope.run(&self.sources, || guarded(|| (self.closure)(&mut tx)));
        let (driver, effects) = tx.into_parts();
        let (result, attempt) = match (result, effects) {
            (Ok(value), Ok(effects)) => (Ok(value), Attempt::Keep(effects)),
            (Ok(_), Err(aborted)) => (Err(E::from(aborted)), Attempt::Undo),
            (Err(error), _) => (Err(error), Attempt::Undo),
        };
        self.returned = Some(result);
        (driver, attempt)
    }

    fn settle(self: Box<Self>, verdict: Verdict) {
        settle(self.envelope, &self.sources, self.returned, verdict);
    }
}

impl<S, T, E, F> Work for ReadWork<S, T, E, F>
where
    S: Scope,
    T: Send,
    E: From<DbError> + Send,
    F: FnMut(&Read<S>) -> Result<T, E> + Send,
{
    fn waiting(&self) -> Option<Duration> {
        self.envelope.waiting()
    }

    fn budget(&self) -> Duration {
        self.cap
    }

    fn attempt(&mut self, driver: Driver, spent: Duration) -> (Driver, Attempt) {
        let cap = self.cap.saturating_sub(spent);
        let (scope, sources, closure) = (&self.scope, &self.sources, &mut self.closure);
        let (driver, result) = self.envelope.run(sources, || read(driver, scope, sources, cap, closure));
        self.returned = Some(result);
        (driver, Attempt::Undo)
    }

    fn settle(self: Box<Self>, verdict: Verdict) {
        settle(self.envelope, &self.sources, self.returned, verdict);
    }
}

/// Runs a reading closure on whatever thread this is.
pub(crate) fn read<S: Scope, T, E: From<DbError>>(
    mut driver: Driver,
    scope: &S,
    sources: &Sources,
    cap: Duration,
    closure: &mut impl FnMut(&Read<S>) -> Result<T, E>,
) -> (Driver, Result<T, E>) {
    driver.prepare_transaction(scope.reach(), Access::Read { cap });
    let read = Read::new(driver, scope.clone(), sources.clone(), Instant::now() + cap);
    let result = guarded(|| closure(&read));
    (read.into_driver(), result)
}

/// A panic in one closure must not take the database thread, and with it everybody else, along.
fn guarded<T, E: From<DbError>>(closure: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let _inside = inside::enter();
    catch_unwind(AssertUnwindSafe(closure))
        .unwrap_or_else(|panic| Err(DbError::Panicked(message_of(&*panic)).into()))
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
        .to_owned()
}

fn settle<T, E: From<DbError>>(
    envelope: Envelope<T, E>,
    sources: &Sources,
    returned: Option<Result<T, E>>,
    verdict: Verdict,
) {
    if matches!(verdict, Verdict::Failed(DbError::Busy)) {
        sources.meters.refused(envelope.lane);
    }
    envelope.tell(matches!(verdict, Verdict::Failed(_)));
    let result = catch_unwind(AssertUnwindSafe(|| match (verdict, returned) {
        (Verdict::AsReturned, Some(result)) => result,
        (Verdict::AsReturned, None) => {
            Err(DbError::Unavailable("the work was never started".to_owned()).into())
        }
        (Verdict::Failed(error), _) => Err(error.into()),
    }));
    // Nobody may be waiting any more; the work is done all the same. A caller whose own error type panicked hears that the
    // thread ended before it answered.
    if let Ok(result) = result {
        let _ = envelope.reply.send(result);
    }
}
