//! Colours, contrast, palettes and themes.

use proptest::prelude::*;
use slipway_brand::{
    ColourError, Colours, Logo, Requirement, Rgb, Scheme, TEXT_RATIO, Theme, Token, contrast_ratio,
    fix_contrast, palette, relative_luminance, suggest_colours,
};

use crate::pictures::{VERDE, disc, drawn, logo};

fn rgb(text: &str) -> Rgb {
    text.parse().expect("a colour of the test")
}

fn any_rgb() -> impl Strategy<Value = Rgb> {
    any::<[u8; 3]>().prop_map(|[red, green, blue]| Rgb::new(red, green, blue))
}

#[test]
fn colours_are_read_and_written() {
    assert_eq!(rgb("#1D6b48"), Rgb::new(29, 107, 72));
    assert_eq!(rgb("#fa0"), Rgb::new(255, 170, 0));
    assert_eq!(rgb("#fa0").to_string(), "#ffaa00");
    let refused = |text: &str| text.parse::<Rgb>().unwrap_err();
    assert_eq!(refused("1d6b48"), ColourError::MissingHash("1d6b48".into()));
    assert_eq!(refused("#12345"), ColourError::WrongLength("#12345".into(), 5));
    assert_eq!(refused("#12345g"), ColourError::NotHexadecimal("#12345g".into(), 'g'));
    assert_eq!(refused("#é12345"), ColourError::NotHexadecimal("#é12345".into(), 'é'));
}

#[test]
fn contrast_agrees_with_published_values() {
    assert!((contrast_ratio(Rgb::BLACK, Rgb::WHITE) - 21.0).abs() < 1e-9);
    // The grey every accessibility guide quotes: #767676 is the lightest that reads on white.
    assert!((contrast_ratio(rgb("#767676"), Rgb::WHITE) - 4.54).abs() < 0.005);
    assert!(contrast_ratio(rgb("#777777"), Rgb::WHITE) < TEXT_RATIO);
    assert!((relative_luminance(rgb("#ff0000")) - 0.2126).abs() < 1e-9);
}

#[test]
fn problems_offer_a_fix_for_either_side() {
    let colours = Colours {
        primary: rgb("#ff8a5c"),
        on_primary: Rgb::WHITE,
        background: Rgb::WHITE,
        text: rgb("#222"),
    };
    let [problem] = colours.problems()[..] else { panic!("exactly the label on the primary colour is bad") };
    assert_eq!((problem.foreground, problem.background), ("on_primary", "primary"));
    assert!(contrast_ratio(problem.fixed_foreground, colours.primary) >= TEXT_RATIO);
    assert!(contrast_ratio(colours.on_primary, problem.fixed_background) >= TEXT_RATIO);
    assert_eq!(colours.fixed().problems(), []);
    assert!(problem.to_string().starts_with("on_primary on primary has a contrast of 2.3"), "{problem}");
}

#[test]
fn a_palette_names_the_colours_a_flat_logo_was_drawn_in() {
    let verde = Logo::decode(VERDE).unwrap();
    let swatches = palette(&verde);
    let colours: Vec<String> = swatches.iter().map(|swatch| swatch.colour.to_string()).collect();
    assert_eq!(colours[..2], ["#1d6b48", "#a9d86e"]);
    assert!(colours.contains(&"#ff8a5c".to_owned()), "the small berry counts: {colours:?}");
    let suggested = suggest_colours(&verde);
    assert_eq!((suggested.primary, suggested.on_primary), (rgb("#1d6b48"), Rgb::WHITE));
    assert_eq!(suggested.problems(), []);

    let grey = logo(&disc(512, [90, 90, 90]));
    assert_eq!(palette(&grey)[0].colour, rgb("#5a5a5a"), "grey counts when there is nothing else");
    let mostly_black = drawn(512, 512, |x, _| if x < 400 { [0, 0, 0, 255] } else { [200, 30, 60, 255] });
    assert_eq!(palette(&logo(&mostly_black))[0].colour, rgb("#c81e3c"), "black does not when there is");
}

#[test]
fn a_sheet_sets_every_token_for_every_way_to_be_dark() {
    let theme = Theme::new(suggest_colours(&Logo::decode(VERDE).unwrap()));
    let css = theme.to_css();
    for token in Token::ALL {
        assert_eq!(css.matches(&format!("  {}: #", token.property())).count(), 3, "{token:?}");
    }
    assert_eq!(css.matches('{').count(), css.matches('}').count());
    assert!(css.starts_with(":root {\n  color-scheme: light;\n"));
    assert!(css.contains("@media (prefers-color-scheme: dark)") && css.contains("[data-theme=dark]"));
    assert!(css.is_ascii() && !css.contains('<'), "safe in any context");
}

#[test]
fn a_theme_stays_with_its_brand() {
    let colours = Colours {
        primary: rgb("#ffcc00"),
        on_primary: rgb("#2b2200"),
        background: rgb("#fffdf5"),
        text: rgb("#1f1b10"),
    };
    let light = Theme::new(colours).light;
    assert_eq!(light.colour(Token::Primary), colours.primary);
    assert_eq!(light.colour(Token::Background), colours.background);
    assert_eq!(light.colour(Token::Text), colours.text);
    assert_ne!(light.colour(Token::PrimaryStrong), colours.primary, "yellow words need to be darker");

    let night = Colours { background: rgb("#101418"), text: rgb("#e8eef2"), ..colours };
    let dark = Theme::new(night).dark;
    assert_eq!(dark.colour(Token::Background), night.background);
    assert_eq!(dark.colour(Token::Text), night.text);
}

#[test]
fn the_example_brand_can_be_read() {
    let file = include_str!("../../../../examples/verde/brand.toml");
    let colour = |name: &str| {
        let line = file.lines().find(|line| line.starts_with(&format!("{name} = "))).unwrap();
        rgb(line.split('"').nth(1).unwrap())
    };
    let colours = Colours {
        primary: colour("primary"),
        on_primary: colour("on_primary"),
        background: colour("background"),
        text: colour("text"),
    };
    assert_eq!(colours.problems(), []);
    assert_eq!(Logo::decode(VERDE).unwrap().check_background(colours.background), None);
}

fn broken_promises(scheme: &Scheme) -> Vec<String> {
    Requirement::ALL
        .iter()
        .flat_map(|requirement| requirement.backgrounds.iter().map(move |below| (requirement, *below)))
        .filter_map(|(requirement, below)| {
            let ratio = contrast_ratio(scheme.colour(requirement.foreground), scheme.colour(below));
            (ratio < requirement.ratio)
                .then(|| format!("{:?} on {below:?}: {ratio:.2}", requirement.foreground))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hexadecimal_survives_a_round_trip(colour in any_rgb()) {
        prop_assert_eq!(colour.to_string().parse::<Rgb>(), Ok(colour));
    }

    #[test]
    fn any_text_is_judged_and_what_is_taken_is_written_back(text in "\\PC{0,12}|#[0-9a-fA-FgéG]{0,8}") {
        match text.parse::<Rgb>() {
            Ok(colour) => prop_assert_eq!(colour.to_string().parse(), Ok(colour)),
            Err(error) => prop_assert!(error.to_string().contains("#1f7a4d") || error.to_string().contains("0-9"), "{}", error),
        }
    }

    #[test]
    fn a_fix_always_reaches_the_ratio_and_rests_there(colour in any_rgb(), against in any_rgb(), ratio in 1.0..4.58) {
        let fixed = fix_contrast(colour, against, ratio);
        prop_assert!(contrast_ratio(fixed, against) >= ratio);
        prop_assert_eq!(fix_contrast(fixed, against, ratio), fixed);
        if contrast_ratio(colour, against) >= ratio {
            prop_assert_eq!(fixed, colour);
        }
    }

    #[test]
    fn every_theme_keeps_its_promises(
        primary in any_rgb(), on_primary in any_rgb(), background in any_rgb(), text in any_rgb(),
    ) {
        let colours = Colours { primary, on_primary, background, text };
        prop_assert_eq!(colours.fixed().problems(), vec![]);
        let theme = Theme::new(colours);
        prop_assert_eq!(broken_promises(&theme.light), Vec::<String>::new());
        prop_assert_eq!(broken_promises(&theme.dark), Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_suggestion_can_be_read(colour in any::<[u8; 3]>()) {
        prop_assert_eq!(suggest_colours(&logo(&disc(512, colour))).problems(), vec![]);
    }
}
