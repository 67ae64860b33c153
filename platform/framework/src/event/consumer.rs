//! Consumers: who acts on an event, in whose transaction.

use super::{Delivered, Event, Root, store};
use crate::db::{Db, DbError, Tx};
use crate::scope::{Actor, Cause};
use futures_util::future::BoxFuture;
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

type Hand = dyn Fn(&Db, Arc<Delivered>) -> BoxFuture<'static, Result<(), ConsumerError>> + Send + Sync;

/// Somebody who acts on events of one kind, in a transaction of the app or the partner the event belongs to, once per event.
#[derive(Clone)]
pub struct Consumer {
    pub name: &'static str,
    pub kind: &'static str,
    hand: Arc<Hand>,
}

/// Why a consumer could not act. The event stays first in its line and is tried again, until it is dead.
#[derive(Debug, Error)]
pub enum ConsumerError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the event's payload does not fit its type: {0}")]
    Payload(#[from] serde_json::Error),
    #[error("the event hangs on another root than its type says")]
    Root,
    #[error("{0}")]
    Refused(String),
}

impl ConsumerError {
    /// Whether no other try will go better.
    pub(super) fn is_hopeless(&self) -> bool {
        matches!(self, Self::Payload(_) | Self::Root)
    }

    /// Whether the event has nothing to do with it, so that it must not be blamed.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self, Self::Db(DbError::Busy | DbError::Unavailable(_) | DbError::Full | DbError::Collision))
    }
}

impl Consumer {
    /// `name` is kept with the cursor and never changes. A consumer that is added later begins with what housekeeping has left.
    pub fn new<E: Event>(
        name: &'static str,
        handler: impl Fn(&mut Tx<E::Scope>, E) -> Result<(), ConsumerError> + Send + Sync + 'static,
    ) -> Self {
        let handler = Arc::new(handler);
        let hand = move |db: &Db,
                         delivered: Arc<Delivered>|
              -> BoxFuture<'static, Result<(), ConsumerError>> {
            if delivered.of_app != E::Scope::IS_APP {
                return Box::pin(async { Err(ConsumerError::Root) });
            }
            let scope =
                E::Scope::of(delivered.root, Cause { actor: Actor::Platform, request: delivered.request });
            let handler = handler.clone();
            // The mark and the deed commit together, so an event seen twice is acted on once.
            Box::pin(db.write(&scope, move |tx| {
                if !store::consume(tx, name, delivered.event)? {
                    return Ok(());
                }
                handler(tx, serde_json::from_value(delivered.payload.clone())?)
            }))
        };
        Self { name, kind: E::KIND, hand: Arc::new(hand) }
    }

    /// Has the event acted on, if it is of this consumer's kind.
    pub(super) async fn hand(&self, db: &Db, delivered: Arc<Delivered>) -> Result<(), ConsumerError> {
        if delivered.kind == self.kind { (self.hand)(db, delivered).await } else { Ok(()) }
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} on {}", self.name, self.kind)
    }
}
