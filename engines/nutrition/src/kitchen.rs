//! Foods and the recipes made of them, read together: what a planner plans with.
//!
//! It refuses a kitchen with any fault in it: half a table would make half-true plans.

use crate::food::{FoodTable, TableError};
use crate::recipe::{RecipeBook, RecipeError};

/// A food table and a cookbook over it.
#[derive(Debug, Clone)]
pub struct Kitchen {
    /// The foods.
    pub foods: FoodTable,
    /// The recipes.
    pub recipes: RecipeBook,
}

/// A fault of the table or of a recipe text, with its place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum KitchenError {
    /// In the food table.
    #[error(transparent)]
    Food(#[from] TableError),
    /// In a recipe text.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
}

impl Kitchen {
    /// Parses the food table and the named recipe texts.
    ///
    /// # Errors
    /// Every fault of the table; if it has none, every fault of the recipes.
    pub fn parse(foods: &str, recipes: &[(&str, &str)]) -> Result<Kitchen, Vec<KitchenError>> {
        let foods = FoodTable::parse(foods).map_err(wrap)?;
        let recipes = RecipeBook::parse(recipes, &foods).map_err(wrap)?;
        Ok(Kitchen { foods, recipes })
    }
}

fn wrap<T: Into<KitchenError>>(faults: Vec<T>) -> Vec<KitchenError> {
    faults.into_iter().map(Into::into).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_in_either_text_closes_the_kitchen() {
        let foods = include_str!("../../../kits/meals/data/foods.tsv");
        assert!(Kitchen::parse(foods, &[]).is_ok());
        let table = Kitchen::parse("key\ttitle", &[("a.txt", "junk")]).unwrap_err();
        assert!(table.iter().all(|fault| matches!(fault, KitchenError::Food(_))), "{table:?}");
        let book = Kitchen::parse(foods, &[("a.txt", "junk")]).unwrap_err();
        assert_eq!(book.len(), 1);
        assert!(book[0].to_string().starts_with("a.txt line 1: expected a title"), "{}", book[0]);
    }
}
