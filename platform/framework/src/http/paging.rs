//! Keyset paging on the wire: `?after=<next>&limit=1..100` in, `{items, next}` out.

use super::{FieldProblem, Problem};
use crate::platform::Platform;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Serialize;
use slipway_kernel::{Id, Identified, Limit, Page};
use utoipa::ToSchema;

/// Where a page begins and how long it is.
#[derive(Debug)]
pub struct Paging<T: Identified> {
    /// The last id of the page before.
    pub after: Option<Id<T>>,
    pub limit: Limit,
}

impl<T: Identified> FromRequestParts<Platform> for Paging<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let refuse = |field: &str, message: String| {
            Problem::invalid(vec![FieldProblem { field: field.to_owned(), message }])
        };
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, platform).await;
        let Query(pairs) = query.map_err(|_| Problem::not_found("page"))?;
        let once = |name: &str| {
            let mut given = pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str());
            let value = given.next();
            given.next().map_or(Ok(value), |_| Err(refuse(name, "Give this at most once.".to_owned())))
        };
        let (after, limit) = (once("after")?, once("limit")?);
        let after = after.map(Id::parse).transpose();
        let after =
            after.map_err(|_| refuse("after", "Give the value of next from the page before.".to_owned()))?;
        let limit = limit.map_or(Some(Limit::DEFAULT), |limit| Limit::new(limit.parse().ok()?));
        let limit =
            limit.ok_or_else(|| refuse("limit", format!("Give a whole number from 1 to {}.", Limit::MAX)))?;
        Ok(Self { after, limit })
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageOut<T> {
    pub items: Vec<T>,
    /// Ask for the following page with `?after=` this; absent on the last page.
    pub next: Option<String>,
}

impl<T> From<Page<T>> for PageOut<T> {
    fn from(page: Page<T>) -> Self {
        Self { items: page.items, next: page.next }
    }
}
