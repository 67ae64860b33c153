//! The brand file: everything a launch needs, in TOML, with the logo beside it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A brand file with its logo's bytes.
#[derive(Debug)]
pub(super) struct BrandFile {
    fields: Fields,
    logo: Vec<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    kit: String,
    slug: String,
    name: String,
    #[serde(default)]
    tagline: String,
    package_id: Option<String>,
    /// Relative to the brand file.
    logo: PathBuf,
    colours: Colours,
    legal: Legal,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Colours {
    primary: String,
    on_primary: String,
    background: String,
    text: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Legal {
    company: String,
    email: String,
    jurisdiction: String,
}

/// Why a brand file cannot be read. What its fields may say is judged by the API.
#[derive(Debug, Error)]
pub(super) enum BrandFileError {
    #[error("{0} cannot be read: {1}")]
    Read(PathBuf, #[source] io::Error),
    #[error("{0} is no brand file: {1}")]
    Form(PathBuf, #[source] Box<toml::de::Error>),
}

impl BrandFile {
    pub(super) fn read(path: &Path) -> Result<Self, BrandFileError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |error| BrandFileError::Read(path, error)
        };
        let text = fs::read_to_string(path).map_err(unreadable(path))?;
        let fields: Fields =
            toml::from_str(&text).map_err(|error| BrandFileError::Form(path.to_owned(), Box::new(error)))?;
        let logo_path = path.parent().unwrap_or(Path::new("")).join(&fields.logo);
        let logo = fs::read(&logo_path).map_err(unreadable(&logo_path))?;
        Ok(Self { fields, logo })
    }

    pub(super) fn slug(&self) -> &str {
        &self.fields.slug
    }

    pub(super) fn logo(&self) -> &[u8] {
        &self.logo
    }

    /// The body of the launch, once the logo has been uploaded.
    pub(super) fn launch(&self, logo_hash: &Value) -> Value {
        let Fields { kit, slug, name, tagline, package_id, colours, legal, .. } = &self.fields;
        json!({
            "kit": kit,
            "slug": slug,
            "brand": {
                "name": name, "tagline": tagline, "logo": logo_hash, "colours": colours, "legal": legal, "package_id": package_id,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_in_a_brand_file_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("brand.toml");
        for (text, expected) in [
            ("kit = \"meals\"\nslug = verde\n", "line 2"),
            ("kit = \"meals\"\n", "missing field `slug`"),
            ("kit = \"meals\"\nflavour = \"sweet\"\n", "unknown field `flavour`"),
        ] {
            fs::write(&path, text).unwrap();
            let error = BrandFile::read(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(matches!(BrandFile::read(&folder.path().join("none.toml")), Err(BrandFileError::Read(..))));
    }

    #[test]
    fn the_example_is_a_brand_file() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/verde/brand.toml");
        let brand = BrandFile::read(&path).unwrap();
        assert_eq!(brand.slug(), "verde");
        assert_eq!(brand.launch(&json!("ab"))["brand"]["logo"], "ab");
    }
}
