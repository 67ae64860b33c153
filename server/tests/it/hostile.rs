//! Bad input (issue "Bad input"): nothing that is sent may panic, answer 500, tell of our insides or leave anything behind.
//!
//! The sweeps are driven by the API's description: a new route or field is swept without anybody remembering it.

mod addresses;
mod bodies;
mod clock;
mod description;
mod differential;
mod examples;
mod leftovers;
mod names;
mod pictures;
mod races;

pub(crate) use examples::Who;

use leftovers::{Kept, Leftovers, difference};
use slipway_testkit::{TestHouse, TestReply};
use std::collections::BTreeMap;
use std::time::Duration;

/// Longer than any brake for one caller, so that a sweep meets the rules and not the brakes.
const PAUSE: Duration = Duration::from_secs(13);

/// Words that only somebody who looks into the program should read.
const INSIDES: [&str; 22] = [
    "rusqlite",
    "sqlite",
    "postgres",
    "sqlstate",
    "panicked",
    "src/",
    ".rs:",
    "tokio",
    "serde",
    "constraint",
    "column",
    "struct",
    "enum ",
    "invalid type",
    "expected one of",
    "unwrap",
    "option<",
    "::",
    "stack backtrace",
    "errno",
    "os error",
    "no such table",
];

/// A house under attack, and what it kept before the last request.
pub(crate) struct Siege {
    pub(crate) house: TestHouse,
    leftovers: Leftovers,
    kept: Kept,
    pub(crate) requests: usize,
}

impl Siege {
    pub(crate) async fn of(house: TestHouse) -> Self {
        let mut leftovers = Leftovers::of(&house).await;
        let kept = leftovers.now().await;
        Self { house, leftovers, kept, requests: 0 }
    }

    /// To be called before each request: time passes, and what is kept now is what a refusal must leave.
    pub(crate) fn pause(&mut self) {
        self.requests += 1;
        self.house.clock().advance(PAUSE);
    }

    /// Takes what is kept now for granted, after something was done on purpose.
    pub(crate) async fn settle_down(&mut self) {
        self.kept = self.leftovers.now().await;
    }

    /// How many rows and files there are, table by table.
    pub(crate) async fn kept(&mut self) -> BTreeMap<String, usize> {
        self.leftovers.now().await.into_iter().map(|(table, rows)| (table, rows.len())).collect()
    }

    /// Judges the answer to a hostile request. `what` says what was sent.
    pub(crate) async fn judge(&mut self, what: &str, reply: &TestReply) {
        let text = String::from_utf8_lossy(&reply.bytes);
        let status = reply.status.as_u16();
        assert!(status < 500, "{what}: {status} {text:.600}");
        assert!(reply.headers.contains_key("x-request-id"), "{what}: no request id");
        if reply.status.is_success() || reply.status.is_redirection() {
            self.settle_down().await;
            return;
        }
        let (_, code) = reply.problem();
        let parts: Vec<_> = code.split('.').collect();
        let is_word = |part: &&str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        assert!(parts.len() >= 2 && parts.iter().all(is_word), "{what}: {status} with the code {code:?}");
        let body = reply.json();
        assert_eq!(body["status"], status, "{what}");
        assert!(body["request_id"].as_str().is_some_and(|id| id.starts_with("req_")), "{what}: {text:.600}");
        assert!(text.len() <= 16_384, "{what}: an answer of {} bytes", text.len());
        assert_tells_nothing(what, body["detail"].as_str().unwrap());
        for (field, message) in reply.fields() {
            assert!(!field.is_empty(), "{what}: a message without a field: {message}");
            assert!(message.len() > 8 && message.ends_with(['.', '!', '?']), "{what}: {field}: {message}");
            assert_tells_nothing(what, &message);
        }
        if code == "request.invalid" {
            assert!(!reply.fields().is_empty(), "{what}: no field is named: {text}");
        }
        let now = self.leftovers.now().await;
        let mut expected = self.kept.clone();
        if is_remembered(&code, reply) {
            REMEMBERED
                .iter()
                .for_each(|table| drop(expected.insert((*table).to_owned(), now[*table].clone())));
        }
        assert!(now == expected, "{what}: {code} left something behind:\n{}", difference(&expected, &now));
        self.kept = now;
    }
}

/// Where a wrong password is remembered on purpose: it is counted, and stands in the audit trail.
const REMEMBERED: [&str; 3] = ["accounts", "member_credentials", "audit_entries"];

fn is_remembered(code: &str, reply: &TestReply) -> bool {
    let wrong = |(field, message): &(String, String)| {
        field.ends_with("password") && message == "This is not the present password."
    };
    matches!(code, "session.refused" | "session.locked") || reply.fields().iter().any(wrong)
}

fn assert_tells_nothing(what: &str, message: &str) {
    let folded = message.to_lowercase();
    // Where a text stops being JSON is told by line and column.
    let place = folded.find(" at line ").map_or(folded.as_str(), |at| &folded[..at]);
    for inside in INSIDES {
        assert!(!place.contains(inside), "{what}: tells of {inside:?}: {message:.300}");
    }
}
