//! A release server of its own: free ports, a data folder, and an end when its value is dropped.
//!
//! It refuses to leave a process behind, and to take settings from whoever runs the figures.

use std::{
    error::Error,
    fs::{self, File},
    io,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    bench::http::{Call, Client},
    command,
};

/// How long a start may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at whether the server is ready; the most by which a start is measured too long.
const PAUSE: Duration = Duration::from_millis(2);

/// A running server.
pub(super) struct Server {
    child: Child,
    pub(super) port: u16,
}

impl Server {
    /// Starts on the data in `folder` and waits until it is ready; gives the milliseconds that took.
    pub(super) fn start(program: &Path, folder: &Path) -> Result<(Self, f64), Box<dyn Error>> {
        // Both ports are held until both are known, or the second could be the first.
        let (public, private) = (free_port()?, free_port()?);
        let (port, ops_port) = (public.local_addr()?.port(), private.local_addr()?.port());
        drop((public, private));
        let log = File::create(folder.join("server.log"))?;
        let mut serve = command::new(program, folder);
        serve.args(["serve", "--development", "--data"]).arg(folder.join("data"));
        serve
            .env_clear()
            .env("SLIPWAY_PUBLIC_URL", format!("http://localhost:{port}"))
            .env("SLIPWAY_LISTEN", format!("127.0.0.1:{port}"))
            .env("SLIPWAY_OPS_LISTEN", format!("127.0.0.1:{ops_port}"))
            .env("SLIPWAY_TRUSTED_PROXIES", "127.0.0.1")
            .env("SLIPWAY_LOG", "error")
            .stdout(Stdio::null())
            .stderr(log);
        let start = Instant::now();
        let mut server = Self { child: serve.spawn()?, port };
        let mut client = Client::new(ops_port);
        let ready = Call { method: "GET", path: "/health/ready", headers: &[], body: &[] };
        while !client.send(&ready).is_ok_and(|answer| answer.status == 200) {
            let has_ended = server.child.try_wait()?.is_some();
            if has_ended || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(folder.join("server.log")).unwrap_or_default();
                return Err(format!("the server did not become ready; it said:\n{log}").into());
            }
            thread::sleep(PAUSE);
        }
        Ok((server, start.elapsed().as_secs_f64() * 1000.0))
    }

    /// Megabytes of memory that are really there: `VmRSS` of proc(5).
    pub(super) fn resident_mb(&self) -> Result<f64, Box<dyn Error>> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes: f64 =
            line.and_then(|line| line.trim().strip_suffix(" kB")).ok_or("no VmRSS")?.parse()?;
        Ok(kibibytes * 1024.0 / 1e6)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has already ended cannot be killed, and there is nobody to tell anything else.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn free_port() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}
