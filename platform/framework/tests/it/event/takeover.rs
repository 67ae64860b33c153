//! Whatever happens to the sequencers, every event is acted on once, in the order of its row.
//!
//! Plans are drawn at random: rows tell their events, some commit late or not at all, and meanwhile sequencers are killed wherever
//! they stand, taken over, and run twice.

use super::{Heard, NoteWritten};
use crate::note;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use slipway_framework::db::{DbError, Tx};
use slipway_framework::event::{Consumer, drain, lags, run};
use slipway_framework::scope::{AppScope, Purpose, SystemScope};
use slipway_framework::{params, statements};
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};
use std::sync::{Arc, Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

on_both_engines!(every_event_is_acted_on_once_whatever_happens_to_the_sequencers);

statements! {
    POSITIONS = "SELECT position FROM outbox_events ORDER BY position NULLS LAST";
}

const ROWS: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// The row tells its next event.
    Tell { row: usize },
    /// The row tells its next event and stays uncommitted until the next `Commit`.
    TellLate { row: usize },
    /// The row tells an event that is rolled back.
    RollBack { row: usize },
    /// Lets everybody commit.
    Commit,
    /// Kills the oldest sequencer wherever it stands.
    Kill,
    /// Starts one more.
    Start,
    /// Lets the others run.
    Yield,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..ROWS).prop_map(|row| Step::Tell { row }),
        3 => (0..ROWS).prop_map(|row| Step::TellLate { row }),
        2 => (0..ROWS).prop_map(|row| Step::RollBack { row }),
        2 => Just(Step::Commit),
        3 => Just(Step::Kill),
        4 => Just(Step::Start),
        6 => Just(Step::Yield),
    ]
}

async fn every_event_is_acted_on_once_whatever_happens_to_the_sequencers(engine: EngineKind) {
    let cases = 12;
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    // The runner is no friend of async, so the plans are drawn first and carried out afterwards.
    let plans: Vec<Vec<Step>> = {
        let strategy = proptest::collection::vec(step(), 40..120);
        (0..cases).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
    };
    for plan in plans {
        carry_out(engine, &plan).await;
    }
}

/// How a row's next event is told.
enum Telling {
    Now,
    Late(mpsc::Receiver<()>),
    Never,
}

async fn carry_out(engine: EngineKind, plan: &[Step]) {
    let platform =
        Arc::new(TestPlatform::start_with(engine, &note::migrations(), |config| config.threads = 8));
    let scope = platform.app_scope();
    let (faults, heard) = (Heard::default(), Heard::default());
    let consumers = || vec![in_order("ear", &heard, &faults), in_order("eye", &Heard::default(), &faults)];
    let (rows, told): (Vec<_>, Vec<_>) = (0..ROWS).map(|row| start_row(platform.clone(), scope, row)).unzip();
    let mut gates = Vec::new();
    let mut sequencers: Vec<JoinHandle<()>> = Vec::new();
    for step in plan.iter().copied() {
        match step {
            Step::Tell { row } => rows[row].send(Telling::Now).unwrap(),
            Step::TellLate { row } => {
                let (gate, wait) = mpsc::channel();
                gates.push(gate);
                rows[row].send(Telling::Late(wait)).unwrap();
            }
            Step::RollBack { row } => rows[row].send(Telling::Never).unwrap(),
            Step::Commit => gates.clear(),
            Step::Kill if sequencers.is_empty() => {}
            Step::Kill => sequencers.remove(0).abort(),
            Step::Start => {
                let stop = CancellationToken::new();
                sequencers.push(tokio::spawn(run(platform.db().clone(), consumers(), stop)));
            }
            Step::Yield => tokio::task::yield_now().await,
        }
    }
    // A dropped gate lets its writer commit, and a row without commands ends.
    drop((gates, rows));
    let mut expected = Vec::new();
    for (row, told) in told.into_iter().enumerate() {
        expected.extend((0..told.await.unwrap()).map(|number| title(row, number)));
    }
    sequencers.iter().for_each(JoinHandle::abort);
    drain(platform.db(), &consumers()).await.unwrap();

    assert_eq!(*faults.lock().unwrap(), Vec::<String>::new(), "{plan:?}");
    let mut kept: Vec<_> =
        expected.iter().flat_map(|title| [format!("ear {title}"), format!("eye {title}")]).collect();
    kept.sort();
    assert_eq!(note::kept(&platform, &scope).await, kept, "{plan:?}");
    let mut heard = heard.lock().unwrap().clone();
    heard.sort();
    expected.sort();
    assert_eq!(heard, expected, "{plan:?}");
    let system = SystemScope::new(Purpose::Outbox, platform.cause());
    let positions =
        platform.db().read(&system, |read| read.all(&POSITIONS, params![], |row| row.get::<Option<i64>>(0)));
    let positions: Result<_, DbError> = positions.await;
    let dense: Vec<_> = (1..=i64::try_from(expected.len()).unwrap()).map(Some).collect();
    assert_eq!(positions.unwrap(), dense, "{plan:?}");
    let behind: Vec<_> =
        lags(platform.db(), &["ear", "eye"]).await.unwrap().iter().map(|lag| lag.events).collect();
    assert_eq!(behind, [0, 0, 0]);
}

fn title(row: usize, number: u32) -> String {
    format!("{row} {number:03}")
}

/// A row whose events are told one after the other; gives how many have been committed.
fn start_row(
    platform: Arc<TestPlatform>,
    scope: AppScope,
    row: usize,
) -> (tokio::sync::mpsc::UnboundedSender<Telling>, JoinHandle<u32>) {
    let (commands, mut received) = tokio::sync::mpsc::unbounded_channel();
    let task = tokio::spawn(async move {
        let mut number = 0;
        while let Some(telling) = received.recv().await {
            let (fails, mut wait) = match telling {
                Telling::Now => (false, None),
                Telling::Late(wait) => (false, Some(wait)),
                Telling::Never => (true, None),
            };
            let title = title(row, number);
            let told = platform.db().write(&scope, move |tx| {
                tx.emit(&NoteWritten { title: title.clone() });
                // A second run of the closure must not wait again.
                if let Some(wait) = wait.take() {
                    let _ = wait.recv();
                }
                if fails { Err(DbError::Busy) } else { Ok(()) }
            });
            if told.await.is_ok() {
                number += 1;
            } else {
                assert!(fails, "a write was lost");
            }
        }
        number
    });
    (commands, task)
}

/// Acts on an event by a row of its own, and notes a fault when the row's event before has not been acted on.
fn in_order(name: &'static str, heard: &Heard, faults: &Arc<Mutex<Vec<String>>>) -> Consumer {
    let (heard, faults) = (heard.clone(), faults.clone());
    Consumer::new(name, move |tx: &mut Tx<AppScope>, event: NoteWritten| {
        let (row, number) = event.title.split_once(' ').unwrap();
        if let Some(before) = number.parse::<u32>().unwrap().checked_sub(1) {
            let before = title(row.parse().unwrap(), before);
            if note::size(tx, &format!("{name} {before}"))?.is_none() {
                faults.lock().unwrap().push(format!("{name} acted on {} before {before}", event.title));
            }
        }
        note::insert(tx, &format!("{name} {}", event.title), 1)?;
        let heard = heard.clone();
        tx.after_commit(move || heard.lock().unwrap().push(event.title));
        Ok(())
    })
}
