//! Which dish stands where: local search by move count, with the portions of every day solved exactly.
//!
//! It stops by moves, never by the clock, and accepts by a falling threshold (Dueck and Scheuer, "Threshold
//! accepting", 1990) instead of a probability: no exponential is needed, so a seed gives one plan on every platform.

use super::day::{self, Day, Quarters};
use super::model::{Problem, SODIUM_GOAL_MG};
use super::{DAYS, MOST_SERVINGS_A_WEEK};
use crate::diet::MAX_PLACES;
use crate::random::Dice;
use crate::recipe::RecipeId;

/// A week: the candidate and the quarters of every place, and what it took to find it.
#[derive(Debug, Clone)]
pub(crate) struct Week {
    picks: [[usize; MAX_PLACES]; DAYS],
    quarters: [Quarters; DAYS],
    pub(crate) moves: u64,
}

/// What a search came back with.
#[derive(Debug)]
pub(crate) enum Found {
    Week(Box<Week>),
    Nothing { moves: u64 },
}

/// Dish changes of the first attempt; every further attempt makes twice as many.
const FIRST_MOVES: u64 = 12_000;
/// Attempts before giving up, when a plan is wanted and when only its existence is asked.
const ATTEMPTS: u32 = 5;
const ATTEMPTS_TO_EXIST: u32 = 2;
/// Of 100 moves, how many exchange one place between two days.
const EXCHANGES_PER_HUNDRED: usize = 30;
/// The threshold at the start of the first attempt; it falls to zero over an attempt. Every further attempt starts
/// twice as high: what a cool search cannot find may need worse weeks on the way.
const FIRST_THRESHOLD: f64 = 0.25;
/// Scores, in units where missing the sodium or fibre goal by all of it is 1.
const DAY_OUT: f64 = 2.0;
const PER_ROW_WIDTH: f64 = 10.0;
const DAY_UNEVEN: f64 = 1.5;
const REPEATED_DISH: f64 = 0.08;
const SAME_DISH_NEXT_DAY: f64 = 0.15;
/// How often a random first week is tried before a place is declared unfillable.
const FIRST_WEEKS: usize = 200;

impl Week {
    /// The recipe and quarters of every place of a day.
    pub(crate) fn day<'a>(
        &'a self,
        problem: &'a Problem,
        day: usize,
    ) -> impl Iterator<Item = (RecipeId, u8)> + 'a {
        let picks = self.picks[day].iter().zip(self.quarters[day]);
        problem.candidates.iter().zip(picks).map(|(here, (pick, quarters))| (here[*pick].recipe, quarters))
    }
}

/// The best week the full number of moves finds.
pub(super) fn best_week(problem: &Problem, seed: u64) -> Found {
    run(problem, seed, ATTEMPTS, false)
}

/// Any week that keeps the rules, as soon as one is found.
pub(super) fn any_week(problem: &Problem, seed: u64) -> Found {
    run(problem, seed, ATTEMPTS_TO_EXIST, true)
}

fn run(problem: &Problem, seed: u64, attempts: u32, first_is_enough: bool) -> Found {
    let mut moves = 0;
    let mut dice = Dice::new(seed);
    for attempt in 0..attempts {
        let Some(mut search) = Search::new(problem, &mut dice) else { break };
        let best = search.attempt(attempt, &mut dice, first_is_enough);
        moves += search.moves;
        if let Some(mut week) = best {
            week.moves = moves;
            return Found::Week(Box::new(week));
        }
    }
    Found::Nothing { moves }
}

struct Search<'a> {
    problem: &'a Problem,
    picks: [[usize; MAX_PLACES]; DAYS],
    days: [Day; DAYS],
    day_scores: [f64; DAYS],
    servings: Vec<u8>,
    score: f64,
    moves: u64,
}

impl<'a> Search<'a> {
    /// A random week that keeps the variety rules, or `None` if none was drawn.
    fn new(problem: &'a Problem, dice: &mut Dice) -> Option<Search<'a>> {
        let mut search = Search {
            problem,
            picks: [[0; MAX_PLACES]; DAYS],
            days: [Day::Uneven; DAYS],
            day_scores: [0.0; DAYS],
            servings: vec![0; problem.recipe_count],
            score: 0.0,
            moves: 0,
        };
        // The scarcest place chooses first.
        let mut order: Vec<usize> = (0..problem.places.len()).collect();
        order.sort_by_key(|place| problem.candidates[*place].len());
        (0..FIRST_WEEKS).find(|_| search.draw(&order, dice)).map(|_| {
            for day in 0..DAYS {
                search.serve(day);
            }
            search.score = search.total();
            search
        })
    }

    fn draw(&mut self, order: &[usize], dice: &mut Dice) -> bool {
        self.servings.fill(0);
        for day in 0..DAYS {
            for (rank, place) in order.iter().enumerate() {
                let here = &self.problem.candidates[*place];
                let free: Vec<usize> = (0..here.len())
                    .filter(|pick| {
                        let recipe = here[*pick].recipe;
                        usize::from(self.servings[recipe.index()]) < MOST_SERVINGS_A_WEEK
                            && order[..rank].iter().all(|other| self.recipe(day, *other) != recipe)
                    })
                    .collect();
                if free.is_empty() {
                    return false;
                }
                self.picks[day][*place] = free[dice.below(free.len())];
                let recipe = self.recipe(day, *place);
                self.servings[recipe.index()] += 1;
            }
        }
        true
    }

    fn recipe(&self, day: usize, place: usize) -> RecipeId {
        self.problem.candidates[place][self.picks[day][place]].recipe
    }

    /// Solves a day's portions and scores it.
    fn serve(&mut self, day: usize) {
        let count = self.problem.places.len();
        let mut dishes = [&self.problem.candidates[0][0]; MAX_PLACES];
        for (place, dish) in dishes.iter_mut().enumerate().take(count) {
            *dish = &self.problem.candidates[place][self.picks[day][place]];
        }
        self.days[day] = day::serve(self.problem, &dishes[..count]);
        self.day_scores[day] = match self.days[day] {
            Day::Served { sodium_mg, fiber_g, .. } => {
                (sodium_mg / SODIUM_GOAL_MG - 1.0).max(0.0)
                    + (1.0 - fiber_g / self.problem.fiber_goal_g).max(0.0)
            }
            Day::Uneven => DAY_UNEVEN,
            Day::Out { violation, .. } => DAY_OUT + PER_ROW_WIDTH * violation,
        };
    }

    fn total(&self) -> f64 {
        let repeats: usize = self.servings.iter().map(|count| usize::from(*count).saturating_sub(1)).sum();
        let places = self.problem.places.len();
        let mut in_a_row = 0usize;
        for day in 1..DAYS {
            for place in 0..places {
                let recipe = self.recipe(day, place);
                in_a_row += (0..places).filter(|other| self.recipe(day - 1, *other) == recipe).count();
            }
        }
        let days: f64 = self.day_scores.iter().sum();
        days + REPEATED_DISH * repeats as f64 + SAME_DISH_NEXT_DAY * in_a_row as f64
    }

    fn served(&self) -> Option<[Quarters; DAYS]> {
        let mut quarters = [[0; MAX_PLACES]; DAYS];
        for (out, day) in quarters.iter_mut().zip(&self.days) {
            let Day::Served { quarters, .. } = day else { return None };
            *out = *quarters;
        }
        Some(quarters)
    }

    fn attempt(&mut self, attempt: u32, dice: &mut Dice, first_is_enough: bool) -> Option<Week> {
        let most_moves = FIRST_MOVES << attempt;
        let first_threshold = FIRST_THRESHOLD * f64::from(1u32 << attempt);
        let mut best: Option<(f64, Week)> = None;
        self.keep_best(&mut best);
        while self.moves < most_moves && !(first_is_enough && best.is_some()) {
            let threshold = first_threshold * (1.0 - self.moves as f64 / most_moves as f64);
            self.moves += 1;
            let (day, place) = (dice.below(DAYS), dice.below(self.problem.places.len()));
            let changed = if dice.below(100) < EXCHANGES_PER_HUNDRED {
                let other = dice.below(DAYS);
                self.exchange(day, other, place, threshold)
            } else {
                let pick = dice.below(self.problem.candidates[place].len());
                self.replace(day, place, pick, threshold)
            };
            if changed {
                self.keep_best(&mut best);
            }
        }
        best.map(|(_, week)| week)
    }

    fn keep_best(&self, best: &mut Option<(f64, Week)>) {
        if best.as_ref().is_some_and(|(score, _)| *score <= self.score) {
            return;
        }
        if let Some(quarters) = self.served() {
            *best = Some((self.score, Week { picks: self.picks, quarters, moves: self.moves }));
        }
    }

    /// Puts another dish into a place.
    fn replace(&mut self, day: usize, place: usize, pick: usize, threshold: f64) -> bool {
        let recipe = self.problem.candidates[place][pick].recipe;
        if (0..self.problem.places.len()).any(|other| self.recipe(day, other) == recipe) {
            return false;
        }
        if usize::from(self.servings[recipe.index()]) >= MOST_SERVINGS_A_WEEK {
            return self.take(day, place, pick, threshold);
        }
        let before = (self.picks[day][place], self.days[day], self.day_scores[day], self.score);
        let old = self.recipe(day, place);
        self.servings[old.index()] -= 1;
        self.servings[recipe.index()] += 1;
        self.picks[day][place] = pick;
        self.serve(day);
        self.score = self.total();
        if self.score <= before.3 + threshold {
            return true;
        }
        self.servings[recipe.index()] -= 1;
        self.servings[old.index()] += 1;
        (self.picks[day][place], self.days[day], self.day_scores[day], self.score) = before;
        false
    }

    /// Takes a dish that is served as often as it may be from the place where it helps least, and leaves the place's
    /// old dish there instead. Without this move a week short of dishes would be stuck.
    fn take(&mut self, day: usize, place: usize, pick: usize, threshold: f64) -> bool {
        let (wanted, old) = (self.problem.candidates[place][pick].recipe, self.recipe(day, place));
        let places = self.problem.places.len();
        let giver = (0..DAYS)
            .flat_map(|other| (0..places).map(move |at| (other, at)))
            .filter(|(other, at)| *other != day && self.recipe(*other, *at) == wanted)
            .max_by(|a, b| self.day_scores[a.0].total_cmp(&self.day_scores[b.0]));
        let Some((other, at)) = giver else { return false };
        let Some(left) = self.problem.candidates[at].iter().position(|dish| dish.recipe == old) else {
            return false;
        };
        if (0..places).any(|there| self.recipe(other, there) == old) {
            return false;
        }
        let before = (self.picks, self.days, self.day_scores, self.score);
        self.picks[day][place] = pick;
        self.picks[other][at] = left;
        self.serve(day);
        self.serve(other);
        self.score = self.total();
        if self.score <= before.3 + threshold {
            return true;
        }
        (self.picks, self.days, self.day_scores, self.score) = before;
        false
    }

    /// Exchanges the dishes of one place between two days.
    fn exchange(&mut self, day: usize, other: usize, place: usize, threshold: f64) -> bool {
        let (here, there) = (self.recipe(day, place), self.recipe(other, place));
        let clash = |on: usize, dish| (0..self.problem.places.len()).any(|at| self.recipe(on, at) == dish);
        if here == there || clash(day, there) || clash(other, here) {
            return false;
        }
        let before = (self.picks, self.days, self.day_scores, self.score);
        let pick = self.picks[day][place];
        self.picks[day][place] = self.picks[other][place];
        self.picks[other][place] = pick;
        self.serve(day);
        self.serve(other);
        self.score = self.total();
        if self.score <= before.3 + threshold {
            return true;
        }
        (self.picks, self.days, self.day_scores, self.score) = before;
        false
    }
}
