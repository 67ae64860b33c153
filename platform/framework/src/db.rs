//! The database port: synchronous closures on database threads, two engines behind one small surface.
//!
//! `db.read(&scope, |r| …)` and `db.write(&scope, |tx| …)` run a closure that may only touch the database and that **may
//! run more than once**. There is no await inside, so nothing can hold a transaction open while the network thinks;
//! and on SQLite concurrent writers share one fsync. It refuses to build SQL, and to be called from inside a closure.

pub(crate) mod copy;
mod driver;
mod error;
mod inside;
mod local;
mod meter;
mod migrate;
mod once;
mod postgres;
mod sqlite;
mod statement;
mod tx;
mod value;
mod work;

pub use error::{DbError, Rule};
pub use migrate::{FRAMEWORK, Migration, MigrationError, Migrations, undo_migrations};
pub use once::{IdempotencyKey, OnceError, Stored};
#[cfg(feature = "planted")]
pub use statement::planted;
pub use statement::{Registered, Statement};
pub use tx::{Read, Tx};
pub(crate) use value::JsonText;
pub use value::{Column, Raw, Row, Value};

use crate::scope::{Actor, Cause, Purpose, Scope, SystemScope};
use crate::statements;
use crate::trace::{self, SpanKind};
use meter::{Lane, Meters};
use slipway_kernel::{Clock, Entropy, EventId, RequestId};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};
use tx::{Effects, Sources};
use work::{ReadWork, Work, WriteWork};

statements! {
    PING = "SELECT 1";
}

/// Which database stands behind the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EngineKind {
    Sqlite,
    Postgres,
}

/// Where the data lives.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL URL. Its user owns the tables and may become the working role.
    Url(String),
}

impl fmt::Debug for Location {
    /// A URL holds a password, so only its kind is shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "File({})", path.display()),
            Self::Url(_) => formatter.write_str("Url(…)"),
        }
    }
}

/// What of an answered write a power cut may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing: what was answered is on the disk.
    Full,
    /// The last commits, since the log was last copied into the database. Nothing is left half-written.
    Normal,
    /// Anything, and the database with it.
    Off,
}

/// How the port is dimensioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub location: Location,
    /// Reader threads (SQLite) or connections (PostgreSQL).
    pub threads: usize,
    /// Closures that may wait in each queue; one more is refused as busy.
    pub queue_length: usize,
    /// How long a closure may wait before it is refused as busy.
    pub queue_deadline: Duration,
    /// How long a writing closure may run; it is stopped between two statements.
    pub write_budget: Duration,
    /// The same for [`Db::write_bulk`]; larger work is cut into slices, because on SQLite everybody else waits meanwhile.
    pub bulk_budget: Duration,
    /// How long a reading closure may run.
    pub read_cap: Duration,
    /// How much is on the disk when a write is answered. PostgreSQL's is set at its server.
    pub durability: Durability,
    /// The largest SQLite file, so that the database never takes the disk's last byte; writes past it are refused as full.
    pub max_bytes: Option<u64>,
}

impl Config {
    #[must_use]
    pub fn new(location: Location) -> Self {
        let threads = match location {
            Location::File(_) => 2,
            Location::Url(_) => 20,
        };
        Self {
            location,
            threads,
            queue_length: 1_024,
            queue_deadline: Duration::from_secs(5),
            write_budget: Duration::from_secs(2),
            bulk_budget: Duration::from_secs(2),
            read_cap: Duration::from_secs(5),
            durability: Durability::Full,
            max_bytes: None,
        }
    }
}

/// The database.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Engine,
    config: Config,
    sources: Sources,
    signals: Arc<Signals>,
    meters: Arc<Meters>,
}

enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// Tells the pumps that a commit left them something to do.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    pub(crate) events: Notify,
    pub(crate) jobs: Notify,
}

impl Signals {
    fn after_commit(&self, effects: Effects) {
        for hook in effects.hooks {
            // The write is done whatever a hook does; a panic in one must not take the database thread along.
            if catch_unwind(AssertUnwindSafe(hook)).is_err() {
                tracing::error!("a hook after commit panicked");
            }
        }
        if effects.wakes.events {
            self.events.notify_one();
        }
        if effects.wakes.jobs {
            self.jobs.notify_one();
        }
    }
}

impl Db {
    /// Migrates the schema, then opens the threads.
    ///
    /// # Errors
    /// [`MigrationError`] says which step, or why the database cannot be opened.
    pub fn open(
        config: Config,
        migrations: &Migrations,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, MigrationError> {
        migrate::run(&config.location, migrations, &*clock)?;
        let (signals, meters) = (Arc::new(Signals::default()), Arc::new(Meters::new()));
        let engine = match &config.location {
            Location::File(path) => Engine::Sqlite(sqlite::Sqlite::open(path, &config, &signals, &meters)?),
            Location::Url(url) => {
                Engine::Postgres(postgres::Postgres::open(url, &config, &signals, &meters, &entropy)?)
            }
        };
        let last_event = Arc::new(Mutex::new(EventId::from_bits(0)));
        let sources = Sources { clock, entropy, last_event, locals: Arc::default(), meters: meters.clone() };
        Ok(Self(Arc::new(Inner { engine, config, sources, signals, meters })))
    }

    #[must_use]
    pub fn engine(&self) -> EngineKind {
        match self.0.engine {
            Engine::Sqlite(_) => EngineKind::Sqlite,
            Engine::Postgres(_) => EngineKind::Postgres,
        }
    }

    /// Reads, on a reader thread, one state of the database.
    ///
    /// # Errors
    /// What the closure returned, or a [`DbError`] made into it.
    pub fn read<S, T, E, F>(
        &self,
        scope: &S,
        closure: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<S, T, E, F>
    where
        S: Scope,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&Read<S>) -> Result<T, E> + Send + 'static,
    {
        inside::refuse();
        let (work, reply) =
            ReadWork::new(scope.clone(), self.0.sources.clone(), self.0.config.read_cap, closure);
        let sent = match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.send_read(Box::new(work)),
            Engine::Postgres(postgres) => postgres.send(Box::new(work)),
        };
        answer(self.counted(Lane::Read, sent), reply)
    }

    /// Reads one or two rows by key. On SQLite this runs on the calling thread, because the hand-over to another
    /// thread would cost more than the read itself.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_point<S, T, E, F>(&self, scope: &S, mut closure: F) -> Result<T, E>
    where
        S: Scope,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&Read<S>) -> Result<T, E> + Send + 'static,
    {
        inside::refuse();
        let began = Instant::now();
        if let Engine::Sqlite(sqlite) = &self.0.engine
            && let Some(result) =
                sqlite.read_here(scope, &self.0.sources, self.0.config.read_cap, &mut closure)
        {
            if let Some(active) = trace::current() {
                let time = (began, Instant::now());
                active.tell("database point read", SpanKind::Internal, time, false);
            }
            return result;
        }
        self.read(scope, closure).await
    }

    /// Writes: everything in the closure happens, or nothing.
    ///
    /// # Errors
    /// What the closure returned, or a [`DbError`] made into it. Either way nothing was kept: a refusal that must be
    /// remembered is an `Ok`.
    pub fn write<S, T, E, F>(
        &self,
        scope: &S,
        closure: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<S, T, E, F>
    where
        S: Scope,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut Tx<S>) -> Result<T, E> + Send + 'static,
    {
        inside::refuse();
        let (work, reply) = WriteWork::new(
            scope.clone(),
            self.0.sources.clone(),
            (Lane::Write, self.0.config.write_budget),
            closure,
        );
        answer(self.counted(Lane::Write, self.send_write(Box::new(work))), reply)
    }

    /// Writes much at once, in a lane of its own behind everybody else's writes.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn write_bulk<S, T, E, F>(
        &self,
        scope: &S,
        closure: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<S, T, E, F>
    where
        S: Scope,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut Tx<S>) -> Result<T, E> + Send + 'static,
    {
        inside::refuse();
        let (work, reply) = WriteWork::new(
            scope.clone(),
            self.0.sources.clone(),
            (Lane::Bulk, self.0.config.bulk_budget),
            closure,
        );
        let sent = match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.send_bulk(Box::new(work)),
            Engine::Postgres(postgres) => postgres.send_bulk(Box::new(work)),
        };
        answer(self.counted(Lane::Bulk, sent), reply)
    }

    /// Prepares every SQL constant of the program and returns how many there are: a statement that does not fit the schema
    /// is found here and not by a user.
    ///
    /// # Errors
    /// [`DbError::Broken`] names the first statement that cannot be prepared.
    pub async fn check_statements(&self, cause: Cause) -> Result<usize, DbError> {
        let scope = SystemScope::new(Purpose::Leases, cause);
        self.read(&scope, |read| {
            let mut checked = 0;
            for statement in Statement::all() {
                read.check(statement)?;
                checked += 1;
            }
            Ok(checked)
        })
        .await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`DbError`] says why not.
    pub async fn ping(&self) -> Result<(), DbError> {
        let cause = Cause { actor: Actor::Platform, request: RequestId::from_bits(0) };
        self.read(&SystemScope::new(Purpose::Leases, cause), |read| read.exists(&PING, &[]).map(|_| ())).await
    }

    /// What the engine finds wrong with its own file when it reads all of it; `None` on PostgreSQL, whose operator has tools for that.
    /// It takes as long as reading the file and holds up nobody.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when the file cannot be opened.
    pub async fn damage(&self) -> Result<Option<Vec<String>>, DbError> {
        let Engine::Sqlite(sqlite) = &self.0.engine else { return Ok(None) };
        let path = sqlite.path().to_owned();
        let looking = tokio::task::spawn_blocking(move || sqlite::damage(&path));
        let ended = |error: tokio::task::JoinError| DbError::Unavailable(error.to_string());
        looking.await.map_err(ended)?.map(Some)
    }

    /// What this process keeps beside this database, one value of each type; [`Read::local`] finds the same.
    #[must_use]
    pub fn local<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.0.sources.locals.get()
    }

    /// Bytes in SQLite's write-ahead log; `None` on PostgreSQL, which looks after its own.
    #[must_use]
    pub fn log_bytes(&self) -> Option<u64> {
        let Engine::Sqlite(sqlite) = &self.0.engine else { return None };
        let log = sqlite.path().with_extension("db-wal");
        Some(std::fs::metadata(log).map_or(0, |metadata| metadata.len()))
    }

    /// How many closures wait in each queue, by the queue's name, and how many may.
    #[must_use]
    pub fn waiting(&self) -> Vec<(&'static str, usize, usize)> {
        let lanes = match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.waiting(),
            Engine::Postgres(postgres) => postgres.waiting(),
        };
        let limit = self.0.config.queue_length;
        lanes.into_iter().map(|(lane, waiting)| (lane.as_str(), waiting, limit)).collect()
    }

    fn counted(&self, lane: Lane, sent: Result<(), DbError>) -> Result<(), DbError> {
        if matches!(sent, Err(DbError::Busy)) {
            self.0.meters.refused(lane);
        }
        sent
    }

    pub(crate) fn signals(&self) -> &Signals {
        &self.0.signals
    }

    fn send_write(&self, work: Box<dyn Work>) -> Result<(), DbError> {
        match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.send_write(work),
            Engine::Postgres(postgres) => postgres.send(work),
        }
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Db").field("engine", &self.engine()).finish_non_exhaustive()
    }
}

async fn answer<T, E: From<DbError>>(
    sent: Result<(), DbError>,
    reply: oneshot::Receiver<Result<T, E>>,
) -> Result<T, E> {
    sent?;
    let ended =
        |_| Err(DbError::Unavailable("the database thread ended before it answered".to_owned()).into());
    reply.await.unwrap_or_else(ended)
}

/// Waits for the threads to finish what is queued; a thread that drops the last handle cannot wait for itself.
fn join(threads: &mut Vec<JoinHandle<()>>) {
    for thread in threads.drain(..) {
        if thread.thread().id() != std::thread::current().id() {
            // A database thread that panicked has already said so.
            let _ = thread.join();
        }
    }
}
