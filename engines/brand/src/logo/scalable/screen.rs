//! What an SVG may contain, checked on the document as written.

use std::collections::HashMap;

use resvg::usvg::roxmltree::{Document, Node, NodeId};

use super::super::error::SvgError;
use super::MAX_ELEMENTS;

const SVG_NAMESPACE: &str = "http://www.w3.org/2000/svg";
const MAX_DEPTH: usize = 64;
const MAX_EXPANDED_ELEMENTS: u64 = 20_000;

const ALLOWED: [&str; 22] = [
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "g",
    "line",
    "linearGradient",
    "mask",
    "metadata",
    "path",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "style",
    "svg",
    "switch",
    "symbol",
    "title",
    "use",
];

/// Refuses the first thing, in document order, that a logo may not contain.
pub(super) fn check(document: &Document<'_>) -> Result<(), SvgError> {
    // usvg follows references wherever they stand, so elements that are never drawn are checked as well.
    if let Some(sheet) =
        document.descendants().find(|node| node.pi().is_some_and(|pi| pi.target == "xml-stylesheet"))
    {
        let target = sheet.pi().and_then(|pi| pi.value).unwrap_or_default();
        return Err(SvgError::ExternalReference { target: shortened(target), place: place(sheet) });
    }
    let mut count = 0;
    let mut depths: HashMap<NodeId, usize> = HashMap::new();
    for node in document.descendants().filter(Node::is_element) {
        let depth = node.parent().and_then(|parent| depths.get(&parent.id())).map_or(1, |depth| depth + 1);
        if depth > MAX_DEPTH {
            return Err(SvgError::TooDeep { limit: MAX_DEPTH, place: place(node) });
        }
        depths.insert(node.id(), depth);
        count += 1;
        if count > MAX_ELEMENTS {
            return Err(SvgError::TooManyElements { limit: MAX_ELEMENTS });
        }
        check_element(node)?;
        check_attributes(node)?;
    }
    Expansion::of(document).weigh(document.root_element()).map(|_| ())
}

/// "in line 3, in <g>", where a person can find it.
fn place(node: Node<'_, '_>) -> String {
    let line = node.document().text_pos_at(node.range().start).row;
    format!("in line {line}, in <{}>", node.tag_name().name())
}

fn check_element(node: Node<'_, '_>) -> Result<(), SvgError> {
    let name = node.tag_name().name();
    match name {
        "script" | "handler" | "listener" => Err(SvgError::Script { place: place(node) }),
        _ if node.tag_name().namespace() != Some(SVG_NAMESPACE) => Ok(()),
        "text" | "tspan" | "textPath" | "tref" => Err(SvgError::Text { place: place(node) }),
        "image" | "feImage" => match external_target(node) {
            Some(target) => Err(SvgError::ExternalReference { target, place: place(node) }),
            None => Err(SvgError::EmbeddedPicture { place: place(node) }),
        },
        "style" => {
            node.descendants().filter_map(|child| child.text()).try_for_each(|css| check_style(css, node))
        }
        _ if ALLOWED.contains(&name) => Ok(()),
        _ => Err(SvgError::UnsupportedElement { element: shortened(name), place: place(node) }),
    }
}

fn external_target(node: Node<'_, '_>) -> Option<String> {
    node.attributes()
        .filter(|attribute| attribute.name() == "href")
        .map(|attribute| attribute.value().trim())
        .find(|value| !value.is_empty() && !value.starts_with('#') && !starts_with_data(value))
        .map(shortened)
}

fn starts_with_data(value: &str) -> bool {
    value.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

fn check_attributes(node: Node<'_, '_>) -> Result<(), SvgError> {
    for attribute in node.attributes() {
        let (name, value) = (attribute.name().to_ascii_lowercase(), attribute.value().trim());
        // Event attributes (SVG 2, section 15.7) all begin with "on", and no other attribute does.
        let compact: String = value.chars().filter(|letter| !letter.is_whitespace()).take(11).collect();
        if name.starts_with("on") || compact.eq_ignore_ascii_case("javascript:") {
            return Err(SvgError::Script { place: place(node) });
        }
        if name == "href" && !value.is_empty() && !value.starts_with('#') {
            return Err(SvgError::ExternalReference { target: shortened(value), place: place(node) });
        }
        if name == "filter" && value != "none" {
            return Err(SvgError::UnsupportedStyle { construct: name, place: place(node) });
        }
        if name == "style" {
            check_style(value, node)?;
        }
        if let Some(target) = foreign_url(value) {
            return Err(SvgError::ExternalReference { target, place: place(node) });
        }
    }
    Ok(())
}

/// Style sheets may colour shapes. Rules that load and effects that cost are refused. Clip paths and masks may
/// be named by a `style` attribute, where [`Expansion`] sees them, but not by a sheet, where it does not.
fn check_style(css: &str, node: Node<'_, '_>) -> Result<(), SvgError> {
    let lower = css.to_ascii_lowercase();
    // A backslash escape spells any of these words in a way the search below would not see.
    for construct in [
        "@import",
        "@font-face",
        "@",
        "\\",
        "expression(",
        "javascript:",
        "filter",
        "mask",
        "clip-path",
        "marker",
    ] {
        let is_inline_reference =
            matches!(construct, "mask" | "clip-path") && node.tag_name().name() != "style";
        if lower.contains(construct) && !is_inline_reference {
            return Err(SvgError::UnsupportedStyle { construct: construct.to_owned(), place: place(node) });
        }
    }
    match foreign_url(css) {
        Some(target) => Err(SvgError::ExternalReference { target, place: place(node) }),
        None => Ok(()),
    }
}

/// The first `url(…)` that leaves the file.
fn foreign_url(text: &str) -> Option<String> {
    urls(text).find(|target| !target.starts_with('#')).map(shortened)
}

/// The targets of all `url(…)` in a value, without quotes.
fn urls(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let at = rest.as_bytes().windows(4).position(|window| window.eq_ignore_ascii_case(b"url("))?;
        let tail = &rest[at + 4..];
        let end = tail.find(')').unwrap_or(tail.len());
        rest = &tail[end..];
        Some(tail[..end].trim().trim_matches(['"', '\'']).trim())
    })
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// How many elements are drawn once every reference is followed.
struct Expansion<'a, 'input> {
    by_id: HashMap<&'a str, Node<'a, 'input>>,
    /// The weight of an element, or `None` while it is being weighed.
    weights: HashMap<NodeId, Option<u64>>,
}

impl<'a, 'input> Expansion<'a, 'input> {
    fn of(document: &'a Document<'input>) -> Expansion<'a, 'input> {
        let by_id =
            document.descendants().filter_map(|node| node.attribute("id").map(|id| (id, node))).collect();
        Expansion { by_id, weights: HashMap::new() }
    }

    /// One for the element itself, plus everything in it, plus everything it refers to.
    ///
    /// References make the way down longer than the document is deep, so it has a limit of its own.
    fn weigh(&mut self, root: Node<'a, 'input>) -> Result<u64, SvgError> {
        self.weigh_within(root, 0)
    }

    fn weigh_within(&mut self, node: Node<'a, 'input>, depth: usize) -> Result<u64, SvgError> {
        match self.weights.get(&node.id()) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => return Err(SvgError::CircularReference { place: place(node) }),
            None => {}
        }
        if depth > 2 * MAX_DEPTH {
            return Err(SvgError::TooDeep { limit: MAX_DEPTH, place: place(node) });
        }
        self.weights.insert(node.id(), None);
        let mut weight = 1_u64;
        let children = node.children().filter(Node::is_element);
        let targets: Vec<_> = children.chain(self.references(node)).collect();
        for target in targets {
            weight = weight.saturating_add(self.weigh_within(target, depth + 1)?);
            if weight > MAX_EXPANDED_ELEMENTS {
                return Err(SvgError::ExpandsTooFar { limit: MAX_EXPANDED_ELEMENTS, place: place(node) });
            }
        }
        self.weights.insert(node.id(), Some(weight));
        Ok(weight)
    }

    /// The elements that an element's attributes name, by `href="#…"` or `url(#…)`.
    fn references(&self, node: Node<'a, 'input>) -> Vec<Node<'a, 'input>> {
        node.attributes()
            .flat_map(|attribute| {
                let own = (attribute.name() == "href").then(|| attribute.value().trim());
                own.into_iter().chain(urls(attribute.value()))
            })
            .filter_map(|target| target.strip_prefix('#'))
            .filter_map(|id| self.by_id.get(id).copied())
            .collect()
    }
}
