//! Writes that a client may send twice: the reply is stored with the write and given again.
//!
//! The claim on the key is the first row the transaction writes, so a concurrent twin waits for it and then finds
//! either the stored reply or, after a rollback, a free key.

use super::{Db, DbError};
use crate::scope::Rooted;
use crate::{params, statements};
use serde::Serialize;
use thiserror::Error;

statements! {
    CLAIM = "INSERT INTO idempotency_keys (root, actor, idempotency_key, request_hash, status, body, created_at)
        VALUES ($1, $2, $3, $4, 0, '', $5) ON CONFLICT (root, actor, idempotency_key) DO NOTHING";
    FIND = "SELECT request_hash, status, body FROM idempotency_keys WHERE root = $1 AND actor = $2 AND idempotency_key = $3";
    KEEP = "UPDATE idempotency_keys SET status = $4, body = $5 WHERE root = $1 AND actor = $2 AND idempotency_key = $3";
}

/// A client's name for one attempt to do something: 1 to 80 visible ASCII characters (IETF draft
/// "The Idempotency-Key HTTP Header Field").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=80).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }
}

/// A reply as it was, or will be, stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub status: u16,
    /// JSON.
    pub body: String,
    /// Whether this is the answer of an earlier request.
    pub replayed: bool,
}

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this idempotency key was used for a different request; send a new key with a new request")]
pub struct OnceError;

impl Db {
    /// Writes once per key: the same key with the same request hash is answered from store, another hash is refused.
    ///
    /// # Errors
    /// What the closure returned, [`OnceError`] or a [`DbError`], made into `E`. After an error the key is free again.
    pub fn write_once<S, W, E, F>(
        &self,
        scope: &S,
        key: IdempotencyKey,
        request_hash: [u8; 32],
        mut closure: F,
    ) -> impl Future<Output = Result<Stored, E>> + Send + use<S, W, E, F>
    where
        S: Rooted,
        W: Serialize,
        E: From<DbError> + From<OnceError> + Send + 'static,
        F: FnMut(&mut super::Tx<S>) -> Result<(u16, W), E> + Send + 'static,
    {
        self.write(scope, move |tx| {
            let root = tx.scope().reach().payer();
            let actor = tx.scope().cause().actor.to_string();
            let key = key.0.as_str();
            let now = tx.now();
            let claimed = tx.execute(&CLAIM, params![root, &actor, key, request_hash, now])? == 1;
            if !claimed {
                let stored = tx.one(&FIND, params![root, &actor, key], |row| {
                    Ok((row.get::<[u8; 32]>(0)?, row.get::<u32>(1)?, row.get(2)?))
                })?;
                let (hash, status, body) = stored.ok_or(DbError::Collision)?;
                if hash != request_hash {
                    return Err(OnceError.into());
                }
                let status = u16::try_from(status)
                    .map_err(|_| DbError::Broken("a stored status is no status".to_owned()))?;
                return Ok(Stored { status, body, replayed: true });
            }
            let (status, wire) = closure(tx)?;
            let body = serde_json::to_string(&wire)
                .map_err(|error| DbError::Broken(format!("a reply is no JSON: {error}")))?;
            tx.execute(&KEEP, params![root, &actor, key, u32::from(status), &body])?;
            Ok(Stored { status, body, replayed: false })
        })
    }
}
