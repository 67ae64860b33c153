//! Ids: UUIDv7 (RFC 9562 §5.7) with a type, written on the wire as `prefix_` plus 26 characters of Crockford base32.
//!
//! The form is that of TypeID 0.3: 128 bits as 26 lower-case base32 digits, most significant first, so ids sort
//! by creation time as text too. The prefix makes a foreign id in the wrong place a clear error instead of a miss.

use crate::{Clock, Entropy};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;
use thiserror::Error;

/// What an id is the id of. Implemented by the noun itself, or by a marker where the noun lives elsewhere.
pub trait Identified: 'static {
    /// The word before the underscore on the wire.
    const PREFIX: &'static str;
}

/// The id of a `T`.
pub struct Id<T: Identified>(u128, PhantomData<fn() -> T>);

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    #[error("this id must start with \"{expected}_\"")]
    Prefix { expected: &'static str },
    #[error("after \"{prefix}_\" an id has 26 characters of 0-9 and a-z without i, l, o, u")]
    Digits { prefix: &'static str },
}

impl<T: Identified> Id<T> {
    /// Mints a fresh UUIDv7 id: 48 bits of milliseconds, 74 random bits.
    #[must_use]
    pub fn mint(clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
        Self::from_bits(uuid_v7(clock.now().as_micros(), entropy.bytes()))
    }

    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits, PhantomData)
    }

    #[must_use]
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// Reads the wire form.
    ///
    /// # Errors
    /// [`IdError`] names the expected prefix and what was wrong.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let digits = text
            .strip_prefix(T::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or(IdError::Prefix { expected: T::PREFIX })?;
        decode(digits).map(Self::from_bits).ok_or(IdError::Digits { prefix: T::PREFIX })
    }
}

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Lays time and randomness out as RFC 9562 §5.7 asks.
fn uuid_v7(micros: i64, random: [u8; 10]) -> u128 {
    let millis = (micros.max(0).unsigned_abs() / 1_000) & 0xffff_ffff_ffff;
    let mut noise = [0; 16];
    noise[6..].copy_from_slice(&random);
    let noise = u128::from_be_bytes(noise);
    let version = 7 << 76;
    let variant = 0b10 << 62;
    let random_a = ((noise >> 62) & 0xfff) << 64;
    let random_b = noise & ((1 << 62) - 1);
    (u128::from(millis) << 80) | version | random_a | variant | random_b
}

fn decode(digits: &str) -> Option<u128> {
    // 26 digits hold 130 bits; the first digit may therefore only use its low three.
    if digits.len() != 26 || digits.as_bytes()[0] > b'7' {
        return None;
    }
    digits.bytes().try_fold(0_u128, |bits, digit| {
        let value = DIGITS.iter().position(|candidate| *candidate == digit)?;
        Some((bits << 5) | value as u128)
    })
}

impl<T: Identified> fmt::Display for Id<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 26];
        for (index, digit) in digits.iter_mut().enumerate() {
            let value = (self.0 >> (125 - 5 * index)) & 31;
            *digit = DIGITS[usize::try_from(value).expect("five bits fit")];
        }
        write!(formatter, "{}_{}", T::PREFIX, std::str::from_utf8(&digits).expect("base32 digits are ASCII"))
    }
}

impl<T: Identified> fmt::Debug for Id<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

// Written by hand because a derive would ask the same of `T`, which is only a name here.
impl<T: Identified> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Identified> Copy for Id<T> {}
impl<T: Identified> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T: Identified> Eq for Id<T> {}
impl<T: Identified> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T: Identified> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T: Identified> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T: Identified> FromStr for Id<T> {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl<T: Identified> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: Identified> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

macro_rules! markers {
    ($($(#[$meta:meta])* $marker:ident, $id:ident, $prefix:literal;)+) => {$(
        #[doc = concat!("Marks the id of ", $prefix, "; the noun itself lives in its module.")]
        #[derive(Debug)]
        pub enum $marker {}
        impl Identified for $marker {
            const PREFIX: &'static str = $prefix;
        }
        $(#[$meta])*
        pub type $id = Id<$marker>;
    )+};
}

markers! {
    /// One branded instance of a kit: the tenant.
    AppMarker, AppId, "app";
    /// An organisation that owns apps.
    PartnerMarker, PartnerId, "ptn";
    /// A person of a partner.
    MemberMarker, MemberId, "mem";
    /// An end user of one app.
    AccountMarker, AccountId, "acc";
    /// One request on its way through the house.
    RequestMarker, RequestId, "req";
    /// A background job.
    JobMarker, JobId, "job";
    /// A thing that happened, once.
    EventMarker, EventId, "evt";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn writes_the_published_typeid_vector() {
        // TypeID specification, valid.yml, "valid-uuidv7": 01890a5d-ac96-774b-bcce-b302099a8057.
        #[derive(Debug)]
        struct Vector;
        impl Identified for Vector {
            const PREFIX: &'static str = "prefix";
        }
        let id = Id::<Vector>::from_bits(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057);
        assert_eq!(id.to_string(), "prefix_01h455vb4pex5vsknk084sn02q");
        assert_eq!("prefix_01h455vb4pex5vsknk084sn02q".parse(), Ok(id));
    }

    #[test]
    fn lays_out_version_and_variant() {
        let bits = uuid_v7(1_645_557_742_000_000, [0xff; 10]);
        // RFC 9562 appendix A.6 uses this instant: 017F22E2-79B0-7....
        assert_eq!(bits >> 80, 0x017f_22e2_79b0);
        assert_eq!((bits >> 76) & 0xf, 7);
        assert_eq!((bits >> 62) & 0b11, 0b10);
    }

    #[test]
    fn refuses_what_is_no_id() {
        let prefix = Err(IdError::Prefix { expected: "app" });
        let digits = Err(IdError::Digits { prefix: "app" });
        for (text, expected) in [
            ("", prefix.clone()),
            ("ptn_01h455vb4pex5vsknk084sn02q", prefix.clone()),
            ("app01h455vb4pex5vsknk084sn02q", prefix),
            ("app_", digits.clone()),
            ("app_81h455vb4pex5vsknk084sn02q", digits.clone()),
            ("app_01H455VB4PEX5VSKNK084SN02Q", digits.clone()),
            ("app_01h455vb4pex5vsknk084sn02é", digits),
        ] {
            assert_eq!(AppId::parse(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_back_what_it_wrote_and_sorts_alike(left: u128, right: u128) {
            let (left, right) = (AppId::from_bits(left), AppId::from_bits(right));
            prop_assert_eq!(left.to_string().parse(), Ok(left));
            prop_assert_eq!(left.cmp(&right), left.to_string().cmp(&right.to_string()));
            let json = serde_json::to_string(&left).unwrap();
            prop_assert_eq!(serde_json::from_str::<AppId>(&json).unwrap(), left);
        }
    }
}
