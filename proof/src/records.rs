//! Records: a row, its audit entry, its event and, if asked for, its job and its file, all of one commit.
//!
//! It refuses to be useful to anybody but the proofs.

mod events;
mod http;
mod jobs;
mod store;

use events::RecordCreated;
use serde_json::json;
use slipway_framework::audit::Audit;
use slipway_framework::db::{Db, DbError, IdempotencyKey, OnceError, Tx};
use slipway_framework::erasure::Erasure;
use slipway_framework::event::Consumer;
use slipway_framework::http::Problem;
use slipway_framework::module::{Module, Routes};
use slipway_framework::object::Hash;
use slipway_framework::scope::AppScope;
use slipway_kernel::{AccountId, Id, Identified};

/// What the proofs add to a house.
#[must_use]
pub fn module() -> Module {
    Module::named("records")
        .app(|| Routes::new().nest("/api/v1", http::routes()))
        .migration("records", include_str!("../migrations/0001_records.sql"))
        .erases(Erasure { table: "record_effects", slice: store::erase_effects })
        .erases(Erasure { table: "records", slice: store::erase })
        .objects(store::list_named)
        .job::<jobs::TakeEffect>()
        .emits::<RecordCreated>()
        .on(Consumer::new("records.count", |tx, event: RecordCreated| {
            Ok(store::take_effect(tx, event.record, Reason::Event)?)
        }))
}

/// Marks the id of a record.
#[derive(Debug)]
pub enum RecordMarker {}
impl Identified for RecordMarker {
    const PREFIX: &'static str = "rec";
}
type RecordId = Id<RecordMarker>;

/// What made a record take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Event,
    Job,
}

/// A record that is to be.
#[derive(Debug, Clone)]
struct NewRecord {
    account: AccountId,
    title: String,
    amount: i64,
    content: Option<Hash>,
    with_job: bool,
}

/// Why a record is not found or not changed.
#[derive(Debug, thiserror::Error)]
enum RecordError {
    #[error("no such record")]
    Missing,
    #[error("the first record has less than that")]
    TooLittle,
    #[error(transparent)]
    Db(#[from] DbError),
}

fn create(tx: &mut Tx<AppScope>, new: &NewRecord) -> Result<RecordId, RecordError> {
    let record = tx.mint();
    store::insert(tx, record, new)?;
    audit(tx, "record_created", record);
    tx.emit(&RecordCreated { app: tx.app(), record });
    if new.with_job {
        tx.enqueue(&jobs::TakeEffect { record });
    }
    Ok(record)
}

/// Makes a record once per key, without HTTP.
pub(crate) async fn insert_once(
    db: &Db,
    scope: &AppScope,
    (key, request_hash): (IdempotencyKey, [u8; 32]),
    account: AccountId,
    title: String,
) -> Result<(), String> {
    let new = NewRecord { account, title, amount: 5, content: None, with_job: false };
    let stored = db.write_once(scope, key, request_hash, move |tx| {
        let id = create(tx, &new).map_err(|error| error.to_string()).map_err(OnceFailure)?;
        Ok::<_, OnceFailure>((201, serde_json::json!({ "id": id.to_string() })))
    });
    stored.await.map(drop).map_err(|OnceFailure(error)| error)
}

/// Why a record was not made, in words.
struct OnceFailure(String);

impl From<DbError> for OnceFailure {
    fn from(error: DbError) -> Self {
        Self(error.to_string())
    }
}
impl From<OnceError> for OnceFailure {
    fn from(error: OnceError) -> Self {
        Self(error.to_string())
    }
}

/// Moves an amount from one record to another. Whatever happens, what all records of an app have together stays the same.
fn transfer(tx: &mut Tx<AppScope>, from: RecordId, to: RecordId, amount: i64) -> Result<(), RecordError> {
    let had = store::amount(tx, from)?.ok_or(RecordError::Missing)?;
    if had < amount {
        return Err(RecordError::TooLittle);
    }
    if !store::change(tx, from, -amount)? || !store::change(tx, to, amount)? {
        return Err(RecordError::Missing);
    }
    audit(tx, "amount_transferred", from);
    Ok(())
}

fn audit(tx: &mut Tx<AppScope>, action: &'static str, record: RecordId) {
    tx.audit(Audit { action, resource_type: "record", resource_id: record.to_string(), details: json!({}) });
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Missing => Self::not_found("record"),
            RecordError::TooLittle => {
                let code = slipway_kernel::Code::new("records.too_little");
                Self::new(axum::http::StatusCode::CONFLICT, code, "The first record has less than that.")
            }
            RecordError::Db(error) => error.into(),
        }
    }
}
