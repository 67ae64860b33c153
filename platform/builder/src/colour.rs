//! A brand's four colours on their way in and out.
//!
//! The rules of contrast are the brand engine's; this module only gives them fields and words.

mod http;

pub(crate) use http::{ColoursIn, ColoursOut, routes};

use serde_json::{Value as Json, json};
use slipway_brand::Colours;

/// As stored in a row.
pub(crate) fn to_json(colours: Colours) -> Json {
    json!({
        "primary": colours.primary.to_string(), "on_primary": colours.on_primary.to_string(),
        "background": colours.background.to_string(), "text": colours.text.to_string(),
    })
}

/// Reads what [`to_json`] wrote.
pub(crate) fn from_json(json: &Json) -> Option<Colours> {
    let colour = |name: &str| json[name].as_str()?.parse().ok();
    Some(Colours {
        primary: colour("primary")?,
        on_primary: colour("on_primary")?,
        background: colour("background")?,
        text: colour("text")?,
    })
}
