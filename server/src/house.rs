//! The only list of modules.

use slipway_framework::module::{Assembly, Module};

/// Every module of the installation, lower ones first.
#[must_use]
pub fn modules() -> Vec<Module> {
    vec![
        slipway_tenancy::module(),
        slipway_identity::module(),
        slipway_builder::module(),
        slipway_meals::module(),
    ]
}

/// The modules added up.
#[must_use]
pub fn assembly() -> Assembly {
    Assembly::of(modules())
}
