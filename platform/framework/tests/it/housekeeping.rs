//! What has had its time goes, in slices and whoever's it is; what is still of use stays.

use crate::event::{Heard, listener, write};
use crate::job::{Mood, enqueue, registry};
use crate::note::{self, NoteError};
use slipway_framework::db::{DbError, FRAMEWORK, IdempotencyKey, Migration, Migrations, Read, Stored};
use slipway_framework::event::{self, Consumer};
use slipway_framework::housekeeping::{Cleaned, clean};
use slipway_framework::job;
use slipway_framework::module::{Assembly, Module};
use slipway_framework::object::{Hash, Named, ObjectError, Place};
use slipway_framework::scope::{AppScope, SystemScope};
use slipway_framework::{params, statements};
use slipway_kernel::AppId;
use slipway_testkit::{EngineKind, TestPlatform, on_both_engines};
use std::time::Duration;

on_both_engines!(
    a_stored_reply_lives_for_a_day,
    jobs_go_when_they_have_ended_and_dead_ones_later,
    an_event_goes_when_everybody_has_passed_it,
    a_dead_event_waits_for_a_month,
    a_consumer_that_is_added_late_begins_with_what_is_left,
    much_goes_in_slices,
    a_file_goes_when_no_row_names_it,
);

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

async fn round(platform: &TestPlatform, consumers: Vec<Consumer>) -> Cleaned {
    let module = consumers.into_iter().fold(Module::named("notes"), Module::on);
    clean(platform, &Assembly::of([module]).chores()).await
}

async fn create(platform: &TestPlatform, scope: &AppScope, title: String) -> Result<Stored, NoteError> {
    let key = IdempotencyKey::parse("attempt-1").unwrap();
    let created = platform.db().write_once(scope, key, [7; 32], move |tx| {
        note::insert(tx, &title, 1)?;
        Ok::<_, NoteError>((201, "made"))
    });
    created.await
}

async fn a_stored_reply_lives_for_a_day(engine: EngineKind) {
    let platform = note::start(engine);
    let (left, right) = (platform.app_scope(), platform.app_scope());
    assert!(!create(&platform, &left, "first".to_owned()).await.unwrap().replayed);
    platform.clock().advance(DAY - HOUR);
    assert!(!create(&platform, &right, "first".to_owned()).await.unwrap().replayed);
    assert_eq!(round(&platform, vec![]).await, Cleaned::default());
    assert!(create(&platform, &left, "second".to_owned()).await.unwrap().replayed);
    platform.clock().advance(2 * HOUR);
    assert_eq!(round(&platform, vec![]).await.count("idempotency_keys"), 1);
    assert!(!create(&platform, &left, "second".to_owned()).await.unwrap().replayed, "the key is free");
    assert!(create(&platform, &right, "second".to_owned()).await.unwrap().replayed, "this one is younger");
}

async fn jobs_go_when_they_have_ended_and_dead_ones_later(engine: EngineKind) {
    let platform = note::start(engine);
    enqueue(&platform, Mood::Good).await;
    enqueue(&platform, Mood::Failing).await;
    let (scope, cancelled) = enqueue(&platform, Mood::Good).await;
    assert!(platform.db().write(&scope, move |tx| tx.cancel_job(cancelled)).await.unwrap());
    for _ in 0..3 {
        job::drain(&platform, &registry()).await.unwrap();
        platform.clock().advance(HOUR);
    }
    let (waiting, _) = enqueue(&platform, Mood::Good).await;
    platform.clock().advance(6 * DAY);
    assert_eq!(round(&platform, vec![]).await, Cleaned::default());
    platform.clock().advance(DAY);
    let cleaned = round(&platform, vec![]).await;
    assert_eq!((cleaned.count("jobs"), cleaned.count("dead_jobs")), (2, 0));
    platform.clock().advance(23 * DAY);
    let cleaned = round(&platform, vec![]).await;
    assert_eq!((cleaned.count("jobs"), cleaned.count("dead_jobs")), (0, 1));
    assert_eq!(job::drain(&platform, &registry()).await.unwrap(), 1, "what has not run is never too old");
    assert_eq!(note::kept(&platform, &waiting).await, ["try 1 Good"]);
}

async fn an_event_goes_when_everybody_has_passed_it(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let (quick, slow) = (Heard::default(), Heard::default());
    let both = || vec![listener("quick", &quick), listener("slow", &slow)];
    write(&platform, &scope, "a").await;
    event::drain(platform.db(), &both()[..1]).await.unwrap();
    platform.clock().advance(8 * DAY);
    assert_eq!(round(&platform, both()).await, Cleaned::default(), "one has not passed it");
    event::drain(platform.db(), &both()).await.unwrap();
    write(&platform, &scope, "b").await;
    event::drain(platform.db(), &both()).await.unwrap();
    let cleaned = round(&platform, both()).await;
    // The mark of the slow one is young, that of the quick one goes with its event.
    assert_eq!((cleaned.count("outbox_events"), cleaned.count("consumed_events")), (1, 1));
    write(&platform, &scope, "c").await;
    event::drain(platform.db(), &both()).await.unwrap();
    for heard in [&quick, &slow] {
        assert_eq!(*heard.lock().unwrap(), ["a", "b", "c"]);
    }
}

async fn a_dead_event_waits_for_a_month(engine: EngineKind) {
    let platform = note::start(engine);
    write(&platform, &platform.app_scope(), "a").await;
    let strange = || {
        vec![Consumer::new("strange", |_, _: crate::event::NoteWritten| {
            Err(serde_json::from_str::<u8>("no number").unwrap_err().into())
        })]
    };
    event::drain(platform.db(), &strange()).await.unwrap();
    for (days, gone) in [(29, 0), (2, 1)] {
        platform.clock().advance(days * DAY);
        assert_eq!(round(&platform, strange()).await.count("dead_events"), gone);
    }
}

async fn a_consumer_that_is_added_late_begins_with_what_is_left(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    write(&platform, &scope, "gone").await;
    event::drain(platform.db(), &[]).await.unwrap();
    platform.clock().advance(8 * DAY);
    write(&platform, &scope, "left").await;
    event::drain(platform.db(), &[]).await.unwrap();
    assert_eq!(round(&platform, vec![]).await.count("outbox_events"), 1);
    let heard = Heard::default();
    event::drain(platform.db(), &[listener("late", &heard)]).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), ["left"]);
}

async fn much_goes_in_slices(engine: EngineKind) {
    let platform = note::start(engine);
    let scope = platform.app_scope();
    let written = platform.db().write(&scope, |tx| {
        for number in 0..1_200 {
            crate::event::tell(tx, &number.to_string());
        }
        Ok::<_, DbError>(())
    });
    written.await.unwrap();
    event::drain(platform.db(), &[]).await.unwrap();
    platform.clock().advance(8 * DAY);
    assert_eq!(round(&platform, vec![]).await.count("outbox_events"), 1_200);
    assert_eq!(round(&platform, vec![]).await, Cleaned::default());
}

statements! {
    LIST_NAMED = "SELECT app, title FROM notes WHERE (app, title) > ($1, $2) ORDER BY app, title LIMIT $3";
}

/// Titles that are hashes name files.
fn list_named(read: &Read<SystemScope>, after: &Place, limit: i64) -> Result<Named, DbError> {
    let title = String::from_utf8(after.row.clone()).unwrap();
    // A page of one row shows that the sweep turns pages.
    let limit = limit.min(1);
    let rows = read.all(&LIST_NAMED, params![after.root, title.as_str(), limit], |row| {
        let (app, title): (AppId, String) = (row.get(0)?, row.get(1)?);
        let hash = title.parse::<Hash>().unwrap();
        Ok((Place { row: title.into_bytes(), ..Place::after(app, app) }, vec![hash]))
    })?;
    Ok(Named::page(rows, limit))
}

async fn a_file_goes_when_no_row_names_it(engine: EngineKind) {
    const OPENED: &str = "-- open: notes to objects for select";
    let opened = Migration { module: "notes", number: 2, name: "opened", sql: OPENED };
    let platform =
        TestPlatform::start(engine, &Migrations::of(FRAMEWORK.into_iter().chain([note::NOTES, opened])));
    let round =
        async || clean(&platform, &Assembly::of([Module::named("notes").objects(list_named)]).chores()).await;
    let put = async |text: &str| platform.objects().put(text.as_bytes().to_vec()).await.unwrap();
    let named = [put("left").await, put("right").await, put("third").await];
    for hash in named {
        let scope = platform.app_scope();
        platform.db().write(&scope, move |tx| note::insert(tx, &hash.to_string(), 1)).await.unwrap();
    }
    let orphans = [put("nobody's").await, put("nobody's either").await];
    let again = put("stored once more").await;
    platform.age_objects(DAY - HOUR);
    assert_eq!(round().await, Cleaned::default(), "an upload may be under way");
    platform.age_objects(DAY + HOUR);
    let young = put("just stored").await;
    put("stored once more").await;
    assert_eq!(round().await.count("objects"), 2);
    for hash in orphans {
        assert!(matches!(platform.objects().get(hash).await, Err(ObjectError::Missing(_))));
    }
    for hash in named.into_iter().chain([young, again]) {
        platform.objects().get(hash).await.unwrap();
    }
}
