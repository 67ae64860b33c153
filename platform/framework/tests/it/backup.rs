//! A copy is made by the owner of the tables, whom their forced policies bind like everybody else, and goes past every root.

use crate::note;
use slipway_framework::backup::{Archive, Source, back_up, restore};
use slipway_framework::clock::SystemClock;
use slipway_framework::db::{Config, Db, DbError, Durability, EngineKind, Location};
use slipway_framework::entropy::SystemEntropy;
use slipway_framework::keys::Keys;
use slipway_framework::object::Objects;
use slipway_framework::scope::{Actor, AppScope, Cause};
use slipway_kernel::{Id, RequestId};
use slipway_testkit::{TestDatabase, tokio};
use std::sync::Arc;

const SECRET: &str = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";

/// The same database, worked in by somebody who owns it and is no superuser.
fn owned(database: &TestDatabase) -> Location {
    // Roles belong to the whole server, and another test process may be making this one.
    let _ = database.as_owner(
        "DO $body$ BEGIN CREATE ROLE slipway_test_owner NOSUPERUSER NOBYPASSRLS CREATEROLE; \
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $body$",
    );
    let _ = database.as_owner("GRANT CREATE, USAGE ON SCHEMA public TO slipway_test_owner");
    let Location::Url(url) = database.location() else { panic!("a PostgreSQL has a URL") };
    Location::Url(format!("{url}?options=-c%20role%3Dslipway_test_owner"))
}

fn source(location: Location, database: &TestDatabase) -> Source {
    Source {
        location,
        migrations: note::migrations(),
        lists: Vec::new(),
        objects: Objects::in_folder(&database.folder().join("objects"), Durability::Off).unwrap(),
        keys: Keys::from_secret(SECRET).unwrap(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_is_no_superuser_copies_every_row() {
    let (from, to) = (TestDatabase::fresh(EngineKind::Postgres), TestDatabase::fresh(EngineKind::Postgres));
    let source_here = source(owned(&from), &from);
    let config = Config { threads: 1, ..Config::new(source_here.location.clone()) };
    let (clock, entropy) = (source_here.clock.clone(), source_here.entropy.clone());
    let db = Db::open(config, &source_here.migrations, clock, entropy).unwrap();
    let cause = Cause { actor: Actor::Operator, request: RequestId::from_bits(0) };
    // Texts sort by their bytes, whatever the language of the database: capitals come first.
    for (app, title) in [(1, "b"), (2, "B"), (2, "a"), (2, "ä")] {
        let scope = AppScope::new(Id::from_bits(app), cause);
        db.write(&scope, move |tx| note::insert(tx, title, 7).map(drop)).await.unwrap();
    }
    let folder = from.folder().join("archive");
    let files = tokio::runtime::Handle::current();
    let target = source(owned(&to), &to);
    let (again, files_again, blind) = (source_here.clone(), files.clone(), folder.with_extension("blind"));
    let copied = tokio::task::spawn_blocking(move || {
        let first = back_up(&source_here, &folder, &files).unwrap();
        restore(&Archive::open(&folder).unwrap(), &target, &files).unwrap();
        let second = back_up(&target, &folder.with_extension("2"), &files).unwrap();
        let lines = std::fs::read_to_string(folder.join("tables/notes.jsonl")).unwrap();
        (first, second, lines)
    });
    let (first, second, lines) = copied.await.unwrap();
    assert_eq!(first.tables["notes"].rows, 4);
    assert_eq!(first.tables, second.tables);
    let titles: Vec<_> = lines.lines().map(|line| line.split('"').nth(3).unwrap_or_default()).collect();
    assert_eq!(titles, ["b", "B", "a", "ä"]);
    // Whoever works for tenants is not let past them by the same word.
    let kept = db.read(&AppScope::new(Id::from_bits(1), cause), note::titles).await;
    assert_eq!(kept.unwrap_or_else(|error: DbError| panic!("{error}")), ["b"]);

    // Without its policy the owner would read nothing, and hear of nothing either.
    let _ = from.as_owner("DROP POLICY notes_copying ON notes");
    let blinded = tokio::task::spawn_blocking(move || back_up(&again, &blind, &files_again)).await.unwrap();
    let said = blinded.unwrap_err().to_string();
    assert!(said.contains("this user does not see every row"), "{said}");
}
