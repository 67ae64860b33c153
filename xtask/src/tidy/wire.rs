//! Only wire types, events and job payloads derive `Serialize`.

use super::{
    Rule, Violation,
    workspace::{File, Workspace, is_within},
};

pub(super) const RULE: Rule = Rule {
    name: "wire",
    instead: "Give the noun a wire type in its `http.rs`, `events.rs`, `jobs.rs` or `wire.rs` and convert at that edge; engines never serialise.",
    reason: "A domain type that leaks to the wire can never change again.",
    check,
};

/// File names that are an edge, in services and kits.
const EDGES: &[&str] = &["http.rs", "events.rs", "jobs.rs", "wire.rs"];

/// Crates whose business is the edge, or that never reach it.
const EDGE_CRATES: &[&str] =
    &["platform/kernel", "platform/framework", "platform/testkit", "server", "xtask"];

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, rust) in workspace.rust_files().filter(|(file, _)| !may_serialise(file)) {
        let derives = rust.attributes.iter().filter(|attribute| {
            let serialises = attribute.words.iter().any(|word| word == "Serialize");
            attribute.applies("derive") && serialises && !attribute.in_test
        });
        violations.extend(derives.map(|attribute| {
            Violation::new(&file.path, attribute.line, "a type that is not a wire type derives `Serialize`")
        }));
    }
    violations
}

fn may_serialise(file: &File) -> bool {
    let is_edge = EDGES.contains(&file.name()) && !is_within(&file.path, "engines");
    is_edge || file.is_test() || EDGE_CRATES.iter().any(|folder| is_within(&file.path, folder))
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bites, *};

    const DERIVE: &str = "\n#[derive(Debug, Serialize)] struct A;";

    #[test]
    fn edges_may_serialise() {
        let files = [
            ("kits/meals/src/plan/http.rs", DERIVE),
            ("kits/meals/src/events.rs", DERIVE),
            ("kits/meals/src/plan/jobs.rs", DERIVE),
            ("platform/builder/src/build/wire.rs", DERIVE),
            ("platform/kernel/src/id.rs", DERIVE),
            ("platform/framework/src/page.rs", DERIVE),
            ("server/src/main.rs", DERIVE),
            ("engines/apk/tests/it.rs", DERIVE),
            (
                "kits/meals/src/plan.rs",
                "#[derive(Deserialize)] struct A; #[cfg(test)] mod t { #[derive(Serialize)] struct B; }",
            ),
        ];
        assert_eq!(bites(&RULE, &files), [""; 0]);
    }

    #[test]
    fn everything_else_may_not() {
        let files = [
            ("kits/meals/src/plan.rs", DERIVE),
            (
                "platform/tenancy/src/member/store.rs",
                "\n#[cfg_attr(feature = \"x\", derive(serde::Serialize))] struct A;",
            ),
            ("engines/apk/src/lib.rs", DERIVE),
            ("engines/apk/src/wire.rs", DERIVE),
        ];
        let found = bites(&RULE, &files);
        assert_eq!(found, files.map(|(path, _)| format!("{path}:2")));
    }
}
