//! Traces as a collector receives them: from the real server over OTLP, decoded with the protocol's own types.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span as Sent;
use prost::Message;
use serde_json::{Value, json};
use slipway_framework::db::DbError;
use slipway_framework::trace::{Span, SpanKind, SpanSink, Tracer};
use slipway_kernel::RequestId;
use slipway_testkit::{EngineKind, TestHouse, on_both_engines};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

on_both_engines!(a_job_is_told_in_the_trace_of_its_request);

/// A collector that keeps what it is sent.
fn collector() -> (String, Arc<Mutex<Vec<Sent>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let kept: Arc<Mutex<Vec<Sent>>> = Arc::default();
    let keeping = kept.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let keeping = keeping.clone();
            thread::spawn(move || while receive(stream.as_ref().unwrap(), &keeping).is_some() {});
        }
    });
    (url, kept)
}

/// One request of a connection.
fn receive(stream: &TcpStream, kept: &Mutex<Vec<Sent>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length, mut kind) = (String::new(), 0, String::new());
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("content-type", value)) => kind = value.to_owned(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    assert_eq!((first.trim(), kind.as_str()), ("POST /v1/traces HTTP/1.1", "application/x-protobuf"));
    let request = ExportTraceServiceRequest::decode(&*body).unwrap();
    for resource in request.resource_spans {
        let named = resource.resource.unwrap().attributes;
        assert!(named.iter().any(|attribute| attribute.key == "service.name"), "{named:?}");
        kept.lock().unwrap().extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
    }
    let mut stream = stream;
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n")
        .ok()
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Asks a server twice and ends it; returns the answers, its log and what the collector was sent.
fn asked(settings: &[(&str, &str)]) -> (Vec<String>, Vec<Value>, Vec<Sent>) {
    let folder = tempfile::tempdir().unwrap();
    let (url, kept) = collector();
    let child = Command::new(env!("CARGO_BIN_EXE_slipway"))
        .env_clear()
        .env("SLIPWAY_LISTEN", "127.0.0.1:0")
        .env("SLIPWAY_OPS_LISTEN", "127.0.0.1:0")
        .envs(settings.iter().map(|(name, value)| (*name, value.replace("COLLECTOR", &url))))
        .arg("--data")
        .arg(folder.path())
        .args(["serve", "--development"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut server = Server(child);
    let mut lines = BufReader::new(server.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    let ready = lines.find(|line| line.contains("\"message\":\"ready\"")).unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let body = json!({
        "partner_name": "verde", "name": "Olga", "email": "olga@verde.example", "password": "a rowing boat in april",
        "accept_terms": true,
    })
    .to_string();
    let head = format!(
        "Host: localhost:8080\r\nOrigin: http://localhost:8080\r\ntraceparent: {TRACEPARENT}\r\nConnection: close\r\n"
    );
    let requests = [
        format!(
            "POST /api/v1/partners HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
        format!("GET /api/v1/kits HTTP/1.1\r\n{head}\r\n"),
    ];
    let answers = requests.map(|request| {
        let mut stream = TcpStream::connect(ready["listen"].as_str().unwrap()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(Command::new("kill").args(["-TERM", &server.0.id().to_string()]).status().unwrap().success());
    let log = lines.map(|line| serde_json::from_str(&line).unwrap()).collect();
    assert!(server.0.wait().unwrap().success());
    let sent = kept.lock().unwrap().clone();
    (answers.into(), log, sent)
}

fn request_of(answer: &str) -> RequestId {
    let line = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    line.trim().parse().unwrap()
}

fn number(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// P-OBS-10: one request's tree, under the id that the answer, the problem and the log carry.
#[test]
fn a_request_is_told_with_what_it_did_under_its_own_id() {
    let (answers, log, sent) = asked(&[("SLIPWAY_OTLP_URL", "COLLECTOR"), ("SLIPWAY_TRACE_SHARE", "1")]);
    assert!(answers[0].starts_with("HTTP/1.1 201") && answers[1].starts_with("HTTP/1.1 401"), "{answers:?}");
    let request = request_of(&answers[0]);
    let of_trace: Vec<_> = sent.iter().filter(|span| number(&span.trace_id) == request.bits()).collect();
    let named = |name: &str| {
        let found = of_trace.iter().find(|span| span.name == name);
        *found.unwrap_or_else(|| {
            panic!("{name}: {:?}", of_trace.iter().map(|span| &span.name).collect::<Vec<_>>())
        })
    };
    let root = named("POST /api/v1/partners");
    assert!(root.parent_span_id.iter().all(|byte| *byte == 0), "a stranger's traceparent was believed");
    let status = root.attributes.iter().find(|attribute| attribute.key == "http.response.status_code");
    assert!(format!("{status:?}").contains("201"), "{root:?}");
    let write = named("database write");
    assert_eq!(write.parent_span_id, root.span_id);
    for step in ["database wait", "database run", "database commit"] {
        let of_write = of_trace.iter().find(|span| span.name == step && span.parent_span_id == write.span_id);
        let span = of_write.unwrap_or_else(|| panic!("{step}"));
        let is_inside = |outer: &Sent| {
            outer.start_time_unix_nano <= span.start_time_unix_nano
                && span.start_time_unix_nano <= span.end_time_unix_nano
                && span.end_time_unix_nano <= outer.end_time_unix_nano
        };
        assert!(is_inside(write) && is_inside(root), "{step}: {span:?} {write:?} {root:?}");
    }
    let mut ids: Vec<_> = of_trace.iter().map(|span| &span.span_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), of_trace.len(), "two spans have one id");
    // The refused one carries its trace, and so does its line in the log.
    let trace = format!("{:032x}", request_of(&answers[1]).bits());
    assert!(answers[1].contains(&format!("\"trace_id\":\"{trace}\"")), "{}", answers[1]);
    assert!(
        log.iter().any(|line| line["message"] == "answered" && line["trace"] == trace.as_str()),
        "{log:?}"
    );
}

#[test]
fn a_callers_trace_is_gone_on_with_where_a_setting_says_so() {
    let (answers, _, sent) = asked(&[
        ("SLIPWAY_OTLP_URL", "COLLECTOR"),
        ("SLIPWAY_TRACE_SHARE", "0"),
        ("SLIPWAY_TRACE_FROM_OUTSIDE", "yes"),
    ]);
    let root = sent.iter().find(|span| span.name == "POST /api/v1/partners").unwrap();
    assert_eq!(number(&root.trace_id), 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
    assert_eq!(number(&root.parent_span_id), 0x00f0_67aa_0ba9_02b7);
    assert!(answers[1].contains("\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\""), "{}", answers[1]);
}

#[test]
fn nothing_is_told_unless_a_setting_says_to_whom_and_how_much() {
    for settings in [&[][..], &[("SLIPWAY_OTLP_URL", "COLLECTOR"), ("SLIPWAY_TRACE_SHARE", "0")]] {
        let (answers, _, sent) = asked(settings);
        assert!(sent.is_empty(), "{sent:?}");
        let trace = format!("{:032x}", request_of(&answers[1]).bits());
        assert!(answers[1].contains(&trace), "a problem carries its trace id all the same: {}", answers[1]);
    }
}

#[derive(Debug, Default)]
struct Kept(Mutex<Vec<Span>>);

impl SpanSink for Kept {
    fn take(&self, span: Span) {
        self.0.lock().unwrap().push(span);
    }
}

async fn a_job_is_told_in_the_trace_of_its_request(engine: EngineKind) {
    let kept = Arc::new(Kept::default());
    let modules = super::metrics::modules;
    let tracer = Tracer::new(kept.clone(), 1.0, false);
    let house = TestHouse::of(engine, modules()).restarted(modules(), |parts| parts.tracer = tracer);
    let scope = house.app_scope();
    let request = slipway_framework::scope::Scope::cause(&scope).request;
    let written = house.db().write(&scope, |tx| {
        tx.enqueue(&super::metrics::Chore::Fail);
        Ok::<_, DbError>(())
    });
    written.await.unwrap();
    house.settle().await;
    let spans = kept.0.lock().unwrap();
    let job = spans.iter().find(|span| span.name == "job things.chore").unwrap();
    assert_eq!((job.trace, job.kind, job.parent, job.failed), (request.bits(), SpanKind::Consumer, 0, true));
}
