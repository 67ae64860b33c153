//! The sweep of stored files that no row names.
//!
//! A file may be younger than the row that will name it, so only files older than a day are looked at; and rows are read after
//! the files were listed, so a file named meanwhile is found named.

use super::{HousekeepingError, scope};
use crate::object::{ListNamed, Place};
use crate::platform::Platform;
use crate::scope::Purpose;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// How long a file may wait for its row: an upload, a launch or a build takes seconds, a retried job an hour.
const GRACE: Duration = Duration::from_hours(24);
/// Files judged in one round, so that their hashes (32 bytes each) never fill the memory.
const FILES_A_ROUND: usize = 20_000;
/// Rows read in one transaction.
const PAGE_ROWS: i64 = 500;

/// Where this process goes on: the first byte of the hashes that the next round begins with.
#[derive(Debug, Default)]
struct Next(AtomicU8);

/// Deletes what no row names among the files whose turn it is; returns how many there were.
pub(super) async fn sweep(platform: &Platform, lists: &[ListNamed]) -> Result<u64, HousekeepingError> {
    let before = platform.clock().now() - GRACE;
    let next = platform.db().local::<Next>();
    let first = next.0.load(Ordering::Relaxed);
    let mut candidates = HashSet::new();
    let mut byte = first;
    loop {
        candidates.extend(platform.objects().list_older(byte, before).await?);
        byte = byte.wrapping_add(1);
        if byte == first || candidates.len() >= FILES_A_ROUND {
            break;
        }
    }
    for list in lists.iter().copied() {
        let mut place = Some(Place::start());
        while let Some(after) = place.filter(|_| !candidates.is_empty()) {
            let read = platform
                .db()
                .read(&scope(platform, Purpose::Objects), move |read| list(read, &after, PAGE_ROWS));
            let named = read.await?;
            for hash in &named.hashes {
                candidates.remove(hash);
            }
            place = named.next;
        }
    }
    let mut deleted = 0;
    for orphan in candidates {
        deleted += u64::from(platform.objects().delete_older(orphan, before).await?);
    }
    // Only now, so that files whose turn ended in a failure are looked at again.
    next.0.store(byte, Ordering::Relaxed);
    Ok(deleted)
}
