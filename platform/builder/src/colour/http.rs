//! `POST /colour-checks`, and colours as other routes take and give them.

use axum::Json;
use serde::{Deserialize, Serialize};
use slipway_brand::{Colours, Rgb, TEXT_RATIO, contrast_ratio};
use slipway_framework::http::{Body, Fields, Invalid, Problem, ProblemBody};
use slipway_framework::module::Routes;
use slipway_tenancy::{CanView, Member};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(check))
}

/// Four colours as `#rrggbb`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = ColoursInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColoursIn {
    pub(crate) primary: String,
    pub(crate) on_primary: String,
    pub(crate) background: String,
    pub(crate) text: String,
}

/// Four colours as `#rrggbb`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Colours)]
pub(crate) struct ColoursOut {
    primary: String,
    on_primary: String,
    background: String,
    text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ColourCheckInput {
    colours: ColoursIn,
}

/// Whether colours can be read, pair by pair.
#[derive(Debug, Serialize, ToSchema)]
struct ColourCheck {
    ok: bool,
    checks: Vec<ColourPair>,
    /// The nearest colours that can be read; the same ones when they can already.
    fixed: ColoursOut,
}

#[derive(Debug, Serialize, ToSchema)]
struct ColourPair {
    pair: &'static str,
    /// Contrast by WCAG 2.1, 1 to 21.
    ratio: f64,
    required: f64,
    ok: bool,
}

/// Tells whether four colours can be read together.
#[utoipa::path(post, path = "/colour-checks", tag = "brands", request_body = ColourCheckInput,
    responses((status = 200, body = ColourCheck), (status = "default", body = ProblemBody)))]
async fn check(_: Member<CanView>, body: Body<ColourCheckInput>) -> Result<Json<ColourCheck>, Problem> {
    let mut fields = Fields::new();
    let colours = body.value.colours.read(&mut fields, "colours");
    let colours = fields.finish(colours)?;
    let pair = |pair, above: Rgb, below: Rgb| {
        let ratio = contrast_ratio(above, below);
        ColourPair { pair, ratio, required: TEXT_RATIO, ok: ratio >= TEXT_RATIO }
    };
    let checks = vec![
        pair("on_primary/primary", colours.on_primary, colours.primary),
        pair("text/background", colours.text, colours.background),
    ];
    let ok = checks.iter().all(|check| check.ok);
    Ok(Json(ColourCheck { ok, checks, fixed: colours.fixed().into() }))
}

impl ColoursIn {
    /// Reads the colours, whether or not they can be read together.
    pub(crate) fn read(&self, fields: &mut Fields, path: &str) -> Result<Colours, Invalid> {
        let mut colour = |name: &str, text: &str| fields.take(&format!("{path}.{name}"), text.parse::<Rgb>());
        let primary = colour("primary", &self.primary);
        let on_primary = colour("on_primary", &self.on_primary);
        let background = colour("background", &self.background);
        let text = colour("text", &self.text);
        Ok(Colours { primary: primary?, on_primary: on_primary?, background: background?, text: text? })
    }

    /// Reads colours that a brand may wear.
    pub(crate) fn check(&self, fields: &mut Fields, path: &str) -> Result<Colours, Invalid> {
        let colours = self.read(fields, path)?;
        let problems = colours.problems();
        for problem in &problems {
            fields.refuse(&format!("{path}.{}", problem.foreground), problem);
        }
        if problems.is_empty() { Ok(colours) } else { Err(Invalid) }
    }
}

impl From<Colours> for ColoursOut {
    fn from(colours: Colours) -> Self {
        Self {
            primary: colours.primary.to_string(),
            on_primary: colours.on_primary.to_string(),
            background: colours.background.to_string(),
            text: colours.text.to_string(),
        }
    }
}
