//! The sequencer and the consumers: what happens to an event after commit.

use super::{Delivered, Event, store};
use crate::db::{Db, DbError, Tx};
use crate::scope::{Actor, AppScope, Cause, Purpose, SystemScope};
use slipway_kernel::RequestId;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

/// Events stamped or handed out in one go.
const BATCH: i64 = 200;
/// How long the pump sleeps when nobody wakes it: another process may have written.
const IDLE: Duration = Duration::from_millis(500);
/// How long it waits after a failure, doubled each time up to [`MAX_PAUSE`].
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

/// Stamps and hands out events until told to stop.
pub async fn run(db: Db, consumers: Vec<Consumer>, stop: CancellationToken) {
    let mut pause = PAUSE;
    while !stop.is_cancelled() {
        match drain(&db, &consumers).await {
            Ok(()) => {
                pause = PAUSE;
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = db.signals().events.notified() => {}
                    () = tokio::time::sleep(IDLE) => {}
                }
            }
            Err(error) => {
                tracing::error!(%error, "events are held up");
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(MAX_PAUSE),
                }
            }
        }
    }
}

/// Stamps what is committed and hands it to every consumer; returns when there is nothing left.
///
/// # Errors
/// The first failure of a consumer, after all the others had their turn.
pub async fn drain(db: &Db, consumers: &[Consumer]) -> Result<(), ConsumerError> {
    while db.write(&scope(), |tx| store::stamp(tx, BATCH)).await? > 0 {}
    let mut failure = None;
    for consumer in consumers {
        if let Err(error) = advance(db, consumer).await {
            tracing::warn!(consumer = consumer.name, %error, "a consumer failed and will be tried again");
            failure = Some(error);
        }
    }
    failure.map_or(Ok(()), Err)
}

async fn advance(db: &Db, consumer: &Consumer) -> Result<(), ConsumerError> {
    let name = consumer.name;
    loop {
        let events: Result<_, DbError> =
            db.read(&scope(), move |read| store::list_after(read, store::cursor(read, name)?, BATCH)).await;
        let events = events?;
        let Some(last) = events.last().map(|event| event.position) else { return Ok(()) };
        let mut reached = None;
        let mut failure = None;
        for event in events {
            let position = event.position;
            if let Err(error) = hand_over(db, consumer, event).await {
                failure = Some(error);
                break;
            }
            reached = Some(position);
        }
        if let Some(position) = reached {
            db.write(&scope(), move |tx| store::move_cursor(tx, name, position)).await?;
        }
        if let Some(error) = failure {
            return Err(error);
        }
        debug_assert_eq!(reached, Some(last), "without a failure the whole batch was handed over");
    }
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
