//! Two pieces of work at the same time.

use std::panic::resume_unwind;
use std::sync::Mutex;
use std::thread;

/// Does `other` on a thread of its own while the caller's does `one`; where no thread can be started, after it.
pub(super) fn both<A, B: Send>(one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    let left = Mutex::new(Some(other));
    let take = || left.lock().map(|mut left| left.take()).unwrap_or_default();
    thread::scope(|scope| {
        let helper = thread::Builder::new().spawn_scoped(scope, || take().map(|work| work()));
        let first = one();
        let second = match helper {
            Ok(helper) => helper.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => take().map(|work| work()),
        };
        (first, second.expect("it was done here or there"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn they_are_done_at_the_same_time() {
        let meeting = Barrier::new(2);
        let met = both(|| meeting.wait().is_leader(), || meeting.wait().is_leader());
        assert!(met.0 != met.1, "one of two that meet is the leader: {met:?}");
    }
}
