//! `cargo xtask prove`: the server's promises, by breaking the release server on purpose.
//!
//! What is broken and how it is looked at is the crate `slipway-proof`; the short forms run with the tests. It refuses to prove
//! anything about a disk that keeps nothing: its folder lies beside the build products, on a real one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use crate::{
    cluster::{Cluster, ClusterError},
    command::{self, CommandError},
    test::{self, TestError},
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What to prove
    proof: Proof,
    /// How often the server is broken, 500 times if nothing is said; how often the tenants ask, a million times
    #[arg(long)]
    rounds: Option<u64>,
    /// How long people work for the proof `soak`
    #[arg(long, default_value_t = 30)]
    minutes: u64,
    /// The commit whose program makes the data for the proof `upgrade`
    #[arg(long, value_name = "COMMIT", default_value = "HEAD^")]
    from: String,
    /// Chance is drawn from it
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Proof {
    /// Killed at random moments under mixed writes, nothing is half-written, lost or done twice; on both engines
    Crash,
    /// Two tenants ask for everything that is the other's, and nothing crosses; also with the database's wall alone
    Isolation,
    /// A power cut takes nothing that was answered, also with a full and with a slow disk; and would, if less were synced
    PowerCut,
    /// People work at an even pace for half an hour, and memory and descriptors stay where they were; on both engines
    Soak,
    /// What an older commit's program has written opens with this one and reads as it did; on both engines
    Upgrade,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ProveError {
    #[error(transparent)]
    Target(#[from] TestError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error("the folder of the proof cannot be emptied: {0}")]
    Io(#[from] std::io::Error),
}

/// Builds the release server and breaks it.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), ProveError> {
    let target = test::target_folder(root)?;
    command::run(command::new("cargo", root).args(["build", "--release", "--package", "slipway-proof"]))?;
    let prover = Prover { root, release: target.join("release"), folder: target.join("proof"), options };
    match options.proof {
        Proof::Crash => {
            prover.prove("crash", "SQLite", &[])?;
            let cluster = Cluster::start(root)?;
            prover.prove("crash", "PostgreSQL", &["--postgres", cluster.url()])?;
        }
        Proof::Isolation => {
            let planted = ["build", "--release", "--package", "slipway-proof", "--features", "planted"];
            command::run(command::new("cargo", root).args(planted))?;
            let (house, without) = (prover.release.join("slipway-proof-house"), "slipway-proof-planted");
            let house = house.display().to_string();
            prover.prove("isolation", "SQLite, where the program is the only wall", &[])?;
            let cluster = Cluster::start(root)?;
            prover.prove("isolation", "PostgreSQL", &["--postgres", cluster.url()])?;
            drop(cluster);
            let cluster = Cluster::start(root)?;
            let only_the_database = ["--postgres", cluster.url()];
            prover.prove_by(
                without,
                "isolation",
                "PostgreSQL, whose policies are the only wall",
                &only_the_database,
            )?;
            prover.prove_by(without, "isolation", "SQLite without a wall", &["--without-walls", &house])?;
        }
        Proof::PowerCut => {
            prover.prove("power-cut", "everything synced", &[])?;
            prover.prove("power-cut", "everything synced, the disk full for a while", &["--disk", "full"])?;
            prover.prove("power-cut", "everything synced, slowly", &["--disk", "slow"])?;
            prover.prove("power-cut", "synchronous = NORMAL", &["--sync", "normal"])?;
            prover.prove("power-cut", "nothing synced", &["--sync", "off"])?;
        }
        Proof::Soak => {
            let minutes = options.minutes.to_string();
            prover.prove("soak", "SQLite", &["--minutes", &minutes])?;
            let cluster = Cluster::start(root)?;
            prover.prove("soak", "PostgreSQL", &["--minutes", &minutes, "--postgres", cluster.url()])?;
        }
        Proof::Upgrade => {
            let older = older(root, &target, &options.from)?.display().to_string();
            prover.prove("upgrade", "SQLite", &["--older", &older])?;
            let cluster = Cluster::start(root)?;
            prover.prove("upgrade", "PostgreSQL", &["--older", &older, "--postgres", cluster.url()])?;
        }
    }
    Ok(())
}

/// The program of another commit, built in a checkout and a target folder of its own.
fn older(root: &Path, target: &Path, commit: &str) -> Result<PathBuf, ProveError> {
    let (checkout, built) = (target.join("older/checkout"), target.join("older/target"));
    let place = checkout.display().to_string();
    // One that was left behind may be of another commit.
    let _absent = command::run(command::new("git", root).args(["worktree", "remove", "--force", &place]));
    command::run(command::new("git", root).args(["worktree", "add", "--detach", &place, commit]))?;
    // The pages are not read by this proof, and a server without them says so and serves.
    let mut build = command::new("cargo", &checkout);
    build.args(["build", "--release", "--package", "slipway-proof"]).env("CARGO_TARGET_DIR", &built);
    let ended = command::run(&mut build);
    command::run(command::new("git", root).args(["worktree", "remove", "--force", &place]))?;
    ended?;
    Ok(built.join("release/slipway-proof-house"))
}

struct Prover<'run> {
    root: &'run Path,
    release: PathBuf,
    folder: PathBuf,
    options: &'run Options,
}

impl Prover<'_> {
    fn prove(&self, proof: &str, how: &str, more: &[&str]) -> Result<(), ProveError> {
        self.prove_by("slipway-proof-house", proof, how, more)
    }

    fn prove_by(&self, house: &str, proof: &str, how: &str, more: &[&str]) -> Result<(), ProveError> {
        println!("\n{proof}: {how}");
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        fs::create_dir_all(&self.folder)?;
        let mut command = command::new(self.release.join("slipway-proof"), self.root);
        command.arg(proof).arg("--house").arg(self.release.join(house));
        command.arg("--folder").arg(&self.folder);
        let rounds = self.options.rounds.unwrap_or(match self.options.proof {
            Proof::Isolation => 1_000_000,
            Proof::Crash | Proof::PowerCut | Proof::Soak | Proof::Upgrade => 500,
        });
        command.args(["--rounds", &rounds.to_string(), "--seed", &self.options.seed.to_string()]);
        command::run(command.args(more))?;
        Ok(())
    }
}
