//! What is kept of a password and of the tries at it, and what one more try comes to.
//!
//! Tries that fail lock the credential for longer each time. A locked credential refuses the right password too: a lock that
//! let it through would only slow down whoever guesses wrong. It refuses to tell anybody that there is a lock before they
//! have signed in, because that would tell that there is an account.

use crate::password::{PasswordHash, Tried};
use slipway_kernel::Ts;
use std::time::Duration;

/// Mistakes that cost nothing.
const FREE_FAILURES: u32 = 4;
const FIRST_LOCK: Duration = Duration::from_mins(1);
/// Long enough that guessing is hopeless (24 guesses a day), short enough that whoever locks somebody else out gains little.
const LONGEST_LOCK: Duration = Duration::from_hours(1);

/// A password as it is kept, with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) password_hash: PasswordHash,
    pub(crate) failures: Failures,
    /// Somebody who is not active may know the password and still not come in.
    pub(crate) is_active: bool,
}

/// How often in a row a password was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Failures {
    pub(crate) count: u32,
    pub(crate) locked_until: Option<Ts>,
}

/// What one try comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judgement {
    Right,
    /// What is to be kept from now on.
    Wrong(Failures),
    Locked(Ts),
    Inactive,
    /// There is nothing to try it against.
    Unknown,
}

impl Failures {
    fn and_one_more(self, now: Ts) -> Self {
        let count = self.count.saturating_add(1);
        let doublings = count.checked_sub(FREE_FAILURES + 1);
        let lock = doublings.map(|doublings| {
            let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
            FIRST_LOCK.saturating_mul(factor).min(LONGEST_LOCK)
        });
        Self { count, locked_until: lock.map(|lock| now + lock) }
    }
}

impl Credential {
    /// `tried` may have been tried against a hash that was replaced in the meantime; then it is wrong.
    pub(crate) fn judge(&self, tried: &Tried, now: Ts) -> Judgement {
        if let Some(until) = self.failures.locked_until.filter(|until| now < *until) {
            return Judgement::Locked(until);
        }
        if !tried.right || tried.against.as_ref() != Some(&self.password_hash) {
            return Judgement::Wrong(self.failures.and_one_more(now));
        }
        if self.is_active { Judgement::Right } else { Judgement::Inactive }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_is_right_when_nothing_speaks_against_it() {
        let now = Ts::from_seconds(1_000);
        let [kept, replaced] = ["kept", "replaced"].map(PasswordHash::written);
        let locked = |seconds| Failures { count: 5, locked_until: Some(Ts::from_seconds(seconds)) };
        let wrong = |count, locked_until| Judgement::Wrong(Failures { count, locked_until });
        let (none, second_lock) = (Failures::default(), Some(now + FIRST_LOCK * 2));
        for (against, right, failures, is_active, judgement) in [
            (Some(&kept), true, none, true, Judgement::Right),
            (Some(&kept), false, none, true, wrong(1, None)),
            // The password was changed while this one was being looked at.
            (Some(&replaced), true, none, true, wrong(1, None)),
            (None, true, none, true, wrong(1, None)),
            (Some(&kept), true, none, false, Judgement::Inactive),
            (Some(&kept), false, none, false, wrong(1, None)),
            (Some(&kept), true, locked(1_001), true, Judgement::Locked(Ts::from_seconds(1_001))),
            (Some(&kept), false, locked(1_001), false, Judgement::Locked(Ts::from_seconds(1_001))),
            (Some(&kept), true, locked(1_000), true, Judgement::Right),
            (Some(&kept), false, locked(1_000), true, wrong(6, second_lock)),
        ] {
            let credential = Credential { password_hash: kept.clone(), failures, is_active };
            let tried = Tried { against: against.cloned(), right, renewed: None };
            assert_eq!(credential.judge(&tried, now), judgement, "{tried:?} {credential:?}");
        }
    }

    #[test]
    fn the_lock_grows_and_stays_bounded() {
        let now = Ts::from_seconds(1_000);
        let mut failures = Failures::default();
        let mut locks = Vec::new();
        for _ in 0..40 {
            failures = failures.and_one_more(now);
            locks.push(failures.locked_until.map_or(0, |until| until.since(now).as_secs() / 60));
        }
        assert_eq!(locks[..12], [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(locks[12..].iter().all(|minutes| *minutes == 60));
        let last = Failures { count: u32::MAX, locked_until: None }.and_one_more(now);
        assert_eq!(last, Failures { count: u32::MAX, locked_until: Some(now + LONGEST_LOCK) });
    }
}
