//! Events: things that happened, written with the write that made them happen, handed out after commit.
//!
//! The outbox promises every event at least once, in causal order for each row told by one process. It does not promise a global commit
//! order, and it refuses to be read by id: a late committer has a small id and would be skipped. One sequencer stamps a
//! dense `position` on committed events, and consumers read only that.

mod consumer;
mod pump;
mod replay;
pub(crate) mod store;

pub use consumer::{Consumer, ConsumerError};
pub use pump::{drain, run};
pub use replay::{DeadEvent, Lag, lags, list_dead, replay, rewind};
pub(crate) use store::SEQUENCER;

use crate::db::Tx;
use crate::scope::{AppScope, Cause, LaunchScope, PartnerScope, RootId, Rooted, Scope};
use serde::{Serialize, de::DeserializeOwned};
use slipway_kernel::{AppId, EventId, PartnerId, RequestId, Ts};

/// Something that happened, as others may hear of it.
pub trait Event: Serialize + DeserializeOwned + Send + 'static {
    /// Whose it is: [`AppScope`] or [`PartnerScope`]. It is told in such a scope, or in a launch's, and its consumers act in it.
    type Scope: Root;
    /// Module and past participle: `meals.plan_created`. Never renamed once released.
    const KIND: &'static str;
}

/// The scopes that events belong to.
pub trait Root: Rooted {
    const IS_APP: bool;
    /// The scope of this root, on behalf of a reaction.
    fn of(root: RootId, cause: Cause) -> Self;
}

impl Root for AppScope {
    const IS_APP: bool = true;
    fn of(root: RootId, cause: Cause) -> Self {
        Self::new(AppId::from_bits(root.bits()), cause)
    }
}

impl Root for PartnerScope {
    const IS_APP: bool = false;
    fn of(root: RootId, cause: Cause) -> Self {
        Self::new(PartnerId::from_bits(root.bits()), cause)
    }
}

/// A scope in which events of the root `R` can be told. The system's is none: nobody could act on its events.
pub trait Tells<R: Root>: Scope {
    fn root_of_events(&self) -> RootId;
}

impl Tells<AppScope> for AppScope {
    fn root_of_events(&self) -> RootId {
        RootId::from_bits(self.app().bits())
    }
}

impl Tells<PartnerScope> for PartnerScope {
    fn root_of_events(&self) -> RootId {
        RootId::from_bits(self.partner().bits())
    }
}

impl Tells<AppScope> for LaunchScope {
    fn root_of_events(&self) -> RootId {
        RootId::from_bits(self.app().bits())
    }
}

impl Tells<PartnerScope> for LaunchScope {
    fn root_of_events(&self) -> RootId {
        RootId::from_bits(self.partner().bits())
    }
}

/// An event as a consumer receives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    pub event: EventId,
    pub root: RootId,
    /// Whether `root` is an app; otherwise it is a partner.
    pub of_app: bool,
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
    pub fn emit<E: Event>(&mut self, event: &E) -> EventId
    where
        S: Tells<E::Scope>,
    {
        let payload = serde_json::to_value(event).expect("an event's type can be written as JSON");
        let id = self.next_event_id();
        let root = self.scope().root_of_events();
        store::insert(self, (root, E::Scope::IS_APP), id, E::KIND, payload);
        self.wakes().events = true;
        id
    }
}
