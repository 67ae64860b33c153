//! Stored files: bytes under the SHA-256 of their content, in a local folder or an object store.
//!
//! A file is written and synced before the row that names it, so a row never names a missing file; what no row names any more
//! is deleted by housekeeping. It refuses names from outside: the name is the hash, so a path cannot be forged and the same
//! bytes are stored once.

mod cloud;

pub use cloud::{Cloud, CloudKind};

use crate::db::{DbError, Durability, Read};
use crate::scope::{INSTALLATION, RootId, SystemScope};
use crate::trace::{self, SpanKind};
use futures_util::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutPayload, path::Path as StorePath};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest, Sha256};
use slipway_kernel::{Id, Identified, Ts};
use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;
use thiserror::Error;
use tokio::sync::RwLock;

/// The SHA-256 of some bytes; 64 lower-case hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; 32]);

/// Why a text is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a hash has 64 characters of 0-9 and a-f")]
pub struct HashError;

impl Hash {
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Hash {
    type Err = HashError;
    fn from_str(text: &str) -> Result<Self, HashError> {
        if text.len() != 64 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(HashError);
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| HashError)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Why bytes could not be stored or fetched.
#[derive(Debug, Error)]
pub enum ObjectError {
    #[error("no file {0} is stored")]
    Missing(Hash),
    #[error("the stored file {0} was changed: its content has another hash")]
    Damaged(Hash),
    #[error("there is no room for another file")]
    Full,
    #[error("the object store failed: {0}")]
    Store(#[source] object_store::Error),
}

impl From<object_store::Error> for ObjectError {
    fn from(error: object_store::Error) -> Self {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(current) = cause {
            let kind = current.downcast_ref::<io::Error>().map(io::Error::kind);
            if matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)) {
                return Self::Full;
            }
            cause = current.source();
        }
        Self::Store(error)
    }
}

/// Where files are kept.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    /// Held for reading while a file is written and for writing while an orphan is looked at once more and deleted: a file that
    /// somebody stores anew at that moment either is seen to be young or comes back after the deletion.
    sweeping: Arc<RwLock<()>>,
}

/// Rows that name files, a page at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub hashes: Vec<Hash>,
    /// The last row's place, if there may be more rows.
    pub next: Option<Place>,
}

/// Where a page of rows begins: after the row with this root and this rest of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub root: RootId,
    pub row: Vec<u8>,
}

/// Lists the files that a table's rows name, in order of their keys; the scope's purpose is `Objects`, and the table must be
/// opened to it.
pub type ListNamed = fn(&Read<SystemScope>, after: &Place, limit: i64) -> Result<Named, DbError>;

impl Named {
    /// A page of rows, each with its place and the files it names.
    #[must_use]
    pub fn page(rows: Vec<(Place, Vec<Hash>)>, limit: i64) -> Self {
        let full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
        let next = rows.last().filter(|_| full).map(|(place, _)| place.clone());
        Self { hashes: rows.into_iter().flat_map(|(_, hashes)| hashes).collect(), next }
    }
}

impl Place {
    /// Before every row.
    #[must_use]
    pub const fn start() -> Self {
        Self { root: INSTALLATION, row: Vec::new() }
    }

    /// After the row whose key is these two ids.
    #[must_use]
    pub fn after<R: Identified, T: Identified>(root: Id<R>, row: Id<T>) -> Self {
        Self { root: RootId::from_bits(root.bits()), row: row.bits().to_be_bytes().to_vec() }
    }

    /// The rest of the key, where it is an id.
    #[must_use]
    pub fn id<T: Identified>(&self) -> Id<T> {
        Id::from_bits(self.row.as_slice().try_into().map_or(0, u128::from_be_bytes))
    }
}

impl Objects {
    /// A folder, made when it is missing. Each file and its folder entry are synced before a write is answered, unless durability
    /// is off.
    ///
    /// # Errors
    /// [`ObjectError::Store`] when the folder cannot be made.
    pub fn in_folder(folder: &Path, durability: Durability) -> Result<Self, ObjectError> {
        let failed = |source| object_store::Error::Generic { store: "folder", source };
        std::fs::create_dir_all(folder).map_err(|error| ObjectError::Store(failed(Box::new(error))))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(ObjectError::Store)?;
        for operation in ["put", "get", "delete"] {
            drop(metrics::histogram!("object_duration_seconds", "operation" => operation));
            metrics::counter!("object_failures_total", "operation" => operation).increment(0);
        }
        Ok(Self {
            store: Arc::new(store.with_fsync(durability != Durability::Off)),
            sweeping: Arc::default(),
        })
    }

    /// Keeps the bytes; when it returns they are on disk.
    ///
    /// # Errors
    /// [`ObjectError::Full`] or [`ObjectError::Store`]; nothing is kept then.
    pub async fn put(&self, bytes: Vec<u8>) -> Result<Hash, ObjectError> {
        let hash = Hash::of(&bytes);
        let _storing = self.sweeping.read().await;
        counted("put", async { Ok(self.store.put(&place(hash), PutPayload::from(bytes)).await?) }).await?;
        Ok(hash)
    }

    /// Fetches the bytes and checks them against their name.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn get(&self, hash: Hash) -> Result<bytes::Bytes, ObjectError> {
        let missing = |error| match error {
            object_store::Error::NotFound { .. } => ObjectError::Missing(hash),
            other => ObjectError::Store(other),
        };
        let fetch = async {
            self.store.get(&place(hash)).await.map_err(missing)?.bytes().await.map_err(ObjectError::Store)
        };
        let bytes = counted("get", fetch).await?;
        if Hash::of(&bytes) == hash { Ok(bytes) } else { Err(ObjectError::Damaged(hash)) }
    }

    /// Forgets the bytes; nothing happens when there are none.
    ///
    /// # Errors
    /// [`ObjectError::Store`].
    pub async fn delete(&self, hash: Hash) -> Result<(), ObjectError> {
        let delete = async {
            match self.store.delete(&place(hash)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(ObjectError::Store(error)),
            }
        };
        counted("delete", delete).await
    }

    /// Whether the store answers and lets this program in: it is asked for a list that is empty. Of a folder this says little, because one
    /// that is missing is an empty list as well.
    ///
    /// # Errors
    /// [`ObjectError::Store`] says why not.
    pub async fn ping(&self) -> Result<(), ObjectError> {
        // Listing needs the bucket and the right to read it, and finds nothing below a name that no hash begins with.
        let mut nothing = self.store.list(Some(&StorePath::from("ping")));
        nothing.try_next().await.map(drop).map_err(ObjectError::Store)
    }

    /// Every file stored before `before` whose hash begins with that byte.
    pub(crate) async fn list_older(&self, first_byte: u8, before: Ts) -> Result<Vec<Hash>, ObjectError> {
        let folder = StorePath::from(format!("{first_byte:02x}"));
        let files = self.store.list(Some(&folder));
        let old = files.try_filter_map(|file| async move {
            // What is not named by a hash is not ours to judge.
            let hash = file.location.filename().and_then(|name| name.parse::<Hash>().ok());
            Ok(hash.filter(|_| stored_at(&file) < before))
        });
        match old.try_collect().await {
            Ok(hashes) => Ok(hashes),
            Err(object_store::Error::NotFound { .. }) => Ok(Vec::new()),
            Err(error) => Err(ObjectError::Store(error)),
        }
    }

    /// Forgets a file unless somebody has stored it anew since `before`; tells whether it did.
    pub(crate) async fn delete_older(&self, hash: Hash, before: Ts) -> Result<bool, ObjectError> {
        let _alone = self.sweeping.write().await;
        match self.store.head(&place(hash)).await {
            Ok(file) if stored_at(&file) < before => {}
            Ok(_) | Err(object_store::Error::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(ObjectError::Store(error)),
        }
        self.delete(hash).await?;
        Ok(true)
    }
}

fn stored_at(file: &ObjectMeta) -> Ts {
    Ts::from_micros(file.last_modified.timestamp_micros())
}

/// Two levels of folders keep any one of them small.
fn place(hash: Hash) -> StorePath {
    let text = hash.to_string();
    StorePath::from_iter([&text[..2], &text[2..4], &text])
}

impl fmt::Debug for Objects {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Objects({})", self.store)
    }
}
/// Counts how long an operation took, and whether it failed; that there is no such file is no failure of the store.
async fn counted<T>(
    operation: &'static str,
    work: impl Future<Output = Result<T, ObjectError>>,
) -> Result<T, ObjectError> {
    let began = Instant::now();
    let result = work.await;
    metrics::histogram!("object_duration_seconds", "operation" => operation)
        .record(began.elapsed().as_secs_f64());
    if let Some(active) = trace::current() {
        let name = match operation {
            "put" => "files put",
            "get" => "files get",
            _ => "files delete",
        };
        active.tell(name, SpanKind::Client, (began, Instant::now()), result.is_err());
    }
    if matches!(result, Err(ObjectError::Full | ObjectError::Store(_))) {
        metrics::counter!("object_failures_total", "operation" => operation).increment(1);
    }
    result
}
