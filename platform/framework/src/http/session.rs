//! Who a request's session belongs to, once identity has recognised it.
//!
//! The session layer puts a [`Session`] into the request; extractors turn it into a scope. It refuses to hold a role or a
//! right: those are looked up when they are needed, so that a change counts at once.

use super::{AppHost, Problem, RequestContext};
use crate::platform::Platform;
use crate::scope::{Actor, AppScope};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use slipway_kernel::{AccountId, AppId, Code, MemberId, PartnerId};

const SIGN_IN: Code = Code::new("session.required");

/// A valid session. For a changing request the layer has also checked the token against cross-site request forgery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// A partner's person, at the console.
    Member { partner: PartnerId, member: MemberId },
    /// An end user, at the app it belongs to.
    Account { app: AppId, account: AccountId },
}

impl Session {
    /// The session of a request, if it has one.
    #[must_use]
    pub fn of(parts: &Parts) -> Option<Self> {
        parts.extensions.get::<Self>().copied()
    }

    /// The answer to a request that needs a session and has none.
    #[must_use]
    pub fn required() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, SIGN_IN, "Sign in first.")
    }
}

/// Proof that an app's end user is signed in at this very app, with the scope of the app.
#[derive(Debug, Clone)]
pub struct Account {
    pub account: AccountId,
    pub scope: AppScope,
    pub context: RequestContext,
}

impl FromRequestParts<Platform> for Account {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let AppHost { context, tenant } = AppHost::from_request_parts(parts, platform).await?;
        match Session::of(parts) {
            Some(Session::Account { app, account }) if app == tenant.app => {
                let scope = AppScope::new(app, context.cause(Actor::Account(account)));
                Ok(Self { account, scope, context })
            }
            _ => Err(Session::required()),
        }
    }
}
