//! A deleted app of any size goes to its last row, also when a worker dies on the way, and nobody else loses one.

use crate::desk::Desk;
use slipway_framework::audit;
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::job;
use slipway_framework::scope::AppScope;
use slipway_framework::{params, statements};
use slipway_kernel::{AppId, Limit};
use slipway_testkit::tokio::sync::oneshot;
use slipway_testkit::{EngineKind, on_both_engines, tokio};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, mpsc};
use std::time::Duration;

on_both_engines!(
    a_very_large_app_goes_in_slices_and_its_neighbour_stays,
    an_erasure_whose_worker_died_is_taken_up_again,
    the_partner_can_look_up_who_deleted_an_app,
    an_app_that_is_alive_is_never_erased,
);

/// A table of a neighbouring module that hangs on the app.
pub(crate) const NOTES: &str = "-- root: app\nCREATE TABLE notes (\n    app uuid NOT NULL,\n    note bigint NOT NULL,\n    PRIMARY KEY (app, note),\n    FOREIGN KEY (app) REFERENCES apps (app) ON DELETE CASCADE\n);";

const ROWS: i64 = 20_000;

statements! {
    INSERT = "INSERT INTO notes (app, note) VALUES ($1, $2)";
    COUNT = "SELECT count(*) FROM notes WHERE app = $1";
    ERASE = "DELETE FROM notes WHERE (app, note) IN (SELECT app, note FROM notes WHERE app = $1 LIMIT $2)";
}

/// What is watched of an app's erasure: how many slices there were, and where it is to be held.
#[derive(Default)]
struct Watch {
    slices: u32,
    hold: Option<(u32, oneshot::Sender<()>, mpsc::Receiver<()>)>,
}

static WATCHES: LazyLock<Mutex<HashMap<AppId, Watch>>> = LazyLock::new(Mutex::default);

pub(crate) fn erase(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    let mut held = None;
    if let Some(watch) = WATCHES.lock().unwrap().get_mut(&app) {
        watch.slices += 1;
        let slices = watch.slices;
        held = watch.hold.take_if(|(at, ..)| *at == slices);
    }
    if let Some((_, reached, go_on)) = held {
        reached.send(()).unwrap();
        go_on.recv().unwrap();
    }
    tx.execute(&ERASE, params![app, at_most])
}

fn slices(app: AppId) -> u32 {
    WATCHES.lock().unwrap()[&app].slices
}

async fn fill(desk: &Desk, app: AppId, rows: i64) {
    let scope = desk.app_scope_of(app);
    for first in (0..rows).step_by(1_000) {
        let filled = desk.db().write_bulk(&scope, move |tx| {
            (first..rows.min(first + 1_000)).try_for_each(|note| {
                let app = tx.app();
                tx.execute(&INSERT, params![app, note]).map(|_| ())
            })
        });
        filled.await.unwrap();
    }
    WATCHES.lock().unwrap().insert(app, Watch::default());
}

async fn count(desk: &Desk, app: AppId) -> i64 {
    let count = |read: &Read<AppScope>| read.one(&COUNT, params![read.app()], |row| row.get(0));
    desk.db().read(&desk.app_scope_of(app), count).await.unwrap().unwrap()
}

async fn a_very_large_app_goes_in_slices_and_its_neighbour_stays(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let (app, neighbour) = (desk.launch(owner, "verde").await, desk.launch(owner, "azul").await);
    fill(&desk, app, ROWS).await;
    fill(&desk, neighbour, 700).await;
    let _ = desk.signed_in(owner).delete(&format!("/api/v1/apps/{app}")).await.expect(200);
    assert_eq!(count(&desk, app).await, ROWS, "the answer does not wait for the rows");
    desk.settle().await;
    assert_eq!((count(&desk, app).await, count(&desk, neighbour).await), (0, 700));
    assert!(slices(app) >= 40, "{} slices", slices(app));
    assert_eq!(desk.signed_in(owner).get("/api/v1/slugs/verde").await.expect(200)["available"], true);
    assert_eq!(desk.app("azul").get("/api/v1/tenant").await.status, 200);
}

async fn an_erasure_whose_worker_died_is_taken_up_again(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let app = desk.launch(owner, "verde").await;
    fill(&desk, app, 3_000).await;
    let (reached, has_reached) = oneshot::channel();
    let (go_on, wait) = mpsc::channel();
    WATCHES.lock().unwrap().get_mut(&app).unwrap().hold = Some((3, reached, wait));
    let _ = desk.signed_in(owner).delete(&format!("/api/v1/apps/{app}")).await.expect(200);
    let (platform, registry) = (desk.platform().clone(), desk.assembly().jobs());
    let worker = tokio::spawn(async move { job::drain(&platform, &registry).await });
    has_reached.await.unwrap();
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    go_on.send(()).unwrap();
    desk.settle().await;
    let left = count(&desk, app).await;
    assert!((1..3_000).contains(&left), "{left} rows are left, and the lease still holds");
    assert_eq!(desk.app("verde").get("/api/v1/tenant").await.problem().0, 404);
    assert_eq!(desk.signed_in(owner).get("/api/v1/slugs/verde").await.expect(200)["available"], false);
    desk.clock().advance(Duration::from_secs(31));
    desk.settle().await;
    assert_eq!(count(&desk, app).await, 0);
    assert_eq!(desk.signed_in(owner).get("/api/v1/slugs/verde").await.expect(200)["available"], true);
}

async fn the_partner_can_look_up_who_deleted_an_app(engine: EngineKind) {
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let app = desk.launch(owner, "verde").await;
    desk.clock().advance(Duration::from_millis(1));
    let _ = desk.signed_in(owner).delete(&format!("/api/v1/apps/{app}")).await.expect(200);
    desk.settle().await;
    let of_partner = desk.partner_scope(owner.partner);
    let trail = desk.db().read(&of_partner, |read| audit::list(read, None, None, Limit::DEFAULT)).await;
    let trail = trail.unwrap().items;
    let found = trail.iter().find(|entry| entry.action == "app_deleted").unwrap();
    assert_eq!((&found.actor, &found.resource_id), (&owner.member.to_string(), &app.to_string()));
    assert_eq!(found.details["slug"], "verde");
    // The app's own trail outlives it, for whoever runs the installation.
    let of_app = desk.app_scope_of(app);
    let trail = desk.db().read(&of_app, |read| audit::list(read, None, None, Limit::DEFAULT)).await.unwrap();
    assert_eq!(trail.items[0].action, "app_deleted");
}

/// The tables' erasers are only reached through the job, and the job looks at the mark.
async fn an_app_that_is_alive_is_never_erased(engine: EngineKind) {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Forged {
        app: AppId,
    }
    impl job::Job for Forged {
        const KIND: &'static str = "tenancy.erase_app";
        async fn run(&self, _: &job::JobContext) -> Result<(), job::JobError> {
            Ok(())
        }
    }
    let desk = Desk::open(engine);
    let owner = desk.partner("Verde").await;
    let app = desk.launch(owner, "verde").await;
    fill(&desk, app, 10).await;
    let scope = desk.app_scope_of(app);
    desk.db().write(&scope, |tx| Ok::<_, DbError>(tx.enqueue(&Forged { app: tx.app() }))).await.unwrap();
    desk.settle().await;
    assert_eq!((count(&desk, app).await, slices(app)), (10, 0));
    assert_eq!(desk.app("verde").get("/api/v1/tenant").await.status, 200);
}
