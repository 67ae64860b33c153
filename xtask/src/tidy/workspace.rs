//! The checkout as one value, read once, so that every rule is a pure function of it.
//!
//! It refuses to read what git ignores.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use super::rust::Rust;
use crate::command::{self, CommandError};

#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// Sorted by path.
    pub(crate) files: Vec<File>,
    pub(crate) packages: Vec<Package>,
    /// The commands `cargo xtask` knows.
    pub(crate) commands: Vec<String>,
}

/// A file git tracks, or would track if it were added.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the workspace root, with `/`.
    pub(crate) path: String,
    /// Empty for a file that is not UTF-8.
    pub(crate) text: String,
    pub(crate) size_bytes: u64,
    rust: Option<Rust>,
}

/// One of our crates.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Relative to the workspace root: `platform/kernel`.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// An edge to another of our crates.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) is_dev: bool,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkspaceError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("cannot read {path}: {source}")]
    Read { path: String, source: std::io::Error },
    #[error("{path} is not Rust: {source}; let `cargo check` say where")]
    Rust { path: String, source: proc_macro2::LexError },
    #[error("`cargo metadata` printed something unexpected: {0}")]
    Metadata(#[from] serde_json::Error),
}

impl Workspace {
    pub(crate) fn read(root: &Path, commands: Vec<String>) -> Result<Self, WorkspaceError> {
        let listed = command::output(command::new("git", root).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]))?;
        let mut contents = BTreeMap::new();
        for path in listed.split('\0').filter(|path| root.join(path).is_file()) {
            let bytes = fs::read(root.join(path))
                .map_err(|source| WorkspaceError::Read { path: path.to_owned(), source })?;
            contents.insert(path.to_owned(), bytes);
        }
        let files = contents
            .into_iter()
            .map(|(path, bytes)| {
                let size_bytes = bytes.len() as u64;
                File::new(path, String::from_utf8(bytes).unwrap_or_default(), size_bytes)
            })
            .collect::<Result<_, _>>()?;
        let metadata = command::output(command::new("cargo", root).args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
        ]))?;
        let packages = packages(&serde_json::from_str(&metadata)?);
        Ok(Self { files, packages, commands })
    }

    /// Every Rust file with its tokens.
    pub(crate) fn rust_files(&self) -> impl Iterator<Item = (&File, &Rust)> {
        self.files.iter().filter_map(|file| Some((file, file.rust()?)))
    }

    /// The folder of the crate a path lies in.
    pub(crate) fn crate_folder(&self, path: &str) -> Option<&str> {
        let folders = self.packages.iter().map(|package| package.folder.as_str());
        folders.filter(|folder| is_within(path, folder)).max_by_key(|folder| folder.len())
    }
}

impl File {
    pub(crate) fn new(path: String, text: String, size_bytes: u64) -> Result<Self, WorkspaceError> {
        let rust = if path.ends_with(".rs") {
            let parsed = Rust::parse(&text);
            Some(parsed.map_err(|source| WorkspaceError::Rust { path: path.clone(), source })?)
        } else {
            None
        };
        Ok(Self { path, text, size_bytes, rust })
    }

    /// The file's tokens, if it is Rust.
    pub(crate) fn rust(&self) -> Option<&Rust> {
        self.rust.as_ref()
    }

    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Lines with their numbers, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// Whether the whole file is test code: `tests.rs`, anything under `tests/` or `benches/`.
    pub(crate) fn is_test(&self) -> bool {
        let folders = self.path.rsplit_once('/').map_or("", |(folders, _)| folders);
        self.name() == "tests.rs" || folders.split('/').any(|folder| matches!(folder, "tests" | "benches"))
    }
}

/// Whether a path is the folder itself or lies under it.
pub(crate) fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn packages(metadata: &Value) -> Vec<Package> {
    let root = metadata["workspace_root"].as_str().unwrap_or_default();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let folder = |manifest: &str| {
        let folder = manifest.trim_end_matches("Cargo.toml").trim_matches('/');
        folder.strip_prefix(root.trim_matches('/')).unwrap_or(folder).trim_matches('/').to_owned()
    };
    list(&metadata["packages"])
        .iter()
        .map(|package| Package {
            name: text(&package["name"]),
            folder: folder(&text(&package["manifest_path"])),
            // Only our own crates are named by path.
            dependencies: list(&package["dependencies"])
                .iter()
                .filter(|dependency| dependency["path"].is_string())
                .map(|dependency| Dependency {
                    name: text(&dependency["name"]),
                    is_dev: dependency["kind"] == "dev",
                })
                .collect(),
        })
        .collect()
}

/// Samples for the rules' tests.
#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    /// A workspace of files, with a crate for every folder that has a `src` or `migrations` folder.
    pub(crate) fn workspace(files: &[(&str, &str)]) -> Workspace {
        let mut workspace = Workspace::default();
        for (path, text) in files {
            for marker in ["/src/", "/migrations/"] {
                if let Some((folder, _)) = path.split_once(marker) {
                    workspace.packages.push(package(folder, &[]));
                }
            }
            let file = File::new((*path).to_owned(), (*text).to_owned(), text.len() as u64);
            workspace.files.push(file.unwrap());
        }
        workspace
    }

    /// A crate named after its folder; a dependency is `slipway-name` or `dev slipway-name`.
    pub(crate) fn package(folder: &str, dependencies: &[&str]) -> Package {
        let leaf = folder.rsplit('/').next().unwrap();
        let name = if leaf == "xtask" { leaf.to_owned() } else { format!("slipway-{leaf}") };
        let dependencies = dependencies
            .iter()
            .map(|written| match written.strip_prefix("dev ") {
                Some(name) => Dependency { name: name.to_owned(), is_dev: true },
                None => Dependency { name: (*written).to_owned(), is_dev: false },
            })
            .collect();
        Package { name, folder: folder.to_owned(), dependencies }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_becomes_packages_with_our_edges_only() {
        let metadata = serde_json::json!({
            "workspace_root": "/somewhere/slipway",
            "packages": [{
                "name": "slipway-apk",
                "manifest_path": "/somewhere/slipway/engines/apk/Cargo.toml",
                "dependencies": [
                    { "name": "serde", "kind": null },
                    { "name": "slipway-kernel", "kind": null, "path": "/somewhere/slipway/platform/kernel" },
                    { "name": "slipway-testkit", "kind": "dev", "path": "/somewhere/slipway/platform/testkit" },
                ],
            }],
        });
        let packages = packages(&metadata);
        assert_eq!((packages[0].name.as_str(), packages[0].folder.as_str()), ("slipway-apk", "engines/apk"));
        let edges: Vec<_> =
            packages[0].dependencies.iter().map(|edge| (edge.name.as_str(), edge.is_dev)).collect();
        assert_eq!(edges, [("slipway-kernel", false), ("slipway-testkit", true)]);
    }

    #[test]
    fn test_files_are_known_by_their_place() {
        let cases = [
            ("server/tests/it/main.rs", true),
            ("kits/meals/src/plan/tests.rs", true),
            ("engines/apk/benches/build.rs", true),
            ("kits/meals/src/plan.rs", false),
            ("kits/meals/src/contests/a.rs", false),
        ];
        for (path, expected) in cases {
            assert_eq!(File::new(path.to_owned(), String::new(), 0).unwrap().is_test(), expected, "{path}");
        }
    }
}
