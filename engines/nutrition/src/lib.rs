//! Nutrition facts that admit what they do not know, recipes whose diets are computed, and a weekly meal planner whose
//! plans an independent checker accepts.
//!
//! The crate is pure: values in, values out. It opens no file, reads no clock and draws no randomness of its own; the
//! seed is part of a request. It refuses to give medical advice, and knows no medical conditions.

mod check;
mod diet;
mod energy;
mod food;
mod kitchen;
mod nutrient;
mod plan;
mod planner;
mod random;
mod recipe;
mod vocabulary;

pub use check::{Violation, check_plan};
pub use diet::{Diet, KETO_NET_CARBS_G, Pattern, Place, Restriction, Share};
pub use energy::{EnergyBasis, EnergyFactors, Finding, Report, check as check_food};
pub use food::{
    Allergen, Category, EstimatedFiber, Food, FoodId, FoodTable, Source, State, TableError, Trait,
};
pub use kitchen::{Kitchen, KitchenError};
pub use nutrient::{CarbBasis, Facts, NUTRIENTS, Nutrient, Nutrition, net_carbs_g};
pub use plan::{Aisle, Amount, Day, Explanation, Meal, Missed, Plan, Target};
pub use planner::{
    Conflict, Infeasible, LOW_ENERGY_KCAL, MAX_CALORIES, MIN_CALORIES, NotFound, Outcome, Proof, Request,
    RequestError, Wish, plan,
};
pub use recipe::{Ingredient, Recipe, RecipeBook, RecipeError, RecipeFault, RecipeId, Slot};
pub use vocabulary::{Set, UnknownWord, Word};
