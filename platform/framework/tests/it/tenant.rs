//! Two apps never see each other: by the predicate on both engines, and on PostgreSQL also without it (P-TEN-01).

use crate::note;
use slipway_framework::db::DbError;
use slipway_testkit::{EngineKind, on_both_engines};

on_both_engines!(an_app_sees_its_own_rows);

async fn an_app_sees_its_own_rows(engine: EngineKind) {
    let platform = note::start(engine);
    let (left, right) = (platform.app_scope(), platform.app_scope());
    for (scope, title) in [(left, "left"), (right, "right")] {
        platform.db().write(&scope, move |tx| note::insert(tx, title, 1)).await.unwrap();
    }
    assert_eq!(note::kept(&platform, &left).await, ["left"]);
    assert_eq!(note::kept(&platform, &right).await, ["right"]);
    if engine == EngineKind::Sqlite {
        // SQLite has no row policies: there the predicate, and the type that carries the app, are the wall.
        assert_eq!(platform.db().read(&left, note::titles_of_everybody).await.unwrap(), ["left", "right"]);
    }
}

mod postgres_walls {
    //! Row-level security, with the predicate forgotten on purpose.

    use super::*;
    use slipway_framework::scope::{Purpose, SystemScope};
    use slipway_testkit::TestPlatform;

    // The module name keeps these out of an embedded-only run, like every test that needs PostgreSQL.
    mod postgres {
        use super::*;

        #[test]
        fn a_forgotten_predicate_shows_nothing_foreign() {
            slipway_testkit::block_on(async {
                let platform = note::start(EngineKind::Postgres);
                let (left, right) = (platform.app_scope(), platform.app_scope());
                for (scope, title) in [(left, "left"), (right, "right")] {
                    platform.db().write(&scope, move |tx| note::insert(tx, title, 1)).await.unwrap();
                }
                for (scope, title) in [(left, "left"), (right, "right")] {
                    let seen = platform.db().read(&scope, note::titles_of_everybody).await.unwrap();
                    assert_eq!(seen, [title]);
                }
                assert!(nothing_for_the_system(&platform).await.is_empty());
            });
        }

        #[test]
        fn a_row_cannot_be_written_for_another_app() {
            slipway_testkit::block_on(async {
                let platform = note::start(EngineKind::Postgres);
                let (own, foreign) = (platform.app_scope(), platform.app_scope());
                let smuggled = platform
                    .db()
                    .write(&own, move |tx| note::insert_for(tx, foreign.app(), "smuggled"))
                    .await;
                match smuggled {
                    Err(DbError::Broken(reason)) => {
                        assert!(reason.contains("row-level security"), "{reason}");
                    }
                    other => panic!("{other:?}"),
                }
                assert!(note::kept(&platform, &foreign).await.is_empty());
            });
        }

        #[test]
        fn every_table_is_behind_a_forced_policy_and_the_server_owns_nothing() {
            let platform = note::start(EngineKind::Postgres);
            let bare = platform.database().as_owner(
                "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'schema_migrations'
                   AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                            AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))",
            );
            assert!(bare.is_empty(), "{bare:?}");
            let strong = platform.database().as_owner(
                "SELECT rolname FROM pg_roles WHERE rolname = 'slipway_app' AND (rolsuper OR rolbypassrls OR rolcanlogin)
                 UNION SELECT tableowner::text FROM pg_tables WHERE tableowner = 'slipway_app'",
            );
            assert!(strong.is_empty(), "{strong:?}");
        }
    }

    /// A purpose opens the tables that name it and no app's.
    async fn nothing_for_the_system(platform: &TestPlatform) -> Vec<String> {
        let mut seen = Vec::new();
        for purpose in Purpose::ALL {
            let scope = SystemScope::new(purpose, platform.cause());
            let rows: Result<Vec<String>, DbError> =
                platform.db().read(&scope, note::titles_for_system).await;
            seen.extend(rows.unwrap());
        }
        seen
    }
}
