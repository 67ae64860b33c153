//! What one line of text that people read may hold.

/// Whether the character ends a line or steers a terminal: a control character, or U+2028 and U+2029, which are line breaks in all but
/// category.
#[must_use]
pub const fn breaks_line(character: char) -> bool {
    matches!(character, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}')
}

/// Whether the character is left out when a text is drawn (Unicode's `Default_Ignorable_Code_Point`), so that two texts which look alike
/// may differ in it.
#[must_use]
pub const fn is_ignored(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether there is anything to see: some character that is neither blank nor ignored.
#[must_use]
pub fn can_be_seen(text: &str) -> bool {
    let blank =
        |character: char| character.is_whitespace() || breaks_line(character) || character == '\u{2800}';
    text.chars().any(|character| !blank(character) && !is_ignored(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_known() {
        for seen in ["a", "é", "e\u{301}", "👩\u{200d}👧", "مطبخ", "\u{202e}evil\u{202c}", "-"] {
            assert!(can_be_seen(seen), "{seen:?}");
        }
        for unseen in [
            "",
            " \u{a0}\u{3000}",
            "\u{200b}",
            "\u{2060}\u{feff}\u{ad}",
            "\u{3164}",
            "\u{2800}",
            "\u{e0041}",
            "\u{202e}",
            "\u{7}",
        ] {
            assert!(!can_be_seen(unseen), "{unseen:?}");
        }
    }

    #[test]
    fn every_control_character_breaks_a_line() {
        for character in (0..0x3000).filter_map(char::from_u32) {
            let expected = character.is_control() || matches!(u32::from(character), 0x2028 | 0x2029);
            assert_eq!(breaks_line(character), expected, "{character:?}");
        }
    }
}
