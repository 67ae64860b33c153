//! Migrations: SQL files in PostgreSQL's words, run forward only, once each, checked by their hash.
//!
//! Every table says whose rows it holds in a comment before it (`-- root: app`, `partner`, `either`, `system PURPOSE`, or a list);
//! from that the runner makes PostgreSQL's row policies, so no table can be without one. A later step can open a table to a purpose of
//! the system (`-- open: TABLE to PURPOSE for select, delete`), or keep its rows as they are (`-- append only: …`). It refuses to run when the database knows a step this program does
//! not, and when a step was edited after it ran.

mod append_only;
mod shape;
mod sqlite_schema;
mod tables;
mod undo;

#[cfg(test)]
pub(crate) use shape::ColumnShape;
pub(crate) use shape::{ColumnType, TableShape, shapes};
pub use undo::undo_migrations;

use super::{DbError, Durability, Location, postgres, sqlite};
use rusqlite::TransactionBehavior;
use sha2::{Digest, Sha256};
use slipway_kernel::{Clock, Ts};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use thiserror::Error;
use tokio::runtime::Runtime;

/// One step of one module.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    pub module: &'static str,
    /// From 1, without gaps.
    pub number: u32,
    pub name: &'static str,
    pub sql: &'static str,
}

/// The framework's own steps; they come before every module's.
pub const FRAMEWORK: [Migration; 6] = [
    own(1, "framework", include_str!("../../migrations/0001_framework.sql")),
    own(2, "housekeeping", include_str!("../../migrations/0002_housekeeping.sql")),
    own(3, "dead_events", include_str!("../../migrations/0003_dead_events.sql")),
    own(4, "claims", include_str!("../../migrations/0004_claims.sql")),
    own(5, "audit_sealing", include_str!("../../migrations/0005_audit_sealing.sql")),
    own(6, "fair_jobs", include_str!("../../migrations/0006_fair_jobs.sql")),
];

const fn own(number: u32, name: &'static str, sql: &'static str) -> Migration {
    Migration { module: "framework", number, name, sql }
}

/// All steps, in the order they run: module by module, lower modules first.
#[derive(Debug, Clone, Default)]
pub struct Migrations(Vec<Migration>);

/// Why the schema could not be brought up to date.
#[derive(Debug, Error)]
pub enum MigrationError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(
        "migration {module} {number} ({name}) was changed after it ran here; restore the file and put the change into a new step"
    )]
    Edited { module: String, number: u32, name: String },
    #[error(
        "this database has migration {module} {number} ({name}), which this program does not know: it was last used by a newer version; start that one, or restore a backup"
    )]
    Future { module: String, number: u32, name: String },
    #[error("migration {module} {number} ({name}) failed: {reason}")]
    Failed { module: &'static str, number: u32, name: &'static str, reason: String },
    #[error("migration {module} {number} ({name}) is not well formed: {reason}")]
    Malformed { module: &'static str, number: u32, name: &'static str, reason: String },
}

impl Migrations {
    /// # Panics
    /// When a module's steps are not numbered from 1 without gaps: a mistake of the program, found by its first test.
    #[must_use]
    pub fn of(steps: impl IntoIterator<Item = Migration>) -> Self {
        let steps: Vec<_> = steps.into_iter().collect();
        let mut last = BTreeMap::new();
        for step in &steps {
            let number = last.entry(step.module).or_insert(0);
            assert_eq!(
                step.number,
                *number + 1,
                "the steps of module {} are numbered 1, 2, 3, …",
                step.module
            );
            *number = step.number;
        }
        Self(steps)
    }

    /// How many steps there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The steps that `is_wanted` takes, by module and number.
    #[must_use]
    pub(crate) fn only(&self, is_wanted: &dyn Fn(&str, u32) -> bool) -> Self {
        Self(self.0.iter().filter(|step| is_wanted(step.module, step.number)).copied().collect())
    }

    /// SHA-256 of a step's SQL.
    pub(crate) fn checksum(&self, module: &str, number: u32) -> Option<[u8; 32]> {
        let step = self.0.iter().find(|step| step.module == module && step.number == number);
        step.map(Migration::checksum)
    }

    /// Every table the steps create, with the roots its rows hang on.
    ///
    /// # Errors
    /// [`MigrationError::Malformed`].
    pub fn tables(&self) -> Result<Vec<(String, String)>, MigrationError> {
        let mut all = Vec::new();
        for step in &self.0 {
            all.extend(
                step.tables()?.into_iter().map(|table| (table.name.to_owned(), table.roots.to_string())),
            );
        }
        Ok(all)
    }

    /// Every table that a step opens to a purpose of the system, in words.
    ///
    /// # Errors
    /// [`MigrationError::Malformed`].
    pub fn openings(&self) -> Result<Vec<String>, MigrationError> {
        let mut all = Vec::new();
        for step in &self.0 {
            all.extend(step.openings()?.iter().map(ToString::to_string));
        }
        Ok(all)
    }
}

impl Migration {
    fn checksum(&self) -> [u8; 32] {
        Sha256::digest(self.sql).into()
    }

    fn tables(&self) -> Result<Vec<tables::Table<'static>>, MigrationError> {
        tables::parse(self.sql).map_err(|reason| self.malformed(reason))
    }

    fn openings(&self) -> Result<Vec<tables::Opening<'static>>, MigrationError> {
        tables::parse_openings(self.sql).map_err(|reason| self.malformed(reason))
    }

    fn append_only(&self) -> Result<Vec<append_only::AppendOnly<'static>>, MigrationError> {
        append_only::parse(self.sql).map_err(|reason| self.malformed(reason))
    }

    fn malformed(&self, reason: String) -> MigrationError {
        let Self { module, number, name, .. } = *self;
        MigrationError::Malformed { module, number, name, reason }
    }

    fn failed(&self, reason: &impl ToString) -> MigrationError {
        MigrationError::Failed {
            module: self.module,
            number: self.number,
            name: self.name,
            reason: reason.to_string(),
        }
    }
}

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    module text NOT NULL, number bigint NOT NULL, name text NOT NULL, checksum bytea NOT NULL,
    applied_at timestamptz NOT NULL, PRIMARY KEY (module, number))";

/// A row of the ledger.
pub(crate) struct Applied {
    pub(crate) module: String,
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) checksum: Vec<u8>,
}

impl Applied {
    fn is(&self, step: &Migration) -> bool {
        self.module == step.module && self.number == step.number
    }
}

/// Brings the schema up to date, of a database that is whole.
pub(super) fn run(
    location: &Location,
    migrations: &Migrations,
    clock: &dyn Clock,
) -> Result<(), MigrationError> {
    if let Location::Url(url) = location {
        let check = || refuse_half_restored(&postgres::Connection::open_as_owner(url)?);
        std::thread::scope(|scope| scope.spawn(check).join())
            .map_err(|_| DbError::Panicked("the look for an unfinished restore".to_owned()))??;
    }
    make_schema(location, migrations, clock)
}

/// A database that a restore never finished with has tables and no rows, and would be served as an empty installation.
pub(super) fn refuse_half_restored(connection: &postgres::Connection) -> Result<(), DbError> {
    if connection.tells("SELECT to_regclass('slipway_restoring') IS NOT NULL")? {
        let half = "a restore into this database was begun and never finished; restore into it once more";
        return Err(DbError::Unavailable(half.to_owned()));
    }
    Ok(())
}

/// Brings the schema up to date.
pub(super) fn make_schema(
    location: &Location,
    migrations: &Migrations,
    clock: &dyn Clock,
) -> Result<(), MigrationError> {
    match location {
        Location::File(path) => run_sqlite(path, migrations, clock.now()),
        // The port may be opened from inside an async runtime, where blocking on another one is forbidden.
        Location::Url(url) => std::thread::scope(|scope| {
            let thread = scope.spawn(|| run_postgres(url, migrations, clock.now()));
            thread.join().map_err(|_| DbError::Panicked("the migration runner".to_owned()))?
        }),
    }
}

/// What is left to do, after checking what was done.
pub(crate) fn pending<'a>(
    migrations: &'a Migrations,
    applied: &[Applied],
) -> Result<Vec<&'a Migration>, MigrationError> {
    let mut pending: Vec<_> = migrations.0.iter().collect();
    for row in applied {
        let known = pending.iter().position(|step| row.is(step));
        let Some(known) = known else {
            let (module, name) = (row.module.clone(), row.name.clone());
            return Err(MigrationError::Future { module, number: row.number, name });
        };
        if pending.remove(known).checksum()[..] != row.checksum[..] {
            let (module, name) = (row.module.clone(), row.name.clone());
            return Err(MigrationError::Edited { module, number: row.number, name });
        }
    }
    Ok(pending)
}

fn run_sqlite(path: &Path, migrations: &Migrations, now: Ts) -> Result<(), MigrationError> {
    let broken = |error: rusqlite::Error| DbError::Broken(format!("the table of migrations: {error}"));
    let mut connection = sqlite::Connection::open_writer(path, Durability::Full)?;
    let connection = connection.raw();
    connection.execute_batch(&sqlite_schema::translate(&format!("{LEDGER};"))).map_err(broken)?;
    for step in pending(migrations, &read_applied_sqlite(connection)?)? {
        step.tables()?;
        step.openings()?;
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(broken)?;
        transaction
            .execute_batch(&sqlite_schema::translate(step.sql))
            .map_err(|error| step.failed(&error))?;
        for rule in step.append_only()? {
            let mut script = String::new();
            rule.write_triggers(&columns(&transaction, rule.table).map_err(broken)?, &mut script);
            transaction.execute_batch(&script).map_err(|error| step.failed(&error))?;
        }
        let row = rusqlite::params![step.module, step.number, step.name, step.checksum(), now.as_micros()];
        transaction
            .execute("INSERT INTO schema_migrations (module, number, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4, ?5)", row)
            .map_err(|error| step.failed(&error))?;
        transaction.commit().map_err(|error| step.failed(&error))?;
    }
    Ok(())
}

pub(super) fn columns(connection: &rusqlite::Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

const APPLIED: &str = "SELECT module, number, name, checksum FROM schema_migrations";

pub(super) fn read_applied_sqlite(connection: &rusqlite::Connection) -> Result<Vec<Applied>, DbError> {
    let broken = |error: rusqlite::Error| DbError::Broken(format!("the table of migrations: {error}"));
    let mut statement = connection.prepare(APPLIED).map_err(broken)?;
    let rows = statement.query_map([], |row| {
        Ok(Applied { module: row.get(0)?, number: row.get(1)?, name: row.get(2)?, checksum: row.get(3)? })
    });
    rows.and_then(Iterator::collect).map_err(broken)
}

pub(super) fn read_applied_postgres(
    runtime: &Runtime,
    client: &tokio_postgres::Client,
) -> Result<Vec<Applied>, DbError> {
    let rows = runtime.block_on(client.query(APPLIED, &[]));
    let rows = rows.map_err(|error| DbError::Broken(format!("the table of migrations: {error:?}")))?;
    let applied = rows.into_iter().map(|row| {
        let number = u32::try_from(row.get::<_, i64>(1)).unwrap_or(u32::MAX);
        Applied { module: row.get(0), number, name: row.get(2), checksum: row.get(3) }
    });
    Ok(applied.collect())
}

/// Any number; it only has to be the same in every process that migrates.
const ADVISORY_LOCK: i64 = 0x736c_6970_7761_7901;

fn run_postgres(url: &str, migrations: &Migrations, now: Ts) -> Result<(), MigrationError> {
    let broken = |error: tokio_postgres::Error| DbError::Broken(format!("preparing migrations: {error:?}"));
    let runtime = postgres::runtime()?;
    let client = postgres::connect(&runtime, url)?;
    // Several processes may start at once: one migrates, the others wait and then find nothing to do. The lock ends
    // with the connection.
    runtime.block_on(client.execute("SELECT pg_advisory_lock($1)", &[&ADVISORY_LOCK])).map_err(broken)?;
    runtime.block_on(client.batch_execute(&role())).map_err(broken)?;
    runtime.block_on(client.batch_execute(LEDGER)).map_err(broken)?;
    for step in pending(migrations, &read_applied_postgres(&runtime, &client)?)? {
        let mut script = format!("BEGIN;\n{}\n;", step.sql);
        for table in step.tables()? {
            table.write_policies(postgres::ROLE, &mut script);
        }
        for opening in step.openings()? {
            opening.write_policies(postgres::ROLE, &mut script);
        }
        for rule in step.append_only()? {
            rule.write_policies(postgres::ROLE, &mut script);
        }
        let checksum = step.checksum().iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a String cannot fail");
            hex
        });
        // The name and module are constants of the program, written by us.
        let _ = write!(
            script,
            "INSERT INTO schema_migrations VALUES ('{}', {}, '{}', '\\x{checksum}', to_timestamp({} / 1000000.0)); COMMIT",
            step.module,
            step.number,
            step.name,
            now.as_micros(),
        );
        runtime.block_on(client.batch_execute(&script)).map_err(|error| match error.as_db_error() {
            Some(refusal) => step.failed(refusal),
            None => step.failed(&error),
        })?;
    }
    runtime.block_on(client.batch_execute(&copying(migrations)?)).map_err(broken)?;
    Ok(())
}

/// Lets the owner of the tables past their roots while it says that it copies: forced policies bind it too, and whoever makes a
/// backup is not always a superuser. The working role gains nothing.
fn copying(migrations: &Migrations) -> Result<String, MigrationError> {
    let tables: Vec<_> = migrations.tables()?.into_iter().map(|(table, _)| format!("'{table}'")).collect();
    Ok(format!(
        "DO $body$ DECLARE name text; BEGIN
            FOREACH name IN ARRAY ARRAY[{}]::text[] LOOP
                IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = current_schema() AND tablename = name AND policyname = name || '_copying') THEN
                    EXECUTE format('CREATE POLICY %I ON %I FOR ALL TO CURRENT_USER
                        USING (current_setting(''slipway.copying'', true) = ''on'')
                        WITH CHECK (current_setting(''slipway.copying'', true) = ''on'')', name || '_copying', name);
                END IF;
            END LOOP;
        END $body$",
        tables.join(", ")
    ))
}

/// Makes the working role. Roles belong to the whole cluster, so another database's runner may be doing the same.
fn role() -> String {
    let role = postgres::ROLE;
    format!(
        "DO $body$ BEGIN
            BEGIN CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
            IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN
                EXECUTE format('GRANT {role} TO %I', current_user);
            END IF;
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', current_schema());
        END $body$"
    )
}
