//! What can go wrong between a closure and the disk.

use thiserror::Error;

/// Why a read or a write did not happen. Whatever the variant, nothing of the closure was kept,
/// except after [`DbError::Unavailable`] at the very moment of a PostgreSQL COMMIT, where nobody can know:
/// a client that needs to know sends an idempotency key and asks again.
#[derive(Debug, Error)]
pub enum DbError {
    /// The queue in front of the database was full, or the work waited in it past its deadline.
    #[error("the database is busy")]
    Busy,
    /// The closure used up its time; it was stopped between two statements.
    #[error("the work ran over its time budget")]
    OverBudget,
    /// The closure panicked.
    #[error("the work panicked: {0}")]
    Panicked(String),
    /// A rule of the schema was broken.
    #[error("{rule:?} constraint of table {table} was violated")]
    Constraint { rule: Rule, table: String },
    /// There is no room on the disk.
    #[error("the disk is full")]
    Full,
    /// An earlier statement of the same closure had failed, and the closure went on regardless.
    #[error("an earlier statement of this transaction failed")]
    Aborted,
    /// The database cannot be reached or the installation is stopping.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// PostgreSQL asks for another try (SQLSTATE 40001, 40P01). The port does so by itself; callers never see it
    /// unless every try was used up.
    #[error("the transaction kept colliding with others")]
    Collision,
    /// Everything else: a mistake in a statement, a damaged file. Worth waking somebody.
    #[error("the database refused the statement: {0}")]
    Broken(String),
}

/// The kinds of schema rules both engines report alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Unique,
    ForeignKey,
    Check,
    NotNull,
}

impl DbError {
    /// Whether this is the violation of a uniqueness rule of `table`.
    #[must_use]
    pub fn is_duplicate_in(&self, wanted: &str) -> bool {
        matches!(self, Self::Constraint { rule: Rule::Unique, table } if table == wanted)
    }
}
