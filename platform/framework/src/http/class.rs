//! Classes of routes: what requests are counted by. A class has a target of its own, and there are few of them.
//!
//! It refuses to make a class of a path: paths are as many as there are things.

use axum::http::{HeaderMap, Method, header};
use std::collections::BTreeMap;

/// What kind of answer a route gives, as far as its speed is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteClass {
    /// A page that somebody opened.
    Page,
    /// A file of the pages, an icon, a manifest.
    Static,
    ApiRead,
    ApiWrite,
    /// A route that hashes a password, which is slow on purpose.
    Login,
    /// A route that computes something for the user before it answers.
    Generate,
    /// A stream; its duration is the time to its first byte.
    Sse,
}

impl RouteClass {
    pub const ALL: [Self; 7] =
        [Self::Page, Self::Static, Self::ApiRead, Self::ApiWrite, Self::Login, Self::Generate, Self::Sse];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Static => "static",
            Self::ApiRead => "api-read",
            Self::ApiWrite => "api-write",
            Self::Login => "login",
            Self::Generate => "generate",
            Self::Sse => "sse",
        }
    }

    /// The class of a request that no module has given one.
    #[must_use]
    pub fn of(method: &Method, path: &str) -> Self {
        let last = path.rsplit('/').next().unwrap_or_default();
        match () {
            () if path.starts_with("/api/") && method.is_safe() => Self::ApiRead,
            () if path.starts_with("/api/") => Self::ApiWrite,
            // Pages have no dot in their address, see the server's `web`.
            () if last.contains('.') || path.starts_with("/icons/") => Self::Static,
            () => Self::Page,
        }
    }
}

/// The routes whose class their module has told: method and pattern.
#[derive(Debug, Clone, Default)]
pub(crate) struct Classes(BTreeMap<(&'static str, &'static str), RouteClass>);

impl Classes {
    pub(crate) fn new(told: impl IntoIterator<Item = (&'static str, &'static str, RouteClass)>) -> Self {
        Self(told.into_iter().map(|(method, pattern, class)| ((method, pattern), class)).collect())
    }

    /// The class its module has told for a route.
    pub(crate) fn told(&self, method: &str, pattern: &str) -> Option<RouteClass> {
        self.0.iter().find(|((known, of), _)| *known == method && *of == pattern).map(|(_, class)| *class)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.keys().copied()
    }
}

/// Whether an answer is a stream of events (HTML Living Standard §9.2).
pub(super) fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_a_class_whatever_it_asks_for() {
        for (method, path, class) in [
            (Method::GET, "/", RouteClass::Page),
            (Method::GET, "/apps/app_01h455/releases", RouteClass::Page),
            (Method::GET, "/_app/immutable/entry.js", RouteClass::Static),
            (Method::GET, "/icons/192", RouteClass::Static),
            (Method::GET, "/.well-known/assetlinks.json", RouteClass::Static),
            (Method::GET, "/api/v1/apps", RouteClass::ApiRead),
            (Method::HEAD, "/api/v1/apps", RouteClass::ApiRead),
            (Method::POST, "/api/v1/apps", RouteClass::ApiWrite),
            (Method::from_bytes(b"BREW").unwrap(), "/api/v1/apps", RouteClass::ApiWrite),
            (Method::GET, "", RouteClass::Page),
        ] {
            assert_eq!(RouteClass::of(&method, path), class, "{method} {path}");
        }
    }
}
