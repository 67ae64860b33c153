//! Which wishes are at odds when a request cannot be met: a minimal set, found by deleting wishes one at a time.
//!
//! It refuses to blame a wish untested: every wish it names was given up and a plan was found without it.

use super::model::Problem;
use super::{Request, proof, search};
use crate::diet::{Diet, Pattern, Restriction};
use crate::kitchen::Kitchen;
use crate::vocabulary::{Set, Word};

/// One wish of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// The energy target.
    Calories(u32),
    /// The diet.
    Diet(Diet),
    /// The meal pattern.
    Pattern(Pattern),
    /// One restriction.
    Restriction(Restriction),
}

impl Wish {
    /// The name of the request's field, or of the restriction.
    pub fn name(self) -> &'static str {
        match self {
            Wish::Calories(_) => "calories",
            Wish::Diet(_) => "diet_type",
            Wish::Pattern(_) => "meal_pattern",
            Wish::Restriction(restriction) => restriction.key(),
        }
    }

    /// The wish in words.
    pub fn explanation(self) -> String {
        match self {
            Wish::Calories(calories) => format!("{calories} kcal a day, to within 5 %"),
            Wish::Diet(diet) => format!("the {} diet: {}", diet.title().to_lowercase(), diet.summary()),
            Wish::Pattern(pattern) => format!("{} a day", pattern.title().to_lowercase()),
            Wish::Restriction(restriction) => format!("{} food only", restriction.title().to_lowercase()),
        }
    }
}

/// Wishes that cannot be met together, and the ways out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// A minimal set at odds: with any one of them given up, a plan for the others was found.
    pub core: Vec<Wish>,
    /// Giving up any one of these, with all else in the request kept, was found to be enough. Always a part of
    /// `core`; empty when the request holds several separate conflicts, so that no single wish can mend it.
    pub any_one_of: Vec<Wish>,
}

/// What stands for "any energy", nearest to ordinary first.
const ANY_CALORIES: [u32; 9] = [2_000, 1_600, 2_400, 1_200, 2_800, 3_200, 4_000, 800, 5_000];

/// Finds a minimal conflict in a request that has been proved infeasible.
pub(super) fn find(kitchen: &Kitchen, request: &Request) -> Conflict {
    let mut wishes: Vec<Wish> = request.restrictions.iter().map(Wish::Restriction).collect();
    wishes.push(Wish::Pattern(request.pattern));
    wishes.push(Wish::Calories(request.calories));
    wishes.push(Wish::Diet(request.diet));
    let whole = wishes.clone();
    let without = |set: &[Wish], wish: Wish| -> Vec<Wish> {
        set.iter().copied().filter(|other| *other != wish).collect()
    };
    // A wish stays exactly when giving it up makes the rest feasible. The rest only shrinks from here on, so what was
    // found feasible stays feasible.
    for wish in whole.iter().copied() {
        let rest = without(&wishes, wish);
        if !is_feasible(kitchen, request, &rest) {
            wishes = rest;
        }
    }
    let any_one_of = wishes
        .iter()
        .copied()
        .filter(|wish| is_feasible(kitchen, request, &without(&whole, *wish)))
        .collect();
    Conflict { core: wishes, any_one_of }
}

/// Whether a plan is found that honours `wishes` and is free in everything else.
fn is_feasible(kitchen: &Kitchen, request: &Request, wishes: &[Wish]) -> bool {
    let keeps = |wanted: fn(&Wish) -> bool| wishes.iter().any(wanted);
    let only_calories = [request.calories];
    let only_diet = [request.diet];
    let only_pattern = [request.pattern];
    let calories: &[u32] =
        if keeps(|wish| matches!(wish, Wish::Calories(_))) { &only_calories } else { &ANY_CALORIES };
    let diets: &[Diet] = if keeps(|wish| matches!(wish, Wish::Diet(_))) { &only_diet } else { Diet::ALL };
    let patterns: &[Pattern] =
        if keeps(|wish| matches!(wish, Wish::Pattern(_))) { &only_pattern } else { Pattern::ALL };
    let restrictions: Set<Restriction> = wishes
        .iter()
        .filter_map(|wish| match wish {
            Wish::Restriction(restriction) => Some(*restriction),
            _ => None,
        })
        .collect();
    diets.iter().any(|diet| {
        patterns.iter().any(|pattern| {
            calories.iter().any(|calories| {
                let relaxed = Request {
                    calories: *calories,
                    diet: *diet,
                    pattern: *pattern,
                    restrictions,
                    seed: request.seed,
                };
                let problem = Problem::new(kitchen, &relaxed);
                proof::find(&problem, proof::Effort::Quick).is_none()
                    && matches!(search::any_week(&problem, request.seed), search::Found::Week(_))
            })
        })
    })
}
