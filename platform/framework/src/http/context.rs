//! What is known of a request before any module looks at it: its id, its client, and whose origin it came to.

use super::stack::network;
use super::{Problem, Tenant};
use crate::platform::Platform;
use crate::scope::{Actor, Cause};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use slipway_kernel::RequestId;
use std::net::IpAddr;
use std::sync::Arc;

/// Whose origin a request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    Console,
    App(Arc<Tenant>),
}

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

/// Proof that the request came to an app's origin, and whose.
#[derive(Debug, Clone)]
pub struct AppHost {
    pub context: RequestContext,
    pub tenant: Arc<Tenant>,
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
            Host::App(_) => Err(Problem::not_found("page")),
        }
    }
}

impl FromRequestParts<Platform> for AppHost {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let context = RequestContext::from_request_parts(parts, platform).await?;
        match context.host.clone() {
            Host::App(tenant) => Ok(Self { context, tenant }),
            Host::Console => Err(Problem::not_found("page")),
        }
    }
}
