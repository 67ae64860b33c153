//! Translates a schema from PostgreSQL's words to SQLite's STRICT tables.
//!
//! It knows the eight types of the portable subset and refuses nothing: an unknown type is refused by SQLite itself.

/// Rewrites types, adds what STRICT tables cannot say by type (`json_valid`, 0 or 1), and appends STRICT.
pub(super) fn translate(sql: &str) -> String {
    let tokens = tokens(sql);
    let mut out = String::with_capacity(sql.len() + 64);
    let mut depth = 0_u32;
    let mut in_table = false;
    let mut column = "";
    let mut skip = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        if skip > 0 {
            skip -= 1;
            continue;
        }
        match *token {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let rest = &tokens[index..];
        if *token == "CREATE" && words(rest).nth(1) == Some("TABLE") {
            in_table = true;
        }
        match (*token, in_table) {
            ("uuid" | "bytea", _) => out.push_str("BLOB"),
            ("timestamptz" | "bigint", _) => out.push_str("INTEGER"),
            ("boolean", _) => out.push_str(&format!("INTEGER CHECK ({column} IN (0, 1))")),
            ("jsonb", _) => out.push_str(&format!("TEXT CHECK (json_valid({column}))")),
            ("double", _) => {
                out.push_str("REAL");
                skip = length_of(rest, 2) - 1;
            }
            ("COLLATE", _) => skip = length_of(rest, 2) - 1,
            (")", true) if depth == 0 => {
                out.push_str(") STRICT");
                in_table = false;
            }
            (other, _) => {
                if !other.trim().is_empty() && !other.starts_with("--") && !matches!(other, "(" | ")" | ",") {
                    column = other;
                }
                out.push_str(other);
            }
        }
    }
    out
}

/// How many tokens the next `words` words take up, blanks between them included.
fn length_of(tokens: &[&str], count: usize) -> usize {
    let mut seen = 0;
    let position = tokens.iter().position(|token| {
        seen += usize::from(!token.trim().is_empty());
        seen == count
    });
    position.map_or(tokens.len(), |index| index + 1)
}

fn words<'sql>(tokens: &[&'sql str]) -> impl Iterator<Item = &'sql str> {
    tokens.iter().copied().filter(|token| !token.trim().is_empty())
}

/// Cuts SQL into words, quoted texts, comments, blanks and single signs; joined again they are the text.
fn tokens(sql: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '\'' || first == '"' {
            rest[1..].find(first).map_or(rest.len(), |end| end + 2)
        } else if first.is_whitespace() {
            rest.find(|character: char| !character.is_whitespace()).unwrap_or(rest.len())
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|character: char| !character.is_alphanumeric() && character != '_')
                .unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, tail) = rest.split_at(length);
        tokens.push(token);
        rest = tail;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translates_every_type_of_the_subset() {
        let sql = "-- root: app\nCREATE TABLE plans (\n    app uuid NOT NULL,\n    title text COLLATE \"C\" NOT NULL DEFAULT 'uuid (x',\n    made_at timestamptz NOT NULL,\n    ready boolean NOT NULL,\n    detail jsonb NOT NULL,\n    weight double precision,\n    hash bytea,\n    size bigint NOT NULL CHECK (size BETWEEN 0 AND 9),\n    PRIMARY KEY (app, title)\n);\nCREATE INDEX plans_by_title ON plans (title);";
        let expected = "-- root: app\nCREATE TABLE plans (\n    app BLOB NOT NULL,\n    title text  NOT NULL DEFAULT 'uuid (x',\n    made_at INTEGER NOT NULL,\n    ready INTEGER CHECK (ready IN (0, 1)) NOT NULL,\n    detail TEXT CHECK (json_valid(detail)) NOT NULL,\n    weight REAL,\n    hash BLOB,\n    size INTEGER NOT NULL CHECK (size BETWEEN 0 AND 9),\n    PRIMARY KEY (app, title)\n) STRICT;\nCREATE INDEX plans_by_title ON plans (title);";
        assert_eq!(translate(sql), expected);
    }

    #[test]
    fn what_it_writes_is_taken_by_sqlite() {
        let sql = "CREATE TABLE t (\n a uuid NOT NULL,\n b jsonb NOT NULL,\n c boolean NOT NULL,\n PRIMARY KEY (a));";
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(&translate(sql)).unwrap();
        for (values, fits) in [
            ("x'00', '{}', 1", true),
            ("x'01', '{', 1", false),
            ("x'02', '{}', 2", false),
            ("3, '{}', 0", false),
        ] {
            assert_eq!(
                connection.execute(&format!("INSERT INTO t VALUES ({values})"), []).is_ok(),
                fits,
                "{values}"
            );
        }
    }
}
