//! Whole rows, read from one state of a database and written into an empty one, whichever engine either is.
//!
//! Backups, restores and moves stand on it. It knows tables by their shape only, works as the owner of the database instead of a
//! tenant, and refuses to write into a database that holds anything.

mod postgres;
mod sqlite;

use super::driver::Driver;
use super::meter::Meters;
#[cfg(test)]
pub(crate) use super::migrate::ColumnShape;
use super::migrate::{self, Applied, shapes};
pub(crate) use super::migrate::{ColumnType, TableShape};
use super::tx::Sources;
use super::{DbError, EngineKind, JsonText, Location, MigrationError, Migrations, Read, Row, Value};
use crate::object::{Hash, ListNamed, Place};
use crate::scope::{Actor, Cause, Purpose, RootId, Scope, SystemScope};
use slipway_kernel::{Clock, Entropy, EventId, RequestId, Ts};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A copy reads one state for as long as it takes; no one waits for it.
const NO_DEADLINE: Duration = Duration::from_hours(24 * 365);

/// Which rows of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rows<'a> {
    All,
    /// A condition in the portable subset, with its parameters `$1`, `$2`, ….
    Where(&'a str, &'a [Value]),
}

impl<'a> Rows<'a> {
    fn condition(self) -> (String, &'a [Value]) {
        match self {
            Self::All => (String::new(), &[]),
            Self::Where(condition, params) => (format!(" WHERE {condition}"), params),
        }
    }
}

/// A database held still: one transaction that sees one state, and writes when it was opened to.
pub(crate) struct Copy {
    /// Absent only while it is lent.
    driver: Option<Driver>,
    applied: Vec<Applied>,
    tables: Vec<TableShape>,
}

impl Copy {
    /// Opens one state of the database to be read, beside whoever works in it.
    pub(crate) fn read(location: &Location, migrations: &Migrations) -> Result<Self, MigrationError> {
        let driver = match location {
            Location::File(path) => Driver::Sqlite(sqlite::begin_read(path)?),
            Location::Url(url) => Driver::Postgres(Box::new(postgres::begin_read(url)?)),
        };
        let applied = match &driver {
            Driver::Sqlite(connection) => sqlite::applied(connection)?,
            Driver::Postgres(connection) => postgres::applied(connection)?,
        };
        migrate::pending(migrations, &applied)?;
        let known = migrations
            .only(&|module, number| applied.iter().any(|row| row.module == module && row.number == number));
        let copy = Self { driver: Some(driver), applied, tables: shapes(&known)? };
        copy.compare_with_engine()?;
        if let Driver::Postgres(connection) = copy.driver() {
            postgres::refuse_blind(connection, &copy.tables)?;
        }
        Ok(copy)
    }

    /// Makes the schema of `migrations` in an empty database and opens it to be written; it holds the rows that the migrations put there.
    pub(crate) fn write(
        location: &Location,
        migrations: &Migrations,
        clock: &dyn Clock,
    ) -> Result<Self, MigrationError> {
        let driver = match location {
            Location::File(path) => Driver::Sqlite(sqlite::begin_write(path, migrations, clock)?),
            Location::Url(url) => {
                Driver::Postgres(Box::new(postgres::begin_write(url, location, migrations, clock)?))
            }
        };
        let copy = Self { driver: Some(driver), applied: Vec::new(), tables: shapes(migrations)? };
        copy.compare_with_engine()?;
        Ok(copy)
    }

    pub(crate) fn tables(&self) -> &[TableShape] {
        &self.tables
    }

    pub(crate) fn applied(&self) -> &[Applied] {
        &self.applied
    }

    pub(crate) fn engine(&self) -> EngineKind {
        self.driver().kind()
    }

    /// Hands out rows in the order of their keys.
    pub(crate) fn rows<E: From<DbError>>(
        &self,
        table: &TableShape,
        rows: Rows<'_>,
        mut each: impl FnMut(Vec<Value>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failure = None;
        let mut take = |row: &Row<'_>| {
            let values = table.columns.iter().enumerate().map(|(at, column)| value(row, at, column.of));
            let values = values.collect::<Result<Vec<_>, _>>()?;
            each(values).map_err(|error| {
                failure = Some(error);
                DbError::Aborted
            })
        };
        let read = match self.driver() {
            Driver::Sqlite(connection) => sqlite::rows(connection, table, rows, &mut take),
            Driver::Postgres(connection) => postgres::rows(connection, table, rows, &mut take),
        };
        match failure {
            Some(error) => Err(error),
            None => read.map_err(E::from),
        }
    }

    /// Adds rows; each has a value for every column, in the order of the shape.
    pub(crate) fn insert(&self, table: &TableShape, rows: &[Vec<Value>]) -> Result<(), DbError> {
        match self.driver() {
            Driver::Sqlite(connection) => sqlite::insert(connection, table, rows),
            Driver::Postgres(connection) => postgres::insert(connection, table, rows),
        }
    }

    /// Takes out what the migrations put in.
    pub(crate) fn empty(&self, table: &TableShape) -> Result<(), DbError> {
        match self.driver() {
            Driver::Sqlite(connection) => sqlite::delete(connection, table),
            Driver::Postgres(connection) => postgres::delete(connection, table),
        }
    }

    /// Every stored file that a row of this state names.
    pub(crate) fn objects(
        &mut self,
        lists: &[ListNamed],
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<BTreeSet<Hash>, DbError> {
        let cause = Cause { actor: Actor::Operator, request: RequestId::from_bits(0) };
        self.ask(SystemScope::new(Purpose::Objects, cause), clock, entropy, |read| named(read, lists))
    }

    /// Asks a module, whose statements run on this state.
    pub(crate) fn ask<S: Scope, T>(
        &mut self,
        scope: S,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
        question: impl FnOnce(&Read<S>) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        let sources = Sources {
            clock: clock.clone(),
            entropy: entropy.clone(),
            last_event: Arc::new(Mutex::new(EventId::from_bits(0))),
            locals: Arc::default(),
            meters: Arc::new(Meters::new()),
        };
        let driver = self.driver.take().expect("the driver is lent to nobody else");
        let read = Read::new(driver, scope, sources, Instant::now() + NO_DEADLINE);
        let answer = question(&read);
        self.driver = Some(read.into_driver());
        answer
    }

    /// Keeps what was written.
    pub(crate) fn commit(self) -> Result<(), DbError> {
        match self.driver {
            Some(Driver::Sqlite(connection)) => sqlite::commit(connection),
            Some(Driver::Postgres(connection)) => postgres::commit(&connection),
            None => unreachable!("the driver is lent to nobody else"),
        }
    }

    fn driver(&self) -> &Driver {
        self.driver.as_ref().expect("the driver is lent to nobody else")
    }

    /// The shapes are read from the migrations' text; the engine knows what they came to.
    fn compare_with_engine(&self) -> Result<(), DbError> {
        for table in &self.tables {
            let mut found = match self.driver() {
                Driver::Sqlite(connection) => sqlite::columns(connection, &table.name)?,
                Driver::Postgres(connection) => postgres::columns(connection, &table.name)?,
            };
            let mut known: Vec<_> = table.columns.iter().map(|column| column.name.clone()).collect();
            found.sort_unstable();
            known.sort_unstable();
            if found != known || table.key.is_empty() {
                return Err(DbError::Broken(format!(
                    "table {} has the columns {} and its migrations say {}",
                    table.name,
                    found.join(", "),
                    known.join(", ")
                )));
            }
        }
        Ok(())
    }
}

fn named(read: &Read<SystemScope>, lists: &[ListNamed]) -> Result<BTreeSet<Hash>, DbError> {
    let mut all = BTreeSet::new();
    for list in lists {
        let mut place = Some(Place::start());
        while let Some(after) = place {
            let page = list(read, &after, 1_000)?;
            all.extend(page.hashes);
            place = page.next;
        }
    }
    Ok(all)
}

fn value(row: &Row<'_>, at: usize, of: ColumnType) -> Result<Value, DbError> {
    Ok(match of {
        ColumnType::Uuid => row.get::<Option<RootId>>(at)?.into(),
        ColumnType::Bytes => row.get::<Option<Vec<u8>>>(at)?.into(),
        ColumnType::Instant => row.get::<Option<Ts>>(at)?.into(),
        ColumnType::Boolean => row.get::<Option<bool>>(at)?.into(),
        ColumnType::Json => row.get::<Option<JsonText>>(at)?.map_or(Value::Null, |json| Value::Json(json.0)),
        ColumnType::Float => row.get::<Option<f64>>(at)?.into(),
        ColumnType::Integer => row.get::<Option<i64>>(at)?.into(),
        ColumnType::Text => row.get::<Option<String>>(at)?.into(),
    })
}

/// `$1, $2, …`
fn places(count: usize) -> String {
    (1..=count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

fn names(table: &TableShape) -> String {
    table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}
