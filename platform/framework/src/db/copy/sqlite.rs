//! SQLite's side of a copy.

use super::super::migrate::{Applied, read_applied_sqlite};
use super::super::sqlite::{Connection, translate};
use super::super::{Durability, Location, MigrationError, Migrations, migrate};
use super::{DbError, Row, Rows, TableShape, Value, names, places};
use slipway_kernel::Clock;
use std::path::Path;

pub(super) fn begin_read(path: &Path) -> Result<Connection, DbError> {
    if !path.exists() {
        return Err(DbError::Unavailable(format!("there is no database at {}", path.display())));
    }
    let mut connection = Connection::open_reader(path)?;
    // The state is chosen by the first read after BEGIN.
    run(&mut connection, "BEGIN; SELECT name FROM sqlite_schema LIMIT 1")?;
    Ok(connection)
}

pub(super) fn begin_write(
    path: &Path,
    migrations: &Migrations,
    clock: &dyn Clock,
) -> Result<Connection, MigrationError> {
    if path.exists() {
        let there = format!("there is already a database at {}", path.display());
        return Err(DbError::Unavailable(there).into());
    }
    migrate::run(&Location::File(path.to_owned()), migrations, clock)?;
    let mut connection = Connection::open_writer(path, Durability::Full)?;
    run(&mut connection, "BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = ON")?;
    Ok(connection)
}

fn run(connection: &mut Connection, sql: &str) -> Result<(), DbError> {
    connection.raw().execute_batch(sql).map_err(|error| translate(sql, &error))
}

pub(super) fn applied(connection: &Connection) -> Result<Vec<Applied>, DbError> {
    read_applied_sqlite(connection.shared())
}

pub(super) fn columns(connection: &Connection, table: &str) -> Result<Vec<String>, DbError> {
    migrate::columns(connection.shared(), table).map_err(|error| translate(table, &error))
}

pub(super) fn rows(
    connection: &Connection,
    table: &TableShape,
    rows: Rows<'_>,
    each: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let wrap = |error| translate(&table.name, &error);
    let (condition, params) = rows.condition();
    let (columns, name, key) = (names(table), &table.name, table.key.join(", "));
    let sql = format!("SELECT {columns} FROM {name}{condition} ORDER BY {key}");
    let mut prepared = connection.shared().prepare(&sql).map_err(wrap)?;
    let mut rows = prepared.query(rusqlite::params_from_iter(params)).map_err(wrap)?;
    while let Some(row) = rows.next().map_err(wrap)? {
        each(&Row::Sqlite(row))?;
    }
    Ok(())
}

pub(super) fn insert(
    connection: &Connection,
    table: &TableShape,
    rows: &[Vec<Value>],
) -> Result<(), DbError> {
    let wrap = |error| translate(&table.name, &error);
    let sql =
        format!("INSERT INTO {} ({}) VALUES ({})", table.name, names(table), places(table.columns.len()));
    let mut prepared = connection.shared().prepare_cached(&sql).map_err(wrap)?;
    for row in rows {
        prepared.execute(rusqlite::params_from_iter(row)).map_err(wrap)?;
    }
    Ok(())
}

pub(super) fn delete(connection: &Connection, table: &TableShape) -> Result<(), DbError> {
    let sql = format!("DELETE FROM {}", table.name);
    let deleted = connection.shared().execute(&sql, []);
    deleted.map(drop).map_err(|error| translate(&table.name, &error))
}

pub(super) fn commit(mut connection: Connection) -> Result<(), DbError> {
    run(&mut connection, "COMMIT")?;
    // One plain file, so that it can be renamed without a log beside it.
    run(&mut connection, "PRAGMA wal_checkpoint(TRUNCATE)")
}
