//! The kitname kit in the sweeps.

use super::{Kit, Thing};
use crate::hostile::Who;
use crate::refusals::For::Account;
use serde_json::json;

pub(super) const KIT: Kit = Kit {
    name: "kitname",
    slugs: ["kitname-one", "kitname-two"],
    routes: &[
        ("GET", "/notes", Account),
        ("POST", "/notes", Account),
        ("DELETE", "/notes/{note}", Account),
    ],
    bodies: &[
        ("POST", "/notes", Who::User, |_| json!({ "content": "Water the basil" })),
    ],
    things: &[Thing { parameter: "{note}", nothing: "nte_01h455vb4pex5vsknk084sn02q", made_by: "/notes" }],
};
