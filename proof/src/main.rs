//! `slipway-proof`: see `slipway-proof --help`. It is run by `cargo xtask prove`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use slipway_proof::power_cut::{self, Durability, Trouble};
use slipway_proof::{House, bench, crash, isolation, soak, upgrade};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Proves what the server promises, by breaking it.
#[derive(Debug, Parser)]
#[command(name = "slipway-proof")]
struct CommandLine {
    #[command(subcommand)]
    proof: Proof,
}

#[derive(Debug, Subcommand)]
enum Proof {
    /// Measure what a request costs, beside PocketBase when its program is given
    Bench {
        #[command(flatten)]
        setting: Setting,
        #[arg(long, value_name = "PROGRAM")]
        peer: Option<PathBuf>,
    },
    /// Measure what an insert through the database port costs beside the same statements written by hand; on PostgreSQL
    BenchDatabase(Setting),
    /// Kill the server at random moments under mixed writes
    Crash(Setting),
    /// Let two tenants ask for everything that is the other's
    Isolation {
        #[command(flatten)]
        setting: Setting,
        /// The house has no wall left, so something must cross, or the proof is blind; the tenants move in with this program
        #[arg(long, value_name = "PROGRAM")]
        without_walls: Option<PathBuf>,
    },
    /// Cut the power at random moments: lose everything of SQLite and the files that was not synced
    PowerCut {
        #[command(flatten)]
        setting: Setting,
        /// How much the server syncs; with less than full the cuts must lose something, or the proof is blind
        #[arg(long, value_enum, default_value_t = Sync::Full)]
        sync: Sync,
        /// What the disk does besides
        #[arg(long, value_enum, default_value_t = Disk::Good)]
        disk: Disk,
    },
    /// Have people work at an even pace for a long time, and look at memory and descriptors
    Soak {
        #[command(flatten)]
        setting: Setting,
        #[arg(long, default_value_t = 30)]
        minutes: u64,
    },
    /// Make data with an older program, and read it with the house's
    Upgrade {
        #[command(flatten)]
        setting: Setting,
        #[arg(long, value_name = "PROGRAM")]
        older: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sync {
    Full,
    Normal,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Disk {
    Good,
    /// It is full for a while
    Full,
    /// Each sync takes 50 ms more
    Slow,
}

#[derive(Debug, Args)]
struct Setting {
    /// The server to break: one with the module `records` in it
    #[arg(long, value_name = "PROGRAM")]
    house: PathBuf,
    /// An empty folder for its data, on the kind of disk that is to be proved
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// An empty PostgreSQL database, as its owner; without it the data is in SQLite
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    #[arg(long, default_value_t = 500)]
    rounds: u64,
    /// Chance is drawn from it
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let CommandLine { proof } = CommandLine::parse();
    let result = match proof {
        Proof::Bench { setting, peer } => bench(&setting, peer.as_deref()).await,
        Proof::BenchDatabase(setting) => bench_database(&setting).await,
        Proof::Crash(setting) => crash(&setting).await,
        Proof::Isolation { setting, without_walls } => isolation(&setting, without_walls.as_deref()).await,
        Proof::PowerCut { setting, sync, disk } => power_cut(&setting, sync, disk).await,
        Proof::Soak { setting, minutes } => soak(&setting, minutes).await,
        Proof::Upgrade { setting, older } => upgrade(&setting, &older).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("slipway-proof: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn bench(setting: &Setting, peer: Option<&Path>) -> Result<(), String> {
    let house = House::new(&setting.house, &setting.folder, setting.postgres.as_deref());
    let house = house.map_err(|error| error.to_string())?;
    let lines = bench::measure(&house, &setting.folder, peer, |line| println!("{line}")).await?;
    lines.iter().for_each(|line| println!("{line}"));
    Ok(())
}

async fn bench_database(setting: &Setting) -> Result<(), String> {
    let house = House::new(&setting.house, &setting.folder, setting.postgres.as_deref());
    let house = house.map_err(|error| error.to_string())?;
    bench::database::measure(&house).await?.iter().for_each(|line| println!("{line}"));
    Ok(())
}

async fn crash(setting: &Setting) -> Result<(), String> {
    let house = House::new(&setting.house, &setting.folder, setting.postgres.as_deref());
    let house = house.map_err(|error| error.to_string())?;
    let outcome = crash::prove(&house, setting.rounds, setting.seed, |line| println!("{line}")).await?;
    let crash::Outcome { rounds, answered, open, refused, size, given_up, faults } = outcome;
    println!(
        "{rounds} kills, {answered} writes answered, {open} left open and asked again, {refused} refused, {given_up} jobs given up and told so after five killed workers; {size}"
    );
    if faults.is_empty() {
        println!("0 half-written states, nothing lost, nothing done twice (seed {})", setting.seed);
        return Ok(());
    }
    let some: Vec<_> = faults.iter().take(20).map(String::as_str).collect();
    Err(format!(
        "{} faults in round {rounds} (seed {}):\n  {}",
        faults.len(),
        setting.seed,
        some.join("\n  ")
    ))
}

async fn soak(setting: &Setting, minutes: u64) -> Result<(), String> {
    let house = House::new(&setting.house, &setting.folder, setting.postgres.as_deref());
    let house = house.map_err(|error| error.to_string())?;
    let lasts = Duration::from_secs(minutes * 60);
    let outcome = soak::prove(&house, lasts, setting.seed, |line| println!("{line}")).await?;
    let soak::Outcome { answered, read, size, course, faults } = outcome;
    println!("{minutes} minutes, {answered} writes and {read} readings answered; {size}\n{course}");
    none_of(&faults, setting.seed)
}

async fn upgrade(setting: &Setting, older: &Path) -> Result<(), String> {
    let house = House::new(&setting.house, &setting.folder, setting.postgres.as_deref());
    let house = house.map_err(|error| error.to_string())?;
    let upgrade::Outcome { answered, compared, size, faults } =
        upgrade::prove(&house, older, setting.seed).await?;
    println!("{answered} writes answered by the older program, {compared} answers compared; {size}");
    none_of(&faults, setting.seed)
}

fn none_of(faults: &[String], seed: u64) -> Result<(), String> {
    if faults.is_empty() {
        println!("nothing wrong (seed {seed})");
        return Ok(());
    }
    let some: Vec<_> = faults.iter().take(20).map(String::as_str).collect();
    Err(format!("{} faults (seed {seed}):\n  {}", faults.len(), some.join("\n  ")))
}

async fn power_cut(setting: &Setting, sync: Sync, disk: Disk) -> Result<(), String> {
    if setting.postgres.is_some() {
        return Err("what PostgreSQL syncs is PostgreSQL's affair; leave --postgres out".to_owned());
    }
    let durability = match sync {
        Sync::Full => Durability::Full,
        Sync::Normal => Durability::Normal,
        Sync::Off => Durability::Off,
    };
    let trouble = match disk {
        Disk::Good => Trouble::Nothing,
        Disk::Full => Trouble::Full,
        Disk::Slow => Trouble::Slow,
    };
    let Setting { house, folder, rounds, seed, .. } = setting;
    let say = |line: &str| println!("{line}");
    let outcome = power_cut::prove(house, folder, *rounds, *seed, durability, trouble, say).await?;
    let power_cut::Outcome { cuts, answered, refused, size, losses } = outcome;
    println!("{cuts} cuts, {answered} answered writes looked for, {refused} refused; the last disk: {size}");
    let some = losses.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("\n  ");
    match (durability, losses.is_empty()) {
        (Durability::Full, true) => {
            println!("0 answered writes lost, no row without its file (seed {seed})");
            Ok(())
        }
        (Durability::Full, false) => Err(format!("something was lost (seed {seed}):\n  {some}")),
        (_, true) => {
            Err(format!("with {durability:?} nothing was lost, so the proof is blind (seed {seed})"))
        }
        (_, false) => {
            println!(
                "{} of the cuts lost something with {durability:?}, as they must:\n  {some}",
                losses.len()
            );
            Ok(())
        }
    }
}

async fn isolation(setting: &Setting, without_walls: Option<&Path>) -> Result<(), String> {
    let house = House::new(&setting.house, &setting.folder, setting.postgres.as_deref());
    let house = house.map_err(|error| error.to_string())?;
    let outcome = isolation::prove(
        &house,
        without_walls.unwrap_or(&setting.house),
        setting.rounds,
        setting.seed,
        |line| println!("{line}"),
    )
    .await?;
    let isolation::Outcome { asked, foreign, refused, size, crossings, strange } = outcome;
    println!(
        "{asked} questions, {foreign} of them about what is foreign, {refused} refused as too many; {size}"
    );
    let some = crossings.iter().take(10).map(String::as_str).collect::<Vec<_>>().join("\n  ");
    if let (None, Some(first)) = (without_walls, strange.first()) {
        return Err(format!("{} strange answers: {first}", strange.len()));
    }
    match (without_walls.is_some(), crossings.is_empty()) {
        (false, true) => println!("nothing crossed (seed {})", setting.seed),
        (false, false) => {
            return Err(format!("{} crossings (seed {}):\n  {some}", crossings.len(), setting.seed));
        }
        (true, true) => return Err("without a wall nothing crossed, so the proof is blind".to_owned()),
        (true, false) => {
            println!("{} crossings without a wall, as there must be:\n  {some}", crossings.len());
        }
    }
    Ok(())
}
