//! Nothing that opens a door is written down: not in a row, not in an event, not in the log.

use crate::house::{OTHER_PASSWORD, PASSWORD, pass_a_minute, register, sign_in, sign_in_member, with_app};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::json;
use slipway_framework::db::{EngineKind, Location};
use slipway_testkit::{TestHouse, TestReply, on_both_engines};
use std::fmt::{Debug, Write};
use std::fs;
use std::sync::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

on_both_engines!(no_secret_is_written_down);

/// Everything the database keeps, read past every policy.
fn everything(house: &TestHouse) -> Vec<u8> {
    match house.database().location() {
        Location::File(path) => {
            let log = path.with_extension("db-wal");
            [fs::read(path).unwrap(), fs::read(log).unwrap_or_default()].concat()
        }
        Location::Url(_) => {
            let tables =
                house.database().as_owner("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
            let rows = |table: &String| {
                house.database().as_owner(&format!("SELECT CAST(t AS text) FROM {table} AS t")).join("\n")
            };
            tables.iter().map(rows).collect::<Vec<_>>().join("\n").into_bytes()
        }
    }
}

/// Whether that text is anywhere in the database.
pub(crate) fn holds(house: &TestHouse, text: &str) -> bool {
    contains(&everything(house), text.as_bytes())
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Keeps whatever is logged, at every level.
#[derive(Default)]
struct Ear(Mutex<String>);

static EAR: Ear = Ear(Mutex::new(String::new()));

struct Writer<'log>(&'log mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for &'static Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Writer(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Writer(&mut self.0.lock().unwrap()));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut Writer(&mut self.0.lock().unwrap()));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The secret in the cookie of an answer.
fn token(reply: &TestReply) -> String {
    let cookie = reply.headers["set-cookie"].to_str().unwrap();
    cookie.split_once('=').unwrap().1.split_once(';').unwrap().0.to_owned()
}

async fn no_secret_is_written_down(engine: EngineKind) {
    // The other engine's test may have been here first.
    let _ = tracing::subscriber::set_global_default(&EAR);
    let (house, mut owner, _) = with_app(engine).await;
    let mut user = house.app("verde");
    let mut answers = vec![register(&mut user, "rosa@example.com").await];
    answers.push(sign_in(&mut user, "rosa@example.com", PASSWORD).await);
    let mistyped = "correct horse battery stable";
    sign_in(&mut house.app("verde"), "rosa@example.com", mistyped).await.expect(401);
    sign_in(&mut house.app("verde"), "nobody@example.com", mistyped).await.expect(401);
    sign_in_member(&mut house.console(), "owner@example.com", mistyped).await.expect(401);
    answers.push(sign_in_member(&mut owner, "owner@example.com", PASSWORD).await);
    let change = json!({ "current_password": PASSWORD, "new_password": OTHER_PASSWORD });
    assert_eq!(user.post("/api/v1/accounts/me/password", change).await.status, 204);
    let wish = json!({ "name": "Ben", "email": "ben@example.com", "role": "builder" });
    let mut keyed = owner.clone().with_header("idempotency-key", "once");
    let added = keyed.post("/api/v1/members", wish).await.expect(201);
    pass_a_minute(&house);
    house.settle().await;

    let mut secrets: Vec<Vec<u8>> =
        [PASSWORD, OTHER_PASSWORD, mistyped].map(|text| text.as_bytes().to_vec()).into();
    secrets.push(added["initial_password"].as_str().unwrap().as_bytes().to_vec());
    for answer in &answers {
        let token = token(answer);
        let bytes = Base64UrlUnpadded::decode_vec(&token).unwrap();
        let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        secrets.extend([token.into_bytes(), bytes, hexadecimal.into_bytes()]);
        secrets.push(answer.json()["csrf_token"].as_str().unwrap().as_bytes().to_vec());
    }
    let (kept, logged) = (everything(&house), EAR.0.lock().unwrap().clone().into_bytes());
    for secret in &secrets {
        let shown = String::from_utf8_lossy(secret);
        assert!(!contains(&kept, secret), "the database holds {shown}");
        assert!(!contains(&logged, secret), "the log holds {shown}");
    }
    // The search finds what is there.
    for kept_text in ["rosa@example.com", "account_registered", "sign_in_refused", "$argon2id$"] {
        assert!(contains(&kept, kept_text.as_bytes()), "{kept_text}");
    }
    assert!(contains(&logged, b"answered"));
    // Nor is an address in the trail, in an event or in the log.
    assert!(!contains(&logged, b"@example.com"));
}
