//! Settings: one table of them, read once from the environment, with every mistake told at once (P-SEC-01, P-SEC-02).
//!
//! It refuses to be read anywhere else, and to start with a secret that anybody could guess.

mod cloud;

use crate::db::{Durability, Location};
use crate::job::Weights;
use crate::keys::{Keys, SecretError};
use crate::object::Cloud;
use crate::platform::{Addresses, Scheme};
use crate::scope::RootId;
use slipway_kernel::{AppId, Entropy, Id, PartnerId};
use std::fmt::{self, Write as _};
use std::fs;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use thiserror::Error;

/// One setting as people see it.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub name: &'static str,
    /// What applies when it is absent; empty when that differs or is an error.
    pub default: &'static str,
    pub meaning: &'static str,
}

macro_rules! settings {
    ($($constant:ident = $name:literal, $default:literal, $meaning:literal;)+) => {
        $(const $constant: Setting = Setting { name: $name, default: $default, meaning: $meaning };)+
        /// Every setting there is.
        pub const SETTINGS: &[Setting] = &[$($constant),+];
    };
}

settings! {
    ENVIRONMENT = "SLIPWAY_ENVIRONMENT", "production", "production or development; development may make its own secret";
    DATA = "SLIPWAY_DATA", "./data", "folder of the database and the stored files";
    SECRET = "SLIPWAY_SECRET", "", "64 hexadecimal digits that every key is derived from; make one with: openssl rand -hex 32";
    PUBLIC_URL = "SLIPWAY_PUBLIC_URL", "http://localhost:8080", "the console's address; apps answer at its subdomains";
    LISTEN = "SLIPWAY_LISTEN", "127.0.0.1:8080", "address and port of the server";
    OPS_LISTEN = "SLIPWAY_OPS_LISTEN", "127.0.0.1:9090", "address and port of metrics and health, never public";
    TRUSTED_PROXIES = "SLIPWAY_TRUSTED_PROXIES", "", "addresses, separated by commas, whose X-Forwarded-For is believed";
    DATABASE_URL = "DATABASE_URL", "", "postgres://… ; without it the data is in a SQLite file in the data folder";
    DATABASE_THREADS = "SLIPWAY_DATABASE_THREADS", "", "database threads; 2 on SQLite, 20 on PostgreSQL";
    DATABASE_MAX_BYTES = "SLIPWAY_DATABASE_MAX_BYTES", "", "largest SQLite file in bytes; unlimited without it";
    DATABASE_SYNC = "SLIPWAY_DATABASE_SYNC", "full", "full; in development also normal or off, with which a power cut takes answered writes of SQLite and stored files";
    APPS_PER_PARTNER = "SLIPWAY_APPS_PER_PARTNER", "", "apps that each partner may have, unless `slipway quota set` says otherwise; unlimited without it";
    OBJECT_STORE_URL = "OBJECT_STORE_URL", "", "s3://bucket/prefix, gs://… or az://… ; without it stored files are in the data folder";
    OBJECT_STORE_ENDPOINT = "OBJECT_STORE_ENDPOINT", "", "address of an S3-compatible server, or of Azure's; the provider's own without it";
    OBJECT_STORE_REGION = "OBJECT_STORE_REGION", "us-east-1", "region of the bucket (S3)";
    OBJECT_STORE_KEY = "OBJECT_STORE_KEY", "", "id of the access key (S3), or the account (Azure)";
    OBJECT_STORE_SECRET = "OBJECT_STORE_SECRET", "", "the secret access key (S3), the account's key (Azure), the path of a service account's JSON file (Google)";
    JOB_CONCURRENCY = "SLIPWAY_JOB_CONCURRENCY", "2", "jobs that run at once in this process";
    OTLP_URL = "SLIPWAY_OTLP_URL", "", "http://… of an OpenTelemetry collector that is sent traces; none are made without it";
    TRACE_SHARE = "SLIPWAY_TRACE_SHARE", "0.1", "share of requests and jobs whose trace is sent, from 0 to 1";
    TRACE_FROM_OUTSIDE = "SLIPWAY_TRACE_FROM_OUTSIDE", "no", "yes or no: whether a caller's traceparent is believed, as behind a proxy that sets its own";
    JOB_WEIGHTS = "SLIPWAY_JOB_WEIGHTS", "", "ids of apps and partners with the jobs they are served in a row, where others are served 1: app_…=4,ptn_…=2";
    LOG = "SLIPWAY_LOG", "info", "error, warn, info, debug or trace";
    LOG_FORMAT = "SLIPWAY_LOG_FORMAT", "json", "json or text";
}

/// Development relaxes what would stand in a newcomer's way; production refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    Production,
    Development,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Json,
    Text,
}

/// Where traces are sent, and which.
#[derive(Debug, Clone, PartialEq)]
pub struct Traces {
    pub url: String,
    /// From 0 to 1.
    pub share: f64,
    pub from_outside: bool,
}

/// The settings of one process.
#[derive(Debug, Clone)]
pub struct Settings {
    pub environment: Environment,
    pub data: PathBuf,
    secret: Option<Keys>,
    pub addresses: Addresses,
    pub listen: SocketAddr,
    pub ops_listen: SocketAddr,
    pub trusted_proxies: Vec<IpAddr>,
    pub location: Location,
    pub database_threads: Option<usize>,
    pub database_max_bytes: Option<u64>,
    pub durability: Durability,
    pub apps_per_partner: Option<u32>,
    /// Where stored files are, if not in the data folder.
    pub cloud: Option<Cloud>,
    pub job_concurrency: usize,
    /// Where traces are sent, and which.
    pub traces: Option<Traces>,
    pub job_weights: Weights,
    pub log: String,
    pub log_format: LogFormat,
}

/// Everything that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct ConfigErrors(Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the settings are not right:")?;
        self.0.iter().try_for_each(|error| write!(formatter, "\n  {error}"))
    }
}

/// Why there is no secret.
#[derive(Debug, Error)]
pub enum KeyFileError {
    #[error("the key file {path} cannot be used: {reason}")]
    File { path: String, reason: String },
    #[error("the key file {path} does not hold a secret: {reason}")]
    Secret { path: String, reason: SecretError },
}

struct Reader<'source> {
    source: &'source dyn Fn(&str) -> Option<String>,
    errors: Vec<String>,
}

impl Settings {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// Every mistake there is.
    pub fn from_environment() -> Result<Self, ConfigErrors> {
        Self::with_overrides(&|_| None)
    }

    /// Reads the process's environment, except for what the command line says instead.
    ///
    /// # Errors
    /// As [`Settings::from_environment`].
    pub fn with_overrides(given: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        #[expect(clippy::disallowed_methods, reason = "this is the home of the environment")]
        Self::read(&|name| given(name).or_else(|| std::env::var(name).ok()))
    }

    /// Reads settings from any source of texts by name.
    ///
    /// # Errors
    /// As [`Settings::from_environment`].
    pub fn read(source: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader { source, errors: Vec::new() };
        let environment = reader.required(ENVIRONMENT, environment);
        let data = reader.required(DATA, |text| Ok::<_, String>(PathBuf::from(text)));
        let secret =
            reader.optional(SECRET, |text| secret(text, environment == Some(Environment::Development)));
        if environment == Some(Environment::Production) && reader.text(SECRET).is_none() {
            reader.refuse(SECRET, "is missing; make one with: openssl rand -hex 32");
        }
        let addresses = reader.required(PUBLIC_URL, addresses);
        if environment == Some(Environment::Production)
            && addresses
                .as_ref()
                .is_some_and(|addresses| addresses.scheme == Scheme::Http && !addresses.is_local())
        {
            reader.refuse(
                PUBLIC_URL,
                "must begin with https:// in production: browsers keep secure cookies from plain http",
            );
        }
        let listen =
            reader.required(LISTEN, parsed::<SocketAddr>("an address and a port such as 127.0.0.1:8080"));
        let ops_listen =
            reader.required(OPS_LISTEN, parsed::<SocketAddr>("an address and a port such as 127.0.0.1:9090"));
        let trusted_proxies = reader.optional(TRUSTED_PROXIES, trusted_proxies);
        let url = reader.optional(DATABASE_URL, database_url);
        let database_threads = reader.optional(DATABASE_THREADS, counted(1..=200));
        let database_max_bytes = reader.optional(DATABASE_MAX_BYTES, parsed::<u64>("a number of bytes"));
        let durability = reader.required(DATABASE_SYNC, durability);
        if environment == Some(Environment::Production)
            && durability.is_some_and(|kept| kept != Durability::Full)
        {
            reader.refuse(
                DATABASE_SYNC,
                "must be full in production: with less a power cut takes writes that were answered",
            );
        }
        let apps_per_partner = reader.optional(APPS_PER_PARTNER, |text| {
            let count = text.parse::<u32>().ok().filter(|count| *count <= 1_000_000);
            count.ok_or("must be a whole number from 0 to 1000000")
        });
        let cloud = reader.cloud();
        let job_concurrency = reader.required(JOB_CONCURRENCY, counted(1..=64));
        let otlp_url = reader.optional(OTLP_URL, collector);
        let share = reader.required(TRACE_SHARE, share);
        let from_outside = reader.required(TRACE_FROM_OUTSIDE, |text| match text {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err("must be yes or no"),
        });
        let job_weights = reader.optional(JOB_WEIGHTS, job_weights);
        let log = reader.required(LOG, |text| one_of(text, &["error", "warn", "info", "debug", "trace"]));
        let log_format = reader.required(LOG_FORMAT, |text| match text {
            "json" => Ok(LogFormat::Json),
            "text" => Ok(LogFormat::Text),
            _ => Err("must be json or text".to_owned()),
        });
        let errors = ConfigErrors(reader.errors);
        let settings = || {
            let data = data?;
            Some(Self {
                environment: environment?,
                location: url.map_or_else(|| Location::File(data.join("slipway.db")), Location::Url),
                data,
                secret,
                addresses: addresses?,
                listen: listen?,
                ops_listen: ops_listen?,
                trusted_proxies: trusted_proxies.unwrap_or_default(),
                database_threads,
                database_max_bytes,
                durability: durability?,
                apps_per_partner,
                cloud,
                job_concurrency: job_concurrency?,
                traces: match otlp_url {
                    Some(url) => Some(Traces { url, share: share?, from_outside: from_outside? }),
                    None => None,
                },
                job_weights: job_weights.unwrap_or_default(),
                log: log?,
                log_format: log_format?,
            })
        };
        match settings() {
            Some(settings) if errors.0.is_empty() => Ok(settings),
            _ => Err(errors),
        }
    }

    /// The installation's keys. In development a missing secret is made and kept in a file of the data folder, which is
    /// said in a warning.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn keys(&self, entropy: &dyn Entropy) -> Result<Keys, KeyFileError> {
        if let Some(keys) = &self.secret {
            return Ok(keys.clone());
        }
        let path = self.data.join("secret.key");
        let failed = |error: io::Error| KeyFileError::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = hexadecimal(entropy);
                fs::create_dir_all(&self.data).and_then(|()| write_private(&path, &text)).map_err(failed)?;
                text
            }
            Err(error) => return Err(failed(error)),
        };
        tracing::warn!(
            file = %path.display(),
            "SLIPWAY_SECRET is not set, so the secret of this development installation is in a file; production refuses that"
        );
        let wrong = |reason| KeyFileError::Secret { path: path.display().to_string(), reason };
        Keys::from_secret(text.trim()).map_err(wrong)
    }
}

impl Reader<'_> {
    /// The text of a setting; one that is set to nothing counts as absent.
    fn text(&self, setting: Setting) -> Option<String> {
        (self.source)(setting.name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn required<T, E: fmt::Display>(
        &mut self,
        setting: Setting,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(setting).unwrap_or_else(|| setting.default.to_owned());
        parse(&text).map_err(|reason| self.refuse(setting, reason)).ok()
    }

    fn optional<T, E: fmt::Display>(
        &mut self,
        setting: Setting,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(setting)?;
        parse(&text).map_err(|reason| self.refuse(setting, reason)).ok()
    }

    /// The value is not repeated: it may be a secret that stands in the wrong place.
    fn refuse(&mut self, setting: Setting, reason: impl fmt::Display) {
        self.errors.push(format!("{} {reason}", setting.name));
    }
}

fn environment(text: &str) -> Result<Environment, &'static str> {
    match text {
        "production" => Ok(Environment::Production),
        "development" => Ok(Environment::Development),
        _ => Err("must be production or development"),
    }
}

fn durability(text: &str) -> Result<Durability, &'static str> {
    match text {
        "full" => Ok(Durability::Full),
        "normal" => Ok(Durability::Normal),
        "off" => Ok(Durability::Off),
        _ => Err("must be full, normal or off"),
    }
}

fn secret(text: &str, development: bool) -> Result<Keys, String> {
    Keys::from_secret(text).map_err(|error| {
        let hint = if development { "; or leave it out in development" } else { "" };
        format!("is refused: {error}{hint}")
    })
}

fn parsed<T: FromStr>(expected: &'static str) -> impl FnOnce(&str) -> Result<T, String> {
    move |text| text.parse().map_err(|_| format!("must be {expected}"))
}

fn counted(range: std::ops::RangeInclusive<usize>) -> impl FnOnce(&str) -> Result<usize, String> {
    move |text| {
        let count = text.parse().ok().filter(|count| range.contains(count));
        count.ok_or_else(|| format!("must be a whole number from {} to {}", range.start(), range.end()))
    }
}

fn one_of(text: &str, words: &[&str]) -> Result<String, String> {
    if words.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(format!("must be one of {}", words.join(", ")))
    }
}

/// A collector stands beside the server or in its own network, so this speaks no TLS.
fn collector(text: &str) -> Result<String, &'static str> {
    let expected =
        "must be a collector's address, such as http://localhost:4318, without TLS and without a path";
    let url: axum::http::Uri = text.trim_end_matches('/').parse().map_err(|_| expected)?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.host().is_some();
    if bare && url.scheme_str() == Some("http") {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(expected)
    }
}

fn share(text: &str) -> Result<f64, &'static str> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or("must be a number from 0 to 1")
}

fn trusted_proxies(text: &str) -> Result<Vec<IpAddr>, &'static str> {
    let addresses = text.split(',').map(|address| address.trim().parse());
    addresses.collect::<Result<_, _>>().map_err(|_| "must be IP addresses separated by commas")
}

fn job_weights(text: &str) -> Result<Weights, String> {
    let weight = |part: &str| {
        let (id, weight) = part.trim().split_once('=')?;
        let app = AppId::parse(id).map(Id::bits).or_else(|_| PartnerId::parse(id).map(Id::bits));
        let weight = weight.parse().ok().filter(|weight| (1..=100).contains(weight))?;
        Some((RootId::from_bits(app.ok()?), weight))
    };
    let weights = text.split(',').map(|part| {
        let wrong = || format!("must be ids of apps or partners, each with a number from 1 to 100, such as {}=4, separated by commas", AppId::from_bits(1));
        weight(part).ok_or_else(wrong)
    });
    Ok(Weights::of(weights.collect::<Result<Vec<_>, _>>()?))
}

fn database_url(text: &str) -> Result<String, String> {
    let Some(rest) = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://")) else {
        return Err("must begin with postgres://".to_owned());
    };
    if rest.contains("sslmode=require") || rest.contains("sslmode=verify") {
        return Err("asks for TLS, which this version does not speak to PostgreSQL; use a private network or a local socket".to_owned());
    }
    tokio_postgres::Config::from_str(text).map_err(|error| format!("is no PostgreSQL URL: {error}"))?;
    Ok(text.to_owned())
}

/// Reads the console's URL: a scheme, a host name and perhaps a port, nothing else.
fn addresses(text: &str) -> Result<Addresses, String> {
    let expected =
        || "must be the console's address, such as https://apps.example or http://localhost:8080".to_owned();
    let url: axum::http::Uri = text.trim_end_matches('/').parse().map_err(|_| expected())?;
    let scheme = match url.scheme_str() {
        Some("http") => Scheme::Http,
        Some("https") => Scheme::Https,
        _ => return Err(expected()),
    };
    let bare = matches!(url.path(), "" | "/") && url.query().is_none();
    let host = url.host().filter(|_| bare).ok_or_else(expected)?;
    let is_address = host.parse::<IpAddr>().is_ok() || host.starts_with('[');
    if is_address {
        return Err(
            "must name a host, not an IP address: apps answer at subdomains, which addresses do not have"
                .to_owned(),
        );
    }
    // Browsers leave a scheme's own port out of `Origin`, and hosts are compared without the root's dot.
    let own_port = match scheme {
        Scheme::Http => 80,
        Scheme::Https => 443,
    };
    let port = url.port_u16().filter(|port| *port != own_port);
    Ok(Addresses { scheme, base_domain: host.trim_end_matches('.').to_ascii_lowercase(), port })
}

fn hexadecimal(entropy: &dyn Entropy) -> String {
    entropy.bytes::<32>().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// Writes a new file that nobody but this user may read.
///
/// # Errors
/// That of the file system; a file that is already there is left alone.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD_SECRET: &str = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";

    proptest! {
        #[test]
        fn any_text_in_any_setting_is_judged(
            at in 0..SETTINGS.len(),
            text in "\\PC{0,40}|(https?|postgres)://\\PC{0,30}|[0-9.:,\\[\\]a-f-]{0,40}",
        ) {
            let name = SETTINGS[at].name;
            let base = ("SLIPWAY_ENVIRONMENT", "development");
            // Set to nothing it is absent, and the environment then is production's.
            let given = if text.trim().is_empty() { base } else { (name, text.as_str()) };
            if let Err(told) = read(&[given, base]) {
                prop_assert!(told.contains(name), "{}", told);
            }
        }
    }

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let source =
            move |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        Settings::read(&source).map_err(|errors| errors.to_string())
    }

    #[test]
    fn development_needs_nothing_and_production_a_secret() {
        let settings = read(&[("SLIPWAY_ENVIRONMENT", "development")]).unwrap();
        assert_eq!(settings.addresses.console_origin(), "http://localhost:8080");
        assert_eq!(settings.location, Location::File("./data/slipway.db".into()));
        assert_eq!(
            read(&[]).unwrap_err(),
            "the settings are not right:\n  SLIPWAY_SECRET is missing; make one with: openssl rand -hex 32"
        );
        read(&[("SLIPWAY_SECRET", GOOD_SECRET)]).unwrap();
        let plain = read(&[("SLIPWAY_SECRET", GOOD_SECRET), ("SLIPWAY_PUBLIC_URL", "http://apps.example")])
            .unwrap_err();
        assert!(plain.contains("must begin with https:// in production"), "{plain}");
    }

    #[test]
    fn every_mistake_is_told_at_once_without_the_value() {
        let text = read(&[
            ("SLIPWAY_SECRET", "change-me"),
            ("SLIPWAY_LISTEN", "8080"),
            ("SLIPWAY_PUBLIC_URL", "http://127.0.0.1:8080"),
            ("DATABASE_URL", "mysql://root:hunter2@localhost"),
            ("SLIPWAY_DATABASE_THREADS", "0"),
            ("SLIPWAY_LOG", "loud"),
            ("SLIPWAY_TRUSTED_PROXIES", "10.0.0.1, proxy"),
        ])
        .unwrap_err();
        let names: Vec<_> =
            text.lines().skip(1).map(|line| line.split_whitespace().next().unwrap()).collect();
        let expected = [
            "SLIPWAY_SECRET",
            "SLIPWAY_PUBLIC_URL",
            "SLIPWAY_LISTEN",
            "SLIPWAY_TRUSTED_PROXIES",
            "DATABASE_URL",
            "SLIPWAY_DATABASE_THREADS",
            "SLIPWAY_LOG",
        ];
        assert_eq!(names, expected);
        assert!(!text.contains("hunter2") && !text.contains("change-me"), "{text}");
    }

    #[test]
    fn traces_are_sent_where_the_settings_say_and_nowhere_else() {
        let with = |pairs: &[(&str, &str)]| {
            read(&[&[("SLIPWAY_ENVIRONMENT", "development")], pairs].concat()).map(|settings| settings.traces)
        };
        assert_eq!(with(&[]).unwrap(), None);
        let traces = with(&[("SLIPWAY_OTLP_URL", "http://collector:4318/")]).unwrap().unwrap();
        assert_eq!(
            traces,
            Traces { url: "http://collector:4318".to_owned(), share: 0.1, from_outside: false }
        );
        for (name, text) in [
            ("SLIPWAY_OTLP_URL", "https://collector:4318"),
            ("SLIPWAY_OTLP_URL", "http://collector:4318/v1/traces"),
            ("SLIPWAY_OTLP_URL", "collector"),
            ("SLIPWAY_TRACE_SHARE", "1.1"),
            ("SLIPWAY_TRACE_SHARE", "NaN"),
            ("SLIPWAY_TRACE_FROM_OUTSIDE", "true"),
        ] {
            assert!(with(&[(name, text)]).unwrap_err().contains(name), "{name} {text}");
        }
    }

    #[test]
    fn a_public_url_is_an_origin() {
        for (url, origin) in [
            ("https://Apps.Example", Some("https://apps.example")),
            ("http://localhost:9000/", Some("http://localhost:9000")),
            ("https://apps.example.:443", Some("https://apps.example")),
            ("http://localhost:80", Some("http://localhost")),
            ("https://apps.example/console", None),
            ("apps.example", None),
            ("ftp://apps.example", None),
            ("https://[::1]", None),
        ] {
            let read = read(&[("SLIPWAY_ENVIRONMENT", "development"), ("SLIPWAY_PUBLIC_URL", url)]);
            assert_eq!(
                read.ok().map(|settings| settings.addresses.console_origin()).as_deref(),
                origin,
                "{url}"
            );
        }
    }

    #[test]
    fn a_development_secret_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let settings =
            read(&[("SLIPWAY_ENVIRONMENT", "development"), ("SLIPWAY_DATA", data.to_str().unwrap())])
                .unwrap();
        settings.keys(&crate::entropy::SystemEntropy).unwrap();
        let first = fs::read(data.join("secret.key")).unwrap();
        settings.keys(&crate::entropy::SystemEntropy).unwrap();
        assert_eq!(fs::read(data.join("secret.key")).unwrap(), first);
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(
                &fs::metadata(data.join("secret.key")).unwrap().permissions()
            ) & 0o777,
            0o600
        );
        fs::write(data.join("secret.key"), "damaged").unwrap();
        assert!(matches!(settings.keys(&crate::entropy::SystemEntropy), Err(KeyFileError::Secret { .. })));
    }
}
