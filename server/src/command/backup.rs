//! `slipway backup`, `restore` and `move`: the installation as a folder that can be kept elsewhere, and back.

use crate::installation::{self, RESTORING, refuse_half_restored};
use clap::Args;
use slipway_framework::backup::{self, Archive, BackupError, Manifest};
use slipway_framework::config::{Settings, write_private};
use slipway_framework::db::Location;
use slipway_framework::module::Assembly;
use std::fs;
use std::path::{Path, PathBuf};
use tokio::runtime::Handle;

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The folder to make, such as /backups/2026-11-27
    target: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The folder that `slipway backup` made
    archive: PathBuf,
    /// Check the backup and stop; nothing is written and no secret is needed
    #[arg(long)]
    check: bool,
}

impl Restore {
    /// Whether this works without the installation's secret.
    pub(super) const fn needs_no_secret(&self) -> bool {
        self.check
    }
}

#[derive(Debug, Args)]
pub(super) struct Move {
    /// Where to: a PostgreSQL URL (postgres://…), or `sqlite` for the file in the data folder
    to: String,
}

pub(super) async fn back_up(settings: &Settings, assembly: Assembly, options: Backup) -> Result<(), String> {
    refuse_half_restored(&settings.data).map_err(|error| error.to_string())?;
    if !settings.data.is_dir() {
        return Err(format!("there is no data folder at {}; name it with --data", settings.data.display()));
    }
    let source = installation::source(settings, &assembly).map_err(|error| error.to_string())?;
    let target = options.target.clone();
    let manifest = blocking(move |files| backup::back_up(&source, &target, files)).await?;
    tell(&manifest);
    println!("The backup is whole: {}", options.target.display());
    Ok(())
}

pub(super) async fn restore(settings: &Settings, assembly: Assembly, options: Restore) -> Result<(), String> {
    let folder = options.archive.clone();
    let archive = blocking(move |_| {
        let archive = Archive::open(&folder)?;
        archive.verify()?;
        Ok(archive)
    })
    .await?;
    tell(archive.manifest());
    println!("Every file of the backup is as it was written.");
    if options.check {
        return Ok(());
    }
    let manifest = archive.manifest().clone();
    let data = &settings.data;
    let lock = installation::lock(data).map_err(|error| error.to_string())?;
    begin(data)?;
    let restored = into_place(settings, &assembly, archive).await;
    if let Err(error) = restored {
        // The marker goes last, and only when nothing is left to be taken for an installation.
        return Err(match clear(data, &[RESTORING]).and_then(|()| clear(data, &[])) {
            Ok(()) => error,
            Err(left) => format!("{error}\n  and what was written is still there: {left}"),
        });
    }
    finish(data)?;
    drop(lock);
    println!("Restored what was backed up at {}; `slipway serve` serves it.", manifest.made_at);
    Ok(())
}

/// The database's file has a name of its own until everything is in it.
async fn into_place(settings: &Settings, assembly: &Assembly, archive: Archive) -> Result<(), String> {
    let mut source = installation::source(settings, assembly).map_err(|error| error.to_string())?;
    let file = match &settings.location {
        Location::File(path) => {
            let growing = path.with_extension("db.restoring");
            source.location = Location::File(growing.clone());
            Some((growing, path.clone()))
        }
        Location::Url(_) => None,
    };
    let keys = source.keys.clone();
    blocking(move |files| backup::restore(&archive, &source, files)).await?;
    if let Some((growing, path)) = file {
        rename(&growing, &path)?;
    }
    installation::remember(&settings.data, &keys).map_err(|error| error.to_string())
}

/// What may lie in a folder that counts as empty: the lock that is held, a development secret, and what file systems put there.
const KEPT: [&str; 3] = ["lock", "secret.key", "lost+found"];

/// Makes sure that the folder is empty, and marks it. What a restore that was killed has left is thrown away.
fn begin(data: &Path) -> Result<(), String> {
    let marker = data.join(RESTORING);
    let failed =
        |error: std::io::Error| format!("the data folder {} cannot be used: {error}", data.display());
    if marker.exists() {
        return clear(data, &[RESTORING]);
    }
    for entry in fs::read_dir(data).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if !KEPT.iter().any(|kept| name == *kept) {
            let (folder, name) = (data.display(), name.display());
            return Err(format!(
                "the data folder {folder} is not empty: it holds {name}; name another one with --data, or move that away"
            ));
        }
    }
    write_private(&marker, "A restore is writing into this folder.").map_err(failed)
}

fn finish(data: &Path) -> Result<(), String> {
    let failed =
        |error: std::io::Error| format!("the data folder {} cannot be used: {error}", data.display());
    let sync = || fs::File::open(data).and_then(|folder| folder.sync_all());
    sync().and_then(|()| fs::remove_file(data.join(RESTORING))).and_then(|()| sync()).map_err(failed)
}

fn clear(data: &Path, more: &[&str]) -> Result<(), String> {
    let kept: Vec<_> = KEPT.iter().chain(more).copied().collect();
    backup::clear(data, &kept).map_err(|error| error.to_string())
}

pub(super) async fn move_rows(settings: &Settings, assembly: Assembly, options: Move) -> Result<(), String> {
    let said = |error: installation::OpenError| error.to_string();
    let _lock = installation::lock(&settings.data).map_err(said)?;
    refuse_half_restored(&settings.data).map_err(said)?;
    let source = installation::source(settings, &assembly).map_err(said)?;
    let file = settings.data.join("slipway.db");
    let growing = file.with_extension("db.moving");
    let to_file = options.to == "sqlite";
    let target = match (&settings.location, to_file) {
        (Location::Url(_), true) if file.exists() => {
            return Err(format!("{} is already there; move it away first", file.display()));
        }
        (Location::Url(_), true) => {
            // What a move that was killed has left.
            for end in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(format!("{}{end}", growing.display()));
            }
            Location::File(growing.clone())
        }
        (Location::File(_), false) if options.to.starts_with("postgres") => Location::Url(options.to.clone()),
        (Location::File(_), _) => {
            return Err(
                "say where to: the database is a SQLite file, so name a PostgreSQL URL (postgres://…)"
                    .to_owned(),
            );
        }
        (Location::Url(_), false) => {
            return Err(
                "say where to: the database is a PostgreSQL, so write `slipway move sqlite`".to_owned()
            );
        }
    };
    let moved = blocking(move |_| backup::move_rows(&source, &target)).await?;
    for (table, rows) in &moved {
        println!("{rows:>10}  {table}");
    }
    println!("Every row arrived as it was: {} tables, by number and by hash.", moved.len());
    if to_file {
        rename(&growing, &file)?;
        println!("Unset DATABASE_URL and start the server; the PostgreSQL database is as it was.");
    } else {
        let old = file.with_extension("db.moved");
        rename(&file, &old)?;
        println!(
            "Set DATABASE_URL to the new database and start the server; the old file is {}.",
            old.display()
        );
    }
    Ok(())
}

/// With the folder's entry synced, so that a power cut leaves one name or the other.
fn rename(from: &Path, to: &Path) -> Result<(), String> {
    let folder = to.parent().unwrap_or(Path::new("."));
    let renamed =
        fs::rename(from, to).and_then(|()| fs::File::open(folder)).and_then(|folder| folder.sync_all());
    renamed.map_err(|error| format!("{} cannot become {}: {error}", from.display(), to.display()))
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce(&Handle) -> Result<T, BackupError> + Send + 'static,
) -> Result<T, String> {
    let files = Handle::current();
    let ended = tokio::task::spawn_blocking(move || work(&files)).await;
    ended.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

fn tell(manifest: &Manifest) {
    for (table, content) in &manifest.tables {
        println!("{:>10}  {table}", content.rows);
    }
    println!("{:>10}  stored files", manifest.objects.len());
}
