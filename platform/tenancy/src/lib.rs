//! Who owns what: partners, their members and roles, their apps, and the hosts the apps answer at.
//!
//! It says what a signed-in person may do, as types that a handler asks for. It refuses to know how anybody signs in, what an
//! app looks like, or which kits there are.

pub mod app;
mod authority;
mod events;
mod kit;
pub mod member;
mod name;
pub mod partner;
pub mod quota;
pub mod slug;

pub use authority::{CanBuild, CanManage, CanOwn, CanView, Member, OwnApp, Permission};
pub use events::{
    AppDeleted, AppLaunched, AppResumed, AppSuspended, MemberAdded, MemberRemoved, MemberRoleChanged,
};
pub use name::NameError;

use slipway_framework::backup::{FindApp, Travel};
use slipway_framework::erasure::Erasure;
use slipway_framework::module::{Module, Routes};
use std::sync::Arc;

/// What tenancy contributes to a house.
#[must_use]
pub fn module() -> Module {
    Module::named("tenancy")
        .console(routes)
        .migration("tenancy", include_str!("../migrations/0001_tenancy.sql"))
        .migration("deleted_apps", include_str!("../migrations/0002_deleted_apps.sql"))
        .migration("partner_quotas", include_str!("../migrations/0003_partner_quotas.sql"))
        .job::<app::jobs::EraseApp>()
        .erases(Erasure { table: "apps", slice: app::store::erase })
        .erases(Erasure { table: "slugs", slice: app::store::erase_slugs })
        .emits::<AppLaunched>()
        .emits::<AppSuspended>()
        .emits::<AppResumed>()
        .emits::<AppDeleted>()
        .emits::<MemberAdded>()
        .emits::<MemberRoleChanged>()
        .emits::<MemberRemoved>()
        .travels("partners", Travel::OfPartner)
        .travels("members", Travel::OfPartner)
        .travels("partner_apps", Travel::OfApp)
        .travels("partner_quotas", Travel::Stays)
        .finds(FindApp {
            partner: |read| Ok(app::find(read)?.map(|app| app.partner)),
            by_slug: slug::find_app_in,
        })
        .hosts(Arc::new(slug::SlugHosts))
}

fn routes() -> Routes {
    partner::routes()
        .merge(quota::routes())
        .merge(member::routes())
        .merge(app::routes())
        .merge(slug::routes())
        .merge(kit::routes())
}
