//! The sequencer and the consumers: what happens to an event after commit.

use super::{Delivered, Event, store};
use crate::db::{Db, DbError, Tx};
use crate::scope::{Actor, AppScope, Cause, Purpose, SystemScope};
use slipway_kernel::RequestId;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

/// Events stamped or handed out in one go.
const BATCH: i64 = 200;
/// How long the pump sleeps when nobody wakes it: another process may have written.
const IDLE: Duration = Duration::from_millis(500);
/// How long a consumer rests after a failure, doubled each time up to [`MAX_PAUSE`].
const PAUSE: Duration = Duration::from_millis(100);
const MAX_PAUSE: Duration = Duration::from_secs(30);

type Handler = dyn Fn(&mut Tx<AppScope>, &Delivered) -> Result<(), ConsumerError> + Send + Sync;

/// Somebody who acts on an app's events, in a transaction of the app, once per event.
#[derive(Clone)]
pub struct Consumer {
    pub name: &'static str,
    pub kind: &'static str,
    handler: Arc<Handler>,
}

/// Why a consumer could not act. The event stays first in its line and is tried again.
#[derive(Debug, Error)]
pub enum ConsumerError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the event's payload does not fit its type: {0}")]
    Payload(#[from] serde_json::Error),
    #[error("{0}")]
    Refused(String),
}

impl Consumer {
    /// `name` is kept with the cursor and never changes.
    pub fn new<E: Event>(
        name: &'static str,
        handler: impl Fn(&mut Tx<AppScope>, E) -> Result<(), ConsumerError> + Send + Sync + 'static,
    ) -> Self {
        let handler = move |tx: &mut Tx<AppScope>, delivered: &Delivered| {
            let event = serde_json::from_value(delivered.payload.clone())?;
            handler(tx, event)
        };
        Self { name, kind: E::KIND, handler: Arc::new(handler) }
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} on {}", self.name, self.kind)
    }
}

/// A consumer with the rest it takes after a failure: the others go on meanwhile.
struct Line {
    consumer: Consumer,
    pause: Duration,
    resting_until: Option<Instant>,
}

impl Line {
    fn is_resting(&self) -> bool {
        self.resting_until.is_some_and(|until| Instant::now() < until)
    }

    fn rest(&mut self) {
        self.resting_until = Some(Instant::now() + self.pause);
        self.pause = (self.pause * 2).min(MAX_PAUSE);
    }

    fn went_well(&mut self) {
        (self.resting_until, self.pause) = (None, PAUSE);
    }
}

/// Stamps and hands out events, a batch at a time, until told to stop.
pub async fn run(db: Db, consumers: Vec<Consumer>, stop: CancellationToken) {
    let line = |consumer| Line { consumer, pause: PAUSE, resting_until: None };
    let mut lines: Vec<_> = consumers.into_iter().map(line).collect();
    while !stop.is_cancelled() {
        let mut more = match stamp(&db).await {
            Ok(full) => full,
            Err(error) => {
                tracing::error!(%error, "events cannot be stamped");
                false
            }
        };
        for line in lines.iter_mut().filter(|line| !line.is_resting()) {
            if stop.is_cancelled() {
                return;
            }
            match advance(&db, &line.consumer).await {
                Ok(full) => {
                    more |= full;
                    line.went_well();
                }
                Err(error) => {
                    tracing::error!(consumer = line.consumer.name, %error, "a consumer failed and will be tried again");
                    line.rest();
                }
            }
        }
        if more {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = db.signals().events.notified() => {}
            () = tokio::time::sleep(IDLE) => {}
        }
    }
}

/// Stamps what is committed and hands it to every consumer; returns when there is nothing left. For tests and tools.
///
/// # Errors
/// The last failure of a consumer, after all the others had their turn.
pub async fn drain(db: &Db, consumers: &[Consumer]) -> Result<(), ConsumerError> {
    while stamp(db).await? {}
    let mut failure = None;
    for consumer in consumers {
        loop {
            match advance(db, consumer).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Stamps one batch; tells whether there may be more. A writer that never pauses cannot keep this from ending.
async fn stamp(db: &Db) -> Result<bool, DbError> {
    let stamped = db.write(&scope(), |tx| store::stamp(tx, BATCH)).await?;
    Ok(i64::try_from(stamped).is_ok_and(|stamped| stamped >= BATCH))
}

/// Hands one batch to a consumer; tells whether there may be more.
async fn advance(db: &Db, consumer: &Consumer) -> Result<bool, ConsumerError> {
    let name = consumer.name;
    let events: Result<_, DbError> =
        db.read(&scope(), move |read| store::list_after(read, store::cursor(read, name)?, BATCH)).await;
    let events = events?;
    let full = i64::try_from(events.len()).is_ok_and(|count| count >= BATCH);
    let mut reached = None;
    let mut handed = Ok(());
    for event in events {
        let position = event.position;
        handed = hand_over(db, consumer, event).await;
        if handed.is_err() {
            break;
        }
        reached = Some(position);
    }
    if let Some(position) = reached {
        db.write(&scope(), move |tx| store::move_cursor(tx, name, position)).await?;
    }
    handed.map(|()| full)
}

async fn hand_over(db: &Db, consumer: &Consumer, delivered: Delivered) -> Result<(), ConsumerError> {
    let Some(app) = delivered.app.filter(|_| delivered.kind == consumer.kind) else { return Ok(()) };
    let scope = AppScope::new(app, Cause { actor: Actor::Platform, request: delivered.request });
    let (name, handler) = (consumer.name, consumer.handler.clone());
    // The mark and the deed commit together, so an event seen twice is acted on once.
    db.write(&scope, move |tx| {
        if store::consume(tx, name, delivered.event)? { handler(tx, &delivered) } else { Ok(()) }
    })
    .await
}

fn scope() -> SystemScope {
    SystemScope::new(Purpose::Outbox, Cause { actor: Actor::Platform, request: RequestId::from_bits(0) })
}
