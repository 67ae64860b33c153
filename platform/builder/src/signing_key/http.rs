//! `/apps/{app}/signing-key`.

use super::{KeyRecord, SigningKey};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use slipway_apk::Certificate;
use slipway_framework::db::DbError;
use slipway_framework::http::{Body, Fields, Problem, ProblemBody};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_kernel::Ts;
use slipway_tenancy::{CanOwn, CanView, OwnApp, Permission};
use std::fmt;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(show)).routes(routes!(export)).routes(routes!(set_play_fingerprint))
}

/// The public side of an app's signing key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SigningKey)]
struct KeyOut {
    sha256_fingerprint: String,
    sha1_fingerprint: String,
    /// PEM, no secret: what the Play Console calls `upload_certificate.pem`.
    certificate_pem: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Ts,
    /// Of the key that Google Play signs with, once somebody told it.
    play_fingerprint: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SigningKeyExport {
    #[serde(default)]
    format: KeyFormat,
    /// 10 to 128 characters; whoever has the file and this can publish as the app.
    password: String,
}

/// How a key is written.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum KeyFormat {
    /// One file for Android Studio, Gradle, keytool and jarsigner (RFC 7292).
    #[default]
    Pkcs12,
    /// An encrypted PKCS#8 key and its certificate as text, for OpenSSL and what is built on it (RFC 7468).
    Pem,
}

impl KeyFormat {
    fn media_type(self) -> &'static str {
        match self {
            Self::Pkcs12 => "application/x-pkcs12",
            Self::Pem => "application/x-pem-file",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Pkcs12 => "p12",
            Self::Pem => "pem",
        }
    }
}

impl fmt::Debug for SigningKeyExport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKeyExport(…)")
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlayFingerprint {
    /// SHA-256, as the Play Console shows it: `AB:CD:…`.
    fingerprint: String,
}

/// The fingerprints of the app's signing key.
#[utoipa::path(get, path = "/apps/{app}/signing-key", tag = "signing keys", operation_id = "show_signing_key", params(("app" = String, Path)),
    responses((status = 200, body = KeyOut), (status = "default", body = ProblemBody)))]
async fn show(State(platform): State<Platform>, own: OwnApp<CanView>) -> Result<Json<KeyOut>, Problem> {
    Ok(Json(KeyOut::of(&load(&platform, &own).await?)?))
}

/// The app's signing key as a PKCS#12 or PEM file under a password, for the owner to keep.
#[utoipa::path(post, path = "/apps/{app}/signing-key/export", tag = "signing keys", params(("app" = String, Path)),
    request_body = SigningKeyExport, responses(
        (status = 200, content((Vec<u8> = "application/x-pkcs12"), (Vec<u8> = "application/x-pem-file"))), (status = "default", body = ProblemBody)))]
async fn export(
    State(platform): State<Platform>,
    own: OwnApp<CanOwn>,
    body: Body<SigningKeyExport>,
) -> Result<Response, Problem> {
    let mut fields = Fields::new();
    let SigningKeyExport { format, password } = body.value;
    let password = fields.take("password", super::check_export_password(&password).map(|()| password));
    let password = fields.finish(password)?;
    let record = load(&platform, &own).await?;
    let told = platform.db().write(&own.scope, |tx| {
        super::tell_exported(tx);
        Ok::<_, DbError>(())
    });
    told.await?;
    let disposition = format!("attachment; filename=\"{}-signing-key.{}\"", own.app.slug, format.extension());
    let written = tokio::task::spawn_blocking(move || {
        let key = SigningKey::open(platform.keys(), own.app.app, &record.sealed)?;
        match format {
            KeyFormat::Pkcs12 => key.to_pkcs12(&record.certificate, &own.app.slug, &password),
            KeyFormat::Pem => key.to_pem(&record.certificate, &password),
        }
    });
    let file = written.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    let headers =
        [(header::CONTENT_TYPE, format.media_type().to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, file).into_response())
}

/// Names the key that Google Play signs the app with, so that links open the app that came from there.
#[utoipa::path(put, path = "/apps/{app}/signing-key/play-fingerprint", tag = "signing keys", params(("app" = String, Path)),
    request_body = PlayFingerprint, responses((status = 200, body = KeyOut), (status = "default", body = ProblemBody)))]
async fn set_play_fingerprint(
    State(platform): State<Platform>,
    own: OwnApp<CanOwn>,
    body: Body<PlayFingerprint>,
) -> Result<Json<KeyOut>, Problem> {
    let mut fields = Fields::new();
    let parsed = super::parse_fingerprint(&body.value.fingerprint);
    let parsed = parsed
        .ok_or("copy the SHA-256 fingerprint from the Play Console: 32 pairs of digits joined by colons");
    let fingerprint = fields.take("fingerprint", parsed);
    let fingerprint = fields.finish(fingerprint)?;
    platform.db().write(&own.scope, move |tx| super::set_play_fingerprint(tx, &fingerprint)).await?;
    Ok(Json(KeyOut::of(&load(&platform, &own).await?)?))
}

async fn load<P: Permission>(platform: &Platform, own: &OwnApp<P>) -> Result<KeyRecord, Problem> {
    let found = platform.db().read_point(&own.scope, super::find).await?;
    // Every app has a key from its launch on, so that an app without one was deleted meanwhile.
    found.ok_or_else(|| Problem::not_found("app"))
}

impl KeyOut {
    fn of(record: &KeyRecord) -> Result<Self, Problem> {
        let certificate = Certificate::parse(&record.certificate).map_err(Problem::internal)?;
        Ok(Self {
            sha256_fingerprint: certificate.fingerprint_sha256(),
            sha1_fingerprint: certificate.fingerprint_sha1(),
            certificate_pem: super::certificate_pem(&record.certificate),
            created_at: record.created_at,
            play_fingerprint: record.play_fingerprint.clone(),
        })
    }
}
