//! Looks whether every seal holds, with nothing but the rows and a public key.
//!
//! It refuses to mend anything, and to stop at the first fault: each one is named with its place.

mod finding;
mod store;
mod walk;

pub use finding::{Fault, Finding};

use super::EntryMarker;
use super::seal::pump::scope;
use super::seal::store::{Counted, find_census};
use crate::db::{Db, DbError, EngineKind};
use crate::keys::PublicKey;
use crate::scope::RootId;
use slipway_kernel::Id;
use walk::Walk;

type EntryId = Id<EntryMarker>;

/// Entries read in one go.
const PAGE: i64 = 500;

/// What was looked at, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    pub chains: u64,
    /// Entries with a seal.
    pub sealed: u64,
    /// Entries that wait for theirs; nothing can be said of them yet.
    pub unsealed: u64,
    pub findings: Vec<Finding>,
}

impl Verification {
    /// The key that signed everything there is, if it is one and not the one that was asked for: then the key is wrong, and
    /// nothing was done to the trail.
    #[must_use]
    pub fn other_signer(&self) -> Option<PublicKey> {
        let mut signers = self.findings.iter().map(|finding| match finding.fault {
            Fault::OtherSigner(key) | Fault::OtherCensusSigner(key) => Some(key),
            _ => None,
        });
        let first = signers.next()??;
        let chains = self.findings.iter().filter(|finding| matches!(finding.fault, Fault::OtherSigner(_)));
        let is_all = chains.count() as u64 == self.chains && signers.all(|other| other == Some(first));
        is_all.then_some(first)
    }
}

/// Verifies the chain of one root, or all of them with the census. It may run while entries are written and sealed.
///
/// # Errors
/// [`DbError`] when the trail cannot be read.
pub async fn verify(db: &Db, key: PublicKey, only: Option<RootId>) -> Result<Verification, DbError> {
    let mut verification = Verification::default();
    let mut from = only.unwrap_or(RootId::from_bits(0));
    loop {
        let root = db.read(&scope(), move |read| store::next_root(read, from)).await?;
        let Some(root) = root.filter(|root| only.is_none_or(|only| only == *root)) else { break };
        verify_chain(db, key, root, &mut verification).await?;
        let Some(next) = root.bits().checked_add(1).filter(|_| only.is_none()) else { break };
        from = RootId::from_bits(next);
    }
    if only.is_none() {
        verification.findings.extend(verify_census(db, key).await?);
    }
    let unsealed: i64 = db.read(&scope(), move |read| store::count_unsealed(read, only)).await?;
    verification.unsealed = u64::try_from(unsealed).unwrap_or(0);
    Ok(verification)
}

async fn verify_chain(
    db: &Db,
    key: PublicKey,
    root: RootId,
    verification: &mut Verification,
) -> Result<(), DbError> {
    let mut walk = Walk::new(root, db.engine() == EngineKind::Sqlite);
    let mut after = (i64::MIN, EntryId::from_bits(0));
    let mut sealed = 0;
    loop {
        // Both in one state of the database: a sealer may be moving the end on.
        let read = db.read(&scope(), move |read| {
            let page = store::list_sealed(read, root, after, PAGE)?;
            Ok::<_, DbError>((page, store::find_checkpoint(read, root)?))
        });
        let (page, checkpoint) = read.await?;
        let is_full = i64::try_from(page.len()).is_ok_and(|count| count >= PAGE);
        sealed += page.len() as u64;
        if let Some(last) = page.last() {
            after = (last.sequence, last.entry);
        }
        // Hashing a page would keep other tasks waiting.
        let stepping = tokio::task::spawn_blocking(move || {
            let end = checkpoint.end();
            page.into_iter().for_each(|sealed| walk.step(sealed, end));
            (walk, checkpoint)
        });
        let (stepped, checkpoint) =
            stepping.await.map_err(|_| DbError::Panicked("verifying a page".to_owned()))?;
        walk = stepped;
        if !is_full {
            let has_chain = sealed > 0 || !matches!(checkpoint, store::Found::Nothing);
            verification.chains += u64::from(has_chain);
            verification.sealed += sealed;
            verification.findings.extend(walk.finish(&checkpoint, key));
            return Ok(());
        }
    }
}

async fn verify_census(db: &Db, key: PublicKey) -> Result<Vec<Finding>, DbError> {
    let read = db.read(&scope(), |read| Ok::<_, DbError>((find_census(read)?, store::count_chains(read)?)));
    let (counted, (chains, entries)) = read.await?;
    let mut faults = Vec::new();
    match counted {
        Counted::Nothing => {}
        Counted::Signed(census) if census.is_whole() => {
            if census.signer != key {
                faults.push(Fault::OtherCensusSigner(census.signer));
            }
            if (census.says.chains, census.says.entries) != (chains, entries) {
                faults.push(Fault::Miscounted {
                    chains: (census.says.chains, chains),
                    entries: (census.says.entries, entries),
                });
            }
        }
        Counted::Signed(_) | Counted::Broken => faults.push(Fault::CensusChanged),
    }
    let finding = |fault| Finding { root: None, sequence: None, entry: None, fault };
    Ok(faults.into_iter().map(finding).collect())
}
