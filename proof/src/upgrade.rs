//! The proof `upgrade`: data made by an older program opens with this one, and reads as it did.
//!
//! Everything that people can read is read from the older server and from the newer one on the same data. A newer answer may say
//! more; what the older one said must be in it, word for word. It refuses to compare what changes with time by itself.

use crate::crash::{clock, faults, first_answer, open, settle};
use crate::data::{Files, look};
use crate::process::House;
use crate::random::Random;
use crate::workload::{Told, Village};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How long people work with the older program, and then with the newer.
const WORK: Duration = Duration::from_secs(3);

/// What came of it, for people.
#[derive(Debug, Default)]
pub struct Outcome {
    pub answered: u64,
    /// Answers that were compared.
    pub compared: usize,
    pub size: String,
    /// What must never be, in words. Empty is the proof.
    pub faults: Vec<String>,
}

/// Has people work with `older`, then opens what is left with the house's program.
///
/// # Errors
/// When a server cannot be started or its data not be read: the proof could not be made.
pub async fn prove(house: &House, older: &Path, seed: u64) -> Result<Outcome, String> {
    let random = Random::new(seed);
    let before = house.run_by(older);
    let running = before.start().await?;
    let village = Village::settle(before.port).await?;
    running.stop().await?;
    let told = work(&before, &village, 1, &random).await?;
    let running = before.start().await?;
    let again = village.ask_again(before.port, &told).await?;
    let mut outcome = Outcome { answered: told.answered(), ..Outcome::default() };
    outcome.faults = settle(&open(&before).await?).await?;
    let was = village.readings(before.port).await?;
    running.stop().await?;

    let running = house.start().await?;
    let is = village.readings(house.port).await?;
    outcome.compared = was.len();
    outcome.faults.extend(was.iter().zip(&is).flat_map(|((question, was), (_, is))| {
        missing(was, is).into_iter().map(move |what| format!("{question}: {what}"))
    }));
    running.stop().await?;
    let told_after = work(house, &village, 2, &random).await?;
    let running = house.start().await?;
    let again_after = village.ask_again(house.port, &told_after).await?;
    let judge = open(house).await?;
    outcome.faults.extend(settle(&judge).await?);
    let look = async || look(&judge, &mut Files::of(&house.data())).await.map_err(|error| error.to_string());
    outcome.faults.extend(faults(&told, &again, look().await?));
    outcome.faults.extend(faults(&told_after, &again_after, look().await?));
    outcome.size = judge.size().await.map_err(|error| error.to_string())?;
    running.stop().await?;
    outcome.faults.extend(house.audit_faults()?);
    Ok(outcome)
}

async fn work(house: &House, village: &Village, round: u64, random: &Random) -> Result<Told, String> {
    let running = house.start().await?;
    let heard = Arc::new(Notify::new());
    let working = tokio::spawn({
        let (village, port, random, clock) = (village.clone(), house.port, random.fork(round), clock(&heard));
        async move { village.work(port, round, &random, &clock).await }
    });
    first_answer(&heard).await;
    tokio::time::sleep(WORK).await;
    running.stop().await?;
    working.await.map_err(|error| error.to_string())
}

/// What the older answer says and the newer one does not.
fn missing(was: &Value, is: &Value) -> Vec<String> {
    fn walk(path: &str, was: &Value, is: &Value, found: &mut Vec<String>) {
        match (was, is) {
            (Value::Object(was), Value::Object(is)) => {
                for (name, was) in was {
                    walk(&format!("{path}/{name}"), was, is.get(name).unwrap_or(&Value::Null), found);
                }
            }
            (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
                for (at, (was, is)) in was.iter().zip(is).enumerate() {
                    walk(&format!("{path}/{at}"), was, is, found);
                }
            }
            (was, is) if was == is => {}
            (was, is) => found.push(format!("{path} was {was} and is {is}")),
        }
    }
    let mut found = Vec::new();
    walk("", was, is, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_newer_answer_may_say_more_and_never_less() {
        let was = json!({ "items": [{ "id": "a", "title": "one" }], "next": null });
        let more = json!({ "items": [{ "id": "a", "title": "one", "size": 3 }], "next": null, "count": 1 });
        assert_eq!(missing(&was, &more), [""; 0]);
        let less = json!({ "items": [{ "id": "a" }], "next": null });
        assert_eq!(missing(&was, &less), ["/items/0/title was \"one\" and is null"]);
        let other = json!({ "items": [], "next": "x" });
        assert_eq!(missing(&was, &other).len(), 2);
    }
}
