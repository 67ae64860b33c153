//! The brand file: everything a launch needs, in TOML, with the logo beside it.
//!
//! Every key that is missing, unknown or of another kind is told at once with its line. What the values may be is judged by the API,
//! and its judgement is told with the same lines.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use thiserror::Error;
use toml::de::{DeTable, DeValue};

/// A brand file with its logo's bytes.
#[derive(Debug)]
pub(super) struct BrandFile {
    path: PathBuf,
    texts: BTreeMap<&'static str, String>,
    /// Where each key stands.
    lines: BTreeMap<String, usize>,
    logo: Vec<u8>,
}

/// Every key, with whether it must be there and what it says.
const KEYS: [(&str, bool, &str); 13] = [
    ("kit", true, "the name of a kit"),
    ("slug", true, "where the app answers"),
    ("name", true, "what the app is called"),
    ("tagline", false, "a line below the name"),
    ("package_id", false, "the name Android knows the app by"),
    ("logo", true, "the logo's file, relative to this one"),
    ("colours.primary", true, "a colour such as #1d6b48"),
    ("colours.on_primary", true, "a colour such as #ffffff"),
    ("colours.background", true, "a colour such as #fbfaf4"),
    ("colours.text", true, "a colour such as #17241d"),
    ("legal.company", true, "who stands behind the app"),
    ("legal.email", true, "where users write to"),
    ("legal.jurisdiction", true, "whose law applies"),
];

/// Why a brand file cannot be used.
#[derive(Debug, Error)]
pub(super) enum BrandFileError {
    #[error("{0} cannot be read: {1}")]
    Read(PathBuf, #[source] io::Error),
    #[error("{0} is no TOML: {1}")]
    Syntax(PathBuf, #[source] Box<toml::de::Error>),
    #[error("{0}")]
    Fields(Mistakes),
}

/// Everything that is wrong with a file.
#[derive(Debug)]
pub(super) struct Mistakes {
    path: PathBuf,
    /// The line, if the key is there, the key, and what is wrong and how to mend it.
    found: Vec<(Option<usize>, String, String)>,
}

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} is not right:", self.path.display())?;
        self.found.iter().try_for_each(|(line, key, message)| match line {
            Some(line) => write!(formatter, "\n  line {line}, {key}: {message}"),
            None => write!(formatter, "\n  {key}: {message}"),
        })
    }
}

impl BrandFile {
    pub(super) fn read(path: &Path) -> Result<Self, BrandFileError> {
        let text = fs::read_to_string(path).map_err(|error| BrandFileError::Read(path.to_owned(), error))?;
        let table = DeTable::parse(&text);
        let table = table.map_err(|error| BrandFileError::Syntax(path.to_owned(), Box::new(error)))?;
        let mut reading =
            Reading { text: &text, texts: BTreeMap::new(), lines: BTreeMap::new(), found: Vec::new() };
        reading.take_in(table.get_ref(), "");
        reading.miss();
        let Reading { texts, lines, mut found, .. } = reading;
        let logo = match texts.get("logo") {
            Some(name) => {
                let logo = path.parent().unwrap_or(Path::new("")).join(name);
                fs::read(&logo).unwrap_or_else(|error| {
                    let message = format!("{} cannot be read: {error}; name the logo's file", logo.display());
                    found.push((lines.get("logo").copied(), "logo".to_owned(), message));
                    Vec::new()
                })
            }
            None => Vec::new(),
        };
        if found.is_empty() {
            return Ok(Self { path: path.to_owned(), texts, lines, logo });
        }
        found.sort_by_key(|(line, ..)| line.unwrap_or(usize::MAX));
        Err(BrandFileError::Fields(Mistakes { path: path.to_owned(), found }))
    }

    pub(super) fn slug(&self) -> &str {
        self.text("slug")
    }

    pub(super) fn logo(&self) -> &[u8] {
        &self.logo
    }

    /// The body of the launch, once the logo has been uploaded.
    pub(super) fn launch(&self, logo_hash: &Value) -> Value {
        let part = |folder: &str| -> Map<String, Value> {
            let texts = self.texts.iter().filter_map(|(key, text)| Some((key.strip_prefix(folder)?, text)));
            texts.map(|(name, text)| (name.to_owned(), json!(text))).collect()
        };
        json!({
            "kit": self.text("kit"),
            "slug": self.slug(),
            "brand": {
                "name": self.text("name"),
                "tagline": self.text("tagline"),
                "logo": logo_hash,
                "colours": part("colours."),
                "legal": part("legal."),
                "package_id": self.texts.get("package_id"),
            },
        })
    }

    /// What the API found wrong, in the words of this file. `errors` are pairs of field and message.
    pub(super) fn judged(&self, errors: impl IntoIterator<Item = (String, String)>) -> Mistakes {
        let found = errors.into_iter().map(|(field, message)| {
            let key = field.strip_prefix("brand.").unwrap_or(&field).to_owned();
            (self.lines.get(&key).copied(), key, message)
        });
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|(line, ..)| line.unwrap_or(usize::MAX));
        Mistakes { path: self.path.clone(), found }
    }

    fn text(&self, key: &str) -> &str {
        self.texts.get(key).map_or("", String::as_str)
    }
}

struct Reading<'text> {
    text: &'text str,
    texts: BTreeMap<&'static str, String>,
    lines: BTreeMap<String, usize>,
    found: Vec<(Option<usize>, String, String)>,
}

impl Reading<'_> {
    fn take_in(&mut self, table: &DeTable<'_>, prefix: &str) {
        for (name, value) in table {
            let key = format!("{prefix}{}", name.get_ref());
            let line = self.line(&name.span());
            self.lines.insert(key.clone(), line);
            let known = KEYS.iter().find(|(known, ..)| *known == key);
            let is_table = KEYS.iter().any(|(known, ..)| known.starts_with(&format!("{key}.")));
            match (known, value.get_ref()) {
                (Some((known, ..)), DeValue::String(text)) => {
                    self.texts.insert(known, text.to_string());
                }
                (Some((.., meaning)), _) => {
                    self.found.push((Some(line), key, format!("write a text in quotation marks: {meaning}")));
                }
                (None, DeValue::Table(inner)) if is_table => self.take_in(inner, &format!("{key}.")),
                (None, _) if is_table => {
                    self.found.push((
                        Some(line),
                        key.clone(),
                        format!("write a table: [{key}] on a line of its own"),
                    ));
                }
                (None, _) => {
                    let keys: Vec<_> = KEYS.iter().map(|(known, ..)| *known).collect();
                    let message =
                        format!("there is no such key; leave it out. The keys are {}", keys.join(", "));
                    self.found.push((Some(line), key, message));
                }
            }
        }
    }

    /// Writes down what is not there. A key of another kind has been told already.
    fn miss(&mut self) {
        for (key, required, meaning) in KEYS {
            let folder = key.split_once('.').map(|(folder, _)| folder);
            let is_told = |name: &str| self.found.iter().any(|(_, told, _)| told == name);
            let told = is_told(key) || folder.is_some_and(is_told);
            if required && !told && !self.texts.contains_key(key) {
                self.found.push((None, key.to_owned(), format!("is missing; write {meaning}")));
            }
        }
    }

    fn line(&self, span: &Range<usize>) -> usize {
        self.text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(folder: &Path, text: &str) -> String {
        let path = folder.join("brand.toml");
        fs::write(&path, text).unwrap();
        BrandFile::read(&path).unwrap_err().to_string()
    }

    #[test]
    fn every_mistake_in_a_brand_file_is_told_at_once_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let syntax = told(folder.path(), "kit = \"meals\"\nslug = verde\n");
        assert!(syntax.contains("brand.toml is no TOML") && syntax.contains("line 2"), "{syntax}");
        let text = "kit = 7\nslug = \"verde\"\nflavour = \"sweet\"\nlogo = \"none.png\"\nlegal = \"me\"\n[colours]\nprimary = \"#fff\"\nhue = 1\n";
        let all = told(folder.path(), text);
        for part in [
            "line 1, kit: write a text in quotation marks: the name of a kit",
            "line 3, flavour: there is no such key",
            "line 4, logo: ",
            "none.png cannot be read: ",
            "line 5, legal: write a table: [legal] on a line of its own",
            "line 8, colours.hue: there is no such key",
            "name: is missing; write what the app is called",
            "colours.text: is missing",
        ] {
            assert!(all.contains(part), "{part}: {all}");
        }
        assert!(!all.contains("legal.company: ") && !all.contains("tagline: "), "{all}");
        assert!(matches!(BrandFile::read(&folder.path().join("none.toml")), Err(BrandFileError::Read(..))));
    }

    proptest! {
        #[test]
        fn any_text_is_judged(text in "\\PC{0,80}|([a-z_.]{1,8} ?= ?(\"[^\"\n]{0,9}\"|[0-9]{1,3}|\\[\\])\n){0,6}(\\[(colours|legal)\\]\n)?") {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("brand.toml");
            fs::write(&path, &text).unwrap();
            prop_assert!(BrandFile::read(&path).is_err());
        }
    }

    #[test]
    fn the_example_is_a_brand_file() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/verde/brand.toml");
        let brand = BrandFile::read(&path).unwrap();
        assert_eq!(brand.slug(), "verde");
        let launch = brand.launch(&json!("ab"));
        assert_eq!(launch["brand"]["logo"], "ab");
        assert_eq!(launch["brand"]["colours"]["on_primary"], "#ffffff");
        assert_eq!(launch["brand"]["legal"].as_object().unwrap().len(), 3);
        let judged = brand.judged([("brand.colours.text".to_owned(), "Write it.".to_owned())]).to_string();
        assert!(judged.contains("brand.toml is not right:\n  line 13, colours.text: Write it."), "{judged}");
    }
}
