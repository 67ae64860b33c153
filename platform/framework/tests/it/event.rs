//! Every event reaches every consumer once, late committers included.

use crate::note;
use serde::{Deserialize, Serialize};
use slipway_framework::db::{DbError, Tx};
use slipway_framework::event::{Consumer, ConsumerError, Event, drain};
use slipway_framework::scope::AppScope;
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

on_both_engines!(
    events_of_failed_writes_are_never_told,
    a_consumer_acts_once_and_in_order,
    a_failing_consumer_holds_its_own_line_only,
    a_late_committer_is_not_skipped,
);

#[derive(Debug, Serialize, Deserialize)]
struct NoteWritten {
    title: String,
}

impl Event for NoteWritten {
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
    let (flag, deed) = (broken.clone(), heard.clone());
    let moody = Consumer::new("moody", move |tx: &mut Tx<AppScope>, event: NoteWritten| {
        if flag.load(Ordering::SeqCst) && event.title == "b" {
            return Err(ConsumerError::Refused("not now".to_owned()));
        }
        let deed = deed.clone();
        tx.after_commit(move || deed.lock().unwrap().push(event.title));
        Ok(())
    });
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
    assert_eq!(*heard.lock().unwrap(), ["a", "b", "c"]);
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
