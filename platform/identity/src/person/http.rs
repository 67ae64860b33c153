//! What members and users send alike.

use crate::password::Typed;
use serde::Deserialize;
use utoipa::ToSchema;

/// An address and a password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    pub(crate) email: String,
    /// A new one has 10 to 128 characters and is none of the first that anybody would try.
    pub(crate) password: Typed,
}

/// A new password, with the present one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    pub(crate) current_password: Typed,
    pub(crate) new_password: Typed,
}
