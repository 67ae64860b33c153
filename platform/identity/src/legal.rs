//! Whether a user has accepted the legal texts as they are now (P-COMP-11).
//!
//! A kit's texts have a version; when it changes, everybody is asked again. It refuses half an acceptance: terms and privacy
//! are two boxes, and both are needed.

mod http;

pub(crate) use http::routes;

use crate::account;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde_json::json;
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Tx};
use slipway_framework::http::{Account, Host, Problem, RequestContext, Session};
use slipway_framework::platform::Platform;
use slipway_framework::scope::AppScope;
use slipway_kernel::{AccountId, Code};

const REQUIRED: Code = Code::new("legal.acceptance_required");

/// Proof that an app's user is signed in and has accepted the legal texts of the app's kit as they are now.
#[derive(Debug, Clone)]
pub struct Accepted(pub Account);

impl FromRequestParts<Platform> for Accepted {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let user = Account::from_request_parts(parts, platform).await?;
        let version = current_version(platform, &user.context)?;
        let account = user.account;
        let found = platform.db().read_point(&user.scope, move |read| account::find(read, account)).await?;
        let found = found.ok_or_else(Session::required)?;
        if found.legal_version.as_deref() != Some(version) {
            let detail = "Accept the terms and the privacy policy first.";
            let problem = Problem::new(StatusCode::FORBIDDEN, REQUIRED, detail);
            return Err(problem.with("legal_version", json!(version)));
        }
        Ok(Self(user))
    }
}

/// The version that users of this app are asked to accept.
fn current_version(platform: &Platform, context: &RequestContext) -> Result<&'static str, Problem> {
    let Host::App(tenant) = &context.host else { return Err(Problem::not_found("page")) };
    let kit = platform.kit(&tenant.kit);
    kit.map(|kit| kit.card.legal_version)
        .ok_or_else(|| Problem::internal(format!("the app's kit {} is not installed", tenant.kit)))
}

/// Keeps who accepted which version, and when.
fn accept(tx: &mut Tx<AppScope>, account: AccountId, version: &str) -> Result<(), DbError> {
    account::accept_legal(tx, account, version)?;
    let (resource_id, details) = (account.to_string(), json!({ "version": version }));
    tx.audit(Audit { action: "legal_accepted", resource_type: "account", resource_id, details });
    Ok(())
}
