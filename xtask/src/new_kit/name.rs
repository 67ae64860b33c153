//! What a kit may be called: the name stands in folders, crates, modules, routes, tables and job kinds.

use std::fmt;

/// A word that all of those take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KitName(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    #[error("`{name}` has {length} characters; a kit's name has 2 to {MAX}")]
    Length { name: String, length: usize },
    #[error("`{name}` begins with `{first}`; a kit's name begins with a letter of a-z")]
    First { name: String, first: char },
    #[error(
        "`{name}` has a `{character}` in it; a kit's name is made of a-z and 0-9, as it stands in crates, tables and addresses alike"
    )]
    Character { name: String, character: char },
    #[error("`{0}` means something to Rust or to this workspace; choose another word")]
    Reserved(String),
}

/// Long enough for a word, and short enough for what is made of it, such as a table's name.
const MAX: usize = 20;

/// Keywords and crates that a module of that name would hide, and names of ours.
const RESERVED: &str = "abstract alloc as async await axum become box break const continue core crate do dyn else enum extern \
    false final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self serde server \
    slipway static std struct super test trait true try type typeof unsafe unsized use virtual where while xtask yield";

impl KitName {
    /// # Errors
    /// [`NameError`] says which rule was broken.
    pub(super) fn parse(text: &str) -> Result<Self, NameError> {
        let name = text.to_owned();
        let length = text.chars().count();
        if !(2..=MAX).contains(&length) {
            return Err(NameError::Length { name, length });
        }
        let is_taken = |character: &char| character.is_ascii_lowercase() || character.is_ascii_digit();
        if let Some(character) = text.chars().find(|character| !is_taken(character)) {
            return Err(NameError::Character { name, character });
        }
        if let Some(first) = text.chars().next().filter(char::is_ascii_digit) {
            return Err(NameError::First { name, first });
        }
        if RESERVED.split_whitespace().any(|word| word == text) {
            return Err(NameError::Reserved(name));
        }
        Ok(Self(name))
    }

    /// A text about `kitname` as one about this kit.
    pub(super) fn fill(&self, text: &str) -> String {
        let (first, rest) = self.0.split_at(1);
        let title = format!("{}{rest}", first.to_uppercase());
        text.replace("kitname", &self.0).replace("Kitname", &title)
    }
}

impl fmt::Display for KitName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_that_everything_takes() {
        for name in ["plants", "b2b", "ab", "abcdefghijklmnopqrst"] {
            assert_eq!(KitName::parse(name).unwrap().to_string(), name);
        }
        for (name, told) in [
            ("", "has 0 characters"),
            ("a", "has 1 characters"),
            ("abcdefghijklmnopqrstu", "has 21 characters"),
            ("house-plants", "has a `-` in it"),
            ("Plants", "has a `P` in it"),
            ("pläne", "has a `ä` in it"),
            ("../up", "has a `.` in it"),
            ("2plants", "begins with `2`"),
            ("match", "means something to Rust"),
            ("server", "means something to Rust or to this workspace"),
        ] {
            let error = KitName::parse(name).unwrap_err().to_string();
            assert!(error.contains(told), "{name}: {error}");
        }
    }

    #[test]
    fn words_and_types_are_filled() {
        let name = KitName::parse("plants").unwrap();
        assert_eq!(name.fill("kitname_notes: KitnameNote"), "plants_notes: PlantsNote");
    }
}
