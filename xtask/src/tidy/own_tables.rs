//! A crate's statements name only the tables its own migrations create.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Rule, Violation,
    sql::{self, Token},
    workspace::Workspace,
};

pub(super) const RULE: Rule = Rule {
    name: "own-tables",
    instead: "Ask the module that owns the table through its public functions, or listen to its events.",
    reason: "A table that two modules write has no invariants; a table with one owner can change its shape in one commit.",
    check,
};

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut owned: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for migration in sql::migrations(workspace) {
        let tables = sql::created_tables(migration.text).into_iter().map(|table| table.name);
        owned.entry(workspace.crate_folder(migration.path).unwrap_or_default()).or_default().extend(tables);
    }
    let mut violations = Vec::new();
    for statement in sql::statements(workspace) {
        let folder = workspace.crate_folder(statement.path).unwrap_or_default();
        for token in named_tables(&sql::tokens(statement.text)) {
            if !owned.get(folder).is_some_and(|tables| tables.contains(&token.text)) {
                let what = format!("no migration of {folder} creates the table `{}`", token.text);
                violations.push(Violation::new(statement.path, statement.line(&token), what));
            }
        }
    }
    violations
}

/// The tables after FROM, JOIN, INTO and UPDATE, without the names a WITH clause introduces.
fn named_tables(tokens: &[Token]) -> Vec<Token> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let before = |index: usize| index.checked_sub(1).map_or("", text);
    let local: BTreeSet<&str> = (0..tokens.len())
        .filter(|&index| matches!(before(index), "with" | "recursive" | ","))
        .filter(|&index| introduces_common_table(&tokens[index..]))
        .map(text)
        .collect();
    let mut tables = Vec::new();
    for index in 0..tokens.len() {
        let names_one = match text(index) {
            // `IS DISTINCT FROM` compares, `extract(… FROM …)` and its like take an argument.
            "from" => before(index) != "distinct" && !is_function_argument(tokens, index),
            "join" | "into" => true,
            // `FOR UPDATE` locks and `DO UPDATE SET` belongs to an INSERT.
            "update" => !matches!(before(index), "for" | "do"),
            _ => false,
        };
        if !names_one {
            continue;
        }
        let mut at = index + 1;
        loop {
            while matches!(text(at), "only" | "lateral") {
                at += 1;
            }
            let is_name = text(at).starts_with(|first: char| first.is_alphabetic() || first == '_');
            // A name with a parenthesis is a table function, except after INTO, where it is the column list.
            let is_table = is_name && (text(at + 1) != "(" || text(index) == "into");
            if is_table && !local.contains(text(at)) {
                tables.push(tokens[at].clone());
            }
            let Some(next) = after_comma(&tokens[at.min(tokens.len())..]) else { break };
            if text(index) != "from" {
                break;
            }
            at += next;
        }
    }
    tables
}

/// `name AS (`, `name AS MATERIALIZED (`, `name (columns) AS (`.
fn introduces_common_table(tokens: &[Token]) -> bool {
    let mut index = 1;
    if tokens.get(1).is_some_and(|token| token.text == "(") {
        let Some(length) = tokens.iter().position(|token| token.text == ")") else { return false };
        index = length + 1;
    }
    let rest = tokens.get(index..).unwrap_or_default();
    [&["as", "("][..], &["as", "materialized", "("], &["as", "not", "materialized", "("]]
        .iter()
        .any(|words| sql::starts_with(rest, words))
}

/// How far the next item of a FROM list is, for `table [[AS] alias], …` and `(subquery) alias, …`.
fn after_comma(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" => depth += 1,
            ")" if depth == 0 => return None,
            ")" => depth -= 1,
            "," if depth == 0 => return Some(index + 1),
            "where" | "join" | "group" | "order" | "limit" | "union" | "set" | "on" | "returning" | "for"
            | "having" | "window" | "except" | "intersect" | "left" | "inner" | "cross" | "from"
                if depth == 0 =>
            {
                return None;
            }
            _ => {}
        }
    }
    None
}

/// Whether a FROM stands inside `extract( … )`, `trim( … )`, `substring( … )`, `overlay( … )`.
fn is_function_argument(tokens: &[Token], from: usize) -> bool {
    let mut depth = 0_usize;
    for index in (0..from).rev() {
        match tokens[index].text.as_str() {
            ")" => depth += 1,
            "(" if depth > 0 => depth -= 1,
            "(" => {
                let function = index.checked_sub(1).map_or("", |before| tokens[before].text.as_str());
                return matches!(function, "extract" | "trim" | "substring" | "overlay");
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bites, *};

    fn names(text: &str) -> Vec<String> {
        named_tables(&sql::tokens(text)).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn tables_are_found_where_sql_names_them() {
        let cases: &[(&str, &[&str])] = &[
            ("SELECT a FROM plan WHERE b IS DISTINCT FROM c", &["plan"]),
            ("SELECT a FROM plan AS p, day d LEFT JOIN meal ON true", &["plan", "day", "meal"]),
            ("SELECT a FROM (SELECT b FROM day) x, meal", &["meal", "day"]),
            ("INSERT INTO plan (app) VALUES ($1) ON CONFLICT (app) DO UPDATE SET a = 1", &["plan"]),
            ("UPDATE plan SET a = 1 FROM day WHERE true", &["plan", "day"]),
            ("DELETE FROM plan WHERE id IN (SELECT id FROM day)", &["plan", "day"]),
            ("SELECT a FROM plan FOR UPDATE SKIP LOCKED", &["plan"]),
            ("WITH x AS (SELECT a FROM plan), y (b) AS (SELECT 1) SELECT a FROM x, y", &["plan"]),
            ("WITH RECURSIVE x AS (SELECT 1) SELECT a FROM x", &[]),
            ("SELECT value FROM json_each($1)", &[]),
            ("SELECT extract(hour FROM at), trim(both 'x' FROM b) FROM plan", &["plan"]),
            ("SELECT a, b FROM plan ORDER BY a, b", &["plan"]),
        ];
        for (sql, expected) in cases {
            assert_eq!(names(sql), *expected, "{sql}");
        }
    }

    #[test]
    fn own_tables_pass_and_foreign_tables_fail() {
        let files = [
            ("kits/meals/migrations/0001_plan.sql", "CREATE TABLE plan (app uuid, PRIMARY KEY (app));"),
            ("kits/dating/migrations/0001_swipe.sql", "CREATE TABLE swipe (app uuid, PRIMARY KEY (app));"),
            (
                "kits/meals/src/plan/store.rs",
                "statements! {\n A = \"SELECT a FROM plan\";\n B = \"SELECT a\nFROM swipe\"; }",
            ),
        ];
        assert_eq!(bites(&RULE, &files), ["kits/meals/src/plan/store.rs:4"]);
    }

    #[test]
    fn tests_may_look_anywhere() {
        let files = [(
            "kits/meals/src/plan/store.rs",
            "#[cfg(test)] mod tests { statements! { A = \"SELECT a FROM b\"; } }",
        )];
        assert_eq!(bites(&RULE, &files), [""; 0]);
    }
}
