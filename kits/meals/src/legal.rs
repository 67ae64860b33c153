//! The legal texts, read from `legal/*.txt` and told in the name of the app (P-COMP-10 to P-COMP-13).
//!
//! The files are written for lawyers to read. It refuses to leave a blank unfilled: a placeholder it does not know is a panic
//! that the first test meets.

#[cfg(test)]
mod tests;

use slipway_framework::kit::{LegalIdentity, LegalSection, LegalText, LegalTexts};

/// Raised with every change of meaning in terms or privacy policy: everybody is then asked again.
pub(crate) const VERSION: &str = "2026-11";

const TERMS: &str = include_str!("../legal/terms.txt");
const PRIVACY: &str = include_str!("../legal/privacy.txt");
const DISCLAIMERS: &str = include_str!("../legal/disclaimers.txt");

/// The three documents of an app.
pub(crate) fn texts(identity: &LegalIdentity) -> LegalTexts {
    LegalTexts {
        terms: document(TERMS, identity),
        privacy: document(PRIVACY, identity),
        disclaimers: document(DISCLAIMERS, identity),
    }
}

/// Reads `# title`, `updated: day`, then sections of `## heading` and paragraphs, all apart by blank lines.
fn document(source: &str, identity: &LegalIdentity) -> LegalText {
    let (head, body) = source.split_once("\n\n").expect("a legal text has a head");
    let (title, updated) = head.split_once('\n').expect("the head has a title and a day");
    let title = title.strip_prefix("# ").expect("the title stands behind #");
    let updated = updated.strip_prefix("updated: ").expect("the day stands behind `updated:`");
    let mut sections: Vec<LegalSection> = Vec::new();
    for block in body.split("\n\n") {
        let (heading, paragraph) = match block.strip_prefix("## ") {
            Some(section) => section.split_once('\n').expect("a heading has a paragraph right below it"),
            None => ("", block),
        };
        if !heading.is_empty() {
            sections.push(LegalSection { heading: heading.to_owned(), paragraphs: Vec::new() });
        }
        let section = sections.last_mut().expect("the first block has a heading");
        section.paragraphs.push(filled(paragraph.trim(), identity));
    }
    LegalText { title: title.to_owned(), version: VERSION.to_owned(), updated: updated.to_owned(), sections }
}

/// Fills the blanks from left to right and never looks at what it has filled in: a company called `{email}` stays one.
fn filled(text: &str, identity: &LegalIdentity) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (blank, rest) = part.split_once('}').expect("a blank ends with }");
        filled.push_str(match blank {
            "app" => &identity.app,
            "company" => &identity.company,
            "email" => &identity.email,
            "jurisdiction" => &identity.jurisdiction,
            other => panic!("no blank of a legal text is called {other}"),
        });
        filled.push_str(rest);
    }
    filled
}
