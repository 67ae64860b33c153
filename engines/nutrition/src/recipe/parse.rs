//! The reader of the cookbook text.
//!
//! ```text
//! # Title
//! key | slot, slot | serves 2 | 25 minutes | Cuisine
//! - 120 g food_key
//! 1. What to do first.
//! ```
//!
//! It refuses a recipe it cannot count: an unknown food, or one whose energy or macronutrients are unknown.

use std::collections::HashMap;

use super::{Ingredient, Recipe, Slot};
use crate::food::{FoodId, FoodTable};
use crate::nutrient::Nutrient;
use crate::vocabulary::{Set, UnknownWord, Word};

/// A fault of a recipe text, with its place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{file} line {line}: {fault}")]
pub struct RecipeError {
    /// Name of the text.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and how to put it right.
    pub fault: RecipeFault,
}

/// What can be wrong with a recipe.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecipeFault {
    /// The line below the title is malformed.
    #[error("the head must read `key | slots | serves N | N minutes | cuisine`")]
    BadHead,
    /// A line that is none of the four kinds, or a kind out of order.
    #[error("expected a title `# …`, an ingredient `- 120 g food` or a step `{next_step}. …`")]
    BadLine {
        /// The number the next step must have.
        next_step: usize,
    },
    /// A food outside the table.
    #[error("no food is named `{0}`; add it to the food table or correct the name")]
    UnknownFood(String),
    /// A food listed twice.
    #[error("`{0}` is listed twice; add the two amounts")]
    RepeatedFood(String),
    /// A food whose numbers do not suffice.
    #[error("`{food}` does not know its {nutrient}; a recipe cannot be counted with it")]
    Uncountable {
        /// The food.
        food: String,
        /// The missing nutrient.
        nutrient: &'static str,
    },
    /// A word outside its vocabulary.
    #[error(transparent)]
    UnknownWord(#[from] UnknownWord),
    /// No slot, no ingredient or no step.
    #[error("`{0}` lacks a slot, an ingredient or a step; a dish needs at least one of each")]
    Incomplete(String),
    /// A key that an earlier recipe has.
    #[error("a recipe named `{0}` exists already; keys are unique over all files")]
    Duplicate(String),
    /// More recipes than an id can count.
    #[error("more than 65,535 recipes; split the book")]
    TooMany,
}

/// What every ingredient must know.
const NEEDED: [Nutrient; 4] = [Nutrient::Energy, Nutrient::Protein, Nutrient::Fat, Nutrient::Carbs];

pub(super) fn book(texts: &[(&str, &str)], foods: &FoodTable) -> Result<Vec<Recipe>, Vec<RecipeError>> {
    let keys = foods.iter().map(|(id, food)| (food.key.as_str(), id)).collect();
    let mut reader = Reader { foods, keys, file: "", recipes: Vec::new(), faults: Vec::new() };
    for (file, text) in texts {
        reader.file = file;
        reader.text(text);
    }
    if reader.faults.is_empty() { Ok(reader.recipes) } else { Err(reader.faults) }
}

struct Reader<'a> {
    foods: &'a FoodTable,
    keys: HashMap<&'a str, FoodId>,
    file: &'a str,
    recipes: Vec<Recipe>,
    faults: Vec<RecipeError>,
}

impl Reader<'_> {
    fn complain(&mut self, line: usize, fault: RecipeFault) {
        self.faults.push(RecipeError { file: self.file.to_owned(), line, fault });
    }

    fn text(&mut self, text: &str) {
        let mut lines = text.lines().zip(1..).peekable();
        while let Some((line, number)) = lines.next() {
            if let Some(title) = line.strip_prefix("# ") {
                let head = head(title, lines.next().map_or("", |(line, _)| line));
                let body: Vec<(&str, usize)> =
                    std::iter::from_fn(|| lines.next_if(|(line, _)| !line.starts_with("# "))).collect();
                match head {
                    Ok(recipe) => self.recipe(recipe, number, &body),
                    Err(fault) => self.complain(number + 1, fault),
                }
            } else if !line.trim().is_empty() {
                self.complain(number, RecipeFault::BadLine { next_step: 1 });
            }
        }
    }

    /// Fills a recipe that has its head from the lines below, and takes it into the book.
    fn recipe(&mut self, mut recipe: Recipe, number: usize, body: &[(&str, usize)]) {
        for (line, number) in body.iter().map(|(line, number)| (line.trim(), *number)) {
            if !line.is_empty()
                && let Err(fault) = self.line(&mut recipe, line)
            {
                self.complain(number, fault);
            }
        }
        if recipe.slots.is_empty() || recipe.ingredients.is_empty() || recipe.steps.is_empty() {
            self.complain(number, RecipeFault::Incomplete(recipe.key.clone()));
        }
        if self.recipes.iter().any(|other| other.key == recipe.key) {
            self.complain(number, RecipeFault::Duplicate(recipe.key.clone()));
        }
        if self.recipes.len() == usize::from(u16::MAX) {
            self.complain(number, RecipeFault::TooMany);
        }
        self.recipes.push(recipe);
    }

    /// Reads an ingredient or a step.
    fn line(&self, recipe: &mut Recipe, line: &str) -> Result<(), RecipeFault> {
        let next_step = recipe.steps.len() + 1;
        if let Some(step) = line.strip_prefix(&format!("{next_step}. ")) {
            recipe.steps.push(step.to_owned());
            return Ok(());
        }
        let (key, grams) =
            line.strip_prefix("- ").and_then(weighed).ok_or(RecipeFault::BadLine { next_step })?;
        let food = *self.keys.get(key).ok_or_else(|| RecipeFault::UnknownFood(key.to_owned()))?;
        if recipe.ingredients.iter().any(|other| other.food == food) {
            return Err(RecipeFault::RepeatedFood(key.to_owned()));
        }
        let facts = &self.foods.get(food).facts;
        if let Some(nutrient) = NEEDED.iter().find(|nutrient| facts.get(**nutrient).is_none()) {
            return Err(RecipeFault::Uncountable { food: key.to_owned(), nutrient: nutrient.title() });
        }
        recipe.ingredients.push(Ingredient { food, grams });
        Ok(())
    }
}

/// Reads the two lines a recipe begins with.
fn head(title: &str, line: &str) -> Result<Recipe, RecipeFault> {
    let parts: Vec<&str> = line.split('|').map(str::trim).collect();
    let [key, slots, serves, minutes, cuisine] = parts[..] else {
        return Err(RecipeFault::BadHead);
    };
    let serves =
        serves.strip_prefix("serves ").and_then(|text| text.parse().ok()).filter(|serves| *serves > 0);
    let minutes = minutes.strip_suffix(" minutes").and_then(|text| text.parse().ok());
    match (serves, minutes) {
        (Some(serves), Some(minutes)) if !key.is_empty() && !cuisine.is_empty() => Ok(Recipe {
            key: key.to_owned(),
            title: title.trim().to_owned(),
            slots: Set::<Slot>::parse(slots)?,
            serves,
            minutes,
            cuisine: cuisine.to_owned(),
            ingredients: Vec::new(),
            steps: Vec::new(),
        }),
        _ => Err(RecipeFault::BadHead),
    }
}

/// Reads `120 g food_key`.
fn weighed(text: &str) -> Option<(&str, f64)> {
    let (grams, food) = text.split_once(" g ")?;
    let grams: f64 = grams.parse().ok()?;
    (grams.is_finite() && grams > 0.0).then_some((food.trim(), grams))
}
