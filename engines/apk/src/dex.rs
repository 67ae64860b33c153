//! Assembles classes into a Dalvik executable, version 037 (AOSP "Dalvik executable format").
//! It refuses more than 65 536 references of a kind and every item our classes do not have: annotations, debug
//! information, static initial values, call sites.

mod code;
mod pools;

use crate::bytes::{PutLittleEndian, to_u32};
use crate::smali::{ACCESS_STATIC, Class, Method, MethodReference, SmaliError};
use pools::Pools;
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;

const HEADER_BYTES: usize = 0x70;
/// "No such index".
const NO_INDEX: u32 = u32::MAX;

/// The data section, which every offset counts from the start of the file.
struct Data {
    start: usize,
    bytes: Vec<u8>,
    /// Type, count and offset of every kind of item, for the map.
    map: Vec<(u16, u32, u32)>,
}

impl Data {
    fn offset(&self) -> u32 {
        to_u32(self.start + self.bytes.len())
    }

    /// `start` is a multiple of four, so aligning the section aligns the file.
    fn align(&mut self) -> u32 {
        self.bytes.pad_to(4);
        self.offset()
    }
}

/// Where the items of the data section went.
struct Offsets {
    type_lists: BTreeMap<Vec<u16>, u32>,
    strings: Vec<u32>,
    class_data: Vec<u32>,
}

/// One file of the given classes. A class must stand behind its superclass if that is among them.
pub(crate) fn assemble(classes: &[Class]) -> Result<Vec<u8>, SmaliError> {
    let pools = Pools::collect(classes);
    let counts = pools.counts();
    let [strings, types, prototypes, fields, methods] = counts;
    let sizes = [4 * strings, 4 * types, 12 * prototypes, 8 * fields, 8 * methods, 32 * classes.len()];
    let mut starts = [HEADER_BYTES; 7];
    for (index, size) in sizes.into_iter().enumerate() {
        starts[index + 1] = starts[index] + size;
    }
    let mut data = Data { start: starts[6], bytes: Vec::new(), map: vec![(0x0000, 1, 0)] };
    let id_counts = [strings, types, prototypes, fields, methods, classes.len()];
    for (kind, (count, start)) in (1..).zip(id_counts.into_iter().zip(starts)) {
        data.map.push((kind, to_u32(count), to_u32(start)));
    }
    let offsets = put_data(&mut data, classes, &pools)?;
    let map_offset = put_map(&mut data);

    let mut file = header(&data, id_counts, &starts, map_offset);
    put_ids(&mut file, classes, &pools, &offsets);
    file.extend_from_slice(&data.bytes);
    let signature = Sha1::digest(&file[32..]);
    file[12..32].copy_from_slice(&signature);
    let checksum = adler32(&file[12..]);
    file[8..12].copy_from_slice(&checksum.to_le_bytes());
    Ok(file)
}

fn header(data: &Data, id_counts: [usize; 6], starts: &[usize; 7], map_offset: u32) -> Vec<u8> {
    let mut file = b"dex\n037\0".to_vec();
    file.resize(32, 0); // Checksum and signature come last.
    file.put_u32(data.offset());
    file.put_u32(HEADER_BYTES as u32);
    file.put_u32(0x1234_5678); // Little-endian.
    file.put_u32(0); // Link section.
    file.put_u32(0);
    file.put_u32(map_offset);
    for (count, start) in id_counts.into_iter().zip(starts) {
        file.put_u32(to_u32(count));
        file.put_u32(to_u32(*start));
    }
    file.put_u32(to_u32(data.bytes.len()));
    file.put_u32(to_u32(data.start));
    file
}

fn put_data(data: &mut Data, classes: &[Class], pools: &Pools) -> Result<Offsets, SmaliError> {
    let mut code_by_method = BTreeMap::new();
    let code_start = data.align();
    for class in classes {
        for method in &class.methods {
            let offset = data.align();
            data.bytes.extend_from_slice(&code::encode(method, pools)?);
            code_by_method.insert(reference(class, method), offset);
        }
    }
    data.map.push((0x2001, to_u32(code_by_method.len()), code_start));

    let mut type_lists = pools.type_lists(classes);
    let lists_start = data.align();
    for (list, offset) in &mut type_lists {
        *offset = data.align();
        data.bytes.put_u32(to_u32(list.len()));
        for index in list {
            data.bytes.put_u16(*index);
        }
    }
    data.map.push((0x1001, to_u32(type_lists.len()), lists_start));

    let mut strings = Vec::new();
    let strings_start = data.offset();
    for text in pools.strings() {
        strings.push(data.offset());
        put_uleb128(&mut data.bytes, to_u32(text.encode_utf16().count()));
        put_modified_utf8(&mut data.bytes, text);
    }
    data.map.push((0x2002, to_u32(strings.len()), strings_start));

    let mut class_data = Vec::new();
    let class_data_start = data.offset();
    for class in classes {
        class_data.push(data.offset());
        put_class_data(&mut data.bytes, class, pools, &code_by_method);
    }
    data.map.push((0x2000, to_u32(class_data.len()), class_data_start));
    Ok(Offsets { type_lists, strings, class_data })
}

fn put_class_data(
    bytes: &mut Vec<u8>,
    class: &Class,
    pools: &Pools,
    code_by_method: &BTreeMap<MethodReference, u32>,
) {
    let mut fields: Vec<_> =
        class.fields.iter().map(|field| (pools.own_field(class, field), field.access)).collect();
    fields.sort_unstable();
    let (static_fields, instance_fields): (Vec<_>, Vec<_>) =
        fields.into_iter().partition(|(_, access)| access & ACCESS_STATIC != 0);
    let methods = |direct: bool| {
        let mut chosen: Vec<_> = class
            .methods
            .iter()
            .filter(|method| method.is_direct() == direct)
            .map(|method| {
                let reference = reference(class, method);
                (pools.method(&reference), method.access, code_by_method[&reference])
            })
            .collect();
        chosen.sort_unstable();
        chosen
    };
    let (direct, virtual_) = (methods(true), methods(false));
    for count in [static_fields.len(), instance_fields.len(), direct.len(), virtual_.len()] {
        put_uleb128(bytes, to_u32(count));
    }
    // Indexes are written as differences to the one before.
    for list in [static_fields, instance_fields] {
        let mut previous = 0;
        for (index, access) in list {
            put_uleb128(bytes, u32::from(index - previous));
            put_uleb128(bytes, access);
            previous = index;
        }
    }
    for list in [direct, virtual_] {
        let mut previous = 0;
        for (index, access, code) in list {
            put_uleb128(bytes, u32::from(index - previous));
            put_uleb128(bytes, access);
            put_uleb128(bytes, code);
            previous = index;
        }
    }
}

fn put_map(data: &mut Data) -> u32 {
    let offset = data.align();
    data.map.push((0x1000, 1, offset));
    let mut map: Vec<_> = data.map.iter().copied().filter(|(_, count, _)| *count > 0).collect();
    map.sort_by_key(|(_, _, offset)| *offset);
    data.bytes.put_u32(to_u32(map.len()));
    for (kind, count, offset) in map {
        data.bytes.put_u16(kind);
        data.bytes.put_u16(0);
        data.bytes.put_u32(count);
        data.bytes.put_u32(offset);
    }
    offset
}

/// The six lists of fixed-size items behind the header.
fn put_ids(file: &mut Vec<u8>, classes: &[Class], pools: &Pools, offsets: &Offsets) {
    for offset in &offsets.strings {
        file.put_u32(*offset);
    }
    for name in pools.types() {
        file.put_u32(pools.string(name));
    }
    for prototype in pools.prototypes() {
        file.put_u32(pools.string(&prototype.shorty()));
        file.put_u32(u32::from(pools.kind(&prototype.result)));
        file.put_u32(offsets.type_lists.get(&pools.kinds(&prototype.parameters)).copied().unwrap_or(0));
    }
    for field in pools.fields() {
        file.put_u16(pools.kind(&field.class));
        file.put_u16(pools.kind(&field.kind));
        file.put_u32(pools.string(&field.name));
    }
    for method in pools.methods() {
        file.put_u16(pools.kind(&method.class));
        file.put_u16(pools.prototype(&method.prototype));
        file.put_u32(pools.string(&method.name));
    }
    for (class, class_data) in classes.iter().zip(&offsets.class_data) {
        file.put_u32(u32::from(pools.kind(&class.name)));
        file.put_u32(class.access);
        file.put_u32(u32::from(pools.kind(&class.superclass)));
        file.put_u32(offsets.type_lists.get(&pools.kinds(&class.interfaces)).copied().unwrap_or(0));
        file.put_u32(NO_INDEX); // Source file.
        file.put_u32(0); // Annotations.
        file.put_u32(*class_data);
        file.put_u32(0); // Static values.
    }
}

fn reference(class: &Class, method: &Method) -> MethodReference {
    MethodReference {
        class: class.name.clone(),
        name: method.name.clone(),
        prototype: method.prototype.clone(),
    }
}

/// Seven bits per byte, lowest first, the top bit on all but the last.
fn put_uleb128(bytes: &mut Vec<u8>, mut value: u32) {
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// UTF-8 of each UTF-16 unit by itself, zero in two bytes, ended by a zero byte (format, "MUTF-8").
fn put_modified_utf8(bytes: &mut Vec<u8>, text: &str) {
    for unit in text.encode_utf16() {
        match unit {
            0x01..=0x7f => bytes.push(unit as u8),
            0 | 0x80..=0x7ff => bytes.extend([0xc0 | (unit >> 6) as u8, 0x80 | (unit & 0x3f) as u8]),
            _ => bytes.extend([
                0xe0 | (unit >> 12) as u8,
                0x80 | (unit >> 6 & 0x3f) as u8,
                0x80 | (unit & 0x3f) as u8,
            ]),
        }
    }
    bytes.push(0);
}

/// RFC 1950 §9.
fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    high << 16 | low
}

#[cfg(test)]
mod tests;
