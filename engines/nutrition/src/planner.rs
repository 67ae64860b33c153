//! The weekly planner: a request in; a plan, a proof that there is none, or the admission that none was found out.
//!
//! The state of the search is one recipe per place of the week. For one day the best portions are a tiny integer
//! program, solved exactly (`portions`, `day`), so the search only ever chooses dishes (`search`). It refuses to
//! bend a hard rule: energy, macronutrients, net carbohydrate, diet, restrictions and variety are never penalties.

mod assignment;
mod conflict;
mod day;
pub(crate) mod model;
mod portions;
mod proof;
pub(crate) mod search;
#[cfg(test)]
mod tests;

use crate::diet::{Diet, Pattern, Restriction};
use crate::kitchen::Kitchen;
use crate::plan::Plan;
use crate::vocabulary::Set;

pub use conflict::{Conflict, Wish};
pub use proof::Proof;

/// The least and most energy a request may ask for, kcal a day.
pub const MIN_CALORIES: u32 = 800;
/// See [`MIN_CALORIES`].
pub const MAX_CALORIES: u32 = 5_000;
/// Below this a plan carries a warning: such diets belong under professional supervision.
pub const LOW_ENERGY_KCAL: u32 = 1_200;

/// Days of a plan.
pub(crate) const DAYS: usize = 7;
/// How often one dish may appear in a week.
pub(crate) const MOST_SERVINGS_A_WEEK: usize = 3;

/// What a person wishes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Target energy, kcal a day; every day of a plan is within 5 % of it.
    pub calories: u32,
    /// The way of eating.
    pub diet: Diet,
    /// How the day is divided.
    pub pattern: Pattern,
    /// What is not eaten.
    pub restrictions: Set<Restriction>,
    /// The dice: the same request with the same seed is the same plan, on every platform.
    pub seed: u64,
}

/// A request that cannot be considered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Energy outside the range.
    #[error("calories must be between {MIN_CALORIES} and {MAX_CALORIES} a day, not {0}")]
    Calories(u32),
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A plan that keeps every hard rule.
    Planned(Box<Plan>),
    /// A proof that no plan exists, with the wishes at odds.
    Infeasible(Infeasible),
    /// The search ran out without a plan and without a proof.
    NotFound(NotFound),
}

/// No plan exists, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Infeasible {
    /// Why the request as a whole cannot be met.
    pub proof: Proof,
    /// The wishes at odds.
    pub conflict: Conflict,
}

/// No plan was found, which is not to say that none exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFound {
    /// Dish changes that were tried.
    pub moves: u64,
}

impl Request {
    /// Whether the energy asked for is low enough for a warning.
    pub fn has_low_energy(&self) -> bool {
        self.calories < LOW_ENERGY_KCAL
    }
}

/// Plans seven days.
///
/// # Errors
/// When the energy is outside [`MIN_CALORIES`]..=[`MAX_CALORIES`].
pub fn plan(kitchen: &Kitchen, request: &Request) -> Result<Outcome, RequestError> {
    if !(MIN_CALORIES..=MAX_CALORIES).contains(&request.calories) {
        return Err(RequestError::Calories(request.calories));
    }
    let problem = model::Problem::new(kitchen, request);
    let refused =
        |proof| Outcome::Infeasible(Infeasible { proof, conflict: conflict::find(kitchen, request) });
    if let Some(proof) = proof::find(&problem, proof::Effort::Quick) {
        return Ok(refused(proof));
    }
    Ok(match search::best_week(&problem, request.seed) {
        search::Found::Week(week) => Outcome::Planned(Box::new(Plan::new(kitchen, request, &problem, &week))),
        search::Found::Nothing { moves } => proof::find(&problem, proof::Effort::Thorough)
            .map_or(Outcome::NotFound(NotFound { moves }), refused),
    })
}
