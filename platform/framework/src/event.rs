//! Events: things that happened, written with the write that made them happen, handed out after commit.
//!
//! The outbox promises every event at least once, in causal order for each row told by one process. It does not promise a global commit
//! order, and it refuses to be read by id: a late committer has a small id and would be skipped. One sequencer stamps a
//! dense `position` on committed events, and consumers read only that.

mod pump;
pub(crate) mod store;
pub(crate) use store::SEQUENCER;

pub use pump::{Consumer, ConsumerError, drain, run};

use crate::db::Tx;
use crate::scope::{RootId, Scope};
use serde::{Serialize, de::DeserializeOwned};
use slipway_kernel::{AppId, EventId, RequestId, Ts};

/// Something that happened, as others may hear of it.
pub trait Event: Serialize + DeserializeOwned + Send + 'static {
    /// Module and past participle: `meals.plan_created`. Never renamed once released.
    const KIND: &'static str;
}

/// An event as a consumer receives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    pub event: EventId,
    pub root: RootId,
    /// Set when the event belongs to an app; otherwise `root` is a partner or the installation.
    pub app: Option<AppId>,
    pub kind: String,
    pub payload: serde_json::Value,
    pub request: RequestId,
    pub created_at: Ts,
    pub position: i64,
}

impl<S: Scope> Tx<S> {
    /// Tells the world, once this transaction has committed.
    ///
    /// # Panics
    /// When the event is no JSON (a map whose keys are no texts): a mistake in the event's type.
    pub fn emit<E: Event>(&mut self, event: &E) -> EventId {
        let payload = serde_json::to_value(event).expect("an event's type can be written as JSON");
        let id = self.next_event_id();
        store::insert(self, id, E::KIND, payload);
        self.wakes().events = true;
        id
    }
}
