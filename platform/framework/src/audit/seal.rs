//! What a seal says, in bytes: the links of a chain, where it ends, and how many chains there are.
//!
//! All of it is values in, values out; ADR 0017 has the format for whoever checks it with another program. It refuses to
//! depend on the engine: the same entries have the same seals on both.

pub(super) mod pump;
pub(super) mod store;

use super::EntryMarker;
use super::canonical::{NotJson, canonical, push_field};
use crate::keys::{PublicKey, Signer};
use crate::scope::RootId;
use sha2::{Digest, Sha256};
use slipway_kernel::{Id, RequestId, Ts};

/// A link's hash, SHA-256.
pub(super) type Link = [u8; 32];

/// What the first entry of a chain follows.
pub(super) const BEGINNING: Link = [0; 32];

const ENTRY: &[u8] = b"slipway audit entry v1";
const CHECKPOINT: &[u8] = b"slipway audit checkpoint v1";
const CENSUS: &[u8] = b"slipway audit census v1";

/// Every column of an entry, as it stands in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) root: RootId,
    pub(super) entry: Id<EntryMarker>,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) resource_type: String,
    pub(super) resource_id: String,
    /// JSON in the engine's spelling.
    pub(super) details: String,
    pub(super) request: RequestId,
    pub(super) created_at: Ts,
}

/// The hash of an entry at `sequence` of its root's chain, counted from 1, after the link `previous`.
pub(super) fn link(previous: &Link, sequence: i64, columns: &Columns) -> Result<Link, NotJson> {
    let details = canonical(&columns.details)?.bytes;
    let mut message = Vec::with_capacity(512);
    for field in [
        ENTRY,
        previous,
        &columns.root.bits().to_be_bytes(),
        &sequence.to_be_bytes(),
        &columns.entry.bits().to_be_bytes(),
        columns.actor.as_bytes(),
        columns.action.as_bytes(),
        columns.resource_type.as_bytes(),
        columns.resource_id.as_bytes(),
        &details,
        &columns.request.bits().to_be_bytes(),
        &columns.created_at.as_micros().to_be_bytes(),
    ] {
        push_field(&mut message, field);
    }
    Ok(Sha256::digest(&message).into())
}

/// Where a chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub(super) root: RootId,
    pub(super) sequence: i64,
    pub(super) hash: Link,
    pub(super) sealed_at: Ts,
}

/// All chains together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Census {
    /// Batches that were sealed.
    pub(super) turn: i64,
    pub(super) chains: i64,
    pub(super) entries: i64,
    pub(super) sealed_at: Ts,
}

/// A statement with its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signed<T> {
    pub(super) says: T,
    pub(super) signer: PublicKey,
    pub(super) signature: [u8; 64],
}

/// What can be signed.
pub(super) trait Statement {
    fn message(&self) -> Vec<u8>;
}

impl Statement for Checkpoint {
    fn message(&self) -> Vec<u8> {
        let mut message = Vec::with_capacity(160);
        for field in [
            CHECKPOINT,
            &self.root.bits().to_be_bytes(),
            &self.sequence.to_be_bytes(),
            &self.hash,
            &self.sealed_at.as_micros().to_be_bytes(),
        ] {
            push_field(&mut message, field);
        }
        message
    }
}

impl Statement for Census {
    fn message(&self) -> Vec<u8> {
        let mut message = Vec::with_capacity(128);
        push_field(&mut message, CENSUS);
        for number in [self.turn, self.chains, self.entries, self.sealed_at.as_micros()] {
            push_field(&mut message, &number.to_be_bytes());
        }
        message
    }
}

impl<T: Statement> Signed<T> {
    pub(super) fn new(says: T, signer: &Signer) -> Self {
        let signature = signer.sign(&says.message());
        Self { says, signer: signer.public_key(), signature }
    }

    /// Whether whoever it names signed it; that may be anybody.
    pub(super) fn is_whole(&self) -> bool {
        self.signer.has_signed(&self.says.message(), &self.signature)
    }

    pub(super) fn is_by(&self, key: PublicKey) -> bool {
        self.signer == key && self.is_whole()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyPurpose, Keys};
    use proptest::prelude::*;
    use std::fmt::Write as _;

    fn columns() -> Columns {
        Columns {
            root: Id::from_bits(0x0192_0000_0000_7000_8000_0000_0000_0001),
            entry: Id::from_bits(0x0192_0000_0000_7000_8000_0000_0000_0002),
            actor: "mem_01h455vb4pex5vsknk084sn02q".to_owned(),
            action: "app_launched".to_owned(),
            resource_type: "app".to_owned(),
            resource_id: "verde".to_owned(),
            details: "{\"slug\":\"verde\",\"size\":1.5,\"kits\":[\"meals\"]}".to_owned(),
            request: Id::from_bits(0x0192_0000_0000_7000_8000_0000_0000_0003),
            created_at: Ts::from_micros(1_767_225_600_000_001),
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    }

    /// Pinned: another value here means that no chain sealed so far could be verified any more.
    #[test]
    fn the_format_stays_as_it_is() {
        let first = link(&BEGINNING, 1, &columns()).unwrap();
        assert_eq!(hex(&first), "680d27b4da68a1d8f36d4769daf197c3b79623d6948a89e6a71bc4680b5d8eb2");
        assert_eq!(
            hex(&link(&first, 2, &columns()).unwrap()),
            "e8b4536d229f460feceaa0c31ae56d44b39b23b4d449813c37e7e01c502cc59f"
        );
        let secret = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";
        let signer = Keys::from_secret(secret).unwrap().signer(KeyPurpose::AuditSeals);
        assert_eq!(
            signer.public_key().to_string(),
            "c71e998bd6465b3b6b59b3433980b4010f4d9147a0a0f9eeb123034193405292"
        );
        let (root, sealed_at) = (columns().root, Ts::from_micros(1_767_225_601_000_000));
        let checkpoint = Signed::new(Checkpoint { root, sequence: 1, hash: first, sealed_at }, &signer);
        assert_eq!(
            hex(&Sha256::digest(checkpoint.signature)),
            "c1239140cef43defe2155830a5d2dfed3e849cebe27353c6b18ee2c3fb420dfd"
        );
        let census = Signed::new(Census { turn: 3, chains: 1, entries: 1, sealed_at }, &signer);
        assert_eq!(
            hex(&Sha256::digest(census.signature)),
            "b3998c2888bc6e31b13b4777ced2fdc5f8beaee4f70d6dd90cdc1558290f04f0"
        );
    }

    #[test]
    fn the_engines_spellings_of_the_details_have_one_link() {
        let expected = link(&BEGINNING, 1, &columns());
        let details = "{\"kits\": [\"meals\"], \"size\": 1.5, \"slug\": \"verde\"}".to_owned();
        assert_eq!(link(&BEGINNING, 1, &Columns { details, ..columns() }), expected);
    }

    #[test]
    fn every_column_the_place_and_the_link_before_count() {
        let sealed = link(&BEGINNING, 1, &columns()).unwrap();
        let text = |text: &str| format!("{text}x");
        let others = [
            Columns { root: Id::from_bits(1), ..columns() },
            Columns { entry: Id::from_bits(1), ..columns() },
            Columns { actor: text(&columns().actor), ..columns() },
            Columns { action: text(&columns().action), ..columns() },
            Columns { resource_type: text(&columns().resource_type), ..columns() },
            Columns { resource_id: text(&columns().resource_id), ..columns() },
            // The same letters, divided otherwise.
            Columns { action: "app_launcheda".to_owned(), resource_type: "pp".to_owned(), ..columns() },
            Columns { details: "{}".to_owned(), ..columns() },
            Columns { request: Id::from_bits(1), ..columns() },
            Columns { created_at: Ts::from_micros(1), ..columns() },
        ];
        for other in others {
            assert_ne!(link(&BEGINNING, 1, &other).unwrap(), sealed, "{other:?}");
        }
        assert_ne!(link(&[1; 32], 1, &columns()).unwrap(), sealed);
        assert_ne!(link(&BEGINNING, 2, &columns()).unwrap(), sealed);
    }

    fn any_columns() -> impl Strategy<Value = Columns> {
        // Few letters, so that fields often meet and only their bounds tell them apart.
        let words = ("[ab]{0,3}", "[ab]{0,3}", "[ab]{0,3}", "[ab]{0,3}", "\"[ab]{0,3}\"");
        (words, 0..3_u128, 0..3_u128, 0..3_i64).prop_map(|(words, root, entry, created_at)| Columns {
            root: Id::from_bits(root),
            entry: Id::from_bits(entry),
            actor: words.0,
            action: words.1,
            resource_type: words.2,
            resource_id: words.3,
            details: words.4,
            request: Id::from_bits(0),
            created_at: Ts::from_micros(created_at),
        })
    }

    proptest! {
        #[test]
        fn two_entries_have_one_link_only_when_they_are_equal(left in any_columns(), right in any_columns(), place in 1..3_i64) {
            let is_one = link(&BEGINNING, place, &left) == link(&BEGINNING, 1, &right);
            prop_assert_eq!(is_one, left == right && place == 1);
        }
    }
}
