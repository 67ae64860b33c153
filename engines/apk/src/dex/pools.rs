//! The sorted pools of a Dalvik executable: strings, types, prototypes, fields and methods, and their indexes.
//! It refuses to invent an index: asking for a name that was not collected is a defect of the collector.

use crate::bytes::{to_u16, to_u32};
use crate::smali::{Class, Field, FieldReference, MethodReference, Operand, Prototype};
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

/// Values in the order the format demands, and the way back from a value to its index.
struct Pool<T> {
    values: Vec<T>,
    index_by_value: BTreeMap<T, usize>,
}

impl<T: Ord + Clone> Pool<T> {
    fn sorted_by_key<K: Ord>(values: BTreeSet<T>, key: impl FnMut(&T) -> K) -> Self {
        let mut values: Vec<T> = values.into_iter().collect();
        values.sort_by_cached_key(key);
        let index_by_value =
            values.iter().cloned().enumerate().map(|(index, value)| (value, index)).collect();
        Self { values, index_by_value }
    }

    fn index<Q: Ord + ?Sized>(&self, value: &Q) -> usize
    where
        T: Borrow<Q>,
    {
        *self.index_by_value.get(value).expect("every name a class mentions was collected")
    }
}

pub(crate) struct Pools {
    strings: Pool<String>,
    types: Pool<String>,
    prototypes: Pool<Prototype>,
    fields: Pool<FieldReference>,
    methods: Pool<MethodReference>,
}

/// Everything the classes mention, still unordered.
#[derive(Default)]
struct Mentioned {
    strings: BTreeSet<String>,
    types: BTreeSet<String>,
    prototypes: BTreeSet<Prototype>,
    fields: BTreeSet<FieldReference>,
    methods: BTreeSet<MethodReference>,
}

impl Mentioned {
    fn class(&mut self, class: &Class) {
        self.types.extend([&class.name, &class.superclass].into_iter().chain(&class.interfaces).cloned());
        for Field { name, kind, .. } in &class.fields {
            self.field(&FieldReference { class: class.name.clone(), name: name.clone(), kind: kind.clone() });
        }
        for method in &class.methods {
            self.method(&super::reference(class, method));
            self.types.extend(method.catches.iter().map(|catch| catch.exception.clone()));
            for instruction in &method.instructions {
                match &instruction.operand {
                    Operand::Text(text) => drop(self.strings.insert(text.clone())),
                    Operand::Type(kind) => drop(self.types.insert(kind.clone())),
                    Operand::Field(field) => self.field(field),
                    Operand::Method(method) => self.method(method),
                    Operand::Nothing | Operand::Number(_) | Operand::Label(_) => {}
                }
            }
        }
    }

    fn field(&mut self, field: &FieldReference) {
        self.strings.insert(field.name.clone());
        self.types.extend([field.class.clone(), field.kind.clone()]);
        self.fields.insert(field.clone());
    }

    fn method(&mut self, method: &MethodReference) {
        let prototype = &method.prototype;
        self.strings.extend([method.name.clone(), prototype.shorty()]);
        self.types
            .extend([&method.class, &prototype.result].into_iter().chain(&prototype.parameters).cloned());
        self.prototypes.insert(prototype.clone());
        self.methods.insert(method.clone());
    }
}

impl Pools {
    /// Collects what the classes mention and sorts it: strings by UTF-16 units, everything else by the indexes it is made of.
    pub(crate) fn collect(classes: &[Class]) -> Self {
        let mut mentioned = Mentioned::default();
        for class in classes {
            mentioned.class(class);
        }
        mentioned.strings.extend(mentioned.types.iter().cloned());
        let strings = Pool::sorted_by_key(mentioned.strings, |text| text.encode_utf16().collect::<Vec<_>>());
        let types = Pool::sorted_by_key(mentioned.types, |name| strings.index(name.as_str()));
        let kind = |name: &String| types.index(name.as_str());
        let prototypes = Pool::sorted_by_key(mentioned.prototypes, |prototype| {
            (kind(&prototype.result), prototype.parameters.iter().map(kind).collect::<Vec<_>>())
        });
        let fields = Pool::sorted_by_key(mentioned.fields, |field| {
            (kind(&field.class), strings.index(field.name.as_str()), kind(&field.kind))
        });
        let methods = Pool::sorted_by_key(mentioned.methods, |method| {
            (kind(&method.class), strings.index(method.name.as_str()), prototypes.index(&method.prototype))
        });
        Self { strings, types, prototypes, fields, methods }
    }

    /// How many strings, types, prototypes, fields and methods there are.
    pub(crate) fn counts(&self) -> [usize; 5] {
        [
            self.strings.values.len(),
            self.types.values.len(),
            self.prototypes.values.len(),
            self.fields.values.len(),
            self.methods.values.len(),
        ]
    }

    pub(crate) fn strings(&self) -> &[String] {
        &self.strings.values
    }

    pub(crate) fn types(&self) -> &[String] {
        &self.types.values
    }

    pub(crate) fn prototypes(&self) -> &[Prototype] {
        &self.prototypes.values
    }

    pub(crate) fn fields(&self) -> &[FieldReference] {
        &self.fields.values
    }

    pub(crate) fn methods(&self) -> &[MethodReference] {
        &self.methods.values
    }

    pub(crate) fn string(&self, text: &str) -> u32 {
        to_u32(self.strings.index(text))
    }

    /// The index of a type; "type" itself is a word of the language.
    pub(crate) fn kind(&self, name: &str) -> u16 {
        to_u16(self.types.index(name))
    }

    pub(crate) fn kinds(&self, names: &[String]) -> Vec<u16> {
        names.iter().map(|name| self.kind(name)).collect()
    }

    pub(crate) fn prototype(&self, prototype: &Prototype) -> u16 {
        to_u16(self.prototypes.index(prototype))
    }

    pub(crate) fn field(&self, field: &FieldReference) -> u16 {
        to_u16(self.fields.index(field))
    }

    pub(crate) fn own_field(&self, class: &Class, field: &Field) -> u16 {
        let Field { name, kind, .. } = field;
        self.field(&FieldReference { class: class.name.clone(), name: name.clone(), kind: kind.clone() })
    }

    pub(crate) fn method(&self, method: &MethodReference) -> u16 {
        to_u16(self.methods.index(method))
    }

    /// The distinct, non-empty lists of parameter types and interfaces, each with an offset still to be filled in.
    pub(crate) fn type_lists(&self, classes: &[Class]) -> BTreeMap<Vec<u16>, u32> {
        let parameters = self.prototypes.values.iter().map(|prototype| &prototype.parameters);
        let interfaces = classes.iter().map(|class| &class.interfaces);
        parameters
            .chain(interfaces)
            .filter(|names| !names.is_empty())
            .map(|names| (self.kinds(names), 0))
            .collect()
    }
}
