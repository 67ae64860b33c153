//! A server that speaks S3, in a process of its own: `moto` from PyPI.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it may take to start: it is a large Python program.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server with an empty bucket called `files`; it forgets everything when it is dropped.
#[derive(Debug)]
pub struct S3Server {
    child: Child,
    port: u16,
}

impl S3Server {
    /// # Panics
    /// When it cannot be started: `SLIPWAY_TEST_PYTHON` names an interpreter that has `moto[s3]`, `flask` and `flask-cors`, as
    /// `cargo xtask test` sets it up.
    #[must_use]
    pub fn start() -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|held| held.local_addr());
        Self::start_at(port.expect("a port is free").port())
    }

    /// The same at a port where one was before.
    ///
    /// # Panics
    /// As [`S3Server::start`].
    #[must_use]
    pub fn start_at(port: u16) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the tests' tools are named by the test command")]
        let python = std::env::var("SLIPWAY_TEST_PYTHON")
            .expect("SLIPWAY_TEST_PYTHON names a Python with moto[s3]; `cargo xtask test` sets it up");
        let mut serve = Command::new(python);
        serve.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
        let child = serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let server = Self { child: child.expect("the interpreter can be started"), port };
        let begun = Instant::now();
        while server.ask("PUT /files").is_none_or(|status| status != 200) {
            assert!(begun.elapsed() < PATIENCE, "the S3 server did not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// Sends a request without a body; the status of its answer, if there was one.
    fn ask(&self, what: &str) -> Option<u16> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        let port = self.port;
        let request = format!(
            "{what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split(' ').nth(1)?.parse().ok()
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:…`
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        // One that has already ended cannot be killed, and there is nobody to tell anything else.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}
