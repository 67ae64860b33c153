//! Rows as lines of an archive, and the one byte string that says whether two rows are the same on whichever engines.

use crate::audit::{canonical, push_field};
use crate::db::Value;
use crate::db::copy::{ColumnType, TableShape};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value as Json;
use slipway_kernel::Ts;

/// A JSON array without a line break: ids and bytes as texts, instants as microseconds, floats and JSON as texts that lose no digit.
pub(super) fn line(values: &[Value]) -> String {
    let cells = values.iter().map(|value| match value {
        Value::Null => Json::Null,
        Value::Boolean(value) => Json::from(*value),
        Value::Integer(value) => Json::from(*value),
        Value::Instant(value) => Json::from(value.as_micros()),
        // Rust's shortest text of a float is read back as the same float.
        Value::Float(value) => Json::from(format!("{value:?}")),
        Value::Text(value) => Json::from(value.as_str()),
        Value::Bytes(value) => Json::from(BASE64.encode(value)),
        Value::Uuid(value) => Json::from(format!("{value:032x}")),
        Value::Json(value) => Json::from(compact(value)),
    });
    Json::Array(cells.collect()).to_string()
}

/// Reads a line back; `None` when it does not fit the table.
pub(super) fn read(line: &str, table: &TableShape) -> Option<Vec<Value>> {
    let cells: Vec<Json> = serde_json::from_str(line).ok()?;
    if cells.len() != table.columns.len() {
        return None;
    }
    let typed = cells.into_iter().zip(&table.columns).map(|(cell, column)| {
        if cell.is_null() {
            return Some(Value::Null);
        }
        let text = || cell.as_str().map(str::to_owned);
        Some(match column.of {
            ColumnType::Boolean => Value::Boolean(cell.as_bool()?),
            ColumnType::Integer => Value::Integer(cell.as_i64()?),
            ColumnType::Instant => Value::Instant(Ts::from_micros(cell.as_i64()?)),
            ColumnType::Float => Value::Float(cell.as_str()?.parse().ok()?),
            ColumnType::Text => Value::Text(text()?),
            ColumnType::Bytes => Value::Bytes(BASE64.decode(cell.as_str()?).ok()?),
            ColumnType::Uuid => Value::Uuid(u128::from_str_radix(cell.as_str()?, 16).ok()?),
            ColumnType::Json => Value::Json(text()?),
        })
    });
    typed.collect()
}

/// Appends the row; different rows give different bytes, and no row is the beginning of another. JSON counts by what it says.
pub(super) fn push(values: &[Value], out: &mut Vec<u8>) {
    for value in values {
        match value {
            Value::Null => out.push(b'n'),
            Value::Boolean(value) => out.extend([b'b', u8::from(*value)]),
            Value::Integer(value) => push_number(b'i', *value, out),
            Value::Instant(value) => push_number(b't', value.as_micros(), out),
            Value::Float(value) => {
                out.push(b'f');
                out.extend(value.to_bits().to_be_bytes());
            }
            Value::Uuid(value) => {
                out.push(b'u');
                out.extend(value.to_be_bytes());
            }
            Value::Text(value) => {
                out.push(b's');
                push_field(out, value.as_bytes());
            }
            Value::Bytes(value) => {
                out.push(b'x');
                push_field(out, value);
            }
            Value::Json(value) => {
                out.push(b'j');
                let canonical = canonical(value).map(|canonical| canonical.bytes);
                push_field(out, &canonical.unwrap_or_else(|_| value.as_bytes().to_vec()));
            }
        }
    }
    out.push(b'.');
}

fn push_number(sign: u8, value: i64, out: &mut Vec<u8>) {
    out.push(sign);
    out.extend(value.to_be_bytes());
}

/// Takes out the blanks between signs, as this program writes JSON; PostgreSQL puts them in.
fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut inside, mut escaped) = (false, false);
    for sign in json.chars() {
        if inside {
            inside = escaped || sign != '"';
            escaped = !escaped && sign == '\\';
        } else if matches!(sign, ' ' | '\t' | '\n' | '\r') {
            continue;
        } else {
            inside = sign == '"';
        }
        out.push(sign);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::copy::ColumnShape;

    #[test]
    fn every_type_comes_back_as_it_went() {
        let typed = [
            (ColumnType::Uuid, Value::Uuid(u128::MAX - 7)),
            (ColumnType::Bytes, Value::Bytes(vec![0, 255, 10])),
            (ColumnType::Instant, Value::Instant(Ts::from_micros(-1))),
            (ColumnType::Boolean, Value::Boolean(true)),
            (ColumnType::Json, Value::Json("{\"a b\":[1.50,\"\\\" x\"]}".to_owned())),
            (ColumnType::Float, Value::Float(0.1 + 0.2)),
            (ColumnType::Float, Value::Float(f64::MIN_POSITIVE)),
            (ColumnType::Integer, Value::Integer(i64::MIN)),
            (ColumnType::Text, Value::Text("two\nlines, \u{7f} and \"quotes\"".to_owned())),
            (ColumnType::Text, Value::Null),
        ];
        let columns =
            typed.iter().map(|(of, _)| ColumnShape { name: "column".to_owned(), of: *of }).collect();
        let table = TableShape { name: "t".to_owned(), roots: "app".to_owned(), columns, key: Vec::new() };
        let values: Vec<_> = typed.into_iter().map(|(_, value)| value).collect();
        let text = line(&values);
        assert!(!text.contains('\n'), "{text}");
        assert_eq!(read(&text, &table), Some(values));
        assert_eq!(read("[1]", &table), None);
    }

    #[test]
    fn json_counts_by_what_it_says_and_rows_by_where_their_values_end() {
        let bytes = |values: &[Value]| {
            let mut out = Vec::new();
            push(values, &mut out);
            out
        };
        let json = |text: &str| bytes(&[Value::Json(text.to_owned())]);
        assert_eq!(json("{\"b\":1,\"a\":[1e2]}"), json("{\"a\": [100], \"b\": 1}"));
        assert_ne!(json("{\"a\":1}"), json("{\"a\":\"1\"}"));
        let text = |text: &str| Value::Text(text.to_owned());
        assert_ne!(bytes(&[text("ab"), text("c")]), bytes(&[text("a"), text("bc")]));
        assert_eq!(compact("{\"a \\\" b\": [1, 2]}"), "{\"a \\\" b\":[1,2]}");
    }
}
