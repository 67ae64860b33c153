//! What a closure holds while it runs: `Read`, and `Tx` which can also write.
//!
//! Both carry the scope, so a store function knows its tenant from its first argument. Neither can be made, kept or
//! sent elsewhere by a caller: they live as long as the closure.

use super::driver::Driver;
use super::local::Locals;
use super::meter::Meters;
use super::{DbError, Row, Statement, Value};
use crate::scope::{AppScope, LaunchScope, PartnerScope, Scope};
use slipway_kernel::{AppId, Clock, Entropy, EventId, Id, Identified, PartnerId, Ts};
use std::cell::Cell;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Where time and ids come from.
#[derive(Clone)]
pub(crate) struct Sources {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// The last event id given out: events of one process are numbered in the order they were told, also within one
    /// millisecond, because the sequencer stamps them by id.
    pub(crate) last_event: Arc<Mutex<EventId>>,
    pub(crate) locals: Arc<Locals>,
    pub(crate) meters: Arc<Meters>,
}

/// A snapshot of one scope's rows.
pub struct Read<S: Scope> {
    driver: Driver,
    scope: S,
    sources: Sources,
    now: Ts,
    deadline: Instant,
    failed: Cell<bool>,
}

/// A transaction on one scope's rows.
pub struct Tx<S: Scope> {
    read: Read<S>,
    effects: Effects,
}

/// What a transaction does besides its own statements.
#[derive(Default)]
pub(crate) struct Effects {
    /// Statements that ride along with COMMIT.
    pub(crate) statements: Vec<(&'static Statement, Vec<Value>)>,
    /// Run once, after COMMIT.
    pub(crate) hooks: Vec<Box<dyn FnOnce() + Send>>,
    pub(crate) wakes: Wakes,
}

/// Which pumps have new work after COMMIT.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wakes {
    pub(crate) events: bool,
    pub(crate) jobs: bool,
}

impl<S: Scope> Read<S> {
    pub(crate) fn new(driver: Driver, scope: S, sources: Sources, deadline: Instant) -> Self {
        let now = sources.clock.now();
        Self { driver, scope, sources, now, deadline, failed: Cell::new(false) }
    }

    pub(crate) fn into_driver(self) -> Driver {
        self.driver
    }

    pub fn scope(&self) -> &S {
        &self.scope
    }

    /// The instant at which this transaction began; the same for all it writes.
    pub fn now(&self) -> Ts {
        self.now
    }

    /// A fresh id.
    pub fn mint<T: Identified>(&self) -> Id<T> {
        Id::mint(&*self.sources.clock, &*self.sources.entropy)
    }

    /// What this process keeps beside this database, one value of each type: a cache to drop an entry from, after commit.
    #[must_use]
    pub fn local<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.sources.locals.get()
    }

    /// At most one row; a second one is an error, because the statement then does not say what it means.
    ///
    /// # Errors
    /// Any [`DbError`]; after one, every further statement of the closure is [`DbError::Aborted`].
    pub fn one<T>(
        &self,
        statement: &'static Statement,
        params: &[Value],
        map: impl Fn(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        let mut found = None;
        self.run(|driver| {
            driver.query(statement, params, &mut |row| {
                if found.replace(map(row)?).is_some() {
                    return Err(DbError::Broken(format!("{} returned more than one row", statement.name())));
                }
                Ok(())
            })
        })?;
        Ok(found)
    }

    /// Every row.
    ///
    /// # Errors
    /// As [`Read::one`].
    pub fn all<T>(
        &self,
        statement: &'static Statement,
        params: &[Value],
        map: impl Fn(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let mut rows = Vec::new();
        self.run(|driver| {
            driver.query(statement, params, &mut |row| {
                rows.push(map(row)?);
                Ok(())
            })
        })?;
        Ok(rows)
    }

    /// Whether the statement finds anything.
    ///
    /// # Errors
    /// As [`Read::one`].
    pub fn exists(&self, statement: &'static Statement, params: &[Value]) -> Result<bool, DbError> {
        let mut found = false;
        self.run(|driver| {
            driver.query(statement, params, &mut |_| {
                found = true;
                Ok(())
            })
        })?;
        Ok(found)
    }

    /// Prepares a statement without running it.
    pub(crate) fn check(&self, statement: &'static Statement) -> Result<(), DbError> {
        self.run(|driver| driver.check(statement))
    }

    /// PostgreSQL abandons a transaction at its first error and SQLite does not; here both do.
    fn run<T>(&self, work: impl FnOnce(&Driver) -> Result<T, DbError>) -> Result<T, DbError> {
        if self.failed.get() {
            return Err(DbError::Aborted);
        }
        let result =
            if Instant::now() > self.deadline { Err(DbError::OverBudget) } else { work(&self.driver) };
        self.failed.set(result.is_err());
        result
    }
}

impl<S: Scope> Tx<S> {
    pub(crate) fn new(read: Read<S>) -> Self {
        Self { read, effects: Effects::default() }
    }

    /// Takes the transaction apart; the error tells that a statement failed and the closure did not care.
    pub(crate) fn into_parts(self) -> (Driver, Result<Effects, DbError>) {
        let effects = if self.read.failed.get() { Err(DbError::Aborted) } else { Ok(self.effects) };
        (self.read.driver, effects)
    }

    /// Runs a statement; returns the number of rows it changed.
    ///
    /// # Errors
    /// As [`Read::one`].
    pub fn execute(&mut self, statement: &'static Statement, params: &[Value]) -> Result<u64, DbError> {
        self.read.run(|driver| driver.execute(statement, params))
    }

    /// Runs after the transaction is safely on disk, and never otherwise. It must be quick and cannot fail: it is
    /// meant for dropping a cache entry or waking a task.
    pub fn after_commit(&mut self, hook: impl FnOnce() + Send + 'static) {
        self.effects.hooks.push(Box::new(hook));
    }

    pub(crate) fn next_event_id(&mut self) -> EventId {
        let fresh: EventId = self.mint();
        let mut last = self.read.sources.last_event.lock().unwrap_or_else(PoisonError::into_inner);
        *last = fresh.max(EventId::from_bits(last.bits() + 1));
        *last
    }

    /// Adds a statement that rides along with COMMIT in the same round trip.
    pub(crate) fn ride_along(&mut self, statement: &'static Statement, params: Vec<Value>) {
        self.effects.statements.push((statement, params));
    }

    pub(crate) fn wakes(&mut self) -> &mut Wakes {
        &mut self.effects.wakes
    }
}

impl<S: Scope> Deref for Tx<S> {
    type Target = Read<S>;
    fn deref(&self) -> &Self::Target {
        &self.read
    }
}

impl Read<AppScope> {
    pub fn app(&self) -> AppId {
        self.scope.app()
    }
}

impl Read<PartnerScope> {
    pub fn partner(&self) -> PartnerId {
        self.scope.partner()
    }
}

impl Read<LaunchScope> {
    pub fn app(&self) -> AppId {
        self.scope.app()
    }
    pub fn partner(&self) -> PartnerId {
        self.scope.partner()
    }
}

impl<S: Scope + fmt::Debug> fmt::Debug for Read<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Read").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl<S: Scope + fmt::Debug> fmt::Debug for Tx<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tx").field("scope", &self.read.scope).finish_non_exhaustive()
    }
}
