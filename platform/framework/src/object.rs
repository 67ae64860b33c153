//! Stored files: bytes under the SHA-256 of their content, in a local folder or an object store.
//!
//! A file is written and synced before the row that names it, so a row never names a missing file. It refuses names from
//! outside: the name is the hash, so a path cannot be forged and the same bytes are stored once.

use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, path::Path as StorePath};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use thiserror::Error;

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
    #[error("the object store failed: {0}")]
    Store(#[source] object_store::Error),
}

/// Where files are kept.
#[derive(Clone)]
pub struct Objects(Arc<dyn ObjectStore>);

impl Objects {
    /// A folder, made when it is missing. Each file and its folder entry are synced before a write is answered.
    ///
    /// # Errors
    /// [`ObjectError::Store`] when the folder cannot be made.
    pub fn in_folder(folder: &Path) -> Result<Self, ObjectError> {
        let failed = |source| object_store::Error::Generic { store: "folder", source };
        std::fs::create_dir_all(folder).map_err(|error| ObjectError::Store(failed(Box::new(error))))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(ObjectError::Store)?;
        Ok(Self(Arc::new(store.with_fsync(true))))
    }

    /// Keeps the bytes; when it returns they are on disk.
    ///
    /// # Errors
    /// [`ObjectError::Store`].
    pub async fn put(&self, bytes: Vec<u8>) -> Result<Hash, ObjectError> {
        let hash = Hash::of(&bytes);
        self.0.put(&place(hash), PutPayload::from(bytes)).await.map_err(ObjectError::Store)?;
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
        let bytes =
            self.0.get(&place(hash)).await.map_err(missing)?.bytes().await.map_err(ObjectError::Store)?;
        if Hash::of(&bytes) == hash { Ok(bytes) } else { Err(ObjectError::Damaged(hash)) }
    }

    /// Forgets the bytes; nothing happens when there are none.
    ///
    /// # Errors
    /// [`ObjectError::Store`].
    pub async fn delete(&self, hash: Hash) -> Result<(), ObjectError> {
        match self.0.delete(&place(hash)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(ObjectError::Store(error)),
        }
    }
}

/// Two levels of folders keep any one of them small.
fn place(hash: Hash) -> StorePath {
    let text = hash.to_string();
    StorePath::from_iter([&text[..2], &text[2..4], &text])
}

impl fmt::Debug for Objects {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Objects({})", self.0)
    }
}
