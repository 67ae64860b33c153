//! Taking steps back, for development data only: the tables a step made are dropped in reverse order, with
//! whatever is in them.
//!
//! Columns that a step added are dropped likewise. It refuses steps that changed existing tables in any other way: what they
//! did cannot be read from their text.

use super::{
    Durability, Migration, MigrationError, Migrations, postgres, read_applied_postgres, read_applied_sqlite,
};
use crate::db::{DbError, EngineKind, Location, sqlite};
use std::fmt::Write as _;

/// Takes the last `count` applied steps back and names them, last one first.
///
/// # Errors
/// [`MigrationError::Malformed`] for a step that cannot be taken back; then nothing was.
pub fn undo_migrations(
    location: &Location,
    migrations: &Migrations,
    count: usize,
) -> Result<Vec<String>, MigrationError> {
    match location {
        Location::File(path) => {
            let mut connection = sqlite::Connection::open_writer(path, Durability::Full)?;
            let applied = read_applied_sqlite(connection.raw())?;
            let steps = last(migrations, count, |step| applied.iter().any(|row| row.is(step)));
            let script = script(&steps, EngineKind::Sqlite)?;
            connection.raw().execute_batch(&script).map_err(|error| DbError::Broken(error.to_string()))?;
            Ok(names(&steps))
        }
        Location::Url(url) => std::thread::scope(|scope| {
            let work = || {
                let runtime = postgres::runtime()?;
                let client = postgres::connect(&runtime, url)?;
                let applied = read_applied_postgres(&runtime, &client)?;
                let steps = last(migrations, count, |step| applied.iter().any(|row| row.is(step)));
                let script = script(&steps, EngineKind::Postgres)?;
                let done = runtime.block_on(client.batch_execute(&script));
                done.map_err(|error| DbError::Broken(format!("{error:?}")))?;
                Ok(names(&steps))
            };
            scope.spawn(work).join().map_err(|_| DbError::Panicked("the migration runner".to_owned()))?
        }),
    }
}

fn last(migrations: &Migrations, count: usize, is_applied: impl Fn(&Migration) -> bool) -> Vec<&Migration> {
    migrations.0.iter().rev().filter(|step| is_applied(step)).take(count).collect()
}

fn names(steps: &[&Migration]) -> Vec<String> {
    steps.iter().map(|step| format!("{} {} ({})", step.module, step.number, step.name)).collect()
}

/// One transaction that drops what the steps made and forgets that they ran.
fn script(steps: &[&Migration], engine: EngineKind) -> Result<String, MigrationError> {
    let mut script = "BEGIN;\n".to_owned();
    for step in steps {
        let added: Vec<_> = added_columns(step.sql).collect();
        if step.sql.matches("ALTER TABLE").count() != added.len() {
            let reason =
                "it changes existing tables and cannot be taken back; delete the development data instead";
            return Err(step.malformed(reason.to_owned()));
        }
        if engine == EngineKind::Postgres {
            for opening in step.openings()? {
                opening.drop_policies(&mut script);
            }
        }
        for rule in step.append_only()? {
            match engine {
                EngineKind::Sqlite => rule.drop_triggers(&mut script),
                EngineKind::Postgres => rule.drop_policies(postgres::ROLE, &mut script),
            }
        }
        for index in indexes(step.sql) {
            // A later step may have dropped it for a better one, which that step's undoing does not bring back: an index is
            // no data.
            let _ = writeln!(script, "DROP INDEX IF EXISTS {index};");
        }
        for table in step.tables()?.iter().rev() {
            let _ = writeln!(script, "DROP TABLE {};", table.name);
        }
        for (table, column) in added.iter().rev() {
            let _ = writeln!(script, "ALTER TABLE {table} DROP COLUMN {column};");
        }
        // The framework's first step carries the ledger's own beginning; its row goes like any other.
        let _ = writeln!(
            script,
            "DELETE FROM schema_migrations WHERE module = '{}' AND number = {};",
            step.module, step.number
        );
    }
    script.push_str("COMMIT;");
    Ok(script)
}

/// The names after `CREATE INDEX` and `CREATE UNIQUE INDEX`, each at the beginning of a line.
fn indexes(sql: &str) -> impl Iterator<Item = &str> {
    let definitions = sql.lines().filter_map(|line| {
        line.strip_prefix("CREATE INDEX ").or_else(|| line.strip_prefix("CREATE UNIQUE INDEX "))
    });
    definitions.filter_map(|rest| rest.split_whitespace().next())
}

/// Table and column of each `ALTER TABLE table ADD COLUMN column …`, which begins a line.
fn added_columns(sql: &str) -> impl Iterator<Item = (&str, &str)> {
    sql.lines().filter_map(|line| {
        let (table, rest) = line.strip_prefix("ALTER TABLE ")?.split_once(" ADD COLUMN ")?;
        Some((table, rest.split_whitespace().next()?))
    })
}
