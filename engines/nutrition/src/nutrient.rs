//! Nutrients, the facts of a food, and sums of facts.
//!
//! An unknown value is `None` and stays unknown through every sum: it is never read as zero.

use crate::food::FoodId;
use crate::vocabulary::{Word, vocabulary};

vocabulary! {
    /// What is counted. Every fact is per 100 g of the edible part, in the unit its key ends with.
    Nutrient, "nutrient":
    Energy = "kcal" "Energy (kcal)",
    Protein = "protein_g" "Protein (g)",
    Fat = "fat_g" "Fat (g)",
    /// Total carbohydrate; whether fibre is inside is said by the food's carbohydrate basis.
    Carbs = "carbs_g" "Carbohydrate (g)",
    Fiber = "fiber_g" "Fibre (g)",
    Sugars = "sugars_g" "Sugars (g)",
    Sodium = "sodium_mg" "Sodium (mg)",
    Potassium = "potassium_mg" "Potassium (mg)",
    Calcium = "calcium_mg" "Calcium (mg)",
    Iron = "iron_mg" "Iron (mg)",
    VitaminB12 = "vitamin_b12_ug" "Vitamin B12 (µg)",
    VitaminD = "vitamin_d_ug" "Vitamin D (µg)",
    /// ALA + EPA + DHA.
    Omega3 = "omega_3_g" "Omega-3 fatty acids (g)",
    /// Derived, never in a file: carbohydrate without fibre, per food and never below zero.
    NetCarbs = "net_carbs_g" "Net carbohydrate (g)",
}

/// How many nutrients there are.
pub const NUTRIENTS: usize = 14;
const _: () = assert!(Nutrient::ALL.len() == NUTRIENTS);

/// The facts of one food per 100 g edible; `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Facts([Option<f64>; NUTRIENTS]);

impl Facts {
    /// The value per 100 g, or `None` where no source knows it.
    pub fn get(&self, nutrient: Nutrient) -> Option<f64> {
        self.0[nutrient.index()]
    }

    /// Replaces one value.
    pub fn set(&mut self, nutrient: Nutrient, value: Option<f64>) {
        self.0[nutrient.index()] = value;
    }
}

/// Whether a source's carbohydrate figure contains the fibre: US tables do, EU labels do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarbBasis {
    /// Carbohydrate by difference (USDA): subtract fibre to get net carbohydrate.
    FiberIncluded,
    /// Available carbohydrate (EU regulation 1169/2011): it is net already.
    FiberExcluded,
}

/// Net carbohydrate per 100 g: `max(0, carbs - fiber)` where carbohydrate includes fibre, else the carbohydrate.
/// Unknown when a value it needs is unknown.
pub fn net_carbs_g(carbs_g: Option<f64>, fiber_g: Option<f64>, basis: CarbBasis) -> Option<f64> {
    match basis {
        CarbBasis::FiberIncluded => Some((carbs_g? - fiber_g?).max(0.0)),
        CarbBasis::FiberExcluded => carbs_g,
    }
}

/// A sum of foods by weight: what is known, and which foods left a gap.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Nutrition {
    known: [f64; NUTRIENTS],
    unknown: [Vec<FoodId>; NUTRIENTS],
}

impl Nutrition {
    /// The sum, or `None` when at least one food's value is unknown.
    pub fn value(&self, nutrient: Nutrient) -> Option<f64> {
        self.unknown(nutrient).is_empty().then(|| self.known(nutrient))
    }

    /// The sum over the foods whose value is known: a lower bound of the truth.
    pub fn known(&self, nutrient: Nutrient) -> f64 {
        self.known[nutrient.index()]
    }

    /// The foods whose value is unknown, in ascending order, each once.
    pub fn unknown(&self, nutrient: Nutrient) -> &[FoodId] {
        &self.unknown[nutrient.index()]
    }

    /// Adds `grams` of a food.
    pub fn add(&mut self, food: FoodId, facts: &Facts, grams: f64) {
        for nutrient in Nutrient::ALL {
            match facts.get(*nutrient) {
                Some(per_100_g) => self.known[nutrient.index()] += per_100_g * grams / 100.0,
                None => note(&mut self.unknown[nutrient.index()], food),
            }
        }
    }

    /// Adds another sum.
    pub fn add_all(&mut self, other: &Nutrition) {
        for index in 0..NUTRIENTS {
            self.known[index] += other.known[index];
            for food in &other.unknown[index] {
                note(&mut self.unknown[index], *food);
            }
        }
    }
}

fn note(foods: &mut Vec<FoodId>, food: FoodId) {
    if let Err(place) = foods.binary_search(&food) {
        foods.insert(place, food);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn net_carbohydrate_subtracts_fibre_once_and_only_where_it_is_inside() {
        for (carbs, fiber, net) in [(10.0, 3.0, 7.0), (5.0, 8.0, 0.0), (0.0, 0.0, 0.0)] {
            assert_eq!(net_carbs_g(Some(carbs), Some(fiber), CarbBasis::FiberIncluded), Some(net));
            assert_eq!(net_carbs_g(Some(carbs), Some(fiber), CarbBasis::FiberExcluded), Some(carbs));
        }
        assert_eq!(net_carbs_g(Some(10.0), None, CarbBasis::FiberIncluded), None);
        assert_eq!(net_carbs_g(Some(10.0), None, CarbBasis::FiberExcluded), Some(10.0));
        assert_eq!(net_carbs_g(None, Some(1.0), CarbBasis::FiberExcluded), None);
    }

    #[test]
    fn an_unknown_value_is_never_zero_in_a_sum() {
        let mut known = Facts::default();
        known.set(Nutrient::Fiber, Some(4.0));
        let mut sum = Nutrition::default();
        sum.add(FoodId::for_test(1), &known, 50.0);
        assert_eq!(sum.value(Nutrient::Fiber), Some(2.0));
        sum.add(FoodId::for_test(2), &Facts::default(), 50.0);
        assert_eq!(sum.value(Nutrient::Fiber), None);
        assert_eq!(sum.known(Nutrient::Fiber), 2.0);
        assert_eq!(sum.unknown(Nutrient::Fiber), [FoodId::for_test(2)]);
    }

    proptest! {
        #[test]
        fn totals_are_linear_in_grams(per_100_g in 0.0..1_000.0, grams in 0.0..2_000.0, factor in 0.0..10.0f64) {
            let mut facts = Facts::default();
            facts.set(Nutrient::Iron, Some(per_100_g));
            let (mut once, mut scaled, mut twice) = <(Nutrition, Nutrition, Nutrition)>::default();
            let food = FoodId::for_test(0);
            once.add(food, &facts, grams);
            scaled.add(food, &facts, grams * factor);
            twice.add_all(&once);
            twice.add_all(&once);
            let base = once.known(Nutrient::Iron);
            prop_assert!((scaled.known(Nutrient::Iron) - base * factor).abs() <= 1e-9 * (1.0 + base * factor));
            prop_assert_eq!(twice.known(Nutrient::Iron), base + base);
        }
    }
}
