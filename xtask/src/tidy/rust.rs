//! A Rust file as the rules see it: its string literals, attributes and calls, each knowing where it stands.
//!
//! It refuses to understand types or names: a lexer that knows what is test code is enough for house rules,
//! and a rule that needs more belongs to the compiler or to clippy.

use proc_macro2::{Delimiter, LexError, TokenStream, TokenTree};

/// The parts of one Rust file that rules ask about, in source order.
#[derive(Debug, Default)]
pub(crate) struct Rust {
    pub(crate) literals: Vec<Literal>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) calls: Vec<Call>,
    /// Functions that run as tests: those below `#[test]` or a runtime's form of it, and those listed for both engines.
    pub(crate) tests: Vec<String>,
}

/// A string literal's value; doc comments and literals inside attributes are left out.
#[derive(Debug)]
pub(crate) struct Literal {
    pub(crate) line: usize,
    pub(crate) value: String,
    pub(crate) in_test: bool,
    pub(crate) in_statements: bool,
}

/// An attribute as the flat list of its identifiers: `#[derive(serde::Serialize)]` is `derive serde Serialize`.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) line: usize,
    pub(crate) words: Vec<String>,
    pub(crate) in_test: bool,
}

impl Attribute {
    /// Whether this is `#[name …]`, or a `#[cfg_attr(…, name …)]` that becomes it.
    pub(crate) fn applies(&self, name: &str) -> bool {
        match self.words.as_slice() {
            [first, rest @ ..] if first == "cfg_attr" => rest.iter().any(|word| word == name),
            [first, ..] => first == name,
            [] => false,
        }
    }
}

/// `name(…)`, or `name!…` for a macro.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) line: usize,
    pub(crate) name: String,
    pub(crate) is_macro: bool,
    pub(crate) in_test: bool,
}

impl Rust {
    pub(crate) fn parse(text: &str) -> Result<Self, LexError> {
        let mut rust = Self::default();
        rust.walk(text.parse()?, Place::default());
        Ok(rust)
    }

    fn walk(&mut self, stream: TokenStream, mut place: Place) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut next_item_is_test = false;
        let mut next_function_runs = false;
        let mut index = 0;
        while let Some(tree) = trees.get(index) {
            let line = tree.span().start().line;
            let here = Place { in_test: place.in_test || next_item_is_test, ..place };
            let rest = &trees[index + 1..];
            match tree {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if let Some((words, is_inner, length)) = attribute(rest) {
                        next_function_runs |= runs_as_test(&words);
                        if marks_test(&words) {
                            next_item_is_test |= !is_inner;
                            place.in_test |= is_inner;
                        }
                        self.attributes.push(Attribute { line, words, in_test: here.in_test });
                        index += length;
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => next_item_is_test = false,
                TokenTree::Ident(ident) => {
                    let name = ident.to_string();
                    match rest {
                        [TokenTree::Punct(bang), TokenTree::Group(group), ..] if bang.as_char() == '!' => {
                            if name == "on_both_engines" {
                                self.tests.extend(listed(group.stream()));
                            }
                            let in_statements = here.in_statements || name == "statements";
                            self.calls.push(Call { line, name, is_macro: true, in_test: here.in_test });
                            self.walk(group.stream(), Place { in_statements, ..here });
                            next_item_is_test &= group.delimiter() != Delimiter::Brace;
                            index += 2;
                        }
                        [TokenTree::Ident(function), ..] if name == "fn" => {
                            let runs = std::mem::take(&mut next_function_runs);
                            self.tests.extend(runs.then(|| function.to_string()));
                        }
                        [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Parenthesis => {
                            self.calls.push(Call { line, name, is_macro: false, in_test: here.in_test });
                        }
                        _ => {}
                    }
                }
                TokenTree::Group(group) => {
                    self.walk(group.stream(), here);
                    next_item_is_test &= group.delimiter() != Delimiter::Brace;
                }
                TokenTree::Literal(literal) => {
                    if let Some(value) = string_value(&literal.to_string()) {
                        let Place { in_test, in_statements } = here;
                        self.literals.push(Literal { line, value, in_test, in_statements });
                    }
                }
                TokenTree::Punct(_) => {}
            }
            index += 1;
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    in_test: bool,
    in_statements: bool,
}

/// Reads what follows a `#`: the attribute's identifiers, whether it is `#![…]`, and the trees it takes.
fn attribute(rest: &[TokenTree]) -> Option<(Vec<String>, bool, usize)> {
    let (group, is_inner) = match rest {
        [TokenTree::Group(group), ..] => (group, false),
        [TokenTree::Punct(bang), TokenTree::Group(group), ..] if bang.as_char() == '!' => (group, true),
        _ => return None,
    };
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let mut words = Vec::new();
    collect_words(group.stream(), &mut words);
    Some((words, is_inner, if is_inner { 2 } else { 1 }))
}

fn collect_words(stream: TokenStream, words: &mut Vec<String>) {
    for tree in stream {
        match tree {
            TokenTree::Ident(ident) => words.push(ident.to_string()),
            TokenTree::Group(group) => collect_words(group.stream(), words),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// `#[test]`, `#[some_runtime::test]`, `#[cfg(test)]` and `#[cfg(all(test, …))]`, but not `#[cfg(not(test))]`.
fn marks_test(words: &[String]) -> bool {
    match words {
        [only] => only == "test",
        [first, rest @ ..] if first == "cfg" => {
            rest.iter().any(|word| word == "test") && !rest.iter().any(|word| word == "not")
        }
        [_, second, ..] => second == "test",
        [] => false,
    }
}

/// `#[test]` and `#[some_runtime::test]`, but not what is only compiled for tests.
fn runs_as_test(words: &[String]) -> bool {
    words.first().is_some_and(|first| first != "cfg") && marks_test(words)
}

/// The names of a list like `(one, another)`; what is more than a name is left out.
fn listed(stream: TokenStream) -> Vec<String> {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let parts = trees.split(|tree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ','));
    parts
        .filter_map(|part| match part {
            [TokenTree::Ident(name)] => Some(name.to_string()),
            _ => None,
        })
        .collect()
}

/// The value of a string literal as written in source; `None` for numbers, characters and lifetimes.
fn string_value(source: &str) -> Option<String> {
    let start = source.find('"')?;
    let (prefix, body) = source.split_at(start);
    if prefix.contains('\'') || prefix.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let body = &body[1..body.rfind('"')?];
    Some(if prefix.contains('r') { body.to_owned() } else { unescape(body) })
}

fn unescape(body: &str) -> String {
    let mut value = String::with_capacity(body.len());
    let mut characters = body.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some('\n') => while characters.next_if(|next| next.is_whitespace()).is_some() {},
            Some(other) => value.push(other),
            None => {}
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Rust {
        Rust::parse(text).unwrap()
    }

    #[test]
    fn literals_know_their_line_and_value() {
        let rust = parse(
            "//! Doc \"no\".\nconst A: &str = r#\"raw \"x\"\"#;\nconst B: &str = \"a\\\n   b\\n\\\"c\";",
        );
        let found: Vec<_> = rust.literals.iter().map(|found| (found.line, found.value.as_str())).collect();
        assert_eq!(found, [(2, "raw \"x\""), (3, "ab\n\"c")]);
    }

    #[test]
    fn characters_and_numbers_are_not_strings() {
        assert!(parse("const A: char = '\"'; const B: u8 = b'\"'; const C: u32 = 1;").literals.is_empty());
    }

    #[test]
    fn test_code_is_told_from_product_code() {
        let cases = [
            ("fn f() { \"x\" }", false),
            ("#[test] fn f() { \"x\" }", true),
            ("#[tokio::test] async fn f() { \"x\" }", true),
            ("#[cfg(test)] mod tests { fn f() { \"x\" } }", true),
            ("#[cfg(not(test))] fn f() { \"x\" }", false),
            ("#[cfg(test)] mod tests; fn f() { \"x\" }", false),
            ("#[cfg(test)] use a::{b}; fn f() { \"x\" }", false),
            ("#[test] fn t() {} fn f() { \"x\" }", false),
            ("#![cfg(test)] fn f() { \"x\" }", true),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).literals[0].in_test, expected, "{text}");
        }
    }

    #[test]
    fn statements_are_what_the_macro_holds() {
        let rust = parse(
            "statements! { /// Adds.\n ADD = \"a\"; } fn f() { g(\"b\") } macro_rules! statements { () => { \"c\" } }",
        );
        let found: Vec<_> =
            rust.literals.iter().map(|found| (found.value.as_str(), found.in_statements)).collect();
        assert_eq!(found, [("a", true), ("b", false), ("c", false)]);
    }

    #[test]
    fn calls_and_attributes_are_listed() {
        let rust =
            parse("#[derive(Debug, serde::Serialize)] struct A; fn f() { panic!(\"x\"); thread::sleep(d) }");
        assert_eq!(rust.attributes[0].words, ["derive", "Debug", "serde", "Serialize"]);
        let calls: Vec<_> = rust.calls.iter().map(|call| (call.name.as_str(), call.is_macro)).collect();
        assert_eq!(calls, [("f", false), ("panic", true), ("sleep", false)]);
    }
    #[test]
    fn tests_are_what_runs() {
        let cases = [
            ("#[test] fn a() {}", "a"),
            ("#[tokio::test(flavor = \"current_thread\")] pub async fn a() {}", "a"),
            ("mod m { proptest! { #[test] fn a(text in \".*\") {} } }", "a"),
            ("on_both_engines!(a, b,); async fn a(engine: EngineKind) {}", "a b"),
            ("#[cfg(test)] mod tests { fn a() {} } fn b() {}", ""),
            ("#[test] #[expect(lint, reason = \"why\")] fn a() { fn b() {} } fn c() {}", "a"),
            (
                "macro_rules! on_both_engines { ($($name:ident),+) => { on_both_engines!(@one Sqlite, $($name),+) } }",
                "",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).tests.join(" "), expected, "{text}");
        }
    }
}
