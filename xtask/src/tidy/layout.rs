//! Files are named and opened the house's way.

use super::{Rule, Violation, workspace::Workspace};

pub(super) const RULE: Rule = Rule {
    name: "layout",
    instead: "Call the file after its noun (`plan.rs` beside `plan/`), open it with `//!` (a crate's says what it refuses), and silence a lint with `#[expect(lint, reason = \"…\")]`.",
    reason: "Code is found without a search, absences cannot be read from code, and an excuse must go when its cause goes.",
    check,
};

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in &workspace.files {
        if file.path.split('/').any(|part| matches!(part, "ee" | "enterprise")) {
            violations.push(Violation::new(&file.path, 0, "there is no paid part of this program"));
        }
    }
    for (file, rust) in workspace.rust_files() {
        if file.name() == "mod.rs" {
            violations.push(Violation::new(&file.path, 0, "the file is called `mod.rs`"));
        }
        if !file.text.starts_with("//!") {
            violations.push(Violation::new(&file.path, 1, "the file does not open with `//!`"));
        }
        let is_crate =
            workspace.packages.iter().any(|package| file.path == format!("{}/src/lib.rs", package.folder));
        let head: String = file.text.lines().take_while(|line| line.starts_with("//!")).collect();
        if is_crate && !head.contains("refuse") {
            violations.push(Violation::new(&file.path, 1, "the crate does not say what it refuses"));
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
            ("enterprise/prices.md", ""),
            ("a/src/plan/mod.rs", "//! A noun."),
            ("a/src/lib.rs", "//! It does everything."),
            ("a/src/d.rs", "mod plan;"),
            ("a/src/b.rs", "//! B.\n\n#[allow(dead_code)]\nfn b() {}"),
            ("a/src/c.rs", "//! C.\n#![cfg_attr(test, allow(dead_code))]"),
        ];
        assert_eq!(
            bites(&RULE, &files),
            [
                "enterprise/prices.md:0",
                "a/src/plan/mod.rs:0",
                "a/src/lib.rs:1",
                "a/src/d.rs:1",
                "a/src/b.rs:3",
                "a/src/c.rs:2"
            ]
        );
    }
}
