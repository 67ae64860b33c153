//! Recipes, read from a plain cookbook text, and what follows from their ingredients.
//!
//! Diets, allergens and nutrition are computed from the foods; a recipe has no field in which to claim them.

mod parse;
#[cfg(test)]
mod tests;

use crate::diet::{Diet, Restriction};
use crate::food::{Allergen, FoodId, FoodTable};
use crate::nutrient::Nutrition;
use crate::vocabulary::{Set, Word, vocabulary};

pub use parse::{RecipeError, RecipeFault};

vocabulary! {
    /// When a dish is eaten.
    Slot, "slot":
    Breakfast = "breakfast" "Breakfast",
    Lunch = "lunch" "Lunch",
    Dinner = "dinner" "Dinner",
    Snack = "snack" "Snack",
}

/// The position of a recipe in its book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecipeId(u16);

impl RecipeId {
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    #[cfg(test)]
    pub(crate) fn for_test(index: usize) -> RecipeId {
        RecipeId(u16::try_from(index).expect("tests use small numbers"))
    }
}

/// A weighed ingredient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ingredient {
    /// The food, in the state in which it is weighed.
    pub food: FoodId,
    /// Grams of the edible part for the whole yield.
    pub grams: f64,
}

/// One dish.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// The stable name.
    pub key: String,
    /// The name people read.
    pub title: String,
    /// When it may be eaten.
    pub slots: Set<Slot>,
    /// For how many people the ingredients are.
    pub serves: u16,
    /// From start to table.
    pub minutes: u16,
    /// The kitchen it comes from.
    pub cuisine: String,
    /// What goes in.
    pub ingredients: Vec<Ingredient>,
    /// What to do, in order.
    pub steps: Vec<String>,
}

impl Recipe {
    /// The ingredients of `servings` servings.
    pub fn portion(&self, servings: f64) -> impl Iterator<Item = Ingredient> {
        let factor = servings / f64::from(self.serves);
        self.ingredients.iter().map(move |one| Ingredient { food: one.food, grams: one.grams * factor })
    }

    /// The nutrition of one serving.
    pub fn serving(&self, foods: &FoodTable) -> Nutrition {
        let mut sum = Nutrition::default();
        for ingredient in self.portion(1.0) {
            sum.add(ingredient.food, &foods.get(ingredient.food).facts, ingredient.grams);
        }
        sum
    }

    /// The allergens of its foods.
    pub fn allergens(&self, foods: &FoodTable) -> Set<Allergen> {
        self.ingredients.iter().fold(Set::EMPTY, |set, one| set.union(foods.get(one.food).allergens))
    }

    /// The diets all of its foods fit.
    pub fn diets(&self, foods: &FoodTable) -> Set<Diet> {
        Diet::ALL.iter().copied().filter(|diet| self.fits(foods, *diet, Set::EMPTY)).collect()
    }

    /// Whether every food fits the diet and all restrictions.
    pub fn fits(&self, foods: &FoodTable, diet: Diet, restrictions: Set<Restriction>) -> bool {
        self.ingredients.iter().all(|one| {
            let food = foods.get(one.food);
            diet.admits(food) && restrictions.iter().all(|restriction| restriction.admits(food))
        })
    }
}

/// The recipes, in the order of the files.
#[derive(Debug, Clone)]
pub struct RecipeBook {
    recipes: Vec<Recipe>,
}

impl RecipeBook {
    /// Parses the named texts as one book; see the data's README for the format.
    ///
    /// # Errors
    /// Every fault of every text at once, each with file and line.
    pub fn parse(texts: &[(&str, &str)], foods: &FoodTable) -> Result<RecipeBook, Vec<RecipeError>> {
        parse::book(texts, foods).map(|recipes| RecipeBook { recipes })
    }

    /// The recipe at `id`.
    ///
    /// # Panics
    /// When the id comes from another book.
    pub fn get(&self, id: RecipeId) -> &Recipe {
        &self.recipes[id.index()]
    }

    /// The recipe named `key`.
    pub fn find(&self, key: &str) -> Option<RecipeId> {
        self.iter().find(|(_, recipe)| recipe.key == key).map(|(id, _)| id)
    }

    /// Every recipe with its id.
    pub fn iter(&self) -> impl Iterator<Item = (RecipeId, &Recipe)> {
        self.recipes.iter().enumerate().map(|(index, recipe)| {
            (RecipeId(u16::try_from(index).expect("the parser admits at most 65,535 recipes")), recipe)
        })
    }
}
