//! The machine's limits and memory, with the queue in hand.

use super::*;
use crate::house::{PLANS, open, user, wishes};
use slipway_nutrition::{Set, Word};
use slipway_testkit::{EngineKind, VirtualClock, block_on, on_both_engines};

on_both_engines!(a_full_planner_answers_503_and_recovers);

fn request(restrictions: &[Restriction]) -> Request {
    let (diet, pattern) = (Diet::Mediterranean, Pattern::ThreeMeals);
    Request { calories: 2_000, diet, pattern, restrictions: Set::of(restrictions), seed: 0 }
}

#[test]
fn a_full_queue_refuses_and_an_empty_one_plans() {
    block_on(async {
        let (planner, clock) = (Planner::new(1, 1), VirtualClock::default());
        let taken = planner.places.clone().acquire_many_owned(2).await.unwrap();
        let refused = planner.answer(request(&[]), &clock).await.unwrap_err();
        assert!(matches!(*refused, PlannerError::Busy));
        drop(taken);
        let answer = planner.answer(request(&[]), &clock).await.unwrap();
        assert!(matches!(answer.outcome(), Outcome::Planned(_)));
        assert!(!answer.cached, "a refusal is not remembered");
        assert_eq!((planner.places.available_permits(), planner.at_once.available_permits()), (2, 1));
    });
}

async fn a_full_planner_answers_503_and_recovers(engine: EngineKind) {
    let (house, _) = open(engine).await;
    let mut ana = user(&house, "verde", "ana").await;
    let planner = house.db().local::<Planner>();
    let all = u32::try_from(AT_ONCE + QUEUE_LENGTH).unwrap();
    let taken = planner.places.clone().try_acquire_many_owned(all).expect("nobody plans yet");
    let refused = ana.post(PLANS, wishes()).await;
    assert_eq!(refused.problem(), (503, "meals.busy".to_owned()));
    assert_eq!(refused.headers["retry-after"], "2");
    assert_eq!(ana.get(PLANS).await.expect(200)["items"], serde_json::json!([]));
    drop(taken);
    let _plan = ana.post(PLANS, wishes()).await.expect(201);
}

#[test]
fn the_order_of_restrictions_does_not_matter_and_everything_else_does() {
    block_on(async {
        let (planner, clock) = (Planner::default(), VirtualClock::default());
        let (nuts, fish) = (Restriction::NutFree, Restriction::FishFree);
        let first = planner.answer(request(&[nuts, fish]), &clock).await.unwrap();
        let again = planner.answer(request(&[fish, nuts, fish]), &clock).await.unwrap();
        assert!(!first.cached && again.cached);
        assert!(Arc::ptr_eq(&first.computed, &again.computed));
        for other in [
            Request { calories: 2_001, ..request(&[nuts, fish]) },
            Request { diet: Diet::Vegan, ..request(&[nuts, fish]) },
            Request { pattern: Pattern::TwoMeals, ..request(&[nuts, fish]) },
            Request { seed: 1, ..request(&[nuts, fish]) },
            request(&[nuts]),
        ] {
            assert!(!planner.answer(other, &clock).await.unwrap().cached, "{other:?}");
        }
    });
}

#[test]
fn callers_of_the_same_week_share_one_computation() {
    block_on(async {
        let planner = Arc::new(Planner::new(1, 0));
        let callers = (0..20).map(|_| {
            let planner = planner.clone();
            tokio::spawn(async move { planner.answer(request(&[]), &VirtualClock::default()).await })
        });
        let mut fresh = 0;
        for caller in callers.collect::<Vec<_>>() {
            let answer = caller.await.unwrap().expect("one place is enough for twenty equal wishes");
            fresh += u32::from(!answer.cached);
        }
        assert_eq!(fresh, 1);
    });
}

#[test]
fn no_word_of_the_vocabularies_names_a_condition() {
    let words = Diet::ALL.iter().map(|word| word.key()).chain(Restriction::ALL.iter().map(|word| word.key()));
    for word in words {
        for condition in ["diabet", "hypertension", "heart", "kidney", "disease"] {
            assert!(!word.contains(condition), "{word}");
        }
    }
}
