//! `cargo xtask up`: from a fresh clone to a running installation with one launched app.
//!
//! It refuses to build twice what has not changed, and to run anything but the release build: what a newcomer sees should be
//! as quick as the real thing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::SystemTime,
};

use clap::Args;

use crate::{
    command::{self, CommandError},
    prerequisites::{self, PrerequisiteError},
    test::{self, TestError},
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Folder of the installation
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Prepare everything and stop before serving
    #[arg(long)]
    no_serve: bool,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum UpError {
    #[error(transparent)]
    Prerequisite(#[from] PrerequisiteError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Target(#[from] TestError),
}

/// Builds, launches the example brand, and serves until stopped.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), UpError> {
    println!("── prerequisites\n  {}", prerequisites::check_compilers(root)?);
    let web = root.join("web");
    if is_older(&web.join("node_modules/.package-lock.json"), &[web.join("package-lock.json")]) {
        println!("── web packages");
        command::run(command::new("npm", &web).args(["ci", "--no-audit", "--no-fund"]))?;
    }
    let sources = [web.join("apps"), web.join("packages"), web.join("package-lock.json")];
    let apps = fs::read_dir(web.join("apps")).into_iter().flatten().flatten().map(|app| app.path());
    if apps.filter(|app| app.is_dir()).any(|app| is_older(&app.join("build/200.html"), &sources)) {
        println!("── web apps");
        command::run(command::new("npm", &web).args(["run", "build"]))?;
    }
    println!("── server");
    command::run(command::new("cargo", root).args([
        "build",
        "--release",
        "--package",
        "slipway-server",
        "--bin",
        "slipway",
    ]))?;
    let slipway = test::target_folder(root)?.join("release/slipway");
    let data = root.join(&options.data);
    println!("── launch");
    let brand = root.join("examples/verde/brand.toml");
    let out = data.join("artefacts");
    let mut launch = command::new(&slipway, root);
    launch.args(["launch", "--development"]).arg(&brand).arg("--data").arg(&data).arg("--out").arg(&out);
    command::run(launch.env("SLIPWAY_LOG", "error").env("SLIPWAY_LOG_FORMAT", "text"))?;
    if options.no_serve {
        return Ok(());
    }
    println!("── serving; stop with Ctrl-C");
    let mut serve = command::new(&slipway, root);
    serve.args(["serve", "--development"]).arg("--data").arg(&data).stdin(Stdio::inherit());
    command::run(serve.env("SLIPWAY_LOG_FORMAT", "text"))?;
    Ok(())
}

/// Whether a product is missing or older than the newest of its sources.
fn is_older(product: &Path, sources: &[PathBuf]) -> bool {
    let Some(made) = fs::metadata(product).and_then(|metadata| metadata.modified()).ok() else { return true };
    sources.iter().filter_map(|source| newest(source)).any(|changed| changed > made)
}

/// When anything under a path last changed, products and packages aside.
fn newest(path: &Path) -> Option<SystemTime> {
    let skipped = ["node_modules", "build", ".svelte-kit"];
    if path.file_name().is_some_and(|name| skipped.iter().any(|skip| name == *skip)) {
        return None;
    }
    let metadata = fs::metadata(path).ok()?;
    if metadata.is_file() {
        return metadata.modified().ok();
    }
    fs::read_dir(path).ok()?.flatten().filter_map(|entry| newest(&entry.path())).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::File, time::Duration};

    #[test]
    fn a_product_is_older_when_a_source_changed_and_not_when_a_package_did() {
        let folder = std::env::temp_dir().join(format!("slipway-up-{}", std::process::id()));
        fs::create_dir_all(folder.join("src/node_modules")).unwrap();
        let touch = |name: &str, seconds: u64| {
            let file = File::create(folder.join(name)).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        };
        let older = || is_older(&folder.join("product"), &[folder.join("src")]);
        touch("src/page", 100);
        assert!(older(), "a missing product is older than anything");
        touch("product", 200);
        assert!(!older());
        touch("src/node_modules/package", 300);
        assert!(!older());
        touch("src/page", 300);
        assert!(older());
        fs::remove_dir_all(&folder).unwrap();
    }
}
