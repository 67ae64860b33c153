//! Makes slugs out of what people type. It refuses to know which ones are taken.

use slipway_kernel::Slug;

/// Slugs like `text`, the closest first; none when nothing of the text can stay.
pub(super) fn candidates(text: &str) -> Vec<Slug> {
    let base = fold(text);
    if base.is_empty() {
        return Vec::new();
    }
    let endings = ["", "-app", "-2", "-3", "-4", "-5", "-6", "-7", "-8", "-9"];
    endings
        .iter()
        .filter_map(|ending| {
            let room = &base[..base.len().min(40 - ending.len())];
            Slug::parse(&format!("{}{ending}", room.trim_end_matches('-'))).ok()
        })
        .collect()
}

/// Lower-case ASCII words joined by single hyphens, beginning with a letter; at most 40 characters.
fn fold(text: &str) -> String {
    let mut folded = String::new();
    // Folding shortens, never more than by dropping everything: 400 characters fill 40 in any text worth a suggestion.
    for character in text.chars().take(400).flat_map(char::to_lowercase) {
        match letters(character) {
            Some(letters) => folded.push_str(letters),
            None if character.is_ascii_lowercase() => folded.push(character),
            None if character.is_ascii_digit() && !folded.is_empty() => folded.push(character),
            None if !folded.is_empty() && !folded.ends_with('-') => folded.push('-'),
            None => {}
        }
    }
    folded.truncate(40);
    folded.trim_end_matches('-').to_owned()
}

/// The letters of Western European languages, in the spelling their speakers use for host names.
fn letters(character: char) -> Option<&'static str> {
    Some(match character {
        'á' | 'à' | 'â' | 'ã' | 'å' => "a",
        'ä' | 'æ' => "ae",
        'ç' => "c",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'í' | 'ì' | 'î' | 'ï' => "i",
        'ñ' => "n",
        'ó' | 'ò' | 'ô' | 'õ' => "o",
        'ö' | 'ø' | 'œ' => "oe",
        'ß' => "ss",
        'ú' | 'ù' | 'û' => "u",
        'ü' => "ue",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_slug_comes_first() {
        for (text, first) in [
            ("verde", Some("verde")),
            ("  Café Verde! ", Some("cafe-verde")),
            ("Verde--2", Some("verde-2")),
            ("2verde", Some("verde")),
            ("console", Some("console-app")),
            ("ab", Some("ab-app")),
            ("Müller's Küche", Some("mueller-s-kueche")),
            (&"a".repeat(50_000), Some("a".repeat(40).as_str())),
            (&format!("{}-b", "a".repeat(39)), Some("a".repeat(39).as_str())),
            ("", None),
            ("123", None),
            ("\0", None),
            ("日本", None),
        ] {
            let found = candidates(text);
            assert_eq!(found.first().map(Slug::as_str), first, "{text:?}");
        }
    }

    #[test]
    fn a_long_slug_makes_room_for_an_ending() {
        let all = candidates(&"a".repeat(40));
        assert_eq!(all[1].as_str(), format!("{}-app", "a".repeat(36)));
        assert_eq!(all.len(), 10);
    }
}
