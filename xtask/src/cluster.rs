//! A throw-away PostgreSQL cluster for the tests: made at the start, stopped and deleted at the end.
//!
//! It refuses to be durable (`fsync=off`) unless figures are told of it, and to be reached from outside: it listens on 127.0.0.1 and on a socket
//! in its own folder, and both ask for a password that is drawn anew each time. It lives under `/tmp`, because
//! PostgreSQL will not run as root and its own user may not enter root's folders. (The module is not called
//! `postgres`, because a test path with `postgres::` in it means a test that needs a server.)

use std::{
    fs::{self, DirBuilder},
    io::{self, BufRead, BufReader, Read},
    net::TcpListener,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::{
    command::{self, CommandError},
    prerequisites,
};

/// A running cluster; dropping it stops the server and deletes its folder.
#[derive(Debug)]
pub(crate) struct Cluster {
    url: String,
    server: Child,
    // Declared last, so that the folder goes after the server.
    _folder: Folder,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ClusterError {
    #[error("no PostgreSQL server program is installed; `apt-get install postgresql` brings it")]
    NotInstalled,
    #[error("cannot prepare the cluster's folder: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("the server did not become ready within {READY_TIMEOUT:?}; it said:\n{0}")]
    NotReady(String),
}

const READY_TIMEOUT: Duration = Duration::from_secs(60);
const READY_MESSAGE: &str = "database system is ready to accept connections";

impl Cluster {
    /// Makes and starts a cluster; returns when it accepts connections.
    pub(crate) fn start(root: &Path) -> Result<Self, ClusterError> {
        Self::start_with(root, &["-c", "fsync=off", "-c", "full_page_writes=off"])
    }

    /// The same with PostgreSQL's own defaults, which sync everything: what figures are told of.
    pub(crate) fn start_durable(root: &Path) -> Result<Self, ClusterError> {
        Self::start_with(root, &[])
    }

    fn start_with(root: &Path, durability: &[&str]) -> Result<Self, ClusterError> {
        let programs = prerequisites::postgres_folder().ok_or(ClusterError::NotInstalled)?;
        let folder = Folder::create()?;
        let password = password()?;
        let password_file = folder.path.join("password");
        fs::write(&password_file, &password)?;
        let is_root = prerequisites::is_root(root);
        if is_root {
            command::output(
                command::new("chown", root).arg("-R").arg("postgres:postgres").arg(&folder.path),
            )?;
        }
        let data = folder.path.join("data");
        command::output(
            as_server_user(is_root, &programs.join("initdb"), &folder.path)
                .arg("--pgdata")
                .arg(&data)
                .args(["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"])
                // MD5 and not SCRAM: 4096 hash rounds for each connection are felt in a debug build.
                .arg("--auth=md5")
                .arg("--pwfile")
                .arg(&password_file),
        )?;
        let port = free_port()?;
        let mut server = as_server_user(is_root, &programs.join("postgres"), &folder.path)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder.path)
            .args(["-h", "127.0.0.1", "-p", &port.to_string()])
            .args(durability)
            .args(["-c", "max_connections=200"])
            .args(["-c", "log_destination=stderr", "-c", "lc_messages=C"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = server.stderr.take().expect("standard error was asked to be a pipe");
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        // From here on dropping `cluster` stops the server, also when it never becomes ready.
        let cluster = Self { url, server, _folder: folder };
        wait_until_ready(log)?;
        Ok(cluster)
    }

    /// Where the superuser connects. Tests make their own databases.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown: clients are cut off, shared memory is given back.
        let id = self.server.id().to_string();
        let asked = command::output(command::new("kill", Path::new("/")).args(["-INT", &id]));
        if let Err(error) = asked.map_err(io::Error::other).and_then(|_| self.server.wait()) {
            eprintln!("cannot stop the PostgreSQL server with process id {id}: {error}");
        }
    }
}

/// A folder only its owner may enter; dropping it deletes it.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn create() -> io::Result<Self> {
        let path = PathBuf::from(format!("/tmp/slipway-postgres-{}", std::process::id()));
        // Fails if somebody else made the folder first, so nobody can lay a trap under the guessable name.
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self { path })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("cannot delete {}: {error}", self.path.display());
        }
    }
}

/// A command run by the user `postgres` if we are root. `setpriv` also makes the kernel stop it when we die.
fn as_server_user(is_root: bool, program: &Path, folder: &Path) -> Command {
    if !is_root && command::find("setpriv").is_none() {
        return command::new(program, folder);
    }
    let mut command = command::new("setpriv", folder);
    command.args(["--pdeathsig", "INT"]);
    if is_root {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    command.arg("--").arg(program);
    command
}

fn password() -> io::Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Waits for the server's own word in its log, then keeps emptying the log so that the server never blocks on it.
fn wait_until_ready(log: impl Read + Send + 'static) -> Result<(), ClusterError> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            // Nobody listens any more once the server is ready.
            let _ready = sender.send(line);
        }
    });
    let mut said = Vec::new();
    while let Ok(line) = receiver.recv_timeout(READY_TIMEOUT) {
        if line.contains(READY_MESSAGE) {
            return Ok(());
        }
        said.push(line);
    }
    Err(ClusterError::NotReady(said.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_without_the_ready_message_is_the_error() {
        let error = wait_until_ready("starting\nFATAL: no\n".as_bytes()).unwrap_err().to_string();
        assert!(error.ends_with("starting\nFATAL: no"), "{error}");
        let ready = format!("LOG:  {READY_MESSAGE}\n");
        assert!(wait_until_ready(io::Cursor::new(ready)).is_ok());
    }

    #[test]
    fn the_folder_is_private_and_goes_with_its_value() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::create().unwrap();
        let path = folder.path.clone();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(Folder::create().is_err(), "a folder that is there already is never taken over");
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn passwords_differ() {
        assert_ne!(password().unwrap(), password().unwrap());
    }
}
