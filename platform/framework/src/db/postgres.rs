//! PostgreSQL: named threads, each owning a connection and waiting on it.
//!
//! BEGIN and the row-policy variables travel with the first statement, and whatever rides along travels with COMMIT:
//! a closure of one statement costs two round trips.

use super::driver::{Access, Driver};
use super::meter::{Counted, Lane, Meters};
use super::tx::Effects;
use super::work::{Attempt, Verdict, Work};
use super::{Config, DbError, EngineKind, Row, Rule, Signals, Statement, Value};
use crate::scope::Reach;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use futures_util::future::{join, join_all};
use slipway_kernel::Entropy;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls};

/// The role the server works as: it owns nothing and no row policy lets it off.
pub(crate) const ROLE: &str = "slipway_app";
/// How often a transaction that collided is tried. As many as there are connections by default, because of those that want to
/// change one row at once each round lets one through.
const TRIES: u32 = 20;
/// The longest pause before the second try; it doubles up to [`LONGEST_PAUSE`], so that all of them stay within a second.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(64);
/// How long to wait for a connection before work is answered "unavailable".
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

pub(crate) struct Connection {
    runtime: Runtime,
    client: Client,
    /// By the address of the constant, which is its identity.
    prepared: RefCell<HashMap<usize, tokio_postgres::Statement>>,
    /// BEGIN with its variables, until the first statement takes it along.
    begin: RefCell<Option<String>>,
    /// Whether BEGIN has been sent and neither COMMIT nor ROLLBACK has answered.
    in_transaction: Cell<bool>,
    collided: Cell<bool>,
    /// Absent for a connection beside the pool.
    _counted: Option<Counted>,
}

impl Connection {
    fn open(url: &str, meters: &Meters) -> Result<Self, DbError> {
        let runtime = runtime()?;
        let client = connect(&runtime, url)?;
        // A peer that froze inside a transaction must not hold its locks for ever. A sequential scan marks its whole table as
        // read, so that a serialisable transaction of one app would collide with everybody's; each key begins with the root,
        // so there is an index to prefer.
        let setup = format!(
            "SET ROLE {ROLE}; SET idle_in_transaction_session_timeout = '60s'; SET enable_seqscan = off"
        );
        runtime.block_on(client.batch_execute(&setup)).map_err(|error| unavailable(&error))?;
        Ok(Self {
            runtime,
            client,
            prepared: RefCell::default(),
            begin: RefCell::default(),
            in_transaction: Cell::default(),
            collided: Cell::default(),
            _counted: Some(meters.connection()),
        })
    }

    /// As the user of the URL, who owns the tables, and in a transaction only when somebody begins one.
    pub(super) fn open_as_owner(url: &str) -> Result<Self, DbError> {
        let runtime = runtime()?;
        let client = connect(&runtime, url)?;
        let (prepared, begin) = (RefCell::default(), RefCell::default());
        let (in_transaction, collided) = (Cell::new(true), Cell::default());
        Ok(Self { runtime, client, prepared, begin, in_transaction, collided, _counted: None })
    }

    pub(super) fn raw(&self) -> (&Runtime, &Client) {
        (&self.runtime, &self.client)
    }

    pub(super) fn batch(&self, sql: &str) -> Result<(), DbError> {
        let ran = self.runtime.block_on(self.client.batch_execute(sql));
        ran.map_err(|error| self.translate(sql, &error))
    }

    /// What a query for one truth value says.
    pub(super) fn tells(&self, sql: &str) -> Result<bool, DbError> {
        let row = self.runtime.block_on(self.client.query_one(sql, &[]));
        row.map(|row| row.get(0)).map_err(|error| self.translate(sql, &error))
    }

    pub(crate) fn prepare_transaction(&mut self, reach: Reach, access: Access) {
        let mut text = match access {
            // One state for the whole closure, as on SQLite.
            Access::Read { cap } => format!(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {};",
                cap.as_millis().max(1)
            ),
            // The budget is looked at between statements; the server looks at it within one, also while it waits for a lock.
            Access::Write { budget } => {
                // What a tenant decides, it decides as if it were alone, as on SQLite (ADR 0014). The system's writes are
                // queues that lock the rows they take: serialisable, SKIP LOCKED would collide with every other worker and
                // the sequencer with every writer, and nothing would be decided better.
                let level = if reach.system.is_some() { "READ COMMITTED" } else { "SERIALIZABLE" };
                // Nought would mean "for ever".
                let timeout_ms = budget.as_millis().max(1);
                format!("BEGIN ISOLATION LEVEL {level}; SET LOCAL statement_timeout = {timeout_ms};")
            }
        };
        let app = reach.app.map(|app| hyphenated(app.bits())).unwrap_or_default();
        let partner = reach.partner.map(|partner| hyphenated(partner.bits())).unwrap_or_default();
        let system = reach.system.map_or("", |purpose| purpose.as_str());
        // The values are hexadecimal digits and words of a closed list; nothing here comes from outside.
        let set = write!(
            text,
            "SELECT set_config('slipway.app', '{app}', true), set_config('slipway.partner', '{partner}', true), \
             set_config('slipway.system', '{system}', true)"
        );
        set.expect("writing to a String cannot fail");
        *self.begin.borrow_mut() = Some(text);
        self.collided.set(false);
    }

    pub(crate) fn query(
        &self,
        statement: &'static Statement,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let rows =
            self.run(statement, params, async |prepared, params| self.client.query(prepared, params).await)?;
        rows.iter().try_for_each(|row| each(&Row::Postgres(row)))
    }

    pub(crate) fn execute(&self, statement: &'static Statement, params: &[Value]) -> Result<u64, DbError> {
        self.run(statement, params, async |prepared, params| self.client.execute(prepared, params).await)
    }

    fn run<T>(
        &self,
        statement: &'static Statement,
        params: &[Value],
        call: impl AsyncFnOnce(
            &tokio_postgres::Statement,
            &[&(dyn ToSql + Sync)],
        ) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, DbError> {
        let result = self.runtime.block_on(async {
            let prepared = self.prepare(statement).await?;
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
            let begin = self.begin.take();
            match begin {
                Some(begin) => {
                    self.in_transaction.set(true);
                    // Both are sent before either is answered.
                    let (begun, result) =
                        join(self.client.batch_execute(&begin), call(&prepared, &params)).await;
                    begun.and(result)
                }
                None => call(&prepared, &params).await,
            }
        });
        result.map_err(|error| self.translate(statement.name(), &error))
    }

    pub(crate) fn check(&self, statement: &'static Statement) -> Result<(), DbError> {
        let prepared = self.runtime.block_on(self.prepare(statement));
        prepared.map(drop).map_err(|error| self.translate(statement.name(), &error))
    }

    async fn prepare(
        &self,
        statement: &'static Statement,
    ) -> Result<tokio_postgres::Statement, tokio_postgres::Error> {
        let key = std::ptr::from_ref(statement).addr();
        if let Some(prepared) = self.prepared.borrow().get(&key) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(statement.text_for(EngineKind::Postgres)).await?;
        self.prepared.borrow_mut().insert(key, prepared.clone());
        Ok(prepared)
    }

    /// Sends what rides along and COMMIT in one go. After an error the transaction is still open and wants a rollback.
    fn commit(&self, effects: &Effects) -> Result<(), DbError> {
        if let Some(begin) = self.begin.take() {
            if effects.statements.is_empty() {
                return Ok(()); // The closure ran no statement at all.
            }
            self.in_transaction.set(true);
            let begun = self.runtime.block_on(self.client.batch_execute(&begin));
            begun.map_err(|error| self.translate("BEGIN", &error))?;
        }
        self.runtime.block_on(async {
            let mut rides = Vec::with_capacity(effects.statements.len());
            for (statement, params) in &effects.statements {
                statement.touch(EngineKind::Postgres);
                let wrap = |error: tokio_postgres::Error| self.translate(statement.name(), &error);
                let prepared = self.prepare(statement).await.map_err(wrap)?;
                // The server turns COMMIT into ROLLBACK after a statement it refused, but it never hears of one that could not
                // be encoded: so that is tried before anything is sent.
                check_encoding(&prepared, params)
                    .map_err(|reason| DbError::Broken(format!("{}: {reason}", statement.name())))?;
                let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
                rides.push((prepared, params, statement.name()));
            }
            let sent = rides.iter().map(async |(statement, params, name)| {
                let result = self.client.execute(statement, params).await;
                result.map(|_| ()).map_err(|error| self.translate(name, &error))
            });
            let (sent, committed) = join(join_all(sent), self.client.batch_execute("COMMIT")).await;
            sent.into_iter().collect::<Result<(), _>>()?;
            committed.map_err(|error| self.translate("COMMIT", &error))?;
            self.in_transaction.set(false);
            Ok(())
        })
    }

    /// Ends what was begun. A connection that cannot even do that is not used again.
    fn rollback(&self) -> Result<(), DbError> {
        self.begin.take();
        if !self.in_transaction.get() {
            return Ok(());
        }
        let ended = self.runtime.block_on(self.client.batch_execute("ROLLBACK"));
        ended.map_err(|error| self.translate("ROLLBACK", &error))?;
        self.in_transaction.set(false);
        Ok(())
    }

    fn is_usable(&self) -> bool {
        !self.client.is_closed() && !self.in_transaction.get()
    }

    pub(super) fn translate(&self, what: &str, error: &tokio_postgres::Error) -> DbError {
        let Some(refusal) = error.as_db_error() else {
            return if error.is_closed() || self.client.is_closed() {
                unavailable(error)
            } else {
                DbError::Broken(format!("{what}: {}", chain(error)))
            };
        };
        let table = || refusal.table().unwrap_or_default().to_owned();
        match refusal.code() {
            &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => {
                self.collided.set(true);
                DbError::Collision
            }
            &SqlState::UNIQUE_VIOLATION => DbError::Constraint { rule: Rule::Unique, table: table() },
            &SqlState::FOREIGN_KEY_VIOLATION => {
                DbError::Constraint { rule: Rule::ForeignKey, table: table() }
            }
            &SqlState::NOT_NULL_VIOLATION => DbError::Constraint { rule: Rule::NotNull, table: table() },
            &SqlState::CHECK_VIOLATION => DbError::Constraint { rule: Rule::Check, table: table() },
            &SqlState::DISK_FULL => DbError::Full,
            &SqlState::QUERY_CANCELED => DbError::OverBudget,
            &SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN | &SqlState::CANNOT_CONNECT_NOW => {
                unavailable(error)
            }
            _ => DbError::Broken(format!("{what}: {refusal}")),
        }
    }
}

/// The threads and the queues in front of them.
pub(crate) struct Postgres {
    work: Option<Sender<Box<dyn Work>>>,
    bulk: Option<Sender<Box<dyn Work>>>,
    threads: Vec<JoinHandle<()>>,
}

impl Postgres {
    /// Checks the address by connecting once, then starts the threads; each connects when it first has work.
    pub(crate) fn open(
        url: &str,
        config: &Config,
        signals: &Arc<Signals>,
        meters: &Arc<Meters>,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<Self, DbError> {
        let url: Arc<str> = Arc::from(url);
        let check =
            std::thread::scope(|scope| scope.spawn(|| Connection::open(&url, meters).map(drop)).join());
        check.map_err(|_| DbError::Unavailable("the connection check panicked".to_owned()))??;
        let (work, queue) = bounded(config.queue_length);
        let (bulk, bulk_queue) = bounded(config.queue_length);
        let mut threads = Vec::new();
        for number in 0..=config.threads {
            // The last thread serves bulk work only, so that a long one never holds up the others.
            let (name, queue) = if number == config.threads {
                ("database-bulk".to_owned(), bulk_queue.clone())
            } else {
                (format!("database-{number}"), queue.clone())
            };
            let worker = Worker {
                url: url.clone(),
                queue,
                queue_deadline: config.queue_deadline,
                signals: signals.clone(),
                meters: meters.clone(),
                entropy: entropy.clone(),
            };
            let builder = std::thread::Builder::new().name(name);
            let thread = builder.spawn(move || worker.run());
            threads.push(
                thread.map_err(|error| {
                    DbError::Unavailable(format!("a thread could not be started: {error}"))
                })?,
            );
        }
        Ok(Self { work: Some(work), bulk: Some(bulk), threads })
    }

    /// Reads and writes wait in one queue.
    pub(crate) fn waiting(&self) -> Vec<(Lane, usize)> {
        let length = |queue: &Option<Sender<Box<dyn Work>>>| queue.as_ref().map_or(0, Sender::len);
        vec![(Lane::Write, length(&self.work)), (Lane::Bulk, length(&self.bulk))]
    }

    pub(crate) fn send(&self, work: Box<dyn Work>) -> Result<(), DbError> {
        send(self.work.as_ref(), work)
    }

    pub(crate) fn send_bulk(&self, work: Box<dyn Work>) -> Result<(), DbError> {
        send(self.bulk.as_ref(), work)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        (self.work, self.bulk) = (None, None);
        super::join(&mut self.threads);
    }
}

/// Whether every value can be written as the type its place has.
fn check_encoding(prepared: &tokio_postgres::Statement, params: &[Value]) -> Result<(), String> {
    let mut scratch = bytes::BytesMut::new();
    prepared.params().iter().zip(params).try_for_each(|(column, value)| {
        scratch.clear();
        value.to_sql(column, &mut scratch).map(|_| ()).map_err(|error| error.to_string())
    })
}

fn send(queue: Option<&Sender<Box<dyn Work>>>, work: Box<dyn Work>) -> Result<(), DbError> {
    let queue = queue.ok_or_else(|| DbError::Unavailable("the installation is stopping".to_owned()))?;
    queue.try_send(work).map_err(|error| match error {
        TrySendError::Full(_) => DbError::Busy,
        TrySendError::Disconnected(_) => DbError::Unavailable("the database threads have ended".to_owned()),
    })
}

struct Worker {
    url: Arc<str>,
    queue: Receiver<Box<dyn Work>>,
    queue_deadline: Duration,
    signals: Arc<Signals>,
    meters: Arc<Meters>,
    entropy: Arc<dyn Entropy>,
}

impl Worker {
    fn run(self) {
        let mut connection = None;
        while let Ok(work) = self.queue.recv() {
            let Some(waited) = work.waiting() else { continue };
            if waited > self.queue_deadline {
                work.settle(Verdict::Failed(DbError::Busy));
                continue;
            }
            let usable = connection.take_if(|connection: &mut Box<Connection>| connection.is_usable());
            match usable.map_or_else(|| Connection::open(&self.url, &self.meters).map(Box::new), Ok) {
                Ok(open) => connection = Some(self.serve(open, work)),
                Err(error) => work.settle(Verdict::Failed(error)),
            }
        }
    }

    fn commit(&self, connection: &Connection, effects: &Effects) -> Result<(), DbError> {
        let began = Instant::now();
        let committed = connection.commit(effects);
        self.meters.commit.record(began.elapsed().as_secs_f64());
        self.meters.batch.record(1.0);
        committed
    }

    fn serve(&self, mut connection: Box<Connection>, mut work: Box<dyn Work>) -> Box<Connection> {
        let mut reconnects = 1;
        let first = Instant::now();
        for number in 1..=TRIES {
            let (driver, attempt) = work.attempt(Driver::Postgres(connection), first.elapsed());
            connection = match driver {
                Driver::Postgres(connection) => connection,
                Driver::Sqlite(_) => unreachable!("work gives back the driver it was handed"),
            };
            let mut uncertain = false;
            let verdict = match attempt {
                Attempt::Keep(effects) => match self.commit(&connection, &effects) {
                    Ok(()) => {
                        self.signals.after_commit(effects);
                        Verdict::AsReturned
                    }
                    Err(error) => {
                        uncertain = true;
                        Verdict::Failed(error)
                    }
                },
                Attempt::Undo => Verdict::AsReturned,
            };
            // A rollback that fails leaves a connection that is thrown away; what the caller hears stays true.
            let _ = connection.rollback();
            // The server went away while the closure ran: nothing of it was kept, so a new connection may run it again.
            // Only a COMMIT without an answer is never repeated.
            if connection.client.is_closed() && !uncertain {
                match Connection::open(&self.url, &self.meters) {
                    Ok(fresh) => {
                        connection = Box::new(fresh);
                        if reconnects > 0 {
                            reconnects -= 1;
                            continue;
                        }
                    }
                    Err(error) => tracing::warn!(%error, "PostgreSQL went away and is not back yet"),
                }
            }
            if !connection.collided.get() {
                work.settle(verdict);
                return connection;
            }
            metrics::counter!("database_collisions_total").increment(1);
            let pause = pause_after(number, u8::from_le_bytes(self.entropy.bytes()));
            if first.elapsed() + pause >= work.budget() {
                break;
            }
            // This connection's thread waits and no other; the rivals it would meet at once have left by then.
            std::thread::sleep(pause);
        }
        work.settle(Verdict::Failed(DbError::Collision));
        connection
    }
}

/// How long to wait after a try that collided: anything up to a bound that doubles ("full jitter"), so that rivals part.
fn pause_after(number: u32, noise: u8) -> Duration {
    let bound = FIRST_PAUSE.saturating_mul(1 << (number - 1).min(16)).min(LONGEST_PAUSE);
    bound * u32::from(noise) / 255
}

pub(crate) fn runtime() -> Result<Runtime, DbError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| DbError::Unavailable(format!("no runtime for a database thread: {error}")))
}

/// Connects as the user of the URL, who is the owner of the tables.
pub(crate) fn connect(runtime: &Runtime, url: &str) -> Result<Client, DbError> {
    runtime.block_on(async {
        let connecting = tokio::time::timeout(CONNECT_DEADLINE, tokio_postgres::connect(url, NoTls));
        let connected = connecting
            .await
            .map_err(|_| DbError::Unavailable(format!("{} did not answer in time", server(url))))?;
        let (client, connection) = connected.map_err(|error| {
            let reason = chain(&error);
            DbError::Unavailable(format!("{}: {reason}; check DATABASE_URL, and that it runs", server(url)))
        })?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a PostgreSQL connection ended");
            }
        });
        Ok(client)
    })
}

/// The server of a URL without anything secret.
fn server(url: &str) -> String {
    use tokio_postgres::config::Host;
    let Ok(config) = url.parse::<tokio_postgres::Config>() else { return "PostgreSQL".to_owned() };
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    });
    let ports =
        config.get_ports().iter().map(|port| format!(":{port}")).chain(std::iter::repeat(String::new()));
    let places: Vec<_> = hosts.zip(ports).map(|(host, port)| host + &port).collect();
    format!("PostgreSQL at {}", places.join(", "))
}

fn unavailable(error: &tokio_postgres::Error) -> DbError {
    DbError::Unavailable(chain(error))
}

/// The message with its causes: tokio-postgres says only "db error" by itself.
fn chain(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    text
}

/// The text form of a UUID (RFC 9562 §4).
pub(crate) fn hyphenated(bits: u128) -> String {
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rivals_part_within_a_second_and_under_the_write_budget() {
        for (number, noise, micros) in
            [(1, 0, 0), (1, 255, 1_000), (2, 255, 2_000), (4, 51, 1_600), (20, 255, 64_000)]
        {
            assert_eq!(pause_after(number, noise), Duration::from_micros(micros), "{number}, {noise}");
        }
        let longest: Duration = (1..=TRIES).map(|number| pause_after(number, 255)).sum();
        assert!(longest < Duration::from_secs(1), "{longest:?}");
    }
}
