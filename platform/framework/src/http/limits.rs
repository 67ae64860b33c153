//! Rate limits of this process: three policies and a stricter one for anonymous programs.
//!
//! They count by the steady clock, so that setting the machine's time locks nobody out and opens no gate. They refuse to limit
//! health probes and metrics, which never come here.

use super::Problem;
use axum::http::StatusCode;
use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use slipway_kernel::{Clock, Code};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// What is being limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Guessing at passwords: 10 a minute for each address.
    Login,
    /// Expensive answers: 5 a minute for each account (P-API-07).
    Generate,
    /// A signed-in session: 600 a minute.
    Session,
    /// A browser that has not signed in: 120 a minute for each address.
    Browser,
    /// Pages and their files, which one visit asks for by the dozen: 1,200 a minute for each address.
    Page,
    /// A program that has not said who it is: 100 an hour for each address.
    Program,
}

const LIMITED: Code = Code::new("request.rate_limited");

type Limiter = RateLimiter<String, DashMapStateStore<String>, PlatformClock, NoOpMiddleware<Nanos>>;

/// The counters.
#[derive(Clone)]
pub struct Limits(Arc<[Limiter; 6]>);

/// Governor's clock, turned by ours, so that tests need not wait for an hour.
#[derive(Clone)]
struct PlatformClock(Arc<dyn Clock>);

impl GovernorClock for PlatformClock {
    type Instant = Nanos;
    fn now(&self) -> Nanos {
        Nanos::new(u64::try_from(self.0.steady().as_nanos()).unwrap_or(u64::MAX))
    }
}

impl Policy {
    const ALL: [Self; 6] =
        [Self::Login, Self::Generate, Self::Session, Self::Browser, Self::Page, Self::Program];

    /// How many, in how long.
    #[must_use]
    pub const fn quota(self) -> (u32, Duration) {
        match self {
            Self::Login => (10, Duration::from_mins(1)),
            Self::Generate => (5, Duration::from_mins(1)),
            Self::Session => (600, Duration::from_mins(1)),
            Self::Browser => (120, Duration::from_mins(1)),
            Self::Page => (1_200, Duration::from_mins(1)),
            Self::Program => (100, Duration::from_hours(1)),
        }
    }
}

impl Limits {
    #[must_use]
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        let limiter = |policy: Policy| {
            let (count, window) = policy.quota();
            let burst = NonZeroU32::new(count).expect("a quota is not zero");
            let quota = Quota::with_period(window / count).expect("a window is not zero").allow_burst(burst);
            RateLimiter::new(quota, DashMapStateStore::default(), PlatformClock(clock.clone()))
        };
        Self(Arc::new(Policy::ALL.map(limiter)))
    }

    /// Counts one request.
    ///
    /// # Errors
    /// 429 with the time after which it may be tried again.
    pub fn check(&self, policy: Policy, key: &str) -> Result<(), Problem> {
        let limiter = &self.0[policy as usize];
        limiter.check_key(&key.to_owned()).map_err(|denied| {
            let pause = Duration::from(denied.earliest_possible().duration_since(limiter.clock().now()));
            let seconds = u64::try_from(pause.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).max(1);
            let detail = format!("That was too often. Try again in {seconds} s.");
            Problem::new(StatusCode::TOO_MANY_REQUESTS, LIMITED, detail)
                .retry_after(Duration::from_secs(seconds))
        })
    }

    /// Forgets everybody whose count is back to zero, so that memory follows the present load.
    pub fn forget_idle(&self) {
        for limiter in self.0.iter() {
            limiter.retain_recent();
        }
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Limits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_kernel::Ts;
    use std::sync::Mutex;

    /// The time of day, and the time that has passed.
    struct Hands(Mutex<(Ts, Duration)>);
    impl Clock for Hands {
        fn now(&self) -> Ts {
            self.0.lock().unwrap().0
        }
        fn steady(&self) -> Duration {
            self.0.lock().unwrap().1
        }
    }

    fn limits() -> (Arc<Hands>, Limits) {
        let hands = Arc::new(Hands(Mutex::new((Ts::from_seconds(1_000_000), Duration::ZERO))));
        let limits = Limits::new(&(hands.clone() as Arc<dyn Clock>));
        (hands, limits)
    }

    #[test]
    fn the_sixth_in_a_minute_waits_and_others_do_not() {
        let (hands, limits) = limits();
        for _ in 0..5 {
            limits.check(Policy::Generate, "ana").unwrap();
        }
        let refused = limits.check(Policy::Generate, "ana").unwrap_err();
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        limits.check(Policy::Generate, "ben").unwrap();
        limits.check(Policy::Login, "ana").unwrap();
        hands.0.lock().unwrap().1 += Duration::from_secs(12);
        limits.check(Policy::Generate, "ana").unwrap();
        assert!(limits.check(Policy::Generate, "ana").is_err());
    }

    #[test]
    fn setting_the_time_of_day_neither_opens_the_gate_nor_locks_it() {
        for time_of_day in [0, 999_000, 2_000_000, 4_000_000_000] {
            let (hands, limits) = limits();
            for _ in 0..5 {
                limits.check(Policy::Generate, "ana").unwrap();
            }
            hands.0.lock().unwrap().0 = Ts::from_seconds(time_of_day);
            assert!(limits.check(Policy::Generate, "ana").is_err(), "{time_of_day}");
            limits.check(Policy::Generate, "ben").unwrap();
            hands.0.lock().unwrap().1 += Duration::from_secs(12);
            limits.check(Policy::Generate, "ana").unwrap();
        }
    }
}
