//! Files stay short enough to be held in a head.

use super::{Rule, Violation, workspace::Workspace};

pub(super) const RULE: Rule = Rule {
    name: "file-length",
    instead: "Split the file along its nouns; if it cannot be split yet, its reason stands in the shrinking list `LONG`.",
    reason: "What does not fit into a head is not reviewed.",
    check: |workspace| check(workspace, LONG),
};

/// Files over the limit, each with its reason. The list only shrinks: an entry no longer needed is a violation.
const LONG: &[(&str, &str)] = &[];

/// Extension and highest number of lines.
const LIMITS: &[(&str, usize)] = &[(".rs", 600), (".svelte", 300)];

fn check(workspace: &Workspace, long: &[(&str, &str)]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut needed = Vec::new();
    for file in &workspace.files {
        let Some((_, limit)) = LIMITS.iter().find(|(extension, _)| file.path.ends_with(extension)) else {
            continue;
        };
        let count = file.text.lines().count();
        if count <= *limit {
            continue;
        }
        if long.iter().any(|(path, _)| *path == file.path) {
            needed.push(file.path.as_str());
        } else {
            violations.push(Violation::new(&file.path, 0, format!("{count} lines, the limit is {limit}")));
        }
    }
    let stale = long.iter().filter(|(path, _)| !needed.contains(path));
    violations
        .extend(stale.map(|(path, _)| Violation::new(path, 0, "the entry in `LONG` is no longer needed")));
    violations
}

#[cfg(test)]
mod tests {
    use super::{super::sample::workspace, *};

    #[test]
    fn the_limit_itself_passes_and_one_more_line_fails() {
        for (path, limit) in [("a.rs", 600), ("web/a.svelte", 300)] {
            let lines = |count: usize| "\n".repeat(count);
            assert_eq!(check(&workspace(&[(path, &lines(limit))]), &[]), []);
            assert_eq!(check(&workspace(&[(path, &lines(limit + 1))]), &[]).len(), 1);
            assert_eq!(check(&workspace(&[(path, &lines(limit + 1))]), &[(path, "reason")]), []);
        }
        assert_eq!(check(&workspace(&[("notes.md", &"\n".repeat(900))]), &[]), []);
    }

    #[test]
    fn a_list_entry_that_is_not_needed_fails() {
        assert_eq!(check(&workspace(&[("a.rs", "")]), &[("a.rs", "reason")]).len(), 1);
        assert_eq!(check(&workspace(&[]), &[("gone.rs", "reason")]).len(), 1);
    }
}
