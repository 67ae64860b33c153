//! What is known of a request before any module looks at it: its id, its client, and whose origin it came to.

use super::stack::network;
use super::{Problem, Tenant};
use crate::platform::Platform;
use crate::scope::{Actor, Cause};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use slipway_kernel::{Code, RequestId};
use std::net::IpAddr;
use std::sync::Arc;

/// Whose origin a request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    Console,
    App(Arc<Tenant>),
    /// An app that its owner has suspended: it shows its face, says that it is paused, and nobody is signed in to it.
    Paused(Arc<Tenant>),
}

const SUSPENDED: Code = Code::new("app.suspended");

/// The request's papers; every handler can ask for them.
#[derive(Debug, Clone)]
pub struct RequestContext {
    pub request: RequestId,
    pub host: Host,
    /// The scheme, host and port that a browser would send as `Origin` from this host's own pages.
    pub origin: String,
    /// The client, as far as trusted proxies tell.
    pub address: IpAddr,
}

impl RequestContext {
    /// What a client is counted by: its IPv4 address, or its IPv6 /64.
    #[must_use]
    pub fn network(&self) -> String {
        network(self.address)
    }

    #[must_use]
    pub fn cause(&self, actor: Actor) -> Cause {
        Cause { actor, request: self.request }
    }
}

/// Proof that the request came to the console's origin.
#[derive(Debug, Clone)]
pub struct ConsoleHost(pub RequestContext);

/// Proof that the request came to the origin of an app that is live, and whose.
#[derive(Debug, Clone)]
pub struct AppHost {
    pub context: RequestContext,
    pub tenant: Arc<Tenant>,
}

/// Proof that the request came to an app's origin, be it live or paused; for what anybody may see of a paused app: its name, its
/// colours, its icons.
#[derive(Debug, Clone)]
pub struct SiteHost {
    pub context: RequestContext,
    pub tenant: Arc<Tenant>,
}

impl From<AppHost> for SiteHost {
    fn from(host: AppHost) -> Self {
        Self { context: host.context, tenant: host.tenant }
    }
}

impl FromRequestParts<Platform> for RequestContext {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Platform) -> Result<Self, Problem> {
        let context = parts.extensions.get::<Self>().cloned();
        context.ok_or_else(|| Problem::internal("a route was reached past the stack"))
    }
}

impl FromRequestParts<Platform> for ConsoleHost {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, platform).await?;
        match context.host {
            Host::Console => Ok(Self(context)),
            Host::App(_) | Host::Paused(_) => Err(Problem::not_found("page")),
        }
    }
}

impl FromRequestParts<Platform> for AppHost {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, platform).await?;
        match context.host.clone() {
            Host::App(tenant) => Ok(Self { context, tenant }),
            Host::Paused(_) => Err(paused()),
            Host::Console => Err(Problem::not_found("page")),
        }
    }
}

impl FromRequestParts<Platform> for SiteHost {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, platform).await?;
        match context.host.clone() {
            Host::App(tenant) | Host::Paused(tenant) => Ok(Self { context, tenant }),
            Host::Console => Err(Problem::not_found("page")),
        }
    }
}

/// What a paused app answers.
pub(crate) fn paused() -> Problem {
    let detail = "This app is paused by its owner.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, SUSPENDED, detail)
}
