//! As much of the Distinguished Encoding Rules (ITU-T X.690) as certificates and PKCS#7 need.
//! It refuses indefinite lengths, tags above 30 and lengths that are longer than they need to be.

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// `[0]`, constructed.
pub(crate) const CONTEXT_0: u8 = 0xa0;

/// 1.2.840.113549.1.1.1
pub(crate) const RSA_ENCRYPTION: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
/// 1.2.840.113549.1.1.11
pub(crate) const SHA256_WITH_RSA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
/// 2.16.840.1.101.3.4.2.1
pub(crate) const SHA256: &[u8] = &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
/// 1.2.840.113549.1.7.1
pub(crate) const PKCS7_DATA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
/// 1.2.840.113549.1.7.2
pub(crate) const PKCS7_SIGNED_DATA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
/// 2.5.4.3
pub(crate) const COMMON_NAME: &[u8] = &[6, 3, 0x55, 4, 3];
/// 2.5.4.10
pub(crate) const ORGANISATION: &[u8] = &[6, 3, 0x55, 4, 10];

/// Tag, length, content.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    if content.len() < 0x80 {
        bytes.push(content.len() as u8);
    } else {
        let length = content.len().to_be_bytes();
        let significant = length.iter().position(|byte| *byte != 0).map_or(&[][..], |first| &length[first..]);
        bytes.push(0x80 | significant.len() as u8);
        bytes.extend_from_slice(significant);
    }
    bytes.extend_from_slice(content);
    bytes
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

/// An `AlgorithmIdentifier` with the parameters NULL, which all of ours have.
pub(crate) fn algorithm(identifier: &[u8]) -> Vec<u8> {
    sequence(&[identifier, &[5, 0]])
}

/// A non-negative INTEGER from big-endian bytes.
pub(crate) fn unsigned(magnitude: &[u8]) -> Vec<u8> {
    let first = magnitude.iter().position(|byte| *byte != 0).unwrap_or(magnitude.len());
    let mut content = magnitude[first..].to_vec();
    if content.first().is_none_or(|byte| byte & 0x80 != 0) {
        content.insert(0, 0);
    }
    element(INTEGER, &content)
}

/// One element as found: its tag, its content, and both with the header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) whole: &'a [u8],
}

/// Takes one element off the front of `rest`.
pub(crate) fn take<'a>(rest: &mut &'a [u8]) -> Option<Element<'a>> {
    let (&tag, after_tag) = rest.split_first()?;
    let (&first, after_length) = after_tag.split_first()?;
    let (length, body) = if first < 0x80 {
        (usize::from(first), after_length)
    } else {
        let (digits, body) = after_length.split_at_checked(usize::from(first & 0x7f))?;
        let minimal =
            digits.first().is_some_and(|digit| *digit != 0) && (digits.len() > 1 || digits[0] >= 0x80);
        if !minimal || digits.len() > 4 {
            return None;
        }
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), body)
    };
    let (content, remaining) = body.split_at_checked(length)?;
    let whole = &rest[..rest.len() - remaining.len()];
    *rest = remaining;
    (tag & 0x1f != 0x1f).then_some(Element { tag, content, whole })
}

/// Takes an element that must have the given tag.
pub(crate) fn expect<'a>(rest: &mut &'a [u8], tag: u8) -> Option<Element<'a>> {
    take(rest).filter(|element| element.tag == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_every_form_are_written_and_read() {
        for (length, header) in [(0, 2), (127, 2), (128, 3), (255, 3), (256, 4), (65_535, 4), (65_536, 5)] {
            let bytes = element(OCTET_STRING, &vec![7; length]);
            assert_eq!(bytes.len(), header + length);
            let mut rest = &bytes[..];
            assert_eq!(take(&mut rest).map(|element| element.content.len()), Some(length));
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn what_is_not_distinguished_is_refused() {
        for bytes in
            [&[][..], &[4], &[4, 1], &[4, 0x81, 1, 9], &[4, 0x82, 0, 0x80], &[4, 0x80, 0, 0], &[0x1f, 1, 0]]
        {
            assert!(take(&mut &*bytes).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn integers_stay_positive_and_short() {
        assert_eq!(unsigned(&[0, 0, 1]), [2, 1, 1]);
        assert_eq!(unsigned(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(unsigned(&[]), [2, 1, 0]);
    }
}
