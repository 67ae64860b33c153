//! A browser in a test: it keeps cookies, sends `Origin`, and carries the session's token against forgery.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tower::ServiceExt;

/// A client of one origin.
#[derive(Debug, Clone)]
pub struct TestClient {
    router: Router,
    host: Option<String>,
    origin: Option<String>,
    cookies: BTreeMap<String, String>,
    csrf_token: Option<String>,
    headers: Vec<(String, String)>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct TestReply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl TestClient {
    pub(crate) fn new(router: Router, host: &str) -> Self {
        Self {
            router,
            host: Some(host.to_owned()),
            origin: Some(format!("http://{host}")),
            cookies: BTreeMap::new(),
            csrf_token: None,
            headers: vec![("sec-fetch-site".to_owned(), "same-origin".to_owned())],
        }
    }

    /// Pretends that the page came from elsewhere, or, with `None`, that this is no browser.
    #[must_use]
    pub fn from_origin(mut self, origin: Option<&str>) -> Self {
        self.origin = origin.map(str::to_owned);
        self
    }

    /// Names this host instead, or, with `None`, no host at all.
    #[must_use]
    pub fn with_host(mut self, host: Option<&str>) -> Self {
        self.host = host.map(str::to_owned);
        self
    }

    /// Sends nothing that only browsers send.
    #[must_use]
    pub fn as_program(mut self) -> Self {
        self.origin = None;
        self.headers.retain(|(name, _)| name != "sec-fetch-site");
        self
    }

    /// Sends this header with every request; its bytes may be those of any UTF-8 text without control characters.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes the cookies and the token of another client, as a thief would.
    #[must_use]
    pub fn with_session_of(mut self, other: &Self) -> Self {
        self.cookies.clone_from(&other.cookies);
        self.csrf_token.clone_from(&other.csrf_token);
        self
    }

    /// Sends this token against forgery, or none.
    #[must_use]
    pub fn with_csrf_token(mut self, token: Option<&str>) -> Self {
        self.csrf_token = token.map(str::to_owned);
        self
    }

    pub async fn get(&mut self, path: &str) -> TestReply {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> TestReply {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&mut self, path: &str, body: Value) -> TestReply {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&mut self, path: &str, body: Value) -> TestReply {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&mut self, path: &str) -> TestReply {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn delete_with(&mut self, path: &str, body: Value) -> TestReply {
        self.send(Method::DELETE, path, Some(body)).await
    }

    pub async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> TestReply {
        let kind = body.as_ref().map(|_| "application/json");
        self.send_bytes(
            method,
            path,
            kind,
            body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        )
        .await
    }

    /// Sends bytes as they are.
    ///
    /// # Panics
    /// When the request cannot be built or the answer's body breaks off.
    pub async fn send_bytes(
        &mut self,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: Vec<u8>,
    ) -> TestReply {
        let mut request = Request::builder().method(method).uri(path);
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let optional = [
            (header::HOST.as_str(), self.host.clone()),
            (header::CONTENT_TYPE.as_str(), kind.map(str::to_owned)),
            (header::ORIGIN.as_str(), self.origin.clone()),
            (header::COOKIE.as_str(), (!cookies.is_empty()).then(|| cookies.join("; "))),
            ("x-csrf-token", self.csrf_token.clone()),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        for (name, value) in &self.headers {
            request = request.header(name, value.as_bytes());
        }
        let request = request.body(Body::from(body)).expect("the test's request is well formed");
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("the answer is complete").to_bytes().to_vec();
        let reply = TestReply { status: parts.status, headers: parts.headers, bytes };
        self.remember(&reply);
        reply
    }

    fn remember(&mut self, reply: &TestReply) {
        for cookie in reply.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("our cookies are ASCII");
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name and a value");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Ok(body) = serde_json::from_slice::<Value>(&reply.bytes)
            && let Some(token) = body["csrf_token"].as_str()
        {
            self.csrf_token = Some(token.to_owned());
        }
    }
}

impl TestReply {
    /// The body as JSON; null when there is none.
    ///
    /// # Panics
    /// When the body is something else.
    #[must_use]
    pub fn json(&self) -> Value {
        if self.bytes.is_empty() {
            return Value::Null;
        }
        let text = || String::from_utf8_lossy(&self.bytes).into_owned();
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", text()))
    }

    /// The body, after checking the status.
    ///
    /// # Panics
    /// When the status is another one; the message shows the body.
    pub fn expect(self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status.as_u16(), status, "{text}");
        self.json()
    }

    /// Status and code of a problem.
    #[must_use]
    pub fn problem(&self) -> (u16, String) {
        let body = if self
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind == "application/problem+json")
        {
            self.json()
        } else {
            json!({})
        };
        (self.status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Fields and messages of an invalid request.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        let body = self.json();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        errors.iter().map(|error| (text(&error["field"]), text(&error["message"]))).collect()
    }
}
