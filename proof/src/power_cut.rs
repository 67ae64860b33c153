//! The proof `power-cut`: what was answered survives the loss of everything that was not synced.
//!
//! The real server runs with a library in front of the C library that writes down every change of its files (`shim/power_log.c`).
//! From that log the disk is worked out as a power cut at any moment could have left it, a server is started on it, and what had
//! been answered by then must be there. It refuses to trust itself: before the first cut the whole log must give exactly the files
//! that are there, and with less durability the same cuts must lose something.

mod disk;
mod log;

use crate::crash::{faults, first_answer, open};
use crate::data::{Files, look};
use crate::process::House;
use crate::random::Random;
use crate::workload::{Clock, Told, Village};
use disk::{Disk, Mercy};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How long a server works before its power is cut, in milliseconds, at least and at most.
const WORK_MS: (u64, u64) = (150, 500);
/// Cuts that are tried on one run.
const CUTS_OF_A_RUN: u64 = 10;

/// What of the server's promise is taken away, to show that the proof would see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    Full,
    Normal,
    Off,
}

/// What the disk does besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    Nothing,
    /// It is full for a while.
    Full,
    /// Each sync takes 50 ms more.
    Slow,
}

/// What came of it, for people.
#[derive(Debug, Default)]
pub struct Outcome {
    pub cuts: u64,
    pub answered: u64,
    pub refused: u64,
    pub size: String,
    /// Cuts that lost something, each with its first fault. Empty is the proof.
    pub losses: Vec<String>,
}

/// Cuts the power `cuts` times; ends at the first loss, unless less than full durability is looked at.
///
/// # Errors
/// When the proof could not be made: the shim not built, the server not started, the log not followed.
pub async fn prove(
    program: &Path,
    folder: &Path,
    cuts: u64,
    seed: u64,
    durability: Durability,
    trouble: Trouble,
    say: impl Fn(&str),
) -> Result<Outcome, String> {
    let shim = build_shim(folder)?;
    let mut outcome = Outcome::default();
    let mut run = 0;
    while outcome.cuts < cuts {
        run += 1;
        let place = folder.join(format!("run-{run}"));
        fs::create_dir_all(&place).map_err(|error| error.to_string())?;
        let ran = Ran::of(program, &shim, &place, Random::new(seed).fork(run), durability, trouble).await?;
        for cut in 0..CUTS_OF_A_RUN.min(cuts - outcome.cuts) {
            let loss = ran.cut(cut, &mut outcome).await?;
            outcome.cuts += 1;
            if let Some(loss) = loss {
                outcome.losses.push(format!("run {run}, cut {cut}: {loss}"));
                if durability == Durability::Full {
                    return Ok(outcome);
                }
            }
        }
        fs::remove_dir_all(&place).map_err(|error| error.to_string())?;
        if run % 5 == 0 {
            say(&format!(
                "  {} of {cuts} cuts, {} of them lost something",
                outcome.cuts,
                outcome.losses.len()
            ));
        }
    }
    Ok(outcome)
}

/// The library is built by the C compiler, which building the server needs anyway.
fn build_shim(folder: &Path) -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("shim/power_log.c");
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let library = folder.join("power_log.so");
    let built = std::process::Command::new("cc")
        .args(["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(source)
        .args(["-ldl", "-lpthread"])
        .output();
    let built = built.map_err(|error| format!("the C compiler `cc` cannot be run: {error}"))?;
    if built.status.success() {
        return Ok(library);
    }
    Err(format!("the shim cannot be built:\n{}", String::from_utf8_lossy(&built.stderr)))
}

/// A run of the server that was killed, its log, and what it had answered at which length of the log.
struct Ran {
    program: PathBuf,
    place: PathBuf,
    data: PathBuf,
    /// The disk before the first act of the log.
    before: Disk,
    acts: Vec<(log::Act, usize)>,
    /// The length of the log when people began to work.
    settled: usize,
    told: Told,
    random: Random,
}

impl Ran {
    async fn of(
        program: &Path,
        shim: &Path,
        place: &Path,
        mut random: Random,
        durability: Durability,
        trouble: Trouble,
    ) -> Result<Self, String> {
        let failed = |error: std::io::Error| error.to_string();
        let (log, full, slow) = (place.join("log"), place.join("full"), place.join("slow"));
        let sync = match durability {
            Durability::Full => "full",
            Durability::Normal => "normal",
            Durability::Off => "off",
        };
        let house = House::new(program, place, None).map_err(failed)?;
        let data = house.data();
        let house = house
            .with("LD_PRELOAD", &shim.display().to_string())
            .with("SLIPWAY_POWER_ROOT", &data.display().to_string())
            .with("SLIPWAY_POWER_LOG", &log.display().to_string())
            .with("SLIPWAY_POWER_FULL", &full.display().to_string())
            .with("SLIPWAY_POWER_SLOW", &slow.display().to_string())
            .with("SLIPWAY_DATABASE_SYNC", sync);
        fs::create_dir_all(&data).map_err(failed)?;
        let before = Disk::of(&data).map_err(failed)?;
        let running = house.start().await?;
        let village = Village::settle(house.port).await?;
        let settled = length(&log)?;
        if trouble == Trouble::Slow {
            fs::write(&slow, "").map_err(failed)?;
        }
        let heard = Arc::new(Notify::new());
        let working = tokio::spawn({
            let (port, random, log, heard) = (house.port, random.fork(1), log.clone(), heard.clone());
            let clock: Arc<Clock> = Arc::new(move || {
                heard.notify_one();
                length(&log).unwrap_or(usize::MAX)
            });
            async move { village.work(port, 1, &random, &clock).await }
        });
        first_answer(&heard).await;
        let work_ms = WORK_MS.0 + random.below(WORK_MS.1 - WORK_MS.0);
        if trouble == Trouble::Full {
            tokio::time::sleep(Duration::from_millis(work_ms)).await;
            fs::write(&full, "").map_err(failed)?;
            tokio::time::sleep(Duration::from_millis(work_ms)).await;
            fs::remove_file(&full).map_err(failed)?;
        }
        tokio::time::sleep(Duration::from_millis(work_ms)).await;
        running.kill()?;
        let told = working.await.map_err(|error| error.to_string())?;
        if !told.strange.is_empty() {
            let some: Vec<_> = told.strange.iter().take(5).map(String::as_str).collect();
            return Err(format!("{} strange answers:\n{}", told.strange.len(), some.join("\n")));
        }
        let acts = log::read(&fs::read(&log).map_err(failed)?).map_err(|error| error.to_string())?;
        let ran = Self {
            program: program.to_owned(),
            place: place.to_owned(),
            data,
            before,
            acts,
            settled,
            told,
            random,
        };
        // If the log missed anything, its whole would not give the files that are there.
        let mut whole = ran.before.clone();
        ran.acts.iter().try_for_each(|(act, _)| whole.follow(act))?;
        let differences = whole.differences().map_err(failed)?;
        // The kill may fall between an act and its record, and only one act is under way at a time.
        if differences.len() <= 1 { Ok(ran) } else { Err(differences.join("\n")) }
    }

    /// Cuts the power at a moment of chance, starts a server on what the disk has, and tells what is lost.
    async fn cut(&self, number: u64, outcome: &mut Outcome) -> Result<Option<String>, String> {
        let failed = |error: std::io::Error| error.to_string();
        let mut random = self.random.fork(100 + number);
        let first = self.acts.partition_point(|(_, length)| *length <= self.settled);
        let moment = first + random.index(self.acts.len() - first + 1);
        let length = moment.checked_sub(1).map_or(0, |last| self.acts[last].1);
        let mut disk = self.before.clone();
        self.acts[..moment].iter().try_for_each(|(act, _)| disk.follow(act))?;
        let mercy =
            [Mercy::None, Mercy::None, Mercy::Prefix, Mercy::Any, Mercy::Any, Mercy::All][random.index(6)];
        let place = self.place.join(format!("cut-{number}"));
        let house = House::new(&self.program, &place, None).map_err(failed)?;
        fs::create_dir_all(house.data()).map_err(failed)?;
        disk.cut(mercy, &mut random, &self.data, &house.data()).map_err(failed)?;

        let told = self.told.before(length);
        outcome.answered += told.answered();
        outcome.refused += told.refused.len() as u64;
        let faults = match house.start().await {
            // With the data gone the server may well not start.
            Err(error) => vec![error],
            Ok(running) => {
                let looked = judge(&house, &told).await;
                running.kill()?;
                // A database that cannot be read any more is as lost as one that does not open.
                let (size, faults) = looked.unwrap_or_else(|error| (String::new(), vec![error]));
                outcome.size = size;
                faults
            }
        };
        let loss = faults.first().map(|fault| {
            format!(
                "{} faults after a cut at act {moment} of {} ({mercy:?}): {fault}",
                faults.len(),
                self.acts.len()
            )
        });
        if loss.is_none() {
            fs::remove_dir_all(&place).map_err(failed)?;
        }
        Ok(loss)
    }
}

/// How much there is, and what of what was told is not there.
async fn judge(house: &House, told: &Told) -> Result<(String, Vec<String>), String> {
    let judge = open(house).await?;
    let left = look(&judge, &mut Files::of(&house.data())).await.map_err(|error| error.to_string())?;
    let size = judge.size().await.map_err(|error| error.to_string())?;
    Ok((size, faults(told, &[], left)))
}

fn length(log: &Path) -> Result<usize, String> {
    let metadata = fs::metadata(log).map_err(|error| format!("the shim wrote no log: {error}"))?;
    usize::try_from(metadata.len()).map_err(|error| error.to_string())
}
