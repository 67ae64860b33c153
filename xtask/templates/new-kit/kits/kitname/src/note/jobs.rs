//! Counting the words of a note, after the reply.

use super::{NoteId, count_words, store};
use serde::{Deserialize, Serialize};
use slipway_framework::db::DbError;
use slipway_framework::job::{Job, JobContext, JobError};
use slipway_kernel::AppId;

/// Counts a note's words. Safe to repeat: it writes the same number again, and a note that is gone needs none.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CountWords {
    pub(crate) app: AppId,
    pub(crate) note: NoteId,
}

impl Job for CountWords {
    const KIND: &'static str = "kitname.count_words";

    async fn run(&self, context: &JobContext) -> Result<(), JobError> {
        let note = self.note;
        let count = context.platform.db().write(&context.app_scope(self.app), move |tx| {
            let Some(content) = store::content(tx, note)? else { return Ok(()) };
            store::set_word_count(tx, note, count_words(&content))
        });
        count.await.map_err(|error: DbError| error.into())
    }
}
