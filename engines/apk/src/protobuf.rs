//! The protobuf twin of manifest and resource table that an Android App Bundle carries.
//! Field numbers: AOSP frameworks/base/tools/aapt2/Resources.proto and Configuration.proto; bundletool's config.proto.
//! It refuses to decode, and to write fields that hold their default.

use crate::bytes::to_u32;
use crate::element::{ANDROID_NAMESPACE, Element, Node, Value};
use crate::table::{Configuration, Content, OWN_PACKAGE, ResourceId, Table};

/// The bundletool release whose rules the bundle follows.
const BUNDLETOOL_VERSION: &str = "1.18.0";

/// A message under construction (Protocol Buffers Encoding: varint and length-delimited fields).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Message(Vec<u8>);

impl Message {
    fn new() -> Self {
        Self::default()
    }

    fn put_varint(&mut self, mut value: u64) {
        while value > 0x7f {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A number; zero is the default and left out.
    fn number(self, field: u32, value: u32) -> Self {
        if value == 0 { self } else { self.member(field, u64::from(value)) }
    }

    /// A number that is one choice of several: the default is written too, else the choice would be lost.
    fn member(mut self, field: u32, value: u64) -> Self {
        self.put_varint(u64::from(field << 3));
        self.put_varint(value);
        self
    }

    fn bytes(mut self, field: u32, bytes: &[u8]) -> Self {
        self.put_varint(u64::from(field << 3 | 2));
        self.put_varint(u64::from(to_u32(bytes.len())));
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(self, field: u32, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    fn message(self, field: u32, message: &Self) -> Self {
        self.bytes(field, &message.0)
    }
}

/// `BundleConfig.pb`.
pub(crate) fn bundle_config() -> Vec<u8> {
    Message::new().message(1, &Message::new().text(2, BUNDLETOOL_VERSION)).0
}

/// A document as an `XmlNode`.
pub(crate) fn xml(root: &Element, table: &Table) -> Vec<u8> {
    let namespace = Message::new().text(1, "android").text(2, ANDROID_NAMESPACE);
    Message::new().message(1, &element(Message::new().message(1, &namespace), root, table)).0
}

fn element(start: Message, element_: &Element, table: &Table) -> Message {
    let mut message = start.text(3, element_.name);
    for attribute in &element_.attributes {
        let mut encoded = Message::new();
        if attribute.name.id.is_some() {
            encoded = encoded.text(1, ANDROID_NAMESPACE);
        }
        encoded = encoded
            .text(2, attribute.name.text)
            .text(3, &source_text(&attribute.value, table))
            .number(5, attribute.name.id.unwrap_or(0));
        if !matches!(attribute.value, Value::Text(_)) {
            encoded = encoded.message(6, &item(&attribute.value, table));
        }
        message = message.message(4, &encoded);
    }
    for child in &element_.children {
        let node = match child {
            Node::Element(child) => Message::new().message(1, &element(Message::new(), child, table)),
            Node::Text(text) => Message::new().text(2, text),
        };
        message = message.message(5, &node);
    }
    message
}

/// The value as a person would have written it into the XML source.
fn source_text(value: &Value, table: &Table) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Reference(id) => format!("@{}", reference_name(*id, table)),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Flags(flags) => format!("{flags:#x}"),
        Value::Colour(argb) => format!("#{argb:08x}"),
    }
}

fn reference_name(id: ResourceId, table: &Table) -> String {
    table.name_of(id).unwrap_or_else(|| format!("{:#010x}", id.0))
}

/// An `Item`.
fn item(value: &Value, table: &Table) -> Message {
    let primitive = |field: u32, value: u64| Message::new().message(7, &Message::new().member(field, value));
    match value {
        Value::Text(text) => Message::new().message(2, &Message::new().text(1, text)),
        Value::Reference(id) => {
            let mut reference = Message::new().number(2, id.0);
            if let Some(name) = table.name_of(*id) {
                reference = reference.text(3, &name);
            }
            Message::new().message(1, &reference)
        }
        // Negative numbers are sign-extended to 64 bits.
        Value::Integer(number) => primitive(6, i64::from(*number).cast_unsigned()),
        Value::Flags(flags) => primitive(7, u64::from(*flags)),
        Value::Boolean(boolean) => primitive(8, u64::from(*boolean)),
        Value::Colour(argb) => primitive(9, u64::from(*argb)),
    }
}

/// `resources.pb`, a `ResourceTable`.
pub(crate) fn resource_table(table: &Table) -> Vec<u8> {
    let id = |value: u32| Message::new().number(1, value);
    let mut package = Message::new().message(1, &id(u32::from(OWN_PACKAGE))).text(2, &table.package);
    for (type_index, owner) in table.types.iter().enumerate() {
        let mut encoded = Message::new().message(1, &id(to_u32(type_index + 1))).text(2, owner.name);
        for (entry_index, entry) in owner.entries.iter().enumerate() {
            let mut encoded_entry = Message::new().message(1, &id(to_u32(entry_index))).text(2, entry.name);
            for (configuration, content) in &entry.variants {
                let variant = Message::new()
                    .message(1, &encode_configuration(*configuration))
                    .message(2, &encode_content(content, table));
                encoded_entry = encoded_entry.message(6, &variant);
            }
            encoded = encoded.message(3, &encoded_entry);
        }
        package = package.message(3, &encoded);
    }
    Message::new().message(2, &package).0
}

fn encode_configuration(configuration: Configuration) -> Message {
    Message::new().number(18, u32::from(configuration.density_dpi)).number(24, u32::from(configuration.sdk))
}

/// A `Value`: a plain item or a compound one.
fn encode_content(content: &Content, table: &Table) -> Message {
    match content {
        Content::Item(value) => Message::new().message(4, &item(value, table)),
        Content::File(path) => {
            let kind = if path.ends_with(".png") { 1 } else { 3 }; // PNG or PROTO_XML.
            let file = Message::new().text(1, path).number(2, kind);
            Message::new().message(4, &Message::new().message(5, &file))
        }
        Content::Style { parent, items } => {
            let mut style = Message::new().message(1, &Message::new().number(2, parent.0));
            for (attribute, value) in items {
                let key = Message::new().number(1, 1).number(2, *attribute); // Type 1 is ATTRIBUTE.
                let entry = Message::new().message(3, &key).message(4, &item(value, table));
                style = style.message(3, &entry);
            }
            Message::new().message(5, &Message::new().message(2, &style))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::attribute;

    #[test]
    fn the_examples_of_the_encoding_specification() {
        assert_eq!(Message::new().number(1, 150).0, [0x08, 0x96, 0x01]);
        assert_eq!(Message::new().text(2, "testing").0, *b"\x12\x07testing");
        assert_eq!(
            Message::new().message(3, &Message::new().number(1, 150)).0,
            [0x1a, 0x03, 0x08, 0x96, 0x01]
        );
        assert_eq!(Message::new().number(1, 0).0, []);
        assert_eq!(Message::new().member(8, 0).0, [0x40, 0x00]);
        assert_eq!(Message::new().member(6, i64::from(-2_i32).cast_unsigned()).0.len(), 11);
    }

    #[test]
    fn a_reference_names_its_target() {
        let mut table = Table::new("app.example");
        let colour = table.add_value("color", "background", Value::Colour(0xff00_0000));
        let node = xml(&Element::new("x").with(attribute::DRAWABLE, Value::Reference(colour)), &table);
        let text = String::from_utf8_lossy(&node);
        assert!(text.contains("@color/background"));
        assert!(resource_table(&table).windows(5).any(|window| window == b"color"));
    }
}
