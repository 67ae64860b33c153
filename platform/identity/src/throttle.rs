//! A brake for guessing, before anything is read or hashed: each address may try ten times a minute at each of these routes
//! (P-AUTH-16).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use slipway_framework::http::{Policy, Problem, RequestContext};
use slipway_framework::platform::Platform;

/// Proof that this address has not tried too often at this route.
#[derive(Debug)]
pub(crate) struct Throttled;

impl FromRequestParts<Platform> for Throttled {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, platform).await?;
        let key = format!("{} {} {}", parts.method, parts.uri.path(), context.network());
        platform.limits().check(Policy::Login, &key)?;
        Ok(Self)
    }
}
