//! The closed vocabularies of a request — diets, meal patterns, restrictions — and the rules behind each word.
//!
//! A diet or restriction is a filter over what a food *is*; it is applied before any optimisation and is absolute.
//! There is no word for a medical condition here, and there will be none: this is not a medical device.

use crate::food::{Allergen, Food, Trait};
use crate::nutrient::Nutrient;
use crate::recipe::Slot;
use crate::vocabulary::{Set, vocabulary};

vocabulary! {
    /// A way of eating.
    Diet, "diet":
    Standard = "standard" "Standard",
    Vegetarian = "vegetarian" "Vegetarian",
    Vegan = "vegan" "Vegan",
    Keto = "keto" "Keto",
    Paleo = "paleo" "Paleo",
    Mediterranean = "mediterranean" "Mediterranean",
}

/// Net carbohydrate a keto day may hold, grams.
pub const KETO_NET_CARBS_G: f64 = 20.0;

/// A macronutrient's share of the day's target energy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The nutrient, in grams.
    pub nutrient: Nutrient,
    /// kcal per gram by which grams become energy (general Atwater factor).
    pub kcal_per_g: f64,
    /// Lowest and highest share of the target energy.
    pub low: f64,
    /// See `low`.
    pub high: f64,
}

const fn share(nutrient: Nutrient, kcal_per_g: f64, low: f64, high: f64) -> Share {
    Share { nutrient, kcal_per_g, low, high }
}

/// Acceptable Macronutrient Distribution Ranges for adults: Institute of Medicine, Dietary Reference Intakes, 2005.
const AMDR: &[Share] = &[
    share(Nutrient::Protein, 4.0, 0.10, 0.35),
    share(Nutrient::Fat, 9.0, 0.20, 0.35),
    share(Nutrient::Carbs, 4.0, 0.45, 0.65),
];

/// Around the traditional diet of Crete and southern Italy (37 % fat, 15 % protein, 43 % carbohydrate) as reviewed by
/// Davis et al., Nutrients 2015, 7:9139.
const MEDITERRANEAN: &[Share] = &[
    share(Nutrient::Protein, 4.0, 0.10, 0.30),
    share(Nutrient::Fat, 9.0, 0.28, 0.45),
    share(Nutrient::Carbs, 4.0, 0.35, 0.60),
];

/// Hunter-gatherer ranges of Cordain et al., American Journal of Clinical Nutrition 2000, 71:682.
const PALEO: &[Share] = &[
    share(Nutrient::Protein, 4.0, 0.19, 0.35),
    share(Nutrient::Fat, 9.0, 0.28, 0.58),
    share(Nutrient::Carbs, 4.0, 0.22, 0.40),
];

/// Ketogenic ranges after the ISSN position stand (Aragon et al., 2017); carbohydrate is bounded by its own limit.
const KETO: &[Share] = &[share(Nutrient::Protein, 4.0, 0.10, 0.35), share(Nutrient::Fat, 9.0, 0.55, 0.85)];

const FLESH: &[Trait] = &[
    Trait::Poultry,
    Trait::RedMeat,
    Trait::Pork,
    Trait::ProcessedMeat,
    Trait::Fish,
    Trait::Shellfish,
    Trait::Gelatine,
    Trait::AnimalRennet,
];

impl Diet {
    /// One sentence for the person who chooses.
    pub fn summary(self) -> &'static str {
        match self {
            Diet::Standard => "Everything, in the balance dietary guidelines recommend for adults.",
            Diet::Vegetarian => "No meat, fish, gelatine or cheese set with calf rennet.",
            Diet::Vegan => "Nothing from animals, honey included.",
            Diet::Keto => "At most 20 g net carbohydrate a day; most energy from fat.",
            Diet::Paleo => "No grains, pulses, dairy, potatoes, refined sugar, seed oils or processed food.",
            Diet::Mediterranean => {
                "Olive oil, vegetables, pulses, fish and poultry; no red or processed meat."
            }
        }
    }

    /// The hard daily ranges of the macronutrients, as shares of the target energy.
    pub fn shares(self) -> &'static [Share] {
        match self {
            Diet::Standard | Diet::Vegetarian | Diet::Vegan => AMDR,
            Diet::Mediterranean => MEDITERRANEAN,
            Diet::Paleo => PALEO,
            Diet::Keto => KETO,
        }
    }

    /// The most net carbohydrate a day may hold, grams; `None` where the diet sets no limit.
    pub fn net_carb_limit_g(self) -> Option<f64> {
        (self == Diet::Keto).then_some(KETO_NET_CARBS_G)
    }

    /// The traits that bar a food.
    pub fn barred(self) -> Set<Trait> {
        match self {
            Diet::Standard => Set::EMPTY,
            Diet::Vegetarian => Set::of(FLESH),
            Diet::Vegan => {
                Set::of(FLESH).union(Set::of(&[Trait::Dairy, Trait::Butterfat, Trait::Egg, Trait::Honey]))
            }
            Diet::Keto => {
                Set::of(&[Trait::Grain, Trait::PseudoGrain, Trait::Potato, Trait::Honey, Trait::RefinedSugar])
            }
            Diet::Paleo => Set::of(&[
                Trait::Grain,
                Trait::PseudoGrain,
                Trait::Legume,
                Trait::Peanut,
                Trait::Soy,
                Trait::Dairy,
                Trait::Butterfat,
                Trait::AnimalRennet,
                Trait::Potato,
                Trait::ProcessedMeat,
                Trait::RefinedSugar,
                Trait::RefinedOil,
                Trait::Alcohol,
                Trait::Fortified,
            ]),
            Diet::Mediterranean => Set::of(&[
                Trait::RedMeat,
                Trait::Pork,
                Trait::ProcessedMeat,
                Trait::Butterfat,
                Trait::RefinedSugar,
                Trait::RefinedOil,
                Trait::TropicalFat,
            ]),
        }
    }

    /// Whether a food fits the diet. Where net carbohydrate is limited, a food that does not know its own is barred.
    pub fn admits(self, food: &Food) -> bool {
        let countable = self.net_carb_limit_g().is_none()
            || [Nutrient::Carbs, Nutrient::Fiber, Nutrient::NetCarbs]
                .iter()
                .all(|nutrient| food.facts.get(*nutrient).is_some());
        countable && !food.traits.meets(self.barred())
    }
}

vocabulary! {
    /// Something the person does not eat.
    Restriction, "restriction":
    GlutenFree = "gluten_free" "Gluten-free",
    DairyFree = "dairy_free" "Dairy-free",
    EggFree = "egg_free" "Egg-free",
    FishFree = "fish_free" "Fish-free",
    /// Crustaceans and molluscs.
    ShellfishFree = "shellfish_free" "Shellfish-free",
    /// Tree nuts; peanuts are their own word.
    NutFree = "nut_free" "Tree-nut-free",
    PeanutFree = "peanut_free" "Peanut-free",
    SoyFree = "soy_free" "Soya-free",
    SesameFree = "sesame_free" "Sesame-free",
    CeleryFree = "celery_free" "Celery-free",
    MustardFree = "mustard_free" "Mustard-free",
    SulphiteFree = "sulphite_free" "Sulphite-free",
    LupinFree = "lupin_free" "Lupin-free",
    PorkFree = "pork_free" "Pork-free",
    AlcoholFree = "alcohol_free" "Alcohol-free",
}

impl Restriction {
    /// The allergens that bar a food.
    pub fn allergens(self) -> Set<Allergen> {
        Set::of(match self {
            Restriction::GlutenFree => &[Allergen::Gluten],
            Restriction::DairyFree => &[Allergen::Milk],
            Restriction::EggFree => &[Allergen::Eggs],
            Restriction::FishFree => &[Allergen::Fish],
            Restriction::ShellfishFree => &[Allergen::Crustaceans, Allergen::Molluscs],
            Restriction::NutFree => &[Allergen::TreeNuts],
            Restriction::PeanutFree => &[Allergen::Peanuts],
            Restriction::SoyFree => &[Allergen::Soy],
            Restriction::SesameFree => &[Allergen::Sesame],
            Restriction::CeleryFree => &[Allergen::Celery],
            Restriction::MustardFree => &[Allergen::Mustard],
            Restriction::SulphiteFree => &[Allergen::Sulphites],
            Restriction::LupinFree => &[Allergen::Lupin],
            Restriction::PorkFree | Restriction::AlcoholFree => &[],
        })
    }

    /// The traits that bar a food.
    pub fn traits(self) -> Set<Trait> {
        Set::of(match self {
            Restriction::PorkFree => &[Trait::Pork],
            Restriction::AlcoholFree => &[Trait::Alcohol],
            _ => &[],
        })
    }

    /// Whether a food respects the restriction.
    pub fn admits(self, food: &Food) -> bool {
        !food.allergens.meets(self.allergens()) && !food.traits.meets(self.traits())
    }
}

vocabulary! {
    /// How the day's eating is divided.
    Pattern, "meal pattern":
    ThreeMeals = "3_meals" "Three meals",
    ThreeMealsTwoSnacks = "3_meals_2_snacks" "Three meals and two snacks",
    FiveSmallMeals = "5_small_meals" "Five small meals",
    TwoMeals = "2_meals" "Two meals of two courses",
    OneMeal = "omad" "One meal of three courses",
}

/// One dish's place in the day: which kind of recipe may stand there, and its share of the day's target energy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The name of the meal it belongs to.
    pub title: &'static str,
    /// The recipes that may stand here.
    pub slot: Slot,
    /// Lowest and highest share of the target energy; hard.
    pub low: f64,
    /// See `low`.
    pub high: f64,
}

const fn place(title: &'static str, slot: Slot, low: f64, high: f64) -> Place {
    Place { title, slot, low, high }
}

impl Pattern {
    /// The places of a day in the order of eating, at most five.
    pub fn places(self) -> &'static [Place] {
        const THREE: &[Place] = &[
            place("Breakfast", Slot::Breakfast, 0.20, 0.40),
            place("Lunch", Slot::Lunch, 0.25, 0.45),
            place("Dinner", Slot::Dinner, 0.25, 0.45),
        ];
        const THREE_AND_TWO: &[Place] = &[
            place("Breakfast", Slot::Breakfast, 0.15, 0.35),
            place("Morning snack", Slot::Snack, 0.05, 0.15),
            place("Lunch", Slot::Lunch, 0.20, 0.40),
            place("Afternoon snack", Slot::Snack, 0.05, 0.15),
            place("Dinner", Slot::Dinner, 0.20, 0.40),
        ];
        const FIVE: &[Place] = &[
            place("First meal", Slot::Breakfast, 0.12, 0.28),
            place("Second meal", Slot::Snack, 0.12, 0.28),
            place("Third meal", Slot::Lunch, 0.12, 0.28),
            place("Fourth meal", Slot::Snack, 0.12, 0.28),
            place("Fifth meal", Slot::Dinner, 0.12, 0.28),
        ];
        const TWO: &[Place] = &[
            place("Lunch", Slot::Lunch, 0.25, 0.55),
            place("Lunch, second course", Slot::Snack, 0.05, 0.25),
            place("Dinner", Slot::Dinner, 0.25, 0.55),
            place("Dinner, second course", Slot::Snack, 0.05, 0.25),
        ];
        const ONE: &[Place] = &[
            place("Main course", Slot::Dinner, 0.30, 0.60),
            place("Second course", Slot::Lunch, 0.20, 0.50),
            place("Last course", Slot::Snack, 0.05, 0.25),
        ];
        match self {
            Pattern::ThreeMeals => THREE,
            Pattern::ThreeMealsTwoSnacks => THREE_AND_TWO,
            Pattern::FiveSmallMeals => FIVE,
            Pattern::TwoMeals => TWO,
            Pattern::OneMeal => ONE,
        }
    }
}

/// The most places a day has.
pub(crate) const MAX_PLACES: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Word;

    #[test]
    fn shares_leave_room_for_a_whole_day() {
        for pattern in Pattern::ALL {
            let places = pattern.places();
            assert!(places.len() <= MAX_PLACES);
            let (low, high) =
                places.iter().fold((0.0, 0.0), |sum, place| (sum.0 + place.low, sum.1 + place.high));
            assert!(low < 0.95 && high > 1.05, "{pattern:?}: {low} to {high}");
        }
        for diet in Diet::ALL {
            let low: f64 = diet.shares().iter().map(|share| share.low).sum();
            let high: f64 = diet.shares().iter().map(|share| share.high).sum();
            assert!(low < 1.0 && high > 1.0, "{diet:?}: {low} to {high}");
        }
    }

    #[test]
    fn words_are_closed() {
        let error = Diet::parse("carnivore").unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown diet `carnivore`; use one of: standard, vegetarian, vegan, keto, paleo, mediterranean"
        );
        assert!(Restriction::parse("sugar").is_err());
        assert_eq!(Pattern::parse("omad"), Ok(Pattern::OneMeal));
        for condition in ["diabetes", "hypertension", "heart_disease", "kidney_disease"] {
            assert!(Diet::parse(condition).is_err() && Restriction::parse(condition).is_err());
        }
    }

    #[test]
    fn only_keto_limits_net_carbohydrate() {
        for diet in Diet::ALL {
            assert_eq!(diet.net_carb_limit_g(), (*diet == Diet::Keto).then_some(20.0));
        }
    }
}
