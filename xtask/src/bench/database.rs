//! The figure `database`: what the database port costs beside the same statements written by hand with `tokio-postgres`.
//!
//! The load and the hand are the crate `slipway-proof`. It refuses a PostgreSQL that does not sync.

use std::{fs, path::Path};

use crate::{
    bench::samples::Target,
    cluster::Cluster,
    command,
    step::{Outcome, Steps},
};

pub(super) fn measure(root: &Path, target: &Path, steps: &mut Steps) {
    let (release, folder) = (target.join("release"), target.join("bench/database"));
    let build = || {
        command::run(command::new("cargo", root).args(["build", "--release", "--package", "slipway-proof"]))?;
        Ok(Outcome::Done(String::new()))
    };
    if !steps.run("build", build) {
        return;
    }
    steps.run("database", || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let cluster = Cluster::start_durable(root)?;
        let mut bench = command::new(release.join("slipway-proof"), root);
        bench.args(["bench-database", "--house"]).arg(release.join("slipway-proof-house"));
        let (lines, ended) =
            command::tee(bench.arg("--folder").arg(&folder).args(["--postgres", cluster.url()]));
        ended?;
        let ratio = lines.iter().find_map(|line| line.strip_prefix("the port / by hand: "));
        let ratio = ratio
            .and_then(|line| line.split(' ').next()?.parse().ok())
            .ok_or("the bench printed no ratio")?;
        let durability = "PostgreSQL with fsync and synchronous_commit on, row policies on, SERIALIZABLE";
        Ok(Outcome::Done(format!("{ratio:.2} ×, {}; {durability}", Target::AtMost(1.3).judge(ratio))))
    });
}
