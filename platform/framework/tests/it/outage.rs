//! PostgreSQL goes away while the program runs, and comes back: what was answered is there, and work goes on by itself.

use crate::note;
use slipway_framework::db::DbError;
use slipway_testkit::EngineKind;

// The module name keeps these out of an embedded-only run, like every test that needs PostgreSQL.
mod postgres {
    use super::*;

    #[test]
    fn connections_that_were_cut_are_made_anew() {
        slipway_testkit::block_on(async {
            let platform = note::start(EngineKind::Postgres);
            let scope = platform.app_scope();
            platform.db().write(&scope, |tx| note::insert(tx, "before", 1)).await.unwrap();
            let cut = platform.database().as_owner(
                "SELECT CAST(pg_terminate_backend(pid) AS text) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            );
            assert!(!cut.is_empty());
            // Each connection may find out once that it was cut; nobody hears of it more often than there are connections.
            let mut heard = 0;
            while let Err(error) = platform.db().write(&scope, |tx| note::insert(tx, "after", 1)).await {
                assert!(matches!(error, DbError::Unavailable(_) | DbError::Busy), "{error:?}");
                heard += 1;
                assert!(heard <= cut.len(), "work does not go on: {error:?}");
            }
            assert_eq!(note::kept(&platform, &scope).await, ["after", "before"]);
        });
    }
}
