//! `GET /members`, `PATCH|DELETE /members/{member}`. Adding a member needs a password and is identity's.

use super::{MemberRecord, Role};
use crate::authority::{CanManage, CanView, Member};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use slipway_framework::http::{Body, Fields, PageOut, Paging, PathId, Problem, ProblemBody};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_kernel::{MemberId, MemberMarker, Ts};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(list_members)).routes(routes!(change_member, remove_member))
}

/// A partner's person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberOut {
    #[schema(value_type = String, example = "mem_01h455vb4pex5vsknk084sn02q")]
    pub id: MemberId,
    pub name: String,
    pub email: String,
    /// `owner`, `admin`, `builder` or `viewer`.
    pub role: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Ts,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberChange {
    /// `owner`, `admin`, `builder` or `viewer`.
    role: String,
}

/// The partner's people, in the order they were added.
#[utoipa::path(get, path = "/members", tag = "members",
    params(("after" = Option<String>, Query), ("limit" = Option<u16>, Query)),
    responses((status = 200, body = PageOut<MemberOut>), (status = "default", body = ProblemBody)))]
async fn list_members(
    State(platform): State<Platform>,
    member: Member<CanView>,
    Paging { after, limit }: Paging<MemberMarker>,
) -> Result<Json<PageOut<MemberOut>>, Problem> {
    let page = platform.db().read(&member.scope, move |read| super::list(read, after, limit)).await?;
    Ok(Json(page.map(MemberOut::from).into()))
}

/// Gives a member another role.
#[utoipa::path(patch, path = "/members/{member}", tag = "members", request_body = MemberChange,
    params(("member" = String, Path)),
    responses((status = 200, body = MemberOut), (status = "default", body = ProblemBody)))]
async fn change_member(
    State(platform): State<Platform>,
    acting: Member<CanManage>,
    PathId(member): PathId<MemberMarker>,
    body: Body<MemberChange>,
) -> Result<Json<MemberOut>, Problem> {
    let mut fields = Fields::new();
    let role = fields.take("role", Role::parse(&body.value.role));
    let role = fields.finish(role)?;
    let (scope, acting) = (acting.scope, acting.member.member);
    let changed = platform.db().write(&scope, move |tx| super::change_role(tx, acting, member, role)).await?;
    Ok(Json(changed.into()))
}

/// Removes a member and ends their sessions.
#[utoipa::path(delete, path = "/members/{member}", tag = "members", params(("member" = String, Path)),
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn remove_member(
    State(platform): State<Platform>,
    acting: Member<CanManage>,
    PathId(member): PathId<MemberMarker>,
) -> Result<StatusCode, Problem> {
    let (scope, acting) = (acting.scope, acting.member.member);
    platform.db().write(&scope, move |tx| super::remove(tx, acting, member)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<MemberRecord> for MemberOut {
    fn from(record: MemberRecord) -> Self {
        Self {
            id: record.member,
            name: record.name,
            email: record.email,
            role: record.role.to_string(),
            created_at: record.created_at,
        }
    }
}
