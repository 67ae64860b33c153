//! One chain, entry by entry. Values in, findings out.

use super::finding::{Fault, Finding};
use super::store::{Found, Sealed};
use crate::audit::canonical::canonical;
use crate::audit::seal::{BEGINNING, Columns, Link, link};
use crate::keys::PublicKey;
use crate::scope::RootId;

/// Of how many entries that do not fit it is found out where they were sealed: each is tried at the place of each.
const TRACED: usize = 24;

/// How far a chain has been looked at.
pub(super) struct Walk {
    root: RootId,
    /// Whether details are spelled as this program spells them: on the engine that keeps spellings.
    keeps_spelling: bool,
    /// The place the next entry should have.
    next: i64,
    /// What the next entry may follow: the hash that stands there, and the one that should where these differ. None after a gap.
    before: Vec<Link>,
    /// Entries of one place that have not been looked at.
    group: Vec<Sealed>,
    findings: Vec<Finding>,
    suspects: Vec<Suspect>,
}

/// An entry that does not follow the one before it.
struct Suspect {
    /// Where its finding stands.
    finding: usize,
    sequence: i64,
    before: Option<Link>,
    hash: Link,
    columns: Columns,
}

/// Whether an entry belongs where it stands.
#[derive(Debug, Clone, Copy)]
enum Fit {
    /// It follows the link of that number in the list of those it may follow.
    After(usize),
    /// It follows none of them; with the hash it should have after the first.
    Nowhere(Option<Link>),
    /// There is nothing to judge it by: the one before it is missing.
    Unknown,
    Unreadable,
}

fn fit(before: &[Link], sealed: &Sealed) -> Fit {
    let (Some(hash), Some(columns)) = (sealed.hash, &sealed.columns) else { return Fit::Unreadable };
    let links: Result<Vec<_>, _> =
        before.iter().map(|before| link(before, sealed.sequence, columns)).collect();
    match links {
        Err(_) => Fit::Unreadable,
        Ok(links) if links.is_empty() => Fit::Unknown,
        Ok(links) => match links.iter().position(|link| *link == hash) {
            Some(index) => Fit::After(index),
            None => Fit::Nowhere(links.first().copied()),
        },
    }
}

fn is_respelled(columns: &Columns) -> bool {
    canonical(&columns.details).is_ok_and(|details| !details.is_plain)
}

impl Walk {
    pub(super) fn new(root: RootId, keeps_spelling: bool) -> Self {
        let (group, findings, suspects) = (Vec::new(), Vec::new(), Vec::new());
        Self { root, keeps_spelling, next: 1, before: vec![BEGINNING], group, findings, suspects }
    }

    /// Takes the next entry by place, with the end that was signed at the same moment.
    pub(super) fn step(&mut self, sealed: Sealed, end: Option<i64>) {
        if let Some(end) = end.filter(|end| sealed.sequence > *end) {
            self.note(Some(sealed.sequence), Some(sealed.entry), Fault::PastEnd { end });
            return;
        }
        if self.group.first().is_some_and(|first| first.sequence != sealed.sequence) {
            self.judge();
        }
        self.group.push(sealed);
    }

    /// Looks at the entries of one place: one at most belongs there.
    fn judge(&mut self) {
        let group = std::mem::take(&mut self.group);
        let Some(sequence) = group.first().map(|first| first.sequence) else { return };
        if sequence > self.next {
            self.note(Some(self.next), None, Fault::Missing { to: sequence - 1 });
            self.before.clear();
        }
        let before = self.before.clone();
        let fits: Vec<_> = group.iter().map(|sealed| fit(&before, sealed)).collect();
        let owner = (sequence >= self.next).then(|| {
            self.next = sequence.saturating_add(1);
            fits.iter().position(|fit| matches!(fit, Fit::After(_))).unwrap_or(0)
        });
        for (index, (sealed, fit)) in group.into_iter().zip(fits).enumerate() {
            let Sealed { entry, hash, columns, .. } = sealed;
            let is_owner = owner == Some(index);
            let is_respelled = self.keeps_spelling && columns.as_ref().is_some_and(is_respelled);
            let fault = match fit {
                _ if !is_owner => Some(Fault::Repeated),
                Fit::Unreadable => Some(Fault::Unreadable),
                Fit::Nowhere(_) => Some(Fault::Changed),
                Fit::After(_) | Fit::Unknown if is_respelled => Some(Fault::Changed),
                Fit::After(_) | Fit::Unknown => None,
            };
            if is_owner {
                if let Fit::After(1..) = fit {
                    self.was_only_sealed_otherwise(sequence - 1);
                }
                self.before = hash.into_iter().collect();
                if let Fit::Nowhere(Some(expected)) = fit {
                    self.before.push(expected);
                }
            }
            let Some(fault) = fault else { continue };
            if let (Fit::Nowhere(_), Some(hash), Some(columns)) = (fit, hash, columns) {
                let before = before.first().copied();
                self.suspects.push(Suspect { finding: self.findings.len(), sequence, before, hash, columns });
            }
            self.note(Some(sequence), Some(entry), fault);
        }
    }

    /// Compares the end with what was signed and returns everything that was found.
    pub(super) fn finish(mut self, checkpoint: &Found, key: PublicKey) -> Vec<Finding> {
        self.judge();
        self.trace();
        let last = self.next - 1;
        match checkpoint {
            Found::Nothing if last > 0 => self.note(None, None, Fault::NoCheckpoint),
            Found::Nothing => {}
            Found::Unreadable => self.note(None, None, Fault::CheckpointChanged),
            Found::Signed(signed) if !signed.is_whole() || signed.says.root != self.root => {
                self.note(None, None, Fault::CheckpointChanged);
            }
            Found::Signed(signed) => {
                if signed.signer != key {
                    self.note(None, None, Fault::OtherSigner(signed.signer));
                }
                let end = signed.says.sequence;
                if end > last {
                    self.note(Some(last + 1), None, Fault::Missing { to: end });
                } else if self.before.get(1) == Some(&signed.says.hash) {
                    self.was_only_sealed_otherwise(last);
                } else if self.before.first().is_some_and(|hash| *hash != signed.says.hash) {
                    self.note(None, None, Fault::Rewritten);
                }
            }
        }
        self.findings
    }

    fn note(&mut self, sequence: Option<i64>, entry: Option<super::EntryId>, fault: Fault) {
        self.findings.push(Finding { root: Some(self.root), sequence, entry, fault });
    }

    /// What follows the entry at this place follows what it should have been: only its hash was changed.
    fn was_only_sealed_otherwise(&mut self, place: i64) {
        let faults = self.suspects.iter().filter(|suspect| suspect.sequence == place);
        for finding in faults.map(|suspect| suspect.finding) {
            if let Some(finding) = self.findings.get_mut(finding)
                && finding.fault == Fault::Changed
            {
                finding.fault = Fault::SealChanged;
            }
        }
    }

    /// Finds out which of the suspects were sealed at another's place.
    fn trace(&mut self) {
        let suspects = &self.suspects[..self.suspects.len().min(TRACED)];
        let links: Vec<Link> =
            suspects.iter().flat_map(|suspect| suspect.before.into_iter().chain([suspect.hash])).collect();
        for suspect in suspects {
            let was_sealed_at = |place: i64| {
                links.iter().any(|before| link(before, place, &suspect.columns) == Ok(suspect.hash))
            };
            let mut places = suspects.iter().map(|other| other.sequence);
            let fault = match places.find(|place| was_sealed_at(*place)) {
                Some(place) if place == suspect.sequence => Fault::Unjoined,
                Some(from) => Fault::Moved { from },
                None => continue,
            };
            if let Some(finding) = self.findings.get_mut(suspect.finding) {
                finding.fault = fault;
            }
        }
    }
}
