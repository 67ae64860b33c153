//! Hosts and the start address, in the narrow form the shell compares byte by byte.
//! It refuses user information, fragments, IP addresses, upper case and international names that are not in punycode.

use std::fmt;
use thiserror::Error;

/// A DNS name (RFC 1035 §2.3.1) in lower case: labels of a-z, 0-9 and hyphens, at most 253 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Host(String);

/// The absolute address the app starts with: `http` or `https`, a [`Host`], an optional port, path and query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StartUrl {
    text: String,
    host: Host,
    https: bool,
}

/// Why a text is no host or start address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    #[error(
        "{0:?} is no host name; use labels of a-z, 0-9 and hyphens joined by dots, international names in punycode"
    )]
    Host(String),
    #[error("{0:?} is an IP address; Android links and certificates need a host name")]
    IpAddress(String),
    #[error("the start address {0:?} must begin with https:// (or http:// in a preview)")]
    Scheme(String),
    #[error("the port of the start address {0:?} must be a number from 1 to 65535")]
    Port(String),
    #[error("the start address contains {0:?}; write it percent-encoded, without user name and fragment")]
    Character(char),
    #[error("the start address is longer than {MAXIMUM_URL_LENGTH} characters")]
    TooLong,
}

/// What browsers of every age accept, in characters.
const MAXIMUM_URL_LENGTH: usize = 2000;

impl Host {
    /// Checks the grammar. A host is `localhost`, ends with `.localhost`, or has at least two labels.
    ///
    /// # Errors
    /// [`AddressError::Host`] or [`AddressError::IpAddress`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let qualified = text == "localhost" || text.contains('.');
        if text.len() > 253 || !qualified || !text.split('.').all(is_label) {
            return Err(AddressError::Host(text.to_owned()));
        }
        let last = text.rsplit('.').next().unwrap_or(text);
        // The URL standard reads every name that ends in a number as an IPv4 address.
        if last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AddressError::IpAddress(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether the name is `localhost` or below it (RFC 6761 §6.3), which never leaves the device.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.0 == "localhost" || self.0.ends_with(".localhost")
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl StartUrl {
    /// Checks scheme, host, port and characters. Whether `http` is permitted is the mode's decision
    /// ([`crate::AppModel::check`]).
    ///
    /// # Errors
    /// [`AddressError`] names the offending part.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.len() > MAXIMUM_URL_LENGTH {
            return Err(AddressError::TooLong);
        }
        let (https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(AddressError::Scheme(text.to_owned())),
        };
        // RFC 3986 §2: reserved and unreserved characters and the percent sign; '#' and '@' are refused on purpose.
        let allowed = |character: char| {
            character.is_ascii_alphanumeric() || "-._~:/?[]!$&'()*+,;=%".contains(character)
        };
        if let Some(character) = rest.chars().find(|character| !allowed(*character)) {
            return Err(AddressError::Character(character));
        }
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        let host = match authority.split_once(':') {
            None => Host::parse(authority)?,
            Some((host, port)) => {
                let number = port.parse::<u16>().is_ok_and(|number| number > 0);
                if !number || !port.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(AddressError::Port(text.to_owned()));
                }
                Host::parse(host)?
            }
        };
        Ok(Self { text: text.to_owned(), host, https })
    }

    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts_are_narrow() {
        for accepted in ["localhost", "shop.localhost", "a.example", "xn--lumire-4ua.example", "1.example"] {
            assert_eq!(Host::parse(accepted).map(|host| host.0).as_deref(), Ok(accepted));
        }
        let long = format!("{}.example", "a".repeat(64));
        for refused in [
            "",
            "shop",
            ".example",
            "a..example",
            "A.example",
            "-a.example",
            "a-.example",
            "a.example.",
            "a b.example",
            &long,
        ] {
            assert_eq!(Host::parse(refused), Err(AddressError::Host(refused.to_owned())), "{refused}");
        }
        assert_eq!(Host::parse("10.0.0.1"), Err(AddressError::IpAddress("10.0.0.1".to_owned())));
    }

    #[test]
    fn start_addresses_are_narrow() {
        let url = StartUrl::parse("https://a.example:8443/x?y=%20").unwrap();
        assert_eq!((url.host().as_str(), url.is_https()), ("a.example", true));
        assert!(!StartUrl::parse("http://a.localhost?x").unwrap().is_https());
        let text = str::to_owned;
        let cases = [
            ("ftp://a.example", AddressError::Scheme(text("ftp://a.example"))),
            ("HTTPS://a.example", AddressError::Scheme(text("HTTPS://a.example"))),
            ("https://a.example:0/", AddressError::Port(text("https://a.example:0/"))),
            ("https://a.example:+80/", AddressError::Port(text("https://a.example:+80/"))),
            ("https://a.example:99999/", AddressError::Port(text("https://a.example:99999/"))),
            ("https://me@a.example/", AddressError::Character('@')),
            ("https://a.example/#top", AddressError::Character('#')),
            ("https://a.example/\\x", AddressError::Character('\\')),
            ("https://a.example/\u{e9}", AddressError::Character('\u{e9}')),
            ("https:///x", AddressError::Host(text(""))),
        ];
        for (address, expected) in cases {
            assert_eq!(StartUrl::parse(address), Err(expected), "{address}");
        }
        assert_eq!(
            StartUrl::parse(&format!("https://a.example/{}", "x".repeat(2000))),
            Err(AddressError::TooLong)
        );
    }

    #[test]
    fn localhost_is_a_label_not_a_suffix() {
        let is_local = |text: &str| Host::parse(text).unwrap().is_local();
        assert!(is_local("localhost") && is_local("a.b.localhost"));
        assert!(
            !is_local("notlocalhost.example") && !is_local("localhost.example") && !is_local("a.xlocalhost")
        );
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "(https?://)?\\PC{0,40}") {
            if let Ok(url) = StartUrl::parse(&text) {
                prop_assert_eq!(url.as_str(), text);
            }
        }
    }
}
