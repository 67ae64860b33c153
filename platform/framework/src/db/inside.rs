//! Knows whether this thread is inside a database closure, where calling the database again would wait for itself.

use std::cell::Cell;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Marks the thread until the guard is dropped, also by a panic.
pub(crate) fn enter() -> impl Drop {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            INSIDE.set(false);
        }
    }
    INSIDE.set(true);
    Leave
}

/// # Panics
/// In debug builds, when called inside a closure.
pub(crate) fn refuse() {
    debug_assert!(
        !INSIDE.get(),
        "db.read or db.write was called inside a database closure: use the Tx that is already there"
    );
}
