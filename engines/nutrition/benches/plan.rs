//! How long a seven-day plan takes: p50 and p95 over the 200 random requests of `requests.txt`, all of which the oracle
//! judged feasible (seed 7 of `oracle/oracle.py --draw`, re-judged by a test).
//!
//!     cargo bench -p slipway-nutrition

use std::time::{Duration, Instant};

use slipway_nutrition::{Diet, Kitchen, Outcome, Pattern, Request, Set, Word, check_plan, plan};

fn main() {
    let kitchen = kitchen();
    let mut times: Vec<Duration> = Vec::new();
    let mut moves: Vec<u64> = Vec::new();
    let (mut planned, mut kept) = (0, 0);
    for (seed, line) in include_str!("requests.txt").lines().enumerate() {
        let request = request(line, seed as u64);
        let start = Instant::now();
        let outcome = plan(&kitchen, &request).expect("the energy is in range");
        times.push(start.elapsed());
        if let Outcome::Planned(plan) = outcome {
            planned += 1;
            kept += usize::from(check_plan(&kitchen, &plan).is_empty());
            moves.push(plan.explanation.moves);
        }
    }
    times.sort_unstable();
    moves.sort_unstable();
    let share = |percent: usize| times[(times.len() * percent).div_ceil(100) - 1].as_secs_f64() * 1e3;
    println!(
        "{} foods, {} recipes, {} requests (drawn with seed 7, planned with seeds 0..), one thread",
        kitchen.foods.iter().count(),
        kitchen.recipes.iter().count(),
        times.len()
    );
    println!("7-day plan: p50 {:.1} ms, p95 {:.1} ms, worst {:.1} ms", share(50), share(95), share(100));
    println!("{planned} planned, {kept} accepted by the checker, median {} moves", moves[moves.len() / 2]);
}

fn request(line: &str, seed: u64) -> Request {
    let words: Vec<&str> = line.split_whitespace().collect();
    Request {
        calories: words[0].parse().expect("a number"),
        diet: Diet::parse(words[1]).expect("a diet"),
        pattern: Pattern::parse(words[2]).expect("a pattern"),
        restrictions: Set::parse(words.get(3).unwrap_or(&"")).expect("restrictions"),
        seed,
    }
}

fn kitchen() -> Kitchen {
    Kitchen::parse(
        include_str!("../../../kits/meals/data/foods.tsv"),
        &[
            ("breakfasts.txt", include_str!("../../../kits/meals/data/recipes/breakfasts.txt")),
            ("lunches.txt", include_str!("../../../kits/meals/data/recipes/lunches.txt")),
            ("dinners.txt", include_str!("../../../kits/meals/data/recipes/dinners.txt")),
            ("snacks.txt", include_str!("../../../kits/meals/data/recipes/snacks.txt")),
        ],
    )
    .expect("the shipped data parse")
}
