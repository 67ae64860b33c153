//! PostgreSQL's side of a copy. It works as the owner of the tables, whom a policy of its own lets past every root.

use super::super::migrate::{Applied, read_applied_postgres};
use super::super::postgres::Connection;
use super::super::{Location, MigrationError, Migrations, migrate};
use super::{ColumnType, DbError, Row, Rows, TableShape, Value, names, places};
use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use slipway_kernel::Clock;
use tokio_postgres::types::ToSql;

/// What the owner's policies ask for, and the purpose under which stored files are listed.
const AS_COPIER: &str = "SELECT set_config('slipway.copying', 'on', true), set_config('slipway.system', 'objects', true);
     SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '10s'";
/// Stands while rows are being written; the transaction that wrote them all takes it away.
const BEGUN: &str = "CREATE TABLE IF NOT EXISTS slipway_restoring (begun boolean)";
const IS_BEGUN: &str = "SELECT to_regclass('slipway_restoring') IS NOT NULL";
const IS_USED: &str = "SELECT to_regclass('schema_migrations') IS NOT NULL";

pub(super) fn begin_read(url: &str) -> Result<Connection, DbError> {
    let connection = Connection::open_as_owner(url)?;
    migrate::refuse_half_restored(&connection)?;
    connection.batch(&format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {AS_COPIER}"))?;
    Ok(connection)
}

pub(super) fn begin_write(
    url: &str,
    location: &Location,
    migrations: &Migrations,
    clock: &dyn Clock,
) -> Result<Connection, MigrationError> {
    let connection = Connection::open_as_owner(url)?;
    let is_begun = connection.tells(IS_BEGUN)?;
    if !is_begun && connection.tells(IS_USED)? {
        let there = "the database is not empty: it has the tables of an installation; name a new one";
        return Err(DbError::Unavailable(there.to_owned()).into());
    }
    connection.batch(BEGUN)?;
    migrate::make_schema(location, migrations, clock)?;
    connection.batch(&format!("BEGIN; {AS_COPIER}; DROP TABLE slipway_restoring"))?;
    Ok(connection)
}

pub(super) fn applied(connection: &Connection) -> Result<Vec<Applied>, DbError> {
    if !connection.tells(IS_USED)? {
        return Err(DbError::Unavailable("the database holds no installation".to_owned()));
    }
    let (runtime, client) = connection.raw();
    read_applied_postgres(runtime, client)
}

/// Whom policies keep from rows reads none and hears of no error: a backup would be empty and pass for whole.
pub(super) fn refuse_blind(connection: &Connection, tables: &[TableShape]) -> Result<(), DbError> {
    let names: Vec<_> = tables.iter().map(|table| format!("'{}'", table.name)).collect();
    let sees_all = format!(
        "SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)) OR NOT EXISTS (
            SELECT 1 FROM unnest(ARRAY[{}]::text[]) AS name WHERE NOT EXISTS (
                SELECT 1 FROM pg_policies WHERE schemaname = current_schema() AND tablename = name
                    AND policyname = name || '_copying' AND current_user = ANY (roles)))",
        names.join(", ")
    );
    if connection.tells(&sees_all)? {
        return Ok(());
    }
    let blind = "this user does not see every row: give the URL of the owner of the tables, and run `slipway migrate` of this version once";
    Err(DbError::Unavailable(blind.to_owned()))
}

pub(super) fn columns(connection: &Connection, table: &str) -> Result<Vec<String>, DbError> {
    let sql = "SELECT CAST(attname AS text) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped";
    let (runtime, client) = connection.raw();
    let rows = runtime.block_on(client.query(sql, &[&table]));
    let rows = rows.map_err(|error| connection.translate(table, &error))?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

pub(super) fn rows(
    connection: &Connection,
    table: &TableShape,
    rows: Rows<'_>,
    each: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let (condition, params) = rows.condition();
    // As SQLite orders: by bytes, whatever the database's language.
    let key = table.key.iter().map(|name| {
        let is_text =
            table.columns.iter().any(|column| column.name == *name && column.of == ColumnType::Text);
        if is_text { format!("{name} COLLATE \"C\"") } else { name.clone() }
    });
    let key: Vec<_> = key.collect();
    let sql = format!("SELECT {} FROM {}{condition} ORDER BY {}", names(table), table.name, key.join(", "));
    let wrap = |error: tokio_postgres::Error| connection.translate(&table.name, &error);
    let (runtime, client) = connection.raw();
    runtime.block_on(async {
        // Rows come as they are taken, so that no table has to fit into memory.
        let stream = client.query_raw(&sql, params).await.map_err(wrap)?;
        let mut stream = std::pin::pin!(stream);
        while let Some(row) = stream.try_next().await.map_err(wrap)? {
            each(&Row::Postgres(&row))?;
        }
        Ok(())
    })
}

pub(super) fn insert(
    connection: &Connection,
    table: &TableShape,
    rows: &[Vec<Value>],
) -> Result<(), DbError> {
    let wrap = |error: tokio_postgres::Error| connection.translate(&table.name, &error);
    let sql =
        format!("INSERT INTO {} ({}) VALUES ({})", table.name, names(table), places(table.columns.len()));
    let (runtime, client) = connection.raw();
    runtime.block_on(async {
        let prepared = client.prepare(&sql).await.map_err(wrap)?;
        // All of them are sent before the first is answered.
        let sent = rows.iter().map(|row| {
            let (prepared, params): (_, Vec<&(dyn ToSql + Sync)>) =
                (&prepared, row.iter().map(|value| value as _).collect());
            async move { client.execute(prepared, &params).await }
        });
        try_join_all(sent).await.map(drop).map_err(wrap)
    })
}

pub(super) fn delete(connection: &Connection, table: &TableShape) -> Result<(), DbError> {
    let sql = format!("DELETE FROM {}", table.name);
    let (runtime, client) = connection.raw();
    let deleted = runtime.block_on(client.execute(&sql, &[]));
    deleted.map(drop).map_err(|error| connection.translate(&table.name, &error))
}

pub(super) fn commit(connection: &Connection) -> Result<(), DbError> {
    connection.batch("COMMIT")
}
