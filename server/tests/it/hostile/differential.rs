//! The same requests to the same house on both engines: every answer must be the same, and so must what is left.
//!
//! Two scenes are set alike and asked alike, in an order of chance. What cannot be the same (ids, keys and their signatures, sizes
//! of what was signed) must differ in the same way everywhere: whatever stands for one thing on one engine stands for it on the other.

use super::description::{Description, Operation};
use super::examples::{Scene, Who, is_of_apps};
use axum::http::Method;
use serde_json::Value;
use slipway_framework::db::Statement;
use slipway_kernel::Entropy;
use slipway_testkit::{EngineKind, SeededEntropy, TestClient, TestReply};
use std::collections::HashMap;

const REQUESTS: usize = 400;

/// The part of the program's statements that the requests reach; the others belong to housekeeping, failures and commands.
const REACHED_PERCENT: usize = 55;

/// What each opaque text of one engine is called by the other.
#[derive(Default)]
struct Names(HashMap<String, String>);

impl Names {
    /// Where the values differ, in words.
    fn differ(&mut self, left: &Value, right: &Value, place: &str) -> Option<String> {
        match (left, right) {
            (Value::Object(left), Value::Object(right)) => {
                let keys =
                    |members: &serde_json::Map<String, Value>| members.keys().cloned().collect::<Vec<_>>();
                if keys(left) != keys(right) {
                    return Some(format!("{place}: {:?} and {:?}", keys(left), keys(right)));
                }
                let mut pairs = left.iter().filter(|(name, _)| !is_measured(name));
                pairs.find_map(|(name, value)| self.differ(value, &right[name], &format!("{place}/{name}")))
            }
            (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
                let mut pairs = left.iter().zip(right).enumerate();
                pairs.find_map(|(at, (left, right))| self.differ(left, right, &format!("{place}/{at}")))
            }
            (Value::String(left), Value::String(right)) => self.differ_in_words(left, right, place),
            _ if left == right => None,
            _ => Some(format!("{place}: {left} and {right}")),
        }
    }

    fn differ_in_words(&mut self, left: &str, right: &str, place: &str) -> Option<String> {
        let parts =
            |text: &str| text.split(['/', ' ', '.', '?', '=', '\n']).map(str::to_owned).collect::<Vec<_>>();
        let (lefts, rights) = (parts(left), parts(right));
        let same = lefts.len() == rights.len()
            && lefts.into_iter().zip(rights).all(|(left, right)| {
                left == right
                    || (is_opaque(&left)
                        && is_opaque(&right)
                        && *self.0.entry(left).or_insert_with(|| right.clone()) == right)
            });
        (!same).then(|| format!("{place}: {left:?} and {right:?}"))
    }
}

/// How long something took, how large something signed became, and keys.
fn is_measured(name: &str) -> bool {
    ["generation_duration_s", "size_bytes", "certificate_pem"].contains(&name)
}

/// An id, a token, a hash or a fingerprint: a long text of letters and digits with a digit in it.
fn is_opaque(text: &str) -> bool {
    text.len() >= 26
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-'))
}

/// A request of chance: any operation by anybody, with what is there or with what is not.
struct Step {
    operation: Operation,
    who: Who,
    is_about_nothing: bool,
    is_spoiled: bool,
}

fn steps(description: &Description, entropy: &SeededEntropy) -> Vec<Step> {
    let draw = |below: usize| {
        let mut drawn = [0; 2];
        entropy.fill(&mut drawn);
        usize::from(u16::from_le_bytes(drawn)) % below
    };
    let step = |_| {
        let operation = description.operations[draw(description.operations.len())].clone();
        let others = [Who::Visitor, Who::Owner, Who::User];
        let right = if is_of_apps(&operation.path) { Who::User } else { Who::Owner };
        let who = if draw(4) == 0 { others[draw(3)] } else { right };
        Step { operation, who, is_about_nothing: draw(5) == 0, is_spoiled: draw(5) == 0 }
    };
    (0..REQUESTS).map(step).collect()
}

async fn ask(scene: &mut Scene, step: &Step) -> TestReply {
    let Step { operation, who, is_about_nothing, is_spoiled } = step;
    let (example, body) = scene.example(operation).unzip();
    // Some operations end the session they are asked in, or whoever asks them.
    let who = example.filter(|who| matches!(who, Who::NewOwner | Who::NewUser)).unwrap_or(*who);
    let mut client: TestClient = match who {
        Who::Visitor => scene.visitor(&operation.path),
        who => scene.client_at(who, &operation.path).await,
    };
    let mut path = scene.filled(operation);
    if *is_about_nothing {
        for there in scene.material.things.values().chain([&scene.material.app]) {
            let prefix = there.split('_').next().unwrap();
            path = path.replace(there.as_str(), &format!("{prefix}_01h455vb4pex5vsknk084sn02q"));
        }
    }
    let body = body.map(|mut body| {
        if let (true, Some(members)) = (is_spoiled, body.as_object_mut()) {
            let first = members.keys().next().cloned();
            first.map(|name| members.insert(name, Value::Bool(true)));
        }
        body
    });
    let reply = client.send(operation.method.parse::<Method>().unwrap(), &path, body).await;
    if operation.path == "/api/v1/apps/{app}" && operation.method == "DELETE" && reply.status.is_success() {
        scene.condemn_an_app().await;
    }
    if operation.path.ends_with("/suspend") && reply.status.is_success() {
        let resume = scene.filled(operation).replace("/suspend", "/resume");
        let _ = client.post(&resume, Value::Null).await.expect(200);
    }
    scene.siege.house.settle().await;
    reply
}

mod postgres {
    use super::*;

    #[test]
    fn both_engines_give_the_same_answers_and_keep_the_same() {
        slipway_testkit::block_on(async {
            let description = Description::read();
            let mut scenes = [Scene::set(EngineKind::Sqlite).await, Scene::set(EngineKind::Postgres).await];
            let mut names = Names::default();
            for (number, step) in steps(&description, &SeededEntropy::new(7)).iter().enumerate() {
                let [sqlite, postgres] = &mut scenes;
                let (left, right) = (ask(sqlite, step).await, ask(postgres, step).await);
                let what = format!(
                    "request {number}, {} {} by {:?}",
                    step.operation.method, step.operation.path, step.who
                );
                assert_eq!(left.status, right.status, "{what}: {:?} and {:?}", text(&left), text(&right));
                if left.headers.get("content-type").is_some_and(|kind| kind.as_bytes().ends_with(b"json")) {
                    assert_eq!(names.differ(&left.json(), &right.json(), ""), None, "{what}");
                }
            }
            let [sqlite, postgres] = &mut scenes;
            let (left, right) = (sqlite.siege.kept().await, postgres.siege.kept().await);
            for (table, rows) in left {
                // Files are kept under the hash of what was signed, and jobs of PostgreSQL may be tried again.
                assert_eq!(rows, right[&table], "so many rows of {table} on SQLite and on PostgreSQL");
            }
            let reached: Vec<_> =
                Statement::all().filter(|statement| statement.is_touched(EngineKind::Sqlite)).collect();
            let only_here: Vec<_> =
                reached.iter().filter(|statement| !statement.is_touched(EngineKind::Postgres)).collect();
            assert!(only_here.is_empty(), "run on SQLite only: {only_here:?}");
            let all = Statement::all().count();
            assert!(
                reached.len() * 100 >= all * REACHED_PERCENT,
                "{} of {all} statements were reached",
                reached.len()
            );
        });
    }
}

fn text(reply: &TestReply) -> String {
    String::from_utf8_lossy(&reply.bytes).chars().take(400).collect()
}
