//! A guide as steps: commands to type, and blocks of code with the place the sentence above them names.

/// One block of a guide.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Of the block, counted from 1.
    pub(super) line: usize,
    pub(super) action: Action,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Lines typed into a shell, each in the root of the checkout.
    Run(Vec<String>),
    Edit {
        path: String,
        place: Place,
        block: String,
    },
}

/// Where a block goes in a file; a line is named without its indentation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    Below(String),
    Above(String),
    InsteadOf(String),
    End,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum StepsError {
    #[error(
        "line {0}: nobody can tell where this block goes; the line above it says \"In `path`, below `line`:\" (or above, or instead of) \
         or \"At the end of `path`:\", or the block is ```sh to be typed, or ```text to be read"
    )]
    Homeless(usize),
    #[error("line {0}: the block has no end")]
    Open(usize),
}

/// Reads the blocks in order. A `text` block without a place is only to be read.
pub(super) fn read(guide: &str) -> Result<Vec<Step>, StepsError> {
    let mut steps = Vec::new();
    let mut lines = (1..).zip(guide.lines());
    let mut above = "";
    while let Some((line, text)) = lines.next() {
        let Some(language) = text.strip_prefix("```") else {
            above = if text.trim().is_empty() { above } else { text };
            continue;
        };
        let mut block = String::new();
        loop {
            match lines.next().ok_or(StepsError::Open(line))? {
                (_, "```") => break,
                (_, inside) => block.extend([inside, "\n"]),
            }
        }
        let action = match (language, place(above)) {
            ("sh", _) => Some(Action::Run(block.lines().map(str::to_owned).collect())),
            (_, Some((path, place))) => Some(Action::Edit { path, place, block }),
            ("text", None) => None,
            (_, None) => return Err(StepsError::Homeless(line)),
        };
        steps.extend(action.map(|action| Step { line, action }));
        above = "";
    }
    Ok(steps)
}

/// What the sentence above a block says.
fn place(sentence: &str) -> Option<(String, Place)> {
    let parts: Vec<&str> = sentence.strip_suffix(':')?.split('`').collect();
    match parts.as_slice() {
        ["At the end of ", path, ""] => Some(((*path).to_owned(), Place::End)),
        ["In ", path, how, line, ""] => {
            let line = (*line).to_owned();
            let place = match *how {
                ", below " => Place::Below(line),
                ", above " => Place::Above(line),
                ", instead of " => Place::InsteadOf(line),
                _ => return None,
            };
            Some(((*path).to_owned(), place))
        }
        _ => None,
    }
}

impl Place {
    /// The text with the block in it, or why the place cannot be found.
    pub(super) fn put(&self, text: &str, block: &str) -> Result<String, String> {
        let named = match self {
            Self::End => return Ok(format!("{text}{block}")),
            Self::Below(line) | Self::Above(line) | Self::InsteadOf(line) => line,
        };
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let found: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].trim() == named).collect();
        let [at] = found.as_slice() else {
            return Err(format!("the line `{named}` stands there {} times and not once", found.len()));
        };
        let (before, after) = match self {
            Self::Below(_) => (at + 1, at + 1),
            Self::InsteadOf(_) => (*at, at + 1),
            Self::Above(_) | Self::End => (*at, *at),
        };
        Ok([&lines[..before].concat(), block, &lines[after..].concat()].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = "# Title\n\n```sh\none\ncd web && two\n```\n\nIn `a/b.rs`, below `x();`:\n\n```rust\n    y();\n```\nSee:\n```text\nup\n```\nAt the end of `c.snap`:\n```text\nlast\n```\n";

    #[test]
    fn sentences_say_where_blocks_go() {
        let edit = |line, path: &str, place, block: &str| {
            let (path, block) = (path.to_owned(), block.to_owned());
            Step { line, action: Action::Edit { path, place, block } }
        };
        let typed = Action::Run(vec!["one".to_owned(), "cd web && two".to_owned()]);
        assert_eq!(
            read(GUIDE).unwrap(),
            [
                Step { line: 3, action: typed },
                edit(10, "a/b.rs", Place::Below("x();".to_owned()), "    y();\n"),
                edit(18, "c.snap", Place::End, "last\n"),
            ]
        );
    }

    #[test]
    fn a_block_without_a_place_and_one_without_an_end_are_refused() {
        assert_eq!(read("Put this somewhere:\n```rust\nx\n```\n"), Err(StepsError::Homeless(2)));
        assert_eq!(read("In `a`, near `b`:\n\n```rust\nx\n```\n"), Err(StepsError::Homeless(3)));
        assert_eq!(read("```sh\nx\n"), Err(StepsError::Open(1)));
    }

    #[test]
    fn blocks_find_their_line_once() {
        let text = "a\n  b\nc\n";
        let line = || "b".to_owned();
        for (place, expected) in [
            (Place::Below(line()), "a\n  b\nX\nc\n"),
            (Place::Above(line()), "a\nX\n  b\nc\n"),
            (Place::InsteadOf(line()), "a\nX\nc\n"),
            (Place::End, "a\n  b\nc\nX\n"),
        ] {
            assert_eq!(place.put(text, "X\n").unwrap(), expected, "{place:?}");
        }
        for (text, times) in [("a\n", "0 times"), ("b\nb\n", "2 times")] {
            assert!(Place::Below(line()).put(text, "X\n").unwrap_err().contains(times));
        }
    }
}
