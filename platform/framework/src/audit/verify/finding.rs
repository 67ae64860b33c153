//! What can be wrong with a trail, in words for whoever has to act on it.

use crate::audit::EntryMarker;
use crate::keys::PublicKey;
use crate::scope::RootId;
use slipway_kernel::Id;
use std::fmt;

/// Something that was done to the trail, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The app or partner whose chain it is; `None` where it is about all of them.
    pub root: Option<RootId>,
    /// The place in the chain, from 1.
    pub sequence: Option<i64>,
    pub entry: Option<Id<EntryMarker>>,
    pub fault: Fault,
}

/// What is wrong there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The entry does not say what was sealed.
    Changed,
    /// The entry says what was sealed, but its hash was changed.
    SealChanged,
    /// A column does not hold what it should.
    Unreadable,
    /// No entry stands from the finding's place to this one.
    Missing { to: i64 },
    /// The entry was sealed at another place.
    Moved { from: i64 },
    /// The place is taken by the entry before it.
    Repeated,
    /// The entry itself is whole, but it was sealed after another entry than the one that stands before it.
    Unjoined,
    /// The chain has entries after its signed end, which is this place.
    PastEnd { end: i64 },
    /// The chain ends where its checkpoint says, but in another hash: entries were changed and the hashes made anew.
    Rewritten,
    /// The chain has sealed entries and no checkpoint.
    NoCheckpoint,
    /// Nobody signed the checkpoint as it stands.
    CheckpointChanged,
    /// The checkpoint was signed with another key.
    OtherSigner(PublicKey),
    /// The census is gone, or nobody signed it as it stands.
    CensusChanged,
    /// The census was signed with another key.
    OtherCensusSigner(PublicKey),
    /// The census knows of another number of chains or entries than there are.
    Miscounted { chains: (i64, i64), entries: (i64, i64) },
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(root) = self.root {
            write!(formatter, "{root}")?;
        }
        if let Some(sequence) = self.sequence {
            write!(formatter, ", number {sequence}")?;
        }
        if let Some(entry) = self.entry {
            write!(formatter, ", {entry}")?;
        }
        if self.root.is_some() {
            formatter.write_str(": ")?;
        }
        match self.fault {
            Fault::Changed => formatter.write_str("the entry was changed, or put there by somebody else"),
            Fault::SealChanged => formatter.write_str("the entry is whole, its hash was changed"),
            Fault::Unreadable => formatter.write_str("a column was changed to something it cannot hold"),
            Fault::Missing { to } if self.sequence == Some(to) => formatter.write_str("the entry is missing"),
            Fault::Missing { to } => {
                write!(formatter, "the entries from here to number {to} are missing")
            }
            Fault::Moved { from } => write!(formatter, "the entry was moved here from number {from}"),
            Fault::Repeated => formatter.write_str("a second entry at the same place, put there by somebody else"),
            Fault::Unjoined => {
                formatter.write_str("the entry is whole, the one before it is not the one it was sealed after")
            }
            Fault::PastEnd { end } => {
                write!(formatter, "put there by somebody else: the chain was signed up to number {end}")
            }
            Fault::Rewritten => formatter.write_str(
                "the chain does not end in the hash that was signed: entries were changed and hashes made anew",
            ),
            Fault::NoCheckpoint => formatter.write_str("the checkpoint, which says where the chain ends, is missing"),
            Fault::CheckpointChanged => formatter.write_str("the checkpoint was changed"),
            Fault::OtherSigner(key) => write!(formatter, "the checkpoint was signed with the key {key}"),
            Fault::CensusChanged => {
                formatter.write_str("the census of all chains was changed or is missing")
            }
            Fault::OtherCensusSigner(key) => {
                write!(formatter, "the census of all chains was signed with the key {key}")
            }
            Fault::Miscounted { chains, entries } => write!(
                formatter,
                "the census counts {} chains with {} entries, and there are {} with {}: a chain is missing or was put back to an earlier end",
                chains.0, entries.0, chains.1, entries.1,
            ),
        }
    }
}
