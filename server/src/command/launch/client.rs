//! The console's client inside this process: cookies, the token against forgery, problems as sentences.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use serde_json::Value;
use slipway_framework::platform::Addresses;
use tower::ServiceExt;

/// Larger than any artefact.
const MAX_REPLY_BYTES: usize = 256 * 1024 * 1024;

pub(super) struct Client {
    router: Router,
    host: String,
    origin: String,
    cookie: Option<String>,
    csrf_token: Option<String>,
}

pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) bytes: Vec<u8>,
}

impl Client {
    pub(super) fn new(router: Router, addresses: &Addresses) -> Self {
        let (host, origin) = (addresses.base_domain.clone(), addresses.console_origin());
        Self { router, host, origin, cookie: None, csrf_token: None }
    }

    pub(super) async fn get(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, "", Vec::new()).await
    }

    pub(super) async fn post(&mut self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, "application/json", body.to_string().into_bytes()).await
    }

    pub(super) async fn post_bytes(&mut self, path: &str, body: Vec<u8>) -> Reply {
        self.send(Method::POST, path, "application/octet-stream", body).await
    }

    async fn send(&mut self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::ORIGIN, &self.origin)
            .header(header::CONTENT_TYPE, kind);
        let optional = [(header::COOKIE.as_str(), &self.cookie), ("x-csrf-token", &self.csrf_token)];
        for (name, value) in optional {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let request = match request.body(Body::from(body)) {
            Ok(request) => request,
            Err(error) => return Reply { status: 0, bytes: error.to_string().into_bytes() },
        };
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let (parts, body) = response.into_parts();
        let cookie = parts.headers.get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        if let Some(pair) = cookie.and_then(|cookie| cookie.split(';').next()) {
            self.cookie = Some(pair.to_owned());
        }
        let bytes = to_bytes(body, MAX_REPLY_BYTES).await.map(|bytes| bytes.to_vec()).unwrap_or_default();
        let reply = Reply { status: parts.status.as_u16(), bytes };
        if let Some(token) = reply.json()["csrf_token"].as_str() {
            self.csrf_token = Some(token.to_owned());
        }
        reply
    }
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// The body, or what a person should read instead.
    pub(super) fn expect(&self, status: u16) -> Result<Value, String> {
        let body = self.json();
        if self.status == status {
            return Ok(body);
        }
        let mut text =
            body["detail"].as_str().map_or_else(|| format!("the answer was {}", self.status), str::to_owned);
        for (field, message) in self.errors() {
            text.push_str(&format!("\n  {field}: {message}"));
        }
        Err(text)
    }

    /// The fields that are not right, each with what is wrong.
    pub(super) fn errors(&self) -> Vec<(String, String)> {
        let body = self.json();
        let part = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
        let errors = body["errors"].as_array().into_iter().flatten();
        errors.map(|error| (part(error, "field"), part(error, "message"))).collect()
    }
}
