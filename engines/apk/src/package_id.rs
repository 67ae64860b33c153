//! The package id (application id): the name Android and the stores know an app by, for ever.
//! It refuses names that no store accepts, because the id cannot be changed after the first release.

use std::fmt;
use thiserror::Error;

/// A valid, unreserved Android application id such as `app.lumiere.shop`.
///
/// Grammar (Android "Set the application ID"): at least two segments joined by dots, each starting with a letter and
/// made of letters, digits and underscores. Narrower here: lower case only, so that two ids never differ in case alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageId(String);

/// Why a text is no package id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PackageIdError {
    #[error("a package id has at most {MAXIMUM_LENGTH} characters, this one has {0}")]
    TooLong(usize),
    #[error("a package id has at least two segments joined by a dot, such as \"app.example\"")]
    OneSegment,
    #[error("segment {position} of the package id is empty; remove the doubled, leading or trailing dot")]
    EmptySegment { position: usize },
    #[error("segment \"{segment}\" of the package id must start with a letter a-z")]
    SegmentStart { segment: String },
    #[error(
        "segment \"{segment}\" of the package id contains {character:?}; use only a-z, 0-9 and underscores"
    )]
    Character { segment: String, character: char },
    #[error("segment \"{0}\" of the package id is a word of the Java language; choose another word")]
    JavaKeyword(String),
    #[error(
        "package ids under \"{0}\" are reserved and no store accepts them; start with a domain of your own"
    )]
    Reserved(&'static str),
}

/// The longest id accepted, in characters. PackageManager caps the data folder's name at 223; 150 leaves room for suffixes.
const MAXIMUM_LENGTH: usize = 150;

/// Prefixes that Google Play refuses or that the platform uses for itself.
const RESERVED: [&str; 10] = [
    "android",
    "androidx",
    "app.shell",
    "com.android",
    "com.example",
    "com.google",
    "dalvik",
    "java",
    "javax",
    "kotlin",
];

/// Java Language Specification §3.9, plus the literals of §3.10. A segment becomes a Java package name in many tools.
const JAVA_KEYWORDS: [&str; 54] = [
    "_",
    "abstract",
    "assert",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extends",
    "false",
    "final",
    "finally",
    "float",
    "for",
    "goto",
    "if",
    "implements",
    "import",
    "instanceof",
    "int",
    "interface",
    "long",
    "native",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "short",
    "static",
    "strictfp",
    "super",
    "switch",
    "synchronized",
    "this",
    "throw",
    "throws",
    "transient",
    "true",
    "try",
    "void",
    "volatile",
    "while",
];

impl PackageId {
    /// Checks length, grammar, Java keywords and reserved prefixes, in that order.
    ///
    /// # Errors
    /// [`PackageIdError`] names the segment and the rule it broke.
    pub fn parse(text: &str) -> Result<Self, PackageIdError> {
        let length = text.chars().count();
        if length > MAXIMUM_LENGTH {
            return Err(PackageIdError::TooLong(length));
        }
        if !text.contains('.') {
            return Err(PackageIdError::OneSegment);
        }
        for (index, segment) in text.split('.').enumerate() {
            check_segment(index + 1, segment)?;
        }
        let under = |prefix: &str| {
            text.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        match RESERVED.into_iter().find(|prefix| under(prefix)) {
            Some(prefix) => Err(PackageIdError::Reserved(prefix)),
            None => Ok(Self(text.to_owned())),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_segment(position: usize, segment: &str) -> Result<(), PackageIdError> {
    let Some(first) = segment.chars().next() else {
        return Err(PackageIdError::EmptySegment { position });
    };
    let allowed =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_';
    if let Some(character) = segment.chars().find(|character| !allowed(*character)) {
        return Err(PackageIdError::Character { segment: segment.to_owned(), character });
    }
    if JAVA_KEYWORDS.contains(&segment) {
        return Err(PackageIdError::JavaKeyword(segment.to_owned()));
    }
    if !first.is_ascii_lowercase() {
        return Err(PackageIdError::SegmentStart { segment: segment.to_owned() });
    }
    Ok(())
}

impl fmt::Display for PackageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_rule_has_its_own_answer() {
        use PackageIdError as E;
        let segment = str::to_owned;
        let cases = [
            ("lumiere", E::OneSegment),
            ("", E::OneSegment),
            (".lumiere", E::EmptySegment { position: 1 }),
            ("app..lumiere", E::EmptySegment { position: 2 }),
            ("app.lumiere.", E::EmptySegment { position: 3 }),
            ("app.1lumiere", E::SegmentStart { segment: segment("1lumiere") }),
            ("app._x", E::SegmentStart { segment: segment("_x") }),
            ("app.Lumiere", E::Character { segment: segment("Lumiere"), character: 'L' }),
            ("app.lumi-ere", E::Character { segment: segment("lumi-ere"), character: '-' }),
            ("app.lumi\u{e8}re", E::Character { segment: segment("lumi\u{e8}re"), character: '\u{e8}' }),
            ("app.new.shop", E::JavaKeyword(segment("new"))),
            ("app._", E::JavaKeyword(segment("_"))),
            ("com.example", E::Reserved("com.example")),
            ("com.example.shop", E::Reserved("com.example")),
            ("com.google.android.shop", E::Reserved("com.google")),
            ("android.shop", E::Reserved("android")),
            ("app.shell.x", E::Reserved("app.shell")),
        ];
        for (text, expected) in cases {
            assert_eq!(PackageId::parse(text), Err(expected), "{text}");
        }
        let long = format!("app.{}", "a".repeat(MAXIMUM_LENGTH));
        assert_eq!(PackageId::parse(&long), Err(E::TooLong(MAXIMUM_LENGTH + 4)));
    }

    #[test]
    fn a_reserved_word_is_reserved_as_a_whole_segment_only() {
        for text in ["com.examples.shop", "androids.shop", "com.googlebar", "app.shells", "app.shop_2.eu"] {
            assert_eq!(PackageId::parse(text).map(|id| id.to_string()).as_deref(), Ok(text));
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_keeps_the_text(text in "\\PC{0,40}") {
            if let Ok(id) = PackageId::parse(&text) {
                prop_assert_eq!(id.as_str(), text);
            }
        }

        #[test]
        fn ids_of_the_grammar_are_accepted(text in "[a-z][a-z0-9_]{8,12}(\\.[a-z][a-z0-9_]{12,14}){1,4}") {
            // Twelve letters and more are longer than every keyword and reserved segment.
            prop_assert!(PackageId::parse(&text).is_ok());
        }
    }
}
