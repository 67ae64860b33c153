//! Logos: what a partner uploads becomes one canonical picture, kept under the hash of its bytes.
//!
//! The upload itself is never kept, so neither is its metadata. It refuses what the brand engine refuses.

mod http;
mod store;

pub(crate) use http::routes;
pub(crate) use store::{exists, list_named};

use axum::http::StatusCode;
use serde_json::json;
use slipway_brand::{Logo, LogoError, LogoWarning};
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Tx};
use slipway_framework::http::{Problem, sentence};
use slipway_framework::object::{Hash, ObjectError};
use slipway_framework::platform::Platform;
use slipway_framework::scope::PartnerScope;
use slipway_kernel::Code;

const REFUSED: Code = Code::new("logos.refused");

/// The largest upload, in bytes.
pub(crate) const MAX_BYTES: usize = 5 * 1024 * 1024;

/// Why a logo was refused, as the partner hears it.
pub(crate) fn refusal(error: &LogoError) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, REFUSED, sentence(&error.to_string()))
}

/// Remembers that this partner has the logo. Uploading it twice is uploading it once.
///
/// # Errors
/// [`DbError`].
pub(crate) fn keep(tx: &mut Tx<PartnerScope>, hash: Hash, format: &str, side_px: u32) -> Result<(), DbError> {
    if store::insert(tx, hash, format, side_px)? {
        let details = json!({ "format": format });
        tx.audit(Audit {
            action: "logo_uploaded",
            resource_type: "logo",
            resource_id: hash.to_string(),
            details,
        });
    }
    Ok(())
}

/// The stored picture.
///
/// # Errors
/// [`ObjectError`].
pub(crate) async fn bytes(platform: &Platform, hash: Hash) -> Result<bytes::Bytes, ObjectError> {
    platform.objects().get(hash).await
}

/// A stable word for each warning.
pub(crate) fn code_of(warning: &LogoWarning) -> &'static str {
    match warning {
        LogoWarning::ColourProfileIgnored => "colour_profile_ignored",
        LogoWarning::Padded { .. } => "padded",
        LogoWarning::Upscaled { .. } => "upscaled",
        LogoWarning::Opaque => "opaque",
        LogoWarning::SmallDetail { .. } => "small_detail",
        LogoWarning::LowContrast { .. } => "low_contrast",
    }
}

/// The pictures that a logo can be looked at as, with the name the brand engine gives them.
pub(crate) const PREVIEWS: [(&str, &str); 7] = [
    ("circle", "preview/circle.png"),
    ("squircle", "preview/squircle.png"),
    ("rounded", "preview/rounded.png"),
    ("square", "preview/square.png"),
    ("monochrome", "preview/themed-light.png"),
    ("monochrome-dark", "preview/themed-dark.png"),
    ("splash", "preview/splash.png"),
];

/// One picture of a logo with the colours it suggests itself; `None` when there is none of that name.
pub(crate) fn preview(png: &[u8], name: &str) -> Result<Option<Vec<u8>>, LogoError> {
    let Some((_, name)) = PREVIEWS.into_iter().find(|(known, _)| *known == name) else { return Ok(None) };
    let logo = Logo::decode(png)?;
    let colours = slipway_brand::suggest_colours(&logo);
    let background = slipway_brand::icon_background(&logo, &colours);
    let previews = slipway_brand::previews(&logo, &colours, background);
    Ok(previews.icons.into_iter().find(|icon| icon.name == name).map(|icon| icon.png))
}
