//! The legal texts say what they must, in the name of the app.

use super::*;
use crate::disclaimer::{BANNER, FDA, HEADING, LEAD, STATEMENTS};

fn verde() -> LegalIdentity {
    LegalIdentity {
        app: "Verde".to_owned(),
        company: "Verde {email} S.L.".to_owned(),
        email: "privacy@verde.example".to_owned(),
        jurisdiction: "Spain".to_owned(),
    }
}

fn whole(text: &LegalText) -> String {
    let sections = text.sections.iter().map(|section| section.paragraphs.join("\n"));
    sections.collect::<Vec<_>>().join("\n")
}

fn headings(text: &LegalText) -> Vec<&str> {
    text.sections.iter().map(|section| section.heading.as_str()).collect()
}

#[test]
fn terms_and_privacy_have_their_sections_in_order() {
    let texts = texts(&verde());
    assert_eq!(
        headings(&texts.terms),
        [
            "1. Acceptance of these terms",
            "2. Description of the service",
            "3. Medical disclaimer",
            "4. Your responsibilities",
            "5. Limits of liability",
            "6. Governing law",
        ]
    );
    assert_eq!(
        headings(&texts.privacy),
        [
            "1. What we collect",
            "2. How we use it",
            "3. Who receives it",
            "4. Security",
            "5. Your rights",
            "6. International users",
            "7. Contact",
        ]
    );
    for text in [&texts.terms, &texts.privacy, &texts.disclaimers] {
        assert!(text.sections.iter().all(|section| !section.paragraphs.is_empty()), "{}", text.title);
        assert_eq!((text.version.as_str(), text.updated.as_str()), (VERSION, "2026-11-21"));
    }
    assert!(VERSION.len() <= 10);
}

#[test]
fn the_phrases_that_must_be_there_are_there() {
    let texts = texts(&verde());
    let (terms, privacy) = (whole(&texts.terms), whole(&texts.privacy));
    for phrase in [LEAD, "NOT a substitute for professional medical advice", "Individual results may vary"] {
        assert!(terms.contains(phrase), "{phrase}");
    }
    for phrase in ["do NOT sell", "Access:", "Delete:", "Opt-out:", "GDPR", "privacy@verde.example"] {
        assert!(privacy.contains(phrase), "{phrase}");
    }
    let disclaimers = format!("{}\n{}", headings(&texts.disclaimers).join("\n"), whole(&texts.disclaimers));
    for phrase in [BANNER, HEADING, LEAD].into_iter().chain(STATEMENTS).chain(FDA) {
        assert!(disclaimers.contains(phrase), "{phrase}");
    }
}

#[test]
fn blanks_are_filled_once_and_none_is_left() {
    let texts = texts(&verde());
    for text in [&texts.terms, &texts.privacy, &texts.disclaimers] {
        let filled = whole(text).replace("Verde {email} S.L.", "");
        assert!(!filled.contains(['{', '}', '[', ']']), "{filled}");
    }
    assert!(whole(&texts.terms).contains("the law of Spain"));
    assert!(whole(&texts.terms).contains("Verde {email} S.L., who offers Verde"));
}
