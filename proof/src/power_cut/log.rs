//! The log of `shim/power_log.c`, as acts.
//!
//! It refuses a log with an act in it that cannot be followed: the disk would be worked out wrongly.

use std::path::PathBuf;
use thiserror::Error;

/// What a program did to the files below its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// `number` now stands for the file at `path`.
    Open {
        number: u32,
        path: PathBuf,
        creates: bool,
        empties: bool,
    },
    Write {
        number: u32,
        offset: usize,
        bytes: Vec<u8>,
    },
    Cut {
        number: u32,
        length: usize,
    },
    Sync {
        number: u32,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Link {
        from: PathBuf,
        to: PathBuf,
    },
    Unlink(PathBuf),
    MakeFolder(PathBuf),
    RemoveFolder(PathBuf),
    /// The file is written through memory from here on.
    Map {
        number: u32,
    },
}

/// Why a log cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the log is malformed at byte {0}")]
pub(super) struct LogError(usize);

const HEAD_BYTES: usize = 17;
/// Of open(2) on Linux.
const O_CREAT: u64 = 0o100;
const O_TRUNC: u64 = 0o1000;

/// The acts, each with the length of the log after it. A record that was cut off at the end never happened to anybody who
/// waited for it.
pub(super) fn read(log: &[u8]) -> Result<Vec<(Act, usize)>, LogError> {
    let mut acts = Vec::new();
    let mut at = 0;
    while let Some(head) = log.get(at..at + HEAD_BYTES) {
        let malformed = || LogError(at);
        let number = u32::from_ne_bytes(head[1..5].try_into().map_err(|_| malformed())?);
        let offset = u64::from_ne_bytes(head[5..13].try_into().map_err(|_| malformed())?);
        let length = u32::from_ne_bytes(head[13..17].try_into().map_err(|_| malformed())?);
        let end = at + HEAD_BYTES + usize::try_from(length).map_err(|_| malformed())?;
        let Some(bytes) = log.get(at + HEAD_BYTES..end) else { break };
        let place = usize::try_from(offset).map_err(|_| malformed());
        let text = || std::str::from_utf8(bytes).map_err(|_| malformed());
        let two = || {
            let (from, to) = text()?.split_once('\0').ok_or_else(malformed)?;
            Ok((PathBuf::from(from), PathBuf::from(to)))
        };
        let act = match head[0] {
            b'o' => Act::Open {
                number,
                path: text()?.into(),
                creates: offset & O_CREAT != 0,
                empties: offset & O_TRUNC != 0,
            },
            b'w' => Act::Write { number, offset: place?, bytes: bytes.to_vec() },
            b't' => Act::Cut { number, length: place? },
            b's' => Act::Sync { number },
            b'r' => two().map(|(from, to)| Act::Rename { from, to })?,
            b'l' => two().map(|(from, to)| Act::Link { from, to })?,
            b'u' => Act::Unlink(text()?.into()),
            b'm' => Act::MakeFolder(text()?.into()),
            b'd' => Act::RemoveFolder(text()?.into()),
            b'x' => Act::Map { number },
            _ => return Err(malformed()),
        };
        at = end;
        acts.push((act, at));
    }
    Ok(acts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, number: u32, offset: u64, bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap().to_ne_bytes();
        [&[kind], &number.to_ne_bytes()[..], &offset.to_ne_bytes(), &length, bytes].concat()
    }

    #[test]
    fn acts_come_in_order_and_a_cut_off_one_is_none() {
        let mut log = record(b'o', 1, O_CREAT, b"/data/a");
        log.extend(record(b'w', 1, 5, b"hello"));
        log.extend(record(b'r', 0, 0, b"/data/a\0/data/b"));
        let whole = log.len();
        log.extend(&record(b's', 1, 0, b"")[..9]);
        let acts = read(&log).unwrap();
        assert_eq!(acts[0].0, Act::Open { number: 1, path: "/data/a".into(), creates: true, empties: false });
        assert_eq!(acts[1].0, Act::Write { number: 1, offset: 5, bytes: b"hello".to_vec() });
        assert_eq!(acts[2], (Act::Rename { from: "/data/a".into(), to: "/data/b".into() }, whole));
        assert_eq!(acts.len(), 3);
    }

    #[test]
    fn what_is_no_act_is_an_error() {
        let good = record(b's', 1, 0, b"");
        let bad = [good.clone(), record(b'?', 1, 0, b"")].concat();
        assert_eq!(read(&bad), Err(LogError(good.len())));
        assert_eq!(read(&record(b'r', 0, 0, b"only one path")), Err(LogError(0)));
    }
}
