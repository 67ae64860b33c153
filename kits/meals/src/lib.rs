//! The meals kit: weekly meal plans for an app's users, from an engine that keeps its rules or says why it cannot.
//!
//! The kit adds what the engine refuses to know: people, storage, limits, and the words that must stand beside every plan. It
//! refuses to give medical advice, to target medical conditions, and to show a plan without its disclaimer.

mod disclaimer;
mod events;
mod kitchen;
mod legal;
mod options;
mod plan;
mod planner;

#[cfg(test)]
#[path = "../tests/it/house.rs"]
mod house;

pub use events::PlanCreated;
pub use kitchen::kitchen;
pub use plan::{PlanId, PlanMarker};

use slipway_framework::erasure::Erasure;
use slipway_framework::http::RouteClass;
use slipway_framework::kit::KitCard;
use slipway_framework::metric::{Metric, MetricKind};
use slipway_framework::module::{Module, Routes};

/// What the meals kit contributes to a house. Reads the food table and the recipes, so that a fault in them is found when the
/// server starts and not by its first user.
#[must_use]
pub fn module() -> Module {
    let _read = kitchen();
    Module::named("meals")
        .kit(CARD)
        .app(routes)
        .migration("meals", include_str!("../migrations/0001_meals.sql"))
        .erases(Erasure { table: "meal_plans", slice: plan::store::erase })
        .class(RouteClass::Generate, "POST", "/api/v1/meals/plans")
        .metrics(METRICS)
        .emits::<PlanCreated>()
}

/// What the kit counts (P-OBS-02).
const METRICS: &[Metric] = &[
    Metric {
        name: "meal_plan_requests_total",
        kind: MetricKind::Counter,
        labels: &["diet_type", "status"],
        meaning: "plans asked for, by the way of eating and by success or error",
    },
    Metric {
        name: "meal_plan_generation_duration_seconds",
        kind: MetricKind::Seconds,
        labels: &[],
        meaning: "how long a plan was computed",
    },
    Metric {
        name: "cache_hits_total",
        kind: MetricKind::Counter,
        labels: &["cache_type"],
        meaning: "answers that were remembered",
    },
    Metric {
        name: "cache_misses_total",
        kind: MetricKind::Counter,
        labels: &["cache_type"],
        meaning: "answers that had to be made",
    },
];

const CARD: KitCard = KitCard {
    title: "Meal planner",
    summary: "Weekly meal plans with recipes, nutrition facts and a shopping list.",
    features: &[
        "Six ways of eating, five meal patterns and fifteen restrictions",
        "Every day within 5 % of the energy asked for, checked by an independent judge",
        "121 recipes with portions, method and a shopping list by aisle",
        "Nutrition facts from public tables; what is unknown is shown as unknown",
        "Terms, privacy policy and disclaimers with acceptance kept by version",
    ],
    legal: legal::texts,
    legal_version: legal::VERSION,
};

fn routes() -> Routes {
    options::routes().merge(plan::routes())
}
