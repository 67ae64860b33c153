//! Remembers whose host a slug is, or that it is nobody's.

use slipway_framework::cache::Cache;
use slipway_framework::db::DbError;
use slipway_framework::http::Tenant;
use slipway_kernel::Slug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Other processes on the same database learn of a change after this.
const TIME_TO_LIVE: Duration = Duration::from_secs(10);
const ENTRIES: u64 = 10_000;

/// Entries carry the generation in which their load began, and every change begins a new one: a load that was overtaken by a
/// change is then never found again. One generation serves all apps, since a load costs two point reads and changes are rare.
#[derive(Debug)]
pub(crate) struct HostCache {
    generation: AtomicU64,
    tenants: Cache<(u64, Slug), Arc<Tenant>>,
}

impl Default for HostCache {
    fn default() -> Self {
        Self { generation: AtomicU64::new(0), tenants: Cache::new("hosts", ENTRIES, TIME_TO_LIVE) }
    }
}

impl HostCache {
    pub(crate) async fn get_or_load(
        &self,
        slug: &Slug,
        load: impl Future<Output = Result<Option<Arc<Tenant>>, DbError>>,
    ) -> Result<Option<Arc<Tenant>>, Arc<DbError>> {
        let generation = self.generation.load(Ordering::Acquire);
        self.tenants.get_or_load((generation, slug.clone()), [], load).await
    }

    /// Makes every entry unreachable.
    pub(crate) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_kernel::{AppId, PartnerId};

    fn tenant(suspended: bool) -> Option<Arc<Tenant>> {
        let (app, partner) = (AppId::from_bits(1), PartnerId::from_bits(2));
        Some(Arc::new(Tenant { app, partner, kit: "meals".to_owned(), suspended }))
    }

    #[test]
    fn a_load_that_a_change_overtook_is_not_found_again() {
        slipway_testkit::block_on(async {
            let (cache, slug) = (HostCache::default(), Slug::parse("verde").unwrap());
            let overtaken = async {
                let read = tenant(false);
                cache.forget();
                Ok(read)
            };
            assert_eq!(cache.get_or_load(&slug, overtaken).await.unwrap(), tenant(false));
            let fresh = cache.get_or_load(&slug, async { Ok(tenant(true)) }).await;
            assert_eq!(fresh.unwrap(), tenant(true));
        });
    }

    #[test]
    fn a_tenant_and_an_absence_are_loaded_once() {
        slipway_testkit::block_on(async {
            let cache = HostCache::default();
            for (slug, known) in [("verde", tenant(false)), ("azul", None)] {
                let slug = Slug::parse(slug).unwrap();
                for loaded in [known.clone(), tenant(true)] {
                    assert_eq!(cache.get_or_load(&slug, async { Ok(loaded) }).await.unwrap(), known);
                }
            }
        });
    }
}
