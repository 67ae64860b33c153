//! Closed vocabularies: enums whose words are parsed, listed and collected into sets in one way.
//!
//! It refuses unknown words with an error that names the allowed ones; nothing here is free text.

use std::fmt;
use std::marker::PhantomData;

/// An enum whose variants are the words of a closed vocabulary. At most 32 words.
pub trait Word: Copy + Eq + fmt::Debug + 'static {
    /// What the words are, for error messages: `diet`, `allergen`.
    const VOCABULARY: &'static str;
    /// Every word, in the order of declaration.
    const ALL: &'static [Self];
    /// The stable name used in files and on the wire.
    fn key(self) -> &'static str;
    /// The name people read.
    fn title(self) -> &'static str;
    /// The position in [`Word::ALL`].
    fn index(self) -> usize;

    /// The word named `key`.
    fn parse(key: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|word| word.key() == key).ok_or_else(|| UnknownWord {
            vocabulary: Self::VOCABULARY,
            word: shortened(key),
            allowed: Self::ALL.iter().map(|word| word.key()).collect(),
        })
    }
}

/// A word outside its vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {vocabulary} `{word}`; use one of: {}", allowed.join(", "))]
pub struct UnknownWord {
    /// Which vocabulary was asked.
    pub vocabulary: &'static str,
    /// What was given, or its beginning.
    pub word: String,
    /// What would have been accepted.
    pub allowed: Vec<&'static str>,
}

/// As much of a foreign word as a person needs to recognise it.
fn shortened(word: &str) -> String {
    match word.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", &word[..end]),
        None => word.to_owned(),
    }
}

/// Longer than any word of a vocabulary, in characters.
const LONGEST_SHOWN: usize = 60;

/// A set of words of one vocabulary.
pub struct Set<T> {
    bits: u32,
    words: PhantomData<T>,
}

impl<T: Word> Set<T> {
    /// The empty set.
    pub const EMPTY: Set<T> = Set { bits: 0, words: PhantomData };

    /// The set of `words`.
    pub fn of(words: &[T]) -> Set<T> {
        words.iter().copied().collect()
    }

    /// Parses a comma-separated list; the empty text is the empty set.
    pub fn parse(text: &str) -> Result<Set<T>, UnknownWord> {
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(T::parse).collect()
    }

    /// Adds a word.
    pub fn insert(&mut self, word: T) {
        self.bits |= 1 << word.index();
    }

    /// Whether the word is in the set.
    pub fn contains(self, word: T) -> bool {
        self.bits & (1 << word.index()) != 0
    }

    /// Whether no word is in the set.
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Whether the two sets share a word.
    pub fn meets(self, other: Set<T>) -> bool {
        self.bits & other.bits != 0
    }

    /// All words of both sets.
    pub fn union(self, other: Set<T>) -> Set<T> {
        Set { bits: self.bits | other.bits, words: PhantomData }
    }

    /// The words, in the order of the vocabulary.
    pub fn iter(self) -> impl Iterator<Item = T> {
        T::ALL.iter().copied().filter(move |word| self.contains(*word))
    }
}

impl<T: Word> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(words: I) -> Set<T> {
        let mut set = Set::EMPTY;
        for word in words {
            set.insert(word);
        }
        set
    }
}

impl<T> Clone for Set<T> {
    fn clone(&self) -> Set<T> {
        *self
    }
}

impl<T> Copy for Set<T> {}

impl<T> PartialEq for Set<T> {
    fn eq(&self, other: &Set<T>) -> bool {
        self.bits == other.bits
    }
}

impl<T> Eq for Set<T> {}

impl<T: Word> Default for Set<T> {
    fn default() -> Set<T> {
        Set::EMPTY
    }
}

impl<T: Word> fmt::Debug for Set<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter().map(Word::key)).finish()
    }
}

/// Declares an enum and its vocabulary: `Variant = "key" "title"`.
macro_rules! vocabulary {
    ($(#[$about:meta])* $name:ident, $what:literal: $($(#[$note:meta])* $word:ident = $key:literal $title:literal,)+) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$note])* #[doc = $title] $word,)+ }

        impl $crate::vocabulary::Word for $name {
            const VOCABULARY: &'static str = $what;
            const ALL: &'static [$name] = &[$($name::$word),+];
            fn key(self) -> &'static str {
                match self { $($name::$word => $key,)+ }
            }
            fn title(self) -> &'static str {
                match self { $($name::$word => $title,)+ }
            }
            fn index(self) -> usize {
                self as usize
            }
        }
    };
}
pub(crate) use vocabulary;
