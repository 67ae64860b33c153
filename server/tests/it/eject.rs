//! An app taken out of an installation: it lives on, its people sign in, and nothing of its neighbour came along.

use rusqlite::Connection;
use serde_json::{Value, json};
use slipway_framework::db::{EngineKind, Location};
use slipway_framework::object::Hash;
use slipway_kernel::{AppId, Id};
use slipway_testkit::TestDatabase;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const SECRET: &str = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";
const PASSWORD: &str = "a rowing boat in april";

fn slipway(data: &Path, secret: &str, database: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
    command.env_clear().env("SLIPWAY_SECRET", secret).env("SLIPWAY_LOG", "info");
    command.env("SLIPWAY_LISTEN", "127.0.0.1:0").env("SLIPWAY_OPS_LISTEN", "127.0.0.1:0");
    if let Some(url) = database {
        command.env("DATABASE_URL", url);
    }
    command.arg("--data").arg(data).args(arguments);
    command
}

fn run(mut command: Command) -> String {
    let output = command.output().unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// A server that does not outlive its test, and somebody who talks to it.
struct Server {
    child: Child,
    address: String,
    cookie: String,
    csrf: String,
}

impl Server {
    fn start(data: &Path, secret: &str) -> Self {
        let mut child = slipway(data, secret, None, &["serve"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let ready =
            lines.find(|line| line.contains("\"message\":\"ready\"")).expect("it says when it is ready");
        let ready: Value = serde_json::from_str(&ready).unwrap();
        // Whoever writes to a pipe that nobody reads stops one day.
        std::thread::spawn(move || lines.count());
        let address = ready["listen"].as_str().unwrap().to_owned();
        Self { child, address, cookie: String::new(), csrf: String::new() }
    }

    fn ask(&mut self, method: &str, host: &str, path: &str, body: &Value) -> Value {
        let (mut stream, body) = (TcpStream::connect(&self.address).unwrap(), body.to_string());
        let (cookie, csrf) = (&self.cookie, &self.csrf);
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Type: application/json\r\nCookie: {cookie}\r\n\
             X-CSRF-Token: {csrf}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{method} {path}: {answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        if let Some(cookie) = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")) {
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        let body = &body[body.find(['{', '[']).unwrap_or(0)..=body.rfind(['}', ']']).unwrap_or(0)];
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        if let Some(csrf) = body["csrf_token"].as_str() {
            self.csrf = csrf.to_owned();
        }
        body
    }

    /// As somebody who has not signed in.
    fn forget(&mut self) {
        self.cookie.clear();
        self.csrf.clear();
    }

    fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success() && self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Launches an app like the example's, with other words.
fn launch(data: &Path, brands: &Path, slug: &str, name: &str) {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/verde");
    fs::create_dir_all(brands).unwrap();
    let logo = fs::read_to_string(example.join("logo.svg")).unwrap();
    // Another picture for each app, so that it would be seen.
    let colour = if slug == "verde" { "#1d6b48" } else { "#7a1f2b" };
    fs::write(brands.join("logo.svg"), logo.replace("#1d6b48", colour)).unwrap();
    let text = fs::read_to_string(example.join("brand.toml")).unwrap();
    let text = text.replace("verde", slug).replace("Verde", name);
    fs::write(brands.join("brand.toml"), text).unwrap();
    run(slipway(data, SECRET, None, &["launch", brands.join("brand.toml").to_str().unwrap()]));
}

fn app_of(data: &Path, slug: &str) -> AppId {
    let connection = Connection::open(data.join("slipway.db")).unwrap();
    let find = "SELECT app FROM slugs WHERE slug = ?1";
    let bytes: [u8; 16] = connection.query_row(find, [slug], |row| row.get(0)).unwrap();
    Id::from_bits(u128::from_be_bytes(bytes))
}

/// The SHA-256 of the app's logo, which is also the name of its file.
fn logo_of(data: &Path, app: AppId) -> [u8; 32] {
    let connection = Connection::open(data.join("slipway.db")).unwrap();
    let find = "SELECT logo FROM brand_versions WHERE app = ?1";
    connection.query_row(find, [app.bits().to_be_bytes()], |row| row.get(0)).unwrap()
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Whether any file below a folder holds these bytes, or is named by them.
fn is_anywhere(folder: &Path, wanted: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().map(Result::unwrap).any(|entry| {
        let path = entry.path();
        let inside = if path.is_dir() {
            is_anywhere(&path, wanted)
        } else {
            contains(&fs::read(&path).unwrap(), wanted)
        };
        inside || contains(entry.file_name().as_encoded_bytes(), wanted)
    })
}

#[test]
fn an_ejected_app_lives_on_and_nothing_of_its_neighbour_came_along() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let data = at("data");
    launch(&data, &at("verde"), "verde", "Verde");
    launch(&data, &at("rosso"), "rosso", "Rosso");
    let (verde, rosso) = (app_of(&data, "verde"), app_of(&data, "rosso"));
    let mut server = Server::start(&data, SECRET);
    for slug in ["verde", "rosso"] {
        let user = json!({ "email": format!("ugo@{slug}-guests.example"), "password": PASSWORD });
        server.forget();
        server.ask("POST", &format!("{slug}.localhost:8080"), "/api/v1/accounts", &user);
    }
    // While the server works.
    let said = run(slipway(&data, SECRET, None, &["eject", "verde", at("ejected").to_str().unwrap()]));
    assert!(said.contains("under a secret of its own"), "{said}");
    server.stop();

    // The neighbour is nowhere, by any of its names; the search finds what is there.
    for word in [&b"verde-guests"[..], &verde.bits().to_be_bytes(), b"Verde Kitchen"] {
        assert!(is_anywhere(&at("ejected"), word));
    }
    for word in [
        &b"rosso"[..],
        b"Rosso",
        rosso.to_string().as_bytes(),
        &rosso.bits().to_be_bytes(),
        SECRET.as_bytes(),
    ] {
        assert!(!is_anywhere(&at("ejected"), word), "{}", String::from_utf8_lossy(word));
    }

    for (app, is_there) in [(verde, true), (rosso, false)] {
        let hash = logo_of(&data, app);
        let name = Hash::from_bytes(hash).to_string();
        assert_eq!(is_anywhere(&at("ejected"), &hash), is_there, "the logo {name} in a row");
        assert_eq!(is_anywhere(&at("ejected"), name.as_bytes()), is_there, "the logo {name} as a file");
    }

    let secret = fs::read_to_string(at("ejected").join("secret.key")).unwrap();
    let secret = secret.trim();
    let mut server = Server::start(&at("ejected"), secret);
    let user = json!({ "email": "ugo@verde-guests.example", "password": PASSWORD });
    server.ask("POST", "verde.localhost:8080", "/api/v1/sessions", &user);
    // The owner signs in and rebuilds, which needs the signing key, now under the new secret.
    let password = fs::read_to_string(data.join("owner-password")).unwrap();
    let owner = json!({ "email": "demo@example.com", "password": password.trim() });
    server.forget();
    server.ask("POST", "localhost:8080", "/api/v1/member-sessions", &owner);
    let apps = server.ask("GET", "localhost:8080", "/api/v1/apps", &Value::Null);
    assert_eq!(apps["items"].as_array().map(Vec::len), Some(1), "{apps}");
    let releases =
        server.ask("GET", "localhost:8080", &format!("/api/v1/apps/{verde}/releases"), &Value::Null);
    let release = releases["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/apps/{verde}/releases/{release}/rebuild");
    let rebuilt = server.ask("POST", "localhost:8080", &path, &Value::Null);
    assert_eq!(rebuilt["identical"], true, "{rebuilt}");
    server.stop();

    // Its trail is sealed anew there, the old one is as it was, and both are sound.
    for (place, secret) in [(&data, SECRET), (&at("ejected"), secret)] {
        assert!(run(slipway(place, secret, None, &["audit", "verify"])).contains("Every seal holds."));
        run(slipway(place, secret, None, &["doctor"]));
    }
}

#[test]
fn an_app_is_ejected_from_postgresql_too_and_one_that_is_not_there_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let data = at("data");
    launch(&data, &at("verde"), "verde", "Verde");
    let verde = app_of(&data, "verde").to_string();
    let database = TestDatabase::fresh(EngineKind::Postgres);
    let Location::Url(url) = database.location() else { panic!("a PostgreSQL has a URL") };
    run(slipway(&data, SECRET, None, &["move", &url]));
    run(slipway(&data, SECRET, Some(&url), &["eject", &verde, at("ejected").to_str().unwrap()]));
    let secret = fs::read_to_string(at("ejected").join("secret.key")).unwrap();
    run(slipway(&at("ejected"), secret.trim(), None, &["doctor"]));
    assert_eq!(app_of(&at("ejected"), "verde").to_string(), verde);

    let nobody = AppId::from_bits(7).to_string();
    let output =
        slipway(&data, SECRET, Some(&url), &["eject", &nobody, at("nobody").to_str().unwrap()]).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("there is no app"), "{said}");
    assert!(!at("nobody").exists() && !at("nobody.partial").exists());
}
