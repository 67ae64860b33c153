//! The figure `server`: launches through the API, logins, memory afterwards, and cold starts on the data they left.
//!
//! It runs the release server on free ports of this machine with its data beside the build products, on a real disk. It
//! refuses to switch the rate limits off: every client says an address of its own through a proxy the server trusts.

mod member;
mod process;

use std::{
    fs, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::{
    command,
    step::{Outcome, StepResult, Steps},
};

use super::samples::{Samples, Target};
use member::Member;
use process::Server;

const DURABILITY: &str = "SQLite WAL, synchronous=FULL, group commit; object files fsynced";
const PARTNERS: usize = 20;
const LAUNCHES: usize = 100;
/// So many of the launches are timed and their packages verified; the others only leave their traces in memory.
const TIMED_LAUNCHES: usize = 20;
const LOGINS: usize = 1_000;
const COLD_STARTS: usize = 5;
/// After which memory counts as idle.
const REST: Duration = Duration::from_mins(1);

/// Builds the server and measures it.
pub(super) fn measure(root: &Path, target: &Path, steps: &mut Steps) {
    let program = target.join("release/slipway");
    let folder = target.join("bench/server");
    let mut started = None;
    let mut members = Vec::new();
    let build = || {
        let arguments = ["build", "--release", "--package", "slipway-server", "--bin", "slipway"];
        command::run(command::new("cargo", root).args(arguments))?;
        Ok(Outcome::Done(String::new()))
    };
    let start = || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let (server, start_ms) = Server::start(&program, &folder)?;
        started = Some(server);
        Ok(Outcome::Done(format!("{start_ms:.0} ms until ready, an empty folder; {DURABILITY}")))
    };
    if !steps.run("build", build) || !steps.run("first start", start) {
        return;
    }
    let server = started.expect("a step that did not fail has started the server");
    steps.run("sign-ups", || {
        for number in 0..PARTNERS {
            members.push(Member::sign_up(server.port, number)?);
        }
        Ok(Outcome::Done(format!("{PARTNERS} partners")))
    });
    steps.run("logins", || logins(&mut members, &folder));
    let has_launched = steps.run("launches", || launches(root, &mut members, &folder));
    steps.run("memory", || memory(&server, if has_launched { LAUNCHES } else { 0 }, &folder));
    drop(server);
    steps.run("cold starts", || cold_starts(&program, &folder));
}

fn logins(members: &mut [Member], folder: &Path) -> StepResult {
    let mut times_ms = Vec::with_capacity(LOGINS);
    for number in 0..LOGINS {
        let index = number % members.len().max(1);
        let member = members.get_mut(index).ok_or("nobody has signed up")?;
        let start = Instant::now();
        member.sign_in(number)?;
        times_ms.push(milliseconds(start));
    }
    let samples = Samples::new(times_ms).ok_or("nobody signed in")?;
    Ok(Outcome::Done(format!("{samples}; one after the other, Argon2id at its floor; {}", data(folder)?)))
}

fn launches(root: &Path, members: &mut [Member], folder: &Path) -> StepResult {
    let logo = fs::read(root.join("examples/verde/logo.svg"))?;
    let mut times_ms = Vec::new();
    let mut void = 0;
    for number in 0..LAUNCHES {
        let index = number % members.len().max(1);
        let member = members.get_mut(index).ok_or("nobody has signed up")?;
        let brand = member.brand(&logo)?;
        let start = Instant::now();
        let apk = member.launch(number, &brand)?;
        let time_ms = milliseconds(start);
        if number >= TIMED_LAUNCHES {
            continue;
        }
        let file = folder.join("launched.apk");
        fs::write(&file, apk)?;
        match command::output(command::new("apksigner", root).arg("verify").arg(&file)) {
            Ok(_) => times_ms.push(time_ms),
            Err(error) => {
                println!("  launch {number} is VOID: {error}");
                void += 1;
            }
        }
    }
    let samples = Samples::new(times_ms).ok_or("every launch was void")?;
    let verdict = Target::AtMost(1_000.0).judge(samples.median_ms());
    let data = data(folder)?;
    Ok(Outcome::Done(format!("{samples}, {verdict}; {void} of {TIMED_LAUNCHES} void; {DURABILITY}; {data}")))
}

fn memory(server: &Server, launches: usize, folder: &Path) -> StepResult {
    let busy_mb = server.resident_mb()?;
    println!("  {busy_mb:.1} MB resident right after the work; the same again in {} s", REST.as_secs());
    thread::sleep(REST);
    let idle_mb = server.resident_mb()?;
    let verdict = Target::AtMost(100.0).judge(idle_mb);
    let data = data(folder)?;
    Ok(Outcome::Done(format!(
        "{idle_mb:.1} MB resident at rest, {verdict}; after {LOGINS} logins and {launches} launches; {data}"
    )))
}

fn cold_starts(program: &Path, folder: &Path) -> StepResult {
    let mut times_ms = Vec::new();
    for _ in 0..COLD_STARTS {
        times_ms.push(Server::start(program, folder)?.1);
    }
    let samples = Samples::new(times_ms).ok_or("there was no start")?;
    let verdict = Target::AtMost(1_000.0).judge(samples.median_ms());
    Ok(Outcome::Done(format!("{samples}, {verdict}; {DURABILITY}; {}", data(folder)?)))
}

/// How much the server keeps, for people.
fn data(folder: &Path) -> io::Result<String> {
    let (files, bytes) = size(&folder.join("data"))?;
    #[expect(clippy::cast_precision_loss, reason = "a size for people, rounded to a tenth of a megabyte")]
    let megabytes = bytes as f64 / 1e6;
    Ok(format!("data {megabytes:.1} MB in {files} files"))
}

/// The number of files under a folder and their bytes.
fn size(folder: &Path) -> io::Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let (more_files, more_bytes) =
            if metadata.is_dir() { size(&entry.path())? } else { (1, metadata.len()) };
        files += more_files;
        bytes += more_bytes;
    }
    Ok((files, bytes))
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}
