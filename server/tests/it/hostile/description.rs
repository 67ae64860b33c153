//! The API's description, as far as the sweeps need it.

use serde_json::Value;

/// A route's method.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// Upper-case.
    pub(crate) method: String,
    /// With its parameters in braces.
    pub(crate) path: String,
    /// The description of a JSON body.
    pub(crate) body: Option<Value>,
    pub(crate) query: Vec<String>,
    pub(crate) headers: Vec<String>,
}

pub(crate) struct Description {
    whole: Value,
    pub(crate) operations: Vec<Operation>,
}

impl Description {
    pub(crate) fn read() -> Self {
        let whole = serde_json::to_value(slipway_server::assembly().openapi()).unwrap();
        let mut operations = Vec::new();
        for (path, item) in whole["paths"].as_object().unwrap() {
            for (method, described) in item.as_object().unwrap() {
                let parameters = described["parameters"].as_array().cloned().unwrap_or_default();
                let named = |place: &str| {
                    let here = parameters.iter().filter(|parameter| parameter["in"] == place);
                    here.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
                };
                let schema = &described["requestBody"]["content"]["application/json"]["schema"];
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    body: (!schema.is_null()).then(|| schema.clone()),
                    query: named("query"),
                    headers: named("header"),
                });
            }
        }
        assert!(operations.len() > 50, "only {} operations are described", operations.len());
        Self { whole, operations }
    }

    /// The schema itself, when it is named elsewhere.
    pub(crate) fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(location) => self.resolved(self.whole.pointer(location.trim_start_matches('#')).unwrap()),
            None => schema,
        }
    }

    /// Whether a value of this JSON type fits the schema.
    pub(crate) fn takes(&self, schema: &Value, kind: &str) -> bool {
        let schema = self.resolved(schema);
        match &schema["type"] {
            Value::String(only) => only == kind || (only == "number" && kind == "integer"),
            Value::Array(kinds) => kinds.iter().any(|one| one == kind),
            _ => true,
        }
    }
}

/// A place in a body: names of members and numbers of items.
pub(crate) type Place = Vec<String>;

/// Every member and item of an example with its schema and whether it must be there. An example that leaves out a described
/// field fails, because the field would not be swept.
pub(crate) fn places(
    description: &Description,
    schema: &Value,
    example: &Value,
) -> Vec<(Place, Value, bool)> {
    let schema = description.resolved(schema);
    let mut found = Vec::new();
    let mut add = |name: String, schema: &Value, value: &Value, required: bool| {
        found.push((vec![name.clone()], schema.clone(), required));
        for (mut place, schema, required) in places(description, schema, value) {
            place.insert(0, name.clone());
            found.push((place, schema, required));
        }
    };
    match example {
        Value::Object(members) => {
            let described = schema["properties"].as_object().expect("an object is described by its members");
            for (name, schema_of) in described {
                let value = members.get(name).unwrap_or_else(|| panic!("the example lacks the field {name}"));
                let required =
                    schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
                add(name.clone(), schema_of, value, required);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                add(index.to_string(), &schema["items"], item, false);
            }
        }
        _ => {}
    }
    found
}
