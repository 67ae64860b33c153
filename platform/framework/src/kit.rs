//! How a kit presents itself: to the partner who chooses, and to the users it must inform.

mod document;

use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

/// What every kit tells about itself.
#[derive(Debug, Clone, Copy)]
pub struct KitCard {
    pub title: &'static str,
    /// One sentence.
    pub summary: &'static str,
    pub features: &'static [&'static str],
    /// The legal texts of an app of this kit, with the app's own identity in them.
    pub legal: fn(&LegalIdentity) -> LegalTexts,
    /// At most 10 characters; users are asked again when it changes (P-COMP-11).
    pub legal_version: &'static str,
}

/// A kit with its name, as the platform lists it.
#[derive(Debug, Clone, Copy)]
pub struct Kit {
    pub name: &'static str,
    pub card: KitCard,
}

/// Who stands behind an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalIdentity {
    /// The app's name.
    pub app: String,
    pub company: String,
    pub email: String,
    /// Whose law governs: `Spain`.
    pub jurisdiction: String,
}

/// The documents a user must be able to read before agreeing to anything (P-COMP-10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalTexts {
    pub terms: LegalText,
    pub privacy: LegalText,
    pub disclaimers: LegalText,
}

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LegalText {
    pub title: String,
    pub version: String,
    /// The day of the last change: `2026-11-21`.
    pub updated: String,
    pub sections: Vec<LegalSection>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LegalSection {
    pub heading: String,
    pub paragraphs: Vec<String>,
}

impl fmt::Display for Kit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}
