//! A copy of the workspace to follow a guide in: what git knows, and the web packages that are installed.
//!
//! It refuses to touch a file that is as it should be, so that what was compiled for the copy is used again.

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use crate::command::{self, CommandError};

#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("the copy of {path} cannot be made: {source}")]
    File { path: String, source: io::Error },
}

const LIST: [&str; 5] = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];

/// Makes `folder` the workspace as it is now, without anything that an earlier guide left; gives the folder.
pub(super) fn fresh(root: &Path, folder: &Path) -> Result<PathBuf, CopyError> {
    let copy = folder.join("workspace");
    let wanted = files(root)?;
    let failed = |path: &str| {
        let path = path.to_owned();
        move |source| CopyError::File { path, source }
    };
    if copy.join(".git").exists() {
        for path in files(&copy)?.difference(&wanted) {
            fs::remove_file(copy.join(path)).map_err(failed(path))?;
        }
    } else {
        fs::create_dir_all(&copy).map_err(failed("the workspace"))?;
        // The house rules look at what git knows; the copy is a repository of its own.
        command::output(command::new("git", &copy).args(["init", "--quiet"]))?;
    }
    for path in &wanted {
        let bytes = fs::read(root.join(path)).map_err(failed(path))?;
        let target = copy.join(path);
        if fs::read(&target).is_ok_and(|there| there == bytes) {
            continue;
        }
        let parent = target.parent().unwrap_or(&copy);
        fs::create_dir_all(parent).and_then(|()| fs::write(&target, bytes)).map_err(failed(path))?;
    }
    remove_empty(&copy.join("kits")).map_err(failed("kits"))?;
    remove_empty(&copy.join("web/apps")).map_err(failed("web/apps"))?;
    link_packages(root, &copy).map_err(failed("web/node_modules"))?;
    Ok(copy)
}

/// The files git tracks or would track, and that are there.
fn files(root: &Path) -> Result<BTreeSet<String>, CopyError> {
    let listed = command::output(command::new("git", root).args(LIST))?;
    let paths = listed.split('\0').filter(|path| !path.is_empty() && root.join(path).is_file());
    Ok(paths.map(str::to_owned).collect())
}

/// A folder of a kit or an app that has nothing left but what is built is no kit any more.
fn remove_empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        let is_whole = path.join("Cargo.toml").exists() || path.join("package.json").exists();
        if path.is_dir() && !is_whole {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

/// The packages from the registry are the checkout's; our own are the copy's.
fn link_packages(root: &Path, copy: &Path) -> io::Result<()> {
    let (from, to) = (root.join("web/node_modules"), copy.join("web/node_modules"));
    if to.exists() || !from.exists() {
        return Ok(());
    }
    fs::create_dir_all(to.join("@slipway"))?;
    for entry in fs::read_dir(&from)?.flatten().filter(|entry| entry.file_name() != "@slipway") {
        symlink(entry.path(), to.join(entry.file_name()))?;
    }
    for entry in fs::read_dir(from.join("@slipway"))?.flatten() {
        symlink(fs::read_link(entry.path())?, to.join("@slipway").join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_forgets_what_was_done_to_it() {
        let folder = std::env::temp_dir().join(format!("slipway-copy-{}", std::process::id()));
        let root = folder.join("root");
        for (path, text) in [("kits/meals/Cargo.toml", "a"), ("web/apps/meals/package.json", "b")] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        }
        command::output(command::new("git", &root).args(["init", "--quiet"])).unwrap();
        let copy = fresh(&root, &folder).unwrap();
        let unchanged =
            || fs::metadata(copy.join("web/apps/meals/package.json")).unwrap().modified().unwrap();
        let made = unchanged();
        fs::create_dir_all(copy.join("kits/plants/src")).unwrap();
        fs::write(copy.join("kits/plants/Cargo.toml"), "c").unwrap();
        fs::write(copy.join("kits/meals/Cargo.toml"), "changed").unwrap();
        assert_eq!(fresh(&root, &folder).unwrap(), copy);
        assert!(!copy.join("kits/plants").exists());
        assert_eq!(fs::read_to_string(copy.join("kits/meals/Cargo.toml")).unwrap(), "a");
        assert_eq!(unchanged(), made, "a file that is right is left alone");
        fs::remove_dir_all(&folder).unwrap();
    }
}
