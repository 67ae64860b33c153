//! Every table hangs on a root: the app, the partner, or `root` where a table serves both, is first in its primary key and
//! part of its foreign keys.

use super::{
    Rule, Violation,
    sql::{self, Sql, Table, Token},
    workspace::Workspace,
};

pub(super) const RULE: Rule = Rule {
    name: "root-column",
    instead: "Begin the primary key with `app`, `partner` or `root` and carry that column in every foreign key; a table of the installation says `-- root: system PURPOSE` on the line before CREATE TABLE.",
    reason: "The root column is what row-level security, export, erasure and moving an app hold on to; a foreign key without it can point into another tenant.",
    check,
};

const ROOTS: [&str; 3] = ["app", "partner", "root"];

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for migration in sql::migrations(workspace) {
        for table in sql::created_tables(migration.text) {
            if !is_system(migration.text, &table) {
                let found = check_table(&table);
                violations
                    .extend(found.into_iter().map(|what| Violation::new(migration.path, table.line, what)));
            }
        }
        check_alterations(migration, &mut violations);
    }
    violations
}

fn check_table(table: &Table) -> Vec<String> {
    let name = &table.name;
    let Some(root) = table.parts.iter().find_map(|part| primary_key(part)) else {
        return vec![format!("the table `{name}` has no primary key")];
    };
    if !ROOTS.contains(&root.as_str()) {
        return vec![format!(
            "the primary key of `{name}` begins with `{root}`, not with app, partner or root"
        )];
    }
    let foreign = table.parts.iter().filter_map(|part| foreign_key(part));
    foreign
        .filter(|columns| !columns.contains(&root))
        .map(|columns| format!("the foreign key ({}) of `{name}` lacks `{root}`", columns.join(", ")))
        .collect()
}

/// Keys that are added later must carry a root too.
fn check_alterations(migration: Sql<'_>, violations: &mut Vec<Violation>) {
    let tokens = sql::tokens(migration.text);
    for statement in tokens.split(|token| token.text == ";") {
        if !sql::starts_with(statement, &["alter", "table"]) {
            continue;
        }
        let Some(add) = statement.iter().position(|token| token.text == "add") else { continue };
        let is_column = statement.get(add + 1).is_some_and(|token| token.text == "column");
        let added = &statement[add + if is_column { 2 } else { 1 }..];
        if let Some(columns) = foreign_key(added)
            && !ROOTS.iter().any(|root| columns.iter().any(|column| column == root))
        {
            let what = format!("the added foreign key ({}) lacks app, partner or root", columns.join(", "));
            violations.push(Violation::new(migration.path, migration.line(&statement[0]), what));
        }
    }
}

/// The first primary-key column, if this part of a table declares the key.
fn primary_key(part: &[Token]) -> Option<String> {
    let key = part.windows(2).position(|pair| sql::starts_with(pair, &["primary", "key"]))?;
    match columns(&part[key + 2..]).into_iter().next() {
        Some(column) => Some(column),
        None => part.first().map(|column| column.text.clone()),
    }
}

/// The local columns of the foreign key this part declares, as a constraint or behind a column.
fn foreign_key(part: &[Token]) -> Option<Vec<String>> {
    if let Some(key) = part.windows(2).position(|pair| sql::starts_with(pair, &["foreign", "key"])) {
        return Some(columns(&part[key + 2..]));
    }
    let references = part.iter().any(|token| token.text == "references");
    references.then(|| part.iter().take(1).map(|column| column.text.clone()).collect())
}

fn columns(tokens: &[Token]) -> Vec<String> {
    let parts = sql::split_parenthesis(tokens);
    parts.into_iter().filter_map(|part| part.into_iter().next()).map(|column| column.text).collect()
}

/// Whether the line before the table says `-- root: system PURPOSE` and names no other root. Which purposes there are is
/// checked by the migration runner.
fn is_system(text: &str, table: &Table) -> bool {
    let Some(before) = table.line.checked_sub(2).and_then(|index| text.lines().nth(index)) else {
        return false;
    };
    let Some(roots) = before.trim().strip_prefix("-- root:") else { return false };
    roots
        .split(',')
        .all(|root| root.trim().strip_prefix("system ").is_some_and(|purpose| !purpose.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bites, *};

    fn migration(sql: &str) -> Vec<String> {
        bites(&RULE, &[("kits/meals/migrations/0001.sql", sql)])
    }

    #[test]
    fn rooted_tables_pass() {
        for sql in [
            "CREATE TABLE plan (app uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (app, id))",
            "CREATE TABLE app (app uuid PRIMARY KEY, name text)",
            "CREATE TABLE member (partner uuid, id uuid, CONSTRAINT k PRIMARY KEY (partner, id))",
            "CREATE TABLE day (app uuid REFERENCES app (app), plan uuid, n bigint, PRIMARY KEY (app, plan, n),
                FOREIGN KEY (app, plan) REFERENCES plan (app, id) ON DELETE CASCADE)",
            "-- root: system hosts\nCREATE TABLE host (name text PRIMARY KEY)",
            "-- root: either\nCREATE TABLE audit (root uuid, entry uuid, PRIMARY KEY (root, entry))",
            "ALTER TABLE day ADD CONSTRAINT k FOREIGN KEY (app, plan) REFERENCES plan (app, id)",
            "ALTER TABLE day ADD COLUMN note text",
            "CREATE INDEX day_by_plan ON day (app, plan)",
        ] {
            assert_eq!(migration(sql), [""; 0], "{sql}");
        }
    }

    #[test]
    fn rootless_tables_and_keys_fail() {
        for sql in [
            "CREATE TABLE plan (id uuid PRIMARY KEY, app uuid)",
            "CREATE TABLE plan (app uuid, id uuid)",
            "CREATE TABLE plan (app uuid, id uuid, PRIMARY KEY (id, app))",
            "CREATE TABLE day (app uuid, plan uuid, PRIMARY KEY (app, plan), FOREIGN KEY (plan) REFERENCES plan (id))",
            "CREATE TABLE day (app uuid, plan uuid REFERENCES plan (id), PRIMARY KEY (app, plan))",
            "CREATE TABLE seat (partner uuid, app uuid, PRIMARY KEY (partner, app), FOREIGN KEY (app) REFERENCES app (app))",
            "ALTER TABLE day ADD FOREIGN KEY (plan) REFERENCES plan (id)",
            "ALTER TABLE day ADD COLUMN plan uuid REFERENCES plan (id)",
        ] {
            assert_eq!(migration(&format!("\n{sql};")), ["kits/meals/migrations/0001.sql:2"], "{sql}");
        }
    }

    #[test]
    fn a_system_table_names_its_purpose_on_the_line_before() {
        for comment in ["-- root: system", "-- root: app, system hosts", "-- root: system hosts\n"] {
            assert_eq!(
                migration(&format!("{comment}\nCREATE TABLE host (name text PRIMARY KEY)")).len(),
                1,
                "{comment}"
            );
        }
    }
}
