//! The proof `soak`: mixed work for a long time, and the process is no larger at its end than after its warm-up.
//!
//! People write, read and release at an even pace, so that minutes can be compared. Memory is what the process holds for itself
//! (`RssAnon` of proc(5)); mapped pages of a growing database file are the kernel's to take back, and are printed beside it. It
//! refuses to forget what the work left behind: that is judged as after a crash.

use crate::crash::{faults, open, settle};
use crate::data::{Files, look};
use crate::process::{House, Running};
use crate::random::Random;
use crate::workload::{Clock, Village};
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two looks at the process.
const SAMPLE: Duration = Duration::from_secs(5);
/// Between two writes of one person, and two readings.
const PACE: Duration = Duration::from_millis(100);
/// The part of the samples that is warm-up, and the parts that are compared: what follows it, and the last.
const WARM_UP: f64 = 0.25;
const COMPARED: f64 = 0.1;
/// How much memory may have grown.
const GROWTH: f64 = 1.05;

/// One look at the process.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    own_mb: f64,
    mapped_mb: f64,
    descriptors: f64,
}

/// What came of it, for people.
#[derive(Debug, Default)]
pub struct Outcome {
    pub answered: u64,
    pub read: u64,
    pub size: String,
    /// How memory and descriptors went.
    pub course: String,
    /// What must never be, in words. Empty is the proof.
    pub faults: Vec<String>,
}

/// Has people work for that long.
///
/// # Errors
/// When the server cannot be started or its data not be read: the proof could not be made.
pub async fn prove(house: &House, lasts: Duration, seed: u64, say: impl Fn(&str)) -> Result<Outcome, String> {
    let random = Random::new(seed);
    let running = house.start().await?;
    let village = Village::settle(house.port).await?.at_pace(PACE);
    let working = tokio::spawn({
        let (village, port, random) = (village.clone(), house.port, random.fork(1));
        // Nothing is compared with a clock here.
        let clock: Arc<Clock> = Arc::new(|| 0_usize);
        async move { village.work(port, 0, &random, &clock).await }
    });
    let reading = tokio::spawn({
        let (village, port, random) = (village.clone(), house.port, random.fork(2));
        async move { village.read(port, &random).await }
    });
    let samples = watch(&running, lasts, &say).await?;
    let judge = open(house).await?;
    running.stop().await?;
    let told = working.await.map_err(|error| error.to_string())?;
    let read = reading.await.map_err(|error| error.to_string())?;

    let running = house.start().await?;
    let again = village.ask_again(house.port, &told).await?;
    let mut outcome = Outcome { answered: told.answered(), read: read.answered, ..Outcome::default() };
    let undone = settle(&judge).await?;
    let left = look(&judge, &mut Files::of(&house.data())).await.map_err(|error| error.to_string())?;
    outcome.size = judge.size().await.map_err(|error| error.to_string())?;
    running.stop().await?;
    outcome.faults = faults(&told, &again, left);
    outcome.faults.extend(read.strange);
    outcome.faults.extend(undone);
    outcome.faults.extend(house.audit_faults()?);
    let (course, grown) = judged(&samples);
    outcome.course = course;
    outcome.faults.extend(grown);
    Ok(outcome)
}

async fn watch(running: &Running, lasts: Duration, say: &impl Fn(&str)) -> Result<Vec<Sample>, String> {
    let begun = Instant::now();
    let mut samples = Vec::new();
    let mut ticks = tokio::time::interval(SAMPLE.min(lasts / 20));
    while begun.elapsed() < lasts {
        ticks.tick().await;
        let sample =
            sample(running.id()).map_err(|error| format!("the server cannot be looked at: {error}"))?;
        samples.push(sample);
        if samples.len() % 60 == 0 {
            let Sample { own_mb, mapped_mb, descriptors } = sample;
            say(&format!(
                "  {} s: {own_mb:.1} MB of its own, {mapped_mb:.1} MB mapped, {descriptors} descriptors",
                begun.elapsed().as_secs()
            ));
        }
    }
    Ok(samples)
}

/// Reads proc(5).
fn sample(process: u32) -> std::io::Result<Sample> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let megabytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes =
            line.and_then(|line| line.trim_start_matches(':').split_whitespace().next()?.parse().ok());
        kilobytes.unwrap_or(0.0) / 1024.0
    };
    let descriptors = u32::try_from(fs::read_dir(format!("/proc/{process}/fd"))?.count()).unwrap_or(u32::MAX);
    Ok(Sample {
        own_mb: megabytes("RssAnon"),
        mapped_mb: megabytes("RssFile"),
        descriptors: descriptors.into(),
    })
}

/// How it went in words, and what has grown.
fn judged(samples: &[Sample]) -> (String, Vec<String>) {
    let part = |share: f64| (samples.len() as f64 * share).round() as usize;
    let compared = part(COMPARED).max(1);
    let (first, last) =
        (samples.iter().skip(part(WARM_UP)).take(compared), samples.iter().rev().take(compared));
    let median = |values: Vec<f64>| {
        let mut values = values;
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    let pick = |pick: fn(&Sample) -> f64| {
        (median(first.clone().map(pick).collect()), median(last.clone().map(pick).collect()))
    };
    let (own, mapped, descriptors) =
        (pick(|sample| sample.own_mb), pick(|sample| sample.mapped_mb), pick(|sample| sample.descriptors));
    let course = format!(
        "memory of its own {:.1} → {:.1} MB ({:+.1} %), mapped {:.1} → {:.1} MB, descriptors {} → {}; medians of {compared} of {} samples",
        own.0,
        own.1,
        (own.1 / own.0 - 1.0) * 100.0,
        mapped.0,
        mapped.1,
        descriptors.0,
        descriptors.1,
        samples.len()
    );
    let mut grown = Vec::new();
    if own.1 > own.0 * GROWTH {
        grown.push(format!("memory has grown by more than {:.0} %", (GROWTH - 1.0) * 100.0));
    }
    if descriptors.1 > descriptors.0 {
        grown.push("descriptors have grown".to_owned());
    }
    (course, grown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(own_mb: fn(f64) -> f64, descriptors: fn(f64) -> f64) -> Vec<Sample> {
        let sample = |at: f64| Sample { own_mb: own_mb(at), mapped_mb: at, descriptors: descriptors(at) };
        (0..100).map(|at| sample(f64::from(at))).collect()
    }

    #[test]
    fn what_grows_after_the_warm_up_is_found() {
        let flat = judged(&samples(|_| 50.0, |_| 30.0));
        assert_eq!(flat.1, [""; 0]);
        let warming = judged(&samples(|at| if at < 25.0 { at } else { 50.0 }, |at| at.min(25.0)));
        assert_eq!(warming.1, [""; 0], "{}", warming.0);
        let peaks = judged(&samples(|at| if at % 10.0 == 0.0 { 90.0 } else { 50.0 }, |_| 30.0));
        assert_eq!(peaks.1, [""; 0], "{}", peaks.0);
        let leaking = judged(&samples(|at| 50.0 + at / 10.0, |_| 30.0));
        assert_eq!(leaking.1, ["memory has grown by more than 5 %"], "{}", leaking.0);
        let opening = judged(&samples(|_| 50.0, |at| (at / 20.0).floor()));
        assert_eq!(opening.1, ["descriptors have grown"], "{}", opening.0);
    }
}
