//! A server process that is started, killed and started again on the same data and the same ports.
//!
//! It refuses to leave a process behind, and to take settings from whoever runs the proofs.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// How long a start may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at whether the server is ready.
const PAUSE: Duration = Duration::from_millis(2);
/// The signal that nothing can catch.
const SIGKILL: i32 = 9;

/// How a server is started.
#[derive(Debug, Clone)]
pub struct House {
    program: PathBuf,
    /// Holds the data and the server's log.
    folder: PathBuf,
    pub(crate) port: u16,
    ops_port: u16,
    postgres: Option<String>,
    environment: Vec<(String, String)>,
}

/// A running server; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
}

impl House {
    /// A server with its data in `folder/data`, or in PostgreSQL and its files there.
    ///
    /// # Errors
    /// When there are no free ports.
    pub fn new(program: &Path, folder: &Path, postgres: Option<&str>) -> io::Result<Self> {
        // Both ports are held until both are known, or the second could be the first.
        let (public, private) = (free_port()?, free_port()?);
        Ok(Self {
            program: program.to_owned(),
            folder: folder.to_owned(),
            port: public.local_addr()?.port(),
            ops_port: private.local_addr()?.port(),
            postgres: postgres.map(str::to_owned),
            environment: Vec::new(),
        })
    }

    /// With one more variable in the server's environment.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same house by another program.
    #[must_use]
    pub(crate) fn run_by(&self, program: &Path) -> Self {
        Self { program: program.to_owned(), ..self.clone() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn postgres(&self) -> Option<&str> {
        self.postgres.as_deref()
    }

    /// Starts and kills after that long, whether it is ready or not.
    ///
    /// # Errors
    /// When it cannot be started, or ended by itself.
    pub(crate) async fn start_and_kill(&self, after: Duration) -> Result<(), String> {
        let running = self.spawn().map_err(|error| format!("the server could not be started: {error}"))?;
        tokio::time::sleep(after).await;
        running.kill()
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn spawn(&self) -> io::Result<Running> {
        fs::create_dir_all(&self.folder)?;
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut serve = self.command(&["serve"]);
        serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Ok(Running { child: serve.spawn()? })
    }

    /// The program with these words, on this house's data.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).args(["--development", "--data"]).arg(self.data());
        let settings = [
            ("SLIPWAY_PUBLIC_URL", format!("http://localhost:{}", self.port)),
            ("SLIPWAY_LISTEN", format!("127.0.0.1:{}", self.port)),
            ("SLIPWAY_OPS_LISTEN", format!("127.0.0.1:{}", self.ops_port)),
            ("SLIPWAY_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
            ("SLIPWAY_LOG", "error".to_owned()),
        ];
        command.env_clear().envs(settings).envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(url) = &self.postgres {
            command.env("DATABASE_URL", url);
        }
        command
    }

    /// What `slipway audit verify` finds, while no server runs.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(crate) fn audit_faults(&self) -> Result<Vec<String>, String> {
        let verified = self.command(&["audit", "verify"]).output().map_err(|error| error.to_string())?;
        if verified.status.success() {
            return Ok(Vec::new());
        }
        let said = [verified.stdout, verified.stderr].concat();
        Ok(String::from_utf8_lossy(&said).lines().map(|line| format!("the audit trail: {line}")).collect())
    }

    /// Starts and waits until the server is ready.
    ///
    /// # Errors
    /// What the server said when it did not become ready.
    pub(crate) async fn start(&self) -> Result<Running, String> {
        let failed = |error: io::Error| format!("the server could not be started: {error}");
        let mut running = self.spawn().map_err(failed)?;
        let begun = Instant::now();
        // The public port opens when everything else is done.
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.is_err() {
            let has_ended = running.child.try_wait().map_err(failed)?.is_some();
            if has_ended || begun.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.log()).unwrap_or_default();
                let last: Vec<_> = log.lines().rev().take(20).collect();
                return Err(format!(
                    "the server did not become ready; its last words, latest first:\n{}",
                    last.join("\n")
                ));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(running)
    }
}

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks the process to end, and waits until it has ended what it was doing.
    ///
    /// # Errors
    /// When it had already ended, cannot be asked, or does not end well.
    pub(crate) async fn stop(mut self) -> Result<(), String> {
        let failed = |error: io::Error| error.to_string();
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        if !asked.map_err(failed)?.success() {
            return Err("the server had ended by itself".to_owned());
        }
        let begun = Instant::now();
        loop {
            match self.child.try_wait().map_err(failed)? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("the server did not end well: {status}")),
                None if begun.elapsed() > PATIENCE => return Err("the server does not end".to_owned()),
                None => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Ends the process at this instant, in the middle of whatever it does.
    ///
    /// # Errors
    /// When it had already ended by itself.
    pub(crate) fn kill(mut self) -> Result<(), String> {
        let ended = self.child.try_wait().map_err(|error| error.to_string())?;
        if let Some(status) = ended {
            return Err(format!("the server had ended by itself: {status}"));
        }
        self.child.kill().map_err(|error| error.to_string())?;
        let status = self.child.wait().map_err(|error| error.to_string())?;
        match status.signal() {
            Some(SIGKILL) => Ok(()),
            _ => Err(format!("the server was to be killed and ended otherwise: {status}")),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has already ended cannot be killed, and there is nobody to tell anything else.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn free_port() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}
