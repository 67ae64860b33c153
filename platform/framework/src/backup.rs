//! Backup, restore and move: every row and every stored file of an installation, whichever engine keeps it.
//!
//! A backup reads one state of the database beside whoever works in it. A restore reads the whole archive before it writes anything,
//! writes into nothing but an empty place, reads back what it wrote and compares it, and leaves a marker that nobody serves until it
//! has come to its end. It refuses to merge, and to go on after the first thing that is not right.

mod archive;
mod eject;
mod row;

pub use archive::{Archive, Content, Manifest, Step};
pub use eject::{Ejection, FindApp, Sealed, Travel, Wanted, eject};

use crate::db::copy::{Copy, Rows, TableShape};
use crate::db::{DbError, EngineKind, Location, MigrationError, Migrations, Value};
use crate::keys::{KeyPurpose, Keys, OpenError};
use crate::object::{Hash, ListNamed, ObjectError, Objects};
use archive::{FORMAT, Growing, Tally};
use slipway_kernel::{Clock, Entropy};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;
use tokio::runtime::Handle;

/// Rows written at once.
const PAGE_ROWS: usize = 500;

/// What an installation consists of, for whoever copies it. Nothing needs to be opened for it.
#[derive(Clone)]
pub struct Source {
    pub location: Location,
    pub migrations: Migrations,
    pub lists: Vec<ListNamed>,
    pub objects: Objects,
    pub keys: Keys,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// Why something was not copied.
#[derive(Debug, Error)]
pub enum BackupError {
    #[error("{0} is already there; name another place")]
    Exists(PathBuf),
    #[error("another process is writing {0}")]
    InUse(PathBuf),
    #[error("there is no backup at {0}, or it is not whole: it has no manifest")]
    NoArchive(PathBuf),
    #[error(
        "the backup has form {0} and this program reads form 1; use the version that made it, or a newer one"
    )]
    Format(u64),
    #[error("the backup is damaged, and nothing was restored:\n  {}", .0.join("\n  "))]
    Damaged(Vec<String>),
    #[error(
        "this is not the secret that the backup was made under, and without that nobody can open the signing keys in it; set SLIPWAY_SECRET to the \
         one of that installation"
    )]
    Secret,
    #[error(
        "the backup has migration {module} {number} ({name}), which this program does not know or knows differently; use the version that made it, or a newer one"
    )]
    Schema { module: String, number: u32, name: String },
    #[error(
        "table {table} was not copied as it is: {read} rows were read and {written} are there, and their hashes differ; nothing was kept"
    )]
    Differs { table: String, read: u64, written: u64 },
    #[error("there is no room for {0}; nothing was kept")]
    Full(PathBuf),
    #[error("{0} cannot be used: {1}")]
    Io(PathBuf, #[source] io::Error),
    #[error(
        "the stored file {0} is named by a row and is not there, so a backup would not be whole; restore it from an older backup"
    )]
    Missing(Hash),
    #[error("there is no app {0}")]
    NoApp(String),
    #[error("something of the app is sealed and cannot be taken along: {0}")]
    Sealed(#[source] OpenError),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Migration(#[from] MigrationError),
    #[error(transparent)]
    Objects(ObjectError),
}

impl BackupError {
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path.to_owned()),
            _ => Self::Io(path.to_owned(), error),
        }
    }

    fn damaged(file: &str, reason: &str) -> Self {
        Self::Damaged(vec![format!("{file}: {reason}")])
    }
}

impl From<ObjectError> for BackupError {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Missing(hash) => Self::Missing(hash),
            other => Self::Objects(other),
        }
    }
}

/// Writes everything into a new archive. It blocks; `files` runs the object store.
///
/// # Errors
/// [`BackupError`]; nothing that passes for an archive is left then.
pub fn back_up(source: &Source, target: &Path, files: &Handle) -> Result<Manifest, BackupError> {
    let growing = Growing::begin(target, &["tables", "objects"])?;
    // Twice, because a file goes when the last row that names it has gone: what the second state names was either there before
    // and is copied by now, or is younger than anything the sweep would take.
    let mut early = open(source)?;
    let named_early = early.objects(&source.lists, &source.clock, &source.entropy)?;
    drop(early);
    for hash in &named_early {
        match files.block_on(source.objects.get(*hash)) {
            Ok(bytes) => growing.object(*hash, &bytes)?,
            Err(ObjectError::Missing(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut state = open(source)?;
    let made_at = source.clock.now();
    let mut tables = std::collections::BTreeMap::new();
    for table in state.tables() {
        let mut file = growing.table(&table.name)?;
        state.rows(table, Rows::All, |values| file.add(&values))?;
        tables.insert(table.name.clone(), file.end()?);
    }
    let named = state.objects(&source.lists, &source.clock, &source.entropy)?;
    let steps = steps_of(&state);
    let engine = state.engine();
    // From here on nobody's log is pinned.
    drop(state);
    for hash in &named {
        if !growing.has_object(*hash) {
            growing.object(*hash, &files.block_on(source.objects.get(*hash))?)?;
        }
    }
    for hash in named_early.difference(&named).filter(|hash| growing.has_object(**hash)) {
        growing.forget_object(*hash)?;
    }
    let manifest = Manifest {
        format: FORMAT,
        made_at,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        engine: engine_word(engine).to_owned(),
        secret: recognition(&source.keys),
        steps,
        tables,
        objects: named.into_iter().collect(),
    };
    growing.finish(&manifest)?;
    Ok(manifest)
}

/// Writes an archive's rows and files into an empty database and an empty store of files. It blocks; `files` runs the object store.
///
/// The caller has verified the archive, and marks the place as unfinished around this.
///
/// # Errors
/// [`BackupError`]; no row is kept then.
pub fn restore(archive: &Archive, target: &Source, files: &Handle) -> Result<(), BackupError> {
    let manifest = archive.manifest();
    if manifest.secret != recognition(&target.keys) {
        return Err(BackupError::Secret);
    }
    let known = schema_of(manifest, &target.migrations)?;
    for hash in &manifest.objects {
        files.block_on(target.objects.put(archive.object(*hash)?))?;
    }
    let state = Copy::write(&target.location, &known, &*target.clock)?;
    state.tables().iter().rev().try_for_each(|table| state.empty(table))?;
    for table in state.tables() {
        let content = manifest.tables.get(&table.name);
        let content =
            content.ok_or_else(|| BackupError::damaged(&table.name, "the table is not in the manifest"))?;
        let mut pages = Pages::new(&state, table);
        archive.rows(table, |values| pages.add(values))?;
        pages.end()?;
        compare(&state, table, content.rows, content.content)?;
    }
    state.commit()?;
    Ok(())
}

/// Writes every row of one database into another, empty one. Nobody else may write into the first meanwhile.
///
/// # Errors
/// [`BackupError`]; no row is kept then.
pub fn move_rows(source: &Source, target: &Location) -> Result<Vec<(String, u64)>, BackupError> {
    let from = open(source)?;
    let known = source.migrations.only(&|module, number| {
        from.applied().iter().any(|step| step.module == module && step.number == number)
    });
    let to = Copy::write(target, &known, &*source.clock)?;
    to.tables().iter().rev().try_for_each(|table| to.empty(table))?;
    let mut moved = Vec::new();
    for table in from.tables() {
        let (mut tally, mut pages) = (Tally::default(), Pages::new(&to, table));
        from.rows(table, Rows::All, |values| {
            tally.add(&values);
            pages.add(values)
        })?;
        pages.end()?;
        let (rows, content) = tally.end();
        compare(&to, table, rows, content)?;
        moved.push((table.name.clone(), rows));
    }
    to.commit()?;
    Ok(moved)
}

/// Empties a folder but for the entries of these names.
///
/// # Errors
/// [`BackupError::Io`] names what could not be removed.
pub fn clear(folder: &Path, kept: &[&str]) -> Result<(), BackupError> {
    archive::clear(folder, kept)
}

/// What a secret is recognised by, and cannot be found from.
#[must_use]
pub fn recognition(keys: &Keys) -> String {
    Hash::from_bytes(keys.sign(KeyPurpose::Recognition, b"installation")).to_string()
}

fn open(source: &Source) -> Result<Copy, BackupError> {
    Ok(Copy::read(&source.location, &source.migrations)?)
}

fn engine_word(engine: EngineKind) -> &'static str {
    match engine {
        EngineKind::Sqlite => "sqlite",
        EngineKind::Postgres => "postgres",
    }
}

fn steps_of(state: &Copy) -> Vec<Step> {
    let mut steps: Vec<_> = state
        .applied()
        .iter()
        .map(|step| {
            let checksum = step.checksum.as_slice().try_into().unwrap_or_default();
            let (module, name) = (step.module.clone(), step.name.clone());
            Step { module, number: step.number, name, checksum: Hash::from_bytes(checksum) }
        })
        .collect();
    steps.sort_by(|one, other| (&one.module, one.number).cmp(&(&other.module, other.number)));
    steps
}

/// The program's own steps that the archive's schema came from; what is newer runs when the installation is opened.
fn schema_of(manifest: &Manifest, migrations: &Migrations) -> Result<Migrations, BackupError> {
    let mut wanted = BTreeSet::new();
    for step in &manifest.steps {
        if migrations.checksum(&step.module, step.number) != Some(*step.checksum.as_bytes()) {
            let (module, name) = (step.module.clone(), step.name.clone());
            return Err(BackupError::Schema { module, number: step.number, name });
        }
        wanted.insert((step.module.clone(), step.number));
    }
    Ok(migrations.only(&|module, number| wanted.contains(&(module.to_owned(), number))))
}

/// Reads back what was written, before it is kept.
fn compare(state: &Copy, table: &TableShape, rows: u64, content: Hash) -> Result<(), BackupError> {
    let mut tally = Tally::default();
    state.rows::<BackupError>(table, Rows::All, |values| {
        tally.add(&values);
        Ok(())
    })?;
    let (written, found) = tally.end();
    if (rows, content) == (written, found) {
        return Ok(());
    }
    Err(BackupError::Differs { table: table.name.clone(), read: rows, written })
}

/// Rows on their way into a table.
struct Pages<'copy> {
    state: &'copy Copy,
    table: &'copy TableShape,
    page: Vec<Vec<Value>>,
}

impl<'copy> Pages<'copy> {
    fn new(state: &'copy Copy, table: &'copy TableShape) -> Self {
        Self { state, table, page: Vec::with_capacity(PAGE_ROWS) }
    }

    fn add(&mut self, values: Vec<Value>) -> Result<(), BackupError> {
        self.page.push(values);
        if self.page.len() >= PAGE_ROWS { self.flush() } else { Ok(()) }
    }

    fn end(mut self) -> Result<(), BackupError> {
        self.flush()
    }

    fn flush(&mut self) -> Result<(), BackupError> {
        self.state.insert(self.table, &self.page)?;
        self.page.clear();
        Ok(())
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Source").field("location", &self.location).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_without_room_is_told_apart_from_one_that_fails() {
        let at = Path::new("/backups/friday");
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let said = BackupError::io(at, kind.into()).to_string();
            assert_eq!(said, "there is no room for /backups/friday; nothing was kept");
        }
        let said = BackupError::io(at, io::ErrorKind::PermissionDenied.into()).to_string();
        assert_eq!(said, "/backups/friday cannot be used: permission denied");
    }
}
