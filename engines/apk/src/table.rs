//! The resource table in memory: types, entries and their variants, before any encoding.
//! It refuses overlays, locales and anything else the shell has no use for.

use crate::bytes::to_u16;
use crate::element::{Name, Value};

/// `0xPPTTEEEE`: package, type (from 1), entry (from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResourceId(pub(crate) u32);

/// The package part of our own ids; `0x01` is the framework.
pub(crate) const OWN_PACKAGE: u8 = 0x7f;

/// `ResTable_config::DENSITY_ANY`: for drawables that scale by themselves.
pub(crate) const DENSITY_ANY: u16 = 0xfffe;

/// When a variant applies: its density in dots per inch and its lowest API level; 0 means "any".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Configuration {
    pub(crate) density_dpi: u16,
    pub(crate) sdk: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    Item(Value),
    /// A path inside the package.
    File(String),
    Style {
        parent: ResourceId,
        /// Sorted by attribute id.
        items: Vec<(u32, Value)>,
    },
}

impl Content {
    /// A style whose items are put in the order the platform searches them in.
    pub(crate) fn style(parent: ResourceId, items: Vec<(Name, Value)>) -> Self {
        let id = |name: Name| name.id.expect("style items are framework attributes, which have ids");
        let mut items: Vec<_> = items.into_iter().map(|(name, value)| (id(name), value)).collect();
        items.sort_by_key(|(id, _)| *id);
        Self::Style { parent, items }
    }
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// At least one.
    pub(crate) variants: Vec<(Configuration, Content)>,
}

#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) name: &'static str,
    pub(crate) entries: Vec<Entry>,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) package: String,
    pub(crate) types: Vec<Type>,
}

impl Table {
    pub(crate) fn new(package: &str) -> Self {
        Self { package: package.to_owned(), types: Vec::new() }
    }

    /// Adds an entry and answers its id.
    pub(crate) fn add(
        &mut self,
        type_name: &'static str,
        name: &'static str,
        variants: Vec<(Configuration, Content)>,
    ) -> ResourceId {
        let known = self.types.iter().position(|known| known.name == type_name);
        let type_index = known.unwrap_or_else(|| {
            self.types.push(Type { name: type_name, entries: Vec::new() });
            self.types.len() - 1
        });
        let entries = &mut self.types[type_index].entries;
        entries.push(Entry { name, variants });
        let [type_id, entry_id] = [type_index + 1, entries.len() - 1].map(|index| u32::from(to_u16(index)));
        ResourceId(u32::from(OWN_PACKAGE) << 24 | type_id << 16 | entry_id)
    }

    /// Adds an entry with one value for every device.
    pub(crate) fn add_value(
        &mut self,
        type_name: &'static str,
        name: &'static str,
        value: Value,
    ) -> ResourceId {
        self.add(type_name, name, vec![(Configuration::default(), Content::Item(value))])
    }

    /// `type/entry` of one of our own ids, `None` for ids of the framework.
    pub(crate) fn name_of(&self, id: ResourceId) -> Option<String> {
        let [package, type_id, entry_high, entry_low] = id.0.to_be_bytes();
        if package != OWN_PACKAGE {
            return None;
        }
        let owner = self.types.get(usize::from(type_id).checked_sub(1)?)?;
        let entry = owner.entries.get(usize::from(u16::from_be_bytes([entry_high, entry_low])))?;
        Some(format!("{}/{}", owner.name, entry.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_types_from_one_and_entries_from_zero() {
        let mut table = Table::new("app.example");
        let first = table.add_value("color", "a", Value::Colour(0));
        let other = table.add_value("string", "b", Value::from("b"));
        let second = table.add_value("color", "c", Value::Colour(0));
        assert_eq!([first.0, other.0, second.0], [0x7f01_0000, 0x7f02_0000, 0x7f01_0001]);
        assert_eq!(table.name_of(second).as_deref(), Some("color/c"));
        assert_eq!(table.name_of(ResourceId(0x0103_0241)), None);
        assert_eq!(table.name_of(ResourceId(0x7f03_0000)), None);
    }
}
