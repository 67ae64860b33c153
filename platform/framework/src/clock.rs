//! The real clock: the one place that asks the operating system for the time.

use slipway_kernel::{Clock, Ts};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What the steady clock counts from: the first time anybody asked.
static FIRST_ASKED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Ts {
        #[expect(clippy::disallowed_methods, reason = "this is the home of the clock")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        // A clock set before 1970 is a broken machine; the epoch is as good an answer as any.
        Ts::from_micros(since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX)))
    }

    fn steady(&self) -> Duration {
        FIRST_ASKED.elapsed()
    }
}
