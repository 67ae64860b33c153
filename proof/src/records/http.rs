//! `/records`.

use super::store::{self, Kept};
use super::{NewRecord, RecordError, RecordId, RecordMarker, create, transfer};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use slipway_framework::http::{
    Account, Body, Fields, IdempotencyHeader, PageOut, Paging, PathId, Problem, ProblemBody, RequestContext,
    once,
};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_kernel::Ts;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(create_record, list_records))
        .routes(routes!(show_record))
        .routes(routes!(create_transfer))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordIn {
    title: String,
    amount: i64,
    /// Kept as a stored file that the row names.
    content: Option<String>,
    #[serde(default)]
    with_job: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TransferIn {
    from: String,
    to: String,
    amount: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct RecordOut {
    #[schema(value_type = String)]
    id: RecordId,
    title: String,
    amount: i64,
    content: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Ts,
}

#[derive(Debug, Serialize, ToSchema)]
struct Created {
    #[schema(value_type = String)]
    id: RecordId,
}

impl From<Kept> for RecordOut {
    fn from(kept: Kept) -> Self {
        let Kept { record, title, amount, content, created_at } = kept;
        Self { id: record, title, amount, content: content.map(|hash| hash.to_string()), created_at }
    }
}

/// Makes a record.
#[utoipa::path(post, path = "/records", tag = "records", request_body = RecordIn,
    responses((status = 201, body = Created), (status = "default", body = ProblemBody)))]
async fn create_record(
    State(platform): State<Platform>,
    user: Account,
    key: IdempotencyHeader,
    Body { value, hash }: Body<RecordIn>,
) -> Result<Response, Problem> {
    let mut fields = Fields::new();
    let title = fields.take("title", title(value.title));
    let amount = fields.take("amount", in_range(value.amount, 0, 100_000_000));
    let (title, amount) = fields.finish(title.and_then(|title| Ok((title, amount?))))?;
    // The file is on the disk before the row that names it is written.
    let content = match value.content {
        Some(content) => Some(platform.objects().put(content.into_bytes()).await?),
        None => None,
    };
    let new = NewRecord { account: user.account, title, amount, content, with_job: value.with_job };
    let hash = RequestContext::request_hash("/records", hash);
    once(platform.db(), &user.scope, key, hash, move |tx| Ok(Created { id: create(tx, &new)? })).await
}

/// The app's records, newest first.
#[utoipa::path(get, path = "/records", tag = "records",
    params(("after" = Option<String>, Query), ("limit" = Option<u16>, Query)),
    responses((status = 200, body = PageOut<RecordOut>), (status = "default", body = ProblemBody)))]
async fn list_records(
    State(platform): State<Platform>,
    user: Account,
    Paging { after, limit }: Paging<RecordMarker>,
) -> Result<Json<PageOut<RecordOut>>, Problem> {
    let page = platform.db().read(&user.scope, move |read| store::list(read, after, limit)).await?;
    Ok(Json(page.map(RecordOut::from).into()))
}

/// One record.
#[utoipa::path(get, path = "/records/{record}", tag = "records", params(("record" = String, Path)),
    responses((status = 200, body = RecordOut), (status = "default", body = ProblemBody)))]
async fn show_record(
    State(platform): State<Platform>,
    user: Account,
    PathId(record): PathId<RecordMarker>,
) -> Result<Json<RecordOut>, Problem> {
    let found = platform.db().read_point(&user.scope, move |read| store::find(read, record)).await?;
    Ok(Json(found.ok_or(RecordError::Missing)?.into()))
}

/// Moves an amount from one record to another.
#[utoipa::path(post, path = "/record-transfers", tag = "records", request_body = TransferIn,
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn create_transfer(
    State(platform): State<Platform>,
    user: Account,
    Body { value, .. }: Body<TransferIn>,
) -> Result<StatusCode, Problem> {
    let mut fields = Fields::new();
    let from = fields.take("from", RecordId::parse(&value.from));
    let to = fields.take("to", RecordId::parse(&value.to));
    let amount = fields.take("amount", in_range(value.amount, 1, 1_000_000));
    let parts = from.and_then(|from| Ok((from, to?, amount?)));
    let (from, to, amount) = fields.finish(parts)?;
    platform.db().write(&user.scope, move |tx| transfer(tx, from, to, amount)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn title(title: String) -> Result<String, &'static str> {
    let fits = (1..=200).contains(&title.chars().count());
    if fits { Ok(title) } else { Err("must have 1 to 200 characters") }
}

fn in_range(value: i64, least: i64, most: i64) -> Result<i64, String> {
    let fits = (least..=most).contains(&value);
    if fits { Ok(value) } else { Err(format!("must be from {least} to {most}")) }
}
