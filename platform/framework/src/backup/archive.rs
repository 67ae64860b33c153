//! The archive: a folder with a manifest, one file of lines for each table, and the stored files under their hashes.
//!
//! It grows under another name and gets its own at the very end, so that what bears the name is whole. Every file is in the manifest
//! with its SHA-256, and the manifest's own stands beside it in the form that `sha256sum --check` reads.

use super::{BackupError, row};
use crate::db::Value;
use crate::db::copy::TableShape;
use crate::object::Hash;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use slipway_kernel::Ts;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Which form an archive has; a program refuses those it does not know.
pub(super) const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const MANIFEST_HASH: &str = "manifest.sha256";
/// While the archive grows it is locked, so that a second process neither joins in nor throws it away.
const LOCK: &str = "lock";
/// A line longer than this is no row of ours, and is not read into memory.
const MAX_LINE_BYTES: u64 = 64 << 20;

/// What an archive holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    pub made_at: Ts,
    /// The version of the program that made it.
    pub program: String,
    /// `sqlite` or `postgres`; a restore may be into the other one.
    pub engine: String,
    /// What the installation's secret is recognised by.
    pub secret: String,
    /// The schema: every migration that had run.
    pub steps: Vec<Step>,
    pub tables: BTreeMap<String, Content>,
    /// Every stored file that a row names.
    pub objects: Vec<Hash>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub module: String,
    pub number: u32,
    pub name: String,
    /// SHA-256 of its SQL.
    pub checksum: Hash,
}

/// What of a table is in an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    pub rows: u64,
    /// SHA-256 of what the rows say: the same on both engines.
    pub content: Hash,
    /// SHA-256 of the file.
    pub file: Hash,
}

/// Counts rows and hashes what they say.
#[derive(Default)]
pub(super) struct Tally {
    rows: u64,
    content: Sha256,
    scratch: Vec<u8>,
}

impl Tally {
    pub(super) fn add(&mut self, values: &[Value]) {
        self.scratch.clear();
        row::push(values, &mut self.scratch);
        self.content.update(&self.scratch);
        self.rows += 1;
    }

    pub(super) fn end(self) -> (u64, Hash) {
        (self.rows, Hash::from_bytes(self.content.finalize().into()))
    }
}

/// An archive that grows.
pub(super) struct Growing {
    target: PathBuf,
    partial: PathBuf,
    _lock: File,
    is_done: bool,
}

impl Growing {
    /// `folders` are made in it.
    pub(super) fn begin(target: &Path, folders: &[&str]) -> Result<Self, BackupError> {
        if target.exists() {
            return Err(BackupError::Exists(target.to_owned()));
        }
        let mut name = target.file_name().ok_or_else(|| BackupError::Exists(target.to_owned()))?.to_owned();
        name.push(".partial");
        let partial = target.with_file_name(name);
        fs::create_dir_all(&partial).map_err(|error| BackupError::io(&partial, error))?;
        let path = partial.join(LOCK);
        let lock = File::create(&path).map_err(|error| BackupError::io(&path, error))?;
        if lock.try_lock().is_err() {
            return Err(BackupError::InUse(partial));
        }
        // What an earlier process left when it was killed.
        clear(&partial, &[LOCK])?;
        private(&partial)?;
        let growing = Self { target: target.to_owned(), partial, _lock: lock, is_done: false };
        for folder in folders {
            let path = growing.partial.join(folder);
            fs::create_dir(&path).map_err(|error| BackupError::io(&path, error))?;
        }
        Ok(growing)
    }

    pub(super) fn table(&self, table: &str) -> Result<TableFile, BackupError> {
        let path = self.partial.join(table_path(table));
        let file = File::create(&path).map_err(|error| BackupError::io(&path, error))?;
        let (tally, hash) = (Tally::default(), Sha256::new());
        Ok(TableFile { path, file: BufWriter::new(file), tally, hash })
    }

    pub(super) fn has_object(&self, hash: Hash) -> bool {
        self.partial.join(object_path(hash)).exists()
    }

    pub(super) fn object(&self, hash: Hash, bytes: &[u8]) -> Result<(), BackupError> {
        let path = self.partial.join(object_path(hash));
        let failed = |error| BackupError::io(&path, error);
        fs::create_dir_all(path.parent().expect("an object's path has a folder")).map_err(failed)?;
        let mut file = File::create(&path).map_err(failed)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
    }

    /// Takes out what only a row of an earlier state named.
    pub(super) fn forget_object(&self, hash: Hash) -> Result<(), BackupError> {
        let path = self.partial.join(object_path(hash));
        fs::remove_file(&path).map_err(|error| BackupError::io(&path, error))
    }

    /// Writes the manifest and gives the archive its name.
    pub(super) fn finish(self, manifest: &Manifest) -> Result<(), BackupError> {
        let mut text = serde_json::to_string_pretty(manifest).expect("a manifest can be written as JSON");
        text.push('\n');
        let hash = format!("{}  {MANIFEST}\n", Hash::of(text.as_bytes()));
        for (name, text) in [(MANIFEST, text), (MANIFEST_HASH, hash)] {
            let path = self.partial.join(name);
            let failed = |error| BackupError::io(&path, error);
            let mut file = File::create(&path).map_err(failed)?;
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        }
        self.name_it()
    }

    pub(super) fn folder(&self) -> &Path {
        &self.partial
    }

    /// Syncs what is in the folder and gives it its name.
    pub(super) fn name_it(mut self) -> Result<(), BackupError> {
        let lock = self.partial.join(LOCK);
        fs::remove_file(&lock).map_err(|error| BackupError::io(&lock, error))?;
        sync_folders(&self.partial)?;
        fs::rename(&self.partial, &self.target).map_err(|error| BackupError::io(&self.target, error))?;
        self.is_done = true;
        sync_parent(&self.target)
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        if !self.is_done {
            // What stays is thrown away by the next backup of that name, and nobody takes it for whole.
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

/// A table's file that grows.
pub(super) struct TableFile {
    path: PathBuf,
    file: BufWriter<File>,
    tally: Tally,
    hash: Sha256,
}

impl TableFile {
    pub(super) fn add(&mut self, values: &[Value]) -> Result<(), BackupError> {
        let mut line = row::line(values);
        line.push('\n');
        self.tally.add(values);
        self.hash.update(&line);
        self.file.write_all(line.as_bytes()).map_err(|error| BackupError::io(&self.path, error))
    }

    pub(super) fn end(self) -> Result<Content, BackupError> {
        let failed = |error| BackupError::io(&self.path, error);
        let file = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        let (rows, content) = self.tally.end();
        Ok(Content { rows, content, file: Hash::from_bytes(self.hash.finalize().into()) })
    }
}

/// An archive that is there.
pub struct Archive {
    folder: PathBuf,
    pub(super) manifest: Manifest,
}

impl Archive {
    /// Opens an archive and checks its manifest, and nothing else yet.
    ///
    /// # Errors
    /// [`BackupError`] says what is wrong with it.
    pub fn open(folder: &Path) -> Result<Self, BackupError> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => BackupError::NoArchive(folder.to_owned()),
                std::io::ErrorKind::InvalidData => BackupError::damaged(name, "it is no text"),
                _ => BackupError::io(&path, error),
            })
        };
        let (text, hash) = (read(MANIFEST)?, read(MANIFEST_HASH)?);
        if hash != format!("{}  {MANIFEST}\n", Hash::of(text.as_bytes())) {
            return Err(BackupError::damaged(MANIFEST, "it is not what manifest.sha256 says"));
        }
        let manifest: Manifest = serde_json::from_str(&text).map_err(|error| {
            // Of a later form not even the words are known.
            let form: Option<u64> = serde_json::from_str::<serde_json::Value>(&text)
                .ok()
                .and_then(|value| value["format"].as_u64());
            match form {
                Some(form) if form != u64::from(FORMAT) => BackupError::Format(form),
                _ => BackupError::damaged(MANIFEST, &error.to_string()),
            }
        })?;
        if manifest.format != FORMAT {
            return Err(BackupError::Format(manifest.format.into()));
        }
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads every file and compares it with the manifest. All that is wrong is told at once.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] names each file.
    pub fn verify(&self) -> Result<(), BackupError> {
        let mut faults = Vec::new();
        let tables = self.manifest.tables.iter().map(|(name, content)| (table_path(name), content.file));
        let objects = self.manifest.objects.iter().map(|hash| (object_path(*hash), *hash));
        for (path, expected) in tables.chain(objects) {
            match hash_file(&self.folder.join(&path)) {
                Ok(found) if found == expected => {}
                Ok(_) => faults.push(format!("{}: was changed or cut off", path.display())),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    faults.push(format!("{}: is missing", path.display()));
                }
                Err(error) => faults.push(format!("{}: cannot be read: {error}", path.display())),
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(BackupError::Damaged(faults)) }
    }

    /// Hands out a table's rows in the order they were written.
    pub(super) fn rows(
        &self,
        table: &TableShape,
        mut each: impl FnMut(Vec<Value>) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let name = table_path(&table.name);
        let path = self.folder.join(&name);
        let failed = |error| BackupError::io(&path, error);
        let mut reader = BufReader::new(File::open(&path).map_err(failed)?);
        let mut line = String::new();
        loop {
            line.clear();
            if (&mut reader).take(MAX_LINE_BYTES).read_line(&mut line).map_err(failed)? == 0 {
                return Ok(());
            }
            let values = line.strip_suffix('\n').and_then(|line| row::read(line, table));
            let wrong =
                || BackupError::damaged(&name.display().to_string(), "a line is no row of this table");
            each(values.ok_or_else(wrong)?)?;
        }
    }

    pub(super) fn object(&self, hash: Hash) -> Result<Vec<u8>, BackupError> {
        let name = object_path(hash);
        let path = self.folder.join(&name);
        let bytes = fs::read(&path).map_err(|error| BackupError::io(&path, error))?;
        if Hash::of(&bytes) == hash {
            return Ok(bytes);
        }
        Err(BackupError::damaged(&name.display().to_string(), "was changed or cut off"))
    }
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Archive({})", self.folder.display())
    }
}

fn table_path(table: &str) -> PathBuf {
    Path::new("tables").join(format!("{table}.jsonl"))
}

fn object_path(hash: Hash) -> PathBuf {
    let text = hash.to_string();
    Path::new("objects").join(&text[..2]).join(text)
}

fn hash_file(path: &Path) -> std::io::Result<Hash> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Hash::from_bytes(hash.finalize().into())),
            count => hash.update(&buffer[..count]),
        }
    }
}

/// Empties a folder but for the files of these names.
pub(super) fn clear(folder: &Path, kept: &[&str]) -> Result<(), BackupError> {
    for entry in fs::read_dir(folder).map_err(|error| BackupError::io(folder, error))? {
        let entry = entry.map_err(|error| BackupError::io(folder, error))?;
        if kept.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let path = entry.path();
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|error| BackupError::io(&path, error))?;
    }
    Ok(())
}

/// An archive holds everybody's data, so nobody but this user may look into it.
fn private(folder: &Path) -> Result<(), BackupError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let only_me = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder, only_me).map_err(|error| BackupError::io(folder, error))?;
    }
    Ok(())
}

/// A file's name is on the disk when its folder is.
fn sync_folders(folder: &Path) -> Result<(), BackupError> {
    let failed = |error| BackupError::io(folder, error);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            sync_folders(&path)?;
        }
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

pub(super) fn sync_parent(path: &Path) -> Result<(), BackupError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(|error| BackupError::io(parent, error))
}
