//! The sequencer and the consumers: what happens to an event after commit.

use super::{Consumer, ConsumerError, Delivered, Lag, lags, store};
use crate::db::{Db, DbError};
use crate::scope::{Actor, Cause, Purpose, SystemScope};
use slipway_kernel::RequestId;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Events stamped or handed out in one go.
const BATCH: i64 = 200;
/// How long the pump sleeps when nobody wakes it: another process may have written.
const IDLE: Duration = Duration::from_millis(500);
/// How long a consumer rests while the database is in trouble, doubled each time up to [`MAX_PAUSE`].
const PAUSE: Duration = Duration::from_millis(100);
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// How often the lag is measured.
const MEASURE: Duration = Duration::from_secs(1);
/// How often a consumer tries the same event. With the pauses that is four minutes: long enough for what passes by itself, and
/// not so long that everybody else's events wait for a mistake that only a new version mends.
const ATTEMPTS: u32 = 10;
/// How long a line is held up after a first failure, doubled each time up to [`MAX_HOLD`].
const HOLD: Duration = Duration::from_secs(1);
pub(super) const MAX_HOLD: Duration = Duration::from_secs(60);

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
    let names: Vec<_> = lines.iter().map(|line| line.consumer.name).collect();
    let mut measured = None;
    while !stop.is_cancelled() {
        if measured.is_none_or(|at: Instant| at.elapsed() >= MEASURE) {
            measured = Some(Instant::now());
            measure(&db, &names).await;
        }
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

/// Tells how far everybody has come. Trouble with the database is told by what the pump does next.
async fn measure(db: &Db, names: &[&'static str]) {
    for Lag { consumer, events, waited, .. } in lags(db, names).await.unwrap_or_default() {
        metrics::counter!("events_dead_total", "consumer" => consumer).increment(0);
        metrics::gauge!("event_lag_events", "consumer" => consumer).set(events as f64);
        metrics::gauge!("event_lag_seconds", "consumer" => consumer)
            .set(waited.unwrap_or_default().as_secs_f64());
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
    let events = db.read(&scope(), move |read| {
        let held = store::held(read, name)?;
        if held.as_ref().is_some_and(|held| held.is_resting(read.now())) {
            return Ok((false, 0, Vec::new()));
        }
        let cursor = store::cursor(read, name)?;
        Ok::<_, DbError>((held.is_some(), cursor, store::list_after(read, cursor, BATCH)?))
    });
    let (held, cursor, events) = events.await?;
    let full = i64::try_from(events.len()).is_ok_and(|count| count >= BATCH);
    let mut reached = None;
    let mut failed = None;
    for event in events {
        let position = event.position;
        let event = Arc::new(event);
        match consumer.hand(db, event.clone()).await {
            Ok(()) => reached = Some(position),
            Err(error) => {
                failed = Some((event, error));
                break;
            }
        }
    }
    if let Some(position) = reached {
        db.write(&scope(), move |tx| {
            if held {
                store::let_go(tx, name)?;
            }
            store::move_cursor(tx, name, cursor, position)
        })
        .await?;
    }
    match failed {
        None => Ok(full),
        Some((_, error)) if error.is_ours() => Err(error),
        Some((event, error)) => {
            let stands_at = reached.unwrap_or(cursor);
            if hold_or_bury(db, (name, stands_at), &event, &error).await? {
                // The line goes on with the next event.
                return Ok(true);
            }
            Err(error)
        }
    }
}

/// Counts a failure against the event; the last one takes it out of the line, and then this is `true`.
async fn hold_or_bury(
    db: &Db,
    (name, stands_at): (&'static str, i64),
    event: &Arc<Delivered>,
    error: &ConsumerError,
) -> Result<bool, DbError> {
    let (hopeless, failure, stuck) = (error.is_hopeless(), error.to_string(), event.clone());
    let counted = db.write(&scope(), move |tx| {
        let before = store::held(tx, name)?.filter(|held| held.event == stuck.event);
        let attempts = before.map_or(0, |held| held.attempts) + 1;
        if hopeless || attempts >= ATTEMPTS {
            store::bury(tx, name, &stuck, attempts, &failure)?;
            store::let_go(tx, name)?;
            store::move_cursor(tx, name, stands_at, stuck.position)?;
            return Ok((true, attempts));
        }
        let until = tx.now() + hold_after(attempts);
        store::hold(tx, name, stuck.event, attempts, &failure, until)?;
        Ok::<_, DbError>((false, attempts))
    });
    let (buried, attempts) = counted.await?;
    if buried {
        metrics::counter!("events_dead_total", "consumer" => name).increment(1);
        tracing::error!(consumer = name, event = %event.event, kind = event.kind, attempts, %error, "an event is dead");
    }
    Ok(buried)
}

fn hold_after(attempts: u32) -> Duration {
    HOLD.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(MAX_HOLD)
}

fn scope() -> SystemScope {
    system(Purpose::Outbox)
}

pub(super) fn system(purpose: Purpose) -> SystemScope {
    SystemScope::new(purpose, Cause { actor: Actor::Platform, request: RequestId::from_bits(0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_held_up_for_four_minutes_at_most() {
        for (attempts, seconds) in [(1, 1), (2, 2), (6, 32), (7, 60), (60, 60)] {
            assert_eq!(hold_after(attempts), Duration::from_secs(seconds), "{attempts}");
        }
        let whole: Duration = (1..ATTEMPTS).map(hold_after).sum();
        assert_eq!(whole, Duration::from_secs(243));
    }
}
