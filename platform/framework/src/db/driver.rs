//! The one place where the two engines meet: a connection on its own thread that runs one statement at a time.

use super::{DbError, EngineKind, Row, Statement, Value, postgres, sqlite};
use crate::scope::Reach;
use std::time::Duration;

/// A connection, owned by the database thread that uses it.
pub(crate) enum Driver {
    Sqlite(sqlite::Connection),
    Postgres(Box<postgres::Connection>),
}

/// What a transaction may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read { cap: Duration },
    Write { budget: Duration },
}

impl Driver {
    pub(crate) fn kind(&self) -> EngineKind {
        match self {
            Self::Sqlite(_) => EngineKind::Sqlite,
            Self::Postgres(_) => EngineKind::Postgres,
        }
    }

    /// Says what the next transaction is for. PostgreSQL sends it along with the first statement; SQLite needs no telling.
    pub(crate) fn prepare_transaction(&mut self, reach: Reach, access: Access) {
        if let Self::Postgres(connection) = self {
            connection.prepare_transaction(reach, access);
        }
    }

    pub(crate) fn query(
        &self,
        statement: &'static Statement,
        params: &[Value],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        statement.touch(self.kind());
        match self {
            Self::Sqlite(connection) => connection.query(statement, params, each),
            Self::Postgres(connection) => connection.query(statement, params, each),
        }
    }

    pub(crate) fn check(&self, statement: &'static Statement) -> Result<(), DbError> {
        match self {
            Self::Sqlite(connection) => connection.check(statement),
            Self::Postgres(connection) => connection.check(statement),
        }
    }

    pub(crate) fn execute(&self, statement: &'static Statement, params: &[Value]) -> Result<u64, DbError> {
        statement.touch(self.kind());
        match self {
            Self::Sqlite(connection) => connection.execute(statement, params),
            Self::Postgres(connection) => connection.execute(statement, params),
        }
    }
}
