//! The real clock: the one place that asks the operating system for the time, and notices when somebody sets it back.

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

/// What a clock may be behind by itself: time servers correct less than this at a time.
const TOLERANCE: Duration = Duration::from_secs(2);

/// Notices that the time of day was set back, by comparing it with the steady clock.
#[derive(Debug)]
pub struct ClockWatch {
    /// The latest time of day that was seen, and what the steady clock showed then.
    latest: (Ts, Duration),
}

impl ClockWatch {
    #[must_use]
    pub fn new(clock: &dyn Clock) -> Self {
        Self { latest: (clock.now(), clock.steady()) }
    }

    /// How far the time of day is behind where it should be by now; nothing while it is right or ahead. It is right again when it
    /// has caught up, or was put right.
    pub fn behind(&mut self, clock: &dyn Clock) -> Option<Duration> {
        let (now, steady) = (clock.now(), clock.steady());
        let expected = self.latest.0 + steady.saturating_sub(self.latest.1);
        if now >= expected {
            self.latest = (now, steady);
            return None;
        }
        Some(expected.since(now)).filter(|behind| *behind > TOLERANCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Time of day and steady clock, in seconds.
    #[derive(Debug)]
    struct Dial(Mutex<(i64, u64)>);

    impl Clock for Dial {
        fn now(&self) -> Ts {
            Ts::from_micros(self.0.lock().unwrap().0 * 1_000_000)
        }
        fn steady(&self) -> Duration {
            Duration::from_secs(self.0.lock().unwrap().1)
        }
    }

    #[test]
    fn a_clock_that_is_set_back_is_noticed_until_it_is_right_again() {
        // Time of day, steady clock, how far it is behind; in seconds.
        let course = [
            (1_000, 0, None),
            (1_060, 60, None),
            (1_119, 120, None),
            (1_180, 180, None),
            (640, 240, Some(600)),
            (700, 300, Some(600)),
            (1_300, 300, None),
            (5_000, 360, None),
            (4_000, 420, Some(1_060)),
            (5_070, 430, None),
        ];
        let dial = Dial(Mutex::new((1_000, 0)));
        let mut watch = ClockWatch::new(&dial);
        for (now, steady, behind) in course {
            *dial.0.lock().unwrap() = (now, steady);
            assert_eq!(watch.behind(&dial), behind.map(Duration::from_secs), "{now} {steady}");
        }
    }
}
