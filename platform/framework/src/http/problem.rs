//! Problems (RFC 9457): one shape for every error, with a stable dotted code to branch on.

use super::page;
use crate::db::{DbError, OnceError, Rule};
use crate::object::ObjectError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use slipway_kernel::{Code, RequestId};
use std::fmt;
use std::time::Duration;
use utoipa::ToSchema;

/// An error on its way to the caller. The body is written by the outermost layer, which knows the request id.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem(Box<Parts>);

#[derive(Clone, PartialEq, Eq)]
struct Parts {
    status: StatusCode,
    code: Code,
    detail: String,
    errors: Vec<FieldProblem>,
    extra: Option<(&'static str, serde_json::Value)>,
    retry_after: Option<Duration>,
    /// For the log only.
    internal: Option<String>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The path of the field: `brand.colours.primary`.
    pub field: String,
    /// What is wrong, and how to mend it.
    pub message: String,
}

/// More fields than any form has.
const MAX_ERRORS: usize = 50;

const INTERNAL: Code = Code::new("platform.internal");
const BUSY: Code = Code::new("platform.busy");
const FULL: Code = Code::new("platform.storage_full");
const INVALID: Code = Code::new("request.invalid");
const NOT_FOUND: Code = Code::new("request.not_found");
const KEY_REUSED: Code = Code::new("request.idempotency_key_reused");

impl Problem {
    /// `detail` is a sentence for people: what happened and what they can do.
    #[must_use]
    pub fn new(status: StatusCode, code: Code, detail: impl Into<String>) -> Self {
        let (errors, extra, retry_after, internal) = (Vec::new(), None, None, None);
        Self(Box::new(Parts { status, code, detail: detail.into(), errors, extra, retry_after, internal }))
    }

    /// Something is not there, or is somebody else's, which is the same from outside.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, NOT_FOUND, format!("There is no such {what}."))
    }

    /// The request does not have the form it must have; each error names its field. Only the first of very many are told, because a
    /// small request must not be answered with a large one.
    #[must_use]
    pub fn invalid(mut errors: Vec<FieldProblem>) -> Self {
        let detail = match errors.len() {
            1 => "One field is not right.".to_owned(),
            count => format!("{count} fields are not right."),
        };
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, INVALID, detail);
        errors.truncate(MAX_ERRORS);
        problem.0.errors = errors;
        problem
    }

    /// Our own fault. The reason is logged and never shown.
    #[must_use]
    pub fn internal(reason: impl fmt::Display) -> Self {
        let detail = "Something went wrong on our side. Try again; if it stays, report the request id.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL, detail).because(reason)
    }

    /// Says when to come back.
    #[must_use]
    pub fn retry_after(mut self, pause: Duration) -> Self {
        self.0.retry_after = Some(pause);
        self
    }

    /// Adds a member of its own to the body (RFC 9457 §3.2).
    #[must_use]
    pub fn with(mut self, name: &'static str, value: serde_json::Value) -> Self {
        self.0.extra = Some((name, value));
        self
    }

    fn because(mut self, reason: impl fmt::Display) -> Self {
        self.0.internal = Some(reason.to_string());
        self
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Why, when it is our own fault.
    pub(super) fn reason(&self) -> Option<&str> {
        self.0.internal.as_deref()
    }

    /// As a page for people, or as RFC 9457 says.
    pub(super) fn render(&self, request: RequestId, trace: u128, as_page: bool) -> Response {
        let mut response = match as_page {
            true => page::render(self.0.status, &self.0.detail, request),
            false => self.json(request, trace),
        };
        if let Some(pause) = self.0.retry_after {
            let seconds = HeaderValue::from(pause.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }

    fn json(&self, request: RequestId, trace: u128) -> Response {
        let title = self.0.status.canonical_reason().unwrap_or("Error");
        let mut body = serde_json::json!({
            "type": "about:blank", "title": title, "status": self.0.status.as_u16(),
            "detail": self.0.detail, "code": self.0.code.as_str(), "request_id": request,
            "trace_id": format!("{trace:032x}"),
        });
        if !self.0.errors.is_empty() {
            body["errors"] = serde_json::to_value(&self.0.errors).unwrap_or_default();
        }
        if let Some((name, value)) = &self.0.extra {
            body[*name] = value.clone();
        }
        let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.0.status, content_type, body.to_string()).into_response()
    }
}

/// The body of every error, for the API description.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    #[schema(example = "about:blank")]
    pub r#type: String,
    pub title: String,
    pub status: u16,
    /// A sentence for people.
    pub detail: String,
    /// Stable; programs branch on it.
    #[schema(example = "request.invalid")]
    pub code: String,
    pub request_id: String,
    /// Under this id the request is found in traces: 32 hexadecimal digits.
    pub trace_id: String,
    pub errors: Option<Vec<FieldProblem>>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl Problem {
    /// What a failure of the database that several callers share looks like from outside.
    #[must_use]
    pub fn of_shared(error: &DbError) -> Self {
        match error {
            DbError::Busy | DbError::OverBudget | DbError::Collision => Self::busy(),
            DbError::Unavailable(reason) => Self::busy().because(reason),
            DbError::Full => Self::full(),
            // Somebody deleted the app or the account between the check and the write.
            DbError::Constraint { rule: Rule::ForeignKey, .. } => {
                let detail = "What this belongs to was deleted meanwhile.";
                Self::new(StatusCode::NOT_FOUND, NOT_FOUND, detail).because(error)
            }
            other => Self::internal(other),
        }
    }

    fn busy() -> Self {
        let detail = "The server is busy. Try again in a moment.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, BUSY, detail).retry_after(Duration::from_secs(1))
    }

    fn full() -> Self {
        let detail = "The server has no room left to store this. Nothing was changed; tell the operator.";
        Self::new(StatusCode::INSUFFICIENT_STORAGE, FULL, detail)
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        Self::of_shared(&error)
    }
}

impl From<ObjectError> for Problem {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Full => Self::full(),
            ObjectError::Store(reason) => Self::busy().because(reason),
            // A row names a file that is gone or damaged, which the caller can do nothing about.
            lost @ (ObjectError::Missing(_) | ObjectError::Damaged(_)) => Self::internal(lost),
        }
    }
}

impl From<OnceError> for Problem {
    fn from(_: OnceError) -> Self {
        let detail =
            "This idempotency key was used for a different request. Send a new key with a new request.";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, KEY_REUSED, detail)
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.0.status.as_u16(), self.0.code, self.0.detail)
    }
}
