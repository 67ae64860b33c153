//! What others may hear of notes. Payloads hold ids: what somebody writes is nobody else's business.

use crate::note::NoteId;
use serde::{Deserialize, Serialize};
use slipway_framework::event::Event;
use slipway_framework::scope::AppScope;
use slipway_kernel::{AccountId, AppId};

/// A user has one more note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteWritten {
    pub app: AppId,
    pub account: AccountId,
    pub note: NoteId,
}

impl Event for NoteWritten {
    type Scope = AppScope;
    const KIND: &'static str = "kitname.note_written";
}
