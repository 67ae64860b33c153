//! SQL that means something else, or nothing, on one of the two engines.

use super::{
    Rule, Violation,
    sql::{self, Sql, Token},
    workspace::Workspace,
};

pub(super) const RULE: Rule = Rule {
    name: "banned-sql",
    instead: "Write the portable form that the message names; bounds and instants come from Rust as parameters.",
    reason: "The same statement runs on SQLite and on PostgreSQL, inside group commit; each ban is a difference or an accident that was reproduced.",
    check,
};

/// Token sequences, with what to write instead.
const BANNED: &[(&[&str], &str)] = &[
    (&["::"], "`::` is PostgreSQL's own; write CAST(x AS type)"),
    (&["now", "("], "`now()` takes the clock away from the tests; pass the instant as a parameter"),
    (
        &["current_timestamp"],
        "`CURRENT_TIMESTAMP` takes the clock away from the tests; pass the instant as a parameter",
    ),
    (&["interval"], "date arithmetic differs between the engines; compute the bound in Rust"),
    (
        &["deferrable"],
        "a deferred constraint fails at COMMIT and kills the whole batch; order the writes instead",
    ),
    (&["or", "rollback"], "`OR ROLLBACK` kills the whole batch; let the statement fail"),
    (&["on", "conflict", "rollback"], "`ON CONFLICT ROLLBACK` kills the whole batch; let the statement fail"),
    (
        &["on", "delete", "set", "null"],
        "`ON DELETE SET NULL` would empty the root column of a composite key; delete or restrict",
    ),
    (&["offset"], "`OFFSET` reads all it skips, and rows come and go between pages; page by keyset"),
    (&["ilike"], "`ILIKE` is PostgreSQL's own; fold the search key in Rust"),
];

/// Types the migrations' translation does not know.
const BANNED_TYPES: &[(&str, &str)] = &[
    ("serial", "ids are UUIDv7; write uuid"),
    ("bigserial", "ids are UUIDv7; write uuid"),
    ("smallserial", "ids are UUIDv7; write uuid"),
    ("varchar", "a length is a CHECK; write text"),
    ("timestamp", "an instant has a zone; write timestamptz"),
];

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for statement in sql::statements(workspace) {
        check_sql(statement, &mut violations);
    }
    for migration in sql::migrations(workspace) {
        check_sql(migration, &mut violations);
        for token in sql::tokens(migration.text) {
            if let Some((name, instead)) = BANNED_TYPES.iter().find(|(name, _)| token.text == *name) {
                let what = format!("the type `{name}` is not portable: {instead}");
                violations.push(Violation::new(migration.path, migration.line(&token), what));
            }
        }
    }
    violations
}

fn check_sql(sql: Sql<'_>, violations: &mut Vec<Violation>) {
    let tokens = sql::tokens(sql.text);
    let mut report = |token: &Token, what: &str| {
        violations.push(Violation::new(sql.path, sql.line(token), what));
    };
    for (index, token) in tokens.iter().enumerate() {
        let rest = &tokens[index..];
        for (words, what) in BANNED {
            if sql::starts_with(rest, words) {
                report(token, what);
            }
        }
        if is_every_column(&tokens, index) {
            report(token, "`*` hands out columns nobody named; list them");
        }
        if sql::starts_with(rest, &["count", "(", "*", ")"]) && !is_excused(sql.text, token) {
            report(
                token,
                "`count(*)` reads every row; page by keyset, or excuse the line with `-- counted: reason`",
            );
        }
        if sql::starts_with(rest, &["sum", "("]) && !is_inside_cast(&tokens, index) {
            report(token, "sum(bigint) is numeric on PostgreSQL; write CAST(sum(x) AS bigint)");
        }
    }
}

/// A `*` in the place of a column list; not multiplication, not `count(*)`.
fn is_every_column(tokens: &[Token], index: usize) -> bool {
    let before = index.checked_sub(1).map_or("", |before| tokens[before].text.as_str());
    tokens[index].text == "*" && matches!(before, "select" | "distinct" | "all" | "returning" | "." | ",")
}

fn is_excused(text: &str, token: &Token) -> bool {
    let line = text.lines().nth(token.line - 1).unwrap_or_default();
    line.split_once("-- counted:").is_some_and(|(_, reason)| !reason.trim().is_empty())
}

/// Whether any parenthesis around the token belongs to a CAST.
fn is_inside_cast(tokens: &[Token], index: usize) -> bool {
    let mut depth = 0_usize;
    for at in (0..index).rev() {
        match tokens[at].text.as_str() {
            ")" => depth += 1,
            "(" if depth > 0 => depth -= 1,
            "(" if at > 0 && tokens[at - 1].text == "cast" => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bites, *};

    fn statement(sql: &str) -> Vec<String> {
        let text = format!("statements! {{ A = r#\"{sql}\"#; }}");
        bites(&RULE, &[("kits/meals/src/plan/store.rs", &text)])
    }

    fn migration(sql: &str) -> Vec<String> {
        bites(&RULE, &[("kits/meals/migrations/0001.sql", sql)])
    }

    #[test]
    fn portable_sql_passes() {
        for sql in [
            "SELECT a, b * 2 FROM plan ORDER BY a, b",
            "SELECT CAST(a AS text), CAST(coalesce(sum(b), 0) AS bigint) FROM plan",
            "SELECT count(*) FROM plan -- counted: a quota of at most ten",
            "SELECT count(a) FROM plan WHERE b = 'now() :: ILIKE *'",
            "UPDATE plan SET now_at = $1 RETURNING a -- now()",
        ] {
            assert_eq!(statement(sql), [""; 0], "{sql}");
        }
        assert_eq!(migration("CREATE TABLE plan (app uuid, at timestamptz, n bigint, name text)"), [""; 0]);
    }

    #[test]
    fn every_ban_bites_in_statements_and_migrations() {
        for sql in [
            "SELECT a::text FROM plan",
            "SELECT now() FROM plan",
            "SELECT current_timestamp FROM plan",
            "SELECT a + INTERVAL '1 day' FROM plan",
            "CREATE TABLE a (b uuid DEFERRABLE)",
            "INSERT OR ROLLBACK INTO plan (a) VALUES ($1)",
            "CREATE TABLE a (b uuid UNIQUE ON CONFLICT ROLLBACK)",
            "CREATE TABLE a (b uuid REFERENCES c ON DELETE SET NULL)",
            "SELECT a FROM plan WHERE a ILIKE $1",
            "SELECT a FROM plan ORDER BY a LIMIT $1 OFFSET $2",
            "INSERT INTO plan (a) VALUES ($1) RETURNING *",
            "SELECT * FROM plan",
            "SELECT p.* FROM plan p",
            "SELECT a, * FROM plan",
            "SELECT count(*) FROM plan",
            "SELECT count(*) FROM plan -- counted:",
            "SELECT sum(a) FROM plan",
            "SELECT CAST(a AS text), sum(a) FROM plan",
        ] {
            assert_eq!(statement(sql), ["kits/meals/src/plan/store.rs:1"], "{sql}");
            assert_eq!(migration(&format!("\n{sql}")), ["kits/meals/migrations/0001.sql:2"], "{sql}");
        }
    }

    #[test]
    fn types_are_banned_in_migrations() {
        for (name, _) in BANNED_TYPES {
            let found = migration(&format!("CREATE TABLE plan (app uuid, b {name})"));
            assert_eq!(found, ["kits/meals/migrations/0001.sql:1"], "{name}");
        }
    }
}
