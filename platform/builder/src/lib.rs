//! The factory: a kit and a brand become an app with pages of its own, signed Android packages, and releases.
//!
//! It owns logos, brand versions, signing keys, releases and builds, and what an app's origin serves from its brand. It refuses
//! to know what a kit does, to hand a signing key to anybody but an owner, and to change a release once it is ready.

mod app;
mod brand;
mod build;
mod colour;
mod events;
mod ids;
mod logo;
mod release;
mod scope;
mod signing_key;
mod site;
mod workbench;

pub use build::pipeline::{Inputs, Moment, Package, PipelineError, Stop, Tell, build_package};
pub use build::stage::Stage;
pub use events::{BrandApproved, BuildFailed, ReleaseReady};
pub use ids::{BrandId, BuildId, ReleaseId};
pub use signing_key::{SigningKey, keep_keys_ready};

use slipway_framework::backup::{Sealed, Travel};
use slipway_framework::erasure::Erasure;
use slipway_framework::http::RouteClass;
use slipway_framework::keys::KeyPurpose;
use slipway_framework::module::{Module, Routes};

/// What the factory contributes to a house.
#[must_use]
pub fn module() -> Module {
    Module::named("builder")
        .console(console_routes)
        .app(site::routes)
        .migration("builder", include_str!("../migrations/0001_builder.sql"))
        .migration("objects", include_str!("../migrations/0002_objects.sql"))
        .erases(Erasure { table: "build_events", slice: build::store::erase_events })
        .erases(Erasure { table: "builds", slice: build::store::erase })
        .erases(Erasure { table: "releases", slice: release::store::erase })
        .erases(Erasure { table: "sites", slice: brand::store::erase_site })
        .erases(Erasure { table: "brand_versions", slice: brand::store::erase })
        .erases(Erasure { table: "numbers", slice: brand::store::erase_numbers })
        .erases(Erasure { table: "signing_keys", slice: signing_key::store::erase })
        // A brand names its logo's file itself; the partner's other logos are other apps'.
        .travels("logos", Travel::Stays)
        .sealed(Sealed { table: "signing_keys", column: "sealed", purpose: KeyPurpose::SigningKeys })
        .objects(logo::list_named)
        .objects(brand::store::list_named)
        .objects(release::store::list_named)
        .job::<build::jobs::BuildRelease>()
        .class(RouteClass::Sse, "GET", "/api/v1/apps/{app}/builds/{build}/events")
        .class(RouteClass::Generate, "POST", "/api/v1/logos")
        .emits::<BrandApproved>()
        .emits::<ReleaseReady>()
        .emits::<BuildFailed>()
}

fn console_routes() -> Routes {
    logo::routes()
        .merge(colour::routes())
        .merge(app::routes())
        .merge(brand::routes())
        .merge(release::routes())
        .merge(build::routes())
        .merge(signing_key::routes())
}
