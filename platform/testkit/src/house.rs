//! Modules put together as the server would, reached through their front door.

use crate::{TestClient, TestPlatform};
use axum::Router;
use slipway_framework::db::EngineKind;
use slipway_framework::event;
use slipway_framework::housekeeping::{self, Cleaned};
use slipway_framework::http::{Fallbacks, TrustedProxies};
use slipway_framework::job;
use slipway_framework::module::{Assembly, Module};
use slipway_framework::platform::Parts;
use std::ops::Deref;

/// An assembled house without a network: requests go straight into its router.
#[derive(Debug)]
pub struct TestHouse {
    platform: TestPlatform,
    assembly: Assembly,
    router: Router,
}

impl TestHouse {
    /// # Panics
    /// When the house cannot be built; the message says why.
    #[must_use]
    pub fn of(engine: EngineKind, modules: impl IntoIterator<Item = Module>) -> Self {
        let assembly = Assembly::of(modules);
        let platform = TestPlatform::build(
            engine,
            &assembly.migrations(),
            (assembly.kits(), assembly.erasures()),
            |_| {},
        );
        Self::around(platform, assembly)
    }

    /// The same data under another program or other settings, as after an update.
    #[must_use]
    pub fn restarted(
        self,
        modules: impl IntoIterator<Item = Module>,
        adjust: impl FnOnce(&mut Parts),
    ) -> Self {
        let assembly = Assembly::of(modules);
        let platform = self.platform.rebuilt((assembly.kits(), assembly.erasures()), adjust);
        Self::around(platform, assembly)
    }

    fn around(platform: TestPlatform, assembly: Assembly) -> Self {
        let router = assembly.router(platform.platform(), TrustedProxies::default(), Fallbacks::default());
        Self { platform, assembly, router }
    }

    #[must_use]
    pub fn assembly(&self) -> &Assembly {
        &self.assembly
    }

    /// A browser at the console.
    #[must_use]
    pub fn console(&self) -> TestClient {
        TestClient::new(self.router.clone(), "localhost:8080")
    }

    /// A browser at an app.
    #[must_use]
    pub fn app(&self, slug: &str) -> TestClient {
        TestClient::new(self.router.clone(), &format!("{slug}.localhost:8080"))
    }

    /// Does a round of housekeeping.
    pub async fn clean(&self) -> Cleaned {
        housekeeping::clean(self.platform.platform(), &self.assembly.chores()).await
    }

    /// Does everything that is due: events are handed out and jobs run until there is nothing left.
    ///
    /// # Panics
    /// When a consumer fails or jobs cannot be claimed.
    pub async fn settle(&self) {
        let (registry, consumers) = (self.assembly.jobs(), self.assembly.consumers());
        loop {
            event::drain(self.db(), &consumers).await.expect("every consumer acts");
            if job::drain(self.platform.platform(), &registry).await.expect("jobs can be claimed") == 0 {
                return;
            }
        }
    }
}

impl Deref for TestHouse {
    type Target = TestPlatform;
    fn deref(&self) -> &TestPlatform {
        &self.platform
    }
}
