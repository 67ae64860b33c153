//! The meals kit in the sweeps.

use super::{Kit, Thing};
use crate::hostile::Who;
use crate::refusals::For::{Account, Anybody};
use serde_json::json;

pub(super) const KIT: Kit = Kit {
    name: "meals",
    slugs: ["verde", "azul"],
    routes: &[
        ("GET", "/options", Anybody),
        ("GET", "/plans", Account),
        ("POST", "/plans", Account),
        ("GET", "/plans/{plan}", Account),
        ("DELETE", "/plans/{plan}", Account),
    ],
    bodies: &[(
        "POST",
        "/plans",
        Who::User,
        |_| json!({ "calories": 2000, "diet_type": "standard", "meal_pattern": "3_meals", "restrictions": ["nut_free"], "variation": 0 }),
    )],
    things: &[Thing { parameter: "{plan}", nothing: "pln_01h455vb4pex5vsknk084sn02q", made_by: "/plans" }],
};
