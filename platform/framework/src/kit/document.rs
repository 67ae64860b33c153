//! A legal document as a kit keeps it: a text file for lawyers to read, with blanks for the app.
//!
//! It refuses to leave a blank unfilled: a placeholder it does not know is a panic that the kit's first test meets.

use super::{LegalIdentity, LegalSection, LegalText};

impl LegalText {
    /// Reads `# title`, `updated: day`, then sections of `## heading` and paragraphs, all apart by blank lines, and fills the blanks
    /// `{app}`, `{company}`, `{email}` and `{jurisdiction}`.
    ///
    /// # Panics
    /// When the text has another form or another blank: a mistake in the kit's file.
    #[must_use]
    pub fn read(source: &str, version: &str, identity: &LegalIdentity) -> Self {
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
        let (title, version, updated) = (title.to_owned(), version.to_owned(), updated.to_owned());
        Self { title, version, updated, sections }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn verde() -> LegalIdentity {
        let (app, company) = ("Verde".to_owned(), "Verde {email} S.L.".to_owned());
        LegalIdentity { app, company, email: "a@verde.example".to_owned(), jurisdiction: "Spain".to_owned() }
    }

    #[test]
    fn a_document_has_sections_and_its_blanks_are_filled_once() {
        let source = "# Terms\nupdated: 2026-11-21\n\n## 1. Who\n{company} offers {app}.\n\nSecond.\n\n## 2. Law\n{jurisdiction}";
        let text = LegalText::read(source, "2026-11", &verde());
        assert_eq!((text.title.as_str(), text.updated.as_str()), ("Terms", "2026-11-21"));
        let paragraphs: Vec<_> = text.sections.iter().map(|section| section.paragraphs.join("|")).collect();
        assert_eq!(paragraphs, ["Verde {email} S.L. offers Verde.|Second.", "Spain"]);
    }

    #[test]
    #[should_panic(expected = "no blank of a legal text is called price")]
    fn an_unknown_blank_is_a_mistake_of_the_kit() {
        let _ = LegalText::read("# Terms\nupdated: 2026-11-21\n\n## 1. Price\n{price}", "1", &verde());
    }
}
