//! Notes of an app's users: written, counted, kept until their writer deletes them or leaves.
//!
//! It refuses to show a note to anybody but its writer, and to put its text into the audit trail or an event.

mod http;
pub(crate) mod jobs;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub(crate) use http::routes;

use crate::events::NoteWritten;
use jobs::CountWords;
use serde_json::json;
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Rule, Tx};
use slipway_framework::http::{Problem, Session};
use slipway_framework::scope::AppScope;
use slipway_kernel::{AccountId, Id, Identified, Ts, can_be_seen};
use thiserror::Error;

/// More is a document.
const MAX_CHARACTERS: usize = 2_000;

/// Marks the id of a note.
#[derive(Debug)]
pub enum NoteMarker {}
impl Identified for NoteMarker {
    const PREFIX: &'static str = "nte";
}

/// The id of a note.
pub type NoteId = Id<NoteMarker>;

/// A note as it is stored.
#[derive(Debug)]
struct NoteRecord {
    note: NoteId,
    content: String,
    /// `None` until the job has counted.
    word_count: Option<u32>,
    created_at: Ts,
}

/// What a note says: 1 to 2,000 characters, some of which can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NoteContent(String);

/// Why a text is no note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
enum NoteContentError {
    #[error("a note has 1 to {MAX_CHARACTERS} characters")]
    Length,
    #[error("a note has at least one character that can be seen")]
    Unseen,
}

/// Why something could not be done with a note.
#[derive(Debug, Error)]
enum NoteError {
    #[error("there is no such note")]
    Missing,
    #[error("the account was deleted while its note was written")]
    AccountGone,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl NoteContent {
    /// Trims and checks.
    fn parse(text: &str) -> Result<Self, NoteContentError> {
        let text = text.trim();
        if !(1..=MAX_CHARACTERS).contains(&text.chars().count()) {
            return Err(NoteContentError::Length);
        }
        if can_be_seen(text) { Ok(Self(text.to_owned())) } else { Err(NoteContentError::Unseen) }
    }
}

/// Words are what stands between blanks.
fn count_words(content: &str) -> usize {
    content.split_whitespace().count()
}

/// Keeps a note; its words are counted after the reply.
fn write(tx: &mut Tx<AppScope>, account: AccountId, content: &NoteContent) -> Result<NoteRecord, NoteError> {
    let (app, note, created_at) = (tx.app(), tx.mint(), tx.now());
    store::insert(tx, account, note, &content.0).map_err(|error| match error {
        DbError::Constraint { rule: Rule::ForeignKey, .. } => NoteError::AccountGone,
        other => NoteError::Db(other),
    })?;
    tx.enqueue(&CountWords { app, note });
    audit(tx, "note_written", note);
    tx.emit(&NoteWritten { app, account, note });
    Ok(NoteRecord { note, content: content.0.clone(), word_count: None, created_at })
}

fn delete(tx: &mut Tx<AppScope>, account: AccountId, note: NoteId) -> Result<(), NoteError> {
    if !store::delete(tx, account, note)? {
        return Err(NoteError::Missing);
    }
    audit(tx, "note_deleted", note);
    Ok(())
}

fn audit(tx: &mut Tx<AppScope>, action: &'static str, note: NoteId) {
    tx.audit(Audit { action, resource_type: "note", resource_id: note.to_string(), details: json!({}) });
}

impl From<NoteError> for Problem {
    fn from(error: NoteError) -> Self {
        match error {
            NoteError::Missing => Self::not_found("note"),
            NoteError::AccountGone => Session::required(),
            NoteError::Db(error) => error.into(),
        }
    }
}
