//! Passwords: what is taken as one, in which form it is kept, and whether a try is right.
//!
//! It refuses to show a password: neither what was typed nor what is kept can be printed. Whatever is hashed is hashed on
//! the pool's threads, never on one that answers requests.

mod guessable;
mod pool;

pub(crate) use pool::{METRICS, Passwords, PoolError, Tried};

use argon2::password_hash::phc;
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use serde::Deserialize;
use slipway_framework::db::{DbError, Row, Value};
use slipway_framework::password::PasswordCost;
use slipway_kernel::{Email, Entropy};
use std::fmt;
use thiserror::Error;
use utoipa::ToSchema;

/// A password as somebody typed it, right or wrong.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = Password, value_type = String, format = Password)]
pub(crate) struct Typed(String);

/// A password that may be kept: nobody would guess it among the first.
#[derive(Clone)]
pub(crate) struct Password(String);

/// Why a password is not taken. The rules are those of NIST SP 800-63B §3.1.1.2 with two characters more: a length, a list
/// of what attackers try first, and no rule about kinds of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum PasswordError {
    #[error("a password has 10 to 128 characters")]
    Length,
    #[error(
        "this is among the first passwords that anybody would try; take four words that do not belong together"
    )]
    Guessable,
    #[error("a password must not be your e-mail address or a part of it")]
    Email,
}

/// A password as it is kept: an Argon2id hash as a PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash(String);

impl Password {
    /// Checks the rules; `email` is the address of whoever chooses, where it is known.
    ///
    /// # Errors
    /// [`PasswordError`] says which rule was broken.
    pub(crate) fn choose(typed: &Typed, email: Option<&Email>) -> Result<Self, PasswordError> {
        if !(10..=128).contains(&typed.0.chars().count()) {
            return Err(PasswordError::Length);
        }
        let folded = typed.0.to_lowercase();
        let key = email.map(Email::key).unwrap_or_default();
        let local = key.rsplit_once('@').map_or(key.as_str(), |(local, _)| local);
        if folded == key || folded == local {
            return Err(PasswordError::Email);
        }
        if guessable::is_guessable(&folded) {
            return Err(PasswordError::Guessable);
        }
        Ok(Self(typed.0.clone()))
    }

    /// Makes one that is shown once: 80 random bits as four groups of four letters and digits.
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
        let groups = entropy.bytes::<16>();
        let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
        let groups = groups.chunks(4).map(|group| group.iter().map(letter).collect::<String>());
        Self(groups.collect::<Vec<_>>().join("-"))
    }

    /// The password itself, for the one who must be told it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl PasswordHash {
    fn of(password: &str, salt: &[u8; 16], cost: PasswordCost) -> Result<Self, PoolError> {
        let hash = argon2(cost).hash_password_with_salt(password.as_bytes(), salt);
        hash.map(|hash| Self(hash.to_string())).map_err(|error| PoolError::Broken(error.to_string()))
    }

    /// Takes any text for a hash.
    #[cfg(test)]
    pub(crate) fn written(text: &str) -> Self {
        Self(text.to_owned())
    }

    fn is_of(&self, typed: &Typed) -> Result<bool, PoolError> {
        use argon2::password_hash::Error;
        // The parameters are those the hash was made with, whatever the present ones are.
        let algorithm = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT);
        match algorithm.verify_password(typed.0.as_bytes(), &*self.0) {
            Ok(()) => Ok(true),
            Err(Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(PoolError::Broken(error.to_string())),
        }
    }

    /// Whether it was made at that cost, and need not be made again.
    fn is_at(&self, cost: PasswordCost) -> bool {
        let Ok(hash) = phc::PasswordHash::new(&self.0) else { return false };
        let params = Params::try_from(&hash);
        hash.algorithm == ARGON2ID_IDENT
            && params.is_ok_and(|params| {
                (params.m_cost(), params.t_cost(), params.p_cost())
                    == (cost.memory_kib(), cost.passes(), cost.lanes())
            })
    }

    /// Reads the column at `index`.
    pub(crate) fn get(row: &Row<'_>, index: usize) -> Result<Self, DbError> {
        row.get::<String>(index).map(Self)
    }
}

fn argon2(cost: PasswordCost) -> Argon2<'static> {
    let params = Params::new(cost.memory_kib(), cost.passes(), cost.lanes(), None);
    let params = params.expect("a cost is within what Argon2 takes");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl From<&PasswordHash> for Value {
    fn from(hash: &PasswordHash) -> Self {
        Self::Text(hash.0.clone())
    }
}

macro_rules! secret {
    ($($secret:ident),+) => {$(
        impl fmt::Debug for $secret {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(concat!(stringify!($secret), "(…)"))
            }
        }
    )+};
}
secret!(Typed, Password, PasswordHash);

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_testkit::SeededEntropy;

    fn typed(text: &str) -> Typed {
        Typed(text.to_owned())
    }

    #[test]
    fn takes_long_passwords_of_any_script_and_refuses_what_is_tried_first() {
        let email = Email::parse("Rosa.Garcia-Lopez@example.com").unwrap();
        for good in
            ["correct horse battery staple", "ñandú🌱ñandú🌱ñu", "kwz7-3mta-qq", &"aB3$kLm9".repeat(16)]
        {
            assert!(Password::choose(&typed(good), Some(&email)).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", PasswordError::Length),
            ("kwz7-3mta", PasswordError::Length),
            (&"aB3$kLm9".repeat(17), PasswordError::Length),
            ("ROSA.garcia-lopez@example.com", PasswordError::Email),
            ("rosa.garcia-lopez", PasswordError::Email),
            ("testpass123", PasswordError::Guessable),
        ] {
            assert_eq!(Password::choose(&typed(bad), Some(&email)).err(), Some(why), "{bad}");
        }
    }

    #[test]
    fn a_generated_password_is_taken_and_never_the_same() {
        let entropy = SeededEntropy::new(7);
        let email = Email::parse("ana@example.com").unwrap();
        let made: Vec<_> = (0..100).map(|_| Password::generate(&entropy).reveal().to_owned()).collect();
        for password in &made {
            assert_eq!(password.len(), 19, "{password}");
            assert!(Password::choose(&typed(password), Some(&email)).is_ok(), "{password}");
        }
        assert!((1..made.len()).all(|index| !made[..index].contains(&made[index])));
    }

    #[test]
    fn a_hash_knows_its_password_and_its_cost() {
        let hash = PasswordHash::of("correct horse", &[7; 16], PasswordCost::FLOOR).unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        assert!(hash.0.len() <= 255);
        assert_eq!(hash.is_of(&typed("correct horse")), Ok(true));
        assert_eq!(hash.is_of(&typed("correct horsf")), Ok(false));
        assert!(hash.is_at(PasswordCost::FLOOR));
        assert!(!hash.is_at(PasswordCost::new(19_457, 2, 1).unwrap()));
        assert!(matches!(PasswordHash("plain".to_owned()).is_of(&typed("plain")), Err(PoolError::Broken(_))));
    }

    #[test]
    fn verifies_the_vector_of_the_reference_implementation() {
        // phc-winner-argon2, src/test.c: "password", "somesalt", t=2, m=2^16, p=1, Argon2id, version 0x13.
        let vector = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let hash = PasswordHash(vector.to_owned());
        assert_eq!(hash.is_of(&typed("password")), Ok(true));
        assert_eq!(hash.is_of(&typed("differentpassword")), Ok(false));
    }

    #[test]
    fn nothing_prints_a_secret() {
        let hash = PasswordHash("$argon2id$secret".to_owned());
        let shown = format!("{:?} {:?} {hash:?}", typed("secret"), Password("secret".to_owned()));
        assert_eq!(shown, "Typed(…) Password(…) PasswordHash(…)");
    }
}
