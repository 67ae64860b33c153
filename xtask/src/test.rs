//! `cargo xtask test`: everything that proves the product, step by step, with one table at the end.
//!
//! What it hands to the tests stands in their environment: `SLIPWAY_TEST_POSTGRES_URL` (a superuser's connection),
//! `SLIPWAY_JUDGES` (a folder with judges from the registries), `SLIPWAY_TEST_PYTHON` (the interpreter in it),
//! `SLIPWAY_SQL_TOUCHED` (see `coverage`), and
//! `SLIPWAY_TEST_SERVER` (the built server, for the browser tests).
//!
//! It refuses to hide a step: what is left out is named with its reason, and one failure makes the whole run fail.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::{
    cluster::Cluster,
    command::{self, CommandError},
    coverage, deploy, guides, prerequisites,
    step::{Outcome, StepResult, Steps},
    tidy,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Run without PostgreSQL, the judge tools, the oracle and a browser
    #[arg(long)]
    embedded_only: bool,
    /// Run the tests of one database engine only
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    /// Run this step only; may be repeated
    #[arg(long, value_enum, value_name = "STEP")]
    only: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// rustfmt
    Format,
    /// House rules
    Tidy,
    /// Clippy, warnings are errors
    Clippy,
    /// Web: install, lint, type check, unit tests, build, size budget
    Web,
    /// Rust tests on the chosen engines, and their SQL coverage
    Rust,
    /// The committed API description is the server's
    Openapi,
    /// The guides, followed in a copy of the workspace
    Guides,
    /// The files of deploy, by the linters of their trades
    Deploy,
    /// End-to-end tests in a browser against the real server
    Browser,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum TestError {
    #[error("--engine postgres and --embedded-only contradict each other; drop one")]
    Contradiction,
    #[error("failed steps: {0}; their messages stand above")]
    Steps(usize),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("`cargo metadata` printed something unexpected: {0}")]
    Metadata(#[from] serde_json::Error),
}

/// The parts of test paths that need more than the embedded engines.
const BEYOND_EMBEDDED: [&str; 5] = ["postgres::", "judges::", "oracle::", "chromium::", "s3::"];

/// Scripts of `web/package.json`, in the order they prove things.
const WEB_SCRIPTS: [(&str, &str); 5] = [
    ("web lint", "lint"),
    ("web types", "check"),
    ("web unit tests", "test"),
    ("web build", "build"),
    ("web size budget", "budget"),
];

/// Runs the chosen steps and prints the summary.
pub(crate) fn run(root: &Path, commands: Vec<String>, options: &Options) -> Result<(), TestError> {
    if options.embedded_only && options.engine == Some(Engine::Postgres) {
        return Err(TestError::Contradiction);
    }
    let mut steps = Steps::default();
    let target = target_folder(root)?;
    let compilers = || Ok(Outcome::Done(prerequisites::check_compilers(root)?));
    if steps.run("prerequisites", compilers) {
        if options.wants(Step::Format) {
            steps.run("format", || cargo(root, &["fmt", "--all", "--check"]));
        }
        if options.wants(Step::Tidy) {
            steps.run("tidy", || Ok(Outcome::Done(tidy::check(root, commands)?)));
        }
        if options.wants(Step::Clippy) {
            let arguments = ["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"];
            steps.run("clippy", || cargo(root, &arguments));
        }
        let web_is_whole = !options.wants(Step::Web) || web(root, &mut steps);
        let needs_packages = options.wants(Step::Rust) || options.wants(Step::Browser);
        let packages = || {
            if options.embedded_only {
                return Ok(Outcome::Skipped("--embedded-only".to_owned()));
            }
            Ok(Outcome::Done(prerequisites::ensure_packages(root, options.engine != Some(Engine::Sqlite))?))
        };
        let has_packages = needs_packages && steps.run("packages", packages);
        if options.wants(Step::Rust) && has_packages {
            rust(root, &target, options, &mut steps);
        }
        if options.wants(Step::Openapi) {
            steps.run("openapi", || openapi(root, &target));
        }
        if options.wants(Step::Guides) {
            let all = guides::Options { names: Vec::new() };
            steps.run("guides", || Ok(Outcome::Done(guides::run(root, &target, &all)?)));
        }
        if options.wants(Step::Deploy) {
            steps.run("deploy", || match options.embedded_only {
                true => Ok(Outcome::Skipped("--embedded-only".to_owned())),
                false => deploy::run(root, &target),
            });
        }
        if options.wants(Step::Browser) && has_packages {
            steps.run("browser", || match web_is_whole {
                true => browser(root, &target, options),
                false => Ok(Outcome::Skipped("a web step failed".to_owned())),
            });
        }
    }
    print!("{}", steps.summary());
    match steps.failures() {
        0 => Ok(()),
        count => Err(TestError::Steps(count)),
    }
}

impl Options {
    fn wants(&self, step: Step) -> bool {
        self.only.is_empty() || self.only.contains(&step)
    }

    /// The engines whose tests run.
    fn engines(&self) -> Vec<&'static str> {
        match self.engine {
            Some(Engine::Sqlite) => vec!["sqlite"],
            Some(Engine::Postgres) => vec!["postgres"],
            None if self.embedded_only => vec!["sqlite"],
            None => vec!["sqlite", "postgres"],
        }
    }

    /// The parts of test paths that are left out.
    fn skips(&self) -> Vec<&'static str> {
        let mut skips = if self.embedded_only { BEYOND_EMBEDDED.to_vec() } else { Vec::new() };
        match self.engine {
            Some(Engine::Sqlite) if !self.embedded_only => skips.push("postgres::"),
            Some(Engine::Postgres) => skips.push("sqlite::"),
            _ => {}
        }
        skips
    }
}

/// The Rust tests with what they need around them. The cluster stops when this function returns.
fn rust(root: &Path, target: &Path, options: &Options, steps: &mut Steps) {
    let mut judges = None;
    let ensure_judges = || {
        if options.embedded_only {
            return Ok(Outcome::Skipped("--embedded-only".to_owned()));
        }
        let found = prerequisites::ensure_judges(root, target)?;
        let note = found.folder.display().to_string();
        judges = Some(found);
        Ok(Outcome::Done(note))
    };
    let has_judges = steps.run("judges", ensure_judges);
    let mut cluster = None;
    let has_postgres = !options.engines().contains(&"postgres")
        || steps.run("postgres", || {
            cluster = Some(Cluster::start(root)?);
            Ok(Outcome::Done(
                "a throw-away cluster with fsync=off; durability is not what it proves".to_owned(),
            ))
        });
    if !has_judges || !has_postgres {
        return;
    }
    let touched = target.join("sql-touched");
    let tests = || {
        coverage::clean(&touched)?;
        let runs = test_commands(root).map(|mut command| {
            command.args(options.skips().iter().flat_map(|part| ["--skip", part]));
            command.env("SLIPWAY_SQL_TOUCHED", &touched).env_remove("SLIPWAY_TEST_POSTGRES_URL");
            // The same cases at every run: a red run must mean a change, and exploring is done on purpose, with another seed.
            if !command::is_set("PROPTEST_RNG_SEED") {
                command.env("PROPTEST_RNG_SEED", "20261121");
            }
            if let Some(cluster) = &cluster {
                command.env("SLIPWAY_TEST_POSTGRES_URL", cluster.url());
            }
            if let Some(judges) = &judges {
                command.env("SLIPWAY_TEST_PYTHON", &judges.python).env("SLIPWAY_JUDGES", &judges.folder);
            }
            command
        });
        let mut lines = Vec::new();
        for mut command in runs {
            let (said, ended) = command::tee(&mut command);
            ended?;
            lines.extend(said);
        }
        if command::find("cargo-nextest").is_some() {
            let examples = ["test", "--workspace", "--doc"];
            let (documentation, ended) = command::tee(command::new("cargo", root).args(examples));
            ended?;
            lines.extend(documentation);
        }
        let skips = match options.skips().join(", ") {
            none if none.is_empty() => none,
            parts => format!(", without {parts}"),
        };
        Ok(Outcome::Done(format!("{} passed{skips}", passed(&lines))))
    };
    let all_passed = steps.run("rust tests", tests);
    steps.run("sql coverage", || match all_passed {
        true => Ok(coverage::check(&touched, &options.engines())?),
        false => Ok(Outcome::Skipped("the tests failed".to_owned())),
    });
}

/// `cargo nextest` if it is there, because it runs test binaries side by side; otherwise `cargo test`. Nextest leaves
/// out the examples in the documentation, so they run after it. The second run is of a program with a violation built into it.
fn test_commands(root: &Path) -> [std::process::Command; 2] {
    let whole = ["--workspace"].as_slice();
    let planted = ["--package", "slipway-proof", "--features", "planted", "--test", "walls"].as_slice();
    [whole, planted].map(|what| {
        let mut command = command::new("cargo", root);
        match command::find("cargo-nextest") {
            Some(_) => command.args(["nextest", "run"]),
            None => command.arg("test"),
        };
        command.args(what).args(["--no-fail-fast", "--"]);
        command
    })
}

/// How many tests passed, from nextest's summary line or from all result lines of `cargo test`.
fn passed(lines: &[String]) -> u64 {
    let results = lines.iter().filter(|line| {
        let line = line.trim_start();
        line.starts_with("Summary [") || line.starts_with("test result:")
    });
    results.filter_map(|line| line.split(" passed").next()?.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

/// The web steps; tells whether none failed.
fn web(root: &Path, steps: &mut Steps) -> bool {
    let folder = root.join("web");
    if !folder.join("package.json").exists() {
        return steps.run("web", || Ok(Outcome::Skipped("there is no web/package.json".to_owned())));
    }
    let npm = |arguments: &[&str]| done(command::run(command::new("npm", &folder).args(arguments)));
    let mut is_whole = steps.run("web install", || npm(&["ci", "--no-audit", "--no-fund"]));
    if is_whole {
        for (title, script) in WEB_SCRIPTS {
            is_whole &= steps.run(title, || npm(&["run", script]));
        }
    }
    is_whole
}

/// Builds the server as the tests do, so that what they have built is used again: built alone, its dependencies would have other
/// features and be compiled once more.
fn server(root: &Path, target: &Path) -> Result<PathBuf, CommandError> {
    command::run(command::new("cargo", root).args(["build", "--workspace", "--bins", "--tests"]))?;
    Ok(target.join("debug/slipway"))
}

fn openapi(root: &Path, target: &Path) -> StepResult {
    const COMMITTED: &str = "web/packages/api/openapi.json";
    let committed = root.join(COMMITTED);
    if !root.join("server/Cargo.toml").exists() || !committed.exists() {
        return Ok(Outcome::Skipped(format!("the server or {COMMITTED} does not exist")));
    }
    let current = command::output(command::new(&server(root, target)?, root).arg("openapi"))?;
    if fs::read_to_string(&committed)?.trim() == current.trim() {
        Ok(Outcome::Done(format!("{COMMITTED} is the server's")))
    } else {
        Err(format!(
            "{COMMITTED} is out of date; write it anew with `cargo run --package slipway-server -- openapi > {COMMITTED}`"
        )
        .into())
    }
}

fn browser(root: &Path, target: &Path, options: &Options) -> StepResult {
    let manifest = fs::read_to_string(root.join("web/package.json")).unwrap_or_default();
    let has_tests =
        serde_json::from_str::<Value>(&manifest).is_ok_and(|web| web["scripts"]["e2e"].is_string());
    if options.embedded_only {
        return Ok(Outcome::Skipped("--embedded-only".to_owned()));
    }
    if !root.join("server/Cargo.toml").exists() || !has_tests {
        return Ok(Outcome::Skipped(
            "the server or the script `e2e` of web/package.json does not exist".to_owned(),
        ));
    }
    let web = root.join("web");
    // The step `web` has done both when the whole list runs; alone, this step must not meet an older build.
    if !options.wants(Step::Web) {
        command::run(command::new("npm", &web).args(["ci", "--no-audit", "--no-fund"]))?;
        command::run(command::new("npm", &web).args(["run", "build"]))?;
    }
    let server = server(root, target)?;
    done(command::run(command::new("npm", &web).args(["run", "e2e"]).env("SLIPWAY_TEST_SERVER", server)))
}

fn cargo(root: &Path, arguments: &[&str]) -> StepResult {
    done(command::run(command::new("cargo", root).args(arguments)))
}

fn done(ended: Result<(), CommandError>) -> StepResult {
    ended?;
    Ok(Outcome::Done(String::new()))
}

/// Cargo's target folder, wherever the environment put it.
pub(crate) fn target_folder(root: &Path) -> Result<PathBuf, TestError> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1"];
    let metadata = command::output(command::new("cargo", root).args(arguments))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    Ok(metadata["target_directory"].as_str().map_or_else(|| root.join("target"), PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(embedded_only: bool, engine: Option<Engine>) -> Options {
        Options { embedded_only, engine, only: Vec::new() }
    }

    #[test]
    fn options_choose_engines_and_say_what_is_left_out() {
        let cases: [(Options, &[&str], &[&str]); 5] = [
            (options(false, None), &["sqlite", "postgres"], &[]),
            (options(true, None), &["sqlite"], &BEYOND_EMBEDDED),
            (options(false, Some(Engine::Sqlite)), &["sqlite"], &["postgres::"]),
            (options(true, Some(Engine::Sqlite)), &["sqlite"], &BEYOND_EMBEDDED),
            (options(false, Some(Engine::Postgres)), &["postgres"], &["sqlite::"]),
        ];
        for (options, engines, skips) in cases {
            assert_eq!(
                (options.engines(), options.skips()),
                (engines.to_vec(), skips.to_vec()),
                "{options:?}"
            );
        }
    }

    #[test]
    fn contradicting_options_are_refused() {
        let options = options(true, Some(Engine::Postgres));
        assert!(matches!(run(Path::new("/"), Vec::new(), &options), Err(TestError::Contradiction)));
    }

    #[test]
    fn steps_are_chosen_by_name_or_all() {
        let all = options(false, None);
        let some = Options { only: vec![Step::Tidy, Step::Web], ..options(false, None) };
        assert!(all.wants(Step::Rust));
        assert!(some.wants(Step::Web) && !some.wants(Step::Rust));
    }

    #[test]
    fn passed_tests_are_counted_for_both_runners() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let nextest = "     Summary [   0.10s] 44 tests run: 42 passed (1 slow), 2 failed, 3 skipped";
        assert_eq!(passed(&lines(nextest)), 42);
        let libtest =
            "test a ... ok\ntest result: ok. 41 passed; 0 failed\n\ntest result: ok. 3 passed; 0 failed";
        assert_eq!(passed(&lines(libtest)), 44);
        assert_eq!(passed(&lines("nothing passed")), 0);
    }
}
