//! SQL constants: one text in a portable subset, rewritten for each engine once.
//!
//! It refuses to build SQL at run time: a statement is a `static`, so that every one of them can be prepared,
//! counted and reviewed.

use super::EngineKind;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// One SQL statement, declared with [`statements!`](crate::statements).
pub struct Statement {
    name: &'static str,
    text: &'static str,
    sqlite: Form,
    postgres: Form,
}

struct Form {
    text: OnceLock<String>,
    touched: AtomicBool,
}

impl Form {
    const fn new() -> Self {
        Self { text: OnceLock::new(), touched: AtomicBool::new(false) }
    }
}

impl Statement {
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, sqlite: Form::new(), postgres: Form::new() }
    }

    /// Module path and constant name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The text as this engine wants it.
    pub fn text_for(&self, engine: EngineKind) -> &str {
        let text = || {
            #[cfg(feature = "planted")]
            if planted::predicates_are_removed() {
                return planted::without_predicates(self.text);
            }
            self.text.to_owned()
        };
        match engine {
            EngineKind::Sqlite => self.sqlite.text.get_or_init(|| to_sqlite(&text())),
            EngineKind::Postgres => self.postgres.text.get_or_init(|| to_postgres(&text())),
        }
    }

    pub(crate) fn touch(&self, engine: EngineKind) {
        self.form(engine).touched.store(true, Ordering::Relaxed);
    }

    /// Whether this process has executed the statement on that engine; the test command adds processes up.
    #[must_use]
    pub fn is_touched(&self, engine: EngineKind) -> bool {
        self.form(engine).touched.load(Ordering::Relaxed)
    }

    fn form(&self, engine: EngineKind) -> &Form {
        match engine {
            EngineKind::Sqlite => &self.sqlite,
            EngineKind::Postgres => &self.postgres,
        }
    }

    /// Every statement of every linked crate.
    pub fn all() -> impl Iterator<Item = &'static Statement> {
        inventory::iter::<Registered>.into_iter().map(|registered| registered.0)
    }
}

impl std::fmt::Debug for Statement {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

/// The list that [`statements!`](crate::statements) writes to.
#[doc(hidden)]
#[derive(Debug)]
pub struct Registered(pub &'static Statement);

inventory::collect!(Registered);

/// Declares SQL constants: `statements! { FIND = "SELECT …"; }`. See STYLE for the portable subset.
/// What only PostgreSQL needs stands in a comment it alone reads: `/*pg FOR UPDATE SKIP LOCKED*/`.
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $text:literal;)+) => {$(
        $(#[$meta])*
        static $name: $crate::db::Statement =
            $crate::db::Statement::new(concat!(module_path!(), "::", stringify!($name)), $text);
        $crate::inventory::submit! { $crate::db::Registered(&$name) }
    )+};
}

/// `$n` is not positional in SQLite: it is a *name*, bound in order of appearance. `?n` is.
fn to_sqlite(text: &str) -> String {
    rewrite(text, |rest, out| {
        let digits = rest.strip_prefix('$')?.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        out.push('?');
        out.push_str(&rest[1..=digits]);
        Some(1 + digits)
    })
}

fn to_postgres(text: &str) -> String {
    rewrite(text, |rest, out| {
        let inner = rest.strip_prefix("/*pg ")?;
        let length = inner.find("*/")?;
        out.push_str(&inner[..length]);
        Some("/*pg ".len() + length + "*/".len())
    })
}

/// Copies SQL, offering every position outside quotes to `change`, which says how many bytes it has replaced.
fn rewrite(text: &str, change: impl Fn(&str, &mut String) -> Option<usize>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut index = 0;
    while let Some(character) = text[index..].chars().next() {
        let replaced = if quote.is_none() { change(&text[index..], &mut out) } else { None };
        if let Some(length) = replaced {
            index += length;
            continue;
        }
        quote = match (quote, character) {
            (None, '\'' | '"') => Some(character),
            // A doubled quote closes and opens again, which comes to the same.
            (Some(open), close) if open == close => None,
            (same, _) => same,
        };
        out.push(character);
        index += character.len_utf8();
    }
    out
}

/// A violation on purpose, for the proof that the database's own wall stands alone. The shipped program is built without it.
#[cfg(feature = "planted")]
pub mod planted {
    use std::sync::atomic::{AtomicBool, Ordering};

    static REMOVED: AtomicBool = AtomicBool::new(false);

    /// From here on no statement asks whose a row is. To be called before the first statement.
    pub fn remove_predicates() {
        REMOVED.store(true, Ordering::Relaxed);
    }

    pub(super) fn predicates_are_removed() -> bool {
        REMOVED.load(Ordering::Relaxed)
    }

    /// `app = $1` becomes a question that every row answers with yes, and the parameter keeps its type.
    pub(super) fn without_predicates(text: &str) -> String {
        let mut rest = text.to_owned();
        for root in ["app", "partner", "root"] {
            let needle = format!("{root} = $");
            let mut done = String::new();
            while let Some(at) = rest.find(&needle) {
                let (before, after) = (&rest[..at], &rest[at + needle.len()..]);
                let digits = after.bytes().take_while(u8::is_ascii_digit).count();
                let number = after[..digits].to_owned();
                let column =
                    before.rfind(|letter: char| !letter.is_alphanumeric() && letter != '.' && letter != '_');
                let (kept, alias) = before.split_at(column.map_or(0, |at| at + 1));
                done.push_str(kept);
                if alias.is_empty() || alias.ends_with('.') {
                    done.push_str(&format!("CAST(${number} AS uuid) IS NOT NULL"));
                } else {
                    done.push_str(&format!("{alias}{root} = ${number}"));
                }
                rest = after[digits..].to_owned();
            }
            rest = done + &rest;
        }
        rest
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_the_question_whose_a_row_is_goes() {
            let text = "SELECT a FROM r JOIN b ON b.app = r.app WHERE r.app = $1 AND wrapp = $3 AND id = $2 AND partner = $12";
            let without = "SELECT a FROM r JOIN b ON b.app = r.app WHERE CAST($1 AS uuid) IS NOT NULL AND wrapp = $3 AND id = $2 AND CAST($12 AS uuid) IS NOT NULL";
            assert_eq!(without_predicates(text), without);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_positional_on_sqlite_and_literals_stay_untouched() {
        for (text, sqlite) in [
            ("SELECT $2, $1, $1", "SELECT ?2, ?1, ?1"),
            ("SELECT '$1', \"$2\", $10", "SELECT '$1', \"$2\", ?10"),
            ("SELECT 'it''s $1', $1", "SELECT 'it''s $1', ?1"),
            ("SELECT $ 1", "SELECT $ 1"),
            ("SELECT 'é', $1", "SELECT 'é', ?1"),
        ] {
            assert_eq!(to_sqlite(text), sqlite);
        }
    }

    #[test]
    fn a_postgres_comment_becomes_text_there_and_stays_a_comment_elsewhere() {
        let text = "SELECT job FROM jobs LIMIT $1 /*pg FOR UPDATE SKIP LOCKED*/";
        assert_eq!(to_postgres(text), "SELECT job FROM jobs LIMIT $1 FOR UPDATE SKIP LOCKED");
        assert_eq!(to_sqlite(text), "SELECT job FROM jobs LIMIT ?1 /*pg FOR UPDATE SKIP LOCKED*/");
        assert_eq!(to_postgres("SELECT '/*pg x*/'"), "SELECT '/*pg x*/'");
    }
}
