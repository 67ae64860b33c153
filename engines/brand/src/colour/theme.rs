//! A light and a dark scheme derived from four brand colours, in which everything can be read.
//!
//! A scheme is a table of tokens; what must be readable on what is a table too, [`Requirement::ALL`], and the
//! derivation below is held to it by a property test over every colour. The brand's page colour is used where
//! it is nearly white (light scheme) or nearly black (dark scheme); a page colour in between only lends its
//! hue, because no set of words reads comfortably on it.

use std::fmt::Write as _;

use super::contrast::{NON_TEXT_RATIO, TEXT_RATIO};
use super::fix::{fix_contrast, fix_contrast_all};
use super::oklab::Oklch;
use super::{Colours, Rgb};

/// A named place for a colour, written in CSS as `--color-…`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Token {
    /// Filled buttons and other large areas in the brand's colour.
    Primary,
    /// `Primary` under the pointer.
    PrimaryHover,
    /// Words on `Primary` and `PrimaryHover`.
    OnPrimary,
    /// A quiet tint: selected rows, badges.
    PrimarySoft,
    /// The brand's colour as words: links, active icons.
    PrimaryStrong,
    /// The page.
    Background,
    /// A panel on the page.
    Surface,
    /// A menu or a dialogue above everything.
    SurfaceRaised,
    /// Decorative lines; the edge of a control uses `TextMuted`.
    Border,
    Text,
    TextMuted,
    Success,
    Warning,
    Danger,
    /// The ring around what has the keyboard.
    Focus,
}

impl Token {
    pub const ALL: [Token; 15] = [
        Token::Primary,
        Token::PrimaryHover,
        Token::OnPrimary,
        Token::PrimarySoft,
        Token::PrimaryStrong,
        Token::Background,
        Token::Surface,
        Token::SurfaceRaised,
        Token::Border,
        Token::Text,
        Token::TextMuted,
        Token::Success,
        Token::Warning,
        Token::Danger,
        Token::Focus,
    ];

    /// The CSS custom property, with its two leading hyphens.
    #[must_use]
    pub const fn property(self) -> &'static str {
        match self {
            Token::Primary => "--color-primary",
            Token::PrimaryHover => "--color-primary-hover",
            Token::OnPrimary => "--color-on-primary",
            Token::PrimarySoft => "--color-primary-soft",
            Token::PrimaryStrong => "--color-primary-strong",
            Token::Background => "--color-background",
            Token::Surface => "--color-surface",
            Token::SurfaceRaised => "--color-surface-raised",
            Token::Border => "--color-border",
            Token::Text => "--color-text",
            Token::TextMuted => "--color-text-muted",
            Token::Success => "--color-success",
            Token::Warning => "--color-warning",
            Token::Danger => "--color-danger",
            Token::Focus => "--color-focus",
        }
    }
}

/// A promise every scheme keeps: this token on any of those reaches the ratio.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    pub foreground: Token,
    pub backgrounds: &'static [Token],
    /// As defined by WCAG 2.1.
    pub ratio: f64,
}

const PAGES: &[Token] = &[Token::Background, Token::Surface, Token::SurfaceRaised];
const PAGES_AND_TINT: &[Token] =
    &[Token::Background, Token::Surface, Token::SurfaceRaised, Token::PrimarySoft];
const FILLS: &[Token] = &[Token::Primary, Token::PrimaryHover];

/// A line that only decorates needs no ratio by WCAG; below this one it would not be seen at all.
const BORDER_RATIO: f64 = 1.2;

impl Requirement {
    pub const ALL: [Requirement; 9] = [
        Requirement { foreground: Token::OnPrimary, backgrounds: FILLS, ratio: TEXT_RATIO },
        Requirement { foreground: Token::PrimaryStrong, backgrounds: PAGES_AND_TINT, ratio: TEXT_RATIO },
        Requirement { foreground: Token::Text, backgrounds: PAGES_AND_TINT, ratio: TEXT_RATIO },
        Requirement { foreground: Token::TextMuted, backgrounds: PAGES_AND_TINT, ratio: TEXT_RATIO },
        Requirement { foreground: Token::Success, backgrounds: PAGES, ratio: TEXT_RATIO },
        Requirement { foreground: Token::Warning, backgrounds: PAGES, ratio: TEXT_RATIO },
        Requirement { foreground: Token::Danger, backgrounds: PAGES, ratio: TEXT_RATIO },
        Requirement { foreground: Token::Focus, backgrounds: PAGES_AND_TINT, ratio: NON_TEXT_RATIO },
        Requirement { foreground: Token::Border, backgrounds: PAGES, ratio: BORDER_RATIO },
    ];
}

/// One colour for each token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Scheme {
    colours: [Rgb; Token::ALL.len()],
}

impl Scheme {
    #[must_use]
    pub fn colour(&self, token: Token) -> Rgb {
        self.colours[token as usize]
    }

    /// The tokens with their colours, in the order of [`Token::ALL`].
    pub fn tokens(&self) -> impl Iterator<Item = (Token, Rgb)> {
        Token::ALL.into_iter().zip(self.colours)
    }

    fn set(&mut self, token: Token, colour: Rgb) {
        self.colours[token as usize] = colour;
    }

    /// Moves a token just far enough in lightness to keep its requirement.
    fn keep_promise(&mut self, token: Token) {
        for requirement in Requirement::ALL.iter().filter(|requirement| requirement.foreground == token) {
            let backgrounds: Vec<Rgb> =
                requirement.backgrounds.iter().map(|&background| self.colour(background)).collect();
            self.set(token, fix_contrast_all(self.colour(token), &backgrounds, requirement.ratio));
        }
    }
}

/// Everything the style sheet of an app needs to wear its brand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Theme {
    pub light: Scheme,
    pub dark: Scheme,
}

/// The lightness of the derived parts of a scheme, in OKLCH.
struct Mode {
    /// Brand page colours in this range of lightness are taken as they are.
    own_background: std::ops::RangeInclusive<f64>,
    background: f64,
    surface_change: f64,
    raised_change: f64,
    border_change: f64,
    soft: f64,
    soft_chroma: f64,
    text: f64,
    text_muted: f64,
    status: f64,
    /// The dark scheme lifts a dark brand colour until its buttons stand out; the light scheme never edits it.
    lifts_primary: bool,
}

const LIGHT: Mode = Mode {
    own_background: 0.93..=1.0,
    background: 0.985,
    surface_change: -0.018,
    raised_change: 0.02,
    border_change: -0.09,
    soft: 0.94,
    soft_chroma: 0.045,
    text: 0.23,
    text_muted: 0.5,
    status: 0.52,
    lifts_primary: false,
};

const DARK: Mode = Mode {
    own_background: 0.0..=0.24,
    background: 0.185,
    surface_change: 0.04,
    raised_change: 0.08,
    border_change: 0.17,
    soft: 0.31,
    soft_chroma: 0.06,
    text: 0.95,
    text_muted: 0.73,
    status: 0.76,
    lifts_primary: true,
};

/// OKLCH hues, in degrees, that people read as "fine", "careful" and "stop".
const STATUS_HUES: [(Token, f64); 3] =
    [(Token::Success, 150.0), (Token::Warning, 70.0), (Token::Danger, 27.0)];

impl Theme {
    /// Derives both schemes. Unreadable brand pairs are mended first, as by [`Colours::fixed`].
    #[must_use]
    pub fn new(colours: Colours) -> Theme {
        let colours = colours.fixed();
        Theme { light: derive(colours, &LIGHT), dark: derive(colours, &DARK) }
    }

    /// A style sheet of custom properties: light by default, dark when the system or `data-theme` says so.
    #[must_use]
    pub fn to_css(&self) -> String {
        let light = declarations("light", &self.light);
        let dark = declarations("dark", &self.dark);
        format!(
            ":root {{\n{light}}}\n\
             @media (prefers-color-scheme: dark) {{\n:root:not([data-theme=light]) {{\n{dark}}}\n}}\n\
             :root[data-theme=dark] {{\n{dark}}}\n"
        )
    }
}

fn declarations(color_scheme: &str, scheme: &Scheme) -> String {
    let mut css = format!("  color-scheme: {color_scheme};\n");
    for (token, colour) in scheme.tokens() {
        writeln!(css, "  {}: {colour};", token.property()).expect("a String takes every write");
    }
    css
}

fn derive(colours: Colours, mode: &Mode) -> Scheme {
    let mut scheme = Scheme { colours: [colours.primary; Token::ALL.len()] };
    set_pages(&mut scheme, colours, mode);
    set_fills(&mut scheme, colours, mode);

    let brand = Oklch::from(colours.primary);
    let soft = brand.with_lightness(mode.soft).with_chroma(brand.chroma.min(mode.soft_chroma));
    scheme.set(Token::PrimarySoft, soft.to_rgb());
    scheme.set(Token::PrimaryStrong, scheme.colour(Token::Primary));
    scheme.keep_promise(Token::PrimaryStrong);
    scheme.set(Token::Focus, scheme.colour(Token::PrimaryStrong));
    scheme.keep_promise(Token::Focus);

    let ink = Oklch::from(colours.text);
    let own_background = scheme.colour(Token::Background) == colours.background;
    let quiet = ink.with_chroma(ink.chroma.min(0.02));
    scheme.set(
        Token::Text,
        if own_background { colours.text } else { quiet.with_lightness(mode.text).to_rgb() },
    );
    scheme.keep_promise(Token::Text);
    scheme.set(Token::TextMuted, quiet.with_lightness(mode.text_muted).to_rgb());
    scheme.keep_promise(Token::TextMuted);

    for (token, hue_degrees) in STATUS_HUES {
        let status = Oklch { lightness: mode.status, chroma: 0.15, hue: hue_degrees.to_radians() };
        scheme.set(token, status.to_rgb());
        scheme.keep_promise(token);
    }
    scheme
}

fn set_pages(scheme: &mut Scheme, colours: Colours, mode: &Mode) {
    let brand_page = Oklch::from(colours.background);
    let page = if mode.own_background.contains(&brand_page.lightness) {
        scheme.set(Token::Background, colours.background);
        brand_page
    } else {
        // A near-white page has a hue by rounding only; the primary colour has one by choice.
        let hue = if brand_page.chroma >= 0.01 { brand_page.hue } else { Oklch::from(colours.primary).hue };
        let chroma = Oklch::from(colours.primary).chroma.min(0.012);
        let derived = Oklch { lightness: mode.background, chroma, hue };
        scheme.set(Token::Background, derived.to_rgb());
        derived
    };
    let lifted = |change: f64| page.with_lightness(page.lightness + change).to_rgb();
    scheme.set(Token::Surface, lifted(mode.surface_change));
    scheme.set(Token::SurfaceRaised, lifted(mode.raised_change));
    scheme.set(Token::Border, lifted(mode.border_change));
    scheme.keep_promise(Token::Border);
}

fn set_fills(scheme: &mut Scheme, colours: Colours, mode: &Mode) {
    let pages = [scheme.colour(Token::Background), scheme.colour(Token::Surface)];
    let primary = if mode.lifts_primary {
        fix_contrast_all(colours.primary, &pages, NON_TEXT_RATIO)
    } else {
        colours.primary
    };
    let on_primary = fix_contrast(colours.on_primary, primary, TEXT_RATIO);
    // Under the pointer a fill moves away from its label, so it can only become more readable.
    let fill = Oklch::from(primary);
    let label_is_lighter = Oklch::from(on_primary).lightness > fill.lightness;
    let change = if label_is_lighter { -0.045 } else { 0.045 };
    let hover = fill.with_lightness(fill.lightness + change).to_rgb();
    scheme.set(Token::Primary, primary);
    scheme.set(Token::PrimaryHover, fix_contrast(hover, on_primary, TEXT_RATIO));
    scheme.set(Token::OnPrimary, on_primary);
}
