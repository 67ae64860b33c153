//! All SQL of notes. What a user asks for names the account too: an app's users do not see each other's notes.

use super::{NoteId, NoteRecord};
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::scope::AppScope;
use slipway_framework::{params, statements};
use slipway_kernel::{AccountId, Limit, Page};

statements! {
    INSERT = "INSERT INTO kitname_notes (app, note, account, content, created_at) VALUES ($1, $2, $3, $4, $5)";
    LIST = "SELECT note, content, word_count, created_at FROM kitname_notes
        WHERE app = $1 AND account = $2 AND note < $3 ORDER BY note DESC LIMIT $4";
    CONTENT = "SELECT content FROM kitname_notes WHERE app = $1 AND note = $2";
    COUNTED = "UPDATE kitname_notes SET word_count = $3 WHERE app = $1 AND note = $2";
    DELETE = "DELETE FROM kitname_notes WHERE app = $1 AND account = $2 AND note = $3";
    ERASE = "DELETE FROM kitname_notes WHERE (app, note) IN (SELECT app, note FROM kitname_notes WHERE app = $1 LIMIT $2)";
}

pub(super) fn insert(
    tx: &mut Tx<AppScope>,
    account: AccountId,
    note: NoteId,
    content: &str,
) -> Result<(), DbError> {
    let (app, now) = (tx.app(), tx.now());
    tx.execute(&INSERT, params![app, note, account, content, now])?;
    Ok(())
}

/// The user's notes, newest first.
pub(super) fn list(
    read: &Read<AppScope>,
    account: AccountId,
    after: Option<NoteId>,
    limit: Limit,
) -> Result<Page<NoteRecord>, DbError> {
    let after = after.unwrap_or(NoteId::from_bits(u128::MAX));
    let rows = read.all(&LIST, params![read.app(), account, after, limit.rows_and_one()], |row| {
        let (note, content) = (row.get(0)?, row.get(1)?);
        Ok(NoteRecord { note, content, word_count: row.get(2)?, created_at: row.get(3)? })
    })?;
    Ok(Page::of(rows, limit, |last| last.note.to_string()))
}

/// What the note says, whoever wrote it: for jobs.
pub(super) fn content(read: &Read<AppScope>, note: NoteId) -> Result<Option<String>, DbError> {
    read.one(&CONTENT, params![read.app(), note], |row| row.get(0))
}

pub(super) fn set_word_count(
    tx: &mut Tx<AppScope>,
    note: NoteId,
    word_count: usize,
) -> Result<(), DbError> {
    let app = tx.app();
    let word_count = i64::try_from(word_count).map_err(|_| DbError::Broken("no note is that long".to_owned()))?;
    tx.execute(&COUNTED, params![app, note, word_count])?;
    Ok(())
}

/// Whether there was anything to delete.
pub(super) fn delete(tx: &mut Tx<AppScope>, account: AccountId, note: NoteId) -> Result<bool, DbError> {
    let app = tx.app();
    Ok(tx.execute(&DELETE, params![app, account, note])? == 1)
}

/// Deletes at most so many notes of a deleted app and says how many.
pub(crate) fn erase(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE, params![app, at_most])
}
