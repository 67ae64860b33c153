//! Names that people give: trimmed, of a bounded length, on one line.
//!
//! They refuse no letter of any script; whatever shows a name must escape it.

use slipway_kernel::{breaks_line, can_be_seen};
use std::fmt;
use thiserror::Error;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameError {
    #[error("a name has 1 to {max} characters")]
    Length { max: usize },
    #[error("a name stands on one line, without control characters")]
    Control,
    #[error("a name has at least one character that can be seen")]
    Unseen,
}

fn parse(text: &str, max: usize) -> Result<String, NameError> {
    let text = text.trim();
    if text.chars().any(breaks_line) {
        return Err(NameError::Control);
    }
    if !(1..=max).contains(&text.chars().count()) {
        return Err(NameError::Length { max });
    }
    if can_be_seen(text) { Ok(text.to_owned()) } else { Err(NameError::Unseen) }
}

macro_rules! names {
    ($($(#[$meta:meta])* $name:ident, $max:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Trims and checks.
            ///
            /// # Errors
            /// [`NameError`] says which rule was broken.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                parse(text, $max).map(Self)
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )+};
}

names! {
    /// An organisation's name, 1 to 80 characters.
    PartnerName, 80;
    /// A person's name, 1 to 80 characters.
    MemberName, 80;
    /// An app's name, 1 to 60 characters.
    AppName, 60;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_judged_and_what_is_taken_is_taken_again(text in "\\s{0,2}\\PC{0,70}\\s?") {
            if let Ok(name) = AppName::parse(&text) {
                prop_assert!((1..=60).contains(&name.as_str().chars().count()));
                prop_assert_eq!(AppName::parse(name.as_str()), Ok(name.clone()));
            }
        }
    }

    #[test]
    fn a_name_is_trimmed_and_bounded() {
        for (text, name) in [
            ("  Ana ", Ok("Ana")),
            ("Ñandú 🌱", Ok("Ñandú 🌱")),
            (&"é".repeat(60), Ok("é".repeat(60).as_str())),
            ("", Err(NameError::Length { max: 60 })),
            ("   ", Err(NameError::Length { max: 60 })),
            (&"é".repeat(61), Err(NameError::Length { max: 60 })),
            ("two\nlines", Err(NameError::Control)),
            ("nul\0", Err(NameError::Control)),
            ("two\u{2028}lines", Err(NameError::Control)),
            ("\u{200b}\u{2060}", Err(NameError::Unseen)),
            ("👩\u{200d}🌾", Ok("👩\u{200d}🌾")),
            ("\u{202e}evil\u{202c}", Ok("\u{202e}evil\u{202c}")),
        ] {
            assert_eq!(
                AppName::parse(text).map(|name| name.to_string()),
                name.map(str::to_owned),
                "{text:?}"
            );
        }
    }
}
