//! Binary XML (`ResXMLTree`, AOSP frameworks/base/libs/androidfw/include/androidfw/ResourceTypes.h).
//! It refuses to read: what was written is read back by the judges.

use crate::bytes::{PutLittleEndian, to_u16, to_u32};
use crate::element::{ANDROID_NAMESPACE, Element, Node, Value};
use crate::string_pool::StringPool;
use std::collections::BTreeMap;

const CHUNK_XML: u16 = 0x0003;
const CHUNK_START_NAMESPACE: u16 = 0x0100;
const CHUNK_END_NAMESPACE: u16 = 0x0101;
const CHUNK_START_ELEMENT: u16 = 0x0102;
const CHUNK_END_ELEMENT: u16 = 0x0103;
const CHUNK_CHARACTER_DATA: u16 = 0x0104;
const CHUNK_RESOURCE_MAP: u16 = 0x0180;
/// "No such string" wherever a string index is optional.
const NONE: u32 = u32::MAX;

/// One document: string pool, resource map, then the tree as a flat list of nodes.
pub(crate) fn encode(root: &Element) -> Vec<u8> {
    let mut pool = StringPool::default();
    // The resource map is parallel to the front of the pool, so attribute names with an id take the first places.
    let mut name_by_id = BTreeMap::new();
    collect_names(root, &mut name_by_id);
    for name in name_by_id.values() {
        pool.index(name);
    }
    let mut nodes = Vec::new();
    let mut namespace = Vec::new();
    namespace.put_u32(pool.index("android"));
    namespace.put_u32(pool.index(ANDROID_NAMESPACE));
    put_node(&mut nodes, CHUNK_START_NAMESPACE, &namespace);
    put_element(&mut nodes, &mut pool, root);
    put_node(&mut nodes, CHUNK_END_NAMESPACE, &namespace);

    let mut body = pool.encode();
    body.put_u16(CHUNK_RESOURCE_MAP);
    body.put_u16(8);
    body.put_u32(to_u32(8 + 4 * name_by_id.len()));
    for id in name_by_id.keys() {
        body.put_u32(*id);
    }
    body.extend_from_slice(&nodes);

    let mut document = Vec::with_capacity(8 + body.len());
    document.put_u16(CHUNK_XML);
    document.put_u16(8);
    document.put_u32(to_u32(8 + body.len()));
    document.extend_from_slice(&body);
    document
}

/// The type byte and the data of a `Res_value`; texts are indexes into `pool`.
pub(crate) fn typed_value(value: &Value, pool: &mut StringPool) -> (u8, u32) {
    match value {
        Value::Reference(id) => (0x01, id.0),
        Value::Text(text) => (0x03, pool.index(text)),
        Value::Integer(number) => (0x10, number.cast_unsigned()),
        Value::Flags(flags) => (0x11, *flags),
        Value::Boolean(boolean) => (0x12, if *boolean { u32::MAX } else { 0 }),
        Value::Colour(argb) => (0x1c, *argb),
    }
}

/// A `Res_value`: its size, a zero byte, type and data.
pub(crate) fn put_typed_value(bytes: &mut Vec<u8>, (kind, data): (u8, u32)) {
    bytes.put_u16(8);
    bytes.put_u8(0);
    bytes.put_u8(kind);
    bytes.put_u32(data);
}

fn collect_names(element: &Element, name_by_id: &mut BTreeMap<u32, &'static str>) {
    for attribute in &element.attributes {
        if let Some(id) = attribute.name.id {
            name_by_id.insert(id, attribute.name.text);
        }
    }
    for child in &element.children {
        if let Node::Element(child) = child {
            collect_names(child, name_by_id);
        }
    }
}

/// A node: chunk header, line number, no comment, then what the kind of node carries.
fn put_node(nodes: &mut Vec<u8>, chunk: u16, extension: &[u8]) {
    nodes.put_u16(chunk);
    nodes.put_u16(16);
    nodes.put_u32(to_u32(16 + extension.len()));
    nodes.put_u32(1);
    nodes.put_u32(NONE);
    nodes.extend_from_slice(extension);
}

fn put_element(nodes: &mut Vec<u8>, pool: &mut StringPool, element: &Element) {
    let name = pool.index(element.name);
    let mut start = Vec::with_capacity(20 + 20 * element.attributes.len());
    start.put_u32(NONE);
    start.put_u32(name);
    start.put_u16(20); // Offset of the first attribute.
    start.put_u16(20); // Size of an attribute.
    start.put_u16(to_u16(element.attributes.len()));
    start.put_u16(0); // One-based indexes of the attributes id, class and style, of which we have none.
    start.put_u16(0);
    start.put_u16(0);
    for attribute in &element.attributes {
        start.put_u32(attribute.name.id.map_or(NONE, |_| pool.index(ANDROID_NAMESPACE)));
        start.put_u32(pool.index(attribute.name.text));
        let (kind, data) = typed_value(&attribute.value, pool);
        let raw = if matches!(attribute.value, Value::Text(_)) { data } else { NONE };
        start.put_u32(raw);
        put_typed_value(&mut start, (kind, data));
    }
    put_node(nodes, CHUNK_START_ELEMENT, &start);
    for child in &element.children {
        match child {
            Node::Element(child) => put_element(nodes, pool, child),
            Node::Text(text) => {
                let mut data = Vec::new();
                data.put_u32(pool.index(text));
                put_typed_value(&mut data, (0, 0));
                put_node(nodes, CHUNK_CHARACTER_DATA, &data);
            }
        }
    }
    let mut end = Vec::new();
    end.put_u32(NONE);
    end.put_u32(name);
    put_node(nodes, CHUNK_END_ELEMENT, &end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::attribute;
    use crate::string_pool::tests::decode;

    #[test]
    fn a_small_document_is_the_bytes_of_the_specification() {
        let root = Element::new("a").with(attribute::EXPORTED, Value::Boolean(true)).text("t");
        let document = encode(&root);
        let word = |index: usize| u32::from_le_bytes(document[4 * index..][..4].try_into().unwrap());
        assert_eq!((word(0), word(1) as usize), (0x0008_0003, document.len()));
        let pool_bytes = word(3) as usize;
        let strings = decode(&document[8..8 + pool_bytes]).unwrap();
        assert_eq!(strings, ["exported", "android", ANDROID_NAMESPACE, "a", "t"]);
        let after_pool = (8 + pool_bytes) / 4;
        let expected = [
            0x0008_0180,
            12,
            0x0101_0010, // Resource map.
            0x0010_0100,
            24,
            1,
            NONE,
            1,
            2, // Start of the namespace.
            0x0010_0102,
            56,
            1,
            NONE,
            NONE,
            3,
            0x0014_0014,
            1,
            0, // Start of the element,
            2,
            0,
            NONE,
            0x1200_0008,
            NONE, // its attribute,
            0x0010_0104,
            28,
            1,
            NONE,
            4,
            8,
            0, // its text
            0x0010_0103,
            24,
            1,
            NONE,
            NONE,
            3, // and its end.
            0x0010_0101,
            24,
            1,
            NONE,
            1,
            2, // End of the namespace.
        ];
        let actual: Vec<u32> = (after_pool..document.len() / 4).map(word).collect();
        assert_eq!(actual, expected);
    }

    #[test]
    fn names_of_the_resource_map_come_first_and_in_order_of_their_ids() {
        let root = Element::new("z")
            .child(Element::new("b").with(attribute::VERSION_NAME, "v"))
            .with(attribute::PACKAGE, "p")
            .with(attribute::NAME, "n");
        let document = encode(&root);
        let strings = decode(&document[8..]).unwrap();
        assert_eq!(strings[..3], ["name", "versionName", "android"]);
    }
}
