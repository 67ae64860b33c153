//! A fresh database for one test, gone when the test ends.

use slipway_framework::db::{EngineKind, Location};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// Where the test command says the throw-away PostgreSQL listens, as a URL of its database `postgres`.
const POSTGRES_URL: &str = "SLIPWAY_TEST_POSTGRES_URL";

/// A database nobody else uses.
#[derive(Debug)]
pub struct TestDatabase {
    location: Location,
    folder: TempDir,
    postgres: Option<(String, String)>,
}

impl TestDatabase {
    /// # Panics
    /// When the engine is not there: the message says how to get it.
    #[must_use]
    pub fn fresh(engine: EngineKind) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        match engine {
            EngineKind::Sqlite => {
                let location = Location::File(folder.path().join("slipway.db"));
                Self { location, folder, postgres: None }
            }
            EngineKind::Postgres => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "tests are told of their PostgreSQL by the test command only"
                )]
                let server = std::env::var(POSTGRES_URL);
                let server = server.unwrap_or_else(|_| {
                    panic!(
                        "{POSTGRES_URL} is not set: run the tests with `cargo xtask test`, which starts PostgreSQL, \
                         or leave these out with `--embedded-only`"
                    )
                });
                static NUMBER: AtomicU32 = AtomicU32::new(0);
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                let name = format!("slipway_test_{}_{number}", std::process::id());
                admin(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
                admin(&server, &format!("CREATE DATABASE {name}"));
                let (address, _) = server.rsplit_once('/').expect("the URL names a database");
                let location = Location::Url(format!("{address}/{name}"));
                Self { location, folder, postgres: Some((server, name)) }
            }
        }
    }

    #[must_use]
    pub fn location(&self) -> Location {
        self.location.clone()
    }

    /// A folder that lives as long as the database.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Runs SQL as the owner of the database, past every policy.
    ///
    /// # Panics
    /// When PostgreSQL refuses it, or on SQLite.
    #[must_use]
    pub fn as_owner(&self, sql: &str) -> Vec<String> {
        let Location::Url(url) = &self.location else { panic!("only PostgreSQL has owners") };
        admin(url, sql)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.postgres {
            admin(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Runs one command on a thread of its own, because a test's runtime may not be blocked on another one; returns the first
/// column of every row.
fn admin(url: &str, command: &str) -> Vec<String> {
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime can be built");
        runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(url, NoTls).await.expect("the test PostgreSQL answers");
            tokio::spawn(connection);
            let rows =
                client.simple_query(command).await.unwrap_or_else(|error| panic!("{command}: {error:?}"));
            let first = rows.iter().filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            });
            first.collect()
        })
    };
    thread::scope(|scope| scope.spawn(work).join()).expect("the administrator's command went through")
}
