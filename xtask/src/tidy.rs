//! House rules a program can check. Each rule is a pure function from the checkout to violations.
//!
//! It refuses to fix anything, and to know what the compiler, rustfmt or clippy already check.

mod banned_sql;
mod dependencies;
mod evidence;
mod file_length;
mod honesty;
mod layout;
mod links;
mod manifest;
mod migrations;
mod own_tables;
mod papers;
mod purity;
mod root_column;
mod rust;
mod size;
mod sql;
mod sql_home;
mod web;
mod wire;
mod workspace;

use std::path::Path;

use workspace::{Workspace, WorkspaceError};

/// A house rule.
struct Rule {
    name: &'static str,
    /// What to do instead of the violation, as one sentence.
    instead: &'static str,
    /// Why the rule exists.
    reason: &'static str,
    check: fn(&Workspace) -> Vec<Violation>,
}

/// A place where a rule is broken.
#[derive(Debug, PartialEq, Eq)]
struct Violation {
    path: String,
    /// Counted from 1; 0 speaks of the whole file or crate.
    line: usize,
    what: String,
}

const RULES: &[Rule] = &[
    dependencies::RULE,
    sql_home::RULE,
    own_tables::RULE,
    banned_sql::RULE,
    root_column::RULE,
    migrations::RULE,
    manifest::RULE,
    purity::RULE,
    file_length::RULE,
    layout::RULE,
    honesty::RULE,
    wire::RULE,
    web::RULE,
    papers::RULE,
    links::RULE,
    evidence::RULE,
    size::RULE,
];

#[derive(Debug, thiserror::Error)]
pub(crate) enum TidyError {
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    #[error("house rule violations: {0}; each rule above says what to do instead")]
    Untidy(usize),
    #[error("no rule is called `{0}`; `cargo xtask tidy --list` names them all")]
    UnknownRule(String),
}

/// Checks the checkout at `root`, prints every violation, and fails if there is one. Gives what was checked.
pub(crate) fn check(root: &Path, commands: Vec<String>) -> Result<String, TidyError> {
    let workspace = Workspace::read(root, commands)?;
    let mut count = 0;
    for rule in RULES {
        let violations = (rule.check)(&workspace);
        for Violation { path, line, what } in &violations {
            match line {
                0 => println!("{path}: {what}"),
                _ => println!("{path}:{line}: {what}"),
            }
        }
        if !violations.is_empty() {
            println!("  {}: {}\n", rule.name, rule.instead);
        }
        count += violations.len();
    }
    match count {
        0 => Ok(format!("{} rules, {} files", RULES.len(), workspace.files.len())),
        _ => Err(TidyError::Untidy(count)),
    }
}

/// Enters new migrations in the list of those that must not change; gives how many.
pub(crate) fn accept_migrations(root: &Path) -> Result<usize, TidyError> {
    Ok(migrations::accept(root, &Workspace::read(root, Vec::new())?)?)
}

/// Prints every rule's name and what it asks for.
pub(crate) fn list() {
    for rule in RULES {
        println!("{:<14} {}", rule.name, rule.instead);
    }
}

/// Prints a rule's reason.
pub(crate) fn explain(name: &str) -> Result<(), TidyError> {
    let found = RULES.iter().find(|rule| rule.name == name);
    let rule = found.ok_or_else(|| TidyError::UnknownRule(name.to_owned()))?;
    println!("{}\n\nWhy: {}", rule.instead, rule.reason);
    Ok(())
}

impl Violation {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

/// What the rules' tests share.
#[cfg(test)]
mod sample {
    pub(super) use super::workspace::sample::*;
    use super::*;

    /// The violations a rule finds in planted files, as `path:line`.
    pub(super) fn bites(rule: &Rule, files: &[(&str, &str)]) -> Vec<String> {
        let violations = (rule.check)(&workspace(files));
        violations.iter().map(|violation| format!("{}:{}", violation.path, violation.line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rules_have_distinct_names_and_whole_sentences() {
        let names: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        for rule in RULES {
            for sentence in [rule.instead, rule.reason] {
                assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{}", rule.name);
            }
        }
    }

    #[test]
    fn an_unknown_rule_is_refused() {
        assert!(matches!(explain("nothing"), Err(TidyError::UnknownRule(_))));
    }
}
