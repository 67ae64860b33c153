//! A clock that stands still until it is turned.

use slipway_kernel::{Clock, Ts};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Starts at 2026-01-01T00:00:00Z.
#[derive(Debug)]
pub struct VirtualClock(AtomicI64);

impl Default for VirtualClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_767_225_600_000_000))
    }
}

impl VirtualClock {
    pub fn advance(&self, duration: Duration) {
        let micros = i64::try_from(duration.as_micros()).expect("tests stay within this era");
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Ts {
        Ts::from_micros(self.0.load(Ordering::SeqCst))
    }
}
