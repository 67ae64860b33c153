//! `GET|PATCH /partner`.

use super::{PartnerName, PartnerRecord};
use crate::authority::{CanManage, CanView, Member};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use slipway_framework::http::{Body, Fields, Problem, ProblemBody, Session};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_kernel::{PartnerId, Ts};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(show_partner, change_partner))
}

/// An organisation that owns apps.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Partner)]
pub struct PartnerOut {
    #[schema(value_type = String, example = "ptn_01h455vb4pex5vsknk084sn02q")]
    pub id: PartnerId,
    pub name: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Ts,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PartnerChange {
    /// 1 to 80 characters.
    name: String,
}

/// The own partner.
#[utoipa::path(get, path = "/partner", tag = "partner",
    responses((status = 200, body = PartnerOut), (status = "default", body = ProblemBody)))]
async fn show_partner(
    State(platform): State<Platform>,
    member: Member<CanView>,
) -> Result<Json<PartnerOut>, Problem> {
    let partner = platform.db().read_point(&member.scope, super::find).await?;
    // Who is a member has a partner; one that went meanwhile took the session along.
    partner.map(|partner| Json(partner.into())).ok_or_else(Session::required)
}

/// Renames the own partner.
#[utoipa::path(patch, path = "/partner", tag = "partner", request_body = PartnerChange,
    responses((status = 200, body = PartnerOut), (status = "default", body = ProblemBody)))]
async fn change_partner(
    State(platform): State<Platform>,
    member: Member<CanManage>,
    body: Body<PartnerChange>,
) -> Result<Json<PartnerOut>, Problem> {
    let mut fields = Fields::new();
    let name = fields.take("name", PartnerName::parse(&body.value.name));
    let name = fields.finish(name)?;
    let changed = platform.db().write(&member.scope, move |tx| {
        super::rename(tx, &name)?;
        super::find(tx)
    });
    changed.await?.map(|partner| Json(partner.into())).ok_or_else(Session::required)
}

impl From<PartnerRecord> for PartnerOut {
    fn from(record: PartnerRecord) -> Self {
        Self { id: record.partner, name: record.name, created_at: record.created_at }
    }
}
