//! The words that stand beside every plan (ME-03 to ME-06, ME-50), in one place, so that no page can be without them.
//!
//! It refuses to be optional: the wire types of plans and diets have no way to be written without it.

mod wire;

pub(crate) use wire::DisclaimerOut;

use slipway_nutrition::{LOW_ENERGY_KCAL, Request};

/// For the head of every page (ME-04).
pub(crate) const BANNER: &str = "This application is for educational purposes only. Not medical advice. Consult healthcare professionals.";

/// The heading of the card (ME-05).
pub(crate) const HEADING: &str = "Important Medical Disclaimer";

/// What the card says first (ME-05).
pub(crate) const LEAD: &str = "This application is NOT intended to provide medical advice.";

/// What it says below (ME-03, ME-05).
pub(crate) const STATEMENTS: [&str; 4] = [
    "It offers general nutritional information only and is NOT a substitute for professional medical advice.",
    "It is NOT intended to diagnose, treat, cure, or prevent any disease.",
    "ALWAYS consult your physician before starting any diet program.",
    "Individual results may vary significantly.",
];

/// The long form for cards and the short one for footers.
pub(crate) const FDA: [&str; 2] = [
    "These statements have not been evaluated by the Food and Drug Administration. This product is not intended to diagnose, \
     treat, cure, or prevent any disease.",
    "These statements have not been evaluated by the FDA.",
];

/// Lead and statements as one text, for every diet and every plan (ME-03).
pub(crate) fn text() -> String {
    [LEAD].into_iter().chain(STATEMENTS).collect::<Vec<_>>().join(" ")
}

/// What must be said about the plan of this very request (ME-50).
pub(crate) fn warnings(request: &Request) -> Vec<String> {
    let mut warnings = Vec::new();
    if request.has_low_energy() {
        warnings.push(format!(
            "WARNING: {} kcal a day is less than the {LOW_ENERGY_KCAL} kcal most adults need at the very least. Eat so little \
             only under the supervision of a physician, never while pregnant or nursing. Seek professional advice before you \
             follow this plan.",
            request.calories,
        ));
    }
    if !request.restrictions.is_empty() {
        warnings.push(
            "Foods are left out by what they are made of. Traces are not known here: read the label of every product."
                .to_owned(),
        );
    }
    warnings
}
