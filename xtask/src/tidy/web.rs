//! The pages are clients of the public API and belong to a brand.

use super::{
    Rule, Violation,
    workspace::{File, Workspace, is_within},
};

pub(super) const RULE: Rule = Rule {
    name: "web",
    instead: "Call the API with the generated client of `@slipway/api`, colour with the tokens of `@slipway/theme`, style with classes or `style:` directives, and share code through `web/packages`.",
    reason: "A raw request is a private endpoint in the making, a colour of one's own is wrong in somebody's brand or by night, and the content security policy refuses style attributes.",
    check: |workspace| check(workspace, COLOURED),
};

/// Where requests leave a page.
const CLIENTS: &[&str] = &["web/packages/api/", "web/e2e/", "web/scripts/"];

/// Style sheets with colours of their own, each with its reason. The list only shrinks: an entry no longer needed is a violation.
const COLOURED: &[(&str, &str)] = &[
    (
        "web/apps/console/src/lib/brand/IdentityFields.svelte",
        "the checks behind a logo show what is transparent",
    ),
    ("web/apps/meals/src/lib/legal/EducationBanner.svelte", "the amber of a warning is asked for (ME-50)"),
    ("web/apps/meals/src/lib/legal/MedicalCard.svelte", "the amber of a warning is asked for (ME-50)"),
    (
        "web/apps/meals/src/lib/plan/ExplainPanel.svelte",
        "two nutrients beside the brand's own colour in one bar",
    ),
    (
        "web/apps/meals/src/routes/legal-acceptance/+page.svelte",
        "the amber of a warning is asked for (ME-50)",
    ),
    ("web/packages/ui/src/CommandPalette.svelte", "the shade behind a dialog is the same by day and night"),
    ("web/packages/ui/src/Dialog.svelte", "the shade behind a dialog is the same by day and night"),
    ("web/packages/ui/src/PhonePreview.svelte", "the frame of a phone is not the brand's"),
    ("web/packages/ui/src/QrCode.svelte", "a code is read by its contrast"),
    ("web/packages/ui/src/ToastRegion.svelte", "marks on a ground that is dark by day and night"),
];

fn check(workspace: &Workspace, coloured: &[(&str, &str)]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut needed = Vec::new();
    let pages = workspace.files.iter().filter(|file| is_within(&file.path, "web") && is_ours(file));
    for file in pages {
        let mut in_style = false;
        for (number, line) in file.lines() {
            let mut report = |what: &str| violations.push(Violation::new(&file.path, number, what));
            if calls_fetch(line) && !may_fetch(file) {
                report("`fetch` is called past the client");
            }
            if line.contains(" style=") && !line.trim_start().starts_with("//") {
                report("a style attribute is refused by the content security policy");
            }
            if let Some(app) = imported_app(workspace, line) {
                report(&format!("the app `{app}` is imported; what two apps share is a package"));
            }
            in_style = (in_style || line.starts_with("<style")) && !line.starts_with("</style");
            if in_style && has_colour(line) && !file.path.contains("/pictures/") {
                match coloured.iter().any(|(path, _)| *path == file.path) {
                    true => needed.push(file.path.as_str()),
                    false => report("a colour that is not a token"),
                }
            }
        }
    }
    let stale = coloured.iter().filter(|(path, _)| !needed.contains(path));
    violations.extend(
        stale.map(|(path, _)| Violation::new(path, 0, "the entry in `COLOURED` is no longer needed")),
    );
    violations
}

fn is_ours(file: &File) -> bool {
    [".svelte", ".ts", ".js", ".html"].iter().any(|extension| file.path.ends_with(extension))
}

/// The service worker answers requests that the page made; tests stand in for the network.
fn may_fetch(file: &File) -> bool {
    CLIENTS.iter().any(|folder| file.path.starts_with(folder))
        || file.name() == "service-worker.ts"
        || file.name().ends_with(".test.ts")
}

fn calls_fetch(line: &str) -> bool {
    let calls = |call: &str| {
        line.match_indices(call).any(|(at, _)| {
            !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == '.')
        })
    };
    !line.trim_start().starts_with("//")
        && (calls("fetch(") || line.contains("window.fetch(") || calls("new XMLHttpRequest"))
}

/// An app of ours that a line imports.
fn imported_app<'a>(workspace: &Workspace, line: &'a str) -> Option<&'a str> {
    let name = line.split_once("'@slipway/")?.1.split(['\'', '/']).next()?;
    let folder = format!("web/apps/{name}");
    workspace.files.iter().any(|file| is_within(&file.path, &folder)).then_some(name)
}

/// `#` with 3 to 8 hex digits, or a colour function.
fn has_colour(line: &str) -> bool {
    let hex = line.split('#').skip(1).any(|rest| {
        let end = rest.find(|next: char| !next.is_ascii_alphanumeric() && next != '-').unwrap_or(rest.len());
        (3..=8).contains(&end) && rest[..end].bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    hex || ["rgb(", "rgba(", "hsl(", "hsla(", "oklch("].iter().any(|function| line.contains(function))
}

#[cfg(test)]
mod tests {
    use super::{super::sample::workspace, *};

    fn found(files: &[(&str, &str)], coloured: &[(&str, &str)]) -> Vec<String> {
        let violations = check(&workspace(files), coloured).into_iter();
        violations.map(|violation| format!("{}:{}", violation.path, violation.line)).collect()
    }

    #[test]
    fn pages_by_the_rules_pass() {
        let page = "<script>\n  import { call } from '@slipway/api';\n  // fetch( is the client's.\n  prefetch(x);\n</script>\n\
            {#each feeds as feed}<a href=\"#fade-in\" style:color={feed}>#fff</a>{/each}\n<style>\n  a { color: var(--color-text); }\n</style>\n";
        let files = [
            ("web/apps/meals/src/routes/+page.svelte", page),
            ("web/apps/meals/src/service-worker.ts", "await fetch(request);"),
            ("web/packages/api/src/client.ts", "fetch(url)"),
            ("web/apps/meals/src/lib/pictures/Soup.svelte", "<style>\n path { fill: #ff0000; }\n</style>"),
            ("platform/a/src/lib.rs", "fn f() { fetch(1) }"),
        ];
        assert_eq!(found(&files, &[]), [""; 0]);
    }

    #[test]
    fn each_fault_fails() {
        let style = "<style>\n a { color: #fff; }\n b { color: rgb(1 2 3); }\n</style>";
        let files = [
            ("web/apps/console/src/lib/a.ts", "\nconst a = await fetch('/api/v1/app');"),
            ("web/apps/console/src/lib/b.ts", "window.fetch(url)"),
            ("web/apps/console/src/lib/c.ts", "const c = new XMLHttpRequest();"),
            ("web/apps/console/src/d.svelte", "<p style=\"color: red\"></p>"),
            ("web/apps/console/src/e.ts", "import { plan } from '@slipway/meals';"),
            ("web/apps/meals/src/f.svelte", style),
        ];
        let expected = ["a.ts:2", "b.ts:1", "c.ts:1", "d.svelte:1", "e.ts:1", "f.svelte:2", "f.svelte:3"];
        let found_all = found(&files, &[]);
        assert_eq!(
            found_all.iter().map(|place| place.rsplit('/').next().unwrap()).collect::<Vec<_>>(),
            expected
        );
        let listed = [("web/apps/meals/src/f.svelte", "reason"), ("web/gone.svelte", "reason")];
        assert_eq!(found(&files[5..], &listed), ["web/gone.svelte:0"]);
    }
}
