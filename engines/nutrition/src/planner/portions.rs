//! The exact best real-valued portions of one day: a linear program of at most five variables and four ranges.
//!
//! A bounded dual simplex (Koberstein, "The Dual Simplex Method", 2005, chapter 3) from the slack basis. Every variable
//! is bounded, so placing each at the bound its cost prefers is dual feasible at once and no phase 1 is needed. Fixed
//! arrays, no allocation, no fused multiply-add: the same bits on every platform.

use super::model::MAX_ROWS;
use crate::diet::MAX_PLACES;

/// minimise cost·x, low ≤ A x ≤ high, first ≤ x ≤ last. Rows are scaled to a width of one.
#[derive(Debug, Clone)]
pub(super) struct DayProgram {
    pub(super) dishes: usize,
    pub(super) rows: usize,
    pub(super) coefficients: [[f64; MAX_PLACES]; MAX_ROWS],
    pub(super) low: [f64; MAX_ROWS],
    pub(super) high: [f64; MAX_ROWS],
    pub(super) cost: [f64; MAX_PLACES],
    pub(super) first: [f64; MAX_PLACES],
    pub(super) last: [f64; MAX_PLACES],
}

/// What came of a day's program.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Solution {
    /// The optimum.
    Optimal { cost: f64, portions: [f64; MAX_PLACES] },
    /// No portions satisfy the ranges; `violation` says how far the last basis was from it, in row widths. Not
    /// `proved` if the pivots ran out first.
    Infeasible { violation: f64, proved: bool },
}

/// A row may be missed by this share of its width.
const TOLERANCE: f64 = 1e-9;
/// A pivot smaller than this is noise.
const SMALLEST_PIVOT: f64 = 1e-11;
/// Programs of this size end after a handful of pivots; the limit only guards against cycling.
const MOST_PIVOTS: usize = 64;

/// The tableau: basic variable i = constant + Σ slope[i][j] · nonbasic j.
struct Tableau<'a> {
    program: &'a DayProgram,
    slope: [[f64; MAX_PLACES]; MAX_ROWS],
    reduced: [f64; MAX_PLACES],
    basic_value: [f64; MAX_ROWS],
    nonbasic_value: [f64; MAX_PLACES],
    /// Variables below `dishes` are portions, the others the activity of row `variable - dishes`.
    basic: [usize; MAX_ROWS],
    nonbasic: [usize; MAX_PLACES],
    at_upper: [bool; MAX_PLACES],
}

impl DayProgram {
    /// Solves the program.
    pub(super) fn solve(&self) -> Solution {
        let mut tableau = Tableau::new(self);
        for _ in 0..MOST_PIVOTS {
            let Some((row, target)) = tableau.worst_row() else {
                return tableau.optimum();
            };
            let Some(column) = tableau.entering(row, target) else {
                return Solution::Infeasible { violation: tableau.violation(), proved: true };
            };
            tableau.pivot(row, column, target);
        }
        Solution::Infeasible { violation: tableau.violation(), proved: false }
    }
}

impl<'a> Tableau<'a> {
    fn new(program: &'a DayProgram) -> Tableau<'a> {
        let mut tableau = Tableau {
            program,
            slope: program.coefficients,
            reduced: program.cost,
            basic_value: [0.0; MAX_ROWS],
            nonbasic_value: [0.0; MAX_PLACES],
            basic: std::array::from_fn(|row| program.dishes + row),
            nonbasic: std::array::from_fn(|column| column),
            at_upper: [false; MAX_PLACES],
        };
        for column in 0..program.dishes {
            let upper = program.cost[column] < 0.0;
            tableau.at_upper[column] = upper;
            tableau.nonbasic_value[column] = if upper { program.last[column] } else { program.first[column] };
        }
        for row in 0..program.rows {
            for column in 0..program.dishes {
                tableau.basic_value[row] +=
                    program.coefficients[row][column] * tableau.nonbasic_value[column];
            }
        }
        tableau
    }

    fn bounds(&self, variable: usize) -> (f64, f64) {
        match variable.checked_sub(self.program.dishes) {
            None => (self.program.first[variable], self.program.last[variable]),
            Some(row) => (self.program.low[row], self.program.high[row]),
        }
    }

    /// The basic variable that misses its bounds most, and the bound it must reach.
    fn worst_row(&self) -> Option<(usize, f64)> {
        let (mut worst, mut found) = (TOLERANCE, None);
        for row in 0..self.program.rows {
            let (low, high) = self.bounds(self.basic[row]);
            let value = self.basic_value[row];
            if low - value > worst {
                worst = low - value;
                found = Some((row, low));
            }
            if value - high > worst {
                worst = value - high;
                found = Some((row, high));
            }
        }
        found
    }

    /// The nonbasic variable that can move the row towards its target at the least cost; `None` proves that the
    /// row cannot get there whatever the portions.
    fn entering(&self, row: usize, target: f64) -> Option<usize> {
        let direction = if target > self.basic_value[row] { 1.0 } else { -1.0 };
        let (mut best, mut found) = (f64::INFINITY, None);
        for column in 0..self.program.dishes {
            let (low, high) = self.bounds(self.nonbasic[column]);
            let slope = self.slope[row][column] * direction;
            let helps = if self.at_upper[column] { slope < -SMALLEST_PIVOT } else { slope > SMALLEST_PIVOT };
            if !helps || high <= low {
                continue;
            }
            let ratio = (self.reduced[column] / slope).abs();
            if ratio < best {
                best = ratio;
                found = Some(column);
            }
        }
        found
    }

    fn pivot(&mut self, row: usize, column: usize, target: f64) {
        let pivot = self.slope[row][column];
        let step = (target - self.basic_value[row]) / pivot;
        for other in 0..self.program.rows {
            self.basic_value[other] += self.slope[other][column] * step;
        }
        let (_, upper) = self.bounds(self.basic[row]);
        self.basic_value[row] = self.nonbasic_value[column] + step;
        self.nonbasic_value[column] = target;
        self.at_upper[column] = target == upper;
        std::mem::swap(&mut self.basic[row], &mut self.nonbasic[column]);

        let mut pivot_row = self.slope[row].map(|slope| -slope / pivot);
        pivot_row[column] = 1.0 / pivot;
        for other in 0..self.program.rows {
            if other != row {
                substitute(&mut self.slope[other], &pivot_row, column);
            }
        }
        substitute(&mut self.reduced, &pivot_row, column);
        self.slope[row] = pivot_row;
    }

    fn violation(&self) -> f64 {
        (0..self.program.rows)
            .map(|row| {
                let (low, high) = self.bounds(self.basic[row]);
                (low - self.basic_value[row]).max(self.basic_value[row] - high).max(0.0)
            })
            .sum()
    }

    fn optimum(&self) -> Solution {
        let mut portions = [0.0; MAX_PLACES];
        for column in 0..self.program.dishes {
            if self.nonbasic[column] < self.program.dishes {
                portions[self.nonbasic[column]] = self.nonbasic_value[column];
            }
        }
        for row in 0..self.program.rows {
            if self.basic[row] < self.program.dishes {
                portions[self.basic[row]] = self.basic_value[row];
            }
        }
        let cost = (0..self.program.dishes).map(|dish| self.program.cost[dish] * portions[dish]).sum();
        Solution::Optimal { cost, portions }
    }
}

/// Replaces the entering variable in a linear form by what the pivot row says it is.
fn substitute(form: &mut [f64; MAX_PLACES], pivot_row: &[f64; MAX_PLACES], column: usize) {
    let factor = form[column];
    form[column] = 0.0;
    for (slope, pivot) in form.iter_mut().zip(pivot_row) {
        *slope += factor * pivot;
    }
}
