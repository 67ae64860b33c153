//! Bodies and path parameters, with errors that name the field.

use super::shape::departures;
use super::{FieldProblem, Problem, RequestContext};
use crate::platform::Platform;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use slipway_kernel::{Code, Id, Identified};
use utoipa::ToSchema;

/// JSON bodies are small; files have routes of their own.
pub const MAX_JSON_BYTES: usize = 256 * 1024;

const MALFORMED: Code = Code::new("request.malformed");
const MEDIA_TYPE: Code = Code::new("request.media_type");
const TOO_LARGE: Code = Code::new("request.too_large");

/// A JSON body read into `T`.
#[derive(Debug)]
pub struct Body<T> {
    pub value: T,
    /// SHA-256 of the bytes as sent, to tell a repeated request from a different one.
    pub hash: [u8; 32],
}

impl<T: DeserializeOwned + ToSchema> FromRequest<Platform> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, platform: &Platform) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "Send the body as JSON, with the header Content-Type: application/json.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, MEDIA_TYPE, detail));
        }
        let bytes = read(request, platform, MAX_JSON_BYTES).await?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| {
            let detail = format!("The body is no JSON: {error}.");
            Problem::new(StatusCode::BAD_REQUEST, MALFORMED, detail)
        })?;
        refuse_nul(&value, &mut Vec::new())?;
        let value = read_as(&value)?;
        Ok(Self { value, hash: Sha256::digest(&bytes).into() })
    }
}

/// A body of any kind, up to `MAX` bytes.
#[derive(Debug)]
pub struct RawBody<const MAX: usize>(pub Bytes);

impl<const MAX: usize> FromRequest<Platform> for RawBody<MAX> {
    type Rejection = Problem;
    async fn from_request(request: Request, platform: &Platform) -> Result<Self, Problem> {
        read(request, platform, MAX).await.map(Self)
    }
}

/// The id in the path. Something that is no id cannot name anything, so it answers like a missing thing.
#[derive(Debug)]
pub struct PathId<T: Identified>(pub Id<T>);

impl<T: Identified> FromRequestParts<Platform> for PathId<T> {
    type Rejection = Problem;
    /// Finds the id by its prefix, so a path with two ids of different kinds needs no positions.
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, platform).await;
        let params = params.map_err(|_| Problem::not_found("page"))?;
        let id = params.iter().find_map(|(_, value)| Id::parse(value).ok());
        id.map(Self).ok_or_else(|| Problem::not_found("page"))
    }
}

async fn read(request: Request, platform: &Platform, max_bytes: usize) -> Result<Bytes, Problem> {
    let encoded = request.headers().get_all(header::CONTENT_ENCODING).iter();
    if encoded.into_iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let detail =
            "Send the body as it is, without Content-Encoding: compressed bodies are not unpacked here.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, MEDIA_TYPE, detail));
    }
    let too_large = || {
        let detail = format!("The body is larger than {} kB, the most this route takes.", max_bytes / 1024);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE, detail)
    };
    let declared =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|declared: usize| declared > max_bytes) {
        return Err(too_large());
    }
    let (parts, body) = request.into_parts();
    let limited = axum::body::Body::new(http_body_util::Limited::new(body, max_bytes));
    let bytes = Bytes::from_request(Request::from_parts(parts, limited), platform).await;
    bytes.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(rejection)
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE =>
        {
            too_large()
        }
        _ => Problem::new(StatusCode::BAD_REQUEST, MALFORMED, "The body ended before it was complete."),
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// PostgreSQL cannot store U+0000 in text, so it is refused at the door, on both engines alike.
fn refuse_nul(value: &Value, path: &mut Vec<String>) -> Result<(), Problem> {
    let refusal = |path: &[String]| {
        let message = "The character U+0000 cannot be stored; leave it out.".to_owned();
        Err(Problem::invalid(vec![FieldProblem { field: path.join("."), message }]))
    };
    match value {
        Value::String(text) if text.contains('\0') => refusal(path),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
            path.push(index.to_string());
            refuse_nul(item, path)?;
            path.pop();
            Ok(())
        }),
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            path.push(name.replace('\0', "\u{fffd}"));
            if name.contains('\0') {
                return refusal(path);
            }
            refuse_nul(member, path)?;
            path.pop();
            Ok(())
        }),
        _ => Ok(()),
    }
}

/// The body as its type; what stands in the way is told by the type's description, because a parser speaks of our types and
/// stops at the first mistake.
fn read_as<T: DeserializeOwned + ToSchema>(body: &Value) -> Result<T, Problem> {
    if !body.is_object() {
        let detail = "The body must be a JSON object: { … }.";
        return Err(Problem::new(StatusCode::BAD_REQUEST, MALFORMED, detail));
    }
    serde_path_to_error::deserialize(body).map_err(|error| {
        let mut problems = departures::<T>(body);
        if problems.is_empty() {
            let message = "This value does not fit; the API's description says what does.".to_owned();
            problems.push(FieldProblem { field: error.path().to_string(), message });
        }
        Problem::invalid(problems)
    })
}

impl RequestContext {
    /// A hash of what makes two requests the same: the path the caller names, and the body. The method is left out, because keys
    /// count for routes that create only.
    #[must_use]
    pub fn request_hash(path: &str, body_hash: [u8; 32]) -> [u8; 32] {
        Sha256::new()
            .chain_update(path.as_bytes())
            .chain_update([0])
            .chain_update(body_hash)
            .finalize()
            .into()
    }
}
