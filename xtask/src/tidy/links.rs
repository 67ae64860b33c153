//! Documents point at files that exist, and name commands that exist.

use super::{
    Rule, Violation,
    workspace::{File, Workspace, is_within},
};

pub(super) const RULE: Rule = Rule {
    name: "links",
    instead: "Point the link at a file git knows, and name only commands that `cargo xtask --help` lists.",
    reason: "A reader who meets a dead link or a command that is gone stops trusting the rest.",
    check,
};

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in workspace.files.iter().filter(|file| file.path.ends_with(".md")) {
        check_links(workspace, file, &mut violations);
        if file.name() == "README.md" {
            check_commands(workspace, file, &mut violations);
        }
    }
    violations
}

fn check_links(workspace: &Workspace, file: &File, violations: &mut Vec<Violation>) {
    let mut in_code = false;
    for (number, line) in file.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code {
            continue;
        }
        for target in targets(line) {
            let exists = resolve(&file.path, target).is_some_and(|path| {
                path.is_empty() || workspace.files.iter().any(|other| is_within(&other.path, &path))
            });
            if !exists {
                violations.push(Violation::new(
                    &file.path,
                    number,
                    format!("the link `{target}` leads nowhere"),
                ));
            }
        }
    }
}

/// The relative targets of `[text](target)` and `[name]: target`, without anchors and titles.
fn targets(line: &str) -> Vec<&str> {
    let outside_code: Vec<&str> = line.split('`').step_by(2).collect();
    let is_code = |target: &str| !outside_code.iter().any(|part| part.contains(target));
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let reference = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target);
    inline
        .chain(reference)
        .filter(|target| !is_code(target))
        .filter_map(|target| target.split_whitespace().next())
        .map(|target| target.trim_matches(['<', '>']))
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty())
        .collect()
}

/// The target's path from the root, or `None` if it leaves the checkout.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut folders: Vec<&str> = match target.starts_with('/') {
        true => Vec::new(),
        false => from.split('/').rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect(),
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(folders.pop()?),
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

fn check_commands(workspace: &Workspace, file: &File, violations: &mut Vec<Violation>) {
    for (number, line) in file.lines() {
        for rest in line.split("cargo xtask ").skip(1) {
            let end = rest.find(|next: char| !next.is_ascii_lowercase() && next != '-').unwrap_or(rest.len());
            let command = &rest[..end];
            let is_name = command.starts_with(|first: char| first.is_ascii_lowercase());
            if is_name && !workspace.commands.iter().any(|known| known == command) {
                violations.push(Violation::new(
                    &file.path,
                    number,
                    format!("`cargo xtask {command}` does not exist"),
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sample::workspace, *};

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let mut sample = workspace(files);
        sample.commands = vec!["tidy".to_owned(), "test".to_owned()];
        check(&sample).into_iter().map(|violation| format!("{}:{}", violation.path, violation.line)).collect()
    }

    #[test]
    fn living_links_and_commands_pass() {
        let text = "[a](docs/b.md#part) [c](https://example.org/x) [d](#here) [e](docs) [f](./docs/b.md \"Title\")
            `[g](nowhere.md)` [h](mailto:a@b.example)\n```\n[i](nowhere.md)\n```\n`cargo xtask tidy`, `cargo xtask <command>`\n[j]: docs/b.md";
        let files =
            [("README.md", text), ("docs/b.md", "[up](../README.md) [root](/README.md) cargo xtask gone")];
        assert_eq!(found(&files), [""; 0]);
    }

    #[test]
    fn dead_links_and_commands_fail() {
        let files = [
            (
                "README.md",
                "[a](gone.md)\n[b](docs/gone.md#x)\n[c](../outside.md)\n[d]: gone.md\n`cargo xtask gone`",
            ),
            ("docs/b.md", "[a](README.md)"),
        ];
        assert_eq!(
            found(&files),
            ["README.md:1", "README.md:2", "README.md:3", "README.md:4", "README.md:5", "docs/b.md:1"]
        );
    }
}
