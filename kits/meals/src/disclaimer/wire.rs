//! The disclaimer as pages receive it.

use super::{BANNER, FDA, HEADING, LEAD, STATEMENTS, text};
use serde::Serialize;
use utoipa::ToSchema;

/// What must be shown beside plans.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Disclaimer)]
pub(crate) struct DisclaimerOut {
    /// For the head of every page.
    banner: &'static str,
    heading: &'static str,
    lead: &'static str,
    /// The points below the lead.
    statements: [&'static str; 4],
    /// The long form for cards and the short one for footers.
    fda: [&'static str; 2],
    /// Lead and statements in one, for exports.
    text: String,
}

impl DisclaimerOut {
    pub(crate) fn new() -> Self {
        Self { banner: BANNER, heading: HEADING, lead: LEAD, statements: STATEMENTS, fda: FDA, text: text() }
    }
}
