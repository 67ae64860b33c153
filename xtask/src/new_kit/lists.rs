//! The places of the workspace that name every kit: one line in each.

use std::path::Path;

use super::{KitName, NewKitError, Written, read};

/// A line of a list: the text with it, or what was looked for and not found.
type Enter = fn(&str, &KitName) -> Result<String, &'static str>;

const LISTS: &[(&str, Enter)] = &[
    ("Cargo.toml", |text, name| {
        sorted(text, "slipway-", &format!("slipway-{name} = {{ path = \"kits/{name}\" }}"))
    }),
    ("server/Cargo.toml", |text, name| sorted(text, "slipway-", &format!("slipway-{name}.workspace = true"))),
    ("server/src/house.rs", |text, name| {
        last(text, "        slipway_", &format!("        slipway_{name}::module(),"))
    }),
    ("server/src/web.rs", |text, name| {
        let line = format!("    \"{name}\" => \"../web/apps/{name}/build\",");
        let at = text.find("kit_sites! {\n").ok_or("the list `kit_sites!`")?;
        let (before, list) = text.split_at(at);
        Ok(format!("{before}{}", last(list, "    \"", &line)?))
    }),
    ("server/tests/it/kits.rs", |text, name| {
        let text = sorted(text, "mod ", &format!("mod {name};"))?;
        let start = text.find("const KITS: &[Kit] = &[").ok_or("the list `KITS`")?;
        let end = start + text[start..].find("];").ok_or("the end of the list `KITS`")?;
        let listed = text[..end].trim_end().trim_end_matches(',');
        Ok(format!("{listed}, {name}::KIT{}", &text[end..]))
    }),
];

/// Every list with the kit in it.
pub(super) fn enter(root: &Path, name: &KitName) -> Result<Vec<Written>, NewKitError> {
    let entered = LISTS.iter().map(|(path, enter)| {
        let text = enter(&read(root, path)?, name);
        let text = text.map_err(|wanted| NewKitError::List { path: (*path).to_owned(), wanted })?;
        Ok(Written { path: (*path).to_owned(), text })
    });
    entered.collect()
}

/// Puts a line into the first block of lines that begin like it, where the order of the alphabet wants it.
fn sorted(text: &str, start: &str, line: &str) -> Result<String, &'static str> {
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|other| other.starts_with(start)).ok_or("a list of lines to join")?;
    let block = lines[first..].iter().take_while(|other| other.starts_with(start));
    let at = first + block.take_while(|other| **other < line).count();
    Ok(with(&lines, at, line))
}

/// Puts a line behind the last one of the first block of lines that begin like it.
fn last(text: &str, start: &str, line: &str) -> Result<String, &'static str> {
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|other| other.starts_with(start)).ok_or("a list of lines to join")?;
    let count = lines[first..].iter().take_while(|other| other.starts_with(start)).count();
    Ok(with(&lines, first + count, line))
}

fn with(lines: &[&str], at: usize, line: &str) -> String {
    let (before, after) = lines.split_at(at);
    let mut text = [before, &[line], after].concat().join("\n");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_find_their_place() {
        let text = "[dependencies]\naxum\nslipway-a = 1\nslipway-m = 1\nutoipa\n\nslipway-z = 1\n";
        for (line, position) in [("slipway-0", 2), ("slipway-b", 3), ("slipway-x", 4)] {
            let entered = sorted(text, "slipway-", line).unwrap();
            assert_eq!(entered.lines().nth(position), Some(line), "{entered}");
        }
        assert_eq!(
            last("a\n  x(b)\n  x(a)\n]\n", "  x(", "  x(0)").unwrap(),
            "a\n  x(b)\n  x(a)\n  x(0)\n]\n"
        );
        assert!(sorted("nothing", "slipway-", "slipway-a").is_err());
    }

    #[test]
    fn the_list_of_sweeps_grows_on_one_line_and_on_many() {
        let name = KitName::parse("plants").unwrap();
        let (_, enter) = LISTS.iter().find(|(path, _)| path.ends_with("kits.rs")).unwrap();
        for (list, expected) in [
            ("&[meals::KIT];", "&[meals::KIT, plants::KIT];"),
            ("&[\n    meals::KIT,\n];", "&[\n    meals::KIT, plants::KIT];"),
        ] {
            let text = format!("mod meals;\n\nconst KITS: &[Kit] = {list}\n");
            let entered = enter(&text, &name).unwrap();
            assert_eq!(entered, format!("mod meals;\nmod plants;\n\nconst KITS: &[Kit] = {expected}\n"));
        }
    }
}
