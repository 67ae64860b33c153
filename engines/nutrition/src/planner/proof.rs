//! Proofs that a request cannot be met. A search that fails proves nothing; these do.
//!
//! Three arguments, each checkable by hand from its result: too few dishes for the variety rule (Hall's theorem), a
//! separating direction for the week's nutrient averages (Farkas' lemma), and, where few days exist at all, looking at
//! every one. It refuses to conclude anything else.

use std::fmt;

use super::assignment;
use super::day::{self, Day};
use super::model::{Candidate, MAX_ROWS, Problem};
use super::{DAYS, MOST_SERVINGS_A_WEEK};
use crate::diet::MAX_PLACES;
use crate::nutrient::Nutrient;

/// Why no plan exists.
#[derive(Debug, Clone, PartialEq)]
pub enum Proof {
    /// These places together can draw on too few dishes: each may be served three times in seven days.
    TooFewDishes {
        /// Titles of the places.
        places: Vec<&'static str>,
        /// Dishes that may stand there.
        dishes: usize,
    },
    /// Whatever dishes and portions are chosen, this weighted sum of the daily ranges cannot be reached: the week's
    /// average is at least `reachable`, the ranges allow at most `allowed`.
    OutOfRange {
        /// The weight of each nutrient, per kcal, gram or milligram.
        weights: Vec<(Nutrient, f64)>,
        /// The least value of the weighted sum over all weeks.
        reachable: f64,
        /// The greatest value the daily ranges allow.
        allowed: f64,
    },
    /// Every possible day was examined and none keeps the daily ranges.
    EveryDayFails {
        /// Days examined in full; the others were out of reach after their first dishes.
        days: usize,
    },
}

impl fmt::Display for Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Proof::TooFewDishes { places, dishes } => {
                let needed = (places.len() * DAYS).div_ceil(MOST_SERVINGS_A_WEEK);
                write!(
                    formatter,
                    "{} can draw on {dishes} dishes, and a week needs {needed}",
                    places.join(" and ")
                )
            }
            Proof::OutOfRange { weights, .. } => {
                let at_odds: Vec<&str> = weights
                    .iter()
                    .filter(|(_, weight)| *weight != 0.0)
                    .map(|(nutrient, weight)| match (nutrient, *weight > 0.0) {
                        (Nutrient::Energy, true) => "so little energy",
                        (Nutrient::Energy, false) => "so much energy",
                        (Nutrient::Protein, true) => "so little protein",
                        (Nutrient::Protein, false) => "so much protein",
                        (Nutrient::Fat, true) => "so little fat",
                        (Nutrient::Fat, false) => "so much fat",
                        (_, true) => "so little carbohydrate",
                        (_, false) => "so much carbohydrate",
                    })
                    .collect();
                write!(formatter, "no week of these dishes averages {}", at_odds.join(" and "))
            }
            Proof::EveryDayFails { days } => {
                write!(formatter, "no possible day keeps the daily ranges; {days} were examined in full")
            }
        }
    }
}

/// How hard to look for a proof.
#[derive(Debug, Clone, Copy)]
pub(super) enum Effort {
    /// Milliseconds: before a search.
    Quick,
    /// Up to a second: when a search has failed.
    Thorough,
}

impl Effort {
    /// Steps towards a separating direction.
    fn most_steps(self) -> usize {
        match self {
            Effort::Quick => 50,
            Effort::Thorough => 3_000,
        }
    }

    /// Partial days examined one by one.
    fn most_days(self) -> usize {
        match self {
            Effort::Quick => 0,
            Effort::Thorough => 300_000,
        }
    }
}

/// Closer than this to the ranges, in row widths, and separation is given up.
const TOUCHING: f64 = 1e-6;
/// A separation must exceed rounding by far.
const CLEAR: f64 = 1e-7;

/// Looks for a proof; `None` means that none was found, not that a plan exists.
pub(super) fn find(problem: &Problem, effort: Effort) -> Option<Proof> {
    too_few_dishes(problem)
        .or_else(|| out_of_range(problem, effort.most_steps()))
        .or_else(|| every_day_fails(problem, effort.most_days()))
}

/// Hall's theorem over all sets of places: three servings of each dish must cover seven days of every place.
fn too_few_dishes(problem: &Problem) -> Option<Proof> {
    let count = problem.places.len();
    let mut subsets: Vec<u32> = (1..1u32 << count).collect();
    subsets.sort_by_key(|subset| subset.count_ones());
    subsets.into_iter().find_map(|subset| {
        let places: Vec<usize> = (0..count).filter(|place| subset & (1 << place) != 0).collect();
        let mut dishes: Vec<_> = places
            .iter()
            .flat_map(|place| problem.candidates[*place].iter().map(|dish| dish.recipe))
            .collect();
        dishes.sort_unstable();
        dishes.dedup();
        (dishes.len() * MOST_SERVINGS_A_WEEK < places.len() * DAYS).then(|| Proof::TooFewDishes {
            places: places.iter().map(|place| problem.places[*place].title).collect(),
            dishes: dishes.len(),
        })
    })
}

/// Gilbert's algorithm (SIAM J. Control 1966): walks through the convex set of weekly averages towards the box of
/// ranges. Wherever it stands, the direction away from the box is a candidate for a proof, and is tested as one.
fn out_of_range(problem: &Problem, most_steps: usize) -> Option<Proof> {
    let rows = problem.rows.len();
    let (mut point, _) = extreme_week(problem, &[0.0; MAX_ROWS]);
    for _ in 0..most_steps {
        let mut direction = [0.0; MAX_ROWS];
        for row in 0..rows {
            direction[row] = point[row] - point[row].clamp(problem.scaled_low[row], problem.scaled_high[row]);
        }
        let length_squared: f64 = direction.iter().map(|part| part * part).sum();
        if length_squared < TOUCHING * TOUCHING {
            return None;
        }
        let (week, reachable) = extreme_week(problem, &direction);
        let allowed = greatest_in_box(problem, &direction);
        if reachable > allowed + CLEAR * length_squared.sqrt() {
            let width = |row: usize| problem.rows[row].high - problem.rows[row].low;
            return Some(Proof::OutOfRange {
                weights: (0..rows)
                    .map(|row| (problem.rows[row].nutrient, direction[row] / width(row)))
                    .collect(),
                reachable,
                allowed,
            });
        }
        // The best step towards the new extreme point, for the box point held fixed.
        let (mut along, mut step_squared) = (0.0, 0.0);
        for row in 0..rows {
            let step = week[row] - point[row];
            along -= direction[row] * step;
            step_squared += step * step;
        }
        if along <= 0.0 || step_squared == 0.0 {
            return None;
        }
        let share = (along / step_squared).min(1.0);
        for row in 0..rows {
            point[row] += share * (week[row] - point[row]);
        }
    }
    None
}

/// The weekly average that is least in `direction`, and its value. A relaxation: portions are real numbers and days do
/// not exist, but every dish fills at most three of the week's places.
fn extreme_week(problem: &Problem, direction: &[f64; MAX_ROWS]) -> ([f64; MAX_ROWS], f64) {
    let mut costs = vec![[f64::INFINITY; MAX_PLACES]; problem.recipe_count];
    let mut quarters = vec![[0.0; MAX_PLACES]; problem.recipe_count];
    for (place, here) in problem.candidates.iter().enumerate() {
        for dish in here {
            let slope: f64 = dish.scaled.iter().zip(direction).map(|(amount, weight)| amount * weight).sum();
            let portion = f64::from(if slope > 0.0 { dish.first } else { dish.last });
            costs[dish.recipe.index()][place] = slope * portion;
            quarters[dish.recipe.index()][place] = portion;
        }
    }
    let servings = assignment::cheapest(&costs, problem.places.len(), DAYS, MOST_SERVINGS_A_WEEK);
    let (mut average, mut value) = ([0.0; MAX_ROWS], 0.0);
    for (place, here) in problem.candidates.iter().enumerate() {
        for dish in here {
            let share = servings[dish.recipe.index()][place] as f64 / DAYS as f64;
            if share > 0.0 {
                value += costs[dish.recipe.index()][place] * share;
                for (sum, amount) in average.iter_mut().zip(dish.scaled) {
                    *sum += amount * quarters[dish.recipe.index()][place] * share;
                }
            }
        }
    }
    (average, value)
}

fn greatest_in_box(problem: &Problem, direction: &[f64; MAX_ROWS]) -> f64 {
    (0..problem.rows.len())
        .map(|row| {
            let bound = if direction[row] > 0.0 { problem.scaled_high[row] } else { problem.scaled_low[row] };
            direction[row] * bound
        })
        .sum()
}

/// Examines every day there is, if they are few. Whole families of days are skipped when the dishes chosen so far
/// cannot reach a range whatever follows.
fn every_day_fails(problem: &Problem, most_days: usize) -> Option<Proof> {
    let mut days = Days { problem, reach: Vec::new(), left: most_days, examined: 0 };
    // The least and most each place can add to each row.
    for here in &problem.candidates {
        let mut reach = [(f64::INFINITY, 0.0f64); MAX_ROWS];
        for dish in here {
            for (row, (low, high)) in reach.iter_mut().enumerate() {
                *low = low.min(dish.scaled[row] * f64::from(dish.first));
                *high = high.max(dish.scaled[row] * f64::from(dish.last));
            }
        }
        days.reach.push(reach);
    }
    days.all_fail(&mut Vec::new()).then_some(Proof::EveryDayFails { days: days.examined })
}

struct Days<'a> {
    problem: &'a Problem,
    reach: Vec<[(f64, f64); MAX_ROWS]>,
    left: usize,
    examined: usize,
}

impl<'a> Days<'a> {
    /// Whether no completion of `dishes` is a day that keeps the ranges; false also when the limit is reached.
    fn all_fail(&mut self, dishes: &mut Vec<&'a Candidate>) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let problem = self.problem;
        let out_of_reach = (0..problem.rows.len()).any(|row| {
            let chosen = |quarters: fn(&Candidate) -> u8| -> f64 {
                dishes.iter().map(|dish| dish.scaled[row] * f64::from(quarters(dish))).sum()
            };
            let rest = &self.reach[dishes.len()..];
            let least = chosen(|dish| dish.first) + rest.iter().map(|reach| reach[row].0).sum::<f64>();
            let most = chosen(|dish| dish.last) + rest.iter().map(|reach| reach[row].1).sum::<f64>();
            least > problem.scaled_high[row] + CLEAR || most < problem.scaled_low[row] - CLEAR
        });
        if out_of_reach {
            return true;
        }
        if dishes.len() == problem.places.len() {
            self.examined += 1;
            // `Uneven` may stem from the node limit, so only a day whose ranges cannot be met counts as failed.
            return matches!(day::serve(problem, dishes), Day::Out { proved: true, .. });
        }
        problem.candidates[dishes.len()].iter().all(|dish| {
            if dishes.iter().any(|other| other.recipe == dish.recipe) {
                return true;
            }
            dishes.push(dish);
            let failed = self.all_fail(dishes);
            dishes.pop();
            failed
        })
    }
}
