//! Every field of every JSON body, replaced by everything it must not be; and every body as a whole.

use super::description::{Description, Operation, Place, places};
use super::examples::{Scene, Who, examples};
use axum::http::Method;
use serde_json::{Value, json};
use slipway_testkit::{EngineKind, TestClient, TestReply, on_both_engines};

on_both_engines!(every_field_is_limited_and_named, a_body_that_is_no_form_is_refused);

/// Stands for the attack until the body is text.
const PLACEHOLDER: &str = "here-stands-the-attack";

/// What a field is replaced by, as it stands in the body.
struct Attack {
    name: &'static str,
    /// `None` leaves the field out.
    raw: Option<String>,
    /// The JSON type, for the description to judge.
    kind: &'static str,
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Whether it is right is the field's own business; it must be taken or refused properly.
    Open,
    /// No field may take it, and the refusal names the field.
    Refused,
    /// Every field has a limit below this.
    TooLong,
    /// The body as a whole cannot be read.
    Unreadable(u16),
}

fn attacks() -> Vec<Attack> {
    let attack = |name, raw: String, kind, verdict| Attack { name, raw: Some(raw), kind, verdict };
    let text = |name, text: &str, verdict| attack(name, json!(text).to_string(), "string", verdict);
    let number = |name, raw: &str| attack(name, raw.to_owned(), "integer", Verdict::Open);
    let huge = |count: usize| "a".repeat(count);
    let members: String = (0..10_000).map(|number| format!("\"a{number}\":0,")).collect();
    vec![
        Attack { name: "missing", raw: None, kind: "missing", verdict: Verdict::Open },
        attack("null", "null".to_owned(), "null", Verdict::Open),
        attack("a boolean", "true".to_owned(), "boolean", Verdict::Open),
        attack("false", "false".to_owned(), "boolean", Verdict::Open),
        attack("a list", "[]".to_owned(), "array", Verdict::Open),
        attack("a list in a list", "[[1]]".to_owned(), "array", Verdict::Open),
        attack("10,000 items", format!("[{}0]", "0,".repeat(10_000)), "array", Verdict::TooLong),
        attack("10,000 members", format!("{{{members}\"a\":0}}"), "object", Verdict::TooLong),
        attack("an object", "{}".to_owned(), "object", Verdict::Open),
        attack("a strange object", "{\"a\":{\"b\":1}}".to_owned(), "object", Verdict::Open),
        attack("a fraction", "1.5".to_owned(), "number", Verdict::Open),
        attack("the largest double", "1.7976931348623157e308".to_owned(), "number", Verdict::Open),
        attack("more than a double", "1e999".to_owned(), "number", Verdict::Unreadable(400)),
        attack("no number", "NaN".to_owned(), "number", Verdict::Unreadable(400)),
        number("zero", "0"),
        number("a number", "7"),
        number("a negative number", "-1"),
        number("the least i64", "-9223372036854775808"),
        number("the largest i64", "9223372036854775807"),
        number("the largest u64", "18446744073709551615"),
        number("more than u32", "4294967296"),
        attack("more than u64", "18446744073709551616".to_owned(), "number", Verdict::Open),
        text("nothing", "", Verdict::Open),
        text("blanks", " \t ", Verdict::Open),
        text("an unknown word", "no-such-word", Verdict::Open),
        text("100 kB", &huge(100_000), Verdict::TooLong),
        text("1 MB", &huge(1_000_000), Verdict::Unreadable(413)),
        text("a NUL", "a\0b", Verdict::Refused),
        text("control characters", "\u{1}\u{1b}[31m\u{7f}\u{85}", Verdict::Open),
        text("lines", "one\r\nSet-Cookie: a=b\ntwo", Verdict::Open),
        text("a line separator", "one\u{2028}two", Verdict::Open),
        text("nothing that can be seen", "\u{200b}\u{2060}\u{feff}", Verdict::Open),
        text("right to left", "\u{202e}\u{645}\u{631}\u{62d}\u{628}\u{627}", Verdict::Open),
        text(
            "a family with marks",
            &format!("👩\u{200d}👩\u{200d}👧\u{200d}👦🏳\u{fe0f}\u{200d}🌈e{}", "\u{301}".repeat(30)),
            Verdict::Open,
        ),
        text("noncharacters and capitals that grow", "\u{ffff}\u{10ffff}İİİİİİİİİİİİ", Verdict::Open),
        text("code", "'; DROP TABLE members; --<script>&amp;%s%n{}${jndi}../..", Verdict::Open),
        attack("half a surrogate", "\"\\ud800\"".to_owned(), "string", Verdict::Unreadable(400)),
        attack(
            "10,000 lists",
            format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
            "array",
            Verdict::Unreadable(400),
        ),
    ]
}

async fn every_field_is_limited_and_named(engine: EngineKind) {
    let description = Description::read();
    let mut scene = Scene::set(engine).await;
    let bodies: Vec<_> =
        description.operations.iter().filter(|operation| operation.body.is_some()).cloned().collect();
    for (method, path) in examples() {
        let described = bodies.iter().any(|operation| operation.method == method && operation.path == path);
        assert!(described, "{method} {path} has an example and takes no body");
    }
    let attacks = attacks();
    for operation in &bodies {
        let schema = operation.body.as_ref().unwrap();
        let (who, example) = valid(&mut scene, operation);
        let mut client = enter(&mut scene, who, &operation.path).await;
        let reply = send(&mut scene, &mut client, operation, example.to_string()).await;
        let route = format!("{} {}", operation.method, operation.path);
        assert!(
            reply.status.is_success(),
            "the example of {route}: {}",
            String::from_utf8_lossy(&reply.bytes)
        );
        after_success(&mut scene, &mut client, who, operation).await;
        for (place, schema, required) in places(&description, schema, &example) {
            for attack in &attacks {
                let Some(body) = attacked(&valid(&mut scene, operation).1, &place, attack.raw.as_deref())
                else {
                    continue;
                };
                let name = place.join(".");
                let what = format!("{route}: {name} is {}", attack.name);
                let reply = send(&mut scene, &mut client, operation, body).await;
                let wrong_type = match attack.kind {
                    "missing" => required,
                    kind => !description.takes(&schema, kind),
                };
                match attack.verdict {
                    Verdict::Unreadable(status) => assert_eq!(reply.status.as_u16(), status, "{what}"),
                    Verdict::TooLong if !wrong_type => {
                        assert!(reply.status.is_client_error(), "{what}: {}", reply.status);
                    }
                    Verdict::Open if !wrong_type => {}
                    _ => assert_named(&what, &reply, &name),
                }
                if reply.problem().1 == "request.invalid" {
                    assert_named(&what, &reply, &name);
                }
                scene.siege.judge(&what, &reply).await;
                // Whoever is locked out by now is replaced, so that later fields meet their own rules.
                if reply.status.is_success() || reply.problem().1 == "session.locked" {
                    after_success(&mut scene, &mut client, who, operation).await;
                }
            }
        }
        let mut objects = vec![Place::new()];
        objects.extend(places(&description, schema, &example).into_iter().map(|(place, ..)| place));
        for mut place in objects {
            let mut body = valid(&mut scene, operation).1;
            let Some(members) = at(&mut body, &place).as_object_mut() else { continue };
            members.insert("no_such_field".to_owned(), json!(1));
            place.push("no_such_field".to_owned());
            let what = format!("{route}: an unknown field {}", place.join("."));
            let reply = send(&mut scene, &mut client, operation, body.to_string()).await;
            assert_named(&what, &reply, &place.join("."));
            scene.siege.judge(&what, &reply).await;
        }
    }
    println!("{} requests on {engine:?}", scene.siege.requests);
    assert!(scene.siege.requests > 1_500, "only {} requests were sent", scene.siege.requests);
}

async fn a_body_that_is_no_form_is_refused(engine: EngineKind) {
    let description = Description::read();
    let mut scene = Scene::set(engine).await;
    for operation in description.operations.iter().filter(|operation| operation.body.is_some()) {
        let route = format!("{} {}", operation.method, operation.path);
        let (who, example) = valid(&mut scene, operation);
        let mut client = enter(&mut scene, who, &operation.path).await;
        let text = example.to_string();
        let json = Some("application/json");
        let cases: [(&str, Option<&str>, Vec<u8>, u16); 15] = [
            ("words", json, b"hello".to_vec(), 400),
            ("a form", json, b"name=Ana&email=ana%40example.com".to_vec(), 400),
            ("cut off", json, text.as_bytes()[..text.len() - 1].to_vec(), 400),
            ("nothing", json, Vec::new(), 400),
            ("two bodies", json, format!("{text}{text}").into_bytes(), 400),
            ("a byte order mark", json, format!("\u{feff}{text}").into_bytes(), 400),
            (
                "no UTF-8",
                json,
                text.replacen('"', "\"\u{1}", 1)
                    .replace('\u{1}', "")
                    .into_bytes()
                    .iter()
                    .map(|byte| if *byte == b':' { 0xff } else { *byte })
                    .collect(),
                400,
            ),
            ("a list", json, format!("[{text}]").into_bytes(), 400),
            ("a number", json, b"7".to_vec(), 400),
            ("null", json, b"null".to_vec(), 400),
            ("5 MB", json, format!("{text}{}", " ".repeat(5_000_000)).into_bytes(), 413),
            ("a comment", json, format!("/**/{text}").into_bytes(), 400),
            ("another kind", Some("text/plain"), text.clone().into_bytes(), 415),
            ("a strange kind", Some("application/json5"), text.clone().into_bytes(), 415),
            ("no kind", None, text.clone().into_bytes(), 415),
        ];
        for (name, kind, body, status) in cases {
            scene.siege.pause();
            let method: Method = operation.method.parse().unwrap();
            let reply = client.send_bytes(method, &scene.filled(operation), kind, body).await;
            let what = format!("{route} with {name}");
            assert_eq!(reply.status.as_u16(), status, "{what}: {}", String::from_utf8_lossy(&reply.bytes));
            scene.siege.judge(&what, &reply).await;
        }
        let mut packed = client.clone().with_header("content-encoding", "gzip");
        let reply = send(&mut scene, &mut packed, operation, text.clone()).await;
        assert_eq!(reply.status, 415, "{route} as if it were compressed");
        scene.siege.judge(&route, &reply).await;
        // The same name twice: whichever is meant, the answer is a proper one.
        let doubled =
            text.replacen('{', &format!("{{{}:7,", json!(example.as_object().unwrap().keys().next())), 1);
        let reply = send(&mut scene, &mut client, operation, doubled).await;
        scene.siege.judge(&format!("{route} with a name twice"), &reply).await;
        if reply.status.is_success() {
            after_success(&mut scene, &mut client, who, operation).await;
        }
    }
}

fn valid(scene: &mut Scene, operation: &Operation) -> (Who, Value) {
    let example = scene.example(operation);
    example.unwrap_or_else(|| panic!("give an example of a body of {} {}", operation.method, operation.path))
}

async fn enter(scene: &mut Scene, who: Who, path: &str) -> TestClient {
    match who {
        Who::Visitor => scene.visitor(path),
        who => scene.client_at(who, path).await,
    }
}

async fn send(scene: &mut Scene, client: &mut TestClient, operation: &Operation, body: String) -> TestReply {
    scene.siege.pause();
    let method: Method = operation.method.parse().unwrap();
    client.send_bytes(method, &scene.filled(operation), Some("application/json"), body.into_bytes()).await
}

/// What was changed by a request that was taken is made good, so that the next one finds what it needs.
async fn after_success(scene: &mut Scene, client: &mut TestClient, who: Who, operation: &Operation) {
    match who {
        Who::Visitor => *client = scene.visitor(&operation.path),
        Who::NewOwner | Who::NewUser => *client = scene.client_at(who, &operation.path).await,
        Who::Owner if operation.method == "DELETE" => scene.condemn_an_app().await,
        Who::Owner | Who::User => {}
    }
    scene.siege.settle_down().await;
}

/// The example as text with the place replaced or left out; `None` for an item, which cannot be left out.
fn attacked(example: &Value, place: &Place, raw: Option<&str>) -> Option<String> {
    let mut body = example.clone();
    let (last, parents) = place.split_last().unwrap();
    let parent = at(&mut body, parents);
    match raw {
        Some(_) if parent.is_array() => parent[last.parse::<usize>().unwrap()] = json!(PLACEHOLDER),
        Some(_) => parent[last] = json!(PLACEHOLDER),
        None => drop(parent.as_object_mut()?.remove(last)),
    }
    Some(body.to_string().replace(&json!(PLACEHOLDER).to_string(), raw.unwrap_or_default()))
}

fn at<'body>(body: &'body mut Value, place: &[String]) -> &'body mut Value {
    place.iter().fold(body, |value, name| match value {
        Value::Array(items) => &mut items[name.parse::<usize>().unwrap()],
        value => &mut value[name],
    })
}

fn assert_named(what: &str, reply: &TestReply, field: &str) {
    let text = String::from_utf8_lossy(&reply.bytes);
    assert_eq!(reply.problem(), (422, "request.invalid".to_owned()), "{what}: {text:.600}");
    let named = reply.fields();
    let within = format!("{field}.");
    let is_named = named.iter().any(|(name, _)| name == field || name.starts_with(&within));
    assert!(is_named, "{what}: named are {named:?}");
}
