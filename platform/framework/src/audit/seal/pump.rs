//! The sealer: links what was committed to the end of its root's chain, a batch at a time.
//!
//! A batch is read and hashed without any lock, and then written under the census's row lock if nobody has sealed since: who was
//! overtaken throws its batch away. So sealers of any number of processes make one dense chain, and one that is killed, at
//! whatever moment, leaves nothing to be taken over. What is looked for is the missing seal, never "after the last id":
//! a transaction that commits late is sealed late. It refuses to go on from an end that this installation did not sign, because a
//! new signature would cover up what was done to it.

use super::store::{self, Counted, End, Unsealed};
use super::{BEGINNING, Census, Checkpoint, Link, Signed, link};
use crate::audit::EntryMarker;
use crate::db::{Db, DbError};
use crate::keys::{KeyPurpose, PublicKey, Signer};
use crate::platform::Platform;
use crate::scope::{Actor, Cause, Purpose, RootId, SystemScope};
use slipway_kernel::{Id, RequestId, Ts};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

/// Entries sealed in one go: some milliseconds of the writer.
const BATCH: i64 = 500;
/// How often the sealer looks: with what sealing takes, well within a second of each commit.
const IDLE: Duration = Duration::from_millis(250);
/// How long it goes on before it looks again for entries that committed behind it.
const PASS: Duration = Duration::from_millis(250);
/// The longest rest after failures, which begins with [`IDLE`] and doubles.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// How long the last round may take when the process stops; what is left is sealed when one starts again.
const LAST_ROUND: Duration = Duration::from_secs(2);

/// Seals the entries of one installation.
#[derive(Debug, Clone)]
pub struct Sealer {
    db: Db,
    signer: Arc<Signer>,
}

/// Entries with their links, ready to be written.
#[derive(Debug)]
pub struct Batch {
    /// The turn it was read in; in any later one it is void.
    turn: i64,
    links: Vec<(RootId, Id<EntryMarker>, i64, Link)>,
    checkpoints: Vec<Signed<Checkpoint>>,
    census: Option<Signed<Census>>,
    /// Where the next batch begins.
    last: Id<EntryMarker>,
    is_full: bool,
    /// Chains that are not gone on with.
    broken: BTreeSet<RootId>,
    /// How long the oldest of them has been waiting.
    lag: Duration,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// So many entries are sealed.
    Sealed(usize),
    /// Another sealer has sealed meanwhile; nothing was written.
    Overtaken,
}

/// Why nothing is sealed.
#[derive(Debug, Error)]
pub enum SealError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("hashing a batch panicked")]
    Panicked,
    #[error(
        "the census of the audit trail was not left there by this installation's sealer, and signing it again would cover that up; \
         look with `slipway audit verify`"
    )]
    Census,
}

/// A pass over everything that is unsealed.
struct Pass {
    sealed: u64,
    /// Whether there may be more to seal at once.
    more: bool,
    /// Whether another sealer is at work, who is better waited for than raced.
    overtaken: bool,
    broken: BTreeSet<RootId>,
}

impl Sealer {
    #[must_use]
    pub fn new(platform: &Platform) -> Self {
        let signer = Arc::new(platform.keys().signer(KeyPurpose::AuditSeals));
        Self { db: platform.db().clone(), signer }
    }

    /// What seals can be checked with, without the secret.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.signer.public_key()
    }

    /// Reads the oldest unsealed entries after `after` and links them. Nothing is kept, and nobody is kept waiting.
    ///
    /// # Errors
    /// [`SealError`].
    pub async fn prepare(&self, after: Id<EntryMarker>) -> Result<Batch, SealError> {
        let read = self.db.read(&scope(), move |read| {
            let counted = store::find_census(read)?;
            Ok::<_, DbError>((counted, store::list_unsealed(read, after, BATCH)?, read.now()))
        });
        let (counted, unsealed, now) = read.await?;
        let signer = self.signer.clone();
        // Hashes and signatures of hundreds of entries would keep other tasks waiting.
        let linking = tokio::task::spawn_blocking(move || batch(&signer, &counted, after, unsealed, now));
        linking.await.map_err(|_| SealError::Panicked)?
    }

    /// Writes the links, unless another sealer came first.
    ///
    /// # Errors
    /// [`SealError`], and then nothing was written.
    pub async fn seal(&self, batch: Batch) -> Result<Outcome, SealError> {
        let Some(census) = batch.census else { return Ok(Outcome::Sealed(0)) };
        let (count, signer) = (batch.links.len(), self.public_key());
        let written = self.db.write(&scope(), move |tx| {
            if store::lock_census(tx)? != Some(batch.turn) {
                return Ok::<_, DbError>(Outcome::Overtaken);
            }
            store::seal(tx, &batch.links)?;
            store::move_checkpoints(tx, census.says.sealed_at, signer, &batch.checkpoints)?;
            store::move_census(tx, &census)?;
            Ok(Outcome::Sealed(count))
        });
        Ok(written.await?)
    }

    /// Seals until nothing is left that can be sealed, and returns how much it was. For tests and tools.
    ///
    /// # Errors
    /// [`SealError`].
    pub async fn drain(&self) -> Result<u64, SealError> {
        let mut sealed = 0;
        loop {
            let pass = self.pass().await?;
            sealed += pass.sealed;
            if !pass.more && !pass.overtaken {
                return Ok(sealed);
            }
        }
    }

    /// How long the oldest unsealed entry has been waiting.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn lag(&self) -> Result<Duration, DbError> {
        let waiting = self.db.read(&scope(), |read| {
            let oldest = store::list_unsealed(read, Id::from_bits(0), 1)?;
            let written = oldest.first().and_then(|oldest| Some(oldest.columns.as_ref()?.created_at));
            Ok(written.map_or(Duration::ZERO, |written| read.now().since(written)))
        });
        waiting.await
    }

    /// Seals whatever is committed, until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let (mut pause, mut told) = (IDLE, BTreeSet::new());
        while !stop.is_cancelled() {
            let more = match self.pass().await {
                Ok(pass) => {
                    pause = IDLE;
                    for root in pass.broken.difference(&told) {
                        tracing::error!(%root, "the end of this chain of audit entries was not left there by this installation's sealer, so nothing is sealed onto it; look with `slipway audit verify`");
                    }
                    told = pass.broken;
                    pass.more
                }
                Err(error) => {
                    tracing::error!(%error, "audit entries cannot be sealed");
                    metrics::counter!("audit_seal_failures_total").increment(1);
                    pause = (pause * 2).min(MAX_PAUSE);
                    false
                }
            };
            if !more && stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
        }
    }

    /// Seals what the last requests left, when everything else has ended.
    pub async fn finish(&self) {
        match tokio::time::timeout(LAST_ROUND, self.drain()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "the last audit entries could not be sealed"),
            Err(_) => tracing::info!("audit entries are left to be sealed at the next start"),
        }
    }

    async fn pass(&self) -> Result<Pass, SealError> {
        let started = Instant::now();
        let mut pass = Pass { sealed: 0, more: false, overtaken: false, broken: BTreeSet::new() };
        let mut after = Id::from_bits(0);
        let mut is_first = true;
        loop {
            let mut batch = self.prepare(after).await?;
            if std::mem::take(&mut is_first) {
                metrics::gauge!("audit_seal_lag_seconds").set(batch.lag.as_secs_f64());
            }
            let is_full = batch.is_full;
            after = batch.last;
            pass.broken.append(&mut batch.broken);
            match self.seal(batch).await? {
                Outcome::Sealed(count) => {
                    let count = count as u64;
                    metrics::counter!("audit_sealed_total").increment(count);
                    pass.sealed += count;
                }
                Outcome::Overtaken => {
                    pass.overtaken = true;
                    break;
                }
            }
            if !is_full {
                break;
            }
            if started.elapsed() > PASS {
                pass.more = pass.sealed > 0;
                break;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 chains")]
        metrics::gauge!("audit_chains_broken").set(pass.broken.len() as f64);
        Ok(pass)
    }
}

/// Links entries to the ends of their chains and signs the new ends.
fn batch(
    signer: &Signer,
    counted: &Counted,
    after: Id<EntryMarker>,
    unsealed: Vec<Unsealed>,
    now: Ts,
) -> Result<Batch, SealError> {
    let key = signer.public_key();
    let before = match counted {
        Counted::Nothing => Census { turn: 0, chains: 0, entries: 0, sealed_at: now },
        Counted::Signed(census) if census.is_by(key) => census.says,
        Counted::Signed(_) | Counted::Broken => return Err(SealError::Census),
    };
    let mut batch = Batch {
        turn: before.turn,
        links: Vec::with_capacity(unsealed.len()),
        checkpoints: Vec::new(),
        census: None,
        last: unsealed.last().map_or(after, |last| last.entry),
        is_full: i64::try_from(unsealed.len()).is_ok_and(|count| count >= BATCH),
        broken: BTreeSet::new(),
        lag: Duration::ZERO,
    };
    let mut ends: BTreeMap<RootId, Option<Checkpoint>> = BTreeMap::new();
    let mut begun = 0;
    for Unsealed { entry, columns, end } in unsealed {
        // What cannot be read cannot be sealed; `verify` names it.
        let Some(columns) = columns else { continue };
        let root = columns.root;
        batch.lag = batch.lag.max(now.since(columns.created_at));
        let end = ends.entry(root).or_insert_with(|| match end {
            End::New => {
                begun += 1;
                Some(Checkpoint { root, sequence: 0, hash: BEGINNING, sealed_at: now })
            }
            End::Signed(signed) if signed.is_by(key) && signed.says.root == root => Some(signed.says),
            End::Signed(_) | End::Broken => None,
        });
        let Some(end) = end else {
            batch.broken.insert(root);
            continue;
        };
        let sequence = end.sequence + 1;
        let Ok(hash) = link(&end.hash, sequence, &columns) else { continue };
        *end = Checkpoint { root, sequence, hash, sealed_at: now };
        batch.links.push((root, entry, sequence, hash));
    }
    // A chain whose every entry was passed over has not begun.
    let ends: Vec<_> = ends.into_values().flatten().collect();
    begun -= ends.iter().filter(|end| end.sequence == 0).count();
    let moved: BTreeSet<RootId> = batch.links.iter().map(|(root, ..)| *root).collect();
    let moved = ends.iter().filter(|end| moved.contains(&end.root));
    batch.checkpoints = moved.map(|end| Signed::new(*end, signer)).collect();
    if !batch.links.is_empty() {
        let grown = |count: i64, by: usize| count.saturating_add(i64::try_from(by).unwrap_or(i64::MAX));
        let census = Census {
            turn: before.turn + 1,
            chains: grown(before.chains, begun),
            entries: grown(before.entries, batch.links.len()),
            sealed_at: now,
        };
        batch.census = Some(Signed::new(census, signer));
    }
    Ok(batch)
}

pub(in crate::audit) fn scope() -> SystemScope {
    SystemScope::new(Purpose::Audit, Cause { actor: Actor::Platform, request: RequestId::from_bits(0) })
}
