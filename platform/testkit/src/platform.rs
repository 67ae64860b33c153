//! The platform a test runs on.

use crate::{SeededEntropy, TestDatabase, VirtualClock};
use slipway_framework::db::{Config, Db, Durability, EngineKind, Migrations, Statement};
use slipway_framework::erasure::Erasure;
use slipway_framework::keys::Keys;
use slipway_framework::kit::Kit;
use slipway_framework::object::Objects;
use slipway_framework::password::PasswordCost;
use slipway_framework::platform::{Addresses, Parts, Platform, Scheme};
use slipway_framework::scope::{Actor, AppScope, Cause};
use slipway_framework::trace::Tracer;
use slipway_kernel::{AppId, Id, Identified};
use std::fs;
use std::io::Write;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// A platform with nothing in it. Dropping it writes down which SQL constants were run, for the test command to add up.
#[derive(Debug)]
pub struct TestPlatform {
    platform: Platform,
    clock: Arc<VirtualClock>,
    entropy: Arc<SeededEntropy>,
    database: TestDatabase,
}

impl TestPlatform {
    /// # Panics
    /// When the platform cannot be built; the message says why.
    #[must_use]
    pub fn start(engine: EngineKind, migrations: &Migrations) -> Self {
        Self::start_with(engine, migrations, |_| {})
    }

    /// The same, with another dimensioning of the database.
    ///
    /// # Panics
    /// As [`TestPlatform::start`].
    #[must_use]
    pub fn start_with(engine: EngineKind, migrations: &Migrations, adjust: impl FnOnce(&mut Config)) -> Self {
        Self::build(engine, migrations, (Vec::new(), Vec::new()), adjust)
    }

    pub(crate) fn build(
        engine: EngineKind,
        migrations: &Migrations,
        (kits, erasures): (Vec<Kit>, Vec<Erasure>),
        adjust: impl FnOnce(&mut Config),
    ) -> Self {
        let database = TestDatabase::fresh(engine);
        let (clock, entropy) = (Arc::new(VirtualClock::default()), Arc::new(SeededEntropy::new(1)));
        let mut config = Config::new(database.location());
        config.threads = 2;
        adjust(&mut config);
        let db = Db::open(config, migrations, clock.clone(), entropy.clone())
            .unwrap_or_else(|error| panic!("{error}"));
        let platform = Platform::new(Parts {
            db,
            objects: Objects::in_folder(&database.folder().join("objects"), Durability::Full)
                .expect("a folder can be made"),
            keys: Keys::from_secret("00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978")
                .expect("the tests' secret is well formed"),
            clock: clock.clone(),
            entropy: entropy.clone(),
            kits,
            erasures,
            password_cost: cheap(),
            tracer: Tracer::default(),
            addresses: Addresses {
                scheme: Scheme::Http,
                base_domain: "localhost".to_owned(),
                port: Some(8080),
            },
        });
        Self { platform, clock, entropy, database }
    }

    /// The same surroundings, with what `adjust` changes.
    pub(crate) fn rebuilt(
        mut self,
        (kits, erasures): (Vec<Kit>, Vec<Erasure>),
        adjust: impl FnOnce(&mut Parts),
    ) -> Self {
        let mut parts = Parts {
            db: self.platform.db().clone(),
            objects: self.platform.objects().clone(),
            keys: self.platform.keys().clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            addresses: self.platform.addresses().clone(),
            password_cost: self.platform.password_cost(),
            tracer: Tracer::default(),
            kits,
            erasures,
        };
        adjust(&mut parts);
        self.platform = Platform::new(parts);
        self
    }

    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    #[must_use]
    pub fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    #[must_use]
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Makes every stored file look as if it had been stored so long ago, by this platform's clock.
    ///
    /// # Panics
    /// When a file cannot be touched.
    pub fn age_objects(&self, age: Duration) {
        let stored_us = (slipway_kernel::Clock::now(&*self.clock) - age).as_micros();
        let stored =
            UNIX_EPOCH + Duration::from_micros(u64::try_from(stored_us).expect("tests play after 1970"));
        let mut folders = vec![self.database.folder().join("objects")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the folder can be read") {
                let path = entry.expect("the folder can be read").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let file = fs::OpenOptions::new().write(true).open(path).expect("the file can be opened");
                    file.set_modified(stored).expect("the file can be touched");
                }
            }
        }
    }

    pub fn mint<T: Identified>(&self) -> Id<T> {
        Id::mint(&*self.clock, &*self.entropy)
    }

    #[must_use]
    pub fn cause(&self) -> Cause {
        Cause { actor: Actor::Platform, request: self.mint() }
    }

    /// A scope of a fresh app.
    #[must_use]
    pub fn app_scope(&self) -> AppScope {
        let app: AppId = self.mint();
        AppScope::new(app, self.cause())
    }
}

/// Tests check what is done with passwords, not how long it takes to guess one.
fn cheap() -> PasswordCost {
    #[expect(clippy::disallowed_methods, reason = "this is the home of the cheap cost")]
    PasswordCost::for_tests()
}

impl Deref for TestPlatform {
    type Target = Platform;
    fn deref(&self) -> &Platform {
        &self.platform
    }
}

impl Drop for TestPlatform {
    fn drop(&mut self) {
        let engine = self.platform.db().engine();
        let name = match engine {
            EngineKind::Sqlite => "sqlite",
            EngineKind::Postgres => "postgres",
        };
        let touched = Statement::all().filter(|statement| statement.is_touched(engine)).map(Statement::name);
        record(&format!("{name}/{}.txt", std::process::id()), touched);
        record("all.txt", Statement::all().map(Statement::name));
    }
}

/// Where the test command wants to hear which statements were run; unset when nobody adds them up.
const TOUCHED: &str = "SLIPWAY_SQL_TOUCHED";

/// Appends names to a file of that folder.
fn record(file: &str, names: impl Iterator<Item = &'static str>) {
    #[expect(clippy::disallowed_methods, reason = "the test command tells its tests where to report")]
    let Ok(folder) = std::env::var(TOUCHED) else { return };
    let path = Path::new(&folder).join(file);
    let text: String = names.flat_map(|name| [name, "\n"]).collect();
    let written = fs::create_dir_all(path.parent().expect("the file is in a folder"))
        .and_then(|()| fs::OpenOptions::new().create(true).append(true).open(&path))
        .and_then(|mut file| file.write_all(text.as_bytes()));
    // A panic here would hide the test's own; the coverage check will miss the names and say so.
    if let Err(error) = written {
        eprintln!("the touched statements could not be written to {}: {error}", path.display());
    }
}
