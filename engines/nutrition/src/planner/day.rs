//! The best portions of one day in whole quarters of a serving, exactly: branch and bound over the day's program.
//!
//! Portions are integers from the start, so there is no rounding step that could break a hard range afterwards.

use super::model::{Candidate, MAX_ROWS, Problem};
use super::portions::{DayProgram, Solution};
use crate::diet::MAX_PLACES;

/// Quarters of each dish of a day.
pub(super) type Quarters = [u8; MAX_PLACES];

/// What a choice of dishes can become.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Day {
    /// Portions in quarters that satisfy every range at the least cost.
    Served { quarters: Quarters, sodium_mg: f64, fiber_g: f64 },
    /// The ranges can be met, but not in quarters (or not within the node limit).
    Uneven,
    /// The ranges cannot be met; by how many row widths the last basis missed them, and whether that is certain.
    Out { violation: f64, proved: bool },
}

/// Relaxations solved per day at most. A day needs about ten; the limit bounds the worst case.
const MOST_NODES: u32 = 200;
/// A portion this close to a whole number of quarters is one.
const WHOLE: f64 = 1e-7;
/// A quarter plan may touch a bound.
const TOLERANCE: f64 = 1e-9;

/// Finds the best portions of `dishes`, one per place.
pub(super) fn serve(problem: &Problem, dishes: &[&Candidate]) -> Day {
    let mut program = DayProgram {
        dishes: dishes.len(),
        rows: problem.rows.len(),
        coefficients: [[0.0; MAX_PLACES]; MAX_ROWS],
        low: problem.scaled_low,
        high: problem.scaled_high,
        cost: [0.0; MAX_PLACES],
        first: [0.0; MAX_PLACES],
        last: [0.0; MAX_PLACES],
    };
    for (column, dish) in dishes.iter().enumerate() {
        for row in 0..program.rows {
            program.coefficients[row][column] = dish.scaled[row];
        }
        program.cost[column] = dish.cost;
        program.first[column] = f64::from(dish.first);
        program.last[column] = f64::from(dish.last);
    }
    match program.solve() {
        Solution::Infeasible { violation, proved } => Day::Out { violation, proved },
        relaxed @ Solution::Optimal { .. } => {
            let mut branches = Branches { nodes: 0, best: None };
            branches.explore(&mut program, relaxed);
            branches.best.map_or(Day::Uneven, |(_, portions)| {
                let sum = |of: fn(&Candidate) -> f64| {
                    dishes.iter().zip(portions).map(|(dish, quarters)| of(dish) * quarters).sum::<f64>()
                };
                Day::Served {
                    quarters: portions.map(|quarters| quarters as u8),
                    sodium_mg: sum(|dish| dish.sodium_mg),
                    fiber_g: sum(|dish| dish.fiber_g),
                }
            })
        }
    }
}

struct Branches {
    nodes: u32,
    best: Option<(f64, [f64; MAX_PLACES])>,
}

impl Branches {
    /// Depth first, the nearer side first: good bounds come early.
    fn explore(&mut self, program: &mut DayProgram, solution: Solution) {
        self.nodes += 1;
        let Solution::Optimal { cost, portions } = solution else { return };
        if self.best.is_some_and(|(best, _)| cost >= best - TOLERANCE) || self.nodes > MOST_NODES {
            return;
        }
        let fraction = |dish: usize| (portions[dish] - portions[dish].round()).abs();
        let branch = (0..program.dishes)
            .filter(|dish| fraction(*dish) > WHOLE)
            .max_by(|a, b| fraction(*a).total_cmp(&fraction(*b)));
        let Some(dish) = branch else {
            let whole = portions.map(f64::round);
            if satisfies(program, &whole) {
                self.best = Some((cost, whole));
            }
            return;
        };
        let (floor, ceiling) = (portions[dish].floor(), portions[dish].ceil());
        let nearer_is_floor = portions[dish] - floor < 0.5;
        for side in [nearer_is_floor, !nearer_is_floor] {
            let (first, last) = (program.first[dish], program.last[dish]);
            if side {
                program.last[dish] = floor;
            } else {
                program.first[dish] = ceiling;
            }
            if program.first[dish] <= program.last[dish] {
                let solution = program.solve();
                self.explore(program, solution);
            }
            program.first[dish] = first;
            program.last[dish] = last;
        }
    }
}

fn satisfies(program: &DayProgram, portions: &[f64; MAX_PLACES]) -> bool {
    (0..program.rows).all(|row| {
        let sum: f64 = (0..program.dishes).map(|dish| program.coefficients[row][dish] * portions[dish]).sum();
        (program.low[row] - TOLERANCE..=program.high[row] + TOLERANCE).contains(&sum)
    })
}
