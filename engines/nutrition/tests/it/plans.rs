//! Plans on the shipped data: every one is judged by the independent checker.

use proptest::prelude::*;
use slipway_nutrition::{
    Conflict, Diet, Nutrient, Outcome, Pattern, Plan, Request, RequestError, Restriction, Set, Wish, Word,
    check_plan, plan,
};

use crate::KITCHEN;

pub(crate) fn request(calories: u32, diet: Diet, pattern: Pattern, restrictions: &[Restriction]) -> Request {
    Request { calories, diet, pattern, restrictions: Set::of(restrictions), seed: 1 }
}

fn planned(request: &Request) -> Plan {
    match plan(&KITCHEN, request).expect("the energy is in range") {
        Outcome::Planned(plan) => *plan,
        other => panic!("{request:?}: {other:?}"),
    }
}

fn any_request() -> impl Strategy<Value = Request> {
    (
        16u32..=70,
        proptest::sample::select(Diet::ALL),
        proptest::sample::select(Pattern::ALL),
        proptest::sample::subsequence(Restriction::ALL.to_vec(), 0..=3),
        any::<u64>(),
    )
        .prop_map(|(fifties, diet, pattern, restrictions, seed)| Request {
            calories: fifties * 50,
            diet,
            pattern,
            restrictions: Set::of(&restrictions),
            seed,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_plan_breaks_a_hard_rule(request in any_request()) {
        if let Outcome::Planned(plan) = plan(&KITCHEN, &request).expect("the energy is in range") {
            let violations = check_plan(&KITCHEN, &plan);
            prop_assert!(violations.is_empty(), "{:?}: {:?}", request, violations);
        }
    }
}

#[test]
fn the_whole_workflow_of_a_vegetarian_gluten_free_week() {
    let request = request(2_000, Diet::Vegetarian, Pattern::ThreeMealsTwoSnacks, &[Restriction::GlutenFree]);
    let plan = planned(&request);
    assert_eq!(check_plan(&KITCHEN, &plan), []);
    for day in &plan.days {
        assert_eq!(day.meals.len(), 5);
        assert!((1_900.0..=2_100.0).contains(&day.totals.known(Nutrient::Energy)));
    }
    assert!(plan.shopping_list.len() >= 5);
    assert_eq!(plan.explanation.targets.len(), 4);
    assert_eq!(plan.explanation.choices.len(), 5);
    let dishes: std::collections::HashSet<_> =
        plan.days.iter().flat_map(|day| &day.meals).map(|meal| meal.recipe).collect();
    assert!(dishes.len() >= 15, "only {} dishes in a week of 35 places", dishes.len());
}

#[test]
fn keto_days_stay_under_twenty_grams_and_know_it() {
    for pattern in [Pattern::ThreeMeals, Pattern::ThreeMealsTwoSnacks, Pattern::TwoMeals, Pattern::OneMeal] {
        for calories in [1_500, 2_000, 2_500] {
            let plan = planned(&request(calories, Diet::Keto, pattern, &[]));
            assert_eq!(check_plan(&KITCHEN, &plan), []);
            for day in &plan.days {
                let net = day.totals.value(Nutrient::NetCarbs).expect("every food of a keto plan knows it");
                assert!(net <= 20.0 + 1e-9, "{net} g");
            }
        }
    }
}

#[test]
fn the_seed_decides_and_nothing_else() {
    let first = request(2_200, Diet::Mediterranean, Pattern::ThreeMeals, &[]);
    assert_eq!(planned(&first), planned(&first));
    let other = Request { seed: 2, ..first };
    assert_ne!(planned(&first).days, planned(&other).days);
}

#[test]
fn energy_outside_the_range_is_refused() {
    for (calories, allowed) in [(799, false), (800, true), (5_000, true), (5_001, false)] {
        let answer = plan(&KITCHEN, &request(calories, Diet::Standard, Pattern::ThreeMealsTwoSnacks, &[]));
        assert_eq!(answer.is_ok(), allowed, "{calories}");
        if !allowed {
            assert_eq!(answer, Err(RequestError::Calories(calories)));
        }
    }
    assert!(request(1_199, Diet::Standard, Pattern::OneMeal, &[]).has_low_energy());
    assert!(!request(1_200, Diet::Standard, Pattern::OneMeal, &[]).has_low_energy());
}

#[test]
fn an_infeasible_answer_names_wishes_each_of_which_matters() {
    let (mut named, mut mended) = (0, 0);
    for request in [
        request(5_000, Diet::Keto, Pattern::FiveSmallMeals, &[]),
        request(
            2_000,
            Diet::Vegan,
            Pattern::ThreeMeals,
            &[Restriction::SoyFree, Restriction::GlutenFree, Restriction::NutFree, Restriction::LupinFree],
        ),
        request(
            2_000,
            Diet::Keto,
            Pattern::ThreeMealsTwoSnacks,
            &[Restriction::FishFree, Restriction::DairyFree, Restriction::EggFree, Restriction::NutFree],
        ),
        request(
            1_600,
            Diet::Paleo,
            Pattern::FiveSmallMeals,
            &[Restriction::EggFree, Restriction::NutFree, Restriction::FishFree, Restriction::SesameFree],
        ),
    ] {
        let Outcome::Infeasible(answer) = plan(&KITCHEN, &request).expect("in range") else {
            continue;
        };
        named += 1;
        let Conflict { core, any_one_of } = &answer.conflict;
        println!(
            "{request:?}\n  {:?}\n  at odds: {core:?}\n  give up any one of: {any_one_of:?}",
            answer.proof
        );
        assert!(!core.is_empty() && any_one_of.iter().all(|wish| core.contains(wish)));
        assert!(!core.contains(&Wish::Restriction(Restriction::LupinFree)), "no dish holds lupin");
        // The planner is asked again, from outside, with one wish given up and everything else kept.
        for wish in core {
            let mends = without(&request, *wish).iter().any(|relaxed| {
                matches!(plan(&KITCHEN, relaxed), Ok(Outcome::Planned(plan)) if check_plan(&KITCHEN, &plan).is_empty())
            });
            assert_eq!(mends, any_one_of.contains(wish), "{wish:?}");
            assert!(!wish.explanation().is_empty() && !wish.name().is_empty());
        }
        mended += usize::from(!any_one_of.is_empty());
    }
    assert!(
        named >= 3 && mended >= 2,
        "{named} requests were proved infeasible, {mended} can be mended by one wish"
    );
}

/// The requests that honour everything but one wish.
fn without(request: &Request, wish: Wish) -> Vec<Request> {
    match wish {
        Wish::Calories(_) => {
            (8..=50).map(|hundreds| Request { calories: hundreds * 100, ..*request }).collect()
        }
        Wish::Diet(_) => Diet::ALL.iter().map(|diet| Request { diet: *diet, ..*request }).collect(),
        Wish::Pattern(_) => {
            Pattern::ALL.iter().map(|pattern| Request { pattern: *pattern, ..*request }).collect()
        }
        Wish::Restriction(gone) => {
            let restrictions = request.restrictions.iter().filter(|kept| *kept != gone).collect();
            vec![Request { restrictions, ..*request }]
        }
    }
}

#[test]
fn the_checker_sees_each_kind_of_harm() {
    let request = request(2_000, Diet::Vegan, Pattern::ThreeMeals, &[Restriction::GlutenFree]);
    let good = planned(&request);
    let harmed = |harm: &dyn Fn(&mut Plan)| {
        let mut plan = good.clone();
        harm(&mut plan);
        check_plan(&KITCHEN, &plan)
    };
    assert_eq!(harmed(&|_| ()), []);
    assert!(
        !harmed(&|plan| {
            plan.days.pop();
        })
        .is_empty()
    );
    assert!(
        !harmed(&|plan| {
            plan.days[0].meals.pop();
        })
        .is_empty()
    );
    assert!(!harmed(&|plan| plan.days[0].meals[0].quarters += 1).is_empty());
    assert!(!harmed(&|plan| plan.days[2].meals[1].ingredients[0].grams += 50.0).is_empty());
    assert!(!harmed(&|plan| plan.request.calories = 2_300).is_empty());
    assert!(!harmed(&|plan| plan.request.diet = Diet::Keto).is_empty());
    assert!(!harmed(&|plan| plan.shopping_list[0].items[0].grams += 1.0).is_empty());
    assert!(
        !harmed(&|plan| {
            plan.shopping_list.pop();
        })
        .is_empty()
    );
    assert!(!harmed(&|plan| plan.days[1].meals[1] = plan.days[1].meals[2].clone()).is_empty());
    let sandwich = KITCHEN.recipes.find("ham_cheddar_sandwich").expect("it is in the book");
    let told = harmed(&|plan| {
        plan.days[3].meals[1].ingredients = KITCHEN.recipes.get(sandwich).portion(1.0).collect();
    });
    for rule in ["vegan", "gluten_free"] {
        assert!(told.iter().any(|one| one.to_string().contains(&format!("which {rule} bars"))), "{told:?}");
    }
}
