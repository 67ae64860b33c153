//! `GET /kits`.

use crate::authority::{CanView, Member};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use slipway_framework::http::ProblemBody;
use slipway_framework::kit::Kit;
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(list_kits))
}

/// A product template.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Kit)]
struct KitOut {
    #[schema(example = "meals")]
    name: &'static str,
    title: &'static str,
    /// One sentence.
    summary: &'static str,
    features: &'static [&'static str],
}

/// Every kit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Kits)]
struct KitsOut {
    items: Vec<KitOut>,
}

/// What an app can be made of.
#[utoipa::path(get, path = "/kits", tag = "kits",
    responses((status = 200, body = KitsOut), (status = "default", body = ProblemBody)))]
async fn list_kits(State(platform): State<Platform>, _: Member<CanView>) -> Json<KitsOut> {
    Json(KitsOut { items: platform.kits().iter().map(KitOut::from).collect() })
}

impl From<&Kit> for KitOut {
    fn from(kit: &Kit) -> Self {
        let card = &kit.card;
        Self { name: kit.name, title: card.title, summary: card.summary, features: card.features }
    }
}
