//! Every event reaches every consumer once, late committers included.

mod replay;
mod takeover;

use crate::note;
use serde::{Deserialize, Serialize};
use slipway_framework::db::{DbError, Tx};
use slipway_framework::event::{Consumer, ConsumerError, Event, drain, replay};
use slipway_framework::scope::{AppScope, LaunchScope, PartnerScope, Purpose, RootId, SystemScope};
use slipway_framework::{params, statements};
use slipway_kernel::EventId;
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

on_both_engines!(
    events_of_failed_writes_are_never_told,
    a_consumer_acts_once_and_in_order,
    a_failing_consumer_holds_its_own_line_only,
    an_event_that_nobody_can_act_on_dies_and_the_line_moves_on,
    an_event_of_an_unknown_shape_dies_at_once,
    a_database_in_trouble_kills_no_event,
    a_partners_events_are_acted_on_in_the_partners_scope,
    a_late_committer_is_not_skipped,
);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NoteWritten {
    title: String,
}

impl Event for NoteWritten {
    type Scope = AppScope;
    const KIND: &'static str = "notes.note_written";
}

pub(crate) type Heard = Arc<Mutex<Vec<String>>>;

pub(crate) fn listener(name: &'static str, heard: &Heard) -> Consumer {
    let heard = heard.clone();
    Consumer::new(name, move |tx: &mut Tx<AppScope>, event: NoteWritten| {
        note::insert(tx, &format!("{name} heard {}", event.title), 1)?;
        let heard = heard.clone();
        tx.after_commit(move || heard.lock().unwrap().push(event.title));
        Ok(())
    })
}

pub(crate) fn tell(tx: &mut Tx<AppScope>, title: &str) {
    tx.emit(&NoteWritten { title: title.to_owned() });
}

pub(crate) async fn write(platform: &TestPlatform, scope: &AppScope, title: &'static str) {
    let written = platform.db().write(scope, move |tx| {
        tx.emit(&NoteWritten { title: title.to_owned() });
        Ok::<_, DbError>(())
    });
    written.await.unwrap();
}

async fn events_of_failed_writes_are_never_told(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let failed = platform.db().write(&scope, |tx| {
        tx.emit(&NoteWritten { title: "never".to_owned() });
        Err::<(), _>(DbError::Busy)
    });
    assert!(failed.await.is_err());
    write(&platform, &scope, "told").await;
    let heard = Heard::default();
    drain(platform.db(), &[listener("ear", &heard)]).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), ["told"]);
}

async fn a_consumer_acts_once_and_in_order(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let (left, right) = (Heard::default(), Heard::default());
    let titles = ["a", "b", "c", "d", "e"];
    for title in titles {
        write(&platform, &scope, title).await;
    }
    for _ in 0..2 {
        drain(platform.db(), &[listener("left", &left), listener("right", &right)]).await.unwrap();
    }
    assert_eq!(*left.lock().unwrap(), titles);
    assert_eq!(*right.lock().unwrap(), titles);
}

async fn a_failing_consumer_holds_its_own_line_only(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let (broken, heard) = (Arc::new(AtomicBool::new(true)), Heard::default());
    let flag = broken.clone();
    let refusal = move || flag.load(Ordering::SeqCst).then(|| ConsumerError::Refused("not now".to_owned()));
    let moody = moody(&heard, "b", refusal);
    let other = Heard::default();
    for title in ["a", "b", "c"] {
        write(&platform, &scope, title).await;
    }
    let consumers = [moody, listener("other", &other)];
    assert!(drain(platform.db(), &consumers).await.is_err());
    assert_eq!(*heard.lock().unwrap(), ["a"]);
    assert_eq!(*other.lock().unwrap(), ["a", "b", "c"]);
    broken.store(false, Ordering::SeqCst);
    drain(platform.db(), &consumers).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), ["a"], "the line rests");
    platform.clock().advance(Duration::from_secs(1));
    drain(platform.db(), &consumers).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), ["a", "b", "c"]);
}

statements! {
    DEAD = "SELECT root, event, consumer, kind, failure, attempts FROM dead_events ORDER BY event";
}

#[derive(Debug, PartialEq)]
struct Dead {
    root: RootId,
    event: EventId,
    consumer: String,
    kind: String,
    failure: String,
    attempts: u32,
}

async fn dead(platform: &TestPlatform) -> Vec<Dead> {
    let scope = SystemScope::new(Purpose::Outbox, platform.cause());
    let dead = platform.db().read(&scope, |read| {
        read.all(&DEAD, params![], |row| {
            Ok(Dead {
                root: row.get(0)?,
                event: row.get(1)?,
                consumer: row.get(2)?,
                kind: row.get(3)?,
                failure: row.get(4)?,
                attempts: row.get(5)?,
            })
        })
    });
    let dead: Result<_, DbError> = dead.await;
    dead.unwrap()
}

/// Refuses the events of that title with what `error` makes, as long as there is something, and otherwise listens.
fn moody(
    heard: &Heard,
    title: &'static str,
    error: impl Fn() -> Option<ConsumerError> + Send + Sync + 'static,
) -> Consumer {
    let heard = heard.clone();
    Consumer::new("moody", move |tx: &mut Tx<AppScope>, event: NoteWritten| {
        if event.title == title
            && let Some(error) = error()
        {
            return Err(error);
        }
        let heard = heard.clone();
        tx.after_commit(move || heard.lock().unwrap().push(event.title));
        Ok(())
    })
}

async fn an_event_that_nobody_can_act_on_dies_and_the_line_moves_on(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let (heard, broken) = (Heard::default(), Arc::new(AtomicBool::new(true)));
    let flag = broken.clone();
    let refusal = move || flag.load(Ordering::SeqCst).then(|| ConsumerError::Refused("never".to_owned()));
    let consumers = [moody(&heard, "b", refusal)];
    for title in ["a", "b", "c"] {
        write(&platform, &scope, title).await;
    }
    for attempt in 1..=9 {
        assert!(drain(platform.db(), &consumers).await.is_err(), "try {attempt}");
        // Within the pause nothing is tried.
        drain(platform.db(), &consumers).await.unwrap();
        assert_eq!(*heard.lock().unwrap(), ["a"]);
        assert_eq!(dead(&platform).await, []);
        platform.clock().advance(Duration::from_secs(60));
    }
    drain(platform.db(), &consumers).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), ["a", "c"]);
    let buried = dead(&platform).await;
    let [Dead { root, event, consumer, kind, failure, attempts: 10 }] = &buried[..] else {
        panic!("{buried:?}")
    };
    assert_eq!(root.bits(), scope.app().bits());
    assert_eq!(
        (consumer.as_str(), kind.as_str(), failure.as_str()),
        ("moody", "notes.note_written", "never")
    );

    // Once the mistake is mended it can be handed over after all, and only once.
    assert!(replay(platform.db(), &consumers[0], *root, *event).await.is_err());
    broken.store(false, Ordering::SeqCst);
    assert!(replay(platform.db(), &consumers[0], *root, *event).await.unwrap());
    assert!(!replay(platform.db(), &consumers[0], *root, *event).await.unwrap());
    assert_eq!(*heard.lock().unwrap(), ["a", "c", "b"]);
    assert_eq!(dead(&platform).await, []);
}

/// What a module called by the same name before, or will.
#[derive(Debug, Serialize, Deserialize)]
struct OtherShape {
    size: u32,
}

impl Event for OtherShape {
    type Scope = AppScope;
    const KIND: &'static str = NoteWritten::KIND;
}

async fn an_event_of_an_unknown_shape_dies_at_once(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let odd = platform.db().write(&scope, |tx| Ok::<_, DbError>(tx.emit(&OtherShape { size: 1 })));
    odd.await.unwrap();
    write(&platform, &scope, "a").await;
    let heard = Heard::default();
    drain(platform.db(), &[listener("ear", &heard)]).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), ["a"]);
    let buried = dead(&platform).await;
    assert!(
        matches!(&buried[..], [Dead { attempts: 1, failure, .. }] if failure.contains("title")),
        "{buried:?}"
    );
}

async fn a_database_in_trouble_kills_no_event(engine: EngineKind) {
    let platform = note::start(engine);
    let (heard, busy) = (Heard::default(), Arc::new(AtomicBool::new(true)));
    let flag = busy.clone();
    let trouble = move || flag.load(Ordering::SeqCst).then_some(ConsumerError::Db(DbError::Busy));
    let consumers = [moody(&heard, "a", trouble)];
    write(&platform, &platform.app_scope(), "a").await;
    for _ in 0..30 {
        assert!(drain(platform.db(), &consumers).await.is_err());
    }
    busy.store(false, Ordering::SeqCst);
    drain(platform.db(), &consumers).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), ["a"]);
    assert_eq!(dead(&platform).await, []);
}

#[derive(Debug, Serialize, Deserialize)]
struct PenBought {
    pens: u32,
}

impl Event for PenBought {
    type Scope = PartnerScope;
    const KIND: &'static str = "pens.pen_bought";
}

async fn a_partners_events_are_acted_on_in_the_partners_scope(engine: EngineKind) {
    let platform = note::start(engine);
    let partner = PartnerScope::new(platform.mint(), platform.cause());
    let launch = LaunchScope::new(partner.partner(), platform.mint(), platform.cause());
    platform.db().write(&partner, |tx| Ok::<_, DbError>(tx.emit(&PenBought { pens: 1 }))).await.unwrap();
    platform.db().write(&launch, |tx| Ok::<_, DbError>(tx.emit(&PenBought { pens: 2 }))).await.unwrap();
    let bought = Arc::new(Mutex::new(Vec::new()));
    let buyers = bought.clone();
    let consumer = Consumer::new("purse", move |tx, event: PenBought| {
        let (buyers, partner) = (buyers.clone(), tx.partner());
        tx.after_commit(move || buyers.lock().unwrap().push((partner, event.pens)));
        Ok(())
    });
    for _ in 0..2 {
        drain(platform.db(), std::slice::from_ref(&consumer)).await.unwrap();
    }
    assert_eq!(*bought.lock().unwrap(), [(partner.partner(), 1), (partner.partner(), 2)]);
    assert_eq!(dead(&platform).await, []);
}

/// The early event gets its id first and commits last: whoever reads "id > last" loses it.
async fn a_late_committer_is_not_skipped(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let heard = Heard::default();
    let consumers = [listener("ear", &heard)];
    let (gate, wait) = mpsc::channel::<()>();
    let (emitted, has_emitted) = tokio::sync::oneshot::channel();
    let mut emitted = Some(emitted);
    let late = tokio::spawn(platform.db().write(&scope, move |tx| {
        tx.emit(&NoteWritten { title: "late".to_owned() });
        if let Some(emitted) = emitted.take() {
            emitted.send(()).unwrap();
            wait.recv().unwrap();
        }
        Ok::<_, DbError>(())
    }));
    has_emitted.await.unwrap();
    if engine == EngineKind::Postgres {
        // Another connection overtakes it, and its event is stamped and handed out.
        write(&platform, &scope, "early").await;
        drain(platform.db(), &consumers).await.unwrap();
        assert_eq!(*heard.lock().unwrap(), ["early"]);
        gate.send(()).unwrap();
    } else {
        // One writer: the other can only queue up behind it.
        let early = write(&platform, &scope, "early");
        gate.send(()).unwrap();
        early.await;
    }
    late.await.unwrap().unwrap();
    drain(platform.db(), &consumers).await.unwrap();
    let mut all = heard.lock().unwrap().clone();
    all.sort();
    assert_eq!(all, ["early", "late"]);
}
