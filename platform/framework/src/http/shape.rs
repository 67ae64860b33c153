//! Says in words where a JSON body departs from its published shape: every missing, unknown or mistyped field at once.
//!
//! The description that clients are generated from is the judge, so the two cannot disagree. It refuses to look at what a
//! value means; lengths, ranges of meaning and words are the handlers' to judge.

use super::FieldProblem;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// How deep a description is followed; ours are flatter by far.
const MAX_DEPTH: usize = 16;

/// Every departure of `body` from the shape of `T`, in the order of the description.
pub(super) fn departures<T: ToSchema>(body: &Value) -> Vec<FieldProblem> {
    let mut named: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut named);
    let named =
        named.into_iter().filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?)));
    let mut judge = Judge { named: named.collect(), problems: Vec::new() };
    if let Ok(schema) = serde_json::to_value(T::schema()) {
        judge.look(&schema, body, "", 0);
    }
    judge.problems
}

struct Judge {
    /// Descriptions by name, for `$ref`.
    named: Map<String, Value>,
    problems: Vec<FieldProblem>,
}

impl Judge {
    fn look(&mut self, schema: &Value, value: &Value, path: &str, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let schema = self.resolved(schema);
        let kinds = kinds(&schema);
        if !kinds.is_empty() && !kinds.iter().any(|kind| is_of(value, kind)) {
            let wanted: Vec<_> =
                kinds.iter().filter(|kind| **kind != "null").map(|kind| word(kind)).collect();
            return self.refuse(path, format!("Give {}, not {}.", wanted.join(" or "), found(value)));
        }
        match value {
            Value::Object(members) => self.look_into(&schema, members, path, depth),
            Value::Array(items) if schema.get("items").is_some() => {
                for (index, item) in items.iter().enumerate() {
                    self.look(&schema["items"], item, &join(path, &index.to_string()), depth + 1);
                }
            }
            Value::Number(_) => self.look_at_size(&schema, value, path),
            _ => {}
        }
    }

    fn look_into(&mut self, schema: &Value, members: &Map<String, Value>, path: &str, depth: usize) {
        let Some(known) = schema["properties"].as_object() else { return };
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, described) in known {
            let here = join(path, name);
            match members.get(name) {
                Some(value) => self.look(described, value, &here, depth + 1),
                None if required.iter().any(|required| required == name) => {
                    let described = self.resolved(described);
                    let kinds = kinds(&described);
                    let wanted: Vec<_> = kinds.iter().map(|kind| word(kind)).collect();
                    self.refuse(&here, format!("This is missing; give {}.", wanted.join(" or ")));
                }
                None => {}
            }
        }
        if schema["additionalProperties"] == false {
            let names: Vec<_> = known.keys().map(String::as_str).collect();
            for name in members.keys().filter(|name| !known.contains_key(*name)) {
                let message =
                    format!("There is no such field; leave it out. The fields are {}.", names.join(", "));
                self.refuse(&join(path, &shown(name)), message);
            }
        }
    }

    fn look_at_size(&mut self, schema: &Value, value: &Value, path: &str) {
        // The description has no unsigned 32-bit format: it says int32 with a minimum of 0.
        let widest = if schema["format"] == "int32" { Some(f64::from(u32::MAX)) } else { None };
        let (least, most) = (schema["minimum"].as_f64(), schema["maximum"].as_f64().or(widest));
        let Some(number) = value.as_f64() else { return };
        if least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most) {
            let mut message = "Give a whole number".to_owned();
            // Writing to a String cannot fail.
            let _ = least.map(|least| write!(message, " from {least}"));
            let _ = most.map(|most| write!(message, " to {most}"));
            self.refuse(path, format!("{message}."));
        }
    }

    fn resolved(&self, schema: &Value) -> Value {
        let name = schema["$ref"].as_str().and_then(|location| location.rsplit('/').next());
        name.and_then(|name| self.named.get(name)).unwrap_or(schema).clone()
    }

    fn refuse(&mut self, field: &str, message: String) {
        self.problems.push(FieldProblem { field: field.to_owned(), message });
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A name that somebody else chose, short enough to be read.
fn shown(name: &str) -> String {
    let short: String = name.chars().take(60).collect();
    if short.len() < name.len() { format!("{short}…") } else { short }
}

fn kinds(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => true,
    }
}

fn word(kind: &str) -> &'static str {
    match kind {
        "object" => "an object",
        "array" => "a list",
        "string" => "a text",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        _ => "a value",
    }
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a number that is not whole or is too large",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its description is used")]
    struct Colour {
        name: String,
    }

    #[derive(ToSchema)]
    #[schema(as = WireWish)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its description is used")]
    struct Wish {
        title: String,
        count: Option<u32>,
        on: bool,
        colour: Colour,
        words: Vec<String>,
    }

    #[test]
    fn every_departure_is_told_at_once_and_in_words() {
        let good =
            json!({ "title": "", "count": null, "on": true, "colour": { "name": "" }, "words": ["a"] });
        assert_eq!(departures::<Wish>(&good), []);
        let bad = json!({ "title": 5, "count": -1, "colour": {}, "words": ["a", []], "flavour": 1 });
        let told = departures::<Wish>(&bad).into_iter();
        let mut told: Vec<_> = told.map(|told| format!("{}: {}", told.field, told.message)).collect();
        told.sort();
        assert_eq!(
            told,
            [
                "colour.name: This is missing; give a text.",
                "count: Give a whole number from 0 to 4294967295.",
                "flavour: There is no such field; leave it out. The fields are colour, count, on, title, words.",
                "on: This is missing; give true or false.",
                "title: Give a text, not a number.",
                "words.1: Give a text, not a list.",
            ]
        );
        for (value, said) in
            [(json!(1.5), "a number that is not whole or is too large"), (json!("1"), "a text")]
        {
            let told = departures::<Wish>(
                &json!({ "title": "", "on": true, "colour": { "name": "" }, "words": [], "count": value }),
            );
            assert_eq!(told[0].message, format!("Give a whole number, not {said}."));
        }
        assert_eq!(departures::<Wish>(&json!([]))[0].field, "");
    }
}
