//! Reads the part of the smali language our shell is written in (<https://github.com/google/smali/wiki>).
//! It refuses everything else by name and line: annotations, debug information, static initial values, unknown opcodes.

pub(crate) mod opcode;

use opcode::{Format, Opcode};
use std::collections::BTreeMap;
use thiserror::Error;

#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: String,
    pub(crate) superclass: String,
    pub(crate) access: u32,
    pub(crate) interfaces: Vec<String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) methods: Vec<Method>,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) access: u32,
    pub(crate) name: String,
    pub(crate) kind: String,
}

#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) access: u32,
    pub(crate) name: String,
    pub(crate) prototype: Prototype,
    /// All registers; the parameters are the last of them.
    pub(crate) registers: u16,
    pub(crate) instructions: Vec<Instruction>,
    /// The index of the instruction each label stands before.
    pub(crate) labels: BTreeMap<String, usize>,
    pub(crate) catches: Vec<Catch>,
}

/// One `.catch`: which exceptions between two labels continue at a third.
#[derive(Debug)]
pub(crate) struct Catch {
    pub(crate) exception: String,
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) handler: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Prototype {
    pub(crate) parameters: Vec<String>,
    pub(crate) result: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FieldReference {
    pub(crate) class: String,
    pub(crate) name: String,
    pub(crate) kind: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MethodReference {
    pub(crate) class: String,
    pub(crate) name: String,
    pub(crate) prototype: Prototype,
}

#[derive(Debug)]
pub(crate) struct Instruction {
    pub(crate) line: usize,
    pub(crate) opcode: Opcode,
    pub(crate) registers: Vec<u16>,
    pub(crate) operand: Operand,
}

/// What an instruction names besides registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand {
    Nothing,
    Number(i32),
    Label(String),
    Text(String),
    Type(String),
    Field(FieldReference),
    Method(MethodReference),
}

/// A line that is not part of the language.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("smali line {line}: {problem}")]
pub(crate) struct SmaliError {
    pub(crate) line: usize,
    pub(crate) problem: String,
}

impl Prototype {
    /// Reads `(parameters)result`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mut rest, result) = text.strip_prefix('(')?.split_once(')')?;
        let mut parameters = Vec::new();
        while !rest.is_empty() {
            let length = descriptor_length(rest)?;
            parameters.push(rest[..length].to_owned());
            rest = &rest[length..];
        }
        (descriptor_length(result)? == result.len()).then(|| Self { parameters, result: result.to_owned() })
    }

    /// How many registers the parameters take: two for `long` and `double`.
    pub(crate) fn words(&self) -> u16 {
        self.parameters.iter().map(|kind| if kind == "J" || kind == "D" { 2 } else { 1 }).sum()
    }

    /// The prototype with every reference type shortened to `L`, result first (Dalvik Executable format, "ShortyDescriptor").
    pub(crate) fn shorty(&self) -> String {
        let short = |kind: &str| match kind.chars().next() {
            Some('[') | None => 'L',
            Some(first) => first,
        };
        std::iter::once(&self.result).chain(&self.parameters).map(|kind| short(kind)).collect()
    }
}

impl std::fmt::Display for Prototype {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "({}){}", self.parameters.concat(), self.result)
    }
}

impl Method {
    pub(crate) fn is_static(&self) -> bool {
        self.access & ACCESS_STATIC != 0
    }

    /// The registers that carry `this` and the parameters.
    pub(crate) fn incoming_words(&self) -> u16 {
        self.prototype.words() + u16::from(!self.is_static())
    }

    /// Whether calls are bound without a look at the object's class.
    pub(crate) fn is_direct(&self) -> bool {
        self.access & (ACCESS_STATIC | ACCESS_PRIVATE | ACCESS_CONSTRUCTOR) != 0
    }
}

const ACCESS_PRIVATE: u32 = 0x2;
pub(crate) const ACCESS_STATIC: u32 = 0x8;
const ACCESS_CONSTRUCTOR: u32 = 0x1_0000;

/// Dalvik Executable format, "access_flags definitions".
fn access_flag(word: &str) -> Option<u32> {
    Some(match word {
        "public" => 0x1,
        "private" => ACCESS_PRIVATE,
        "protected" => 0x4,
        "static" => ACCESS_STATIC,
        "final" => 0x10,
        "constructor" => ACCESS_CONSTRUCTOR,
        _ => return None,
    })
}

/// The length of the type descriptor at the start of `text`.
fn descriptor_length(text: &str) -> Option<usize> {
    let depth = text.len() - text.trim_start_matches('[').len();
    match text.as_bytes().get(depth)? {
        b'L' => Some(text.find(';')? + 1),
        b'V' | b'Z' | b'B' | b'S' | b'C' | b'I' | b'J' | b'F' | b'D' => Some(depth + 1),
        _ => None,
    }
}

/// One file, one class.
pub(crate) fn parse(source: &str) -> Result<Class, SmaliError> {
    let mut class = Class {
        name: String::new(),
        superclass: String::new(),
        access: 0,
        interfaces: Vec::new(),
        fields: Vec::new(),
        methods: Vec::new(),
    };
    let mut open: Option<Method> = None;
    for (index, text) in source.lines().enumerate() {
        let text = without_comment(text).trim();
        if text.is_empty() {
            continue;
        }
        let line = index + 1;
        let problem = |problem: String| SmaliError { line, problem };
        if text == ".end method" {
            let method = open.take().ok_or_else(|| problem("there is no method to end".to_owned()))?;
            class.methods.push(method);
        } else if let Some(method) = &mut open {
            method_line(method, text, line).map_err(problem)?;
        } else {
            open = class_line(&mut class, text).map_err(problem)?;
        }
    }
    if open.is_some() || class.name.is_empty() || class.superclass.is_empty() {
        let line = source.lines().count();
        return Err(SmaliError { line, problem: "the class or its last method is not complete".to_owned() });
    }
    Ok(class)
}

/// Cuts a `#` comment, but not inside a string.
fn without_comment(text: &str) -> &str {
    let mut quoted = false;
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        match character {
            '"' if !escaped => quoted = !quoted,
            '#' if !quoted => return &text[..index],
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    text
}

/// Splits leading access words from the declaration at the end.
fn declaration(rest: &str) -> Result<(u32, &str), String> {
    let (words, declared) = rest.rsplit_once(' ').unwrap_or(("", rest));
    let mut access = 0;
    for word in words.split_whitespace() {
        access |= access_flag(word).ok_or_else(|| format!("unknown access word {word:?}"))?;
    }
    Ok((access, declared))
}

/// A line outside of methods; answers the method it opens, if any.
fn class_line(class: &mut Class, text: &str) -> Result<Option<Method>, String> {
    let (directive, rest) = text.split_once(' ').unwrap_or((text, ""));
    match directive {
        ".class" => {
            let (access, name) = declaration(rest)?;
            (class.access, class.name) = (access, name.to_owned());
        }
        ".super" => rest.clone_into(&mut class.superclass),
        ".implements" => class.interfaces.push(rest.to_owned()),
        ".field" => {
            let (access, declared) = declaration(rest)?;
            let (name, kind) = declared.split_once(':').ok_or("a field is written name:type")?;
            class.fields.push(Field { access, name: name.to_owned(), kind: kind.to_owned() });
        }
        ".method" => {
            let (access, declared) = declaration(rest)?;
            let (name, prototype) = method_signature(declared)?;
            return Ok(Some(Method {
                access,
                name,
                prototype,
                registers: 0,
                instructions: Vec::new(),
                labels: BTreeMap::new(),
                catches: Vec::new(),
            }));
        }
        _ => return Err(format!("unknown directive {directive:?}")),
    }
    Ok(None)
}

fn method_signature(text: &str) -> Result<(String, Prototype), String> {
    let parsed =
        text.find('(').and_then(|open| Some((text[..open].to_owned(), Prototype::parse(&text[open..])?)));
    parsed.ok_or_else(|| format!("{text:?} is no method signature"))
}

fn method_line(method: &mut Method, text: &str, line: usize) -> Result<(), String> {
    if text.starts_with(':') {
        method.labels.insert(text.to_owned(), method.instructions.len());
        return Ok(());
    }
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match word {
        ".registers" => {
            method.registers = rest.parse().map_err(|_| format!("{rest:?} is no register count"))?;
        }
        ".catch" => {
            // .catch Lexception; {:start .. :end} :handler
            let words: Vec<&str> = rest.split([' ', '{', '}']).filter(|word| !word.is_empty()).collect();
            let [exception, start, "..", end, handler] = words[..] else {
                return Err("a catch is written .catch Type; {:start .. :end} :handler".to_owned());
            };
            let [exception, start, end, handler] = [exception, start, end, handler].map(str::to_owned);
            method.catches.push(Catch { exception, start, end, handler });
        }
        _ if word.starts_with('.') => return Err(format!("unknown directive {word:?}")),
        _ => {
            let opcode = opcode::by_name(word).ok_or_else(|| format!("unknown opcode {word:?}"))?;
            let instruction = instruction(method, opcode, rest.trim(), line)?;
            method.instructions.push(instruction);
        }
    }
    Ok(())
}

fn instruction(method: &Method, opcode: Opcode, rest: &str, line: usize) -> Result<Instruction, String> {
    let (registers, operand_text): (Vec<&str>, &str) = if let Some(list) = rest.strip_prefix('{') {
        let (list, tail) = list.split_once('}').ok_or("the register list is not closed")?;
        (
            list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect(),
            tail.trim_start_matches([',', ' ']),
        )
    } else {
        let (head, tail) = split_registers(rest, opcode.format.register_count())?;
        (head, tail)
    };
    let registers = registers.into_iter().map(|name| register(method, name)).collect::<Result<_, _>>()?;
    let operand = operand(opcode.format, operand_text)
        .ok_or_else(|| format!("{operand_text:?} does not fit the opcode"))?;
    Ok(Instruction { line, opcode, registers, operand })
}

/// Takes `count` comma-separated registers off the front.
fn split_registers(text: &str, count: usize) -> Result<(Vec<&str>, &str), String> {
    let mut rest = text;
    let mut registers = Vec::with_capacity(count);
    for _ in 0..count {
        let (head, tail) = rest.split_once(',').unwrap_or((rest, ""));
        if head.is_empty() {
            return Err(format!("{count} registers are needed"));
        }
        registers.push(head.trim());
        rest = tail.trim_start();
    }
    Ok((registers, rest))
}

/// `v` registers count from the first, `p` registers from the first incoming one.
fn register(method: &Method, name: &str) -> Result<u16, String> {
    let unknown = || format!("{name:?} is no register of this method");
    let (kind, number) = name.split_at_checked(1).ok_or_else(unknown)?;
    let number: u16 = number.parse().map_err(|_| unknown())?;
    let index = match kind {
        "v" => Some(number),
        "p" => {
            method.registers.checked_sub(method.incoming_words()).and_then(|base| base.checked_add(number))
        }
        _ => None,
    };
    index.filter(|index| *index < method.registers).ok_or_else(unknown)
}

fn operand(format: Format, text: &str) -> Option<Operand> {
    Some(match format {
        Format::F10x | Format::F11x | Format::F12x | Format::F23x => {
            return text.is_empty().then_some(Operand::Nothing);
        }
        Format::F11n | Format::F21s | Format::F21h => Operand::Number(number(text)?),
        Format::F10t | Format::F21t | Format::F22t => {
            return text.starts_with(':').then(|| Operand::Label(text.to_owned()));
        }
        Format::F21Text => Operand::Text(string_literal(text)?),
        Format::F21Type | Format::F35Type => {
            return (descriptor_length(text)? == text.len()).then(|| Operand::Type(text.to_owned()));
        }
        Format::F21Field | Format::F22Field => {
            let (class, member) = text.split_once("->")?;
            let (name, kind) = member.split_once(':')?;
            let [class, name, kind] = [class, name, kind].map(str::to_owned);
            Operand::Field(FieldReference { class, name, kind })
        }
        Format::F35Method => {
            let (class, member) = text.split_once("->")?;
            let (name, prototype) = method_signature(member).ok()?;
            Operand::Method(MethodReference { class: class.to_owned(), name, prototype })
        }
    })
}

fn number(text: &str) -> Option<i32> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let magnitude = i64::from_str_radix(digits.strip_prefix("0x")?, 16).ok()?;
    i32::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// A quoted string without escapes; the shell needs none.
fn string_literal(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains(['"', '\\'])).then(|| inner.to_owned())
}

#[cfg(test)]
mod tests;
