//! Somebody with a browser: a session at one host, its cookie and its token against forgery.
//!
//! It refuses to go on after a sign-in that was not answered as it should be.

use crate::http::{Answer, Connection, NoAnswer};
use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

const PASSWORD: &str = "a rowing boat in april";

/// Who a person is, without the connection: it outlives the server's processes.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// `localhost:8080`, or an app's host.
    host: String,
    /// The address the person claims to come from, so that limits count people apart.
    address: String,
    cookie: String,
    csrf_token: String,
}

/// A person at a connection.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) identity: Identity,
    connection: Connection,
}

impl Identity {
    pub(crate) fn is_at(&self, slug: &str) -> bool {
        self.host.split_once('.').is_some_and(|(host, _)| host == slug)
    }

    /// A request of this person, also at another app's host.
    pub(crate) fn request(&self, method: &Method, path: &str, elsewhere: Option<&str>) -> Builder {
        let Self { host, address, cookie, csrf_token } = self;
        let host = match (elsewhere, host.split_once('.')) {
            (Some(slug), Some((_, base))) => format!("{slug}.{base}"),
            _ => host.clone(),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("origin", format!("http://{host}"))
            .header("host", host)
            .header("x-forwarded-for", address);
        if !cookie.is_empty() {
            request = request.header("cookie", cookie).header("x-csrf-token", csrf_token);
        }
        request
    }

    /// Opens a connection as this person.
    pub(crate) fn connect(&self, port: u16) -> Person {
        Person { identity: self.clone(), connection: Connection::new(port) }
    }
}

impl Person {
    fn stranger(host: String, port: u16, number: usize) -> Self {
        let address = format!("10.{}.{}.{}", number / 40_000, number / 200 % 200, number % 200 + 1);
        let identity = Identity { host, address, cookie: String::new(), csrf_token: String::new() };
        Self { identity, connection: Connection::new(port) }
    }

    /// Signs a partner up at the console.
    pub(crate) async fn partner(port: u16, number: usize, name: &str) -> Result<Self, String> {
        let mut person = Self::stranger(format!("localhost:{port}"), port, number);
        let body = json!({
            "partner_name": name, "name": name, "email": format!("owner@{name}.example"), "password": PASSWORD,
            "accept_terms": true,
        });
        person.begin("/api/v1/partners", &body).await?;
        Ok(person)
    }

    /// Another session of that partner's owner.
    pub(crate) async fn owner(port: u16, number: usize, name: &str) -> Result<Self, String> {
        let mut person = Self::stranger(format!("localhost:{port}"), port, number);
        let body = json!({ "email": format!("owner@{name}.example"), "password": PASSWORD });
        person.begin("/api/v1/member-sessions", &body).await?;
        Ok(person)
    }

    /// Registers a user at an app.
    pub(crate) async fn user(port: u16, slug: &str, number: usize) -> Result<Self, String> {
        let mut person = Self::stranger(format!("{slug}.localhost:{port}"), port, number);
        let body = json!({ "email": format!("user{number}@proof.example"), "password": PASSWORD });
        person.begin("/api/v1/accounts", &body).await?;
        Ok(person)
    }

    async fn begin(&mut self, path: &str, body: &Value) -> Result<(), String> {
        let answer = self.post(path, None, body).await.map_err(|error| error.to_string())?;
        let answer = answer.expect(StatusCode::CREATED, path)?;
        self.identity.cookie = answer.cookie.clone().ok_or("no cookie was set")?;
        self.identity.csrf_token = text(&answer.json(), "/csrf_token")?;
        Ok(())
    }

    pub(crate) async fn post(
        &mut self,
        path: &str,
        key: Option<&str>,
        body: &Value,
    ) -> Result<Answer, NoAnswer> {
        self.ask(&Method::POST, path, key, Some(body), None).await
    }

    pub(crate) async fn upload(
        &mut self,
        path: &str,
        kind: &str,
        bytes: Vec<u8>,
    ) -> Result<Answer, NoAnswer> {
        let request = self.identity.request(&Method::POST, path, None).header("content-type", kind);
        self.send(request, bytes).await
    }

    /// Asks anything, as this person, also at another app's host.
    pub(crate) async fn ask(
        &mut self,
        method: &Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
        elsewhere: Option<&str>,
    ) -> Result<Answer, NoAnswer> {
        let mut request = self.identity.request(method, path, elsewhere);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        self.send(request, body.map(Value::to_string).unwrap_or_default().into_bytes()).await
    }

    async fn send(&mut self, request: Builder, body: Vec<u8>) -> Result<Answer, NoAnswer> {
        let request = request.body(Body::from(body)).expect("a request made of checked parts is one");
        self.connection.send(request).await
    }
}

/// The text at a JSON pointer (RFC 6901).
pub(crate) fn text(value: &Value, pointer: &str) -> Result<String, String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("there is no text at {pointer} in {value}"))
}
