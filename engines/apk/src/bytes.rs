//! Little-endian writing and bounded reading: the two things every Android format needs.
//! It refuses to know any format.

/// Appends integers in little-endian order.
pub(crate) trait PutLittleEndian {
    fn put_u8(&mut self, value: u8);
    fn put_u16(&mut self, value: u16);
    fn put_u32(&mut self, value: u32);
    fn put_u64(&mut self, value: u64);
    /// A length in bytes as `u32`, then the bytes; the "length-prefixed sequence" of the signing block.
    fn put_prefixed(&mut self, bytes: &[u8]);
    /// Zero bytes until the length is a multiple of `alignment`.
    fn pad_to(&mut self, alignment: usize);
}

impl PutLittleEndian for Vec<u8> {
    fn put_u8(&mut self, value: u8) {
        self.push(value);
    }

    fn put_u16(&mut self, value: u16) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_u32(&mut self, value: u32) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_u64(&mut self, value: u64) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_prefixed(&mut self, bytes: &[u8]) {
        self.put_u32(to_u32(bytes.len()));
        self.extend_from_slice(bytes);
    }

    fn pad_to(&mut self, alignment: usize) {
        self.resize(self.len().next_multiple_of(alignment), 0);
    }
}

/// A length or offset as the formats store it.
///
/// Inputs are capped far below 4 GiB ([`crate::zip`] refuses larger archives), so the conversion cannot fail.
pub(crate) fn to_u32(length: usize) -> u32 {
    u32::try_from(length).expect("every input is capped far below 4 GiB")
}

/// A count as the formats store it in 16 bits.
pub(crate) fn to_u16(count: usize) -> u16 {
    u16::try_from(count).expect("the caller keeps the count below 65 536")
}

/// Reads forward through bytes; every read answers `None` instead of passing the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        self.take(LENGTH)?.try_into().ok()
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// The counterpart of [`PutLittleEndian::put_prefixed`].
    pub(crate) fn prefixed(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        self.take(usize::try_from(length).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_read_back() {
        let mut bytes = Vec::new();
        bytes.put_u8(1);
        bytes.put_u16(0x0203);
        bytes.put_u32(0x0405_0607);
        bytes.put_u64(0x0809_0a0b_0c0d_0e0f);
        bytes.put_prefixed(b"tail");
        bytes.pad_to(4);
        assert_eq!(bytes.len() % 4, 0);
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.take(1), Some(&[1][..]));
        assert_eq!(reader.u16(), Some(0x0203));
        assert_eq!(reader.u32(), Some(0x0405_0607));
        assert_eq!(reader.u64(), Some(0x0809_0a0b_0c0d_0e0f));
        assert_eq!(reader.prefixed(), Some(&b"tail"[..]));
    }

    #[test]
    fn a_length_past_the_end_is_refused() {
        let mut bytes = Vec::new();
        bytes.put_u32(5);
        bytes.extend_from_slice(b"four");
        assert_eq!(Reader::new(&bytes).prefixed(), None);
    }
}
