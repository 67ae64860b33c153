//! Engines are values in, values out.

use super::{
    Rule, Violation,
    manifest::dependencies,
    workspace::{File, Workspace, is_within},
};

pub(super) const RULE: Rule = Rule {
    name: "purity",
    instead: "Take what the outside knows as an argument (bytes, a seed, an instant) and give back a value; reading, asking and storing are the caller's.",
    reason: "An engine without HTTP, SQL, clock and randomness is tested by a table of cases, runs in a browser, and gives the same bytes for the same inputs.",
    check,
};

/// What reaches outside. Paths of the standard library are looked for in the text of product code.
const PATHS: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::os",
    "SystemTime",
    "Instant::now",
    "std::io::stdin",
    "thread::sleep",
    "RandomState",
];

/// Crates that bring the outside along.
const CRATES: &[&str] = &[
    "axum",
    "getrandom",
    "hyper",
    "jiff",
    "object_store",
    "rand",
    "reqwest",
    "rusqlite",
    "tokio",
    "tokio-postgres",
    "tracing",
    "ureq",
];

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in workspace.files.iter().filter(|file| is_within(&file.path, "engines")) {
        if file.name() == "Cargo.toml" {
            let brought = dependencies(file).into_iter().filter(|edge| edge.section == "dependencies");
            let brought = brought.filter(|edge| CRATES.contains(&edge.name.as_str()));
            violations.extend(brought.map(|edge| {
                Violation::new(&file.path, edge.line, format!("an engine leans on `{}`", edge.name))
            }));
        }
        if is_product(file) {
            let code = file.lines().filter(|(_, line)| !line.trim_start().starts_with("//"));
            for (number, line) in code {
                if let Some(path) = PATHS.iter().find(|path| line.contains(*path)) {
                    violations.push(Violation::new(&file.path, number, format!("an engine uses `{path}`")));
                }
            }
        }
    }
    violations
}

/// `src` without its tests; a `tests` module inside a file is short and reads its fixtures by `include_bytes!`.
fn is_product(file: &File) -> bool {
    file.path.ends_with(".rs") && file.path.contains("/src/") && !file.is_test()
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bites, *};

    #[test]
    fn what_is_pure_or_a_test_passes() {
        let files = [
            ("engines/apk/src/zip.rs", "//! No std::fs here.\nuse std::collections::BTreeMap;"),
            ("engines/apk/src/zip/tests.rs", "use std::fs;"),
            ("engines/apk/tests/judges.rs", "use std::process::Command;"),
            (
                "engines/apk/Cargo.toml",
                "[dependencies]\nserde.workspace = true\n[dev-dependencies]\ntokio.workspace = true\n",
            ),
            ("platform/builder/src/lib.rs", "use std::fs;"),
        ];
        assert_eq!(bites(&RULE, &files), [""; 0]);
    }

    #[test]
    fn each_way_out_fails() {
        for path in PATHS {
            assert_eq!(
                bites(&RULE, &[("engines/apk/src/a.rs", &format!("\nuse {path};"))]),
                ["engines/apk/src/a.rs:2"]
            );
        }
        for name in CRATES {
            let manifest = format!("[dependencies]\n{name}.workspace = true\n");
            assert_eq!(bites(&RULE, &[("engines/apk/Cargo.toml", &manifest)]), ["engines/apk/Cargo.toml:2"]);
        }
    }
}
