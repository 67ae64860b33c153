//! Ids: UUIDv7 (RFC 9562 §5.7) newtypes, written on the wire as `prefix_` plus 26 characters of Crockford base32.
//!
//! The form is that of TypeID 0.3: 128 bits as 26 lower-case base32 digits, most significant first, so ids sort
//! by creation time as text too. The prefix makes a foreign id in the wrong place a clear error instead of a miss.

use crate::{Clock, Entropy};
use std::fmt;
use thiserror::Error;

/// What an id newtype can do; implemented by [`id!`](crate::id) only.
pub trait Id: Copy + Eq + Ord + fmt::Display + fmt::Debug + Send + Sync + 'static {
    /// The word before the underscore on the wire.
    const PREFIX: &'static str;
    fn from_bits(bits: u128) -> Self;
    fn bits(self) -> u128;

    /// Mints a fresh UUIDv7 id: 48 bits of milliseconds, 74 random bits.
    fn mint(clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
        Self::from_bits(uuid_v7(clock.now().as_micros(), entropy.bytes()))
    }

    /// Reads the wire form.
    ///
    /// # Errors
    /// [`IdError`] names the expected prefix and what was wrong.
    fn parse(text: &str) -> Result<Self, IdError> {
        let digits = text
            .strip_prefix(Self::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or(IdError::Prefix { expected: Self::PREFIX })?;
        decode(digits).map(Self::from_bits).ok_or(IdError::Digits { prefix: Self::PREFIX })
    }
}

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    #[error("this id must start with \"{expected}_\"")]
    Prefix { expected: &'static str },
    #[error("after \"{prefix}_\" an id has 26 characters of 0-9 and a-z without i, l, o, u")]
    Digits { prefix: &'static str },
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

/// Writes the 26 base32 digits of an id.
pub(crate) fn encode(bits: u128, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [0; 26];
    for (index, slot) in text.iter_mut().enumerate() {
        let shift = 125 - 5 * index;
        *slot = DIGITS[usize::from(((bits >> shift) & 31) as u8)];
    }
    formatter.write_str(std::str::from_utf8(&text).expect("base32 digits are ASCII"))
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

/// Declares id newtypes: `id! { /// An app. pub struct AppId("app"); }`.
#[macro_export]
macro_rules! id {
    ($($(#[$meta:meta])* $visibility:vis struct $name:ident($prefix:literal);)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $visibility struct $name(u128);

        impl $crate::Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_bits(bits: u128) -> Self {
                Self(bits)
            }
            fn bits(self) -> u128 {
                self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::private::write_id($prefix, self.0, formatter)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, formatter)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::IdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                <Self as $crate::Id>::parse(text)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <::std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(deserializer)?;
                <Self as $crate::Id>::parse(&text).map_err(::serde::de::Error::custom)
            }
        }
    )+};
}

id! {
    /// One branded instance of a kit: the tenant.
    pub struct AppId("app");
    /// An organisation that owns apps.
    pub struct PartnerId("ptn");
    /// A person of a partner.
    pub struct MemberId("mem");
    /// An end user of one app.
    pub struct AccountId("acc");
    /// One request on its way through the house.
    pub struct RequestId("req");
    /// A background job.
    pub struct JobId("job");
    /// A thing that happened, once.
    pub struct EventId("evt");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn writes_the_published_typeid_vector() {
        // TypeID specification, valid.yml, "valid-uuidv7": 01890a5d-ac96-774b-bcce-b302099a8057.
        id! { struct Vector("prefix"); }
        let id = Vector::from_bits(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057);
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
