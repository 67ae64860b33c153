//! `/apps/{app}/brands`.

use super::{BrandRecord, Line, NewBrand};
use crate::colour::{ColoursIn, ColoursOut};
use crate::ids::{BrandId, BrandMarker};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use slipway_framework::http::{
    Body, Fields, IdempotencyHeader, Invalid, PageOut, Paging, PathId, Problem, ProblemBody, RequestContext,
    once,
};
use slipway_framework::module::Routes;
use slipway_framework::object::Hash;
use slipway_framework::platform::Platform;
use slipway_kernel::{Email, MemberId, Ts};
use slipway_tenancy::app::AppName;
use slipway_tenancy::{CanBuild, CanManage, CanView, OwnApp};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(list, create)).routes(routes!(approve))
}

/// What a partner decides about a brand.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = BrandInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrandIn {
    /// 1 to 60 characters.
    pub(crate) name: String,
    /// At most 120 characters.
    pub(crate) tagline: String,
    /// The hash of an uploaded logo.
    pub(crate) logo: String,
    pub(crate) colours: ColoursIn,
    pub(crate) legal: LegalIdentityIn,
    /// Only at the launch: an app keeps its package id for ever. Absent, one is made from the address.
    #[serde(default)]
    pub(crate) package_id: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = LegalIdentityInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct LegalIdentityIn {
    /// 1 to 120 characters.
    company: String,
    email: String,
    /// 1 to 80 characters: `Spain`.
    jurisdiction: String,
}

/// A version of an app's brand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Brand)]
pub(crate) struct BrandOut {
    #[schema(value_type = String)]
    id: BrandId,
    version: u32,
    /// `draft`, `approved` or `released`.
    state: &'static str,
    name: String,
    tagline: String,
    logo: String,
    colours: ColoursOut,
    legal: LegalIdentityOut,
    #[schema(value_type = String, format = DateTime)]
    created_at: Ts,
    #[schema(value_type = String)]
    created_by: MemberId,
    #[schema(value_type = Option<String>, format = DateTime)]
    approved_at: Option<Ts>,
}

/// Who stands behind an app.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LegalIdentity)]
pub(crate) struct LegalIdentityOut {
    pub(crate) company: String,
    pub(crate) email: String,
    pub(crate) jurisdiction: String,
}

/// The app's brand versions, newest first.
#[utoipa::path(get, path = "/apps/{app}/brands", tag = "brands", operation_id = "list_brands",
    params(("app" = String, Path), ("after" = Option<String>, Query), ("limit" = Option<u16>, Query)),
    responses((status = 200, body = PageOut<BrandOut>), (status = "default", body = ProblemBody)))]
async fn list(
    State(platform): State<Platform>,
    own: OwnApp<CanView>,
    Paging { after, limit }: Paging<BrandMarker>,
) -> Result<Json<PageOut<BrandOut>>, Problem> {
    let page = platform.db().read(&own.scope, move |read| super::store::list(read, after, limit)).await?;
    Ok(Json(page.map(BrandOut::from).into()))
}

/// Adds a brand version as a draft.
#[utoipa::path(post, path = "/apps/{app}/brands", tag = "brands", operation_id = "create_brand", request_body = BrandIn,
    params(("app" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = BrandOut), (status = "default", body = ProblemBody)))]
async fn create(
    State(platform): State<Platform>,
    own: OwnApp<CanBuild>,
    key: IdempotencyHeader,
    body: Body<BrandIn>,
) -> Result<Response, Problem> {
    let mut fields = Fields::new();
    let new = body.value.check(&mut fields, "");
    if body.value.package_id.as_ref().is_some_and(|wanted| *wanted != own.app.package_id) {
        let kept = &own.app.package_id;
        fields.refuse("package_id", format!("an app keeps its package id, which is {kept}"));
    }
    let new = fields.finish(new)?;
    let hash = RequestContext::request_hash(&format!("/apps/{}/brands", own.app.app), body.hash);
    let author = own.member.member.member;
    once(platform.db(), &own.launch_scope(), key, hash, move |tx| {
        Ok(BrandOut::from(super::create(tx, &new, author)?))
    })
    .await
}

/// Lets a brand version be released.
#[utoipa::path(post, path = "/apps/{app}/brands/{brand}/approve", tag = "brands",
    params(("app" = String, Path), ("brand" = String, Path)),
    responses((status = 200, body = BrandOut), (status = "default", body = ProblemBody)))]
async fn approve(
    State(platform): State<Platform>,
    own: OwnApp<CanManage>,
    PathId(brand): PathId<BrandMarker>,
) -> Result<Json<BrandOut>, Problem> {
    let by = own.member.member.member;
    let approved = platform.db().write(&own.scope, move |tx| super::approve(tx, brand, by)).await?;
    Ok(Json(approved.into()))
}

impl BrandIn {
    /// `prefix` is the path of the brand in the body, with its dot.
    pub(crate) fn check(&self, fields: &mut Fields, prefix: &str) -> Result<NewBrand, Invalid> {
        let path = |field: &str| format!("{prefix}{field}");
        let name = fields.take(&path("name"), AppName::parse(&self.name));
        let tagline = fields.take(&path("tagline"), Line::parse(&self.tagline, 0, 120));
        let logo = fields.take(&path("logo"), self.logo.parse::<Hash>());
        let colours = self.colours.check(fields, &path("colours"));
        let company = fields.take(&path("legal.company"), Line::parse(&self.legal.company, 1, 120));
        let email = fields.take(&path("legal.email"), Email::parse(&self.legal.email));
        let jurisdiction =
            fields.take(&path("legal.jurisdiction"), Line::parse(&self.legal.jurisdiction, 1, 80));
        Ok(NewBrand {
            name: name?,
            tagline: tagline?,
            logo: logo?,
            colours: colours?,
            company: company?,
            email: email?,
            jurisdiction: jurisdiction?,
        })
    }
}

impl From<BrandRecord> for BrandOut {
    fn from(record: BrandRecord) -> Self {
        Self {
            id: record.brand,
            version: record.version,
            state: record.state.as_str(),
            name: record.name,
            tagline: record.tagline,
            logo: record.logo.to_string(),
            colours: record.colours.into(),
            legal: LegalIdentityOut {
                company: record.company,
                email: record.email,
                jurisdiction: record.jurisdiction,
            },
            created_at: record.created_at,
            created_by: record.created_by,
            approved_at: record.approved_at,
        }
    }
}
