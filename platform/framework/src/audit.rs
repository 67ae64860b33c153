//! The audit trail: what was done, to what, by whom, in which request (P-COMP-05).
//!
//! An entry commits with the write it tells of, or not at all. It refuses free text from outside: an action and
//! a resource type are words of the program.

pub(crate) mod store;

use crate::db::Tx;
use crate::scope::Scope;
use serde_json::Value as Json;

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

impl<S: Scope> Tx<S> {
    /// Adds an entry to the trail of this scope's root.
    pub fn audit(&mut self, audit: Audit) {
        store::insert(self, audit);
    }
}
