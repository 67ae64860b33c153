//! SQLite: one writer thread that commits many closures with one fsync, and reader threads beside it.
//!
//! Each closure runs in a SAVEPOINT, so one that fails leaves its batch mates alone; replies are sent after COMMIT.
//! What kills a whole batch (a full disk, an interrupted write) makes the others run again, one by one. An I/O error
//! at COMMIT stops the process: the page cache can no longer be trusted to hold what the disk has, so trying again
//! would only pretend (the "fsyncgate" finding, Rebello et al., USENIX ATC 2020).

use super::driver::Driver;
use super::meter::{Counted, Lane, Meters};
use super::tx::{Effects, Sources};
use super::work::{Attempt, Verdict, Work};
use super::{Config, DbError, Durability, EngineKind, Row, Rule, Signals, Statement, Value, work};
use crate::scope::Scope;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select_biased};
use rusqlite::{ErrorCode, OpenFlags, ffi};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// At most this many closures share a COMMIT …
const BATCH_CLOSURES: usize = 64;
/// … and no closure is added to a batch that is this old.
const BATCH_AGE: Duration = Duration::from_millis(5);
/// Statements kept prepared on each connection.
const PREPARED: usize = 256;

pub(crate) struct Connection {
    inner: rusqlite::Connection,
    _counted: Option<Counted>,
}

impl Connection {
    /// Opens the file for writing, creating it when it is missing.
    pub(crate) fn open_writer(path: &Path, durability: Durability) -> Result<Self, DbError> {
        let connection = rusqlite::Connection::open(path).map_err(|error| opening(path, &error))?;
        let pragmas = "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;
             PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864;";
        connection.execute_batch(pragmas).map_err(|error| opening(path, &error))?;
        let synchronous = match durability {
            // An fsync for each COMMIT, which group commit makes affordable.
            Durability::Full => "PRAGMA synchronous = FULL",
            Durability::Normal => "PRAGMA synchronous = NORMAL",
            Durability::Off => "PRAGMA synchronous = OFF",
        };
        connection.execute_batch(synchronous).map_err(|error| opening(path, &error))?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(Self { inner: connection, _counted: None })
    }

    pub(crate) fn open_reader(path: &Path) -> Result<Self, DbError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            rusqlite::Connection::open_with_flags(path, flags).map_err(|error| opening(path, &error))?;
        let pragmas = "PRAGMA query_only = ON; PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY;
             PRAGMA mmap_size = 268435456; PRAGMA trusted_schema = OFF;";
        connection.execute_batch(pragmas).map_err(|error| opening(path, &error))?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(Self { inner: connection, _counted: None })
    }

    /// Counts it among those of the pool.
    fn counted(self, meters: &Meters) -> Self {
        Self { _counted: Some(meters.connection()), ..self }
    }

    pub(crate) fn raw(&mut self) -> &mut rusqlite::Connection {
        &mut self.inner
    }

    pub(crate) fn shared(&self) -> &rusqlite::Connection {
        &self.inner
    }

    pub(crate) fn query(
        &self,
        statement: &'static Statement,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let wrap = |error| translate(statement.name(), &error);
        let mut prepared = self.inner.prepare_cached(statement.text_for(EngineKind::Sqlite)).map_err(wrap)?;
        let mut rows = prepared.query(rusqlite::params_from_iter(params)).map_err(wrap)?;
        while let Some(row) = rows.next().map_err(wrap)? {
            each(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    pub(crate) fn execute(&self, statement: &'static Statement, params: &[Value]) -> Result<u64, DbError> {
        let wrap = |error| translate(statement.name(), &error);
        let mut prepared = self.inner.prepare_cached(statement.text_for(EngineKind::Sqlite)).map_err(wrap)?;
        let changed = prepared.execute(rusqlite::params_from_iter(params)).map_err(wrap)?;
        Ok(changed as u64)
    }

    pub(crate) fn check(&self, statement: &'static Statement) -> Result<(), DbError> {
        let prepared = self.inner.prepare(statement.text_for(EngineKind::Sqlite));
        prepared.map(drop).map_err(|error| translate(statement.name(), &error))
    }

    fn control(&self, command: &'static str) -> Result<(), DbError> {
        let mut prepared = self.inner.prepare_cached(command).map_err(|error| translate(command, &error))?;
        prepared.execute([]).map_err(|error| translate(command, &error))?;
        Ok(())
    }

    /// Makes SQLite answer "full" at this size.
    fn cap(&mut self, max_bytes: u64) -> rusqlite::Result<()> {
        let page_bytes: i64 = self.inner.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        let pages = max_bytes.div_ceil(page_bytes.unsigned_abs().max(1));
        self.inner.execute_batch(&format!("PRAGMA max_page_count = {pages}"))
    }

    /// A long read is stopped after `cap`, so that it cannot pin the write-ahead log.
    fn limit(&mut self, cap: Option<Duration>) {
        let watch = cap.map(|cap| {
            let deadline = Instant::now() + cap;
            move || Instant::now() > deadline
        });
        // The only failure is a connection borrowed elsewhere, and this one is owned here.
        let _ = self.inner.progress_handler(10_000, watch);
    }
}

/// The threads and the queues in front of them.
pub(crate) struct Sqlite {
    path: PathBuf,
    writes: Option<Sender<Box<dyn Work>>>,
    bulk: Option<Sender<Box<dyn Work>>>,
    reads: Option<Sender<Box<dyn Work>>>,
    /// Connections for point reads on the caller's own thread.
    spare: (Sender<Driver>, Receiver<Driver>),
    threads: Vec<JoinHandle<()>>,
}

impl Sqlite {
    pub(crate) fn open(
        path: &Path,
        config: &Config,
        signals: &Arc<Signals>,
        meters: &Arc<Meters>,
    ) -> Result<Self, DbError> {
        let mut writer = Connection::open_writer(path, config.durability)?.counted(meters);
        if let Some(max_bytes) = config.max_bytes {
            writer.cap(max_bytes).map_err(|error| opening(path, &error))?;
        }
        let (writes, write_queue) = bounded(config.queue_length);
        let (bulk, bulk_queue) = bounded(config.queue_length);
        let (reads, read_queue) = bounded(config.queue_length);
        let writer = Writer {
            driver: Some(Driver::Sqlite(writer)),
            writes: write_queue,
            bulk: bulk_queue,
            queue_deadline: config.queue_deadline,
            signals: signals.clone(),
            meters: meters.clone(),
        };
        let mut threads = vec![spawn("database-writer", move || writer.run())?];
        for number in 0..config.threads {
            let connection = Connection::open_reader(path)?.counted(meters);
            let (queue, deadline, cap) = (read_queue.clone(), config.queue_deadline, config.read_cap);
            threads.push(spawn(&format!("database-reader-{number}"), move || {
                serve_reads(connection, &queue, deadline, cap);
            })?);
        }
        let spare = bounded(config.threads);
        for _ in 0..config.threads {
            let connection = Driver::Sqlite(Connection::open_reader(path)?.counted(meters));
            spare
                .0
                .try_send(connection)
                .map_err(|_| DbError::Broken("the pool of spare readers is too small".to_owned()))?;
        }
        Ok(Self {
            path: path.to_owned(),
            writes: Some(writes),
            bulk: Some(bulk),
            reads: Some(reads),
            spare,
            threads,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn waiting(&self) -> Vec<(Lane, usize)> {
        let length = |queue: &Option<Sender<Box<dyn Work>>>| queue.as_ref().map_or(0, Sender::len);
        vec![
            (Lane::Write, length(&self.writes)),
            (Lane::Bulk, length(&self.bulk)),
            (Lane::Read, length(&self.reads)),
        ]
    }

    pub(crate) fn send_write(&self, work: Box<dyn Work>) -> Result<(), DbError> {
        send(self.writes.as_ref(), work)
    }

    pub(crate) fn send_bulk(&self, work: Box<dyn Work>) -> Result<(), DbError> {
        send(self.bulk.as_ref(), work)
    }

    pub(crate) fn send_read(&self, work: Box<dyn Work>) -> Result<(), DbError> {
        send(self.reads.as_ref(), work)
    }

    /// Runs a short read on the calling thread; `None` when every spare connection is in use.
    pub(crate) fn read_here<S: Scope, T, E: From<DbError>>(
        &self,
        scope: &S,
        sources: &Sources,
        cap: Duration,
        closure: &mut impl FnMut(&super::Read<S>) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let driver = self.spare.1.try_recv().ok()?;
        let mut connection = own(driver);
        connection.limit(Some(cap));
        if let Err(error) = connection.control("BEGIN") {
            let _ = self.spare.0.try_send(Driver::Sqlite(connection));
            return Some(Err(error.into()));
        }
        let began = Instant::now();
        let (driver, result) = work::read(Driver::Sqlite(connection), scope, sources, cap, closure);
        sources.meters.ran(Lane::Point, began.elapsed());
        let mut connection = own(driver);
        connection.limit(None);
        let ended = connection.control("COMMIT");
        let (driver, result) = (Driver::Sqlite(connection), ended.map_err(E::from).and(result));
        // The channel has room for every connection there is.
        let _ = self.spare.0.try_send(driver);
        Some(result)
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // Closing the queues lets the threads finish what is in them and end.
        (self.writes, self.bulk, self.reads) = (None, None, None);
        super::join(&mut self.threads);
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, DbError> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder
        .spawn(body)
        .map_err(|error| DbError::Unavailable(format!("a thread could not be started: {error}")))
}

fn send(queue: Option<&Sender<Box<dyn Work>>>, work: Box<dyn Work>) -> Result<(), DbError> {
    let queue = queue.ok_or_else(|| DbError::Unavailable("the installation is stopping".to_owned()))?;
    queue.try_send(work).map_err(|error| match error {
        TrySendError::Full(_) => DbError::Busy,
        TrySendError::Disconnected(_) => DbError::Unavailable("the database thread has ended".to_owned()),
    })
}

fn serve_reads(
    mut connection: Connection,
    queue: &Receiver<Box<dyn Work>>,
    deadline: Duration,
    cap: Duration,
) {
    while let Ok(mut work) = queue.recv() {
        let Some(waited) = work.waiting() else { continue };
        if waited > deadline {
            work.settle(Verdict::Failed(DbError::Busy));
            continue;
        }
        connection.limit(Some(cap));
        // One transaction for the whole closure, so that its statements see one state.
        if let Err(error) = connection.control("BEGIN") {
            work.settle(Verdict::Failed(error));
            continue;
        }
        let (driver, _) = work.attempt(Driver::Sqlite(connection), Duration::ZERO);
        connection = own(driver);
        connection.limit(None);
        let ended = connection.control("COMMIT");
        work.settle(ended.map_or_else(Verdict::Failed, |()| Verdict::AsReturned));
    }
}

fn own(driver: Driver) -> Connection {
    match driver {
        Driver::Sqlite(connection) => connection,
        Driver::Postgres(_) => unreachable!("work gives back the driver it was handed"),
    }
}

struct Writer {
    driver: Option<Driver>,
    writes: Receiver<Box<dyn Work>>,
    bulk: Receiver<Box<dyn Work>>,
    queue_deadline: Duration,
    signals: Arc<Signals>,
    meters: Arc<Meters>,
}

/// A closure that has run in the open batch.
struct Ran {
    work: Box<dyn Work>,
    /// Its effects, or why it was rolled back when that was not its own doing.
    outcome: Result<Option<Effects>, DbError>,
}

impl Writer {
    fn run(mut self) {
        loop {
            // Bulk work runs alone and only when nobody else waits.
            let (first, alone) = select_biased! {
                recv(self.writes) -> work => (work.ok(), false),
                recv(self.bulk) -> work => (work.ok(), true),
            };
            let Some(first) = first else { break };
            let rerun = self.run_batch(first, alone);
            for work in rerun {
                self.run_batch(work, true);
            }
        }
        while let Ok(work) = self.bulk.try_recv() {
            self.run_batch(work, true);
        }
        // Leaves one plain file behind for whoever copies it; a failure only leaves the log beside it.
        let _ = self.connection().raw().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    fn connection(&mut self) -> &mut Connection {
        match self.driver.as_mut() {
            Some(Driver::Sqlite(connection)) => connection,
            _ => unreachable!("the writer holds its connection between attempts"),
        }
    }

    /// Runs a batch and replies to it. Returns the closures that must run again, alone, because something killed
    /// the transaction they shared.
    fn run_batch(&mut self, first: Box<dyn Work>, alone: bool) -> Vec<Box<dyn Work>> {
        if let Err(error) = self.connection().control("BEGIN IMMEDIATE") {
            first.settle(Verdict::Failed(error));
            return Vec::new();
        }
        let started = Instant::now();
        let mut batch: Vec<Ran> = Vec::new();
        let mut next = Some(first);
        while let Some(work) = next.take() {
            if let Some(ran) = self.run_one(work) {
                let died = self.connection().raw().is_autocommit();
                batch.push(ran);
                if died {
                    return self.bury(batch, alone);
                }
            }
            if !alone && batch.len() < BATCH_CLOSURES && started.elapsed() < BATCH_AGE {
                next = self.writes.try_recv().ok();
            }
        }
        self.meters.batch.record(f64::from(u32::try_from(batch.len()).unwrap_or(u32::MAX)));
        let began = Instant::now();
        let committed = self.connection().control("COMMIT");
        self.meters.commit.record(began.elapsed().as_secs_f64());
        match committed {
            Ok(()) => {
                self.reply(batch);
                Vec::new()
            }
            Err(error) => {
                let _ = self.connection().raw().execute_batch("ROLLBACK");
                if alone || batch.len() == 1 {
                    if let Some(ran) = batch.pop() {
                        ran.work.settle(Verdict::Failed(error));
                    }
                    return Vec::new();
                }
                batch.into_iter().map(|ran| ran.work).collect()
            }
        }
    }

    /// Runs one closure in its savepoint; `None` when it was not worth starting.
    fn run_one(&mut self, mut work: Box<dyn Work>) -> Option<Ran> {
        let waited = work.waiting()?;
        if waited > self.queue_deadline {
            work.settle(Verdict::Failed(DbError::Busy));
            return None;
        }
        if let Err(error) = self.connection().control("SAVEPOINT closure") {
            return Some(Ran { work, outcome: Err(error) });
        }
        let driver = self.driver.take().expect("the writer holds its connection between attempts");
        // A batch that died is its killer's fault: whoever runs again has its whole time again.
        let (driver, attempt) = work.attempt(driver, Duration::ZERO);
        let outcome = match attempt {
            Attempt::Keep(effects) => {
                let flushed = effects
                    .statements
                    .iter()
                    .try_for_each(|(statement, params)| driver.execute(statement, params).map(|_| ()));
                flushed.map(|()| Some(effects))
            }
            Attempt::Undo => Ok(None),
        };
        self.driver = Some(driver);
        let keep = matches!(outcome, Ok(Some(_)));
        let connection = self.connection();
        if connection.raw().is_autocommit() {
            return Some(Ran { work, outcome });
        }
        let undone = if keep { Ok(()) } else { connection.control("ROLLBACK TO closure") };
        let ended = undone.and_then(|()| connection.control("RELEASE closure"));
        if ended.is_err() {
            // What the closure did cannot be taken back alone, so the whole batch is, and its mates run again.
            let _ = connection.raw().execute_batch("ROLLBACK");
        }
        Some(Ran { work, outcome: ended.and(outcome) })
    }

    /// The transaction is gone. Whoever was last killed it and hears so; the others did nothing wrong and run again.
    fn bury(&self, mut batch: Vec<Ran>, alone: bool) -> Vec<Box<dyn Work>> {
        if let Some(killer) = batch.pop() {
            let verdict = match killer.outcome {
                Ok(Some(_)) => Verdict::Failed(DbError::Aborted),
                Ok(None) => Verdict::AsReturned,
                Err(error) => Verdict::Failed(error),
            };
            killer.work.settle(verdict);
        }
        debug_assert!(!alone || batch.is_empty(), "a closure that runs alone has no mates");
        batch.into_iter().map(|ran| ran.work).collect()
    }

    fn reply(&self, batch: Vec<Ran>) {
        for Ran { work, outcome } in batch {
            match outcome {
                Ok(Some(effects)) => {
                    self.signals.after_commit(effects);
                    work.settle(Verdict::AsReturned);
                }
                Ok(None) => work.settle(Verdict::AsReturned),
                Err(error) => work.settle(Verdict::Failed(error)),
            }
        }
    }
}

/// Reads the whole file: its pages, its indexes, and whether each row's foreign keys lead somewhere.
pub(crate) fn damage(path: &Path) -> Result<Vec<String>, DbError> {
    let connection = Connection::open_reader(path)?;
    let lines = |pragma: &str| -> rusqlite::Result<Vec<String>> {
        let mut prepared = connection.inner.prepare(pragma)?;
        prepared.query_map([], |row| row.get(0))?.collect()
    };
    let unreadable = |error: rusqlite::Error| vec![error.to_string()];
    let mut faults = lines("PRAGMA integrity_check(10)").unwrap_or_else(unreadable);
    faults.retain(|line| line != "ok");
    // The table is named, and the row's number says nothing to anybody.
    let mut orphans = lines("PRAGMA foreign_key_check").unwrap_or_default();
    orphans.dedup();
    faults.extend(
        orphans.into_iter().map(|table| format!("rows of {table} belong to rows that are not there")),
    );
    Ok(faults)
}

fn opening(path: &Path, error: &rusqlite::Error) -> DbError {
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            "the file is damaged or no database; restore a backup"
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            "check that the folder exists and this user may write to it"
        }
        Some(ErrorCode::DiskFull) => "make room on the disk",
        _ => "see the reason above",
    };
    DbError::Unavailable(format!("{} could not be opened: {error}; {advice}", path.display()))
}

pub(super) fn translate(what: &str, error: &rusqlite::Error) -> DbError {
    let rusqlite::Error::SqliteFailure(failure, message) = error else {
        return DbError::Broken(format!("{what}: {error}"));
    };
    match failure.code {
        ErrorCode::ConstraintViolation => {
            constraint(failure.extended_code, message.as_deref().unwrap_or_default())
        }
        ErrorCode::DiskFull => DbError::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => DbError::Busy,
        ErrorCode::OperationInterrupted => DbError::OverBudget,
        ErrorCode::SystemIoFailure if what == "COMMIT" => {
            // Nothing can be said about the state of the disk any more, so nothing may be answered.
            tracing::error!(%error, "an I/O error at COMMIT: stopping");
            std::process::abort();
        }
        _ => DbError::Broken(format!("{what}: {error}")),
    }
}

/// SQLite names columns ("UNIQUE constraint failed: apps.slug"), PostgreSQL names constraints; both know the table.
fn constraint(extended_code: i32, message: &str) -> DbError {
    let rule = match extended_code {
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Rule::ForeignKey,
        ffi::SQLITE_CONSTRAINT_NOTNULL => Rule::NotNull,
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => Rule::Unique,
        _ => Rule::Check,
    };
    let subject = message.split_once("failed: ").map_or("", |(_, subject)| subject);
    let table = subject.split(['.', ',', ' ']).next().unwrap_or_default().to_owned();
    DbError::Constraint { rule, table }
}
