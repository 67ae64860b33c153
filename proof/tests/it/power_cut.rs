//! A few cuts; `cargo xtask prove power-cut` does five hundred.

use slipway_proof::power_cut::{Durability, Outcome, Trouble, prove};

async fn cut(cuts: u64, durability: Durability, trouble: Trouble) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    prove(super::house(), folder.path(), cuts, 1, durability, trouble, |_| {}).await.unwrap()
}

#[tokio::test]
async fn a_power_cut_takes_nothing_that_was_answered() {
    let outcome = cut(20, Durability::Full, Trouble::Nothing).await;
    assert_eq!(outcome.losses, [""; 0]);
    assert!(outcome.answered > 0, "{outcome:?}");
}

#[tokio::test]
async fn nor_on_a_disk_that_was_full_for_a_while() {
    let outcome = cut(10, Durability::Full, Trouble::Full).await;
    assert_eq!(outcome.losses, [""; 0]);
    assert!(outcome.answered > 0 && outcome.refused > 0, "{outcome:?}");
}

#[tokio::test]
async fn nor_on_one_that_syncs_slowly() {
    let outcome = cut(10, Durability::Full, Trouble::Slow).await;
    assert_eq!(outcome.losses, [""; 0]);
}

#[tokio::test]
async fn the_same_cuts_do_take_something_when_less_is_synced() {
    for durability in [Durability::Normal, Durability::Off] {
        let outcome = cut(20, durability, Trouble::Nothing).await;
        assert_ne!(outcome.losses, [""; 0], "with {durability:?} the proof is blind");
    }
}
