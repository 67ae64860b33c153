//! What it takes to try one password: the price an attacker pays for each guess at a stolen table.
//!
//! It refuses to be cheap: below the floor there is no value, except the one that only the testkit may ask for.

use thiserror::Error;

/// Parameters of Argon2id (RFC 9106 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// Why a cost is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordCostError {
    #[error("a password hash takes at least 19456 KiB of memory, 2 passes and 1 lane; raise the setting")]
    BelowFloor,
    #[error("a password hash takes at most 1048576 KiB of memory, 16 passes and 4 lanes; lower the setting")]
    AboveCeiling,
}

impl PasswordCost {
    /// OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB of memory, two passes, one lane.
    pub const FLOOR: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };
    const CEILING: Self = Self { memory_kib: 1_048_576, passes: 16, lanes: 4 };

    /// # Errors
    /// [`PasswordCostError`] outside the floor and what a login may reasonably cost.
    pub const fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, PasswordCostError> {
        let (floor, ceiling) = (Self::FLOOR, Self::CEILING);
        if memory_kib < floor.memory_kib || passes < floor.passes || lanes < floor.lanes {
            return Err(PasswordCostError::BelowFloor);
        }
        if memory_kib > ceiling.memory_kib || passes > ceiling.passes || lanes > ceiling.lanes {
            return Err(PasswordCostError::AboveCeiling);
        }
        Ok(Self { memory_kib, passes, lanes })
    }

    /// A hash that protects nobody, for tests that sign in a thousand times. Clippy refuses every caller but the testkit.
    #[must_use]
    pub const fn for_tests() -> Self {
        Self { memory_kib: 32, passes: 1, lanes: 1 }
    }

    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }

    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_stays_between_floor_and_ceiling() {
        for (cost, expected) in [
            ((19_456, 2, 1), Ok(PasswordCost::FLOOR)),
            ((1_048_576, 16, 4), Ok(PasswordCost::CEILING)),
            ((19_455, 2, 1), Err(PasswordCostError::BelowFloor)),
            ((19_456, 1, 1), Err(PasswordCostError::BelowFloor)),
            ((19_456, 2, 0), Err(PasswordCostError::BelowFloor)),
            ((1_048_577, 2, 1), Err(PasswordCostError::AboveCeiling)),
            ((19_456, 17, 1), Err(PasswordCostError::AboveCeiling)),
            ((19_456, 2, 5), Err(PasswordCostError::AboveCeiling)),
        ] {
            assert_eq!(PasswordCost::new(cost.0, cost.1, cost.2), expected, "{cost:?}");
        }
    }
}
