//! The command line.

mod admin;
mod audit;
mod backup;
mod doctor;
mod eject;
mod events;
mod jobs;
mod launch;
mod quota;

use crate::house;
use crate::installation::Installation;
use crate::ops;
use crate::serve;
use clap::{Args, Parser, Subcommand};
use slipway_framework::config::{Environment, LogFormat, SETTINGS, Settings};
use slipway_framework::db::undo_migrations;
use slipway_framework::module::{Assembly, Module};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Slipway launches white-label apps: brand in, live multi-tenant web app and signed Android app out.
#[derive(Debug, Parser)]
#[command(name = "slipway", version, after_help = after_help(), propagate_version = true)]
struct CommandLine {
    #[command(flatten)]
    overrides: Overrides,
    #[command(subcommand)]
    command: Command,
}

/// What the command line may say instead of the environment.
#[derive(Debug, Args)]
struct Overrides {
    /// Folder of the database and the stored files (SLIPWAY_DATA)
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The console's address; apps answer at its subdomains (SLIPWAY_PUBLIC_URL)
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<String>,
    /// Address and port of the server (SLIPWAY_LISTEN)
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Development: a missing secret is made and kept in the data folder (SLIPWAY_ENVIRONMENT)
    #[arg(long, global = true)]
    development: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console, every app and the API, until told to stop
    Serve,
    /// Launch the app of a brand file and write its Android packages, without a running server
    Launch(launch::Options),
    /// Check settings, database, statements and files, and say what is wrong
    Doctor,
    /// Bring the database's schema up to date and stop; `serve` does so by itself
    Migrate {
        /// Take the last N steps back instead, with all data in their tables; development only
        #[arg(long, value_name = "N")]
        undo: Option<usize>,
    },
    /// What only the person at the machine may do
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Find out whether anybody has changed the audit trail
    #[command(subcommand)]
    Audit(audit::Audit),
    /// See how far events have been acted on, and hand them over once more
    #[command(subcommand)]
    Events(events::Events),
    /// See what waits, what runs and what is dead, and do dead jobs once more
    #[command(subcommand)]
    Jobs(jobs::Jobs),
    /// Copy every row and every stored file into a new folder; a server may be running meanwhile
    ///
    /// The backup is one state of the whole installation. It appears under its name when it is whole and synced, and holds everything
    /// but the secret: keep SLIPWAY_SECRET somewhere else, because without it the signing keys in the backup cannot be opened.
    Backup(backup::Backup),
    /// Check a backup from end to end, and make an installation of it in an empty place
    ///
    /// The data folder must be empty, and so must the database, which may be of the other engine than the one the backup was made from.
    Restore(backup::Restore),
    /// Copy every row into the other kind of database, and compare what arrived; the server must be stopped
    Move(backup::Move),
    /// Take a copy of one app out into a data folder of its own, which a plain `slipway serve` runs
    ///
    /// Its users, brands, releases, signing key and unfinished work go along, and of its partner the name and the members with their
    /// passwords. Nothing of any other app does. The app stays here as well; delete it here when the other installation serves it.
    Eject(eject::Options),
    /// See how much of its quotas a partner uses, and allow it more or less
    #[command(subcommand)]
    Quota(quota::Quota),
    /// Print the description of the API (OpenAPI 3.1)
    Openapi,
    /// Write the dashboard, the alert rules and the runbooks below a folder, made from the program's own tables
    OpsFiles {
        /// The folder; `.` in the workspace
        folder: PathBuf,
        /// Where alerts link to runbooks: a folder, or the address that docs/ops is published at
        #[arg(long, value_name = "ADDRESS", default_value = "docs/ops")]
        runbooks: String,
    },
}

/// Reads the command line and does what it says.
#[must_use]
pub fn run() -> ExitCode {
    run_with([])
}

/// The same with more modules than the house has: what proves the house under faults and load brings its own.
#[must_use]
pub fn run_with(more: impl IntoIterator<Item = Module>) -> ExitCode {
    let assembly = Assembly::of(house::modules().into_iter().chain(more));
    let CommandLine { mut overrides, command } = CommandLine::parse();
    match &command {
        Command::Openapi => return openapi(&assembly),
        Command::OpsFiles { folder, runbooks } => return ops_files(&assembly, folder, runbooks),
        _ => {}
    }
    if let Command::Audit(audit) = &command {
        // Whoever checks a copy has no secret, and only production insists on one.
        overrides.development |= audit.needs_no_secret();
    }
    if let Command::Restore(options) = &command {
        overrides.development |= options.needs_no_secret();
    }
    let settings = match overrides.settings() {
        Ok(settings) => settings,
        Err(errors) => return failed(&errors),
    };
    log(&settings);
    match command {
        Command::Serve => {
            in_runtime(async { serve::serve(&settings, assembly).await.map_err(|error| error.to_string()) })
        }
        Command::Launch(options) => in_runtime(launch::run(&settings, assembly, &options)),
        Command::Admin(admin) => in_runtime(admin::run(&settings, assembly, &admin)),
        Command::Audit(audit) => in_runtime(audit::run(&settings, assembly, &audit)),
        Command::Jobs(jobs) => in_runtime(jobs::run(&settings, assembly, &jobs)),
        Command::Events(events) => in_runtime(events::run(&settings, assembly, &events)),
        Command::Backup(options) => in_runtime(backup::back_up(&settings, assembly, options)),
        Command::Restore(options) => in_runtime(backup::restore(&settings, assembly, options)),
        Command::Eject(options) => in_runtime(eject::run(&settings, assembly, options)),
        Command::Move(options) => in_runtime(backup::move_rows(&settings, assembly, options)),
        Command::Quota(quota) => in_runtime(quota::run(&settings, assembly, &quota)),
        Command::Doctor => in_runtime(doctor::run(&settings, assembly)),
        Command::Migrate { undo: Some(count) } => undo_migrations_of(&settings, &assembly, count),
        Command::Migrate { undo: None } => match Installation::open(&settings, assembly) {
            Ok(_) => {
                println!("The schema is up to date.");
                ExitCode::SUCCESS
            }
            Err(error) => failed(&error),
        },
        Command::Openapi => openapi(&assembly),
        Command::OpsFiles { folder, runbooks } => ops_files(&assembly, &folder, &runbooks),
    }
}

impl Overrides {
    fn settings(&self) -> Result<Settings, slipway_framework::config::ConfigErrors> {
        let data = self.data.as_ref().map(|data| data.display().to_string());
        let development = self.development.then(|| "development".to_owned());
        let given = [
            ("SLIPWAY_DATA", &data),
            ("SLIPWAY_PUBLIC_URL", &self.public_url),
            ("SLIPWAY_LISTEN", &self.listen),
            ("SLIPWAY_ENVIRONMENT", &development),
        ];
        Settings::with_overrides(&|name| {
            given.iter().find(|(known, _)| *known == name).and_then(|(_, value)| (*value).clone())
        })
    }
}

fn undo_migrations_of(settings: &Settings, assembly: &Assembly, count: usize) -> ExitCode {
    if settings.environment == Environment::Production {
        return failed(
            &"steps are taken back in development only, because their tables are dropped; restore a backup instead",
        );
    }
    match undo_migrations(&settings.location, &assembly.migrations(), count) {
        Ok(undone) => {
            undone.iter().for_each(|step| println!("taken back: {step}"));
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

fn openapi(assembly: &Assembly) -> ExitCode {
    match assembly.openapi().to_pretty_json() {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

fn ops_files(assembly: &Assembly, folder: &Path, runbooks: &str) -> ExitCode {
    for (path, text) in ops::ops_files(assembly, runbooks) {
        let path = folder.join(path);
        let into = path.parent().unwrap_or(folder);
        if let Err(error) = fs::create_dir_all(into).and_then(|()| fs::write(&path, text)) {
            return failed(&format!("{} cannot be written: {error}", path.display()));
        }
        println!("{}", path.display());
    }
    ExitCode::SUCCESS
}

fn in_runtime(work: impl Future<Output = Result<(), String>>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = runtime.map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(work));
    result.map_or_else(|error| failed(&error), |()| ExitCode::SUCCESS)
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("slipway: {error}");
    ExitCode::FAILURE
}

fn log(settings: &Settings) {
    let level = settings.log.parse().unwrap_or(tracing::Level::INFO);
    let lines = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).init(),
        LogFormat::Text => lines.with_target(false).init(),
    }
}

fn after_help() -> String {
    let mut text = "Settings, read from the environment:\n".to_owned();
    for setting in SETTINGS {
        let default =
            if setting.default.is_empty() { String::new() } else { format!(" [{}]", setting.default) };
        let _ = writeln!(text, "  {:<28} {}{default}", setting.name, setting.meaning);
    }
    text
}
