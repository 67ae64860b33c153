//! How far consumers have come, and what it means to hand events to them once more.

use super::{Heard, NoteWritten, moody, write};
use crate::note;
use futures_util::poll;
use slipway_framework::db::Tx;
use slipway_framework::event::{Consumer, ConsumerError, drain, lags, list_dead, replay, rewind};
use slipway_framework::scope::{AppScope, RootId};
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines, tokio};
use std::pin::pin;
use std::slice::from_ref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

on_both_engines!(
    a_lag_says_how_many_events_wait_and_since_when,
    a_line_set_back_skips_what_it_has_acted_on_or_acts_again,
    a_batch_under_way_does_not_undo_that_a_line_is_set_back,
    a_dead_event_is_listed_until_it_is_handed_over,
);

async fn a_lag_says_how_many_events_wait_and_since_when(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let ear = moody(&Heard::default(), "none", || None);
    let lag = async || {
        let lags = lags(platform.db(), &["moody"]).await.unwrap();
        lags.iter().map(|lag| (lag.consumer, lag.position, lag.events, lag.waited)).collect::<Vec<_>>()
    };
    assert_eq!(lag().await, [("sequencer", 0, 0, None), ("moody", 0, 0, None)]);
    let waited = Some(Duration::from_secs(5));
    write(&platform, &scope, "a").await;
    platform.clock().advance(Duration::from_secs(5));
    write(&platform, &scope, "b").await;
    assert_eq!(lag().await, [("sequencer", 0, 2, waited), ("moody", 0, 0, None)]);
    drain(platform.db(), &[]).await.unwrap();
    assert_eq!(lag().await, [("sequencer", 2, 0, None), ("moody", 0, 2, waited)]);
    drain(platform.db(), &[ear]).await.unwrap();
    assert_eq!(lag().await, [("sequencer", 2, 0, None), ("moody", 2, 0, None)]);
}

async fn a_line_set_back_skips_what_it_has_acted_on_or_acts_again(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let heard = Heard::default();
    let ear = moody(&heard, "none", || None);
    for title in ["a", "b", "c"] {
        write(&platform, &scope, title).await;
    }
    drain(platform.db(), from_ref(&ear)).await.unwrap();
    assert!(rewind(platform.db(), &ear, 1, false).await.unwrap());
    assert_eq!(lags(platform.db(), &["moody"]).await.unwrap()[1].events, 2);
    drain(platform.db(), from_ref(&ear)).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), ["a", "b", "c"]);
    assert!(rewind(platform.db(), &ear, 1, true).await.unwrap());
    drain(platform.db(), from_ref(&ear)).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), ["a", "b", "c", "b", "c"]);
    assert!(!rewind(platform.db(), &ear, 3, false).await.unwrap(), "it has not come further");
}

/// A server goes on with a batch that it had read before: what it says about the cursor is then out of date.
async fn a_batch_under_way_does_not_undo_that_a_line_is_set_back(engine: EngineKind) {
    let platform = Arc::new(note::start(engine));
    let scope = platform.app_scope();
    let (gate, wait) = mpsc::channel::<()>();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let held = Mutex::new(Some((started, wait)));
    let slow = Consumer::new("slow", move |_: &mut Tx<AppScope>, event: NoteWritten| {
        let first = if event.title == "c" { held.lock().unwrap().take() } else { None };
        if let Some((started, wait)) = first {
            started.send(()).unwrap();
            wait.recv().unwrap();
        }
        Ok(())
    });
    for title in ["a", "b"] {
        write(&platform, &scope, title).await;
    }
    drain(platform.db(), from_ref(&slow)).await.unwrap();
    write(&platform, &scope, "c").await;
    let (running, line) = (platform.clone(), slow.clone());
    let batch = tokio::spawn(async move { drain(running.db(), &[line]).await });
    has_started.await.unwrap();
    let mut set_back = pin!(rewind(platform.db(), &slow, 1, false));
    // Queued before the batch can say how far it has come.
    assert!(poll!(set_back.as_mut()).is_pending());
    gate.send(()).unwrap();
    assert!(set_back.await.unwrap());
    batch.await.unwrap().unwrap();
    drain(platform.db(), &[]).await.unwrap();
    assert_eq!(lags(platform.db(), &["slow"]).await.unwrap()[1].position, 1);
}

async fn a_dead_event_is_listed_until_it_is_handed_over(engine: EngineKind) {
    let platform: TestPlatform = note::start(engine);
    let scope = platform.app_scope();
    let (heard, broken) = (Heard::default(), Arc::new(AtomicBool::new(true)));
    let flag = broken.clone();
    let consumer = moody(&heard, "a", move || flag.load(Ordering::SeqCst).then_some(ConsumerError::Root));
    write(&platform, &scope, "a").await;
    drain(platform.db(), from_ref(&consumer)).await.unwrap();
    let dead = list_dead(platform.db(), 10).await.unwrap();
    let [only] = dead.as_slice() else { panic!("{dead:?}") };
    assert_eq!(
        (only.consumer.as_str(), only.kind.as_str(), only.attempts),
        ("moody", "notes.note_written", 1)
    );
    assert_eq!(only.root, RootId::from_bits(scope.app().bits()));
    broken.store(false, Ordering::SeqCst);
    assert!(replay(platform.db(), &consumer, only.root, only.event).await.unwrap());
    assert_eq!(*heard.lock().unwrap(), ["a"]);
    assert_eq!(list_dead(platform.db(), 10).await.unwrap(), []);
}
