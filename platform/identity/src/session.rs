//! Sessions: how long one lives, and what is known of the one a request came with.
//!
//! A session ends an hour after its last use (P-AUTH-07) and thirty days after its beginning, whatever happens in between. It
//! refuses to be prolonged more than once a minute: a page that asks for forty things is one use.

use crate::token::{Token, TokenHash};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use slipway_framework::http::{Problem, Session};
use slipway_framework::platform::Platform;
use slipway_kernel::{Id, Identified, Ts};
use std::time::Duration;

/// How long a session lives without being used.
const IDLE: Duration = Duration::from_secs(3_600);
/// How long a session lives at most.
const WHOLE: Duration = Duration::from_hours(30 * 24);
/// How much a renewal must bring to be worth a write.
const RENEWAL: Duration = Duration::from_mins(1);

/// Marks the id of a session, which is no secret: the token is.
#[derive(Debug)]
pub(crate) enum SessionMarker {}
impl Identified for SessionMarker {
    const PREFIX: &'static str = "ses";
}
pub(crate) type SessionId = Id<SessionMarker>;

/// When a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// Unless it is used before.
    pub(crate) expires_at: Ts,
    /// In any case.
    pub(crate) ends_at: Ts,
}

/// A session about to be stored.
#[derive(Debug, Clone)]
pub(crate) struct NewSession {
    pub(crate) session: SessionId,
    pub(crate) token_hash: TokenHash,
    pub(crate) lifetime: Lifetime,
}

/// A session as stored, with whom it is of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionRecord {
    pub(crate) session: SessionId,
    pub(crate) of: Session,
    pub(crate) lifetime: Lifetime,
}

/// The session a request came with; the layer has found it valid.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    pub(crate) session: SessionId,
    pub(crate) of: Session,
    pub(crate) token: Token,
    pub(crate) expires_at: Ts,
}

impl Lifetime {
    pub(crate) fn begin(now: Ts) -> Self {
        Self { expires_at: now + IDLE, ends_at: now + WHOLE }
    }

    pub(crate) fn is_over(self, now: Ts) -> bool {
        now >= self.expires_at || now >= self.ends_at
    }

    /// The new end of a session that is used now, if that is worth writing down.
    pub(crate) fn renewed(self, now: Ts) -> Option<Ts> {
        let expires_at = (now + IDLE).min(self.ends_at);
        (expires_at.since(self.expires_at) >= RENEWAL).then_some(expires_at)
    }
}

impl FromRequestParts<Platform> for Current {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Platform) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Session::required)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Ts {
        Ts::from_seconds(seconds)
    }

    #[test]
    fn a_session_ends_an_hour_after_its_last_use() {
        let lifetime = Lifetime::begin(at(0));
        for (seconds, over) in [(0, false), (3_599, false), (3_600, true), (3_601, true)] {
            assert_eq!(lifetime.is_over(at(seconds)), over, "{seconds}");
        }
    }

    #[test]
    fn using_it_prolongs_it_once_a_minute_and_never_past_its_end() {
        let day = 24 * 3_600;
        let begun = Lifetime::begin(at(0));
        let late = Lifetime { expires_at: at(30 * day - 100), ends_at: at(30 * day) };
        for (lifetime, now, renewed) in [
            (begun, 0, None),
            (begun, 59, None),
            (begun, 60, Some(at(3_660))),
            (begun, 3_599, Some(at(7_199))),
            (late, 30 * day - 200, Some(at(30 * day))),
            (Lifetime { expires_at: at(30 * day), ..late }, 30 * day - 1, None),
        ] {
            assert_eq!(lifetime.renewed(at(now)), renewed, "{now}");
        }
        assert!(Lifetime { expires_at: at(31 * day), ..late }.is_over(at(30 * day)));
    }
}
