//! The only list of modules.

use slipway_framework::module::Assembly;

/// Every module of the installation, lower ones first.
#[must_use]
pub fn assembly() -> Assembly {
    Assembly::of([slipway_tenancy::module(), slipway_identity::module()])
}
