//! One byte string for each JSON value, whatever the engine made of its text.
//!
//! PostgreSQL orders keys, spaces signs out and writes `1e16` as `10000000000000000`; SQLite keeps the text it was given. It
//! refuses to round: a number is its decimal digits, never a float, so that two numbers are never one.

use thiserror::Error;

/// As deep as `serde_json` reads, which has read everything that was ever written here.
const MAX_DEPTH: usize = 128;

/// Why a text has no canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is no JSON")]
pub(crate) struct NotJson;

/// What a JSON text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Canonical {
    /// Different for different values, and no beginning of another value's.
    pub(crate) bytes: Vec<u8>,
    /// Whether the text is spelled as this program spells it: nothing between signs, small letters in exponents and escapes.
    pub(crate) is_plain: bool,
}

/// Reads a JSON text (RFC 8259). A key that stands there twice stays twice.
pub(crate) fn canonical(text: &str) -> Result<Canonical, NotJson> {
    let mut scanner = Scanner { text, at: 0, is_plain: true };
    let mut bytes = Vec::with_capacity(text.len() + 64);
    scanner.value(0, &mut bytes)?;
    scanner.skip_blanks();
    if scanner.at < text.len() {
        return Err(NotJson);
    }
    Ok(Canonical { bytes, is_plain: scanner.is_plain })
}

/// Appends the length and the bytes, so that what follows cannot be taken for a part of them.
pub(crate) fn push_field(out: &mut Vec<u8>, field: &[u8]) {
    out.extend_from_slice(&(field.len() as u64).to_be_bytes());
    out.extend_from_slice(field);
}

struct Scanner<'text> {
    text: &'text str,
    at: usize,
    is_plain: bool,
}

impl<'text> Scanner<'text> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, expected: u8) -> Result<(), NotJson> {
        if self.peek() != Some(expected) {
            return Err(NotJson);
        }
        self.at += 1;
        Ok(())
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
            self.is_plain = false;
        }
    }

    fn value(&mut self, depth: usize, out: &mut Vec<u8>) -> Result<(), NotJson> {
        if depth > MAX_DEPTH {
            return Err(NotJson);
        }
        self.skip_blanks();
        match self.peek().ok_or(NotJson)? {
            b'{' => self.object(depth, out),
            b'[' => self.array(depth, out),
            b'"' => {
                let text = self.string()?;
                out.push(b's');
                push_field(out, text.as_bytes());
                Ok(())
            }
            b'-' | b'0'..=b'9' => {
                let number = self.number()?;
                out.push(b'd');
                push_field(out, number.as_bytes());
                Ok(())
            }
            _ => {
                let words = [("null", b'n'), ("true", b't'), ("false", b'f')];
                let rest = self.text.get(self.at..).ok_or(NotJson)?;
                let (word, sign) =
                    words.into_iter().find(|(word, _)| rest.starts_with(word)).ok_or(NotJson)?;
                self.at += word.len();
                out.push(sign);
                Ok(())
            }
        }
    }

    fn object(&mut self, depth: usize, out: &mut Vec<u8>) -> Result<(), NotJson> {
        let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
        self.list(b'{', b'}', |scanner| {
            scanner.skip_blanks();
            let key = scanner.string()?;
            scanner.skip_blanks();
            scanner.take(b':')?;
            let mut value = Vec::new();
            scanner.value(depth + 1, &mut value)?;
            pairs.push((key, value));
            Ok(())
        })?;
        // A stable order: of equal keys the first stays first.
        pairs.sort_by(|(left, _), (right, _)| left.as_bytes().cmp(right.as_bytes()));
        out.push(b'o');
        out.extend_from_slice(&(pairs.len() as u64).to_be_bytes());
        for (key, value) in pairs {
            push_field(out, key.as_bytes());
            out.extend_from_slice(&value);
        }
        Ok(())
    }

    fn array(&mut self, depth: usize, out: &mut Vec<u8>) -> Result<(), NotJson> {
        let (mut count, mut items) = (0_u64, Vec::new());
        self.list(b'[', b']', |scanner| {
            count += 1;
            scanner.value(depth + 1, &mut items)
        })?;
        out.push(b'a');
        out.extend_from_slice(&count.to_be_bytes());
        out.extend_from_slice(&items);
        Ok(())
    }

    /// What stands between two brackets, with commas between.
    fn list(
        &mut self,
        open: u8,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<(), NotJson>,
    ) -> Result<(), NotJson> {
        self.take(open)?;
        self.skip_blanks();
        if self.peek() == Some(close) {
            return self.take(close);
        }
        loop {
            item(self)?;
            self.skip_blanks();
            if self.peek() == Some(close) {
                return self.take(close);
            }
            self.take(b',')?;
        }
    }

    fn string(&mut self) -> Result<String, NotJson> {
        let start = self.at;
        self.take(b'"')?;
        loop {
            match self.peek().ok_or(NotJson)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let token = self.text.get(start..self.at).ok_or(NotJson)?;
        let text: String = serde_json::from_str(token).map_err(|_| NotJson)?;
        self.is_plain &= serde_json::to_string(&text).is_ok_and(|plain| plain == token);
        Ok(text)
    }

    /// Sign, digits without noughts at either end, and the power of ten they are multiplied by: `-0.50e3` is `-5e2`.
    fn number(&mut self) -> Result<String, NotJson> {
        let sign = if self.peek() == Some(b'-') { "-" } else { "" };
        self.at += sign.len();
        let whole = self.digits()?;
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(NotJson);
        }
        let mut part = "";
        if self.peek() == Some(b'.') {
            self.at += 1;
            part = self.digits()?;
        }
        let mut power = 0_i64;
        if let Some(letter @ (b'e' | b'E')) = self.peek() {
            self.at += 1;
            let negative = self.peek() == Some(b'-');
            let positive = self.peek() == Some(b'+');
            self.at += usize::from(negative || positive);
            self.is_plain &= letter == b'e';
            power = self.digits()?.parse().map_err(|_| NotJson)?;
            if negative {
                power = -power;
            }
        }
        let all = format!("{whole}{part}");
        let digits = all.trim_start_matches('0').trim_end_matches('0');
        if digits.is_empty() {
            // PostgreSQL's numeric knows no negative nought.
            return Ok("0".to_owned());
        }
        let noughts = all.len() - all.trim_end_matches('0').len();
        let shift = i64::try_from(noughts).ok().zip(i64::try_from(part.len()).ok());
        let power = shift.and_then(|(up, down)| power.checked_add(up)?.checked_sub(down)).ok_or(NotJson)?;
        Ok(format!("{sign}{digits}e{power}"))
    }

    fn digits(&mut self) -> Result<&'text str, NotJson> {
        let rest = self.text.get(self.at..).ok_or(NotJson)?;
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        self.at += length;
        if length == 0 { Err(NotJson) } else { Ok(&rest[..length]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn bytes(text: &str) -> Vec<u8> {
        canonical(text).unwrap_or_else(|_| panic!("{text}")).bytes
    }

    #[test]
    fn one_value_has_one_form_however_it_is_spelled() {
        for texts in [
            &[
                "{\"a\":1,\"b\":[true,null]}",
                "{\"b\": [true, null], \"a\": 1}",
                "{\"a\":1.0,\"b\":[true,null]}",
            ][..],
            &["1e16", "10000000000000000", "1E+16", "10000000000000000.000"],
            &["1.5e-7", "0.00000015", "15e-8"],
            &["0", "-0", "-0.0", "0e9"],
            &["-0.50e3", "-500"],
            &["\"\\u00e9\"", "\"é\"", "\"\\u00E9\""],
        ] {
            for text in texts {
                assert_eq!(bytes(text), bytes(texts[0]), "{text}");
            }
        }
    }

    #[test]
    fn what_differs_in_the_smallest_way_differs() {
        let texts = [
            "0.1",
            "0.1000000000000000000001",
            "18446744073709551615",
            "18446744073709551616",
            "1",
            "-1",
            "\"1\"",
            "[1]",
            "[[1]]",
            "[1,1]",
            "[\"\",\"\"]",
            "[\"\"]",
            "{}",
            "[]",
            "null",
            "true",
            "false",
            "{\"a\":1}",
            "{\"a\":1,\"a\":1}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":2,\"a\":1}",
            "{\"a\":{\"b\":1}}",
            "{\"a\":{},\"b\":1}",
            "\"\"",
        ];
        for (index, left) in texts.iter().enumerate() {
            for right in &texts[index + 1..] {
                assert_ne!(bytes(left), bytes(right), "{left} {right}");
            }
        }
    }

    #[test]
    fn what_is_not_json_has_no_form() {
        for text in [
            "",
            " ",
            "{",
            "[1",
            "[1,]",
            "{\"a\"}",
            "{a:1}",
            "01",
            "1.",
            ".5",
            "-",
            "1e",
            "1e99999999999999999999",
            "nul",
            "1 2",
            "\"",
            "\"\\",
            "\"\\x\"",
            "\"\\ud800\"",
            "\u{feff}1",
        ] {
            assert_eq!(canonical(text), Err(NotJson), "{text}");
        }
        assert_eq!(canonical(&"[".repeat(100_000)), Err(NotJson));
        assert!(canonical(&format!("{}{}", "[".repeat(128), "]".repeat(128))).is_ok());
    }

    #[test]
    fn another_spelling_is_noticed() {
        for text in [" 1", "1E5", "1E-5", "[1, 2]", "\"\\u00e9\"", "\"\\u001F\"", "\"\\/\""] {
            assert!(!canonical(text).unwrap().is_plain, "{text}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".{0,3}", inner, 0..4).prop_map(|map| json!(map)),
            ]
        })
    }

    /// Reads a canonical form back, which only works when nothing was lost and everything has an end.
    fn decode(bytes: &mut &[u8]) -> Value {
        fn count(bytes: &mut &[u8]) -> usize {
            let (count, rest) = bytes.split_first_chunk::<8>().unwrap();
            *bytes = rest;
            usize::try_from(u64::from_be_bytes(*count)).unwrap()
        }
        fn text(bytes: &mut &[u8]) -> String {
            let length = count(bytes);
            let (text, rest) = bytes.split_at(length);
            *bytes = rest;
            String::from_utf8(text.to_vec()).unwrap()
        }
        let (sign, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        match sign {
            b'n' => Value::Null,
            b't' => Value::from(true),
            b'f' => Value::from(false),
            b's' => Value::from(text(bytes)),
            b'd' => json!({ "number": text(bytes) }),
            b'a' => (0..count(bytes)).map(|_| decode(bytes)).collect(),
            b'o' => (0..count(bytes)).map(|_| (text(bytes), decode(bytes))).collect(),
            other => panic!("{other}"),
        }
    }

    /// The same with each number as its canonical digits, which have tests of their own above.
    fn with_digits(value: &Value) -> Value {
        match value {
            Value::Number(number) => decode(&mut &bytes(&number.to_string())[..]),
            Value::Array(items) => items.iter().map(with_digits).collect(),
            Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), with_digits(value))).collect(),
            other => other.clone(),
        }
    }

    proptest! {
        #[test]
        fn a_form_can_be_read_back_to_its_last_byte(value in value()) {
            let form = canonical(&value.to_string()).unwrap();
            prop_assert!(form.is_plain, "{value} is spelled as this program spells it");
            let mut rest = &form.bytes[..];
            prop_assert_eq!(decode(&mut rest), with_digits(&value));
            prop_assert!(rest.is_empty());
            let spaced = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(bytes(&spaced), form.bytes);
        }

        #[test]
        fn two_numbers_are_one_only_when_they_are_equal(left in any::<f64>(), right in any::<f64>(), whole in any::<i64>()) {
            prop_assume!(left.is_finite() && right.is_finite());
            let form = |number: f64| bytes(&json!(number).to_string());
            prop_assert_eq!(form(left) == form(right), left == right);
            // As PostgreSQL would write it: without an exponent.
            prop_assert_eq!(bytes(&format!("{left}")), form(left));
            prop_assert_eq!(bytes(&whole.to_string()), bytes(&format!("{whole}.000")));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,24}|[\\[\\]{}:,\"\\\\0-9eE+. -]{0,24}") {
            let read = canonical(&text).is_ok();
            match serde_json::from_str::<Value>(&text) {
                Ok(_) => prop_assert!(read),
                // It refuses numbers that no float holds; here they are digits.
                Err(error) => prop_assert!(!read || error.to_string().contains("out of range")),
            }
        }
    }
}
