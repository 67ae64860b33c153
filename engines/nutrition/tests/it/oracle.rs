//! The planner against HiGHS, which judges feasibility with its own parser, rules and formulation.

use slipway_nutrition::{Diet, Outcome, Pattern, Request, Restriction, Set, Word, check_plan, plan};

use crate::KITCHEN;

#[path = "../../oracle/python.rs"]
mod python;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../kits/meals/data");

fn line(request: &Request) -> String {
    let restrictions: Vec<&str> = request.restrictions.iter().map(Word::key).collect();
    format!(
        "{} {} {} {}",
        request.calories,
        request.diet.key(),
        request.pattern.key(),
        restrictions.join(",")
    )
}

fn read(line: &str) -> Request {
    let words: Vec<&str> = line.split_whitespace().collect();
    Request {
        calories: words[0].parse().expect("a number"),
        diet: Diet::parse(words[1]).expect("a diet"),
        pattern: Pattern::parse(words[2]).expect("a pattern"),
        restrictions: Set::parse(words.get(3).unwrap_or(&"")).expect("restrictions"),
        seed: 1,
    }
}

/// How the planner's answers compare with the oracle's verdicts.
#[derive(Debug, Default)]
struct Score {
    feasible: usize,
    planned: usize,
    infeasible: Vec<String>,
    proved: usize,
    undecided: Vec<String>,
    missed: Vec<String>,
}

fn name(answer: &Outcome) -> &'static str {
    match answer {
        Outcome::Planned(_) => "planned",
        Outcome::Infeasible(_) => "proved infeasible",
        Outcome::NotFound(_) => "not found",
    }
}

fn compare(requests: &[Request]) -> Score {
    let lines: Vec<String> = requests.iter().map(line).collect();
    let mut score = Score::default();
    for (request, verdict) in requests.iter().zip(python::ask(&[DATA], &lines)) {
        let answer = plan(&KITCHEN, request).expect("the energy is in range");
        if let Outcome::Planned(plan) = &answer {
            assert_eq!(check_plan(&KITCHEN, plan), [], "{}", line(request));
        }
        match verdict.as_str() {
            "feasible" => {
                score.feasible += 1;
                assert!(
                    !matches!(answer, Outcome::Infeasible(_)),
                    "a false proof: {}: {answer:?}",
                    line(request)
                );
                if matches!(answer, Outcome::Planned(_)) {
                    score.planned += 1;
                } else {
                    score.missed.push(line(request));
                }
            }
            "infeasible" => {
                assert!(
                    !matches!(answer, Outcome::Planned(_)),
                    "HiGHS proves there is no plan: {}",
                    line(request)
                );
                score.infeasible.push(format!("{}: {}", line(request), name(&answer)));
                score.proved += usize::from(matches!(answer, Outcome::Infeasible(_)));
            }
            _ => score.undecided.push(format!("{}: {}", line(request), name(&answer))),
        }
    }
    score
}

#[test]
fn the_grid_is_feasible_and_the_planner_finds_it() {
    let mut requests = Vec::new();
    for diet in Diet::ALL.iter().copied() {
        for pattern in Pattern::ALL.iter().copied() {
            for calories in [1_500, 2_000, 2_500] {
                for restrictions in [Set::EMPTY, Set::of(&[Restriction::GlutenFree])] {
                    requests.push(Request { calories, diet, pattern, restrictions, seed: 1 });
                }
            }
        }
    }
    let score = compare(&requests);
    println!("grid: {} cells, {} feasible, {} planned", requests.len(), score.feasible, score.planned);
    println!(
        "exceptions: infeasible {:?}, undecided {:?}, missed {:?}",
        score.infeasible, score.undecided, score.missed
    );
    assert!(score.feasible * 100 >= requests.len() * 95);
    assert!(score.planned * 100 >= score.feasible * 99);
}

#[test]
fn the_benchmark_requests_are_feasible_and_planned() {
    let requests: Vec<Request> = include_str!("../../benches/requests.txt").lines().map(read).collect();
    let score = compare(&requests);
    println!(
        "benchmark: {} requests, {} feasible, {} planned",
        requests.len(),
        score.feasible,
        score.planned
    );
    assert_eq!((requests.len(), score.feasible), (200, 200), "draw them again: {score:?}");
    assert!(score.planned >= 198, "{:?}", score.missed);
}

/// Requests over the whole range of energy and with up to six restrictions, feasible or not.
#[test]
fn hard_random_requests_are_judged_alike() {
    let requests: Vec<Request> = (0..200u32)
        .map(|number| {
            let mut state = u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1CE;
            let mut below = |bound: usize| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize % bound
            };
            Request {
                calories: 800 + 50 * u32::try_from(below(85)).expect("small"),
                diet: Diet::ALL[below(Diet::ALL.len())],
                pattern: Pattern::ALL[below(Pattern::ALL.len())],
                restrictions: (0..below(7))
                    .map(|_| Restriction::ALL[below(Restriction::ALL.len())])
                    .collect(),
                seed: 1,
            }
        })
        .collect();
    let score = compare(&requests);
    println!("hard: {} requests, {} feasible, {} planned", requests.len(), score.feasible, score.planned);
    println!(
        "{} infeasible, of which the planner proves {}: {:#?}",
        score.infeasible.len(),
        score.proved,
        score.infeasible
    );
    println!("undecided by the oracle: {:#?}; missed {:?}", score.undecided, score.missed);
    assert!(score.planned * 100 >= score.feasible * 99);
    assert!(score.infeasible.len() >= 10, "the requests are too easy to test refusals");
}
