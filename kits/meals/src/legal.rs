//! The legal texts, read from `legal/*.txt` and told in the name of the app (P-COMP-10 to P-COMP-13).
//!
//! The files are written for lawyers to read. It refuses to hold any wording of its own.

#[cfg(test)]
mod tests;

use slipway_framework::kit::{LegalIdentity, LegalText, LegalTexts};

/// Raised with every change of meaning in terms or privacy policy: everybody is then asked again.
pub(crate) const VERSION: &str = "2026-11";

/// The three documents of an app.
pub(crate) fn texts(identity: &LegalIdentity) -> LegalTexts {
    let read = |source| LegalText::read(source, VERSION, identity);
    LegalTexts {
        terms: read(include_str!("../legal/terms.txt")),
        privacy: read(include_str!("../legal/privacy.txt")),
        disclaimers: read(include_str!("../legal/disclaimers.txt")),
    }
}
