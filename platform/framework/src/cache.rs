//! Named caches in this process: one load for many callers, remembered absences, entries dropped by tag.
//!
//! It refuses to be the only place where something is known: whatever is in it can be dropped at any time.

use moka::future::Cache as Moka;
use moka::policy::EvictionPolicy;
use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// A cache of `V` by `K`, where a `None` is remembered too: knowing that a host is unknown saves as much as knowing a
/// known one, and is told apart from not having asked (P-CACHE-02).
pub struct Cache<K, V> {
    name: &'static str,
    entries: Moka<K, Entry<V>>,
}

#[derive(Clone)]
struct Entry<V> {
    value: Option<V>,
    tags: Arc<HashSet<String>>,
}

impl<K, V> Cache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// At most `entries` entries, each for at most `time_to_live`.
    #[must_use]
    pub fn new(name: &'static str, entries: u64, time_to_live: Duration) -> Self {
        let entries = Moka::builder()
            .name(name)
            .max_capacity(entries)
            .time_to_live(time_to_live)
            .eviction_policy(EvictionPolicy::tiny_lfu())
            .support_invalidation_closures()
            .build();
        Self { name, entries }
    }

    /// The cached value, or what `load` finds. A hundred callers at once share one load; a failed load is not kept.
    ///
    /// # Errors
    /// What `load` returned, shared by everybody who waited for it.
    pub async fn get_or_load<E, F>(
        &self,
        key: K,
        tags: impl IntoIterator<Item = String>,
        load: F,
    ) -> Result<Option<V>, Arc<E>>
    where
        E: Send + Sync + 'static,
        F: Future<Output = Result<Option<V>, E>>,
    {
        let tags = Arc::new(tags.into_iter().collect());
        let fetched = async { Ok(Entry { value: load.await?, tags }) };
        Ok(self.entries.try_get_with(key, fetched).await?.value)
    }

    /// Drops one entry.
    pub async fn forget<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.entries.invalidate(key).await;
    }

    /// Drops every entry with this very tag: `app_1` does not touch `app_10`.
    pub fn forget_tagged(&self, tag: &str) {
        let tag = tag.to_owned();
        let dropped = self.entries.invalidate_entries_if(move |_, entry| entry.tags.contains(&tag));
        dropped.expect("the cache was built with invalidation closures");
    }
}

impl<K, V> fmt::Debug for Cache<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Cache({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn cache() -> Cache<u32, u32> {
        Cache::new("test", 100, Duration::from_secs(60))
    }

    #[tokio::test]
    async fn a_hundred_callers_share_one_load() {
        let (cache, loads) = (Arc::new(cache()), Arc::new(AtomicU32::new(0)));
        let callers = (0..100).map(|_| {
            let (cache, loads) = (cache.clone(), loads.clone());
            tokio::spawn(async move {
                let load = async {
                    tokio::task::yield_now().await;
                    Ok::<_, Infallible>(Some(loads.fetch_add(1, Ordering::SeqCst)))
                };
                cache.get_or_load(7, [], load).await.unwrap()
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            assert_eq!(caller.await.unwrap(), Some(0));
        }
        assert_eq!(loads.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn an_absence_is_remembered_and_a_failure_is_not() {
        let cache = cache();
        assert!(cache.get_or_load(1, [], async { Err::<Option<u32>, _>("down") }).await.is_err());
        assert_eq!(cache.get_or_load(1, [], async { Ok::<_, Infallible>(None) }).await.unwrap(), None);
        assert_eq!(cache.get_or_load(1, [], async { Ok::<_, Infallible>(Some(5)) }).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_tag_drops_its_own_entries_only() {
        let cache = cache();
        for (key, tag) in [(1, "app_1"), (10, "app_10")] {
            cache.get_or_load(key, [tag.to_owned()], async { Ok::<_, Infallible>(Some(1)) }).await.unwrap();
        }
        cache.forget_tagged("app_1");
        for (key, value) in [(1, 2), (10, 1)] {
            assert_eq!(
                cache.get_or_load(key, [], async { Ok::<_, Infallible>(Some(2)) }).await.unwrap(),
                Some(value)
            );
        }
    }
}
