//! The shipped data: sizes, the stated rows, raw and cooked, and that every number has a provenance.

use std::collections::HashSet;

use slipway_nutrition::{
    Allergen, Category, Diet, Finding, Food, Nutrient, Pattern, Restriction, Set, Slot, State, Trait, Word,
    check_food,
};

use crate::KITCHEN;

fn food(key: &str) -> &'static Food {
    KITCHEN.foods.get(KITCHEN.foods.find(key).unwrap_or_else(|| panic!("no food {key}")))
}

/// The value as documents print it, to one decimal.
fn printed(key: &str, nutrient: Nutrient) -> String {
    food(key).facts.get(nutrient).map_or("unknown".to_owned(), |value| format!("{value:.1}"))
}

#[test]
fn the_table_and_the_cookbook_are_large_enough() {
    assert!(KITCHEN.foods.iter().count() >= 150);
    assert!(KITCHEN.recipes.iter().count() >= 60);
    let titles: HashSet<_> = KITCHEN.recipes.iter().map(|(_, recipe)| &recipe.title).collect();
    assert_eq!(titles.len(), KITCHEN.recipes.iter().count(), "titles are unique");
}

#[test]
fn the_stated_rows_are_there() {
    use Nutrient::{Carbs, Energy, Fat, Fiber, Protein};
    for (key, values) in [
        ("chicken_breast", ["120.0", "22.5", "2.6", "0.0", "0.0"]),
        ("chicken_breast_cooked", ["165.0", "31.0", "3.6", "0.0", "0.0"]),
        ("banana", ["89.0", "1.1", "0.3", "22.8", "2.6"]),
        ("nutritional_yeast", ["290.0", "45.0", "5.0", "35.0", "27.0"]),
    ] {
        assert_eq!(
            [Energy, Protein, Fat, Carbs, Fiber].map(|nutrient| printed(key, nutrient)),
            values,
            "{key}"
        );
    }
    for (key, fiber) in [
        ("spinach", "2.2"),
        ("broccoli", "2.6"),
        ("apple", "2.4"),
        ("banana", "2.6"),
        ("oats", "10.6"),
        ("brown_rice", "1.8"),
        ("white_rice", "0.4"),
        ("quinoa", "2.8"),
        ("black_beans", "8.7"),
        ("lentils", "7.9"),
        ("almonds", "12.5"),
        ("avocado", "6.7"),
    ] {
        assert_eq!(printed(key, Fiber), fiber, "{key}");
    }
    assert_eq!(printed("nutritional_yeast", Nutrient::VitaminB12), "24.0");
}

#[test]
fn raw_and_cooked_are_two_rows() {
    for (raw, cooked) in [
        ("chicken_breast", "chicken_breast_cooked"),
        ("bacon", "bacon_cooked"),
        ("salmon", "salmon_cooked"),
        ("brown_rice_dry", "brown_rice"),
        ("lentils_dry", "lentils"),
    ] {
        assert_eq!((food(raw).state, food(cooked).state), (State::Raw, State::Cooked), "{raw}");
        assert_ne!(food(raw).facts, food(cooked).facts, "{raw}");
    }
    // The founding document's bacon mixed the two: raw energy with cooked protein.
    assert_eq!(printed("bacon", Nutrient::Energy), "417.0");
    assert_eq!(printed("bacon", Nutrient::Protein), "12.6");
}

#[test]
fn no_row_of_the_table_has_an_energy_error() {
    let mut warnings = 0;
    for (_, food) in KITCHEN.foods.iter() {
        let report = check_food(food);
        assert!(report.valid(), "{}: {:?}, gap {:?} kcal", food.key, report.errors, report.energy_gap_kcal);
        warnings += usize::from(!report.warnings.is_empty());
    }
    println!("{} foods, 0 with errors, {warnings} with warnings", KITCHEN.foods.iter().count());
    assert!(check_food(food("nutritional_yeast")).warnings.contains(&Finding::EnergyMismatch));
}

#[test]
fn every_zero_is_confirmed_and_every_estimate_is_apart() {
    let mut unknown = 0;
    for (_, food) in KITCHEN.foods.iter() {
        let confirmed: HashSet<&str> = food.source.confirmed.iter().map(|(name, _)| name.as_str()).collect();
        for nutrient in Nutrient::ALL.iter().filter(|nutrient| **nutrient != Nutrient::NetCarbs) {
            let value = food.facts.get(*nutrient);
            unknown += usize::from(value.is_none());
            assert!(
                value != Some(0.0) || confirmed.contains(nutrient.key()),
                "{}: {}",
                food.key,
                nutrient.key()
            );
        }
        assert_eq!(food.estimated_fiber().is_some(), food.facts.get(Nutrient::Fiber).is_none());
    }
    println!("{unknown} values are unknown and stay so");
    assert!(unknown > 0);
}

#[test]
fn foods_with_unknown_fibre_are_barred_from_keto() {
    let unknown: Vec<&Food> = KITCHEN
        .foods
        .iter()
        .map(|(_, food)| food)
        .filter(|food| food.facts.get(Nutrient::NetCarbs).is_none())
        .collect();
    assert!(!unknown.is_empty());
    for food in unknown {
        assert!(!Diet::Keto.admits(food), "{}", food.key);
    }
}

#[test]
fn every_word_bars_something_and_not_everything() {
    for restriction in Restriction::ALL {
        let barred = KITCHEN.foods.iter().filter(|(_, food)| !restriction.admits(food)).count();
        assert!(barred > 0, "no food shows that {} works", restriction.key());
    }
    for diet in Diet::ALL.iter().filter(|diet| **diet != Diet::Standard) {
        let barred = KITCHEN.foods.iter().filter(|(_, food)| !diet.admits(food)).count();
        assert!(barred > 0 && barred < KITCHEN.foods.iter().count(), "{}", diet.key());
    }
    for allergen in Allergen::ALL {
        assert!(
            KITCHEN.foods.iter().any(|(_, food)| food.allergens.contains(*allergen)),
            "{}",
            allergen.key()
        );
    }
}

#[test]
fn computed_diets_agree_with_what_a_cook_would_say() {
    let recipe =
        |key: &str| KITCHEN.recipes.get(KITCHEN.recipes.find(key).unwrap_or_else(|| panic!("no {key}")));
    let diets = |key: &str| recipe(key).diets(&KITCHEN.foods);
    assert!(diets("red_lentil_dal").contains(Diet::Vegan));
    assert!(!diets("shakshuka_feta").contains(Diet::Vegetarian), "feta is set with calf rennet");
    assert!(diets("lentil_beetroot_salad").contains(Diet::Vegetarian));
    assert!(!diets("beef_chilli_rice").contains(Diet::Mediterranean));
    assert!(diets("trout_roast_roots").contains(Diet::Paleo));
    let gluten_free = Set::of(&[Restriction::GlutenFree]);
    assert!(!recipe("soba_edamame").fits(&KITCHEN.foods, Diet::Standard, gluten_free));
    assert!(recipe("tofu_rice_noodle_bowl").fits(&KITCHEN.foods, Diet::Vegan, gluten_free));
}

#[test]
fn recipes_read_like_a_cookbook() {
    for (_, recipe) in KITCHEN.recipes.iter() {
        let text = recipe.steps.join(" ");
        let sentences = text.matches(['.', '!']).count();
        assert!((2..=8).contains(&sentences), "{}: {sentences} sentences", recipe.key);
        assert!(recipe.steps.iter().all(|step| step.ends_with('.')), "{}", recipe.key);
        assert!((2..=12).contains(&recipe.ingredients.len()), "{}", recipe.key);
        let kcal = recipe.serving(&KITCHEN.foods).known(Nutrient::Energy);
        let plausible = if recipe.slots.contains(Slot::Snack) { 150.0..=550.0 } else { 350.0..=700.0 };
        assert!(plausible.contains(&kcal), "{}: {kcal:.0} kcal a serving", recipe.key);
    }
}

#[test]
fn every_diet_has_enough_dishes_for_every_place() {
    for diet in Diet::ALL {
        for pattern in Pattern::ALL {
            for place in pattern.places() {
                let dishes = KITCHEN
                    .recipes
                    .iter()
                    .filter(|(_, recipe)| recipe.slots.contains(place.slot))
                    .filter(|(_, recipe)| recipe.fits(&KITCHEN.foods, *diet, Set::EMPTY))
                    .count();
                assert!(dishes >= 5, "{} {} has {dishes} dishes", diet.key(), place.title);
            }
        }
    }
}

#[test]
fn the_generated_table_follows_the_curated_one() {
    let curated = include_str!("../../../../kits/meals/data/foods.curated.tsv");
    let stated = include_str!("../../../../kits/meals/data/foods.stated.tsv");
    let mut rows = 0;
    for line in curated.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [key, ndb, state, category, traits, allergens, title, ..] = cells[..] else { panic!("{line}") };
        let food = food(key);
        let decided = (
            State::parse(state),
            Category::parse(category),
            Set::<Trait>::parse(traits),
            Set::<Allergen>::parse(allergens),
        );
        assert_eq!(
            (Ok(food.state), Ok(food.category), Ok(food.traits), Ok(food.allergens)),
            decided,
            "{key}"
        );
        assert_eq!((food.source.id.as_str(), food.title.as_str()), (ndb, title), "run build_foods.py: {key}");
        rows += 1;
    }
    assert_eq!(rows + stated.lines().count() - 1, KITCHEN.foods.iter().count());
}
