//! Pieces of work done side by side.
//!
//! It refuses to decide what comes out: the results are in the order of the pieces, however many threads there are, and where none can be
//! started everything is done by the caller's own.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `work` on every piece. The last ones are begun first: whoever lists the largest last keeps all processors busy to the end.
pub(crate) fn each<P: Sync, R: Send>(pieces: &[P], work: impl Fn(&P) -> R + Sync) -> Vec<R> {
    let left = AtomicUsize::new(pieces.len());
    let take = || {
        let taken =
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).ok()?;
        Some(taken - 1)
    };
    let some = || -> Vec<(usize, R)> {
        std::iter::from_fn(take).map(|index| (index, work(&pieces[index]))).collect()
    };
    let hands = thread::available_parallelism().map_or(1, NonZero::get).min(pieces.len());
    let mut done = thread::scope(|scope| {
        let others: Vec<_> =
            (1..hands).filter_map(|_| thread::Builder::new().spawn_scoped(scope, some).ok()).collect();
        let mut done = some();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_pieces() {
        let pieces: Vec<u32> = (0..1_000).collect();
        let doubled: Vec<u32> = pieces.iter().map(|piece| piece * 2).collect();
        assert_eq!(each(&pieces, |piece| piece * 2), doubled);
        assert!(each(&[] as &[u32], |piece| *piece).is_empty());
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        let pieces: Vec<u32> = (0..100).collect();
        let work = |piece: &u32| assert!(*piece != 50, "fifty");
        assert!(std::panic::catch_unwind(|| each(&pieces, work)).is_err());
    }
}
