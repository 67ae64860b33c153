//! The paper that says which requirements are kept points at tests that exist.
//!
//! It refuses to judge whether a test shows what its row says: that takes reading.

use std::collections::BTreeSet;

use super::{
    Rule, Violation,
    workspace::{File, Workspace},
};

pub(super) const RULE: Rule = Rule {
    name: "evidence",
    instead: "Point the row of `docs/requirements.md` at a test that shows it (`path` `test`), say `part:` and what is missing, or take the row out.",
    reason: "A claim whose test was renamed, moved or deleted goes on being believed; a row is worth what it can be followed to.",
    check,
};

const PAPER: &str = "docs/requirements.md";

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut seen = BTreeSet::new();
    let paper = workspace.files.iter().filter(|file| file.path == PAPER);
    for (number, line) in paper.flat_map(File::lines).filter(|(_, line)| is_row(line)) {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let faults = match cells.as_slice() {
            [id, words, state, shown_by] => {
                let mut faults = check_claim(id, words, state);
                if !seen.insert((*id).to_owned()) {
                    faults.push("has a row already".to_owned());
                }
                faults.extend(check_citations(workspace, shown_by));
                faults.into_iter().map(|fault| format!("`{id}` {fault}")).collect()
            }
            cells => vec![format!("the row has {} cells: id, words, state, shown by are 4", cells.len())],
        };
        violations.extend(faults.into_iter().map(|what| Violation::new(PAPER, number, what)));
    }
    violations
}

/// Whether a line belongs to a table and is neither its heading nor the rule below that.
fn is_row(line: &str) -> bool {
    let is_heading = line.starts_with("| id |") || line.starts_with("|---");
    line.trim_start().starts_with('|') && !is_heading
}

fn check_claim(id: &str, words: &str, state: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !is_id(id) {
        faults.push("is no id like `P-SEC-05`, `ME-08` or `X-106`".to_owned());
    }
    if words.is_empty() {
        faults.push("says nothing in words".to_owned());
    }
    let says_what_is_missing = state.strip_prefix("part:").is_some_and(|missing| !missing.trim().is_empty());
    if state != "whole" && !says_what_is_missing {
        faults.push(format!("is neither `whole` nor `part: what is missing`, but `{state}`"));
    }
    faults
}

/// One or two words in capitals and a number of two or three digits.
fn is_id(id: &str) -> bool {
    let Some((words, number)) = id.rsplit_once('-') else { return false };
    let mut words = words.split('-');
    let are_capitals =
        words.clone().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase()));
    let are_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    are_capitals && words.by_ref().count() <= 2 && are_digits && matches!(number.len(), 2 | 3)
}

/// Reads `path` `test`, `test` …; a test belongs to the path before it.
fn check_citations(workspace: &Workspace, shown_by: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut cited: Option<(&str, usize)> = None;
    for span in shown_by.split('`').skip(1).step_by(2) {
        match &mut cited {
            _ if is_path(span) => {
                faults.extend(cited.and_then(nothing_of));
                cited = Some((span, 0));
            }
            None => faults.push(format!("names the test `{span}` without the file before it")),
            Some((path, tests)) => {
                *tests += 1;
                let file = workspace.files.iter().find(|file| file.path == *path);
                // A file that is not there is told once, below.
                if file.is_some_and(|file| !has_test(file, span)) {
                    faults.push(format!("cites `{span}`, and `{path}` has no such test"));
                }
            }
        }
        if is_path(span) && !workspace.files.iter().any(|file| file.path == span) {
            faults.push(format!("cites `{span}`, which is no file git knows"));
        }
    }
    match cited {
        None if faults.is_empty() => faults.push("is shown by no test".to_owned()),
        None => {}
        Some(last) => faults.extend(nothing_of(last)),
    }
    faults
}

fn nothing_of((path, tests): (&str, usize)) -> Option<String> {
    (tests == 0).then(|| format!("cites `{path}` and no test of it"))
}

fn is_path(span: &str) -> bool {
    span.contains('/') && (span.ends_with(".rs") || span.ends_with(".ts"))
}

fn has_test(file: &File, name: &str) -> bool {
    match file.rust() {
        Some(rust) => rust.tests.iter().any(|test| test == name),
        None => file.lines().any(|(_, line)| has_title(line, name)),
    }
}

/// Whether a line of TypeScript opens a test of this title: `it('title'`, `test("title"`, `it.each(cases)('title'`.
fn has_title(line: &str, title: &str) -> bool {
    ["'", "\"", "`"].into_iter().any(|quote| {
        let written = format!("({quote}{title}{quote}");
        line.match_indices(&written).any(|(start, _)| {
            let before = line[..start].trim_start();
            matches!(before, "it" | "test")
                || before.starts_with("it.each(")
                || before.starts_with("test.each(")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{super::sample::workspace, *};

    const RUST: (&str, &str) = (
        "platform/x/tests/it/a.rs",
        "on_both_engines!(stays); async fn stays(e: E) {} #[test] fn goes() {} fn helper() {}",
    );
    const TYPESCRIPT: (&str, &str) = (
        "web/a.test.ts",
        "it('shows it', () => {});\n  test(\"says it\", f);\nit.each([1, 2])('counts %d', f);\nsubmit('sends');\nit.skip('rests', f);",
    );

    /// What the rule says about a paper of one row.
    fn found(row: &str) -> Vec<String> {
        let paper = format!("# Paper\n\n| id | words | state | shown by |\n|---|---|---|---|\n{row}\n");
        let violations = check(&workspace(&[(PAPER, &paper), RUST, TYPESCRIPT]));
        violations.into_iter().map(|violation| format!("{}: {}", violation.line, violation.what)).collect()
    }

    #[test]
    fn rows_that_can_be_followed_pass() {
        for row in [
            "| P-SEC-05 | Words. | whole | `platform/x/tests/it/a.rs` `stays`, `goes` |",
            "| X-106 | Words. | part: no pages | `web/a.test.ts` `shows it`, `says it`; `platform/x/tests/it/a.rs` `goes` |",
            "| ME-08 | Words. | whole | `web/a.test.ts` `counts %d` |\n| ME-09 | Words. | whole | `web/a.test.ts` `shows it` |",
            "No table, and `nothing/that/is.rs` `cited`.",
        ] {
            assert_eq!(found(row), [""; 0], "{row}");
        }
    }

    #[test]
    fn each_fault_is_told() {
        let cases = [
            ("| SEC | Words. | whole | `web/a.test.ts` `shows it` |", "is no id"),
            ("| P-SEC-5 | Words. | whole | `web/a.test.ts` `shows it` |", "is no id"),
            ("| p-sec-05 | Words. | whole | `web/a.test.ts` `shows it` |", "is no id"),
            ("| A-B-C-05 | Words. | whole | `web/a.test.ts` `shows it` |", "is no id"),
            ("| ME-08 | | whole | `web/a.test.ts` `shows it` |", "says nothing"),
            ("| ME-08 | Words. | done | `web/a.test.ts` `shows it` |", "but `done`"),
            ("| ME-08 | Words. | part | `web/a.test.ts` `shows it` |", "but `part`"),
            ("| ME-08 | Words. | part: | `web/a.test.ts` `shows it` |", "but `part:`"),
            ("| ME-08 | Words. | whole |", "has 3 cells"),
            ("| ME-08 | Words. | whole | – |", "shown by no test"),
            ("| ME-08 | Words. | whole | `shows it` |", "without the file"),
            ("| ME-08 | Words. | whole | `web/a.test.ts` |", "no test of it"),
            (
                "| ME-08 | Words. | whole | `web/a.test.ts`; `platform/x/tests/it/a.rs` `stays` |",
                "no test of it",
            ),
            ("| ME-08 | Words. | whole | `web/gone.test.ts` `shows it` |", "no file git knows"),
            ("| ME-08 | Words. | whole | `web/a.test.ts` `shows` |", "no such test"),
            ("| ME-08 | Words. | whole | `web/a.test.ts` `sends` |", "no such test"),
            ("| ME-08 | Words. | whole | `web/a.test.ts` `rests` |", "no such test"),
            ("| ME-08 | Words. | whole | `platform/x/tests/it/a.rs` `helper` |", "no such test"),
        ];
        for (row, expected) in cases {
            let found = found(row);
            assert_eq!(found.len(), 1, "{row}: {found:?}");
            assert!(found[0].starts_with("5: ") && found[0].contains(expected), "{row}: {found:?}");
        }
    }

    #[test]
    fn an_id_has_one_row() {
        let row = "| ME-08 | Words. | whole | `web/a.test.ts` `shows it` |";
        assert_eq!(found(&format!("{row}\n{row}")), ["6: `ME-08` has a row already"]);
    }
}
