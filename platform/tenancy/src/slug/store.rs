//! The SQL that asks whose a slug is; claiming and freeing one is part of an app's life.

use slipway_framework::db::{DbError, Read};
use slipway_framework::scope::SystemScope;
use slipway_framework::{params, statements};
use slipway_kernel::{AppId, Slug};

statements! {
    FIND_APP = "SELECT app FROM slugs WHERE slug = $1";
}

/// The app of any partner that answers at a slug; the scope's purpose must be `Hosts`.
pub(crate) fn find_app(read: &Read<SystemScope>, slug: &Slug) -> Result<Option<AppId>, DbError> {
    read.one(&FIND_APP, params![slug.as_str()], |row| row.get(0))
}
