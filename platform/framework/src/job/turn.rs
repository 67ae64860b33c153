//! Whose turn it is: roots with due jobs are served around a ring, each for as many jobs in a row as its weight says.
//!
//! This is deficit round robin (Shreedhar and Varghese, 1995) with jobs of equal size. It refuses to know how long a root's
//! backlog is: a root with a hundred thousand jobs and one with a single job wait for the same turn.

use crate::scope::RootId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many jobs in a row each root is served when its turn comes; one that is not listed has 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weights(Arc<BTreeMap<u128, u32>>);

impl Weights {
    /// A weight of nothing counts as 1, because a root that is never served would wait for ever.
    #[must_use]
    pub fn of(weights: impl IntoIterator<Item = (RootId, u32)>) -> Self {
        Self(Arc::new(weights.into_iter().map(|(root, weight)| (root.bits(), weight.max(1))).collect()))
    }

    fn of_root(&self, root: RootId) -> u32 {
        self.0.get(&root.bits()).copied().unwrap_or(1)
    }
}

/// Where the ring stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turns {
    /// The root at this place, or the first behind it, is next.
    next: u128,
    /// How many more jobs it may have in this turn, when an earlier round ran out of room within it.
    credit: u32,
}

impl Turns {
    pub(super) const START: Self = Self { next: 0, credit: 0 };

    pub(super) fn next(self) -> RootId {
        RootId::from_bits(self.next)
    }

    /// Deals `room` places out to `roots`, which stand in the ring's order from [`Turns::next`] on, and moves the ring on. Roots
    /// are taken to have more jobs than they are dealt; whoever has fewer is not in the ring any more when it is dealt again.
    pub(super) fn deal(&mut self, roots: &[RootId], weights: &Weights, room: u32) -> Vec<(RootId, u32)> {
        let mut dealt: Vec<(RootId, u32)> = roots.iter().map(|root| (*root, 0)).collect();
        let (mut left, mut index) = (room, 0);
        while let Some((root, share)) = dealt.get_mut(index).filter(|_| left > 0) {
            let begun = root.bits() == self.next && self.credit > 0;
            let credit = if begun { self.credit } else { weights.of_root(*root) };
            let taken = credit.min(left);
            *share += taken;
            left -= taken;
            if taken < credit {
                *self = Self { next: root.bits(), credit: credit - taken };
            } else {
                *self = Self { next: root.bits().wrapping_add(1), credit: 0 };
                index = (index + 1) % roots.len();
            }
        }
        dealt.retain(|(_, share)| *share > 0);
        dealt
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn root(bits: u128) -> RootId {
        RootId::from_bits(bits)
    }

    /// What the store hands over: at most `room` roots, in the ring's order from the next one on.
    fn ring(roots: &[u128], turns: Turns, room: u32) -> Vec<RootId> {
        let (before, behind): (Vec<_>, Vec<_>) = roots.iter().copied().partition(|bits| *bits < turns.next);
        behind.into_iter().chain(before).take(room as usize).map(root).collect()
    }

    #[test]
    fn a_turn_that_was_cut_short_goes_on() {
        let weights = Weights::of([(root(1), 3), (root(2), 0)]);
        let mut turns = Turns::START;
        for (room, expected) in [
            (2, vec![(1, 2)]),
            (2, vec![(1, 1), (2, 1)]),
            (9, vec![(5, 2), (1, 6), (2, 1)]),
            (1, vec![(2, 1)]),
        ] {
            let dealt = turns.deal(&ring(&[1, 2, 5], turns, room), &weights, room);
            let dealt: Vec<_> = dealt.into_iter().map(|(root, share)| (root.bits(), share)).collect();
            assert_eq!(dealt, expected);
        }
        assert_eq!(turns.deal(&[], &weights, 4), []);
    }

    proptest! {
        /// While everybody has work, nobody is ever more than one turn ahead of anybody, whatever the room at each round.
        #[test]
        fn roots_are_served_by_their_weights(
            weights in prop::collection::btree_map(any::<u128>(), 1_u32..6, 1..12),
            rooms in prop::collection::vec(1_u32..40, 1..60),
        ) {
            let roots: Vec<_> = weights.keys().copied().collect();
            let table = Weights::of(weights.iter().map(|(bits, weight)| (root(*bits), *weight)));
            let (mut turns, mut served) = (Turns::START, BTreeMap::<u128, u32>::new());
            for room in rooms {
                let dealt = turns.deal(&ring(&roots, turns, room), &table, room);
                prop_assert_eq!(dealt.iter().map(|(_, share)| share).sum::<u32>(), room);
                for (root, share) in dealt {
                    *served.entry(root.bits()).or_default() += share;
                }
                let turns_of = |bits: &u128| {
                    let (served, weight) = (served.get(bits).copied().unwrap_or(0), weights[bits]);
                    (served / weight, served.div_ceil(weight))
                };
                let least = roots.iter().map(|bits| turns_of(bits).0).min().unwrap_or(0);
                let most = roots.iter().map(|bits| turns_of(bits).1).max().unwrap_or(0);
                prop_assert!(most <= least + 1, "{served:?} by {weights:?}");
            }
        }

        /// A root that comes anew is served before anybody else has had two turns.
        #[test]
        fn whoever_comes_anew_waits_for_one_ring_at_most(
            roots in prop::collection::btree_set(any::<u128>(), 1..10),
            newcomer in any::<u128>(),
            begun in 0_u32..30,
        ) {
            let old: Vec<_> = roots.iter().copied().filter(|bits| *bits != newcomer).collect();
            let mut turns = Turns::START;
            for _ in 0..begun {
                turns.deal(&ring(&old, turns, 1), &Weights::default(), 1);
            }
            let mut all = old.clone();
            all.push(newcomer);
            all.sort_unstable();
            let mut waited = 0;
            while turns.deal(&ring(&all, turns, 1), &Weights::default(), 1) != [(root(newcomer), 1)] {
                waited += 1;
                prop_assert!(waited <= old.len());
            }
        }
    }
}
