//! Files are named and opened the house's way.

use super::{Rule, Violation, workspace::Workspace};

pub(super) const RULE: Rule = Rule {
    name: "layout",
    instead: "Call the file after its noun (`plan.rs` beside `plan/`), open it with `//!`, and silence a lint with `#[expect(lint, reason = \"…\")]`.",
    reason: "Code is found without a search, absences cannot be read from code, and an excuse must go when its cause goes.",
    check,
};

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, rust) in workspace.rust_files() {
        if file.name() == "mod.rs" {
            violations.push(Violation::new(&file.path, 0, "the file is called `mod.rs`"));
        }
        if !file.text.starts_with("//!") {
            violations.push(Violation::new(&file.path, 1, "the file does not open with `//!`"));
        }
        let allows = rust.attributes.iter().filter(|attribute| attribute.applies("allow"));
        violations
            .extend(allows.map(|attribute| Violation::new(&file.path, attribute.line, "`#[allow]` is used")));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bites, *};

    #[test]
    fn a_well_laid_file_passes() {
        let text = "//! A noun.\n#[expect(dead_code, reason = \"allow is a word here\")]\n#[command(allow)]\nfn allow() {}";
        assert_eq!(bites(&RULE, &[("kits/meals/src/plan.rs", text), ("web/mod.ts", "")]), [""; 0]);
    }

    #[test]
    fn each_fault_fails() {
        let files = [
            ("a/src/plan/mod.rs", "//! A noun."),
            ("a/src/lib.rs", "mod plan;"),
            ("a/src/b.rs", "//! B.\n\n#[allow(dead_code)]\nfn b() {}"),
            ("a/src/c.rs", "//! C.\n#![cfg_attr(test, allow(dead_code))]"),
        ];
        assert_eq!(
            bites(&RULE, &files),
            ["a/src/plan/mod.rs:0", "a/src/lib.rs:1", "a/src/b.rs:3", "a/src/c.rs:2"]
        );
    }
}
