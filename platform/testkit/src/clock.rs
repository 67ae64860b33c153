//! A clock that stands still until it is turned, or set like the clock of a machine.

use slipway_kernel::{Clock, Ts};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Starts at 2026-01-01T00:00:00Z.
#[derive(Debug)]
pub struct VirtualClock {
    wall_us: AtomicI64,
    steady_us: AtomicU64,
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self { wall_us: AtomicI64::new(1_767_225_600_000_000), steady_us: AtomicU64::new(0) }
    }
}

impl VirtualClock {
    /// Lets time pass.
    ///
    /// # Panics
    /// When it is more than 290,000 years.
    pub fn advance(&self, duration: Duration) {
        let micros = i64::try_from(duration.as_micros()).expect("tests stay within this era");
        self.wall_us.fetch_add(micros, Ordering::SeqCst);
        self.steady_us.fetch_add(micros.unsigned_abs(), Ordering::SeqCst);
    }

    /// Sets the time of day, as an administrator or a time server would; no time passes.
    pub fn set(&self, now: Ts) {
        self.wall_us.store(now.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Ts {
        Ts::from_micros(self.wall_us.load(Ordering::SeqCst))
    }

    fn steady(&self) -> Duration {
        Duration::from_micros(self.steady_us.load(Ordering::SeqCst))
    }
}
