//! All SQL of signing keys. There is deliberately no statement that changes or replaces a key.

use super::Sealed;
use crate::scope::OfApp;
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::scope::{AppScope, LaunchScope};
use slipway_framework::{params, statements};
use slipway_kernel::Ts;
use std::fmt;

statements! {
    INSERT = "INSERT INTO signing_keys (app, sealed, certificate, created_at) VALUES ($1, $2, $3, $4)";
    FIND = "SELECT sealed, certificate, created_at, play_fingerprint FROM signing_keys WHERE app = $1";
    SET_PLAY_FINGERPRINT = "UPDATE signing_keys SET play_fingerprint = $2 WHERE app = $1";
    ERASE = "DELETE FROM signing_keys WHERE app = $1";
}

/// A key as stored.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct KeyRecord {
    pub(crate) sealed: Vec<u8>,
    /// DER.
    pub(crate) certificate: Vec<u8>,
    pub(crate) created_at: Ts,
    pub(crate) play_fingerprint: Option<String>,
}

impl fmt::Debug for KeyRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeyRecord").field("created_at", &self.created_at).finish_non_exhaustive()
    }
}

pub(super) fn insert(tx: &mut Tx<LaunchScope>, key: &Sealed) -> Result<(), DbError> {
    let (app, now) = (tx.app(), tx.now());
    tx.execute(&INSERT, params![app, key.sealed.clone(), key.certificate.clone(), now])?;
    Ok(())
}

pub(crate) fn find<S: OfApp>(read: &Read<S>) -> Result<Option<KeyRecord>, DbError> {
    read.one(&FIND, params![read.scope().app_id()], |row| {
        Ok(KeyRecord {
            sealed: row.get(0)?,
            certificate: row.get(1)?,
            created_at: row.get(2)?,
            play_fingerprint: row.get(3)?,
        })
    })
}

pub(super) fn set_play_fingerprint(tx: &mut Tx<AppScope>, fingerprint: &str) -> Result<(), DbError> {
    let app = tx.app();
    tx.execute(&SET_PLAY_FINGERPRINT, params![app, fingerprint])?;
    Ok(())
}

/// An app has one row at most.
pub(crate) fn erase(tx: &mut Tx<AppScope>, _at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE, params![app])
}
