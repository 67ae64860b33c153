//! Every crate's manifest says the same things the same way.

use super::{
    Rule, Violation,
    workspace::{File, Workspace},
};

pub(super) const RULE: Rule = Rule {
    name: "manifest",
    instead: "Take version, edition, license and every dependency from the workspace (`x.workspace = true`), and open `[lints]` with `workspace = true`.",
    reason: "A crate that forgets the lints is a hole in every ban of `clippy.toml`, and a version named twice is two versions one day.",
    check,
};

const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];

/// A line of a dependency table.
pub(super) struct Edge {
    pub(super) section: String,
    pub(super) name: String,
    pub(super) line: usize,
    is_inherited: bool,
}

/// The dependencies of a manifest, of whatever kind.
pub(super) fn dependencies(file: &File) -> Vec<Edge> {
    let mut section = "";
    let mut edges = Vec::new();
    for (line, text) in file.lines() {
        let text = text.trim();
        if let Some(name) = text.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if section.ends_with("dependencies") && !text.is_empty() && !text.starts_with('#') {
            let name = text.split(['.', ' ', '=']).next().unwrap_or_default().to_owned();
            let is_inherited = text.contains("workspace = true");
            edges.push(Edge { section: section.to_owned(), name, line, is_inherited });
        }
    }
    edges
}

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    let is_crate = |file: &&File| file.name() == "Cargo.toml" && file.text.contains("[package]");
    for file in workspace.files.iter().filter(is_crate) {
        let has = |line: &str| file.text.lines().any(|other| other == line);
        for key in INHERITED.iter().filter(|key| !has(&format!("{key}.workspace = true"))) {
            violations.push(Violation::new(&file.path, 0, format!("`{key}` is not the workspace's")));
        }
        if !file.text.contains("[lints]\nworkspace = true") {
            violations.push(Violation::new(&file.path, 0, "the workspace's lints are not taken"));
        }
        let own = dependencies(file).into_iter().filter(|edge| !edge.is_inherited);
        violations.extend(own.map(|edge| {
            Violation::new(&file.path, edge.line, format!("`{}` is not the workspace's", edge.name))
        }));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bites, *};

    const WHOLE: &str = "[package]\nname = \"slipway-a\"\nversion.workspace = true\nedition.workspace = true\nrust-version.workspace = true\n\
        license.workspace = true\npublish.workspace = true\n\n[dependencies]\nserde.workspace = true\n\
        tokio = { workspace = true, features = [\"fs\"] }\n\n[lints]\nworkspace = true\n";

    #[test]
    fn a_whole_manifest_passes() {
        assert_eq!(
            bites(&RULE, &[("a/Cargo.toml", WHOLE), ("Cargo.toml", "[workspace]\nmembers = []\n")]),
            [""; 0]
        );
    }

    #[test]
    fn each_fault_fails() {
        for (from, to, expected) in [
            ("license.workspace = true", "license = \"MIT\"", "a/Cargo.toml:0"),
            ("rust-version.workspace = true\n", "", "a/Cargo.toml:0"),
            ("[lints]\nworkspace = true\n", "", "a/Cargo.toml:0"),
            ("serde.workspace = true", "serde = \"1.0\"", "a/Cargo.toml:10"),
            (
                "[dependencies]\nserde.workspace = true",
                "[dev-dependencies]\nserde = { path = \"../b\" }",
                "a/Cargo.toml:10",
            ),
        ] {
            assert_eq!(bites(&RULE, &[("a/Cargo.toml", &WHOLE.replace(from, to))]), [expected], "{to}");
        }
    }
}
