//! `/notes`: the user's own.

use super::{NoteContent, NoteId, NoteMarker, NoteRecord, delete, store, write};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use slipway_framework::http::{
    Account, Body, Fields, IdempotencyHeader, PageOut, Paging, PathId, Problem, ProblemBody, RequestContext, once,
};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_identity::Accepted;
use slipway_kernel::Ts;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(write_kitname_note, list_kitname_notes)).routes(routes!(delete_kitname_note))
}

/// What a note is written with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KitnameNoteText {
    /// 1 to 2,000 characters.
    content: String,
}

/// A note.
#[derive(Debug, Serialize, ToSchema)]
struct KitnameNote {
    #[schema(value_type = String, example = "nte_01h455vb4pex5vsknk084sn02q")]
    id: NoteId,
    content: String,
    /// Null until the words are counted, a moment after writing.
    word_count: Option<u32>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Ts,
}

/// Keeps a note.
#[utoipa::path(post, path = "/notes", tag = "kitname", request_body = KitnameNoteText,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = KitnameNote), (status = "default", body = ProblemBody)))]
async fn write_kitname_note(
    State(platform): State<Platform>,
    Accepted(user): Accepted,
    key: IdempotencyHeader,
    Body { value, hash }: Body<KitnameNoteText>,
) -> Result<Response, Problem> {
    let content = value.check()?;
    let (account, hash) = (user.account, RequestContext::request_hash("/notes", hash));
    let keep = move |tx: &mut _| Ok(KitnameNote::from(write(tx, account, &content)?));
    once(platform.db(), &user.scope, key, hash, keep).await
}

/// The user's own notes, newest first.
#[utoipa::path(get, path = "/notes", tag = "kitname",
    params(("after" = Option<String>, Query), ("limit" = Option<u16>, Query)),
    responses((status = 200, body = PageOut<KitnameNote>), (status = "default", body = ProblemBody)))]
async fn list_kitname_notes(
    State(platform): State<Platform>,
    user: Account,
    Paging { after, limit }: Paging<NoteMarker>,
) -> Result<Json<PageOut<KitnameNote>>, Problem> {
    let account = user.account;
    let page = platform.db().read(&user.scope, move |read| store::list(read, account, after, limit)).await?;
    Ok(Json(page.map(KitnameNote::from).into()))
}

/// Deletes one of the user's own notes.
#[utoipa::path(delete, path = "/notes/{note}", tag = "kitname", params(("note" = String, Path)),
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn delete_kitname_note(
    State(platform): State<Platform>,
    user: Account,
    PathId(note): PathId<NoteMarker>,
) -> Result<StatusCode, Problem> {
    let account = user.account;
    platform.db().write(&user.scope, move |tx| delete(tx, account, note)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl KitnameNoteText {
    fn check(&self) -> Result<NoteContent, Problem> {
        let mut fields = Fields::new();
        let content = fields.take("content", NoteContent::parse(&self.content));
        fields.finish(content)
    }
}

impl From<NoteRecord> for KitnameNote {
    fn from(record: NoteRecord) -> Self {
        let NoteRecord { note, content, word_count, created_at } = record;
        Self { id: note, content, word_count, created_at }
    }
}
