//! Keyset pages: a list is read from a key onwards, so rows that come and go in between neither repeat nor vanish.

use serde::Serialize;

/// How many rows a page may have: 1 to 100, 20 unless asked (P-API-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    pub const DEFAULT: Self = Self(20);
    pub const MAX: u16 = 100;

    /// `None` when outside 1 to [`Limit::MAX`].
    #[must_use]
    pub const fn new(rows: u16) -> Option<Self> {
        if rows >= 1 && rows <= Self::MAX { Some(Self(rows)) } else { None }
    }

    #[must_use]
    pub const fn rows(self) -> usize {
        self.0 as usize
    }

    /// One more than asked for: the extra row only tells whether there is a next page.
    #[must_use]
    pub const fn rows_and_one(self) -> i64 {
        self.0 as i64 + 1
    }
}

/// One page of a list. `next` is the key to ask the following page with, absent on the last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of rows that were read with [`Limit::rows_and_one`].
    pub fn of(mut rows: Vec<T>, limit: Limit, key: impl FnOnce(&T) -> String) -> Self {
        let more = rows.len() > limit.rows();
        rows.truncate(limit.rows());
        let next = if more { rows.last().map(key) } else { None };
        Self { items: rows, next }
    }

    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extra_row_tells_of_a_next_page_and_is_not_shown() {
        let limit = Limit::new(2).unwrap();
        for (rows, items, next) in [
            (vec![], vec![], None),
            (vec![1, 2], vec![1, 2], None),
            (vec![1, 2, 3], vec![1, 2], Some("2".to_owned())),
        ] {
            assert_eq!(Page::of(rows, limit, ToString::to_string), Page { items, next });
        }
        assert_eq!(Limit::new(0), None);
        assert_eq!(Limit::new(101), None);
    }
}
