//! The service as operators meet it: it says where it listens, tells its health, counts, and ends when told.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// A server that does not outlive its test, whatever becomes of that.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The status and the rest of an answer to `GET path`.
fn get(address: &str, path: &str, host: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

/// P-OBS-01, P-OBS-05, X-47, X-48.
#[test]
fn a_server_tells_its_health_counts_apart_from_the_public_and_ends_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_slipway"))
        .env_clear()
        .env("SLIPWAY_LISTEN", "127.0.0.1:0")
        .env("SLIPWAY_OPS_LISTEN", "127.0.0.1:0")
        .arg("--data")
        .arg(folder.path())
        .args(["serve", "--development"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut server = Server(child);
    let mut lines = BufReader::new(server.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    let ready = lines.find(|line| line.contains("\"message\":\"ready\"")).expect("it says when it is ready");
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let (public, operators) = (ready["listen"].as_str().unwrap(), ready["ops"].as_str().unwrap());

    assert_eq!(get(operators, "/health/live", operators), (200, "{\"status\":\"alive\"}".to_owned()));
    assert_eq!(get(operators, "/health/ready", operators), (200, "{\"status\":\"ready\"}".to_owned()));
    assert_eq!(get(public, "/api/v1/kits", "localhost:8080").0, 401);
    let (status, metrics) = get(operators, "/metrics", operators);
    let counted = "http_requests_total{class=\"api-read\",status=\"4xx\"} 1";
    assert!(status == 200 && metrics.contains(counted), "{metrics}");
    for metric in slipway_server::assembly().metrics() {
        // What is deleted, eaten and remembered begins with the first time.
        let begins_later = ["what", "diet_type", "cache_type"];
        let is_there = metrics.contains(&format!("# TYPE {} ", metric.name));
        assert!(is_there || metric.labels.iter().any(|label| begins_later.contains(label)), "{metric:?}");
    }
    for (alert, metric) in slipway_server::alerted_metrics() {
        assert!(
            metrics.contains(&format!("# TYPE {metric} ")),
            "{alert} asks for {metric}, which nobody counts"
        );
    }
    let known: Vec<_> = slipway_server::assembly().metrics().iter().map(|metric| metric.name).collect();
    for line in metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = line.split(' ').next().unwrap();
        assert!(known.contains(&name), "{name} is in no table of metrics");
    }
    let (status, health) = get(operators, "/health", operators);
    let health: Value = serde_json::from_str(&health).unwrap();
    let parts: Vec<_> =
        health["checks"].as_array().unwrap().iter().map(|check| &check["component"]).collect();
    let expected = ["database", "migrations", "audit_seals", "events", "jobs", "files", "database_log"];
    assert!(status == 200 && parts.starts_with(&expected.map(Value::from).each_ref()), "{health}");
    assert!(health["timestamp"].is_string() && health["checks"][0]["measured"].is_string(), "{health}");
    for path in ["/metrics", "/health", "/health/live", "/health/ready"] {
        let (_, said) = get(public, path, "localhost:8080");
        assert!(
            !said.contains("http_requests_total") && !said.contains("alive"),
            "{path} at the public address"
        );
    }

    let told = Command::new("kill").args(["-TERM", &server.0.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(lines.any(|line| line.contains("\"message\":\"stopping\"")));
    assert!(server.0.wait().unwrap().success());
}
