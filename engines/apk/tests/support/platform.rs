//! Reads the signatures of the Android platform from the typings that npm's `@nativescript/types-android` generates from
//! the platform itself, and answers whether a reference of our code exists there and since which API level.
//! It refuses to understand TypeScript: it reads the one shape that generator writes.

use std::collections::HashMap;

#[derive(Default)]
struct Class {
    since: u32,
    parents: Vec<String>,
    members: Vec<Member>,
}

struct Member {
    name: String,
    since: u32,
    /// Types of the parameters and of the result; a field has no parameter list.
    parameters: Option<Vec<String>>,
    result: String,
}

/// The platform's classes by their dotted name.
pub(crate) struct Platform(HashMap<String, Class>);

impl Platform {
    pub(crate) fn parse(typings: &str) -> Self {
        let mut classes: HashMap<String, Class> = HashMap::new();
        // The open blocks: the name each contributes to the path, and whether it is a class.
        let mut open: Vec<(String, bool)> = Vec::new();
        let mut since = 0;
        for line in typings.lines().map(str::trim) {
            if let Some((_, rest)) = line.split_once("@since ") {
                since =
                    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
            }
            if line.starts_with(['/', '*']) || line.is_empty() {
                continue;
            }
            if line.starts_with('}') {
                open.pop();
            } else if line.ends_with('{') {
                let name = |keyword: &str| {
                    let (_, rest) = line.split_once(keyword)?;
                    Some(rest.split([' ', '<', '{']).next()?.to_owned())
                };
                let class = name(" class ");
                let module = name("module ");
                open.push((class.clone().or(module).unwrap_or_default(), class.is_some()));
                if class.is_some() {
                    let outer = outer_since(&classes, &open);
                    classes.insert(
                        path(&open),
                        Class { since: since.max(outer), parents: parents(line), members: vec![] },
                    );
                }
            } else if open.last().is_some_and(|(_, is_class)| *is_class)
                && let Some(member) = member(line, since)
            {
                classes.entry(path(&open)).or_default().members.push(member);
            }
            since = 0;
        }
        Self(classes)
    }

    /// The API level since which a reference exists, at least 1, or `None` if it does not.
    pub(crate) fn since(&self, reference: &str) -> Option<u32> {
        if let Some(rest) = reference.strip_prefix("override ") {
            let (parents, method) = rest.rsplit_once(' ')?;
            return parents.split(',').find_map(|parent| self.since(&format!("{parent}->{method}")));
        }
        let Some((class, member)) = reference.split_once("->") else {
            return Some(self.0.get(&dotted(reference))?.since.max(1));
        };
        let class = dotted(class);
        let since = self.0.get(&class)?.since;
        if let Some((name, kind)) = member.split_once(':') {
            return self.member(&class, name, None, kind).map(|found| found.since.max(since).max(1));
        }
        let (name, prototype) = member.split_once('(')?;
        let (parameters, result) = prototype.split_once(')')?;
        let name = if name == "<init>" { "constructor" } else { name };
        self.member(&class, name, Some(&descriptors(parameters)), result)
            .map(|found| found.since.max(since).max(1))
    }

    /// Searches a class and then everything it extends or implements.
    fn member(
        &self,
        class: &str,
        name: &str,
        parameters: Option<&[String]>,
        result: &str,
    ) -> Option<&Member> {
        let declared = self.0.get(class)?;
        let own = declared.members.iter().find(|member| {
            let parameters_fit = match (parameters, &member.parameters) {
                (None, None) => true,
                (Some(ours), Some(theirs)) => {
                    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(our, their)| fits(our, their))
                }
                _ => false,
            };
            member.name == name && parameters_fit && fits(result, &member.result)
        });
        let inherited =
            || declared.parents.iter().find_map(|parent| self.member(parent, name, parameters, result));
        own.or_else(|| if name == "constructor" { None } else { inherited() })
    }
}

fn path(open: &[(String, bool)]) -> String {
    open.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(".")
}

/// A nested class exists no longer than the class around it.
fn outer_since(classes: &HashMap<String, Class>, open: &[(String, bool)]) -> u32 {
    classes.get(&path(&open[..open.len() - 1])).map_or(0, |class| class.since)
}

fn parents(line: &str) -> Vec<String> {
    let after = line.split_once(" extends ").map_or("", |(_, rest)| rest);
    after
        .replace(" implements ", ", ")
        .split(", ")
        .map(|name| without_generics(name.trim_end_matches([' ', '{'])).to_owned())
        .collect()
}

/// `public [static] name(parameters): result;` or `public [static] name: type;`
fn member(line: &str, since: u32) -> Option<Member> {
    let words = line.trim_start_matches("public ").trim_start_matches("protected ");
    let words = words.trim_start_matches("static ").trim_start_matches("abstract ").strip_suffix(';')?;
    let end = words.find(['(', ':', '<'])?;
    let name = words[..end].to_owned();
    if !words.contains('(') {
        let (_, result) = words.split_once(": ")?;
        return Some(Member { name, since, parameters: None, result: result.to_owned() });
    }
    let open = words.find('(')?;
    let close = words.rfind(')')?;
    let parameters = split_top_level(&words[open + 1..close])
        .into_iter()
        .filter_map(|parameter| parameter.split_once(": ").map(|(_, kind)| kind.to_owned()))
        .collect();
    let result = words[close + 1..].trim_start_matches(": ");
    let result = if result.is_empty() { "void" } else { result }.to_owned();
    Some(Member { name, since, parameters: Some(parameters), result })
}

/// Splits at commas that stand outside of angle brackets.
fn split_top_level(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for character in text.chars() {
        match character {
            '<' => depth += 1,
            '>' => depth -= 1,
            ',' if depth == 0 => parts.push(String::new()),
            _ => {}
        }
        if character != ',' || depth > 0 {
            parts.last_mut().unwrap().push(character);
        }
    }
    parts
}

fn descriptors(mut parameters: &str) -> Vec<String> {
    let mut list = Vec::new();
    while !parameters.is_empty() {
        let depth = parameters.len() - parameters.trim_start_matches('[').len();
        let length =
            if parameters[depth..].starts_with('L') { parameters.find(';').unwrap() + 1 } else { depth + 1 };
        list.push(parameters[..length].to_owned());
        parameters = &parameters[length..];
    }
    list
}

fn dotted(descriptor: &str) -> String {
    descriptor.trim_start_matches('L').trim_end_matches(';').replace(['/', '$'], ".")
}

fn without_generics(name: &str) -> &str {
    name.split('<').next().unwrap_or(name).trim()
}

/// Whether a type descriptor is written as this TypeScript type.
fn fits(descriptor: &str, written: &str) -> bool {
    let written = written.trim_end_matches(" | null").trim();
    if let Some(element) = descriptor.strip_prefix('[') {
        let inner = written.strip_prefix("androidNative.Array<").and_then(|rest| rest.strip_suffix('>'));
        return inner.is_some_and(|inner| fits(element, inner));
    }
    match descriptor {
        "V" => written == "void",
        "Z" => written == "boolean",
        "B" | "S" | "I" | "J" | "F" | "D" => written == "number" || written.parse::<i64>().is_ok(),
        "Ljava/lang/String;" | "Ljava/lang/CharSequence;" => written == "string",
        // A type parameter is a capital letter.
        "Ljava/lang/Object;" => written == "any" || written.len() == 1,
        _ => without_generics(written) == dotted(descriptor),
    }
}
