//! The workspace's own commands. It refuses to be shipped: nothing here runs in production.

mod bench;
mod cluster;
mod command;
mod coverage;
mod deploy;
mod guides;
mod new_kit;
mod prerequisites;
mod prove;
mod step;
mod test;
mod tidy;
mod up;

use std::{path::PathBuf, process::ExitCode};

use clap::{CommandFactory, Parser, Subcommand};

/// The workspace's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build everything, launch the example brand and serve at http://localhost:8080
    Up(up::Options),
    /// Run everything that proves the product: format, tidy, clippy, web, tests on both engines, browser
    #[command(visible_alias = "ci")]
    Test(test::Options),
    /// Measure a claimed figure, beside its target, the durability and the data behind it
    Bench(bench::Options),
    /// Break the release server on purpose, five hundred times, and look at what is left
    Prove(prove::Options),
    /// Write a small, whole kit to begin with, and enter it in every list of the house
    NewKit(new_kit::Options),
    /// Follow docs/guides literally, in a copy of the workspace
    Guides(guides::Options),
    /// Check the house rules that a program can check
    Tidy {
        /// Print a rule's reason instead of checking
        #[arg(long, value_name = "RULE")]
        explain: Option<String>,
        /// Print every rule instead of checking
        #[arg(long, conflicts_with = "explain")]
        list: bool,
        /// Enter new migrations in the list of those that must not change any more
        #[arg(long, conflicts_with_all = ["explain", "list"])]
        accept_migrations: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Nobody branches on these errors: they are printed once and become the exit code.
fn run(task: Task) -> Result<(), Box<dyn std::error::Error>> {
    match task {
        Task::Up(options) => up::run(&root(), &options)?,
        Task::Test(options) => test::run(&root(), command_names(), &options)?,
        Task::Guides(options) => {
            println!("guides: {}", guides::run(&root(), &test::target_folder(&root())?, &options)?);
        }
        Task::NewKit(options) => new_kit::run(&root(), &options)?,
        Task::Bench(options) => bench::run(&root(), &options)?,
        Task::Prove(options) => prove::run(&root(), &options)?,
        Task::Tidy { explain: Some(rule), .. } => tidy::explain(&rule)?,
        Task::Tidy { list: true, .. } => tidy::list(),
        Task::Tidy { accept_migrations: true, .. } => {
            println!("tidy: entered {} new migrations", tidy::accept_migrations(&root())?);
        }
        Task::Tidy { .. } => println!("tidy: {}", tidy::check(&root(), command_names())?),
    }
    Ok(())
}

/// The workspace root, known since the build.
fn root() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("xtask lies in the workspace root").to_owned()
}

/// Every name and alias a person may type after `cargo xtask`.
fn command_names() -> Vec<String> {
    let arguments = Arguments::command();
    let names = |command: &clap::Command| {
        let names = std::iter::once(command.get_name()).chain(command.get_all_aliases());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    arguments.get_subcommands().flat_map(names).collect()
}
