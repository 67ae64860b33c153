//! How long a failed try waits for the next one.

use std::time::Duration;

/// The pauses between the tries of a kind of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The first pause, and the shortest there is.
    pub first: Duration,
    /// No pause is longer.
    pub longest: Duration,
}

impl Backoff {
    /// A minute at first, an hour at most.
    pub const DEFAULT: Self = Self { first: Duration::from_mins(1), longest: Duration::from_hours(1) };

    /// The pause after try number `attempt` (from 1). The ceiling doubles with each try, and any pause below it is as likely as
    /// another ("full jitter", Brooker 2015), so that jobs that failed together do not come back together; the first pause is a
    /// tenth longer at most, because whoever waits for the second try is promised about a minute.
    pub(super) fn pause(self, attempt: u32, noise: u16) -> Duration {
        let ceiling = match attempt {
            0 | 1 => self.first + self.first / 10,
            later => self.first.saturating_mul(1 << (later - 1).min(30)).min(self.longest.max(self.first)),
        };
        self.first + (ceiling - self.first).mul_f64(f64::from(noise) / f64::from(u16::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_comes_after_a_minute_and_later_ones_somewhere_below_a_growing_ceiling() {
        for (attempt, noise, seconds) in [
            (1, 0, 60),
            (1, u16::MAX, 66),
            (2, 0, 60),
            (2, u16::MAX, 120),
            (3, 0, 60),
            (3, u16::MAX, 240),
            (6, u16::MAX, 1_920),
            (7, u16::MAX, 3_600),
            (u32::MAX, u16::MAX, 3_600),
            (u32::MAX, 0, 60),
        ] {
            let pause = Backoff::DEFAULT.pause(attempt, noise);
            assert_eq!(pause, Duration::from_secs(seconds), "attempt {attempt}, noise {noise}");
        }
    }

    #[test]
    fn a_longest_pause_below_the_first_is_the_first() {
        let backoff = Backoff { first: Duration::from_secs(10), longest: Duration::ZERO };
        assert_eq!(backoff.pause(9, u16::MAX), Duration::from_secs(10));
    }
}
