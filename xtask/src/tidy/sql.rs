//! SQL as the rules see it: a flat list of tokens without comments, and the tables a migration creates.
//!
//! It refuses to be a parser: the database prepares every statement in the test sweep; this only has to find names.

use std::iter;

use super::workspace::{File, Workspace};

/// One SQL token: words are folded to lower case, a string literal is `'`, a cast operator is `::`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// Counted from 1 within the SQL text.
    pub(crate) line: usize,
}

/// A statement or a migration, with the place it was found at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sql<'a> {
    pub(crate) path: &'a str,
    pub(crate) first_line: usize,
    pub(crate) text: &'a str,
}

impl Sql<'_> {
    /// The file's line a token stands on.
    pub(crate) fn line(&self, token: &Token) -> usize {
        self.first_line + token.line - 1
    }
}

/// Every literal inside `statements! { … }` of the product's code.
pub(crate) fn statements(workspace: &Workspace) -> impl Iterator<Item = Sql<'_>> {
    workspace.rust_files().filter(|(file, _)| !file.is_test()).flat_map(|(file, rust)| {
        let declared = rust.literals.iter().filter(|literal| literal.in_statements && !literal.in_test);
        declared.map(|literal| Sql { path: &file.path, first_line: literal.line, text: &literal.value })
    })
}

/// Every migration file.
pub(crate) fn migrations(workspace: &Workspace) -> impl Iterator<Item = Sql<'_>> {
    let files = workspace.files.iter().filter(|file| is_migration(file));
    files.map(|file| Sql { path: &file.path, first_line: 1, text: &file.text })
}

fn is_migration(file: &File) -> bool {
    file.path.ends_with(".sql") && file.path.contains("/migrations/")
}

/// Whether a string literal reads like a statement. Only upper-case keywords count: prose is rarely shouted.
pub(crate) fn looks_like_sql(text: &str) -> bool {
    let words: Vec<&str> =
        text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let adjacent = |first, second| words.windows(2).any(|pair| pair == [first, second]);
    let apart = |first, second| {
        let rest = words.iter().skip_while(|word| **word != first).skip(1);
        rest.into_iter().any(|word| *word == second)
    };
    adjacent("INSERT", "INTO")
        || adjacent("DELETE", "FROM")
        || adjacent("CREATE", "TABLE")
        || apart("SELECT", "FROM")
        || apart("UPDATE", "SET")
}

/// Splits SQL into tokens; comments vanish.
pub(crate) fn tokens(sql: &str) -> Vec<Token> {
    let characters: Vec<char> = sql.chars().collect();
    let mut tokens = Vec::new();
    let (mut index, mut line) = (0, 1);
    while let Some(&character) = characters.get(index) {
        let start = index;
        let until = |from: usize, stop: &dyn Fn(usize) -> bool| {
            (from..characters.len()).find(|&at| stop(at)).unwrap_or(characters.len())
        };
        let pair = (character, characters.get(index + 1).copied());
        let text = match pair {
            ('-', Some('-')) => {
                index = until(index, &|at| characters[at] == '\n');
                None
            }
            ('/', Some('*')) => {
                index = until(index + 2, &|at| characters[at..].starts_with(&['*', '/'])) + 2;
                None
            }
            ('\'', _) => {
                index = until(index + 1, &|at| characters[at] == '\'') + 1;
                Some("'".to_owned())
            }
            ('"', _) => {
                index = until(index + 1, &|at| characters[at] == '"') + 1;
                let end = (index - 1).clamp(start + 1, characters.len());
                Some(characters[start + 1..end].iter().collect())
            }
            (':', Some(':')) => {
                index += 2;
                Some("::".to_owned())
            }
            _ if is_word(character) => {
                index = until(index, &|at| !is_word(characters[at]));
                Some(characters[start..index].iter().collect::<String>().to_ascii_lowercase())
            }
            _ => {
                index += 1;
                (!character.is_whitespace()).then(|| character.to_string())
            }
        };
        if let Some(text) = text {
            tokens.push(Token { text, line });
        }
        let end = index.min(characters.len());
        line += characters[start..end].iter().filter(|&&passed| passed == '\n').count();
    }
    tokens
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

/// A `CREATE TABLE` with its body split at the commas that separate columns and constraints.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) parts: Vec<Vec<Token>>,
}

/// The tables a migration creates.
pub(crate) fn created_tables(sql: &str) -> Vec<Table> {
    let tokens = tokens(sql);
    let mut tables = Vec::new();
    for index in 0..tokens.len() {
        if !starts_with(&tokens[index..], &["create", "table"]) {
            continue;
        }
        let skipped = if starts_with(&tokens[index + 2..], &["if", "not", "exists"]) { 5 } else { 2 };
        let Some(name) = tokens.get(index + skipped) else { continue };
        let parts = split_parenthesis(&tokens[index + skipped + 1..]);
        tables.push(Table { name: name.text.clone(), line: tokens[index].line, parts });
    }
    tables
}

/// Splits the parenthesis the tokens start with at its own commas; empty if they start with none.
pub(crate) fn split_parenthesis(tokens: &[Token]) -> Vec<Vec<Token>> {
    if tokens.first().is_none_or(|token| token.text != "(") {
        return Vec::new();
    }
    let mut parts = vec![Vec::new()];
    let mut depth = 1;
    for token in &tokens[1..] {
        match token.text.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && token.text == "," {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(token.clone());
        }
    }
    parts
}

/// Whether the tokens begin with these words.
pub(crate) fn starts_with(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len() && iter::zip(tokens, words).all(|(token, word)| token.text == *word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<String> {
        tokens(sql).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_vanish_and_literals_shrink() {
        assert_eq!(
            texts("SELECT a::text, 'it''s -- no' /* x */ FROM \"T\" -- y\nWHERE b = $1"),
            ["select", "a", "::", "text", ",", "'", "'", "from", "T", "where", "b", "=", "$1"]
        );
    }

    #[test]
    fn lines_are_counted_through_comments_and_literals() {
        let lines: Vec<_> =
            tokens("a -- b\n'c\nd' e\n/* \n */ f").into_iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 2, 3, 5]);
    }

    #[test]
    fn an_unfinished_literal_ends_with_the_text() {
        assert_eq!(texts("a 'b"), ["a", "'"]);
        assert_eq!(texts("a \"b"), ["a", "b"]);
        assert_eq!(texts("a /* b"), ["a"]);
    }

    #[test]
    fn prose_is_not_sql() {
        for sql in [
            "SELECT a\nFROM b",
            "INSERT INTO a VALUES ($1)",
            "UPDATE a\nSET b = 1",
            "DELETE FROM a",
            "CREATE TABLE a (b)",
            "WITH c AS (SELECT 1 FROM d) SELECT 2",
        ] {
            assert!(looks_like_sql(sql), "{sql}");
        }
        for prose in
            ["select a plan from the list", "SELECT", "UPDATE", "an update sets it", "FROM here SELECT"]
        {
            assert!(!looks_like_sql(prose), "{prose}");
        }
    }

    #[test]
    fn tables_are_split_into_parts() {
        let tables = created_tables(
            "\nCREATE TABLE IF NOT EXISTS plan (app uuid, CHECK (a IN (1, 2)), PRIMARY KEY (app, id));",
        );
        assert_eq!((tables[0].name.as_str(), tables[0].line, tables[0].parts.len()), ("plan", 2, 3));
    }
}
