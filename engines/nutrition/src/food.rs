//! Foods: what they are, what they hold per 100 g, and where each number comes from.
//!
//! A row states its physical state: raw and cooked weights of one food are two foods. It refuses to fill gaps: an
//! estimate is a value of its own type and never enters the facts.

mod parse;
#[cfg(test)]
mod tests;

use crate::energy::EnergyBasis;
use crate::nutrient::{CarbBasis, Facts, Nutrient};
use crate::vocabulary::{Set, vocabulary};

pub use parse::TableError;

/// The position of a food in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FoodId(u16);

impl FoodId {
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    #[cfg(test)]
    pub(crate) fn for_test(index: u16) -> FoodId {
        FoodId(index)
    }
}

vocabulary! {
    /// The state in which the food was weighed.
    State, "state":
    Raw = "raw" "raw",
    Cooked = "cooked" "cooked",
    /// Ready as bought: oils, cheeses, tins, dried goods that are eaten as they are.
    AsSold = "as_sold" "as sold",
}

vocabulary! {
    /// The aisle: groups the shopping list.
    Category, "category":
    Vegetables = "vegetables" "Vegetables",
    Fruit = "fruit" "Fruit",
    HerbsSpices = "herbs_spices" "Herbs and spices",
    Grains = "grains" "Grains and bread",
    Legumes = "legumes" "Beans, lentils and tofu",
    NutsSeeds = "nuts_seeds" "Nuts and seeds",
    Poultry = "poultry" "Poultry",
    Meat = "meat" "Meat",
    Fish = "fish" "Fish and seafood",
    Eggs = "eggs" "Eggs",
    Dairy = "dairy" "Dairy",
    Fats = "fats" "Oils and fats",
    Condiments = "condiments" "Condiments and stock",
    Baking = "baking" "Baking and sweeteners",
    Drinks = "drinks" "Drinks and plant milks",
}

vocabulary! {
    /// What a food is, as far as a diet or restriction asks. Compatibility is derived from these, never stated.
    Trait, "trait":
    Poultry = "poultry" "poultry",
    RedMeat = "red_meat" "red meat",
    Pork = "pork" "pork",
    ProcessedMeat = "processed_meat" "processed meat",
    Fish = "fish" "fish",
    Shellfish = "shellfish" "shellfish",
    Gelatine = "gelatine" "gelatine",
    Egg = "egg" "egg",
    Dairy = "dairy" "dairy",
    /// Cheese that is traditionally set with calf rennet.
    AnimalRennet = "animal_rennet" "animal rennet",
    Honey = "honey" "honey",
    Butterfat = "butterfat" "butter and cream",
    TropicalFat = "tropical_fat" "coconut fat",
    RefinedOil = "refined_oil" "refined seed oil",
    Grain = "grain" "grain",
    PseudoGrain = "pseudo_grain" "pseudo-grain",
    Legume = "legume" "legume",
    Soy = "soy" "soya",
    Peanut = "peanut" "peanut",
    Potato = "potato" "potato",
    RefinedSugar = "refined_sugar" "refined sugar",
    Alcohol = "alcohol" "alcohol",
    Vinegar = "vinegar" "vinegar",
    Fortified = "fortified" "fortified",
}

vocabulary! {
    /// The fourteen allergens of Regulation (EU) No 1169/2011, annex II. Oats count as gluten there unless certified.
    Allergen, "allergen":
    Gluten = "gluten" "Cereals containing gluten",
    Crustaceans = "crustaceans" "Crustaceans",
    Eggs = "eggs" "Eggs",
    Fish = "fish" "Fish",
    Peanuts = "peanuts" "Peanuts",
    Soy = "soy" "Soya",
    Milk = "milk" "Milk",
    TreeNuts = "tree_nuts" "Tree nuts",
    Celery = "celery" "Celery",
    Mustard = "mustard" "Mustard",
    Sesame = "sesame" "Sesame",
    Sulphites = "sulphites" "Sulphites",
    Lupin = "lupin" "Lupin",
    Molluscs = "molluscs" "Molluscs",
}

/// Where a row's numbers come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The data set: `usda_sr28`, or `stated` for a row without a public data set.
    pub dataset: String,
    /// The row's id there: the NDB number.
    pub id: String,
    /// The row's title there.
    pub title: String,
    /// Values that do not come from the data set itself: the nutrient and the second source or physical reason that
    /// confirms it. A zero without such an entry is unknown.
    pub confirmed: Vec<(String, String)>,
}

/// One food in one state.
#[derive(Debug, Clone, PartialEq)]
pub struct Food {
    /// The stable name recipes use.
    pub key: String,
    /// The name people read, without the state.
    pub title: String,
    /// The state the weights refer to.
    pub state: State,
    /// The aisle.
    pub category: Category,
    /// What it is, for diets and restrictions.
    pub traits: Set<Trait>,
    /// EU-14 allergens it contains. Traces are not known here.
    pub allergens: Set<Allergen>,
    /// Whether its carbohydrate includes fibre.
    pub carb_basis: CarbBasis,
    /// Values per 100 g of the edible part.
    pub facts: Facts,
    /// What the energy check needs besides the facts.
    pub energy_basis: EnergyBasis,
    /// Where the numbers come from.
    pub source: Source,
    /// Remarks for the reader of the table.
    pub note: String,
}

/// A fibre value nobody measured: the category's usual figure, for display beside an unknown and nothing else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EstimatedFiber {
    /// Grams per 100 g.
    pub fiber_g: f64,
}

impl Food {
    /// The category's usual fibre content where the food's own is unknown; `None` where it is known, so that a given
    /// value can never be overwritten. Defaults: vegetables 2, fruit 2.5, grains 3, anything else 0 g per 100 g.
    pub fn estimated_fiber(&self) -> Option<EstimatedFiber> {
        if self.facts.get(Nutrient::Fiber).is_some() {
            return None;
        }
        let fiber_g = match self.category {
            Category::Vegetables => 2.0,
            Category::Fruit => 2.5,
            Category::Grains => 3.0,
            _ => 0.0,
        };
        Some(EstimatedFiber { fiber_g })
    }
}

/// The foods, in the order of the file.
#[derive(Debug, Clone)]
pub struct FoodTable {
    foods: Vec<Food>,
}

impl FoodTable {
    /// Parses a tab-separated table with a header line; see the data's README for the columns.
    ///
    /// # Errors
    /// Every fault of the file at once, each with line and column.
    pub fn parse(text: &str) -> Result<FoodTable, Vec<TableError>> {
        parse::table(text).map(|foods| FoodTable { foods })
    }

    /// The food at `id`.
    ///
    /// # Panics
    /// When the id comes from another table.
    pub fn get(&self, id: FoodId) -> &Food {
        &self.foods[id.index()]
    }

    /// The food named `key`.
    pub fn find(&self, key: &str) -> Option<FoodId> {
        self.iter().find(|(_, food)| food.key == key).map(|(id, _)| id)
    }

    /// Every food with its id.
    pub fn iter(&self) -> impl Iterator<Item = (FoodId, &Food)> {
        self.foods.iter().enumerate().map(|(index, food)| {
            (FoodId(u16::try_from(index).expect("the parser admits at most 65,535 foods")), food)
        })
    }
}
