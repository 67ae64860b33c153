//! What this process keeps beside a database, such as a cache of its rows: one value of each type, found from a transaction.
//!
//! It refuses to hold truth: a second process on the same database has values of its own.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The values, each made when it is first asked for.
#[derive(Default)]
pub(crate) struct Locals(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Locals {
    pub(crate) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = values.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        value.clone().downcast().expect("a value is kept under its own type")
    }
}

impl fmt::Debug for Locals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Locals")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_type_has_one_value() {
        let locals = Locals::default();
        locals.get::<AtomicU32>().store(7, Ordering::Relaxed);
        assert_eq!(locals.get::<AtomicU32>().load(Ordering::Relaxed), 7);
        assert_eq!(locals.get::<String>().as_str(), "");
    }
}
