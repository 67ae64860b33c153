//! Brand versions: what an app is called and looks like, and who stands behind it.
//!
//! A version is written once and only its state moves: draft, approved, released. It refuses to be edited; a change is a new version,
//! so that every release can be made again from what it was made of.

mod http;
pub(crate) mod store;

pub(crate) use http::{BrandIn, BrandOut, LegalIdentityOut, routes};

use crate::events::BrandApproved;
use crate::ids::BrandId;
use crate::scope::OfApp;
use axum::http::StatusCode;
use serde_json::json;
use slipway_brand::Colours;
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Tx};
use slipway_framework::http::{FieldProblem, Problem, sentence};
use slipway_framework::object::Hash;
use slipway_framework::scope::{AppScope, LaunchScope};
use slipway_kernel::{Code, Email, MemberId, Ts, breaks_line, can_be_seen};
use slipway_tenancy::app::AppName;
use std::fmt;
use thiserror::Error;

/// How far a version has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BrandState {
    Draft,
    Approved,
    Released,
}

impl BrandState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Released => "released",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Draft, Self::Approved, Self::Released].into_iter().find(|state| state.as_str() == text)
    }
}

/// A text of a bounded length on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line(String);

/// Why a text cannot stand in a brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum LineError {
    #[error("write {least} to {most} characters")]
    Length { least: usize, most: usize },
    #[error("write it on one line, without control characters")]
    Control,
    #[error("write at least one character that can be seen")]
    Unseen,
}

impl Line {
    /// Trims and checks; lengths count characters.
    pub(crate) fn parse(text: &str, least: usize, most: usize) -> Result<Self, LineError> {
        let text = text.trim();
        if text.chars().any(breaks_line) {
            return Err(LineError::Control);
        }
        if !(least..=most).contains(&text.chars().count()) {
            return Err(LineError::Length { least, most });
        }
        if text.is_empty() || can_be_seen(text) { Ok(Self(text.to_owned())) } else { Err(LineError::Unseen) }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a partner decided about a brand.
#[derive(Debug, Clone)]
pub(crate) struct NewBrand {
    pub(crate) name: AppName,
    /// At most 120 characters.
    pub(crate) tagline: Line,
    pub(crate) logo: Hash,
    pub(crate) colours: Colours,
    /// 1 to 120 characters.
    pub(crate) company: Line,
    pub(crate) email: Email,
    /// 1 to 80 characters.
    pub(crate) jurisdiction: Line,
}

/// A version as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BrandRecord {
    pub(crate) brand: BrandId,
    pub(crate) version: u32,
    pub(crate) state: BrandState,
    pub(crate) name: String,
    pub(crate) tagline: String,
    pub(crate) logo: Hash,
    pub(crate) colours: Colours,
    pub(crate) company: String,
    pub(crate) email: String,
    pub(crate) jurisdiction: String,
    pub(crate) created_by: MemberId,
    pub(crate) created_at: Ts,
    pub(crate) approved_at: Option<Ts>,
}

/// Why a brand is not what was asked for.
#[derive(Debug, Error)]
pub(crate) enum BrandError {
    #[error("the logo is not there; upload it first and name it by the hash of the answer")]
    LogoMissing,
    #[error("there is no such brand")]
    NotFound,
    #[error("there is no such app")]
    AppGone,
    #[error("this brand is not approved; have an admin approve it before it is released")]
    NotApproved,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Adds a version as a draft.
///
/// # Errors
/// [`BrandError::LogoMissing`] when the logo is not one of the partner's, [`BrandError::AppGone`] when the app was deleted meanwhile.
pub(crate) fn create(
    tx: &mut Tx<LaunchScope>,
    new: &NewBrand,
    created_by: MemberId,
) -> Result<BrandRecord, BrandError> {
    add(tx, new, created_by, BrandState::Draft)
}

/// Adds the version that an app is launched with: whoever launches decides about it.
///
/// # Errors
/// As [`create`].
pub(crate) fn create_first(
    tx: &mut Tx<LaunchScope>,
    new: &NewBrand,
    created_by: MemberId,
) -> Result<BrandRecord, BrandError> {
    add(tx, new, created_by, BrandState::Approved)
}

fn add(
    tx: &mut Tx<LaunchScope>,
    new: &NewBrand,
    created_by: MemberId,
    state: BrandState,
) -> Result<BrandRecord, BrandError> {
    let partner = tx.partner();
    if !crate::logo::exists(tx, partner, new.logo)? {
        return Err(BrandError::LogoMissing);
    }
    let version = store::next_version(tx)?.ok_or(BrandError::AppGone)?;
    let (brand, created_at) = (tx.mint(), tx.now());
    let record = BrandRecord {
        brand,
        version,
        state,
        name: new.name.to_string(),
        tagline: new.tagline.to_string(),
        logo: new.logo,
        colours: new.colours,
        company: new.company.to_string(),
        email: new.email.as_str().to_owned(),
        jurisdiction: new.jurisdiction.to_string(),
        created_by,
        created_at,
        approved_at: (state == BrandState::Approved).then_some(created_at),
    };
    store::insert(tx, &record)?;
    audit(tx, "brand_created", brand, version);
    Ok(record)
}

/// Lets a draft be released. Doing it twice is doing it once.
///
/// # Errors
/// [`BrandError::NotFound`].
pub(crate) fn approve(
    tx: &mut Tx<AppScope>,
    brand: BrandId,
    approved_by: MemberId,
) -> Result<BrandRecord, BrandError> {
    if store::approve(tx, brand, approved_by)? {
        let app = tx.app();
        let record = store::find(tx, brand)?.ok_or(BrandError::NotFound)?;
        audit(tx, "brand_approved", brand, record.version);
        tx.emit(&BrandApproved { app, brand });
        return Ok(record);
    }
    store::find(tx, brand)?.ok_or(BrandError::NotFound)
}

/// The version, if it may be released.
///
/// # Errors
/// [`BrandError::NotFound`] and [`BrandError::NotApproved`].
pub(crate) fn releasable<S: OfApp>(tx: &Tx<S>, brand: BrandId) -> Result<BrandRecord, BrandError> {
    let record = store::find(tx, brand)?.ok_or(BrandError::NotFound)?;
    if record.state == BrandState::Draft { Err(BrandError::NotApproved) } else { Ok(record) }
}

fn audit<S: OfApp>(tx: &mut Tx<S>, action: &'static str, brand: BrandId, version: u32) {
    let details = json!({ "version": version });
    tx.audit(Audit { action, resource_type: "brand", resource_id: brand.to_string(), details });
}

const NOT_APPROVED: Code = Code::new("brands.not_approved");

impl From<BrandError> for Problem {
    fn from(error: BrandError) -> Self {
        let message = sentence(&error.to_string());
        match error {
            BrandError::LogoMissing => {
                Self::invalid(vec![FieldProblem { field: "logo".to_owned(), message }])
            }
            BrandError::NotFound => Self::not_found("brand"),
            BrandError::AppGone => Self::not_found("app"),
            BrandError::NotApproved => Self::new(StatusCode::CONFLICT, NOT_APPROVED, message),
            BrandError::Db(error) => error.into(),
        }
    }
}
