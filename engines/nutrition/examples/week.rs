//! Prints a week, or why there is none.
//!
//!     cargo run --release -p slipway-nutrition --example week -- 2000 vegetarian 3_meals_2_snacks gluten_free

use std::error::Error;

use slipway_nutrition::{
    Diet, Kitchen, Nutrient, Outcome, Pattern, Plan, Request, Set, Word, check_plan, plan,
};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |index: usize, default: &str| words.get(index).cloned().unwrap_or_else(|| default.to_owned());
    let request = Request {
        calories: word(0, "2000").parse()?,
        diet: Diet::parse(&word(1, "mediterranean"))?,
        pattern: Pattern::parse(&word(2, "3_meals"))?,
        restrictions: Set::parse(&word(3, ""))?,
        seed: word(4, "1").parse()?,
    };
    let kitchen = kitchen();
    match plan(&kitchen, &request)? {
        Outcome::Planned(plan) => show(&kitchen, &plan),
        Outcome::Infeasible(answer) => {
            println!("No plan exists: {}.", answer.proof);
            println!("These wishes are at odds:");
            for wish in &answer.conflict.core {
                let mends =
                    if answer.conflict.any_one_of.contains(wish) { " (giving it up is enough)" } else { "" };
                println!("  {}{mends}", wish.explanation());
            }
        }
        Outcome::NotFound(answer) => println!("No plan was found in {} moves, nor a proof.", answer.moves),
    }
    Ok(())
}

fn show(kitchen: &Kitchen, plan: &Plan) {
    for day in &plan.days {
        println!("Day {}", day.number);
        for meal in &day.meals {
            let title = &kitchen.recipes.get(meal.recipe).title;
            let kcal = meal.nutrition.known(Nutrient::Energy);
            println!("  {:<22} {:>4} × {title} ({kcal:.0} kcal)", meal.title, meal.servings());
        }
        let known: Vec<String> = [Nutrient::Energy, Nutrient::Protein, Nutrient::Fat, Nutrient::NetCarbs]
            .into_iter()
            .chain([Nutrient::Fiber, Nutrient::Sodium])
            .map(|nutrient| format!("{} {:.0}", nutrient.key(), day.totals.known(nutrient)))
            .collect();
        println!("  = {}", known.join(", "));
    }
    println!("\nShopping");
    for aisle in &plan.shopping_list {
        let items: Vec<String> = aisle
            .items
            .iter()
            .map(|item| format!("{} {:.0} g", kitchen.foods.get(item.food).title, item.grams))
            .collect();
        println!("  {}: {}", aisle.category.title(), items.join(", "));
    }
    println!("\n{:#?}", plan.explanation.targets);
    println!("missed goals: {:?}", plan.explanation.missed);
    println!("moves {}, violations {:?}", plan.explanation.moves, check_plan(kitchen, plan));
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
