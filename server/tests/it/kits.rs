//! What the sweeps must know of each kit: whom its routes are for, bodies that are right, and how the things are made that its
//! paths name. A kit has a file of its own here; a route that no file lists fails the sweep.

mod meals;

use crate::hostile::Who;
use crate::refusals::For;
use serde_json::Value;

/// Every kit, the one that the house's own routes are tried with first.
pub(crate) const KITS: &[Kit] = &[meals::KIT];

/// Makes a body that differs from every other by the number.
type Make = fn(usize) -> Value;

/// One kit in the sweeps.
pub(crate) struct Kit {
    pub(crate) name: &'static str,
    /// Two apps of the kit: the one that is tried, and its neighbour.
    pub(crate) slugs: [&'static str; 2],
    /// Method, path below `/api/v1/<name>`, and whom the route is for.
    pub(crate) routes: &'static [(&'static str, &'static str, For)],
    /// Method, path, who may send it, and a body with every field.
    pub(crate) bodies: &'static [(&'static str, &'static str, Who, Make)],
    pub(crate) things: &'static [Thing],
}

/// Something that a path of the kit names.
pub(crate) struct Thing {
    /// As it stands in the path: `{plan}`.
    pub(crate) parameter: &'static str,
    /// A well-formed id of nothing.
    pub(crate) nothing: &'static str,
    /// The path that makes one when its example is posted, and answers with its `id`.
    pub(crate) made_by: &'static str,
}

impl Kit {
    /// The kit whose app a route of apps is tried at.
    pub(crate) fn of(path: &str) -> &'static Self {
        KITS.iter().find(|kit| kit.owns(path)).unwrap_or(&KITS[0])
    }

    /// Whether the route answers in this kit's apps only.
    pub(crate) fn owns(&self, path: &str) -> bool {
        self.below(path).is_some()
    }

    /// The path as the kit's own list has it.
    pub(crate) fn below<'path>(&self, path: &'path str) -> Option<&'path str> {
        let below = path.strip_prefix("/api/v1/")?.strip_prefix(self.name)?;
        below.starts_with('/').then_some(below)
    }

    pub(crate) fn path(&self, below: &str) -> String {
        format!("/api/v1/{}{below}", self.name)
    }

    /// The version of its legal texts.
    pub(crate) fn legal_version(&self) -> &'static str {
        let kits = slipway_server::assembly().kits();
        let kit = kits.into_iter().find(|kit| kit.name == self.name);
        kit.unwrap_or_else(|| panic!("there is no kit {}", self.name)).card.legal_version
    }
}

#[test]
fn every_kit_is_swept() {
    let (house, swept) = (slipway_server::assembly().kits(), KITS.iter().map(|kit| kit.name));
    assert_eq!(house.iter().map(|kit| kit.name).collect::<Vec<_>>(), swept.collect::<Vec<_>>());
}
