//! Session tokens: 256 random bits that only the browser keeps; the database knows their SHA-256.
//!
//! A stolen database therefore opens no session. A token refuses to be printed.

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use slipway_framework::keys::{KeyPurpose, Keys};
use slipway_kernel::Entropy;
use std::fmt;

/// A session's secret. It needs no slow hash: nobody guesses 256 bits.
#[derive(Clone)]
pub(crate) struct Token([u8; 32]);

/// SHA-256 of a token, as it is stored.
pub(crate) type TokenHash = [u8; 32];

impl Token {
    pub(crate) fn mint(entropy: &dyn Entropy) -> Self {
        Self(entropy.bytes())
    }

    /// Reads the form of the cookie: 43 characters of base64url without padding (RFC 4648 §5).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let read = Base64UrlUnpadded::decode(text, &mut bytes).ok()?;
        (read.len() == 32).then_some(Self(bytes))
    }

    pub(crate) fn reveal(&self) -> String {
        Base64UrlUnpadded::encode_string(&self.0)
    }

    pub(crate) fn hash(&self) -> TokenHash {
        Sha256::digest(self.0).into()
    }

    /// The token against cross-site request forgery that goes with this session: an HMAC of it, so that nothing more is
    /// stored and no other session's fits (OWASP "Signed Double-Submit Cookie", bound to the session).
    pub(crate) fn csrf_token(&self, keys: &Keys) -> String {
        Base64UrlUnpadded::encode_string(&keys.sign(KeyPurpose::Csrf, &self.0))
    }

    /// Takes the same time wherever the two differ.
    pub(crate) fn is_csrf_token(&self, keys: &Keys, presented: &str) -> bool {
        let presented = Base64UrlUnpadded::decode_vec(presented);
        presented.is_ok_and(|tag| keys.is_signed(KeyPurpose::Csrf, &self.0, &tag))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_testkit::SeededEntropy;

    #[test]
    fn reads_back_what_it_wrote_and_nothing_else() {
        let entropy = SeededEntropy::new(3);
        let token = Token::mint(&entropy);
        let text = token.reveal();
        assert_eq!(text.len(), 43);
        assert_eq!(Token::parse(&text).unwrap().hash(), token.hash());
        for bad in ["", "x", &text[1..], &format!("{text}A"), &text.replace(&text[..1], "="), &"é".repeat(21)]
        {
            assert!(Token::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_token_against_forgery_belongs_to_one_session() {
        let keys =
            Keys::from_secret("00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978").unwrap();
        let entropy = SeededEntropy::new(3);
        let (own, other) = (Token::mint(&entropy), Token::mint(&entropy));
        assert!(own.is_csrf_token(&keys, &own.csrf_token(&keys)));
        for foreign in [other.csrf_token(&keys), own.reveal(), String::new(), "ñ".to_owned()] {
            assert!(!own.is_csrf_token(&keys, &foreign), "{foreign}");
        }
    }
}
