//! As much of an HTTP/1.1 client as the figures need: one kept connection to this machine (RFC 9112).
//!
//! It is no crate because the server's hosts are names that resolve only in browsers, and its cookies are `Secure` on plain
//! HTTP: a client that knows better than its caller would have to be talked out of both. It refuses TLS, redirects, and
//! every address but the loopback one.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// Longer than the server's own deadline, so that its answer is heard.
const PATIENCE: Duration = Duration::from_secs(60);
/// Far more than any answer of the API; a package has a few hundred kilobytes.
const MAXIMUM_BODY_BYTES: u64 = 16 << 20;

#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("127.0.0.1:{port} does not answer: {source}")]
    Io { port: u16, source: io::Error },
    #[error("{call} answered {status}: {body}")]
    Status { call: String, status: u16, body: String },
    #[error("{call} answered what is no JSON: {source}")]
    Json { call: String, source: serde_json::Error },
    #[error("{call} answered without `{field}`: {body}")]
    Field { call: String, field: &'static str, body: String },
}

/// A kept connection to a port of this machine.
pub(super) struct Client {
    port: u16,
    connection: Option<BufReader<TcpStream>>,
}

/// What is asked.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

/// What was answered. Header names are in lower case.
#[derive(Debug)]
pub(super) struct Answer {
    call: String,
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Client {
    pub(super) fn new(port: u16) -> Self {
        Self { port, connection: None }
    }

    /// Asks once; a connection that failed or was ended is made anew by the next call.
    pub(super) fn send(&mut self, call: &Call<'_>) -> Result<Answer, HttpError> {
        let failed = |source| HttpError::Io { port: self.port, source };
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(self.port).map_err(failed)?,
        };
        let answer = exchange(&mut connection, self.port, call).map_err(failed)?;
        if answer.header("connection") != Some("close") {
            self.connection = Some(connection);
        }
        Ok(answer)
    }
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Itself, if it has the expected status.
    pub(super) fn expect(self, status: u16) -> Result<Self, HttpError> {
        if self.status == status {
            return Ok(self);
        }
        Err(HttpError::Status { body: self.text(), call: self.call, status: self.status })
    }

    pub(super) fn json(&self) -> Result<Value, HttpError> {
        serde_json::from_slice(&self.body)
            .map_err(|source| HttpError::Json { call: self.call.clone(), source })
    }

    /// The text at a JSON pointer (RFC 6901).
    pub(super) fn field(&self, pointer: &'static str) -> Result<String, HttpError> {
        let found = self.json()?.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        found.ok_or_else(|| HttpError::Field { call: self.call.clone(), field: pointer, body: self.text() })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn connect(port: u16) -> io::Result<BufReader<TcpStream>> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

fn exchange(connection: &mut BufReader<TcpStream>, port: u16, call: &Call<'_>) -> io::Result<Answer> {
    let Call { method, path, headers, body } = call;
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in *headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let request = [request.as_bytes(), body].concat();
    connection.get_mut().write_all(&request)?;
    answer(connection, format!("{method} {path}"))
}

fn answer(from: &mut impl BufRead, call: String) -> io::Result<Answer> {
    let status = line(from)?;
    let status =
        status.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| malformed(&status))?;
    let mut headers = Vec::new();
    loop {
        let line = line(from)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed(&line))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer { call, status, headers, body: Vec::new() };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = chunks(from)?;
    } else if let Some(length) = answer.header("content-length") {
        let length = length.parse().map_err(|_| malformed(length))?;
        answer.body = bytes(from, length)?;
    }
    Ok(answer)
}

fn chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(from)?;
        let digits = size.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(digits, 16).map_err(|_| malformed(&size))?;
        body.extend(bytes(from, length)?);
        // After the last chunk this is the empty line that ends the trailers, of which the server sends none.
        line(from)?;
        if length == 0 || body.len() as u64 > MAXIMUM_BODY_BYTES {
            return Ok(body);
        }
    }
}

fn bytes(from: &mut impl BufRead, length: u64) -> io::Result<Vec<u8>> {
    if length > MAXIMUM_BODY_BYTES {
        return Err(malformed(&format!("{length} bytes")));
    }
    let mut bytes = Vec::new();
    if from.take(length).read_to_end(&mut bytes)? as u64 == length {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("`{what}` is not what HTTP allows here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut text: &[u8]) -> io::Result<(Answer, usize)> {
        let answer = answer(&mut text, "GET /".to_owned())?;
        Ok((answer, text.len()))
    }

    #[test]
    fn both_framings_are_read_and_the_next_answer_is_left() {
        let (plain, rest) =
            read(b"HTTP/1.1 201 Created\r\nSet-Cookie: a=b\r\nContent-Length: 4\r\n\r\nbodynext").unwrap();
        assert_eq!((plain.status, plain.header("set-cookie"), rest), (201, Some("a=b"), 4));
        assert_eq!(plain.body, b"body");
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n{\"a\":\"word\r\n2\r\n\"}\r\n0\r\n\r\nnext";
        let (chunked, rest) = read(chunked).unwrap();
        assert_eq!((chunked.field("/a").unwrap(), rest), ("word".to_owned(), 4));
        let (empty, rest) = read(b"HTTP/1.1 204 No Content\r\n\r\nnext").unwrap();
        assert_eq!((empty.body.len(), rest), (0, 4));
    }

    #[test]
    fn a_broken_answer_is_an_error() {
        for text in [
            &b""[..],
            b"nonsense\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        ] {
            assert!(read(text).is_err(), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn an_unexpected_status_shows_what_the_server_said() {
        let (answer, _) = read(b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nwhy").unwrap();
        let error = answer.expect(200).unwrap_err().to_string();
        assert_eq!(error, "GET / answered 404: why");
    }
}
