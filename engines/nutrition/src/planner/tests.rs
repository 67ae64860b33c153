//! The exactness claims: the linear program against HiGHS, the quarter portions against trying them all, the dice of
//! the search, and proofs against the numbers they quote.

use super::day::{Day, serve};
use super::model::{Candidate, MAX_ROWS, Problem, Row};
use super::portions::{DayProgram, Solution};
use super::proof::{self, Effort, Proof};
use crate::diet::{MAX_PLACES, Pattern};
use crate::kitchen::Kitchen;
use crate::nutrient::Nutrient;
use crate::random::Dice;
use crate::recipe::RecipeId;
use crate::vocabulary::Word;

/// A random day of the size the planner meets: dishes of 60 to 240 kcal a quarter, ranges around a plausible sum.
fn random_program(dice: &mut Dice) -> DayProgram {
    let dishes = 1 + dice.below(MAX_PLACES);
    let rows = 1 + dice.below(MAX_ROWS);
    let mut unit = || dice.below(10_001) as f64 / 10_000.0;
    let mut program = DayProgram {
        dishes,
        rows,
        coefficients: [[0.0; MAX_PLACES]; MAX_ROWS],
        low: [0.0; MAX_ROWS],
        high: [0.0; MAX_ROWS],
        cost: [0.0; MAX_PLACES],
        first: [0.0; MAX_PLACES],
        last: [0.0; MAX_PLACES],
    };
    for dish in 0..dishes {
        program.cost[dish] = unit() * 0.4 - 0.2;
        program.first[dish] = (2.0 + unit() * 3.0).floor();
        program.last[dish] = program.first[dish] + (unit() * 7.0).floor();
    }
    for row in 0..rows {
        let mut middle = 0.0;
        for dish in 0..dishes {
            program.coefficients[row][dish] = 0.05 + unit() * 0.8;
            let portion = program.first[dish] + unit() * (program.last[dish] - program.first[dish]);
            middle += program.coefficients[row][dish] * portion;
        }
        program.low[row] = middle - 0.5 + (unit() - 0.5) * 0.8;
        program.high[row] = program.low[row] + 1.0;
    }
    program
}

/// Calls `visit` with every combination of whole portions.
fn every_portion(program: &DayProgram, visit: &mut dyn FnMut(&[f64; MAX_PLACES])) {
    let mut portions = program.first;
    loop {
        visit(&portions);
        let Some(dish) = (0..program.dishes).find(|dish| portions[*dish] < program.last[*dish]) else {
            return;
        };
        portions[dish] += 1.0;
        portions[..dish].copy_from_slice(&program.first[..dish]);
    }
}

fn fits(program: &DayProgram, portions: &[f64; MAX_PLACES]) -> bool {
    (0..program.rows).all(|row| {
        let sum: f64 = (0..program.dishes).map(|dish| program.coefficients[row][dish] * portions[dish]).sum();
        sum >= program.low[row] - 1e-9 && sum <= program.high[row] + 1e-9
    })
}

fn cost(program: &DayProgram, portions: &[f64; MAX_PLACES]) -> f64 {
    (0..program.dishes).map(|dish| program.cost[dish] * portions[dish]).sum()
}

/// The day as the planner would state it.
fn as_problem(program: &DayProgram) -> Problem {
    let candidate = |dish: usize| Candidate {
        recipe: RecipeId::for_test(dish),
        scaled: std::array::from_fn(|row| program.coefficients[row][dish]),
        sodium_mg: 0.0,
        fiber_g: 0.0,
        cost: program.cost[dish],
        first: program.first[dish] as u8,
        last: program.last[dish] as u8,
    };
    let row =
        |row: usize| Row { nutrient: Nutrient::ALL[row], low: program.low[row], high: program.high[row] };
    Problem {
        places: &Pattern::FiveSmallMeals.places()[..program.dishes],
        candidates: (0..program.dishes).map(|dish| vec![candidate(dish)]).collect(),
        rows: (0..program.rows).map(row).collect(),
        scaled_low: program.low,
        scaled_high: program.high,
        fiber_goal_g: 30.0,
        recipe_count: program.dishes,
    }
}

#[test]
fn quarter_portions_are_the_best_of_all_combinations() {
    let mut dice = Dice::new(11);
    let (mut feasible, mut uneven) = (0, 0);
    for case in 0..3_000 {
        let program = random_program(&mut dice);
        let mut best = f64::INFINITY;
        every_portion(&program, &mut |portions| {
            if fits(&program, portions) {
                best = best.min(cost(&program, portions));
            }
        });
        let problem = as_problem(&program);
        let dishes: Vec<&Candidate> = problem.candidates.iter().map(|here| &here[0]).collect();
        match serve(&problem, &dishes) {
            Day::Served { quarters, .. } => {
                let portions = quarters.map(f64::from);
                assert!(fits(&program, &portions), "case {case}");
                assert!((cost(&program, &portions) - best).abs() < 1e-7, "case {case}: not the best");
                feasible += 1;
            }
            Day::Uneven => {
                assert!(best.is_infinite(), "case {case}: {best} was missed");
                uneven += 1;
            }
            Day::Out { violation, proved } => {
                assert!(best.is_infinite() && violation > 0.0 && proved, "case {case}: {best} was missed");
            }
        }
    }
    println!("3,000 random days: {feasible} served, {uneven} possible only between quarters");
    assert!(feasible > 500 && uneven > 50, "{feasible} served, {uneven} uneven: the cases are too easy");
}

#[test]
fn a_separation_holds_for_every_week_that_is_tried() {
    // Two dishes per place, too rich in fat for the range: whatever is mixed, the quoted sum is not undercut.
    let mut program = random_program(&mut Dice::new(1));
    program.dishes = 3;
    program.rows = 2;
    program.coefficients = [[0.3; MAX_PLACES], [0.4; MAX_PLACES], [0.0; MAX_PLACES], [0.0; MAX_PLACES]];
    (program.first, program.last) = ([4.0; MAX_PLACES], [8.0; MAX_PLACES]);
    (program.low, program.high) = ([5.0, 3.0, 0.0, 0.0], [6.0, 4.0, 0.0, 0.0]);
    let mut problem = as_problem(&program);
    for here in &mut problem.candidates {
        let twin = here[0];
        for number in 1..=6 {
            here.push(Candidate { recipe: RecipeId::for_test(10 * number + twin.recipe.index()), ..twin });
        }
    }
    problem.recipe_count = 100;
    let Some(Proof::OutOfRange { weights, reachable, allowed }) = proof::find(&problem, Effort::Thorough)
    else {
        panic!("energy of 5 means fat of 6.7, and 4 is allowed");
    };
    assert!(reachable > allowed);
    every_portion(&program, &mut |portions| {
        let value: f64 = (0..program.rows)
            .map(|row| {
                let sum: f64 = (0..3).map(|dish| program.coefficients[row][dish] * portions[dish]).sum();
                weights[row].1 * sum
            })
            .sum();
        assert!(value >= reachable - 1e-9, "{value} undercuts {reachable}");
    });
}

#[test]
fn too_few_dishes_are_counted_over_shared_places() {
    let foods = include_str!("../../../../kits/meals/data/foods.tsv");
    let kitchen = Kitchen::parse(foods, &[]).expect("an empty book is a book");
    let request = super::Request {
        calories: 2_000,
        diet: crate::diet::Diet::Standard,
        pattern: Pattern::ThreeMeals,
        restrictions: crate::vocabulary::Set::EMPTY,
        seed: 0,
    };
    let empty = Problem::new(&kitchen, &request);
    assert_eq!(
        proof::find(&empty, Effort::Quick),
        Some(Proof::TooFewDishes { places: vec!["Breakfast"], dishes: 0 })
    );
    // Two snacks a day draw on the same four dishes: twelve servings for fourteen places.
    let mut program = random_program(&mut Dice::new(3));
    program.dishes = 2;
    program.rows = 1;
    let mut problem = as_problem(&program);
    for here in &mut problem.candidates {
        *here = (0..4).map(|number| Candidate { recipe: RecipeId::for_test(number), ..here[0] }).collect();
    }
    assert!(matches!(proof::find(&problem, Effort::Thorough), Some(Proof::TooFewDishes { dishes: 4, .. })));
}

#[path = "../../oracle/python.rs"]
mod python;

mod oracle {
    use super::*;

    #[test]
    fn the_simplex_agrees_with_highs_on_random_days() {
        let mut dice = Dice::new(5);
        let programs: Vec<DayProgram> = (0..5_000).map(|_| random_program(&mut dice)).collect();
        let lines: Vec<String> = programs.iter().map(as_json).collect();
        let answers = python::ask(&["--lp"], &lines);
        let (mut feasible, mut largest) = (0, 0.0f64);
        for (program, answer) in programs.iter().zip(answers) {
            match program.solve() {
                Solution::Optimal { cost, portions } => {
                    let expected: f64 =
                        answer.parse().unwrap_or_else(|_| panic!("HiGHS says {answer}: {program:?}"));
                    largest = largest.max((cost - expected).abs());
                    assert!(fits(program, &portions), "{program:?}");
                    feasible += 1;
                }
                Solution::Infeasible { .. } => assert_eq!(answer, "infeasible", "{program:?}"),
            }
        }
        println!("5,000 random days: {feasible} feasible, 0 mismatches, largest difference {largest:.1e}");
        assert!(largest < 1e-6 && feasible > 1_000 && feasible < 4_900);
    }

    fn as_json(program: &DayProgram) -> String {
        let list = |values: &[f64]| format!("{values:?}");
        // HiGHS sees portions from zero: x = first + y.
        let rows: Vec<String> = (0..program.rows)
            .map(|row| {
                let coefficients = &program.coefficients[row][..program.dishes];
                let base: f64 = coefficients.iter().zip(program.first).map(|(a, first)| a * first).sum();
                let (low, high) = (program.low[row] - base, program.high[row] - base);
                format!("[{low:?}, {high:?}, {}]", list(coefficients))
            })
            .collect();
        let bounds: Vec<f64> =
            (0..program.dishes).map(|dish| program.last[dish] - program.first[dish]).collect();
        let base: f64 = (0..program.dishes).map(|dish| program.cost[dish] * program.first[dish]).sum();
        let cost = list(&program.cost[..program.dishes]);
        format!(
            "{{\"cost\": {cost}, \"bound\": {}, \"base\": {base:?}, \"rows\": [{}]}}",
            list(&bounds),
            rows.join(", ")
        )
    }
}
