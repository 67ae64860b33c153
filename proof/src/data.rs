//! What is left in the tables and the files, read past the program by another connection.
//!
//! It refuses to write. Every comparison is of whole sets, so that a row too many is found like a row too few.

mod by_hand;
mod store;

pub(crate) use by_hand::{Hand, Wish};
pub(crate) use store::{Judge, JudgeError, PEER_ROW};

use crate::records::RecordMarker;
use sha2::{Digest, Sha256};
use slipway_kernel::Id;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Everything the proofs know of a database at one moment.
#[derive(Debug)]
pub(crate) struct Left {
    /// Titles of records, each with the ids that have it.
    pub(crate) titles: HashMap<String, Vec<String>>,
    /// Ids of apps, as the API writes them.
    pub(crate) apps: HashSet<String>,
    /// Ids of releases, as the API writes them.
    pub(crate) releases: HashSet<String>,
    /// SHA-256 of logos, in hexadecimal digits.
    pub(crate) logos: HashSet<String>,
    /// What must never be, in words.
    pub(crate) faults: Vec<String>,
}

/// Files that have been read and found to be what their names say.
#[derive(Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    seen: HashSet<String>,
}

impl Files {
    pub(crate) fn of(data: &Path) -> Self {
        Self { folder: data.join("objects"), seen: HashSet::new() }
    }

    /// Reads a file that a row names, unless it was read before.
    fn check(&mut self, hash: &str, named_by: &str) -> Option<String> {
        if !self.seen.insert(hash.to_owned()) {
            return None;
        }
        let (Some(first), Some(second)) = (hash.get(..2), hash.get(2..4)) else {
            return Some(format!("{named_by} names a file `{hash}`, which is no hash"));
        };
        match fs::read(self.folder.join(first).join(second).join(hash)) {
            Err(error) => Some(format!("{named_by} names the file {hash}, which cannot be read: {error}")),
            Ok(bytes) if hexadecimal(&Sha256::digest(&bytes)) != hash => {
                Some(format!("{named_by} names the file {hash}, whose {} bytes are others", bytes.len()))
            }
            Ok(_) => None,
        }
    }
}

/// What must hold at every moment between two transactions.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn look(judge: &Judge, files: &mut Files) -> Result<Left, JudgeError> {
    let mut faults = judge.damage().await?;
    let records = judge.records().await?;
    let ids: Vec<_> = records.iter().map(|record| record.id.clone()).collect();
    compare("records", &ids, "audit entries", &judge.audited_records().await?, &mut faults);
    compare("records", &ids, "events", &judge.told_records().await?, &mut faults);
    compare("records with a job", &judge.records_of_jobs().await?, "jobs", &judge.jobs().await?, &mut faults);
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    let mut titles: HashMap<String, Vec<String>> = HashMap::new();
    for record in &records {
        if let Some(hash) = &record.content {
            faults.extend(files.check(hash, &format!("the record {}", record.id)));
        }
        if record.title.starts_with("seed") {
            *sums.entry(&record.app).or_default() += record.amount;
        }
        titles.entry(record.title.clone()).or_default().push(record.id.clone());
    }
    for (app, sum) in sums {
        if sum % SEED_AMOUNT != 0 {
            faults.push(format!("the records of app {app} have {sum} together: a transfer was half done"));
        }
    }
    let logos = judge.logos().await?;
    for hash in &logos {
        faults.extend(files.check(hash, "a logo"));
    }
    for hash in judge.artefacts().await? {
        faults.extend(files.check(&hash, "a release"));
    }
    faults.extend(judge.contradictions().await?);
    Ok(Left {
        titles,
        apps: judge.apps().await?.into_iter().collect(),
        releases: judge.releases().await?.into_iter().collect(),
        logos: logos.into_iter().collect(),
        faults,
    })
}

/// What every seed record begins with; transfers move less than that, so what all have together stays a multiple of it and a
/// half-done transfer does not.
pub(crate) const SEED_AMOUNT: i64 = 1_000_003;

/// Writes down what one list has and the other has not, counting repetitions.
fn compare(left_name: &str, left: &[String], right_name: &str, right: &[String], faults: &mut Vec<String>) {
    let mut counts: HashMap<&str, (i64, i64)> = HashMap::new();
    left.iter().for_each(|id| counts.entry(id).or_default().0 += 1);
    right.iter().for_each(|id| counts.entry(id).or_default().1 += 1);
    for (id, (left, right)) in counts.into_iter().filter(|(_, (left, right))| left != right) {
        faults.push(format!("{id}: {left} among {left_name}, {right} among {right_name}"));
    }
}

/// The id of a record as the API writes it.
fn record_id(bits: u128) -> String {
    Id::<RecordMarker>::from_bits(bits).to_string()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_too_many_is_found_like_a_row_too_few() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let mut faults = Vec::new();
        compare("rows", &ids(&["a", "b"]), "events", &ids(&["b", "a"]), &mut faults);
        assert_eq!(faults, [""; 0]);
        compare("rows", &ids(&["a", "b"]), "events", &ids(&["a", "a", "c"]), &mut faults);
        faults.sort();
        assert_eq!(
            faults,
            [
                "a: 1 among rows, 2 among events",
                "b: 1 among rows, 0 among events",
                "c: 0 among rows, 1 among events"
            ]
        );
    }

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let hash = hexadecimal(&Sha256::digest(b"right"));
        let place = folder.path().join("objects").join(&hash[..2]).join(&hash[2..4]);
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join(&hash), b"right").unwrap();
        let mut files = Files::of(folder.path());
        assert_eq!(files.check(&hash, "a row"), None);
        fs::write(place.join(&hash), b"wrong").unwrap();
        assert_eq!(files.check(&hash, "a row"), None, "it was read before");
        let mut files = Files::of(folder.path());
        assert!(files.check(&hash, "a row").is_some_and(|fault| fault.ends_with("5 bytes are others")));
        assert!(files.check(&"0".repeat(64), "a row").is_some_and(|fault| fault.contains("cannot be read")));
    }
}
