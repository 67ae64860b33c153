//! What a disk holds after a power cut: what was synced for certain, and of the rest whatever it pleased to write.
//!
//! The model is POSIX's and stricter than any journaling file system: bytes are kept by a sync of their file, names by a sync of
//! their folder, and what was not synced is kept or not, piece by piece, in any order. A rename is kept or not as a whole. A write
//! may be torn between sectors. It refuses to damage what was synced: a disk that does that is broken and needs a backup.

use super::log::Act;
use crate::random::Random;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The smallest piece a disk writes at once.
const SECTOR_BYTES: usize = 512;

type Node = usize;

/// A folder's files, as they are for the program and as they would be after a cut.
#[derive(Debug, Clone, Default)]
pub(super) struct Disk {
    nodes: Vec<File>,
    /// Names as the program sees them. A folder is a name with a node of no bytes.
    names: BTreeMap<PathBuf, Node>,
    /// Names that are kept whatever happens.
    kept_names: BTreeMap<PathBuf, Node>,
    /// Changes of names that no sync has kept yet, by the folder whose sync will.
    pending_names: Vec<(PathBuf, Change)>,
    opened: HashMap<u32, Node>,
    folders: HashSet<Node>,
}

#[derive(Debug, Clone, Default)]
struct File {
    /// Bytes that are kept whatever happens.
    kept: Arc<Vec<u8>>,
    pending: Vec<Piece>,
    /// Written through memory, so what it holds is not known; the program must do without it.
    unknown: bool,
    /// Whether the file is as it was when the program began.
    untouched: bool,
}

#[derive(Debug, Clone)]
enum Piece {
    Write(usize, Arc<Vec<u8>>),
    Cut(usize),
}

#[derive(Debug, Clone)]
enum Change {
    Set(PathBuf, Node),
    Remove(PathBuf),
    Move(PathBuf, PathBuf, Node),
}

/// What becomes of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mercy {
    /// Nothing of it is kept.
    None,
    /// Some first part of each file's changes is kept, the last of it torn.
    Prefix,
    /// Any part is kept, in any order, torn anywhere.
    Any,
    /// All of it is kept, as when only the program died.
    All,
}

impl Disk {
    /// The files that are there; all of them are taken to be kept.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        let mut disk = Self::default();
        disk.add(folder)?;
        disk.kept_names = disk.names.clone();
        Ok(disk)
    }

    fn add(&mut self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            let node = self.node(Vec::new());
            self.folders.insert(node);
            self.names.insert(path.to_owned(), node);
            for entry in fs::read_dir(path)? {
                self.add(&entry?.path())?;
            }
        } else if path.exists() {
            let node = self.node(fs::read(path)?);
            self.nodes[node].untouched = true;
            self.names.insert(path.to_owned(), node);
        }
        Ok(())
    }

    fn node(&mut self, bytes: Vec<u8>) -> Node {
        self.nodes.push(File { kept: Arc::new(bytes), ..File::default() });
        self.nodes.len() - 1
    }

    /// Follows an act.
    pub(super) fn follow(&mut self, act: &Act) -> Result<(), String> {
        match act {
            Act::Open { number, path, creates, empties } => {
                let node = match self.names.get(path) {
                    Some(node) => *node,
                    None if *creates => {
                        let node = self.node(Vec::new());
                        self.names.insert(path.clone(), node);
                        self.change(path, Change::Set(path.clone(), node));
                        node
                    }
                    None => return Err(format!("{} was opened and is not known", path.display())),
                };
                if *empties {
                    self.piece(node, Piece::Cut(0));
                }
                self.opened.insert(*number, node);
            }
            Act::Write { number, offset, bytes } => {
                let node = self.opened(*number)?;
                self.piece(node, Piece::Write(*offset, Arc::new(bytes.clone())));
            }
            Act::Cut { number, length } => {
                let node = self.opened(*number)?;
                self.piece(node, Piece::Cut(*length));
            }
            Act::Sync { number } => {
                let node = self.opened(*number)?;
                if self.folders.contains(&node) {
                    let path =
                        self.names.iter().find(|(_, known)| **known == node).map(|(path, _)| path.clone());
                    self.keep_names(&path.ok_or("a folder without a name was synced")?);
                } else {
                    self.keep(node);
                }
            }
            Act::Rename { from, to } => {
                let node = self.names.remove(from).ok_or_else(|| unknown(from))?;
                self.names.insert(to.clone(), node);
                self.change(to, Change::Move(from.clone(), to.clone(), node));
            }
            Act::Link { from, to } => {
                let node = *self.names.get(from).ok_or_else(|| unknown(from))?;
                self.names.insert(to.clone(), node);
                self.change(to, Change::Set(to.clone(), node));
            }
            Act::Unlink(path) | Act::RemoveFolder(path) => {
                self.names.remove(path).ok_or_else(|| unknown(path))?;
                self.change(path, Change::Remove(path.clone()));
            }
            Act::MakeFolder(path) => {
                let node = self.node(Vec::new());
                self.folders.insert(node);
                self.names.insert(path.clone(), node);
                self.change(path, Change::Set(path.clone(), node));
            }
            Act::Map { number } => {
                let node = self.opened(*number)?;
                self.nodes[node].unknown = true;
            }
        }
        Ok(())
    }

    fn opened(&self, number: u32) -> Result<Node, String> {
        self.opened.get(&number).copied().ok_or_else(|| format!("file number {number} was never opened"))
    }

    fn piece(&mut self, node: Node, piece: Piece) {
        self.nodes[node].untouched = false;
        self.nodes[node].pending.push(piece);
    }

    fn change(&mut self, path: &Path, change: Change) {
        self.pending_names.push((path.parent().unwrap_or(path).to_owned(), change));
    }

    fn keep(&mut self, node: Node) {
        let file = &mut self.nodes[node];
        let pending = std::mem::take(&mut file.pending);
        let bytes = Arc::make_mut(&mut file.kept);
        pending.iter().for_each(|piece| put(bytes, piece));
    }

    fn keep_names(&mut self, folder: &Path) {
        let (kept, pending): (Vec<_>, _) =
            std::mem::take(&mut self.pending_names).into_iter().partition(|(of, _)| of == folder);
        self.pending_names = pending;
        kept.into_iter().for_each(|(_, change)| rename(&mut self.kept_names, change));
    }

    /// Writes into an empty folder what the disk would hold. `from` is the folder that the paths of the log begin with; a file
    /// that nobody touched is the same file.
    pub(super) fn cut(&self, mercy: Mercy, random: &mut Random, from: &Path, to: &Path) -> io::Result<()> {
        let mut names = self.kept_names.clone();
        let survive = match mercy {
            Mercy::None => 0,
            Mercy::All => self.pending_names.len(),
            Mercy::Prefix => random.index(self.pending_names.len() + 1),
            Mercy::Any => self.pending_names.len(),
        };
        for (_, change) in self.pending_names.iter().take(survive) {
            if mercy != Mercy::Any || random.percent(50) {
                rename(&mut names, change.clone());
            }
        }
        let mut contents: HashMap<Node, Vec<u8>> = HashMap::new();
        for (path, node) in names {
            let Ok(rest) = path.strip_prefix(from) else { continue };
            let place = to.join(rest);
            // A name may be kept while its folder's is not: then nobody will find it.
            if place.parent().is_some_and(|parent| !parent.is_dir()) || self.nodes[node].unknown {
                continue;
            }
            if self.folders.contains(&node) {
                fs::create_dir_all(&place)?;
            } else if self.nodes[node].untouched && path.exists() {
                fs::hard_link(&path, &place)?;
            } else {
                let content = contents.entry(node).or_insert_with(|| self.nodes[node].after(mercy, random));
                fs::write(&place, content)?;
            }
        }
        Ok(())
    }

    /// What the program itself sees, but for what is written through memory.
    pub(super) fn differences(&self) -> io::Result<Vec<String>> {
        let mut differences = Vec::new();
        for (path, node) in &self.names {
            let file = &self.nodes[*node];
            if self.folders.contains(node) || file.unknown || file.untouched {
                continue;
            }
            let mut bytes = file.kept.to_vec();
            file.pending.iter().for_each(|piece| put(&mut bytes, piece));
            if fs::read(path).ok().as_ref() != Some(&bytes) {
                differences.push(format!("{} is not what the log says", path.display()));
            }
        }
        Ok(differences)
    }
}

impl File {
    fn after(&self, mercy: Mercy, random: &mut Random) -> Vec<u8> {
        let mut bytes = self.kept.to_vec();
        let survive = match mercy {
            Mercy::None => 0,
            Mercy::Prefix => random.index(self.pending.len() + 1),
            Mercy::Any | Mercy::All => self.pending.len(),
        };
        for (at, piece) in self.pending.iter().take(survive).enumerate() {
            let torn = match mercy {
                Mercy::Prefix => at + 1 == survive && random.percent(50),
                Mercy::Any => random.percent(30),
                Mercy::None | Mercy::All => false,
            };
            match piece {
                _ if mercy == Mercy::Any && random.percent(40) => {}
                Piece::Write(offset, written) if torn => tear(&mut bytes, *offset, written, random),
                piece => put(&mut bytes, piece),
            }
        }
        bytes
    }
}

fn unknown(path: &Path) -> String {
    format!("{} is not known", path.display())
}

fn rename(names: &mut BTreeMap<PathBuf, Node>, change: Change) {
    match change {
        Change::Set(path, node) => drop(names.insert(path, node)),
        Change::Remove(path) => drop(names.remove(&path)),
        Change::Move(from, to, node) => {
            names.remove(&from);
            names.insert(to, node);
        }
    }
}

fn put(bytes: &mut Vec<u8>, piece: &Piece) {
    match piece {
        Piece::Cut(length) => bytes.resize(*length, 0),
        Piece::Write(offset, written) => {
            let end = offset + written.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[*offset..end].copy_from_slice(written);
        }
    }
}

/// Writes some sectors of it. The file may have got its new length all the same, with zeros where nothing was written.
fn tear(bytes: &mut Vec<u8>, offset: usize, written: &[u8], random: &mut Random) {
    if random.percent(50) && bytes.len() < offset + written.len() {
        bytes.resize(offset + written.len(), 0);
    }
    let mut at = 0;
    while at < written.len() {
        let sector_end = (offset + at) / SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES;
        let end = (sector_end - offset).min(written.len());
        if random.percent(50) {
            put(bytes, &Piece::Write(offset + at, Arc::new(written[at..end].to_vec())));
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acts(folder: &Path, synced: bool, folder_synced: bool) -> Vec<Act> {
        let path = folder.join("a");
        let mut acts = vec![
            Act::Open { number: 1, path, creates: true, empties: false },
            Act::Write { number: 1, offset: 0, bytes: b"hello".to_vec() },
        ];
        if synced {
            acts.push(Act::Sync { number: 1 });
        }
        if folder_synced {
            acts.push(Act::Open { number: 2, path: folder.to_owned(), creates: false, empties: false });
            acts.push(Act::Sync { number: 2 });
        }
        acts.push(Act::Write { number: 1, offset: 5, bytes: b" world".to_vec() });
        acts
    }

    fn after(acts: &[Act], from: &Path, mercy: Mercy) -> Option<Vec<u8>> {
        let mut disk = Disk::of(from).unwrap();
        acts.iter().for_each(|act| disk.follow(act).unwrap());
        let to = tempfile::tempdir().unwrap();
        disk.cut(mercy, &mut Random::new(1), from, to.path()).unwrap();
        fs::read(to.path().join("a")).ok()
    }

    #[test]
    fn only_what_was_synced_is_certain() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path();
        for (synced, folder_synced, mercy, expected) in [
            (false, false, Mercy::None, None),
            (true, false, Mercy::None, None),
            (false, true, Mercy::None, Some(&b""[..])),
            (true, true, Mercy::None, Some(b"hello")),
            (true, true, Mercy::All, Some(b"hello world")),
            (false, false, Mercy::All, Some(b"hello world")),
        ] {
            let left = after(&acts(from, synced, folder_synced), from, mercy);
            assert_eq!(left.as_deref(), expected, "{synced} {folder_synced} {mercy:?}");
        }
    }

    #[test]
    fn what_was_synced_survives_every_kind_of_cut() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path();
        let mut disk = Disk::of(from).unwrap();
        acts(from, true, true).iter().for_each(|act| disk.follow(act).unwrap());
        let mut seen = HashSet::new();
        for seed in 0..200 {
            for mercy in [Mercy::Prefix, Mercy::Any] {
                let to = tempfile::tempdir().unwrap();
                disk.cut(mercy, &mut Random::new(seed), from, to.path()).unwrap();
                let left = fs::read(to.path().join("a")).unwrap();
                assert!(left.starts_with(b"hello"), "{seed} {mercy:?}");
                seen.insert(left);
            }
        }
        let without: &[u8] = b"hello";
        assert!(seen.contains(without) && seen.contains(&b"hello world"[..]), "chance reaches both ends");
    }

    #[test]
    fn a_rename_is_kept_with_its_folder_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let (from, path) = (folder.path(), folder.path().join("a"));
        fs::write(from.join("b"), b"old").unwrap();
        let rename = Act::Rename { from: from.join("b"), to: path };
        assert_eq!(after(std::slice::from_ref(&rename), from, Mercy::None), None);
        let sync = [
            rename,
            Act::Open { number: 1, path: from.to_owned(), creates: false, empties: false },
            Act::Sync { number: 1 },
        ];
        assert_eq!(after(&sync, from, Mercy::None).as_deref(), Some(&b"old"[..]));
    }
}
