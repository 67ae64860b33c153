//! `POST /legal-acceptances`.

use super::{accept, current_version};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use slipway_framework::http::{Account, Body, Fields, Problem, ProblemBody};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_kernel::Code;
use utoipa::ToSchema;
use utoipa_axum::routes;

const OUTDATED: Code = Code::new("legal.version_outdated");

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(create))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LegalAcceptance {
    /// The version that was read.
    version: String,
    accept_terms: bool,
    accept_privacy: bool,
}

/// Accepts the legal texts of the app in the version that was read.
#[utoipa::path(post, path = "/legal-acceptances", operation_id = "accept_legal_texts", tag = "legal", request_body = LegalAcceptance,
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn create(
    State(platform): State<Platform>,
    Account { account, scope, context }: Account,
    body: Body<LegalAcceptance>,
) -> Result<StatusCode, Problem> {
    let version = current_version(&platform, &context)?;
    body.value.check(version)?;
    platform.db().write(&scope, move |tx| accept(tx, account, version)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl LegalAcceptance {
    fn check(&self, version: &'static str) -> Result<(), Problem> {
        let mut fields = Fields::new();
        if !self.accept_terms {
            fields.refuse("accept_terms", "accept the terms to go on");
        }
        if !self.accept_privacy {
            fields.refuse("accept_privacy", "accept the privacy policy to go on");
        }
        fields.finish(Ok(()))?;
        if self.version != version {
            let detail = "The legal texts have changed. Read the present version and accept that.";
            let problem = Problem::new(StatusCode::CONFLICT, OUTDATED, detail);
            return Err(problem.with("legal_version", json!(version)));
        }
        Ok(())
    }
}
