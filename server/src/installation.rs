//! Opens everything an installation consists of, from its settings.

use crate::traces::Collector;
use opentelemetry_otlp::ExporterBuildError;
use slipway_framework::backup::{Source, recognition};
use slipway_framework::clock::SystemClock;
use slipway_framework::config::{KeyFileError, Settings, write_private};
use slipway_framework::db::{Config, Db, Location, MigrationError};
use slipway_framework::entropy::SystemEntropy;
use slipway_framework::keys::Keys;
use slipway_framework::module::Assembly;
use slipway_framework::object::{ObjectError, Objects};
use slipway_framework::password::PasswordCost;
use slipway_framework::platform::{Parts, Platform};
use slipway_framework::trace::Tracer;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// An opened installation. Nobody else has its data folder while this lives.
#[derive(Debug)]
pub(crate) struct Installation {
    pub(crate) platform: Platform,
    pub(crate) assembly: Assembly,
    /// Whoever ends the process lets it send what is left.
    pub(crate) collector: Option<Arc<Collector>>,
    _lock: File,
}

/// Why an installation cannot be opened.
#[derive(Debug, Error)]
pub(crate) enum OpenError {
    #[error("the data folder {0} cannot be used: {1}")]
    Folder(PathBuf, #[source] io::Error),
    #[error(
        "the data folder {0} is in use by another slipway process; stop that one first, or name another folder with SLIPWAY_DATA"
    )]
    InUse(PathBuf),
    #[error(
        "a restore into the data folder {0} was begun and never finished; run it again, it throws away what is there and begins anew"
    )]
    HalfRestored(PathBuf),
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(
        "this is not the secret that the data in {0} was sealed under: every app's signing key would be lost; set SLIPWAY_SECRET to the one the \
         installation began with (in development: put its secret.key back)"
    )]
    Secret(PathBuf),
    #[error(transparent)]
    Database(#[from] MigrationError),
    #[error(transparent)]
    Objects(#[from] ObjectError),
    #[error("SLIPWAY_OTLP_URL cannot be used: {0}")]
    Traces(#[from] ExporterBuildError),
}

impl Installation {
    /// Locks the folder, migrates the schema, opens the database and the files.
    pub(crate) fn open(settings: &Settings, assembly: Assembly) -> Result<Self, OpenError> {
        let lock = lock(&settings.data)?;
        refuse_half_restored(&settings.data)?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let keys = settings.keys(&*entropy)?;
        let recognised = recognise(&settings.data, &keys)?;
        let db = Db::open(database(settings), &assembly.migrations(), clock.clone(), entropy.clone())?;
        if let Some(maximum) = settings.apps_per_partner {
            slipway_tenancy::quota::limit_apps_by_default(&db, maximum);
        }
        let objects = objects(settings)?;
        if !recognised {
            remember(&settings.data, &keys)?;
        }
        let addresses = settings.addresses.clone();
        let (kits, erasures) = (assembly.kits(), assembly.erasures());
        let password_cost = PasswordCost::FLOOR;
        let collector =
            settings.traces.as_ref().map(|traces| Collector::at(&traces.url)).transpose()?.map(Arc::new);
        let tracer = match (&collector, &settings.traces) {
            (Some(collector), Some(traces)) => {
                Tracer::new(collector.clone(), traces.share, traces.from_outside)
            }
            _ => Tracer::default(),
        };
        let platform = Platform::new(Parts {
            db,
            objects,
            keys,
            clock,
            entropy,
            addresses,
            password_cost,
            tracer,
            kits,
            erasures,
        });
        Ok(Self { platform, assembly, collector, _lock: lock })
    }
}

/// Where this installation's files are.
fn objects(settings: &Settings) -> Result<Objects, ObjectError> {
    match &settings.cloud {
        Some(cloud) => Objects::in_cloud(cloud),
        None => Objects::in_folder(&settings.data.join("objects"), settings.durability),
    }
}

/// Locks the folder and opens the database alone, for who needs no secret. A PostgreSQL takes any number of processes, and whoever
/// touches no file beside it leaves the folder to them.
pub(crate) fn open_database(
    settings: &Settings,
    assembly: &Assembly,
) -> Result<(Db, Option<File>), OpenError> {
    refuse_half_restored(&settings.data)?;
    let lock = match settings.location {
        Location::File(_) => Some(lock(&settings.data)?),
        Location::Url(_) => None,
    };
    let migrations = assembly.migrations();
    let db = Db::open(database(settings), &migrations, Arc::new(SystemClock), Arc::new(SystemEntropy))?;
    Ok((db, lock))
}

/// What a copy of the installation is made from or into; opens nothing but its files.
pub(crate) fn source(settings: &Settings, assembly: &Assembly) -> Result<Source, OpenError> {
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let keys = settings.keys(&*entropy)?;
    recognise(&settings.data, &keys)?;
    let objects = objects(settings)?;
    let (migrations, lists) = (assembly.migrations(), assembly.object_lists());
    Ok(Source { location: settings.location.clone(), migrations, lists, objects, keys, clock, entropy })
}

/// In the data folder while a restore writes into it.
pub(crate) const RESTORING: &str = "restoring";

/// What is there of a restore that never came to its end is not an installation.
pub(crate) fn refuse_half_restored(folder: &Path) -> Result<(), OpenError> {
    if folder.join(RESTORING).exists() { Err(OpenError::HalfRestored(folder.to_owned())) } else { Ok(()) }
}

/// In the data folder: what a secret is recognised by, and cannot be found from.
const RECOGNITION: &str = "secret.check";

/// Whether the data knows this secret; a folder that knows none yet takes any.
fn recognise(folder: &Path, keys: &Keys) -> Result<bool, OpenError> {
    match fs::read_to_string(folder.join(RECOGNITION)) {
        Ok(known) if known.trim() == recognition(keys) => Ok(true),
        Ok(_) => Err(OpenError::Secret(folder.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(OpenError::Folder(folder.to_owned(), error)),
    }
}

pub(crate) fn remember(folder: &Path, keys: &Keys) -> Result<(), OpenError> {
    let written = write_private(&folder.join(RECOGNITION), &recognition(keys));
    written.map_err(|error| OpenError::Folder(folder.to_owned(), error))
}

fn database(settings: &Settings) -> Config {
    let mut config = Config::new(settings.location.clone());
    config.threads = settings.database_threads.unwrap_or(config.threads);
    config.durability = settings.durability;
    if let Location::File(_) = config.location {
        config.max_bytes = settings.database_max_bytes;
    }
    config
}

/// Two writers on one SQLite file would each believe in their own single writer, so the second process is refused.
pub(crate) fn lock(folder: &Path) -> Result<File, OpenError> {
    let failed = |error| OpenError::Folder(folder.to_owned(), error);
    fs::create_dir_all(folder).map_err(failed)?;
    let file =
        File::options().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
