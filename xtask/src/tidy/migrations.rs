//! A migration that was committed stays what it was.
//!
//! `xtask/migrations.lock` holds a sum of each. It refuses to accept a changed one: only files that are not in it yet are added.

use std::{fs, io, path::Path};

use super::{
    Rule, Violation, sql,
    workspace::{Workspace, WorkspaceError},
};

pub(super) const RULE: Rule = Rule {
    name: "migrations",
    instead: "Write a new migration instead of changing one, and enter new ones with `cargo xtask tidy --accept-migrations`.",
    reason: "An installation that ran the old text refuses to start with the new one, and a fresh one would get another schema than all others.",
    check,
};

const LOCK: &str = "xtask/migrations.lock";

fn check(workspace: &Workspace) -> Vec<Violation> {
    let lock = workspace.files.iter().find(|file| file.path == LOCK);
    let locked: Vec<(usize, &str, &str)> =
        lock.into_iter().flat_map(|file| file.lines()).filter_map(entry).collect();
    let mut violations = Vec::new();
    for migration in committed(workspace) {
        let what = match locked.iter().find(|(_, path, _)| *path == migration.path) {
            None => "the migration is not in `xtask/migrations.lock` yet",
            Some((_, _, sum)) if *sum != sum_of(migration.text) => {
                "the migration was changed after it was entered"
            }
            Some(_) => continue,
        };
        violations.push(Violation::new(migration.path, 0, what));
    }
    let is_there = |path: &str| committed(workspace).any(|migration| migration.path == path);
    let gone = locked.iter().filter(|(_, path, _)| !is_there(path));
    violations.extend(gone.map(|(line, path, _)| {
        Violation::new(LOCK, *line, format!("`{path}` is gone, and installations have run it"))
    }));
    violations
}

/// Every migration that an installation runs; those of a kit's template are none yet.
fn committed(workspace: &Workspace) -> impl Iterator<Item = sql::Sql<'_>> {
    sql::migrations(workspace).filter(|migration| !migration.path.starts_with("xtask/"))
}

/// Enters migrations that are not in the list; gives how many.
pub(super) fn accept(root: &Path, workspace: &Workspace) -> Result<usize, WorkspaceError> {
    let failed = |source: io::Error| WorkspaceError::Read { path: LOCK.to_owned(), source };
    let text = match fs::read_to_string(root.join(LOCK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(failed)?,
    };
    let known = |path: &str| (1..).zip(text.lines()).filter_map(entry).any(|(_, known, _)| known == path);
    let new: Vec<String> = committed(workspace)
        .filter(|migration| !known(migration.path))
        .map(|migration| format!("{} {}", sum_of(migration.text), migration.path))
        .collect();
    let mut lines: Vec<&str> = text.lines().chain(new.iter().map(String::as_str)).collect();
    lines.sort_by_key(|line| line.split_once(' ').map(|(_, path)| path));
    let lines: String = lines.iter().flat_map(|line| [*line, "\n"]).collect();
    fs::write(root.join(LOCK), lines).map_err(failed)?;
    Ok(new.len())
}

fn entry((number, line): (usize, &'_ str)) -> Option<(usize, &'_ str, &'_ str)> {
    line.split_once(' ').map(|(sum, path)| (number, path, sum))
}

/// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): enough to notice an accident, and it needs no crate.
fn sum_of(text: &str) -> String {
    let sum = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{sum:016x}")
}

#[cfg(test)]
mod tests {
    use super::{
        super::sample::{bites, workspace},
        *,
    };

    const FIRST: (&str, &str) = ("kits/a/migrations/0001.sql", "CREATE TABLE a (b uuid);");

    #[test]
    fn sums_are_those_of_the_definition() {
        // The test vectors of the authors: the empty text, `a` and `foobar`.
        for (text, sum) in
            [("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8")]
        {
            assert_eq!(sum_of(text), sum);
        }
    }

    #[test]
    fn entered_migrations_stay_what_they_were() {
        let folder = std::env::temp_dir().join(format!("slipway-lock-{}", std::process::id()));
        fs::create_dir_all(folder.join("xtask")).unwrap();
        assert_eq!(accept(&folder, &workspace(&[FIRST])).unwrap(), 1);
        let lock = fs::read_to_string(folder.join(LOCK)).unwrap();
        assert_eq!(bites(&RULE, &[FIRST, (LOCK, &lock)]), [""; 0]);
        let changed = (FIRST.0, "CREATE TABLE a (b uuid, c text);");
        assert_eq!(bites(&RULE, &[changed, (LOCK, &lock)]), ["kits/a/migrations/0001.sql:0"]);
        assert_eq!(accept(&folder, &workspace(&[changed])).unwrap(), 0, "a changed one is not accepted");
        assert_eq!(fs::read_to_string(folder.join(LOCK)).unwrap(), lock);
        let second = ("kits/a/migrations/0002.sql", "CREATE INDEX c ON a (b);");
        assert_eq!(bites(&RULE, &[FIRST, second, (LOCK, &lock)]), ["kits/a/migrations/0002.sql:0"]);
        assert_eq!(bites(&RULE, &[(LOCK, &lock)]), ["xtask/migrations.lock:1"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
