//! The session cookies (RFC 6265bis): found in a request, given with an answer, taken back.
//!
//! `__Host-` makes the browser refuse them without `Secure`, from a sub-domain, or for another path; `HttpOnly` keeps them from
//! scripts and `SameSite=Strict` from every other site's requests.

use axum::http::{HeaderMap, HeaderValue, header};

/// The value of the first cookie of that name.
pub(crate) fn find<'request>(headers: &'request HeaderMap, name: &str) -> Option<&'request str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(found, value)| (found == name).then_some(value))
}

/// A cookie that lives for `max_age_seconds` more.
pub(crate) fn give(name: &str, value: &str, max_age_seconds: u64) -> HeaderValue {
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={max_age_seconds}; Secure; HttpOnly; SameSite=Strict");
    HeaderValue::from_str(&cookie).expect("names and base64url are ASCII")
}

/// What makes the browser forget the cookie.
pub(crate) fn take_back(name: &str) -> HeaderValue {
    give(name, "", 0)
}

/// Whether an answer already says something about that cookie.
pub(crate) fn is_set(headers: &HeaderMap, name: &str) -> bool {
    let mut cookies = headers.get_all(header::SET_COOKIE).iter();
    cookies.any(|cookie| {
        cookie.as_bytes().strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::Token;
    use axum::http::HeaderName;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_stands_before_it_a_cookie_is_found_and_no_bytes_are_too_strange(
            noise in proptest::collection::vec(any::<u8>(), 0..80),
            value in "[A-Za-z0-9_-]{0,60}",
        ) {
            let mut headers = HeaderMap::new();
            let strange: Vec<u8> = noise.into_iter().filter(|byte| *byte >= 0x20 && *byte != 0x7f).collect();
            headers.append(header::COOKIE, HeaderValue::from_bytes(&strange).unwrap());
            if let Some(found) = find(&headers, "__Host-member") {
                prop_assert!(!found.contains(';'));
            }
            let mut own = HeaderMap::new();
            own.append(header::COOKIE, HeaderValue::from_str(&format!("a=b; __Host-member={value}; c")).unwrap());
            prop_assert_eq!(find(&own, "__Host-member"), Some(value.as_str()));
            if let Some(token) = Token::parse(&value) {
                prop_assert_eq!(token.reveal(), value);
            }
        }
    }

    fn headers(name: &HeaderName, lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn finds_the_cookie_by_its_whole_name() {
        for (lines, value) in [
            (&["a=1"][..], Some("1")),
            (&["b=2; a=1"], Some("1")),
            (&["b=2", "c=3;a=1"], Some("1")),
            (&["a=1; a=2"], Some("1")),
            (&["a="], Some("")),
            (&["aa=1; b=a=1", "A=1", "a"], None),
            (&[], None),
        ] {
            assert_eq!(find(&headers(&header::COOKIE, lines), "a"), value, "{lines:?}");
        }
    }

    #[test]
    fn knows_which_cookie_an_answer_has_set() {
        assert!(is_set(&headers(&header::SET_COOKIE, &["b=1", "a=1; Path=/"]), "a"));
        assert!(!is_set(&headers(&header::SET_COOKIE, &["ab=1; Path=/", "a"]), "a"));
        assert!(!is_set(&HeaderMap::new(), "a"));
    }
}
