//! What the database port does for one insert, written by hand with `tokio-postgres`: the same statements in the same round trips.
//!
//! It refuses what the port does besides: no queue, no budget between statements, no types, no metrics.

use super::JudgeError;
use futures_util::future::join;
use slipway_framework::db::Value;
use slipway_kernel::Ts;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, NoTls, Statement};

const SETUP: &str =
    "SET ROLE slipway_app; SET idle_in_transaction_session_timeout = '60s'; SET enable_seqscan = off";
const CLAIM: &str =
    "INSERT INTO idempotency_keys (root, actor, idempotency_key, request_hash, status, body, created_at)
    VALUES ($1, $2, $3, $4, 0, '', $5) ON CONFLICT (root, actor, idempotency_key) DO NOTHING";
const INSERT: &str = "INSERT INTO records (app, record, account, title, amount, content, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const KEEP: &str = "UPDATE idempotency_keys SET status = $4, body = $5 WHERE root = $1 AND actor = $2 AND idempotency_key = $3";
const AUDIT: &str = "INSERT INTO audit_entries (root, entry, actor, action, resource_type, resource_id, details, request, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const EVENT: &str =
    "INSERT INTO outbox_events (root, event, of_app, kind, payload, actor, request, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// What is inserted.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) app: u128,
    pub(crate) account: u128,
    /// Ids of the record, its audit entry, its event and the request.
    pub(crate) ids: [u128; 4],
    pub(crate) actor: String,
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) amount: i64,
    pub(crate) now: Ts,
}

/// A connection with its five prepared statements.
pub(crate) struct Hand {
    client: Client,
    statements: [Statement; 5],
}

impl Hand {
    pub(crate) async fn connect(url: &str) -> Result<Self, JudgeError> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(SETUP).await?;
        let mut statements = Vec::new();
        for text in [CLAIM, INSERT, KEEP, AUDIT, EVENT] {
            statements.push(client.prepare(text).await?);
        }
        let statements =
            statements.try_into().map_err(|_| JudgeError::Malformed("five statements".to_owned()))?;
        Ok(Self { client, statements })
    }

    /// Inserts, and again after a collision.
    pub(crate) async fn insert(&self, wish: &Wish) -> Result<(), JudgeError> {
        loop {
            match self.try_insert(wish).await {
                Ok(()) => return Ok(()),
                Err(error) if error.code() == Some(&SqlState::T_R_SERIALIZATION_FAILURE) => {
                    self.client.batch_execute("ROLLBACK").await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn try_insert(&self, wish: &Wish) -> Result<(), Error> {
        let [record, entry, event, request] = wish.ids.map(Value::Uuid);
        let (app, account, now) =
            (Value::Uuid(wish.app), Value::Uuid(wish.account), Value::Instant(wish.now));
        let text = |text: &str| Value::from(text);
        let (actor, key) = (text(&wish.actor), text(&wish.key));
        let record_id = super::record_id(wish.ids[0]);
        let [claim, insert, keep, audit, told] = &self.statements;
        let app_id = uuid(wish.app);
        let begin = format!(
            "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL statement_timeout = 5000; \
             SELECT set_config('slipway.app', '{app_id}', true), set_config('slipway.partner', '', true), \
             set_config('slipway.system', '', true)"
        );
        let hash = Value::Bytes(vec![7; 32]);
        let params: [&(dyn ToSql + Sync); 5] = [&app, &actor, &key, &hash, &now];
        let (begun, claimed) =
            join(self.client.batch_execute(&begin), self.client.execute(claim, &params)).await;
        begun?;
        claimed?;
        let (title, amount, content) = (text(&wish.title), Value::Integer(wish.amount), Value::Null);
        self.client.execute(insert, &[&app, &record, &account, &title, &amount, &content, &now]).await?;
        let body = Value::from(format!("{{\"id\":\"{record_id}\"}}"));
        self.client.execute(keep, &[&app, &actor, &key, &Value::Integer(201), &body]).await?;
        let payload = Value::Json(format!("{{\"app\":\"{app_id}\",\"record\":\"{record_id}\"}}"));
        let (resource, details) = (Value::from(record_id.as_str()), Value::Json("{}".to_owned()));
        let (action, noun, kind) = (text("record_created"), text("record"), text("records.record_created"));
        let audit_params: [&(dyn ToSql + Sync); 9] =
            [&app, &entry, &actor, &action, &noun, &resource, &details, &request, &now];
        let of_app = Value::Boolean(true);
        let event_params: [&(dyn ToSql + Sync); 8] =
            [&app, &event, &of_app, &kind, &payload, &actor, &request, &now];
        let rides = join(self.client.execute(audit, &audit_params), self.client.execute(told, &event_params));
        let ((audited, told), committed) = join(rides, self.client.batch_execute("COMMIT")).await;
        audited?;
        told?;
        committed
    }
}

/// As PostgreSQL writes a uuid.
fn uuid(bits: u128) -> String {
    let digits = format!("{bits:032x}");
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}
