//! Stable dotted error codes, the part of an error that programs may branch on.

use std::fmt;

/// A stable dotted code such as `apps.slug_taken`. Codes are never renamed once released.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(&'static str);

impl Code {
    /// Checks the form at compile time when used in a `const`: lower-case words joined by `_`, at least two parts joined by dots.
    ///
    /// # Panics
    /// When the form is wrong; in a `const` that is a compile error.
    #[must_use]
    pub const fn new(code: &'static str) -> Self {
        let bytes = code.as_bytes();
        let mut index = 0;
        let mut dots = 0;
        let mut letters_in_part = 0;
        while index < bytes.len() {
            match bytes[index] {
                b'a'..=b'z' => letters_in_part += 1,
                b'0'..=b'9' | b'_' => assert!(letters_in_part > 0, "a part of a code starts with a letter"),
                b'.' => {
                    assert!(letters_in_part > 0, "a part of a code is not empty");
                    letters_in_part = 0;
                    dots += 1;
                }
                _ => panic!("a code is made of a-z, 0-9, '_' and '.'"),
            }
            index += 1;
        }
        assert!(dots >= 1 && letters_in_part > 0, "a code has at least two parts");
        Self(code)
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}
