//! Passwords that are tried first: a common word with a year behind it, a walk over the keyboard, one letter ten times.
//!
//! Attackers do not try a list, they try rules on a list; so does this, which makes a short list catch what a long one
//! would miss. It refuses to guess at strength: whatever is not among the first is taken.

use std::collections::BTreeSet;

/// Words that head every published list of leaked passwords, and the names of what somebody is signing in to.
const WORDS: &[&str] = &[
    "abc",
    "access",
    "account",
    "admin",
    "administrator",
    "amor",
    "andrea",
    "andrew",
    "angel",
    "apple",
    "asdf",
    "ashley",
    "baby",
    "barcelona",
    "baseball",
    "basketball",
    "batman",
    "carlos",
    "change",
    "changeme",
    "charlie",
    "chocolate",
    "computer",
    "contrasena",
    "contraseña",
    "cookie",
    "daniel",
    "default",
    "dragon",
    "facebook",
    "family",
    "flower",
    "football",
    "forever",
    "freedom",
    "friends",
    "google",
    "guest",
    "hallo",
    "hello",
    "hola",
    "hunter",
    "i",
    "iloveyou",
    "instagram",
    "internet",
    "jennifer",
    "jesus",
    "jordan",
    "killer",
    "king",
    "letmein",
    "liverpool",
    "login",
    "love",
    "lovely",
    "maria",
    "master",
    "mexico",
    "michael",
    "michelle",
    "monkey",
    "mother",
    "my",
    "naruto",
    "new",
    "nicole",
    "ninja",
    "pass",
    "passw",
    "password",
    "pokemon",
    "princesa",
    "princess",
    "qazwsx",
    "querty",
    "qwert",
    "qwerty",
    "root",
    "samsung",
    "secret",
    "secure",
    "server",
    "shadow",
    "slipway",
    "soccer",
    "spiderman",
    "starwars",
    "summer",
    "sunshine",
    "super",
    "superman",
    "te",
    "temp",
    "tequiero",
    "test",
    "the",
    "tinkerbell",
    "trustno",
    "user",
    "welcome",
    "whatever",
    "winter",
    "word",
    "you",
    "zaq",
    "zxcvbnm",
];

/// Ways over a keyboard, and the two that everybody knows by heart.
const WALKS: &[&str] = &[
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjklñ",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qawsedrftgyhujikolp",
];

/// `folded` is lower-case already.
pub(super) fn is_guessable(folded: &str) -> bool {
    let distinct: BTreeSet<char> = folded.chars().collect();
    distinct.len() < 5 || is_walk(folded) || is_short_number(folded) || is_words(folded)
}

/// Whether three steps of four go to a neighbour, or stay.
fn is_walk(folded: &str) -> bool {
    let characters: Vec<char> = folded.chars().collect();
    let is_step = |pair: &&[char]| {
        pair[0] == pair[1]
            || WALKS.iter().any(|walk| {
                walk.contains(&String::from_iter(*pair))
                    || walk.contains(&String::from_iter([pair[1], pair[0]]))
            })
    };
    let steps = characters.windows(2).filter(is_step).count();
    steps * 4 >= characters.windows(2).len() * 3
}

/// A date, a telephone number: ten digits hold only 33 bits even when they mean nothing.
fn is_short_number(folded: &str) -> bool {
    folded.chars().count() < 16 && !folded.chars().any(char::is_alphabetic)
}

/// Whether common words are all there is, once what people hang on them and put in place of letters is undone.
fn is_words(folded: &str) -> bool {
    let core =
        folded.trim_matches(|character: char| !character.is_alphabetic() && !matches!(character, '@' | '$'));
    let letters: String = core.chars().map(as_letter).filter(|letter| letter.is_alphabetic()).collect();
    !letters.is_empty() && is_made_of_words(&letters)
}

/// A word in front that leads to nothing must not hide another, so every one is tried; the text is at most 128 letters.
fn is_made_of_words(text: &str) -> bool {
    let mut reachable = vec![false; text.len() + 1];
    reachable[0] = true;
    for start in 0..text.len() {
        if reachable[start] {
            for word in WORDS.iter().filter(|word| text[start..].starts_with(**word)) {
                reachable[start + word.len()] = true;
            }
        }
    }
    reachable[text.len()]
}

fn as_letter(character: char) -> char {
    match character {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_tried_first() {
        for guessable in [
            "aaaaaaaaaa",
            "abababababab",
            "1234567890",
            "0987654321",
            "qwertyuiop",
            "poiuytrewq",
            "1q2w3e4r5t",
            "1qaz2wsx3edc",
            "qwerty123456",
            "abcdefghij",
            "password123",
            "p@ssw0rd2024!",
            "pa$$word12",
            "passwordpassword",
            "testpass123",
            "iloveyou!!",
            "letmein2025",
            "welcome-admin",
            "contraseña1",
            "19841231 1",
            "superman!superman",
        ] {
            assert!(is_guessable(guessable), "{guessable}");
        }
    }

    #[test]
    fn takes_what_is_not() {
        for fine in [
            "correct horse battery staple",
            "tz8-kqmw-32",
            "password of my grandmother's goat",
            "2930184756102938",
            "ночной трамвай",
            "夜の路面電車は静かに走る",
            "🌱🌵🌻🌷🌹🍀🍁🍂🍃🌿🌴🌳🌲🌾🌼x",
        ] {
            assert!(!is_guessable(fine), "{fine}");
        }
    }
}
