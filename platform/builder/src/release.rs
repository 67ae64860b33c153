//! Releases: an approved brand turned into artefacts, with a version code that only ever rises.
//!
//! A release that is ready never changes. Neither Android nor Google Play takes a lower code, so going back is a new release of an old
//! brand. It refuses to give a version code twice, whatever became of the release that had it.

mod http;
pub(crate) mod store;

pub(crate) use http::{ReleaseOut, routes};

use crate::brand::{self, BrandError, BrandRecord};
use crate::build::pipeline::Inputs;
use crate::build::{self, BuildRecord};
use crate::events::ReleaseReady;
use crate::ids::{BrandId, BuildId, ReleaseId};
use crate::scope::OfApp;
use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Read, Rule, Tx};
use slipway_framework::http::{Problem, sentence};
use slipway_framework::object::Hash;
use slipway_framework::platform::Addresses;
use slipway_framework::scope::AppScope;
use slipway_kernel::{Code, Ts};
use slipway_tenancy::app::{self, AppName};
use thiserror::Error;

/// How a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReleaseState {
    Building,
    Ready,
    Failed,
    Cancelled,
}

impl ReleaseState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = [Self::Building, Self::Ready, Self::Failed, Self::Cancelled];
        all.into_iter().find(|state| state.as_str() == text)
    }
}

/// A file of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Artefact {
    /// `apk`, `aab` or `store_icon`.
    pub(crate) kind: &'static str,
    pub(crate) hash: Hash,
    pub(crate) size_bytes: u32,
}

/// The kinds of artefacts with their media types.
const KINDS: [(&str, &str); 3] = [
    ("apk", "application/vnd.android.package-archive"),
    ("aab", "application/octet-stream"),
    ("store_icon", "image/png"),
];

impl Artefact {
    fn to_json(self) -> Json {
        json!({ "kind": self.kind, "hash": self.hash, "size_bytes": self.size_bytes })
    }

    fn from_json(json: &Json) -> Option<Self> {
        let (kind, _) = KINDS.into_iter().find(|(kind, _)| json["kind"] == **kind)?;
        let size_bytes = u32::try_from(json["size_bytes"].as_u64()?).ok()?;
        Some(Self { kind, hash: json["hash"].as_str()?.parse().ok()?, size_bytes })
    }

    pub(crate) fn media_type(self) -> &'static str {
        let known = KINDS.into_iter().find(|(kind, _)| *kind == self.kind);
        known.map_or("application/octet-stream", |(_, media_type)| media_type)
    }

    /// What the file is called when somebody downloads it.
    pub(crate) fn file_name(self, slug: &str, release: &ReleaseRecord) -> String {
        let (version, code) = (&release.version_name, release.version_code);
        let preview = if release.is_preview() { "-preview" } else { "" };
        match self.kind {
            "store_icon" => format!("{slug}-{version}-{code}-store-icon.png"),
            kind => format!("{slug}-{version}-{code}{preview}.{kind}"),
        }
    }
}

/// A release as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReleaseRecord {
    pub(crate) release: ReleaseId,
    pub(crate) number: u32,
    pub(crate) version_code: u32,
    pub(crate) version_name: String,
    pub(crate) brand: BrandId,
    /// Where the installed app begins.
    pub(crate) start_url: String,
    pub(crate) rollback_of: Option<ReleaseId>,
    pub(crate) state: ReleaseState,
    pub(crate) artefacts: Vec<Artefact>,
    pub(crate) build: BuildId,
    pub(crate) created_at: Ts,
}

impl ReleaseRecord {
    /// Whether it carries an address that only the developer's own machine knows.
    pub(crate) fn is_preview(&self) -> bool {
        let host = self.start_url.split("://").nth(1).unwrap_or_default();
        let host = host.split([':', '/']).next().unwrap_or_default();
        host == "localhost" || host.ends_with(".localhost")
    }
}

/// Why there is no release.
#[derive(Debug, Error)]
pub(crate) enum ReleaseError {
    #[error("there is no such release")]
    NotFound,
    #[error("this release is not ready; only a finished release can be rolled back to or rebuilt")]
    NotReady,
    #[error("version codes end at 2100000000 and none is left")]
    CodesExhausted,
    #[error(transparent)]
    Brand(#[from] BrandError),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What a release is made of.
#[derive(Debug, Clone)]
pub(crate) struct Material {
    pub(crate) release: ReleaseRecord,
    pub(crate) brand: BrandRecord,
    pub(crate) package_id: String,
}

impl Material {
    pub(crate) fn inputs(&self, logo: Vec<u8>) -> Inputs {
        Inputs {
            package_id: self.package_id.clone(),
            version_code: self.release.version_code,
            version_name: self.release.version_name.clone(),
            name: self.brand.name.clone(),
            start_url: self.release.start_url.clone(),
            colours: self.brand.colours,
            logo,
        }
    }
}

/// Where an app of this slug begins.
pub(crate) fn start_url(addresses: &Addresses, slug: &str) -> String {
    format!("{}/", addresses.origin(&addresses.app_host(slug)))
}

/// Begins a release of an approved brand; its build is queued. The code is at least `least_code`, for apps that were published elsewhere
/// before.
///
/// # Errors
/// [`ReleaseError::Brand`] and [`ReleaseError::CodesExhausted`].
pub(crate) fn create<S: OfApp>(
    tx: &mut Tx<S>,
    brand: BrandId,
    start_url: &str,
    least_code: u32,
) -> Result<(ReleaseRecord, BuildRecord), ReleaseError> {
    add(tx, brand, start_url, None, least_code)
}

/// Begins a release of the brand that an earlier release had. It starts at today's address, because an old one may be nobody's by now.
///
/// # Errors
/// [`ReleaseError::NotFound`], [`ReleaseError::NotReady`] and those of [`create`].
pub(crate) fn roll_back(
    tx: &mut Tx<AppScope>,
    release: ReleaseId,
    start_url: &str,
) -> Result<(ReleaseRecord, BuildRecord), ReleaseError> {
    let old = store::find(tx, release)?.ok_or(ReleaseError::NotFound)?;
    if old.state != ReleaseState::Ready {
        return Err(ReleaseError::NotReady);
    }
    add(tx, old.brand, start_url, Some(release), 1)
}

fn add<S: OfApp>(
    tx: &mut Tx<S>,
    brand: BrandId,
    start_url: &str,
    rollback_of: Option<ReleaseId>,
    least_code: u32,
) -> Result<(ReleaseRecord, BuildRecord), ReleaseError> {
    let brand = brand::releasable(tx, brand)?;
    let taken = store::take_numbers(tx, least_code);
    let taken = taken.map_err(|error| match error {
        DbError::Constraint { rule: Rule::Check, .. } => ReleaseError::CodesExhausted,
        other => ReleaseError::Db(other),
    })?;
    let (number, version_code) = taken.ok_or(BrandError::AppGone)?;
    let release = tx.mint();
    let mut record = ReleaseRecord {
        release,
        number,
        version_code,
        version_name: version_name(number),
        brand: brand.brand,
        start_url: start_url.to_owned(),
        rollback_of,
        state: ReleaseState::Building,
        artefacts: Vec::new(),
        build: BuildId::from_bits(0),
        created_at: tx.now(),
    };
    store::insert(tx, &record)?;
    let build = build::queue(tx, release)?;
    record.build = build.build;
    audit(tx, "release_started", release, json!({ "number": number, "version_code": version_code }));
    Ok((record, build))
}

/// The version as people read it: the first release is 1.0.0, and each later one moves the middle.
fn version_name(number: u32) -> String {
    format!("1.{}.0", number.saturating_sub(1))
}

/// A brand that an app's origin wears from now on.
pub(crate) struct Worn {
    pub(crate) name: AppName,
}

/// Gives a release its artefacts and lets the app's origin wear its brand, unless a later release does so already.
pub(crate) fn ready(
    tx: &mut Tx<AppScope>,
    release: ReleaseId,
    artefacts: &[Artefact],
) -> Result<Option<Worn>, DbError> {
    let broken = |what: &str| DbError::Broken(format!("{what} of a build is not there"));
    store::set_ready(tx, release, artefacts)?;
    let record = store::find(tx, release)?.ok_or_else(|| broken("the release"))?;
    brand::store::set_released(tx, record.brand)?;
    let worn = brand::store::wear(tx, record.brand, record.number)?;
    let (app, version_code) = (tx.app(), record.version_code);
    audit(tx, "release_ready", release, json!({ "version_code": version_code }));
    tx.emit(&ReleaseReady { app, release, version_code });
    if !worn {
        return Ok(None);
    }
    crate::site::forget(tx);
    let brand = brand::store::find(tx, record.brand)?.ok_or_else(|| broken("the brand"))?;
    let name = AppName::parse(&brand.name).map_err(|_| broken("a usable name"))?;
    Ok(Some(Worn { name }))
}

/// What a release is made of; `None` when it, or its app, is gone.
pub(crate) fn material(read: &Read<AppScope>, release: ReleaseId) -> Result<Option<Material>, DbError> {
    let (Some(release), Some(app)) = (store::find(read, release)?, app::find(read)?) else { return Ok(None) };
    let brand = brand::store::find(read, release.brand)?;
    Ok(brand.map(|brand| Material { release, brand, package_id: app.package_id }))
}

fn audit<S: OfApp>(tx: &mut Tx<S>, action: &'static str, release: ReleaseId, details: Json) {
    tx.audit(Audit { action, resource_type: "release", resource_id: release.to_string(), details });
}

const NOT_READY: Code = Code::new("releases.not_ready");
const CODES_EXHAUSTED: Code = Code::new("releases.version_codes_exhausted");

impl From<ReleaseError> for Problem {
    fn from(error: ReleaseError) -> Self {
        let message = sentence(&error.to_string());
        match error {
            ReleaseError::NotFound => Self::not_found("release"),
            ReleaseError::NotReady => Self::new(StatusCode::CONFLICT, NOT_READY, message),
            ReleaseError::CodesExhausted => Self::new(StatusCode::CONFLICT, CODES_EXHAUSTED, message),
            ReleaseError::Brand(error) => error.into(),
            ReleaseError::Db(error) => error.into(),
        }
    }
}
