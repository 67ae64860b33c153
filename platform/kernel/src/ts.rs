//! Instants as whole microseconds since 1970-01-01T00:00:00Z.
//!
//! Integers sort, text timestamps do not: `…29.44803Z` sorts after `…29.448034Z`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::borrow::Cow;
use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;
use thiserror::Error;

/// An instant, UTC, in microseconds. On the wire it is RFC 3339 with six decimals and `Z`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ts(i64);

/// Why a text is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "an instant is written as 2026-11-21T08:30:00Z, with up to six decimals of a second, between the years 0001 and 9999"
)]
pub struct TsError;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

impl Ts {
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds * MICROS_PER_SECOND)
    }

    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// How long after `earlier` this is; zero when it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0).max(0).unsigned_abs())
    }

    /// Reads RFC 3339 in UTC.
    ///
    /// # Errors
    /// [`TsError`] when the text has another form, an offset other than `Z`, or names no real day.
    pub fn parse(text: &str) -> Result<Self, TsError> {
        let (date, time) = text.strip_suffix('Z').and_then(|rest| rest.split_once('T')).ok_or(TsError)?;
        let [year, month, day] = fields(date, '-', [4, 2, 2])?;
        let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
        let [hour, minute, second] = fields(clock, ':', [2, 2, 2])?;
        let dotted = time.len() != clock.len();
        if fraction.len() > 6
            || (dotted && fraction.is_empty())
            || !fraction.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(TsError);
        }
        let micros = format!("{fraction:0<6}").parse::<i64>().map_err(|_| TsError)?;
        let days = days_from_civil(year, month, day);
        if civil_from_days(days) != (year, month, day) || year == 0 || hour > 23 || minute > 59 || second > 59
        {
            return Err(TsError);
        }
        let seconds = days * SECONDS_PER_DAY + hour * 3_600 + minute * 60 + second;
        Ok(Self(seconds * MICROS_PER_SECOND + micros))
    }
}

fn fields(text: &str, separator: char, widths: [usize; 3]) -> Result<[i64; 3], TsError> {
    let mut values = [0; 3];
    let mut parts = text.split(separator);
    for (value, width) in values.iter_mut().zip(widths) {
        let part = parts.next().ok_or(TsError)?;
        if part.len() != width || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(TsError);
        }
        *value = part.parse().map_err(|_| TsError)?;
    }
    if parts.next().is_some() { Err(TsError) } else { Ok(values) }
}

/// Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

impl fmt::Display for Ts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_seconds();
        let micros = self.0.rem_euclid(MICROS_PER_SECOND);
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let second_of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
        write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
    }
}

impl fmt::Debug for Ts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Add<Duration> for Ts {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Ts {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Serialize for Ts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_writes_known_instants() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (1_709_164_800_000_000, "2024-02-29T00:00:00.000000Z"),
            (1_763_713_800_448_034, "2025-11-21T08:30:00.448034Z"),
        ] {
            assert_eq!(Ts::from_micros(micros).to_string(), text);
            assert_eq!(Ts::parse(text), Ok(Ts::from_micros(micros)));
        }
        assert_eq!(Ts::parse("1970-01-01T00:00:01.5Z"), Ok(Ts::from_micros(1_500_000)));
    }

    #[test]
    fn refuses_what_is_no_instant() {
        for text in [
            "",
            "2025-11-21",
            "2025-11-21T08:30:00",
            "2025-11-21T08:30:00+00:00",
            "2025-02-29T00:00:00Z",
            "2025-13-01T00:00:00Z",
            "2025-11-21T24:00:00Z",
            "2025-11-21T08:30:00.Z",
            "2025-11-21T08:30:00.1234567Z",
            "0000-01-01T00:00:00Z",
            "2025-1-21T08:30:00Z",
            "+025-11-21T08:30:00Z",
        ] {
            assert_eq!(Ts::parse(text), Err(TsError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_round_trips_and_sorts_like_the_number(
            left in -62_135_596_800_000_000_i64..253_402_300_800_000_000,
            right in -62_135_596_800_000_000_i64..253_402_300_800_000_000,
        ) {
            let (left, right) = (Ts::from_micros(left), Ts::from_micros(right));
            prop_assert_eq!(Ts::parse(&left.to_string()), Ok(left));
            prop_assert_eq!(left.cmp(&right), left.to_string().cmp(&right.to_string()));
        }
    }
}
