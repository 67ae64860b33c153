//! The audit trail: what was done, to what, by whom, in which request (P-COMP-05).
//!
//! An entry commits with the write it tells of, or not at all, and is sealed within a second after that: a chain of
//! hashes for each root whose end is signed shows what was changed, added, moved or taken away since (P-COMP-07). It refuses free
//! text from outside: an action and a resource type are words of the program.

mod canonical;
mod seal;
pub(crate) mod store;
mod verify;

pub(crate) use canonical::{canonical, push_field};
pub use seal::pump::{Batch, Outcome, SealError, Sealer};
pub use store::list;
pub use verify::{Fault, Finding, Verification, verify};

use crate::db::Tx;
use crate::scope::{LaunchScope, RootId, Rooted};
use serde_json::Value as Json;
use slipway_kernel::{Id, Identified, RequestId, Ts};

/// One entry of the trail; who and in which request come from the scope.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// A past participle with its noun, such as `app_launched`; at most 100 characters.
    pub action: &'static str,
    /// The noun, at most 50 characters.
    pub resource_type: &'static str,
    /// Usually an id.
    pub resource_id: String,
    /// Whatever helps later, never a secret and never more personal data than the resource already is.
    pub details: Json,
}

/// Marks the id of an entry.
#[derive(Debug)]
pub enum EntryMarker {}
impl Identified for EntryMarker {
    const PREFIX: &'static str = "aud";
}

/// An entry as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub entry: Id<EntryMarker>,
    pub at: Ts,
    pub actor: String,
    pub action: String,
    pub resource_type: String,
    pub resource_id: String,
    pub details: Json,
    pub request: RequestId,
}

impl<S: Rooted> Tx<S> {
    /// Adds an entry to the trail of this scope's root.
    pub fn audit(&mut self, audit: Audit) {
        let root = self.scope().reach().root();
        store::insert(self, root, audit);
    }
}

impl Tx<LaunchScope> {
    /// Adds an entry to the partner's trail, for what the partner must be able to look up when the app is gone.
    pub fn audit_for_partner(&mut self, audit: Audit) {
        let root = RootId::from_bits(self.partner().bits());
        store::insert(self, root, audit);
    }
}
