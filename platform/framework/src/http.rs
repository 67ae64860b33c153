//! The way of a request through the house, as far as every module shares it.
//!
//! It refuses to know who may do what: that is proven by the extractors of tenancy and identity. What is here is what no
//! route may be without: a request id, a deadline, a body limit, a rate limit, security headers, and problems that tell
//! the caller everything they need and nothing else.

mod body;
mod class;
mod context;
mod fields;
mod hosts;
mod limits;
mod page;
mod paging;
mod problem;
mod reply;
mod session;
mod shape;
mod stack;

pub use body::{Body, MAX_JSON_BYTES, PathId, RawBody};
pub(crate) use class::Classes;
pub use class::RouteClass;
pub(crate) use context::paused;
pub use context::{AppHost, ConsoleHost, Host, RequestContext, SiteHost};
pub use fields::{Fields, Invalid, sentence};
pub use hosts::{Hosts, Tenant};
pub use limits::{Limits, Policy};
pub use paging::{PageOut, Paging};
pub use problem::{FieldProblem, Problem, ProblemBody};
pub use reply::{IdempotencyHeader, once};
pub use session::{Account, Session};
pub(crate) use stack::serve_stack;
pub use stack::{Fallbacks, RateKey, TrustedProxies};
