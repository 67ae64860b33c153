//! String pools (`ResStringPool`, ResourceTypes.h), always in UTF-16.
//! It refuses UTF-8 pools: the platform reads those as *modified* UTF-8, in which characters beyond the basic plane look
//! different, and the few hundred bytes they would save are not worth a label that is right on some phones only.

use crate::bytes::{PutLittleEndian, to_u32};
use std::collections::HashMap;

const CHUNK_STRING_POOL: u16 = 0x0001;
const HEADER_BYTES: usize = 28;

/// Distinct strings in the order of their first use.
#[derive(Debug, Default)]
pub(crate) struct StringPool {
    strings: Vec<String>,
    index_by_string: HashMap<String, u32>,
}

impl StringPool {
    /// The index of `text`, which is added when it is new.
    pub(crate) fn index(&mut self, text: &str) -> u32 {
        if let Some(index) = self.index_by_string.get(text) {
            return *index;
        }
        let index = to_u32(self.strings.len());
        self.strings.push(text.to_owned());
        self.index_by_string.insert(text.to_owned(), index);
        index
    }

    /// The pool as a chunk.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut offsets = Vec::new();
        let mut data = Vec::new();
        for text in &self.strings {
            offsets.put_u32(to_u32(data.len()));
            put_string(&mut data, text);
        }
        data.pad_to(4);
        let strings_start = HEADER_BYTES + offsets.len();
        let mut chunk = Vec::with_capacity(strings_start + data.len());
        chunk.put_u16(CHUNK_STRING_POOL);
        chunk.put_u16(HEADER_BYTES as u16);
        chunk.put_u32(to_u32(strings_start + data.len()));
        chunk.put_u32(to_u32(self.strings.len()));
        chunk.put_u32(0); // Styled strings.
        chunk.put_u32(0); // Flags: UTF-16, not sorted.
        chunk.put_u32(to_u32(strings_start));
        chunk.put_u32(0); // Start of the styles.
        chunk.extend_from_slice(&offsets);
        chunk.extend_from_slice(&data);
        chunk
    }
}

/// The length in UTF-16 units (two halves, the first marked, above 0x7fff), the units, a zero unit.
fn put_string(data: &mut Vec<u8>, text: &str) {
    let units: Vec<u16> = text.encode_utf16().collect();
    let length = to_u32(units.len());
    if length > 0x7fff {
        data.put_u16((length >> 16) as u16 | 0x8000);
    }
    data.put_u16((length & 0xffff) as u16);
    for unit in units {
        data.put_u16(unit);
    }
    data.put_u16(0);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::bytes::Reader;
    use proptest::prelude::*;

    /// Reads a pool the way `ResStringPool::stringAt` does.
    pub(crate) fn decode(chunk: &[u8]) -> Option<Vec<String>> {
        let mut header = Reader::new(chunk);
        let (_, _, size, count) = (header.u16()?, header.u16()?, header.u32()?, header.u32()?);
        let (_, flags, start) = (header.u32()?, header.u32()?, header.u32()? as usize);
        header.u32()?;
        assert_eq!((flags, size as usize % 4), (0, 0));
        let offsets: Vec<u32> = (0..count).map(|_| header.u32()).collect::<Option<_>>()?;
        offsets
            .into_iter()
            .map(|offset| {
                let mut data = Reader::new(chunk.get(start + offset as usize..size as usize)?);
                let first = u32::from(data.u16()?);
                let length =
                    if first & 0x8000 == 0 { first } else { (first & 0x7fff) << 16 | u32::from(data.u16()?) };
                let units: Vec<u16> = (0..length).map(|_| data.u16()).collect::<Option<_>>()?;
                assert_eq!(data.u16(), Some(0), "the terminator");
                String::from_utf16(&units).ok()
            })
            .collect()
    }

    #[test]
    fn lengths_around_every_boundary_survive() {
        let strings: Vec<String> = [0, 1, 127, 128, 129, 0x7fff, 0x8000, 0x1_0000, 0x1_0001]
            .into_iter()
            .map(|length| "\u{e9}".repeat(length))
            .collect();
        let mut pool = StringPool::default();
        for text in &strings {
            pool.index(text);
        }
        assert_eq!(decode(&pool.encode()), Some(strings));
    }

    #[test]
    fn many_strings_keep_their_indexes() {
        let mut pool = StringPool::default();
        for round in 0..2 {
            for number in 0..40_000_u32 {
                assert_eq!(pool.index(&number.to_string()), number, "round {round}");
            }
        }
        assert_eq!(decode(&pool.encode()).map(|strings| strings.len()), Some(40_000));
    }

    proptest! {
        #[test]
        fn any_script_survives(strings in proptest::collection::vec("\\PC{0,60}", 1..40)) {
            let mut pool = StringPool::default();
            let indexes: Vec<u32> = strings.iter().map(|text| pool.index(text)).collect();
            let decoded = decode(&pool.encode()).unwrap();
            for (text, index) in strings.iter().zip(indexes) {
                prop_assert_eq!(&decoded[index as usize], text);
            }
        }
    }
}
