//! Reads archives back, strictly: only what [`super::Archive::write`] can have written.
//! It refuses everything else, by writing what it read anew and comparing: gaps, overlaps, comments, unknown flags, real
//! timestamps, headers that disagree. A lenient reader is how signed archives have been smuggled past a check before.

use super::{
    ALIGNMENT, END_BYTES, END_DIRECTORY_OFFSET, END_SIGNATURE, Entry, LOCAL_HEADER_BYTES, Method, crc32,
};
use crate::bytes::Reader;
use flate2::{Decompress, FlushDecompress, Status};
use std::collections::HashSet;
use thiserror::Error;

/// Nothing that is deflated in a package comes near: code, manifest and documents have kilobytes.
const MAXIMUM_CONTENT_BYTES: usize = 16 << 20;
/// Twenty images of four megabytes fit many times; offsets stay far below the 4 GiB of the format.
const MAXIMUM_ARCHIVE_BYTES: usize = 1 << 30;

/// What is wrong with an archive.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArchiveError {
    #[error(
        "an archive of {0} bytes is larger than {MAXIMUM_ARCHIVE_BYTES} bytes; this builder writes none like it"
    )]
    TooLarge(usize),
    #[error("the file does not end with the end record of a zip archive without a comment")]
    EndRecord,
    #[error("the central directory of the archive is damaged")]
    Directory,
    #[error("the archive contains \"{0}\" twice")]
    Twice(String),
    #[error("the entry \"{0}\" is stored at an offset that is no multiple of 4")]
    Misaligned(String),
    #[error("the header of the entry \"{0}\" is not one this builder writes")]
    Header(String),
    #[error("the data of the entry \"{0}\" do not match their length and checksum")]
    Content(String),
}

/// An archive as found.
#[derive(Debug)]
pub(crate) struct Archive {
    /// In the order of the directory, which is the order of the file.
    pub(crate) files: Vec<File>,
    /// The first byte behind the last entry; a signing block may follow before the directory.
    pub(crate) entries_end: usize,
    pub(crate) directory_start: usize,
    pub(crate) end_start: usize,
}

#[derive(Debug)]
pub(crate) struct File {
    pub(crate) entry: Entry,
    pub(crate) data_start: usize,
}

impl Archive {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ArchiveError> {
        if bytes.len() > MAXIMUM_ARCHIVE_BYTES {
            return Err(ArchiveError::TooLarge(bytes.len()));
        }
        let end_start = bytes.len().checked_sub(END_BYTES).ok_or(ArchiveError::EndRecord)?;
        let (count, directory_start) = end_record(&bytes[end_start..]).ok_or(ArchiveError::EndRecord)?;
        let mut directory =
            Reader::new(bytes.get(directory_start..end_start).ok_or(ArchiveError::EndRecord)?);
        let mut files: Vec<File> = Vec::new();
        let mut next = 0;
        for _ in 0..count {
            let file =
                file(&mut directory, &bytes[..directory_start], next).ok_or(ArchiveError::Directory)?;
            next = file.data_start + file.entry.data.len();
            files.push(file);
        }
        let archive = Self { files, entries_end: next, directory_start, end_start };
        archive.compare(bytes)?;
        Ok(archive)
    }

    /// Compares the file with what the writer makes of the same entries.
    fn compare(&self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let mut names = HashSet::new();
        for File { entry, data_start } in &self.files {
            if !names.insert(&entry.name) {
                return Err(ArchiveError::Twice(entry.name.clone()));
            }
            if entry.method == Method::Stored && !data_start.is_multiple_of(ALIGNMENT) {
                return Err(ArchiveError::Misaligned(entry.name.clone()));
            }
        }
        let written = super::Archive::write(self.files.iter().map(|file| &file.entry));
        let entries = &bytes[..self.entries_end];
        if written.entries != entries {
            let place = written.entries.iter().zip(entries).take_while(|(one, other)| one == other).count();
            let damaged = self.files.iter().find(|file| place < file.data_start + file.entry.data.len());
            return Err(
                damaged.map_or(ArchiveError::Directory, |file| ArchiveError::Header(file.entry.name.clone()))
            );
        }
        if written.directory != bytes[self.directory_start..self.end_start] {
            return Err(ArchiveError::Directory);
        }
        // The offset of the directory is the only field of the end record that a signing block moves.
        let (before, after) = (END_DIRECTORY_OFFSET, END_DIRECTORY_OFFSET + 4);
        let end = &bytes[self.end_start..];
        if written.end[..before] != end[..before] || written.end[after..] != end[after..] {
            return Err(ArchiveError::EndRecord);
        }
        Ok(())
    }

    pub(crate) fn file(&self, name: &str) -> Option<&File> {
        self.files.iter().find(|file| file.entry.name == name)
    }
}

impl File {
    /// The unpacked content.
    pub(crate) fn content(&self) -> Result<Vec<u8>, ArchiveError> {
        let damaged = || ArchiveError::Content(self.entry.name.clone());
        let content = match self.entry.method {
            Method::Stored => self.entry.data.clone(),
            Method::Deflated => inflate(&self.entry.data, self.entry.size).ok_or_else(damaged)?,
        };
        let whole =
            u32::try_from(content.len()) == Ok(self.entry.size) && crc32(&content) == self.entry.crc32;
        if whole { Ok(content) } else { Err(damaged()) }
    }
}

/// The number of entries and the offset of the directory.
fn end_record(bytes: &[u8]) -> Option<(u16, usize)> {
    let mut record = Reader::new(bytes);
    (record.u32()? == END_SIGNATURE).then_some(())?;
    record.take(4)?;
    let count = record.u16()?;
    record.take(6)?;
    Some((count, usize::try_from(record.u32()?).ok()?))
}

/// One record of the directory and the entry it points to, which must start where the one before ended: overlapping
/// entries could make a small file fill the memory.
fn file(directory: &mut Reader<'_>, entries: &[u8], expected_offset: usize) -> Option<File> {
    directory.take(10)?; // Signature, versions and flags: compared later.
    let method = match directory.u16()? {
        0 => Method::Stored,
        8 => Method::Deflated,
        _ => return None,
    };
    directory.take(4)?; // Time and date.
    let crc32 = directory.u32()?;
    let packed = usize::try_from(directory.u32()?).ok()?;
    let size = directory.u32()?;
    let name_bytes = usize::from(directory.u16()?);
    directory.take(12)?; // Lengths of extra field and comment, disk, attributes.
    let offset = usize::try_from(directory.u32()?).ok().filter(|offset| *offset == expected_offset)?;
    let name = std::str::from_utf8(directory.take(name_bytes)?).ok()?.to_owned();
    let mut local = Reader::new(entries.get(offset..)?);
    local.take(LOCAL_HEADER_BYTES - 4)?;
    let header_tail = usize::from(local.u16()?) + usize::from(local.u16()?);
    local.take(header_tail)?;
    let data = local.take(packed)?.to_vec();
    let data_start = offset + LOCAL_HEADER_BYTES + header_tail;
    Some(File { entry: Entry { name, method, data, crc32, size }, data_start })
}

/// At most `size` bytes, so that a forged archive cannot fill the memory.
fn inflate(packed: &[u8], size: u32) -> Option<Vec<u8>> {
    let size = usize::try_from(size).ok().filter(|size| *size <= MAXIMUM_CONTENT_BYTES)?;
    let mut content = Vec::with_capacity(size);
    let mut decompressor = Decompress::new(false);
    let status = decompressor.decompress_vec(packed, &mut content, FlushDecompress::Finish).ok()?;
    let consumed = usize::try_from(decompressor.total_in()) == Ok(packed.len());
    (status == Status::StreamEnd && consumed).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zip::CENTRAL_SIGNATURE;

    fn archive() -> Vec<u8> {
        let entries = [Entry::stored("a", vec![1, 2, 3]), Entry::deflated("bb", &[7; 100])];
        crate::zip::Archive::write(&entries).concat()
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let whole = archive();
        for index in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[index] ^= 1;
            let read = Archive::parse(&damaged);
            let content = read.and_then(|archive| {
                // Without a signing block nothing may stand between entries and directory.
                assert_eq!(archive.entries_end, archive.directory_start, "byte {index}");
                archive.files.iter().map(File::content).collect::<Result<Vec<_>, _>>()
            });
            assert!(content.is_err(), "byte {index}");
        }
    }

    #[test]
    fn a_moved_entry_is_called_misaligned() {
        let mut bytes = crate::zip::Archive::write(&[Entry::stored("a", vec![1, 2, 3])]).concat();
        // One more byte of padding in the first local header: longer extra field, everything behind moves by one.
        bytes[28] += 1;
        bytes.insert(LOCAL_HEADER_BYTES + 1, 0);
        let end = bytes.len() - END_BYTES + END_DIRECTORY_OFFSET;
        let moved = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) + 1;
        bytes.splice(end..end + 4, moved.to_le_bytes());
        assert_eq!(
            Archive::parse(&bytes).map(|archive| archive.files.len()),
            Err(ArchiveError::Misaligned("a".to_owned()))
        );
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        for bytes in [&b""[..], b"PK", &[0; 22], &[b'P'; 4096]] {
            assert_eq!(
                Archive::parse(bytes).map(|archive| archive.files.len()),
                Err(ArchiveError::EndRecord)
            );
        }
    }

    #[test]
    fn an_impossible_size_is_refused_before_memory_is_taken() {
        assert_eq!(inflate(&[0; 4], u32::MAX), None);
    }

    #[test]
    fn an_entry_that_does_not_follow_the_one_before_is_refused_before_it_is_copied() {
        let bytes = archive();
        let end = bytes.len() - END_BYTES;
        let (_, directory) = end_record(&bytes[end..]).unwrap();
        let second = bytes.windows(4).rposition(|window| window == CENTRAL_SIGNATURE.to_le_bytes()).unwrap();
        let offset = u32::from_le_bytes(bytes[second + 42..second + 46].try_into().unwrap()) as usize;
        let read = |expected| file(&mut Reader::new(&bytes[second..end]), &bytes[..directory], expected);
        assert!(read(offset).is_some());
        assert!(read(offset + 1).is_none() && read(0).is_none());
    }
}
