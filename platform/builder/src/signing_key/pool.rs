//! A few keys made ahead of time, because making one takes longer than launching an app.
//!
//! Keys in it belong to nobody and exist in memory only. It refuses to be waited for: when it is empty, a key is made on the spot.

use super::{SigningKey, SigningKeyError};
use slipway_framework::platform::Platform;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The pool of this process.
#[derive(Debug, Default)]
struct Pool(Mutex<Option<Receiver<SigningKey>>>);

/// Starts a thread that keeps `count` keys ready, until the platform is gone. The server calls it once; without it each launch makes
/// its own key.
pub fn keep_keys_ready(platform: &Platform, count: usize) {
    let pool = platform.db().local::<Pool>();
    let (ready, taken) = sync_channel(count);
    let work = move || {
        loop {
            match SigningKey::make() {
                Ok(key) => {
                    // Nobody is left to take one.
                    if ready.send(key).is_err() {
                        return;
                    }
                }
                Err(error) => tracing::error!(%error, "a signing key could not be made ahead of time"),
            }
        }
    };
    let started = thread::Builder::new().name("signing keys".to_owned()).spawn(work);
    match started {
        Ok(_) => *pool.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken),
        Err(error) => tracing::error!(%error, "signing keys will be made when they are needed"),
    }
}

/// A key that nobody else has.
pub(crate) async fn take(platform: &Platform) -> Result<SigningKey, SigningKeyError> {
    let pool = platform.db().local::<Pool>();
    let ready = {
        let keys = pool.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.as_ref().and_then(|keys| keys.try_recv().ok())
    };
    match ready {
        Some(key) => Ok(key),
        None => {
            let made = tokio::task::spawn_blocking(SigningKey::make).await;
            made.unwrap_or_else(|_| Err(SigningKeyError::Make("the thread panicked".to_owned())))
        }
    }
}
