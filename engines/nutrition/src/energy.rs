//! Does a food's energy fit its macronutrients, and are its numbers possible at all?
//!
//! It refuses to repair: it reports, and the table is corrected by a person with a source in hand.

use crate::food::Food;
use crate::nutrient::Nutrient;
use crate::vocabulary::vocabulary;

/// kcal per gram: the general Atwater factors, and those of Regulation (EU) No 1169/2011, annex XIV.
const PROTEIN_KCAL: f64 = 4.0;
const FAT_KCAL: f64 = 9.0;
const CARBS_KCAL: f64 = 4.0;
const FIBER_KCAL: f64 = 2.0;
const ALCOHOL_KCAL: f64 = 7.0;
const POLYOLS_KCAL: f64 = 2.4;
const ACIDS_KCAL: f64 = 3.0;

/// Bounds of the checks. Each holds up to and including the value named.
const ERROR_KCAL: f64 = 10.0;
const ERROR_SHARE: f64 = 0.10;
const WARNING_KCAL: f64 = 5.0;
const WARNING_SHARE: f64 = 0.05;
const STRICT_KCAL: f64 = 10.0;
const HIGH_ENERGY_KCAL: f64 = 900.0;
const HIGH_PROTEIN_G: f64 = 85.0;
const MASS_G: f64 = 100.0;
/// Tables round to two decimals, so parts may exceed their whole by a rounding step per part.
const ROUNDING_G: f64 = 0.5;
/// A cured food below this sodium content is mislabelled or unsalted.
const SODIUM_OF_CURED_MG: f64 = 200.0;

/// Food-specific Atwater factors, kcal per gram, as USDA's FOOD_DES file states them (Merrill and Watt, Agriculture
/// Handbook 74): they apply to total carbohydrate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EnergyFactors {
    /// kcal per gram of protein.
    pub protein: f64,
    /// kcal per gram of fat.
    pub fat: f64,
    /// kcal per gram of total carbohydrate.
    pub carbs: f64,
}

/// What yields energy besides protein, fat and carbohydrate, per 100 g.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EnergyBasis {
    /// Ethanol, 7 kcal/g.
    pub alcohol_g: f64,
    /// Polyols, 2.4 kcal/g instead of the 4 of the carbohydrate they are part of.
    pub polyols_g: f64,
    /// Organic acids that the carbohydrate does not contain, 3 kcal/g: vinegar's acetic acid.
    pub acids_g: f64,
    /// The source's own factors, where the general ones do not fit.
    pub factors: Option<EnergyFactors>,
}

vocabulary! {
    /// What a check found.
    Finding, "finding":
    /// Protein, fat, carbohydrate or energy is unknown, so energy cannot be checked.
    Unchecked = "unchecked" "energy cannot be checked, a macronutrient is unknown",
    EnergyMismatch = "energy_mismatch" "energy does not fit the macronutrients",
    FatAboveMass = "fat_above_mass" "more than 100 g fat in 100 g",
    MacrosAboveMass = "macros_above_mass" "macronutrients weigh more than the food",
    FiberAboveCarbs = "fiber_above_carbs" "more fibre than carbohydrate",
    MissingFiber = "missing_fiber" "fibre is unknown",
    HighEnergy = "high_energy" "more than 900 kcal in 100 g",
    HighProtein = "high_protein" "more than 85 g protein in 100 g",
    CuredWithoutSodium = "cured_without_sodium" "cured food with little or unknown sodium",
}

/// The result for one food.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Findings that keep a table from shipping.
    pub errors: Vec<Finding>,
    /// Findings a person should look at.
    pub warnings: Vec<Finding>,
    /// Distance of the stated energy from the expected range, kcal; `None` when unchecked.
    pub energy_gap_kcal: Option<f64>,
    /// The plain rule, reported beside the verdict and never part of it: is stated energy within 10 kcal of
    /// 4 × protein + 4 × carbohydrate + 9 × fat? It rejects avocado and accepts a bacon row of mixed states.
    pub atwater_strict: Option<bool>,
}

impl Report {
    /// Whether nothing forbids shipping the row.
    pub fn valid(&self) -> bool {
        self.errors.is_empty()
    }
}

/// Checks one food.
///
/// Expected energy is a range, because sources disagree about fibre: at 2 kcal/g (EU annex XIV) it is the lower
/// end, counted like other carbohydrate (USDA's general factors) the upper. A row with the source's own factors has a
/// single expected value. The gap to the range is an error above max(10 kcal, 10 %) and a warning above
/// max(5 kcal, 5 %) of the stated energy.
pub fn check(food: &Food) -> Report {
    let fact = |nutrient| food.facts.get(nutrient);
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    let fiber_g = fact(Nutrient::Fiber);
    let mut energy_gap_kcal = None;
    let mut atwater_strict = None;
    if let (Some(kcal), Some(protein_g), Some(fat_g), Some(carbs_g)) =
        (fact(Nutrient::Energy), fact(Nutrient::Protein), fact(Nutrient::Fat), fact(Nutrient::Carbs))
    {
        let (low, high) = expected_kcal(food.energy_basis, protein_g, fat_g, carbs_g, fiber_g.unwrap_or(0.0));
        let gap = (low - kcal).max(kcal - high).max(0.0);
        if gap > ERROR_KCAL.max(ERROR_SHARE * kcal) {
            errors.push(Finding::EnergyMismatch);
        } else if gap > WARNING_KCAL.max(WARNING_SHARE * kcal) {
            warnings.push(Finding::EnergyMismatch);
        }
        let plain = PROTEIN_KCAL * protein_g + CARBS_KCAL * carbs_g + FAT_KCAL * fat_g;
        energy_gap_kcal = Some(gap);
        atwater_strict = Some((plain - kcal).abs() <= STRICT_KCAL);
        if protein_g + fat_g + carbs_g + food.energy_basis.alcohol_g > MASS_G + ROUNDING_G {
            errors.push(Finding::MacrosAboveMass);
        }
    } else {
        warnings.push(Finding::Unchecked);
    }
    if fact(Nutrient::Fat).is_some_and(|fat_g| fat_g > MASS_G) {
        errors.push(Finding::FatAboveMass);
    }
    match (fiber_g, fact(Nutrient::Carbs)) {
        (Some(fiber_g), Some(carbs_g)) if fiber_g > carbs_g + ROUNDING_G => {
            errors.push(Finding::FiberAboveCarbs);
        }
        (None, _) => warnings.push(Finding::MissingFiber),
        _ => {}
    }
    if fact(Nutrient::Energy).is_some_and(|kcal| kcal > HIGH_ENERGY_KCAL) {
        warnings.push(Finding::HighEnergy);
    }
    if fact(Nutrient::Protein).is_some_and(|protein_g| protein_g > HIGH_PROTEIN_G) {
        warnings.push(Finding::HighProtein);
    }
    let cured = food.traits.contains(crate::food::Trait::ProcessedMeat);
    if cured && fact(Nutrient::Sodium).is_none_or(|sodium_mg| sodium_mg < SODIUM_OF_CURED_MG) {
        errors.push(Finding::CuredWithoutSodium);
    }
    Report { errors, warnings, energy_gap_kcal, atwater_strict }
}

fn expected_kcal(basis: EnergyBasis, protein_g: f64, fat_g: f64, carbs_g: f64, fiber_g: f64) -> (f64, f64) {
    let extra = ALCOHOL_KCAL * basis.alcohol_g + ACIDS_KCAL * basis.acids_g
        - (CARBS_KCAL - POLYOLS_KCAL) * basis.polyols_g;
    if let Some(factors) = basis.factors {
        let kcal = factors.protein * protein_g + factors.fat * fat_g + factors.carbs * carbs_g + extra;
        return (kcal, kcal);
    }
    let high = PROTEIN_KCAL * protein_g + FAT_KCAL * fat_g + CARBS_KCAL * carbs_g + extra;
    (high - (CARBS_KCAL - FIBER_KCAL) * fiber_g, high)
}

#[cfg(test)]
mod tests;
