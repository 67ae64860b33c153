//! SQL lives in `store.rs`, declared through `statements!`.

use super::{
    Rule, Violation,
    sql::looks_like_sql,
    workspace::{File, Workspace, is_within},
};

pub(super) const RULE: Rule = Rule {
    name: "sql-home",
    instead: "Declare the statement in the noun's `store.rs` inside `statements! { … }`, with upper-case keywords.",
    reason: "The tenant rides on the store: what is declared there is prepared on both engines, counted when it runs, and reviewed in one place.",
    check,
};

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, rust) in workspace.rust_files().filter(|(file, _)| !is_exempt(file)) {
        for literal in rust.literals.iter().filter(|literal| !literal.in_test) {
            let what = match (file.name() == "store.rs", literal.in_statements) {
                (true, true) => continue,
                (false, true) => "a `statements!` block stands outside `store.rs`",
                (true, false) if looks_like_sql(&literal.value) => "SQL stands outside `statements!`",
                (false, false) if looks_like_sql(&literal.value) => "SQL stands outside `store.rs`",
                (_, false) => continue,
            };
            violations.push(Violation::new(&file.path, literal.line, what));
        }
    }
    violations
}

/// The database port speaks SQL of its own, tests and the proofs may look behind the curtain, and xtask talks about SQL.
fn is_exempt(file: &File) -> bool {
    let port = ["platform/framework/src/db", "platform/framework/src/db.rs", "proof/src/data", "xtask"];
    file.is_test() || port.iter().any(|place| is_within(&file.path, place))
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bites, *};

    #[test]
    fn sql_in_its_home_passes() {
        let files = [
            ("kits/meals/src/plan/store.rs", "statements! { ADD = \"INSERT INTO plan (app) VALUES ($1)\"; }"),
            (
                "kits/meals/src/plan.rs",
                "const TEXT: &str = \"select a plan from the list\"; // SELECT a FROM b",
            ),
            ("kits/meals/src/day.rs", "#[cfg(test)] mod tests { const A: &str = \"SELECT a FROM b\"; }"),
            ("kits/meals/src/plan/tests.rs", "const A: &str = \"SELECT a FROM b\";"),
            ("server/tests/it/main.rs", "const A: &str = \"DELETE FROM b\";"),
            ("platform/framework/src/db/sqlite.rs", "const A: &str = \"DELETE FROM b\";"),
            ("platform/framework/src/db.rs", "const A: &str = \"DELETE FROM b\";"),
        ];
        assert_eq!(bites(&RULE, &files), [""; 0]);
    }

    #[test]
    fn sql_elsewhere_fails() {
        let files = [
            ("kits/meals/src/plan.rs", "\nconst A: &str = \"SELECT a\n FROM b\";"),
            ("kits/meals/src/plan/http.rs", "fn f() { tx.run(&format!(\"UPDATE {} SET a = 1\", t)) }"),
            (
                "kits/meals/src/plan/store.rs",
                "statements! { A = \"SELECT 1\"; }\nconst B: &str = \"DELETE FROM plan\";",
            ),
            ("kits/meals/src/plan/jobs.rs", "statements! { A = \"anything\"; }"),
            ("platform/framework/src/dbx.rs", "const A: &str = \"CREATE TABLE b (c)\";"),
        ];
        assert_eq!(
            bites(&RULE, &files),
            [
                "kits/meals/src/plan.rs:2",
                "kits/meals/src/plan/http.rs:1",
                "kits/meals/src/plan/store.rs:2",
                "kits/meals/src/plan/jobs.rs:1",
                "platform/framework/src/dbx.rs:1"
            ]
        );
    }
}
