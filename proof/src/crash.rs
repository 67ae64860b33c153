//! The proof `crash`: the server is killed at random moments under mixed writes, and what it had answered is there.
//!
//! SIGKILL leaves the page cache to the kernel, so this proves that nothing is half-written and nothing forgotten by the program;
//! that what was answered is on the disk is proved by [`power_cut`](crate::power_cut).

use crate::data::{Files, Judge, Left, look};
use crate::process::House;
use crate::random::Random;
use crate::workload::{Clock, Told, Village};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long a server works before it is killed, in milliseconds, at least and at most.
const WORK_MS: (u64, u64) = (20, 400);
/// And as much more in one round of so many, so that a launch and a build end as well.
const LONG_WORK: (u64, u64) = (10, 1_500);
/// One start in so many is killed before it is ready.
const EARLY_PERCENT: u64 = 10;
/// The whole audit trail is verified once in so many rounds, and at the end.
const AUDIT_ROUNDS: u64 = 25;
/// How long the first answer may take.
const FIRST_ANSWER: Duration = Duration::from_secs(30);
/// How long what is still to be done may take: a job whose worker was killed waits for its lease to run out.
const SETTLING: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_millis(200);

/// What came of it, for people.
#[derive(Debug, Default)]
pub struct Outcome {
    pub rounds: u64,
    pub answered: u64,
    pub open: u64,
    pub refused: u64,
    pub size: String,
    /// How many jobs were given up, and told to be, because their workers were killed at every try.
    pub given_up: String,
    /// What must never be, in words. Empty is the proof.
    pub faults: Vec<String>,
}

/// Kills the server `rounds` times and looks each time; ends at the first round with a fault, so that its data can be looked at.
///
/// # Errors
/// When the server cannot be started or its data not be read: the proof could not be made.
pub async fn prove(house: &House, rounds: u64, seed: u64, say: impl Fn(&str)) -> Result<Outcome, String> {
    let mut random = Random::new(seed);
    let running = house.start().await?;
    let village = Village::settle(house.port).await?;
    running.kill()?;
    let mut outcome = Outcome::default();
    let mut files = Files::of(&house.data());
    for round in 1..=rounds {
        if random.percent(EARLY_PERCENT) {
            house.start_and_kill(Duration::from_millis(random.below(60))).await?;
        }
        let running = house.start().await?;
        let work_ms = WORK_MS.0 + random.below(WORK_MS.1 - WORK_MS.0);
        let work_ms = if round % LONG_WORK.0 == 0 { work_ms + LONG_WORK.1 } else { work_ms };
        let heard = Arc::new(Notify::new());
        let working = tokio::spawn({
            let (village, port, random) = (village.clone(), house.port, random.fork(round));
            let clock = clock(&heard);
            async move { village.work(port, round, &random, &clock).await }
        });
        first_answer(&heard).await;
        tokio::time::sleep(Duration::from_millis(work_ms)).await;
        running.kill()?;
        let told = working.await.map_err(|error| error.to_string())?;

        let running = house.start().await?;
        let again = village.ask_again(house.port, &told).await?;
        let judge = open(house).await?;
        let left = look(&judge, &mut files).await.map_err(|error| error.to_string())?;
        running.kill()?;
        outcome.rounds = round;
        outcome.answered += told.answered();
        outcome.open += told.open.len() as u64;
        outcome.refused += told.refused.len() as u64;
        outcome.faults = faults(&told, &again, left);
        if round % AUDIT_ROUNDS == 0 {
            outcome.faults.extend(house.audit_faults()?);
        }
        if !outcome.faults.is_empty() {
            return Ok(outcome);
        }
        if round % 25 == 0 {
            say(&format!("  {round} of {rounds} kills, {} writes answered, nothing wrong", outcome.answered));
        }
    }
    let running = house.start().await?;
    let judge = open(house).await?;
    outcome.faults = settle(&judge).await?;
    outcome.faults.extend(look(&judge, &mut files).await.map_err(|error| error.to_string())?.faults);
    outcome.size = judge.size().await.map_err(|error| error.to_string())?;
    outcome.given_up = judge.given_up().await.map_err(|error| error.to_string())?;
    running.kill()?;
    outcome.faults.extend(house.audit_faults()?);
    Ok(outcome)
}

/// A crash needs no time, because what was answered before the kill was answered before it; but it is told that something was.
pub(crate) fn clock(heard: &Arc<Notify>) -> Arc<Clock> {
    let heard = heard.clone();
    Arc::new(move || {
        heard.notify_one();
        0
    })
}

/// Waits until somebody was answered, so that a slow machine proves as much as a quick one.
pub(crate) async fn first_answer(heard: &Notify) {
    // A server that answers nobody is found out by what comes after.
    let _late = tokio::time::timeout(FIRST_ANSWER, heard.notified()).await;
}

/// Opens another eye on the server's data.
pub(crate) async fn open(house: &House) -> Result<Judge, String> {
    let judge = match house.postgres() {
        Some(url) => Judge::postgres(url).await,
        None => Judge::sqlite(&house.data()),
    };
    judge.map_err(|error| error.to_string())
}

/// Waits until everything that was to be done is done; says what is not.
pub(crate) async fn settle(judge: &Judge) -> Result<Vec<String>, String> {
    let begun = Instant::now();
    loop {
        let undone = judge.undone().await.map_err(|error| error.to_string())?;
        if undone.is_empty() || begun.elapsed() > SETTLING {
            return Ok(undone);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What was told and is not so.
pub(crate) fn faults(told: &Told, again: &[(String, String)], left: Left) -> Vec<String> {
    let mut faults = left.faults;
    faults.extend(told.strange.iter().cloned());
    for (title, id) in told.made.iter().map(|(_, made)| made).chain(again) {
        match left.titles.get(title).map(Vec::as_slice) {
            Some([only]) if only == id => {}
            other => faults.push(format!("`{title}` was answered as {id}, and there is {other:?}")),
        }
    }
    let refused: HashSet<_> = told.refused.iter().filter(|title| left.titles.contains_key(*title)).collect();
    faults.extend(refused.into_iter().map(|title| format!("`{title}` was refused and is there")));
    let lost = told.logos.iter().map(|(_, hash)| hash).filter(|hash| !left.logos.contains(hash.as_str()));
    faults.extend(lost.map(|hash| format!("the logo {hash} was kept and is gone")));
    let lost = told.apps.iter().map(|(_, app)| app).filter(|app| !left.apps.contains(app.as_str()));
    faults.extend(lost.map(|app| format!("the app {app} was launched and is gone")));
    let lost = told.releases.iter().map(|(_, id)| id).filter(|id| !left.releases.contains(id.as_str()));
    faults.extend(lost.map(|id| format!("the release {id} was made and is gone")));
    faults
}
