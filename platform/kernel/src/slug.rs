//! Slugs: the part of a host name that names an app.

use std::fmt;
use thiserror::Error;

/// A DNS label (RFC 1035 §2.3.1) of 3 to 40 characters that no part of the platform needs for itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

/// Why a text is no slug.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SlugError {
    #[error("a slug has 3 to 40 characters")]
    Length,
    #[error(
        "a slug is made of the letters a-z, digits and single hyphens, and starts with a letter and ends with a letter or digit"
    )]
    Form,
    #[error("\"{0}\" is reserved for the platform; choose another slug")]
    Reserved(String),
}

/// Names that would shadow an origin of the platform, or that mail and browsers treat specially.
const RESERVED: [&str; 28] = [
    "admin",
    "api",
    "app",
    "apps",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "cdn",
    "console",
    "docs",
    "ftp",
    "health",
    "help",
    "imap",
    "localhost",
    "mail",
    "media",
    "metrics",
    "pop",
    "smtp",
    "static",
    "status",
    "support",
    "webmail",
    "wpad",
    "www",
    "slipway",
];

impl Slug {
    /// Checks form and reservation.
    ///
    /// # Errors
    /// [`SlugError`] says which rule was broken.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        if !(3..=40).contains(&text.len()) {
            return Err(SlugError::Length);
        }
        let form = text.starts_with(|first: char| first.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.contains("--")
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !form {
            return Err(SlugError::Form);
        }
        if RESERVED.contains(&text) {
            return Err(SlugError::Reserved(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_judged_and_what_is_taken_is_a_label(text in "\\PC{0,44}|[a-z0-9-]{0,44}") {
            if let Ok(slug) = Slug::parse(&text) {
                prop_assert_eq!(slug.as_str(), &text);
                prop_assert!(!text.starts_with("xn--") && text.len() <= 63);
            }
        }
    }

    #[test]
    fn takes_dns_labels_and_nothing_else() {
        for good in ["verde", "a1b", "green-kitchen-2", &"a".repeat(40)] {
            assert_eq!(Slug::parse(good).map(|slug| slug.to_string()), Ok(good.to_owned()));
        }
        for (bad, why) in [
            ("", SlugError::Length),
            ("ab", SlugError::Length),
            (&*"a".repeat(41), SlugError::Length),
            ("Verde", SlugError::Form),
            ("1verde", SlugError::Form),
            ("verde-", SlugError::Form),
            ("xn--verde", SlugError::Form),
            ("ver.de", SlugError::Form),
            ("vérde", SlugError::Form),
            ("ver\0de", SlugError::Form),
            ("console", SlugError::Reserved("console".to_owned())),
        ] {
            assert_eq!(Slug::parse(bad), Err(why), "{bad:?}");
        }
    }
}
