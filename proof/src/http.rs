//! A kept connection to the server: hyper's client on a socket to this machine.
//!
//! It refuses to resolve names, because the server's hosts are names that resolve only in browsers, and to try again: whether a
//! request was done is exactly what is being asked.

use axum::body::{Body, Bytes};
use axum::http::{Request, Response, StatusCode};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than the server's own deadline.
const PATIENCE: Duration = Duration::from_secs(60);
const MAXIMUM_BODY_BYTES: usize = 64 << 20;

/// Why there is no answer. Whether the request was done is then unknown.
#[derive(Debug, Error)]
#[error("no answer: {0}")]
pub(crate) struct NoAnswer(String);

/// What was answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) cookie: Option<String>,
    pub(crate) body: Bytes,
}

/// A connection that is made when it is needed.
#[derive(Debug)]
pub(crate) struct Connection {
    port: u16,
    sender: Option<SendRequest<Body>>,
}

impl Connection {
    pub(crate) fn new(port: u16) -> Self {
        Self { port, sender: None }
    }

    pub(crate) async fn send(&mut self, request: Request<Body>) -> Result<Answer, NoAnswer> {
        let wait = timeout(PATIENCE, self.exchange(request));
        let answer = wait.await.unwrap_or_else(|_| Err(NoAnswer("it took too long".to_owned())));
        if answer.is_err() {
            self.sender = None;
        }
        answer
    }

    async fn exchange(&mut self, request: Request<Body>) -> Result<Answer, NoAnswer> {
        let mut sender = match self.sender.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => connect(self.port).await?,
        };
        sender.ready().await.map_err(|error| NoAnswer(error.to_string()))?;
        let response = sender.send_request(request).await.map_err(|error| NoAnswer(error.to_string()))?;
        let answer = read(response.map(Body::new)).await?;
        self.sender = Some(sender);
        Ok(answer)
    }
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Itself, if it has that status.
    pub(crate) fn expect(self, status: StatusCode, what: &str) -> Result<Self, String> {
        if self.status == status {
            return Ok(self);
        }
        Err(format!("{what} was answered {}: {}", self.status, String::from_utf8_lossy(&self.body)))
    }
}

async fn connect(port: u16) -> Result<SendRequest<Body>, NoAnswer> {
    let failed = |error: std::io::Error| NoAnswer(error.to_string());
    let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    let (sender, connection) =
        handshake(TokioIo::new(stream)).await.map_err(|error| NoAnswer(error.to_string()))?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn read(response: Response<Body>) -> Result<Answer, NoAnswer> {
    let (parts, body) = response.into_parts();
    let body =
        axum::body::to_bytes(body, MAXIMUM_BODY_BYTES).await.map_err(|error| NoAnswer(error.to_string()))?;
    let cookie = parts.headers.get("set-cookie").and_then(|value| value.to_str().ok());
    let cookie = cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
    Ok(Answer { status: parts.status, cookie, body })
}
