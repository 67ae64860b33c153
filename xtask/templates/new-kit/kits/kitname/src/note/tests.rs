//! What a note may be, case by case.

use super::{MAX_CHARACTERS, NoteContent, NoteContentError, count_words};

#[test]
fn a_note_has_something_to_see_and_an_end() {
    let longest = "é".repeat(MAX_CHARACTERS);
    let too_long = "é".repeat(MAX_CHARACTERS + 1);
    for (text, expected) in [
        ("  Water the basil ", Ok("Water the basil")),
        ("two\nlines", Ok("two\nlines")),
        (&longest, Ok(longest.as_str())),
        (&too_long, Err(NoteContentError::Length)),
        ("", Err(NoteContentError::Length)),
        (" \n ", Err(NoteContentError::Length)),
        ("\u{200b}\u{2060}", Err(NoteContentError::Unseen)),
    ] {
        let parsed = NoteContent::parse(text);
        assert_eq!(parsed, expected.map(|content| NoteContent(content.to_owned())), "{text:.20?}");
    }
}

#[test]
fn words_stand_between_blanks() {
    for (content, expected) in [("one", 1), ("one two\n three", 3), ("–", 1), ("a\u{a0}b", 2)] {
        assert_eq!(count_words(content), expected, "{content:?}");
    }
}
