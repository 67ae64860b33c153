//! Nothing is left for later, and tests neither skip nor wait.

use super::{
    Rule, Violation,
    rust::Rust,
    workspace::{File, Workspace},
};

pub(super) const RULE: Rule = Rule {
    name: "honesty",
    instead: "Finish it (the merge, too) or leave it out, fix the test or delete it, and turn the virtual clock or await the event instead of sleeping.",
    reason: "An ignored test, a note to self and a sleep each hide a bug from the next reader.",
    check,
};

/// Notes to self. Written in halves, so that this file does not break its own rule.
const NOTES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// What git leaves where two branches meet, in halves as well.
const CONFLICTS: [&str; 2] = [concat!("<<<<", "<<< "), concat!(">>>>", ">>> ")];

/// What a browser or unit test in TypeScript must not do. Written in halves as well.
const EVASIONS: &[(&str, &str)] = &[
    (concat!("waitFor", "Timeout("), "a test waits for time to pass"),
    (concat!(".on", "ly("), "all other tests are left out"),
    (concat!("test.sk", "ip("), "the test is ignored"),
    (concat!("it.sk", "ip("), "the test is ignored"),
    (concat!(".fix", "me("), "the test is ignored"),
    (concat!("retries", ": 1"), "a test that fails is tried again"),
    (concat!("retries", ": 2"), "a test that fails is tried again"),
];

/// Files that people write; documents and data may speak about anything.
const WRITTEN: &[&str] = &[".rs", ".svelte", ".ts", ".js", ".css", ".sql", ".sh", ".toml"];

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in &workspace.files {
        if WRITTEN.iter().any(|extension| file.path.ends_with(extension)) {
            check_notes(file, &mut violations);
        }
        let conflicts = file.lines().filter(|(_, line)| CONFLICTS.iter().any(|mark| line.starts_with(mark)));
        violations.extend(
            conflicts.map(|(number, _)| Violation::new(&file.path, number, "a merge was not finished")),
        );
        if file.path.ends_with(".ts") {
            for (number, line) in file.lines() {
                let found = EVASIONS.iter().filter(|(mark, _)| line.contains(mark));
                violations.extend(found.map(|(_, what)| Violation::new(&file.path, number, *what)));
            }
        }
    }
    for (file, rust) in workspace.rust_files() {
        check_rust(file, rust, &mut violations);
    }
    violations
}

fn check_notes(file: &File, violations: &mut Vec<Violation>) {
    for (number, line) in file.lines() {
        let mut words = line.split(|character: char| !character.is_alphanumeric() && character != '_');
        if let Some(note) = words.find(|word| NOTES.contains(word)) {
            violations.push(Violation::new(&file.path, number, format!("`{note}` is left for later")));
        }
    }
}

fn check_rust(file: &File, rust: &Rust, violations: &mut Vec<Violation>) {
    for attribute in &rust.attributes {
        if attribute.applies("ignore") {
            violations.push(Violation::new(&file.path, attribute.line, "the test is ignored"));
        }
    }
    for call in &rust.calls {
        let what = match call.name.as_str() {
            "todo" | "unimplemented" if call.is_macro => "the code is not finished",
            "sleep" if !call.is_macro && (call.in_test || file.is_test()) => "the test sleeps",
            _ => continue,
        };
        violations.push(Violation::new(&file.path, call.line, what));
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bites, *};

    #[test]
    fn honest_files_pass() {
        let files = [
            (
                "a/src/lib.rs",
                "fn wait() { sleep(delay) } // The word todo in prose.\n#[test] fn t() { asleep() }",
            ),
            ("docs/a.md", concat!("TO", "DO\n =======\n text <<<<", "<<< text")),
            ("web/a.ts", "const MASTODON = 1;"),
        ];
        assert_eq!(bites(&RULE, &files), [""; 0]);
    }

    #[test]
    fn each_fault_fails() {
        let files = [
            ("a.css", concat!("/* TO", "DO: later */")),
            ("b.rs", concat!("\n// FIX", "ME later")),
            ("c.rs", "fn f() {\n todo!() }"),
            ("d.rs", "#[test]\n#[ignore = \"slow\"]\nfn t() {}"),
            ("e.rs", "#[test] fn t() {\n thread::sleep(d) }"),
            ("f/tests/it.rs", "fn helper() { tokio::time::sleep(d).await }"),
            (
                "web/e2e/g.ts",
                "await page.waitForTimeout(500)\ntest.only('x', f)\ntest.skip('y', f)\nretries: 2",
            ),
            ("h.rs", "#[cfg_attr(miri, ignore)] fn t() {}"),
            ("i.md", concat!("\n<<<<", "<<< HEAD\na\n=======\nb\n>>>>", ">>> branch")),
        ];
        assert_eq!(
            bites(&RULE, &files),
            [
                "a.css:1",
                "b.rs:2",
                "web/e2e/g.ts:1",
                "web/e2e/g.ts:2",
                "web/e2e/g.ts:3",
                "web/e2e/g.ts:4",
                "i.md:2",
                "i.md:6",
                "c.rs:2",
                "d.rs:2",
                "e.rs:2",
                "f/tests/it.rs:1",
                "h.rs:1"
            ]
        );
    }
}
