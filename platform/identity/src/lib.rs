//! Who somebody is: passwords, sessions, a partner's members at the console and an app's users at the app.
//!
//! It recognises people and refuses to say what they may do: a member's rights are tenancy's, a user's the kits'. It refuses
//! to tell a stranger who has an account, and to keep any secret in a form that could be read back.

pub mod account;
mod cookie;
mod credential;
mod events;
mod layer;
mod legal;
mod member;
mod password;
mod person;
mod session;
mod throttle;
mod token;

#[cfg(test)]
mod tests;

pub use events::{AccountDeleted, AccountRegistered};
pub use legal::Accepted;
pub use member::{ResetError, reset_password};

use slipway_framework::backup::Travel;
use slipway_framework::erasure::Erasure;
use slipway_framework::housekeeping::Purge;
use slipway_framework::http::RouteClass;
use slipway_framework::module::{Module, Routes};

/// What identity contributes to a house.
#[must_use]
pub fn module() -> Module {
    Module::named("identity")
        .console(member::routes)
        .app(app_routes)
        .migration("identity", include_str!("../migrations/0001_identity.sql"))
        .migration("expired_sessions", include_str!("../migrations/0002_expired_sessions.sql"))
        .emits::<AccountRegistered>()
        .emits::<AccountDeleted>()
        .erases(Erasure { table: "account_sessions", slice: account::erase_sessions })
        .erases(Erasure { table: "accounts", slice: account::erase })
        .travels("member_credentials", Travel::OfPartner)
        .travels("member_sessions", Travel::Stays)
        .purges(Purge { what: "member_sessions", slice: member::delete_over })
        .purges(Purge { what: "account_sessions", slice: account::delete_over })
        .metrics(password::METRICS)
        .class(RouteClass::Login, "POST", "/api/v1/partners")
        .class(RouteClass::Login, "POST", "/api/v1/members")
        .class(RouteClass::Login, "POST", "/api/v1/members/me/password")
        .class(RouteClass::Login, "POST", "/api/v1/member-sessions")
        .class(RouteClass::Login, "POST", "/api/v1/accounts")
        .class(RouteClass::Login, "POST", "/api/v1/accounts/me/password")
        .class(RouteClass::Login, "DELETE", "/api/v1/accounts/me")
        .class(RouteClass::Login, "POST", "/api/v1/sessions")
        .wrap(layer::wrap)
}

fn app_routes() -> Routes {
    Routes::new().nest("/api/v1", account::routes().merge(legal::routes()))
}
