//! The compiled resource table, `resources.arsc` (`ResTable`, ResourceTypes.h).
//! It refuses sparse and compact entries, which old platforms cannot read.

use crate::axml::{put_typed_value, typed_value};
use crate::bytes::{PutLittleEndian, to_u16, to_u32};
use crate::string_pool::StringPool;
use crate::table::{Configuration, Content, Entry, OWN_PACKAGE, Table, Type};
use std::collections::BTreeSet;

const CHUNK_TABLE: u16 = 0x0002;
const CHUNK_PACKAGE: u16 = 0x0200;
const CHUNK_TYPE: u16 = 0x0201;
const CHUNK_TYPE_SPECIFICATION: u16 = 0x0202;
const PACKAGE_HEADER_BYTES: usize = 288;
/// `ResTable_config` as of API 24 and later readers accept it.
const CONFIGURATION_BYTES: usize = 64;
/// The package name's fixed field: 128 UTF-16 units, the last of them zero.
const PACKAGE_NAME_UNITS: usize = 128;
/// Axes by which the variants of an entry may differ (`ResTable_config::CONFIG_*`).
const VARIES_BY_DENSITY: u32 = 0x0100;
const VARIES_BY_VERSION: u32 = 0x0400;

/// The strings a table refers to.
#[derive(Default)]
struct Pools {
    values: StringPool,
    keys: StringPool,
}

pub(crate) fn encode(table: &Table) -> Vec<u8> {
    let mut pools = Pools::default();
    let mut type_names = StringPool::default();
    let mut chunks = Vec::new();
    for (index, owner) in table.types.iter().enumerate() {
        type_names.index(owner.name);
        let id = u8::try_from(index + 1).expect("the shell has a handful of resource types");
        put_type_specification(&mut chunks, id, owner);
        let configurations: BTreeSet<Configuration> = owner
            .entries
            .iter()
            .flat_map(|entry| entry.variants.iter().map(|(configuration, _)| *configuration))
            .collect();
        for configuration in configurations {
            put_type(&mut chunks, id, owner, configuration, &mut pools);
        }
    }
    let package = package_chunk(&table.package, &type_names.encode(), &pools.keys.encode(), &chunks);
    let values = pools.values.encode();
    let mut bytes = Vec::with_capacity(12 + values.len() + package.len());
    bytes.put_u16(CHUNK_TABLE);
    bytes.put_u16(12);
    bytes.put_u32(to_u32(12 + values.len() + package.len()));
    bytes.put_u32(1); // Packages.
    bytes.extend_from_slice(&values);
    bytes.extend_from_slice(&package);
    bytes
}

fn package_chunk(name: &str, type_names: &[u8], keys: &[u8], chunks: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.put_u16(CHUNK_PACKAGE);
    bytes.put_u16(PACKAGE_HEADER_BYTES as u16);
    bytes.put_u32(to_u32(PACKAGE_HEADER_BYTES + type_names.len() + keys.len() + chunks.len()));
    bytes.put_u32(u32::from(OWN_PACKAGE));
    // The name is informative here; the manifest's counts. Longer ids are cut as aapt2 does.
    let mut units: Vec<u16> = name.encode_utf16().take(PACKAGE_NAME_UNITS - 1).collect();
    units.resize(PACKAGE_NAME_UNITS, 0);
    for unit in units {
        bytes.put_u16(unit);
    }
    bytes.put_u32(PACKAGE_HEADER_BYTES as u32);
    bytes.put_u32(0); // Last public type.
    bytes.put_u32(to_u32(PACKAGE_HEADER_BYTES + type_names.len()));
    bytes.put_u32(0); // Last public key.
    bytes.put_u32(0); // Offset of the type ids.
    bytes.extend_from_slice(type_names);
    bytes.extend_from_slice(keys);
    bytes.extend_from_slice(chunks);
    bytes
}

/// For every entry the axes by which its variants differ; the platform re-reads a resource only when one of them changes.
fn put_type_specification(bytes: &mut Vec<u8>, id: u8, owner: &Type) {
    bytes.put_u16(CHUNK_TYPE_SPECIFICATION);
    bytes.put_u16(16);
    bytes.put_u32(to_u32(16 + 4 * owner.entries.len()));
    bytes.put_u8(id);
    bytes.put_u8(0);
    bytes.put_u16(0);
    bytes.put_u32(to_u32(owner.entries.len()));
    for entry in &owner.entries {
        bytes.put_u32(varying_axes(entry));
    }
}

fn varying_axes(entry: &Entry) -> u32 {
    let differs = |axis: fn(&Configuration) -> u16| {
        entry.variants.windows(2).any(|pair| axis(&pair[0].0) != axis(&pair[1].0))
    };
    let density = if differs(|configuration| configuration.density_dpi) { VARIES_BY_DENSITY } else { 0 };
    let version = if differs(|configuration| configuration.sdk) { VARIES_BY_VERSION } else { 0 };
    density | version
}

/// All entries of one type for one configuration; an entry without a variant for it has the offset "none".
fn put_type(bytes: &mut Vec<u8>, id: u8, owner: &Type, configuration: Configuration, pools: &mut Pools) {
    let mut offsets = Vec::new();
    let mut entries = Vec::new();
    for entry in &owner.entries {
        match entry.variants.iter().find(|(candidate, _)| *candidate == configuration) {
            None => offsets.put_u32(u32::MAX),
            Some((_, content)) => {
                offsets.put_u32(to_u32(entries.len()));
                put_entry(&mut entries, entry.name, content, pools);
            }
        }
    }
    let header_bytes = 20 + CONFIGURATION_BYTES;
    let entries_start = header_bytes + offsets.len();
    bytes.put_u16(CHUNK_TYPE);
    bytes.put_u16(to_u16(header_bytes));
    bytes.put_u32(to_u32(entries_start + entries.len()));
    bytes.put_u8(id);
    bytes.put_u8(0);
    bytes.put_u16(0);
    bytes.put_u32(to_u32(owner.entries.len()));
    bytes.put_u32(to_u32(entries_start));
    put_configuration(bytes, configuration);
    bytes.extend_from_slice(&offsets);
    bytes.extend_from_slice(&entries);
}

fn put_configuration(bytes: &mut Vec<u8>, configuration: Configuration) {
    let mut fields = [0; CONFIGURATION_BYTES];
    fields[0] = CONFIGURATION_BYTES as u8;
    fields[14..16].copy_from_slice(&configuration.density_dpi.to_le_bytes());
    fields[24..26].copy_from_slice(&configuration.sdk.to_le_bytes());
    bytes.extend_from_slice(&fields);
}

fn put_entry(bytes: &mut Vec<u8>, name: &str, content: &Content, pools: &mut Pools) {
    let key = pools.keys.index(name);
    match content {
        Content::Item(value) => {
            bytes.put_u16(8);
            bytes.put_u16(0);
            bytes.put_u32(key);
            put_typed_value(bytes, typed_value(value, &mut pools.values));
        }
        Content::File(path) => {
            bytes.put_u16(8);
            bytes.put_u16(0);
            bytes.put_u32(key);
            put_typed_value(bytes, (0x03, pools.values.index(path)));
        }
        Content::Style { parent, items } => {
            bytes.put_u16(16);
            bytes.put_u16(1); // FLAG_COMPLEX.
            bytes.put_u32(key);
            bytes.put_u32(parent.0);
            bytes.put_u32(to_u32(items.len()));
            for (attribute, value) in items {
                bytes.put_u32(*attribute);
                put_typed_value(bytes, typed_value(value, &mut pools.values));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::Value;

    #[test]
    fn the_chunks_fill_the_table_exactly() {
        let mut table = Table::new("app.example");
        table.add_value("string", "app_name", Value::from("\u{1f388}"));
        let variants = [(0, 0), (160, 4), (640, 4)].map(|(density_dpi, sdk)| {
            (Configuration { density_dpi, sdk }, Content::File(format!("res/{density_dpi}.png")))
        });
        table.add("mipmap", "icon", variants.to_vec());
        let bytes = encode(&table);
        let size_at =
            |offset: usize| u32::from_le_bytes(bytes[offset + 4..][..4].try_into().unwrap()) as usize;
        assert_eq!(size_at(0), bytes.len());
        let package = 12 + size_at(12);
        assert_eq!(package + size_at(package), bytes.len());
        let mut kinds = Vec::new();
        let mut offset = package + PACKAGE_HEADER_BYTES;
        while offset < bytes.len() {
            kinds.push(u16::from_le_bytes([bytes[offset], bytes[offset + 1]]));
            offset += size_at(offset);
        }
        assert_eq!(kinds, [1, 1, 0x202, 0x201, 0x202, 0x201, 0x201, 0x201]);
        assert_eq!(offset, bytes.len());
    }

    #[test]
    fn the_axes_of_an_entry_are_those_that_vary() {
        let entry = |configurations: &[(u16, u16)]| Entry {
            name: "x",
            variants: configurations
                .iter()
                .map(|(density_dpi, sdk)| {
                    (Configuration { density_dpi: *density_dpi, sdk: *sdk }, Content::File(String::new()))
                })
                .collect(),
        };
        assert_eq!(varying_axes(&entry(&[(0, 0)])), 0);
        assert_eq!(varying_axes(&entry(&[(160, 4), (640, 4)])), VARIES_BY_DENSITY);
        assert_eq!(varying_axes(&entry(&[(0, 0), (0, 31)])), VARIES_BY_VERSION);
        assert_eq!(
            varying_axes(&entry(&[(160, 4), (DENSITY_ANY, 26)])),
            VARIES_BY_DENSITY | VARIES_BY_VERSION
        );
    }

    use crate::table::DENSITY_ANY;
}
