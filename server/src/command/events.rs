//! `slipway events`: how far events have been acted on, and handing them over once more.

use crate::installation::Installation;
use clap::{Args, Subcommand};
use slipway_framework::config::Settings;
use slipway_framework::event::{self, Consumer, DeadEvent, Lag};
use slipway_framework::module::Assembly;
use slipway_framework::scope::RootId;
use slipway_kernel::EventId;

#[derive(Debug, Subcommand)]
pub(super) enum Events {
    /// Print how far the sequencer and every consumer have come, and how long the first event has waited
    Status,
    /// List events that a consumer was never able to act on, the latest first
    Dead {
        /// How many are listed at most
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1_000))]
        limit: i64,
    },
    /// Hand dead events to their consumer once more, now that the cause is mended
    Retry(Retry),
    /// Set a consumer back, so that it is handed every event after a position once more
    Replay(Replay),
}

#[derive(Debug, Args)]
pub(super) struct Retry {
    /// The consumer, as `slipway events dead` prints it
    consumer: String,
    /// One event (evt_…) instead of all of this consumer's dead ones
    #[arg(long, value_name = "ID")]
    event: Option<EventId>,
}

#[derive(Debug, Args)]
pub(super) struct Replay {
    /// The consumer, as `slipway events status` prints it
    consumer: String,
    /// The position after which it goes on; 0 hands over everything that is kept
    #[arg(long, value_name = "POSITION", value_parser = clap::value_parser!(i64).range(0..))]
    after: i64,
    /// Act again on what it has acted on already; otherwise it skips that and finds only what it has missed
    #[arg(long)]
    again: bool,
}

pub(super) async fn run(settings: &Settings, assembly: Assembly, events: &Events) -> Result<(), String> {
    let consumers = assembly.consumers();
    let installation = Installation::open(settings, assembly).map_err(|error| error.to_string())?;
    let db = installation.platform.db();
    match events {
        Events::Status => {
            let names: Vec<_> = consumers.iter().map(|consumer| consumer.name).collect();
            for lag in event::lags(db, &names).await.map_err(|error| error.to_string())? {
                println!("{}", line(&lag));
            }
            Ok(())
        }
        Events::Dead { limit } => {
            let dead = event::list_dead(db, *limit).await.map_err(|error| error.to_string())?;
            if dead.is_empty() {
                println!("No event is dead.");
            }
            for DeadEvent { root, consumer, event, kind, attempts, failure, died_at } in dead {
                println!(
                    "{died_at}  {consumer}  {event}  {kind} of {root}, after {attempts} tries: {failure}"
                );
            }
            Ok(())
        }
        Events::Retry(Retry { consumer, event }) => {
            let consumer = find(&consumers, consumer)?;
            let dead = event::list_dead(db, i64::MAX).await.map_err(|error| error.to_string())?;
            let chosen: Vec<(RootId, EventId)> = dead
                .into_iter()
                .filter(|dead| {
                    dead.consumer == consumer.name && event.is_none_or(|event| event == dead.event)
                })
                .map(|dead| (dead.root, dead.event))
                .collect();
            if chosen.is_empty() {
                return Err(format!("{} has no such dead event; see `slipway events dead`", consumer.name));
            }
            let mut failed = 0;
            for (root, event) in &chosen {
                match event::replay(db, consumer, *root, *event).await {
                    Ok(_) => println!("ok    {event}"),
                    Err(error) => {
                        println!("FAIL  {event}: {error}");
                        failed += 1;
                    }
                }
            }
            match failed {
                0 => Ok(()),
                failed => Err(format!("{failed} of {} could not be acted on and stay dead", chosen.len())),
            }
        }
        Events::Replay(Replay { consumer, after, again }) => {
            let consumer = find(&consumers, consumer)?;
            let name = consumer.name;
            match event::rewind(db, consumer, *after, *again).await.map_err(|error| error.to_string())? {
                true => println!("{name} goes on after position {after}, as soon as the server runs."),
                false => println!("{name} has not come further than position {after}; nothing was changed."),
            }
            Ok(())
        }
    }
}

fn line(Lag { consumer, position, events, waited }: &Lag) -> String {
    let waits = match waited {
        None => "nothing waits".to_owned(),
        Some(waited) => format!("{events} wait, the first for {} s", waited.as_secs()),
    };
    format!("{consumer:<32} at position {position}; {waits}")
}

fn find<'a>(consumers: &'a [Consumer], name: &str) -> Result<&'a Consumer, String> {
    consumers.iter().find(|consumer| consumer.name == name).ok_or_else(|| {
        let names: Vec<_> = consumers.iter().map(|consumer| consumer.name).collect();
        match names.join(", ") {
            none if none.is_empty() => {
                format!("there is no consumer called {name}; no module reacts to events yet")
            }
            names => format!("there is no consumer called {name}; there are: {names}"),
        }
    })
}
