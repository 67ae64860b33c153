//! Every SQL statement has been executed by a test, on every engine that was tested.
//!
//! The format, under `target/sql-touched/` (its path is in `SLIPWAY_SQL_TOUCHED` while the tests run): `all.txt`
//! lists all statements, and each file in `sqlite/` and `postgres/` lists statements some test process executed.
//! A line is `module::NAME`; order and repetition mean nothing.
//!
//! It refuses to guess: a name that is touched but not listed is an error like a name that is listed but not touched.

use std::{collections::BTreeSet, fs, io, path::Path};

use crate::step::Outcome;

#[derive(Debug, thiserror::Error)]
pub(crate) enum CoverageError {
    #[error("{}", .0.join("\n"))]
    Gaps(Vec<String>),
    #[error("cannot read {path}: {source}")]
    Read { path: String, source: io::Error },
}

/// Forgets earlier runs.
pub(crate) fn clean(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Compares what the tests executed on each engine with all statements.
pub(crate) fn check(folder: &Path, engines: &[&str]) -> Result<Outcome, CoverageError> {
    if !folder.exists() {
        return Ok(Outcome::Skipped("no test recorded the statements it executed".to_owned()));
    }
    let all = names(&folder.join("all.txt"))?;
    let mut gaps = Vec::new();
    for engine in engines {
        let mut touched = BTreeSet::new();
        let files = folder.join(engine);
        if files.exists() {
            for entry in fs::read_dir(&files).map_err(|source| read_error(&files, source))? {
                touched.extend(names(&entry.map_err(|source| read_error(&files, source))?.path())?);
            }
        }
        gaps.extend(compare(engine, &all, &touched));
    }
    match gaps.len() {
        0 => Ok(Outcome::Done(format!(
            "all {} statements were executed on {}",
            all.len(),
            engines.join(" and ")
        ))),
        count => {
            gaps.insert(
                0,
                format!("statements not covered: {count}; write the test that needs each, or delete it"),
            );
            Err(CoverageError::Gaps(gaps))
        }
    }
}

fn compare(engine: &str, all: &BTreeSet<String>, touched: &BTreeSet<String>) -> Vec<String> {
    let never = all.difference(touched).map(|name| format!("{engine}: {name} was never executed"));
    let unknown = touched.difference(all).map(|name| format!("{engine}: {name} is not listed in all.txt"));
    never.chain(unknown).collect()
}

fn names(file: &Path) -> Result<BTreeSet<String>, CoverageError> {
    let text = fs::read_to_string(file).map_err(|source| read_error(file, source))?;
    Ok(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn read_error(path: &Path, source: io::Error) -> CoverageError {
    CoverageError::Read { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder under the system's temporary folder, cleaned before and after the test.
    fn with_files(name: &str, files: &[(&str, &str)], test: impl FnOnce(&Path)) {
        let folder = std::env::temp_dir().join(format!("slipway-coverage-{}-{name}", std::process::id()));
        clean(&folder).unwrap();
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        test(&folder);
        clean(&folder).unwrap();
    }

    #[test]
    fn statements_touched_on_every_engine_pass() {
        let files = [
            ("all.txt", "plan::ADD\nplan::FIND\n"),
            ("sqlite/1", "plan::ADD\n"),
            ("sqlite/2", "plan::FIND\nplan::ADD\n"),
            ("postgres/1", "plan::FIND\nplan::ADD\nplan::ADD\n"),
        ];
        with_files("whole", &files, |folder| {
            assert!(matches!(check(folder, &["sqlite", "postgres"]), Ok(Outcome::Done(_))));
        });
    }

    #[test]
    fn each_gap_is_named_with_its_engine() {
        let files = [("all.txt", "plan::ADD\nplan::FIND\n"), ("sqlite/1", "plan::ADD\nplan::GONE\n")];
        with_files("gaps", &files, |folder| {
            let Err(CoverageError::Gaps(gaps)) = check(folder, &["sqlite", "postgres"]) else {
                panic!("no gaps")
            };
            assert_eq!(
                gaps[1..],
                [
                    "sqlite: plan::FIND was never executed",
                    "sqlite: plan::GONE is not listed in all.txt",
                    "postgres: plan::ADD was never executed",
                    "postgres: plan::FIND was never executed",
                ]
            );
            assert!(check(folder, &["sqlite"]).is_err());
        });
    }

    #[test]
    fn records_without_the_list_fail_and_no_records_skip() {
        with_files("listless", &[("sqlite/1", "plan::ADD\n")], |folder| {
            assert!(matches!(check(folder, &["sqlite"]), Err(CoverageError::Read { .. })));
        });
        with_files("none", &[], |folder| {
            assert!(matches!(check(folder, &["sqlite"]), Ok(Outcome::Skipped(_))));
        });
    }
}
