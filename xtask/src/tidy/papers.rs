//! Decision records are numbered and listed, and every figure names its command.

use super::{
    Rule, Violation,
    workspace::{File, Workspace},
};

pub(super) const RULE: Rule = Rule {
    name: "papers",
    instead: "Number records of `docs/adr` without gaps, open each with `# NNNN · decision`, list it in `docs/adr/README.md`, and name a `cargo xtask` command in each row of the README's figures.",
    reason: "A decision that is not listed is not found, and a figure that nobody can run is an advertisement.",
    check,
};

const FOLDER: &str = "docs/adr/";

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    let is_record = |file: &&File| file.path.starts_with(FOLDER) && file.name() != "README.md";
    let list = workspace.files.iter().find(|file| file.path == "docs/adr/README.md");
    for (number, file) in (1..).zip(workspace.files.iter().filter(is_record)) {
        let expected = format!("{number:04}");
        if !file.name().starts_with(&format!("{expected}-")) {
            violations.push(Violation::new(&file.path, 0, format!("the next number is {expected}")));
        }
        let written = file.name().split('-').next().unwrap_or_default();
        if !file.text.starts_with(&format!("# {written} · ")) {
            violations.push(Violation::new(
                &file.path,
                1,
                format!("the record does not open with `# {written} · `"),
            ));
        }
        if !list.is_some_and(|list| list.text.contains(&format!("[{written}]({})", file.name()))) {
            violations.push(Violation::new(
                &file.path,
                0,
                "the record is not listed in `docs/adr/README.md`",
            ));
        }
    }
    if let Some(readme) = workspace.files.iter().find(|file| file.path == "README.md") {
        violations.extend(figures(readme));
    }
    violations
}

fn figures(readme: &File) -> Vec<Violation> {
    let section = readme.lines().skip_while(|(_, line)| *line != "## Figures").skip(1);
    let section = section.take_while(|(_, line)| !line.starts_with("## "));
    let rows = section.filter(|(_, line)| line.starts_with('|')).skip(2);
    let idle = rows.filter(|(_, line)| !line.contains("`cargo xtask "));
    idle.map(|(number, _)| Violation::new(&readme.path, number, "the figure names no command")).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::sample::bites, *};

    const LIST: (&str, &str) = ("docs/adr/README.md", "[0001](0001-a.md) [0002](0002-b.md)");
    const FIRST: (&str, &str) = ("docs/adr/0001-a.md", "# 0001 · A");

    #[test]
    fn papers_in_order_pass() {
        let figures = "## Figures\n| what | command |\n|---|---|\n| a | `cargo xtask bench a` |\n## Unproven\n| b | c |\n| - | - |\n| d | e |\n";
        let files = [LIST, FIRST, ("docs/adr/0002-b.md", "# 0002 · B"), ("README.md", figures)];
        assert_eq!(bites(&RULE, &files), [""; 0]);
    }

    #[test]
    fn each_fault_fails() {
        let figures = "## Figures\n| what | command |\n|---|---|\n| a | believe us |\n";
        for (file, expected) in [
            (("docs/adr/0003-b.md", "# 0003 · B"), "docs/adr/0003-b.md:0 docs/adr/0003-b.md:0"),
            (("docs/adr/0002-b.md", "# B"), "docs/adr/0002-b.md:1"),
            (("docs/adr/0002-c.md", "# 0002 · C"), "docs/adr/0002-c.md:0"),
            (("README.md", figures), "README.md:4"),
        ] {
            assert_eq!(bites(&RULE, &[LIST, FIRST, file]).join(" "), expected);
        }
    }
}
