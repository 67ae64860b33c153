//! The audit trail from the outside: a server seals it before it ends, and `slipway audit` tells whether it is as it was.

use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const SECRET: &str = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";

fn slipway(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
    command.env_clear().env("SLIPWAY_SECRET", SECRET).env("SLIPWAY_LOG", "info");
    command.env("SLIPWAY_LISTEN", "127.0.0.1:0").env("SLIPWAY_OPS_LISTEN", "127.0.0.1:0");
    command.arg("--data").arg(data).args(arguments);
    command
}

/// The exit code and everything that was said.
fn told(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

fn verified(data: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    told(slipway(data, &[&["audit", "verify"], arguments].concat()))
}

/// A server that does not outlive its test, whatever becomes of that.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Serves while a partner signs up, and ends as service managers make it end. Returns what it counted.
fn sign_up(data: &Path, name: &str) -> String {
    let child = slipway(data, &["serve"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut server = Server(child);
    let mut lines = BufReader::new(server.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    let ready = lines.find(|line| line.contains("\"message\":\"ready\"")).expect("it says when it is ready");
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let body = json!({
        "partner_name": name, "name": "Olga", "email": format!("olga@{name}.example"), "password": "a rowing boat in april",
        "accept_terms": true,
    })
    .to_string();
    let request = format!(
        "POST /api/v1/partners HTTP/1.1\r\nHost: localhost:8080\r\nOrigin: http://localhost:8080\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = ask(ready["listen"].as_str().unwrap(), &request);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let operators = ready["ops"].as_str().unwrap();
    let metrics = format!("GET /metrics HTTP/1.1\r\nHost: {operators}\r\nConnection: close\r\n\r\n");
    let counted = ask(operators, &metrics);
    let ended = Command::new("kill").args(["-TERM", &server.0.id().to_string()]).status().unwrap();
    assert!(ended.success());
    let rest: Vec<_> = lines.collect();
    assert!(server.0.wait().unwrap().success(), "{rest:?}");
    assert!(!rest.iter().any(|line| line.contains("\"level\":\"ERROR\"")), "{rest:?}");
    counted
}

fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// As whoever has the file: past what keeps the program itself from changing the trail.
fn tamper(data: &Path, sql: &str) {
    let connection = Connection::open(data.join("slipway.db")).unwrap();
    let triggers = "DROP TRIGGER IF EXISTS audit_entries_stays; DROP TRIGGER IF EXISTS audit_entries_is_kept;
         DROP TRIGGER IF EXISTS audit_entries_once;";
    connection.execute_batch(triggers).unwrap();
    connection.execute_batch(sql).unwrap();
    connection.close().unwrap();
}

/// P-COMP-07.
#[test]
fn a_server_leaves_a_sealed_trail_and_whatever_is_done_to_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let counted = sign_up(data, "verde");
    assert!(counted.contains("audit_seal_lag_seconds"), "{counted}");
    let whole = verified(data, &[]);
    assert_eq!(whole.0, Some(0), "{}", whole.1);
    assert!(
        whole.1.starts_with("1 chain, ") && whole.1.contains(" 0 to be sealed\nEvery seal holds.\n"),
        "{}",
        whole.1
    );

    // The public key verifies without the secret, another one is called by its name, and so is a misspelled one.
    let (_, key) = told(slipway(data, &["audit", "key"]));
    let key = key.trim();
    let mut bare = slipway(data, &["audit", "verify", "--key", key]);
    bare.env_remove("SLIPWAY_SECRET");
    let told_bare = told(bare);
    assert!(told_bare.0 == Some(0) && told_bare.1.contains("Every seal holds."), "{}", told_bare.1);
    assert!(!data.join("secret.key").exists(), "nothing is made up for who has no secret");
    // RFC 8032 §7.1, test 2.
    let other = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    let (code, text) = verified(data, &["--key", other]);
    assert_eq!(code, Some(1));
    assert!(
        text.contains("this is not the key that the trail was sealed with")
            && text.contains(key)
            && text.contains(other),
        "{text}"
    );
    assert!(!text.contains("FAIL"), "{text}");
    assert_eq!(verified(data, &["--key", "abc"]).0, Some(2));

    tamper(data, "UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 1");
    let (code, text) = verified(data, &[]);
    assert_eq!(code, Some(1));
    let fault = text.lines().next().unwrap();
    assert!(fault.starts_with("FAIL  root_") && fault.contains(", number 1, aud_"), "{text}");
    assert!(fault.ends_with(": the entry was changed, or put there by somebody else"), "{text}");
    assert!(text.contains("slipway: 1 fault in the audit trail"), "{text}");
    // The chain by itself, as a finding calls it.
    let root = fault.split([' ', ',']).find(|word| word.starts_with("root_")).unwrap();
    assert_eq!(verified(data, &["--app", root]), (code, text.clone()));
    let partner = root.replace("root_", "ptn_");
    assert_eq!(verified(data, &["--app", &partner]), (code, text));
    for (app, reason) in [
        ("verde", "no app has the slug verde; the trail of a deleted one is verified by its id (app_…)"),
        ("No slug!", "No slug! is no id, and no slug: "),
        ("app_01h455vb4pex5vsknk084sn02q", "there are no audit entries of app_01h455vb4pex5vsknk084sn02q"),
    ] {
        let (code, text) = verified(data, &["--app", app]);
        assert!(code == Some(1) && text.contains(reason), "{text}");
    }

    // The server goes on, and seals nothing over what was done to an end.
    tamper(data, "UPDATE audit_checkpoints SET sequence = 1; DELETE FROM audit_entries WHERE sequence > 1");
    let _ = sign_up(data, "rosso");
    let (code, text) = verified(data, &[]);
    assert_eq!(code, Some(1));
    assert!(
        text.contains("the checkpoint was changed") && text.contains("the census counts 2 chains"),
        "{text}"
    );
    tamper(data, "DELETE FROM audit_entries; DELETE FROM audit_checkpoints; DELETE FROM audit_census");
    let (code, text) = verified(data, &[]);
    assert!(code == Some(1) && text.contains("the census of all chains was changed or is missing"), "{text}");
}

#[test]
fn a_folder_without_a_trail_is_not_taken_for_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("none");
    for arguments in [&["audit", "verify"][..], &["audit", "key"]] {
        let (code, text) = told(slipway(&data, arguments));
        assert!(code == Some(1) && text.contains("there is no database at"), "{text}");
    }
    assert!(fs::metadata(&data).is_err(), "nothing is made");
    assert_eq!(told(slipway(&data, &["migrate"])).0, Some(0));
    let (code, text) = verified(&data, &[]);
    assert!(code == Some(0) && text.starts_with("0 chains, 0 entries sealed, 0 to be sealed\n"), "{text}");
}
