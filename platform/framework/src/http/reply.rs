//! Writes that a client may repeat: the `Idempotency-Key` header and the reply that is stored under it.

use super::Problem;
use crate::db::{Db, IdempotencyKey, Tx};
use crate::platform::Platform;
use crate::scope::{Actor, Rooted};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use slipway_kernel::Code;

const HEADER: &str = "idempotency-key";
const MALFORMED: Code = Code::new("request.idempotency_key_malformed");

/// The client's key, if it sent one.
#[derive(Debug, Clone)]
pub struct IdempotencyHeader(pub Option<IdempotencyKey>);

impl FromRequestParts<Platform> for IdempotencyHeader {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Platform) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(HEADER) else { return Ok(Self(None)) };
        let key = value.to_str().ok().and_then(IdempotencyKey::parse);
        let detail = "An Idempotency-Key has 1 to 80 visible ASCII characters.";
        let refused = || Problem::new(StatusCode::BAD_REQUEST, MALFORMED, detail);
        key.map(|key| Self(Some(key))).ok_or_else(refused)
    }
}

/// Writes, and answers 201 with what was made. With a key, a repeated request gets the first answer again and the header
/// `Idempotent-Replayed: true`.
///
/// # Errors
/// The closure's [`Problem`], or that of a key used for another request.
pub async fn once<S, W, F>(
    db: &Db,
    scope: &S,
    IdempotencyHeader(key): IdempotencyHeader,
    request_hash: [u8; 32],
    mut closure: F,
) -> Result<Response, Problem>
where
    S: Rooted,
    W: Serialize + Send + 'static,
    F: FnMut(&mut Tx<S>) -> Result<W, Problem> + Send + 'static,
{
    // Nobody in particular has no keys of their own: two strangers could meet under one.
    let Some(key) = key.filter(|_| scope.cause().actor != Actor::Anonymous) else {
        let made = db.write(scope, closure).await?;
        return Ok((StatusCode::CREATED, axum::Json(made)).into_response());
    };
    let created = StatusCode::CREATED.as_u16();
    let stored =
        db.write_once(scope, key, request_hash, move |tx| Ok::<_, Problem>((created, closure(tx)?))).await?;
    let status = StatusCode::from_u16(stored.status).map_err(Problem::internal)?;
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], stored.body).into_response();
    if stored.replayed {
        let name = HeaderName::from_static("idempotent-replayed");
        response.headers_mut().insert(name, HeaderValue::from_static("true"));
    }
    Ok(response)
}
