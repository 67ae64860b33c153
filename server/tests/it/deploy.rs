//! The files that deploy the server name settings that exist, and each component has what it cannot start without.

use slipway_framework::config::{SETTINGS, Settings};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy")
}

fn texts(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => found.extend(texts(&path)),
            path => found.push((path.clone(), fs::read_to_string(path).unwrap())),
        }
    }
    found
}

fn text(path: &str) -> String {
    fs::read_to_string(folder().join(path)).unwrap()
}

#[test]
fn every_setting_that_is_named_exists() {
    let known: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
    let mut named = 0;
    for (path, text) in texts(&folder()) {
        let words = text.split(|end: char| !end.is_ascii_alphanumeric() && end != '_');
        for word in words.filter(|word| word.starts_with("SLIPWAY_")) {
            assert!(known.contains(&word), "{} names {word}, which is no setting", path.display());
            named += 1;
        }
    }
    assert!(named > 20, "only {named} were found");
}

#[test]
fn each_component_has_what_it_cannot_start_without() {
    // The cluster's settings and the secret's two make a production server start.
    let mut given: BTreeMap<String, String> = text("kubernetes/settings.yml")
        .lines()
        .skip_while(|line| *line != "data:")
        .skip(1)
        .filter_map(|line| line.trim().split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()))
        .collect();
    given.insert("DATABASE_URL".to_owned(), "postgres://slipway:word@database/slipway".to_owned());
    let secret = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";
    assert!(Settings::read(&|name| given.get(name).cloned()).is_err(), "production wants a secret");
    given.insert("SLIPWAY_SECRET".to_owned(), secret.to_owned());
    let settings = Settings::read(&|name| given.get(name).cloned()).unwrap();
    assert_eq!(settings.listen.port(), 8080);
    for component in ["kubernetes/server.yml", "kubernetes/migrate.yml"] {
        let text = text(component);
        for source in [
            "configMapRef: {name: slipway}",
            "secretRef: {name: slipway}",
            "readOnlyRootFilesystem: true",
            "runAsNonRoot: true",
        ] {
            assert_eq!(text.matches(source).count(), 1, "{component}: {source}");
        }
    }
    let terraform = text("terraform/main.tf");
    let compose = text("compose/compose.yml");
    for name in ["SLIPWAY_SECRET", "DATABASE_URL"] {
        assert!(terraform.contains(name) && compose.contains(&format!("{name}: ")), "{name}");
    }
    // Both components share one list, and the schema is made before the server starts.
    assert_eq!((compose.matches("&settings").count(), compose.matches("*settings").count()), (1, 1));
    assert!(compose.contains("condition: service_completed_successfully"));
}
