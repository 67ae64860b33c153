//! Package ids: the name by which Android knows an app for ever.

use std::fmt;
use thiserror::Error;

/// An application id (Android developers' guide, "Set the application ID"): at least two segments joined by dots, each a
/// letter followed by letters, digits and underscores; here at most 150 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageId(String);

/// Why a text is no package id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PackageIdError {
    #[error("a package id has at most 150 characters")]
    Length,
    #[error(
        "write a package id such as com.example.verde: two or more words of letters, digits and _ joined by dots"
    )]
    Form,
}

impl PackageId {
    /// # Errors
    /// [`PackageIdError`].
    pub fn parse(text: &str) -> Result<Self, PackageIdError> {
        if text.len() > 150 {
            return Err(PackageIdError::Length);
        }
        let segment_fits = |segment: &str| {
            segment.starts_with(|first: char| first.is_ascii_alphabetic())
                && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let fits = text.contains('.') && text.split('.').all(segment_fits);
        if fits { Ok(Self(text.to_owned())) } else { Err(PackageIdError::Form) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PackageId {
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
        fn any_text_is_judged_and_what_is_taken_is_kept(text in "\\PC{0,30}|([a-zA-Z][a-z0-9_]{0,9}\\.?){1,6}") {
            if let Ok(id) = PackageId::parse(&text) {
                prop_assert_eq!(id.as_str(), &text);
            }
        }
    }

    #[test]
    fn takes_application_ids_and_nothing_else() {
        for good in ["com.example", "com.example.green_kitchen2", "a.B"] {
            assert_eq!(PackageId::parse(good).map(|id| id.to_string()), Ok(good.to_owned()));
        }
        for bad in
            ["", "com", "com.", ".com", "com..example", "com.1a", "com.a-b", "com.é", "com. a", "com._a"]
        {
            assert_eq!(PackageId::parse(bad), Err(PackageIdError::Form), "{bad:?}");
        }
        assert_eq!(PackageId::parse(&format!("com.{}", "a".repeat(147))), Err(PackageIdError::Length));
    }
}
