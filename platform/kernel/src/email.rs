//! E-mail addresses, as far as a form can judge them: only a letter that arrives proves one.

use crate::text::{breaks_line, is_ignored};
use std::fmt;
use thiserror::Error;

/// An address of at most 254 octets (RFC 5321 §4.5.3.1.3), kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EmailError {
    #[error("an e-mail address has at most 254 characters")]
    Length,
    #[error("write an e-mail address such as ana@example.com")]
    Form,
}

impl Email {
    /// # Errors
    /// [`EmailError`].
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.len() > 254 {
            return Err(EmailError::Length);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Form)?;
        let local_fits =
            (1..=64).contains(&local.len()) && !local.contains(['@', '"', '<', '>', ',', ';', ':']);
        let label_fits = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        let domain_fits = domain.contains('.')
            && domain.split('.').all(label_fits)
            && domain.chars().all(|character| character.is_alphanumeric() || matches!(character, '-' | '.'));
        // What is not drawn would make two addresses out of one that looks the same.
        let unseen =
            |character: char| character.is_whitespace() || breaks_line(character) || is_ignored(character);
        let printable = !text.chars().any(unseen);
        if local_fits && domain_fits && printable { Ok(Self(text.to_owned())) } else { Err(EmailError::Form) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one address have in common. Case is folded here and never in a database, whose two engines
    /// fold differently.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for Email {
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
        fn any_text_is_judged_and_what_is_taken_is_taken_again(text in "[ -~]{0,6}@?\\PC{0,12}\\.?[a-z]{0,3}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
                prop_assert_eq!(email.key().to_lowercase(), email.key());
            }
        }
    }

    #[test]
    fn takes_addresses_and_nothing_else() {
        for good in [
            "ana@example.com",
            "  ana@example.com ",
            "a.b+c@sub.example.co",
            "ñandú@españa.es",
            "O'Hara@example.com",
        ] {
            assert_eq!(Email::parse(good).map(|email| email.to_string()), Ok(good.trim().to_owned()));
        }
        for bad in [
            "",
            "ana",
            "@example.com",
            "ana@",
            "ana@example",
            "ana@.com",
            "ana@exa mple.com",
            "a@b@example.com",
            "ana@example.com\0",
            "ana@-example.com",
            "Ana <ana@example.com>",
            "ana@example..com",
            "ana\u{200b}@example.com",
            "\u{202e}ana@example.com",
        ] {
            assert_eq!(Email::parse(bad), Err(EmailError::Form), "{bad:?}");
        }
        assert_eq!(Email::parse(&format!("{}@example.com", "a".repeat(250))), Err(EmailError::Length));
        assert_eq!(Email::parse("Ana@Example.COM").unwrap().key(), "ana@example.com");
    }
}
