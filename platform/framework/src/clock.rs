//! The real clock: the one place that asks the operating system for the time.

use slipway_kernel::{Clock, Ts};
use std::time::{SystemTime, UNIX_EPOCH};

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
}
