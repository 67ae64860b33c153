//! Writes ZIP archives the way Android wants them (PKWARE APPNOTE.TXT 6.3.10): aligned, and the same bytes every time.
//! It refuses ZIP64, encryption, comments, data descriptors and real timestamps.

pub(crate) mod read;

use crate::bytes::{PutLittleEndian, to_u16, to_u32};
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

pub(crate) const LOCAL_HEADER_BYTES: usize = 30;
pub(crate) const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
pub(crate) const CENTRAL_SIGNATURE: u32 = 0x0201_4b50;
pub(crate) const END_SIGNATURE: u32 = 0x0605_4b50;
pub(crate) const END_BYTES: usize = 22;
/// Where the end record holds the offset of the central directory.
pub(crate) const END_DIRECTORY_OFFSET: usize = 16;
/// The extra field zipalign and apksigner pad with.
const ALIGNMENT_FIELD: u16 = 0xd935;
/// Stored entries start at multiples of this, so that the platform can map them.
pub(crate) const ALIGNMENT: usize = 4;
/// 1 January 1980, the earliest date the format knows.
const DOS_DATE: u16 = 1 << 5 | 1;
/// Version 2.0: deflate and folders.
const VERSION_NEEDED: u16 = 20;
/// General purpose bit 11: the name is UTF-8.
const FLAG_UTF8: u16 = 1 << 11;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Stored,
    Deflated,
}

impl Method {
    pub(crate) fn code(self) -> u16 {
        match self {
            Self::Stored => 0,
            Self::Deflated => 8,
        }
    }
}

/// A file in the archive, with its data as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) method: Method,
    pub(crate) data: Vec<u8>,
    pub(crate) crc32: u32,
    pub(crate) size: u32,
}

impl Entry {
    pub(crate) fn stored(name: &str, data: Vec<u8>) -> Self {
        let (crc32, size) = (crc32(&data), to_u32(data.len()));
        Self { name: name.to_owned(), method: Method::Stored, data, crc32, size }
    }

    /// Deflates, unless that would make the data longer.
    pub(crate) fn deflated(name: &str, data: &[u8]) -> Self {
        let packed = deflate(data);
        if packed.len() >= data.len() {
            return Self::stored(name, data.to_vec());
        }
        Self {
            name: name.to_owned(),
            method: Method::Deflated,
            data: packed,
            crc32: crc32(data),
            size: to_u32(data.len()),
        }
    }

    fn put_common_header(&self, bytes: &mut Vec<u8>) {
        bytes.put_u16(VERSION_NEEDED);
        bytes.put_u16(if self.name.is_ascii() { 0 } else { FLAG_UTF8 });
        bytes.put_u16(self.method.code());
        bytes.put_u16(0); // Midnight.
        bytes.put_u16(DOS_DATE);
        bytes.put_u32(self.crc32);
        bytes.put_u32(to_u32(self.data.len()));
        bytes.put_u32(self.size);
        bytes.put_u16(to_u16(self.name.len()));
    }
}

/// An archive in its three sections; a signing block fits between the first two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Archive {
    pub(crate) entries: Vec<u8>,
    pub(crate) directory: Vec<u8>,
    /// The end record, pointing at a directory right behind `entries`.
    pub(crate) end: Vec<u8>,
}

impl Archive {
    pub(crate) fn write<'a>(files: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut entries = Vec::new();
        let mut directory = Vec::new();
        let mut count = 0;
        for file in files {
            let offset = to_u32(entries.len());
            let padding = match file.method {
                Method::Stored => alignment_field(entries.len() + LOCAL_HEADER_BYTES + file.name.len()),
                Method::Deflated => Vec::new(),
            };
            entries.put_u32(LOCAL_SIGNATURE);
            file.put_common_header(&mut entries);
            entries.put_u16(to_u16(padding.len()));
            entries.extend_from_slice(file.name.as_bytes());
            entries.extend_from_slice(&padding);
            entries.extend_from_slice(&file.data);

            directory.put_u32(CENTRAL_SIGNATURE);
            directory.put_u16(VERSION_NEEDED); // Made by: MS-DOS, so that no file mode is implied.
            file.put_common_header(&mut directory);
            directory.put_u16(0); // Extra field.
            directory.put_u16(0); // Comment.
            directory.put_u16(0); // Disk.
            directory.put_u16(0); // Internal attributes.
            directory.put_u32(0); // External attributes.
            directory.put_u32(offset);
            directory.extend_from_slice(file.name.as_bytes());
            count += 1;
        }
        let mut end = Vec::with_capacity(END_BYTES);
        end.put_u32(END_SIGNATURE);
        end.put_u16(0); // Disk.
        end.put_u16(0); // Disk of the directory.
        end.put_u16(count);
        end.put_u16(count);
        end.put_u32(to_u32(directory.len()));
        end.put_u32(to_u32(entries.len()));
        end.put_u16(0); // Comment.
        Self { entries, directory, end }
    }

    pub(crate) fn concat(&self) -> Vec<u8> {
        [&self.entries[..], &self.directory, &self.end].concat()
    }
}

/// An extra field that moves the data behind it to a multiple of [`ALIGNMENT`]: id, size, the alignment, zeros.
fn alignment_field(field_start: usize) -> Vec<u8> {
    let data_start = field_start + 6;
    let padding = data_start.next_multiple_of(ALIGNMENT) - data_start;
    let mut field = Vec::with_capacity(6 + padding);
    field.put_u16(ALIGNMENT_FIELD);
    field.put_u16(to_u16(2 + padding));
    field.put_u16(ALIGNMENT as u16);
    field.resize(6 + padding, 0);
    field
}

pub(crate) fn crc32(data: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(data);
    crc.sum()
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut compressor = Compress::new(Compression::new(6), false);
    // Deflate grows incompressible data by less than one part in a thousand and a few bytes.
    let mut packed = Vec::with_capacity(data.len() + data.len() / 512 + 64);
    let status = compressor.compress_vec(data, &mut packed, FlushCompress::Finish);
    assert!(matches!(status, Ok(Status::StreamEnd)), "the buffer holds the worst case");
    packed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_empty_archive_is_its_end_record() {
        let archive = Archive::write([]);
        assert_eq!(archive.concat(), b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    }

    proptest! {
        #[test]
        fn entries_are_read_back_and_stored_ones_are_aligned(
            files in proptest::collection::btree_map(
                "[a-z/\u{e9}]{1,20}",
                (any::<bool>(), proptest::collection::vec(0_u8..3, 0..300)),
                0..8,
            )
        ) {
            let entries: Vec<Entry> = files
                .iter()
                .map(|(name, (pack, data))| match pack {
                    true => Entry::deflated(name, data),
                    false => Entry::stored(name, data.clone()),
                })
                .collect();
            let bytes = Archive::write(&entries).concat();
            let archive = read::Archive::parse(&bytes).unwrap();
            prop_assert_eq!(archive.files.len(), entries.len());
            for (file, entry) in archive.files.iter().zip(&entries) {
                prop_assert_eq!(&file.entry, entry);
                prop_assert_eq!(&file.content().unwrap(), &files[&entry.name].1);
                prop_assert!(entry.method == Method::Deflated || file.data_start.is_multiple_of(ALIGNMENT));
            }
        }
    }
}
