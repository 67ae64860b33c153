//! The table of requirements names tests that exist.

use super::{
    Rule, Violation,
    workspace::{File, Workspace},
};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    name: "evidence",
    instead: "Give every row of docs/requirements.md a known form of id, a state, and as `path` `test` a test that is there.",
    reason: "A table that says what is proven is worth nothing once the proof was renamed or deleted.",
    check,
};

const TABLE: &str = "docs/requirements.md";

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut seen = BTreeSet::new();
    for file in workspace.files.iter().filter(|file| file.path == TABLE) {
        for (number, line) in file.lines() {
            let Some(row) = Row::parse(line) else { continue };
            let mut faults = row.faults(workspace);
            if !seen.insert(row.id) {
                faults.push(format!("{} has a row already", row.id));
            }
            violations.extend(faults.into_iter().map(|fault| Violation::new(&file.path, number, fault)));
        }
    }
    violations
}

/// `| id | words | state | evidence |`; of what the list got wrong there is no state.
struct Row<'a> {
    id: &'a str,
    state: Option<&'a str>,
    evidence: &'a str,
}

impl<'a> Row<'a> {
    /// A row whose first cell ends with a number; headings and other tables have none.
    fn parse(line: &'a str) -> Option<Self> {
        let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
        let (id, state, evidence) = match cells[..] {
            [id, _, state, evidence] => (id, Some(state), evidence),
            [id, _, evidence] => (id, None, evidence),
            _ => return None,
        };
        id.ends_with(|last: char| last.is_ascii_digit()).then_some(Self { id, state, evidence })
    }

    fn faults(&self, workspace: &Workspace) -> Vec<String> {
        let mut faults = Vec::new();
        if !is_id(self.id) {
            faults.push(format!("{} is no id: P-AREA-01, ME-01, BU-01 or X-01", self.id));
        }
        if self.state.is_some_and(|state| state != "whole" && !state.starts_with("part: ")) {
            faults.push(format!("the state of {} is neither `whole` nor `part: …`", self.id));
        }
        let quoted: Vec<&str> = self.evidence.split('`').skip(1).step_by(2).collect();
        let (pairs, rest) = quoted.as_chunks::<2>();
        if pairs.is_empty() || !rest.is_empty() {
            faults.push(format!("{} names no test as `path` `test`", self.id));
        }
        for [path, test] in pairs {
            match workspace.files.iter().find(|file| file.path == *path) {
                None => faults.push(format!("{}: there is no {path}", self.id)),
                Some(file) if !has_test(file, test) => {
                    faults.push(format!("{}: {path} has no test `{test}`", self.id));
                }
                Some(_) => {}
            }
        }
        faults
    }
}

fn is_id(id: &str) -> bool {
    let Some((area, number)) = id.rsplit_once('-') else { return false };
    let is_area = matches!(area, "ME" | "BU" | "X")
        || area
            .strip_prefix("P-")
            .is_some_and(|area| !area.is_empty() && area.bytes().all(|letter| letter.is_ascii_uppercase()));
    is_area && number.len() >= 2 && number.bytes().all(|digit| digit.is_ascii_digit())
}

/// A function in Rust, a title in TypeScript.
fn has_test(file: &File, test: &str) -> bool {
    if file.path.ends_with(".rs") {
        return file.text.contains(&format!("fn {test}("));
    }
    let titles = ["test", "it"]
        .into_iter()
        .flat_map(|call| ['\'', '`'].map(|quote| format!("{call}({quote}{test}{quote}")));
    titles.into_iter().any(|title| file.text.contains(&title))
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bites, *};

    const RUST: (&str, &str) = ("a/tests/b.rs", "#[test]\nfn it_works() {}\n");
    const WEB: (&str, &str) = ("web/c.spec.ts", "test('all is well', () => {});");

    #[test]
    fn rows_with_living_tests_pass() {
        let table = "| id | in our words | state | shown by |\n|---|---|---|---|\n\
            | P-AUTH-01 | a | whole | `a/tests/b.rs` `it_works` |\n\
            | ME-02 | b | part: half | `a/tests/b.rs` `it_works` · `web/c.spec.ts` `all is well` |\n\
            | X-101 | c | `a/tests/b.rs` `it_works` |\n| prefix | d |\n";
        assert_eq!(bites(&RULE, &[(TABLE, table), RUST, WEB]), [""; 0]);
    }

    #[test]
    fn each_fault_fails() {
        for row in [
            "| P-01 | a | whole | `a/tests/b.rs` `it_works` |",
            "| ME-1 | a | whole | `a/tests/b.rs` `it_works` |",
            "| ME-01 | a | done | `a/tests/b.rs` `it_works` |",
            "| ME-01 | a | whole | |",
            "| ME-01 | a | whole | `a/tests/b.rs` |",
            "| ME-01 | a | whole | `a/tests/gone.rs` `it_works` |",
            "| ME-01 | a | whole | `a/tests/b.rs` `it_wor` |",
            "| ME-01 | a | whole | `web/c.spec.ts` `all is` |",
            "| X-01 | a | `a/tests/b.rs` `gone` |",
        ] {
            assert_eq!(bites(&RULE, &[(TABLE, row), RUST, WEB]), ["docs/requirements.md:1"], "{row}");
        }
        let twice = "| ME-01 | a | whole | `a/tests/b.rs` `it_works` |\n| ME-01 | a | whole | `a/tests/b.rs` `it_works` |";
        assert_eq!(bites(&RULE, &[(TABLE, twice), RUST]), ["docs/requirements.md:2"]);
    }
}
