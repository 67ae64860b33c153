//! Git carries no large blobs.

use super::{Rule, Violation, workspace::Workspace};

pub(super) const RULE: Rule = Rule {
    name: "size",
    instead: "Generate or download the file when it is needed, or shrink it; a file that must be here stands in `LARGE` with its reason.",
    reason: "A blob once committed is downloaded by every clone for ever.",
    check: |workspace| check(workspace, LARGE),
};

const LIMIT_BYTES: u64 = 400_000;

/// Files over the limit, each with its reason. An entry no longer needed is a violation.
const LARGE: &[(&str, &str)] = &[];

fn check(workspace: &Workspace, large: &[(&str, &str)]) -> Vec<Violation> {
    let over = workspace.files.iter().filter(|file| file.size_bytes > LIMIT_BYTES);
    let (listed, unlisted): (Vec<_>, Vec<_>) =
        over.partition(|file| large.iter().any(|(path, _)| *path == file.path));
    let too_large = unlisted.into_iter().map(|file| {
        Violation::new(&file.path, 0, format!("{} bytes, the limit is {LIMIT_BYTES}", file.size_bytes))
    });
    let stale = large.iter().filter(|(path, _)| !listed.iter().any(|file| file.path == *path));
    let stale = stale.map(|(path, _)| Violation::new(path, 0, "the entry in `LARGE` is no longer needed"));
    too_large.chain(stale).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::sample::workspace, *};

    #[test]
    fn the_limit_itself_passes_and_one_more_byte_fails() {
        let bytes = |count: usize| "x".repeat(count);
        assert_eq!(check(&workspace(&[("a.bin", &bytes(400_000))]), &[]), []);
        assert_eq!(check(&workspace(&[("a.bin", &bytes(400_001))]), &[]).len(), 1);
        assert_eq!(check(&workspace(&[("a.bin", &bytes(400_001))]), &[("a.bin", "reason")]), []);
        assert_eq!(check(&workspace(&[("a.bin", "small")]), &[("a.bin", "reason")]).len(), 1);
    }
}
