//! The launch set and the previews.

use image::RgbaImage;
use slipway_brand::{
    IconSet, Logo, Rgb, android_icons, icon_background, previews, suggest_colours, web_icons,
};

use crate::pictures::{VERDE, decoded, disc, drawn, logo};

const GROUND: Rgb = Rgb::new(250, 240, 220);

fn verde() -> Logo {
    Logo::decode(VERDE).expect("the example logo is valid")
}

fn square() -> Logo {
    logo(&drawn(600, 600, |x, y| if (50..550).contains(&x) && y > 60 { [30, 60, 200, 255] } else { [0; 4] }))
}

fn opaque() -> Logo {
    logo(&drawn(700, 700, |x, y| {
        if (200..500).contains(&x) && (200..500).contains(&y) {
            [255, 255, 255, 255]
        } else {
            [120, 20, 90, 255]
        }
    }))
}

fn picture(set: &IconSet, name: &str) -> RgbaImage {
    decoded(&set.get(name).unwrap_or_else(|| panic!("there is no {name}")).png)
}

/// What a phone and what a browser is given.
fn every_icon(logo: &Logo, background: Rgb) -> IconSet {
    let sets = [android_icons(logo, background), web_icons(logo, background)];
    IconSet { icons: sets.into_iter().flat_map(|set| set.icons).collect() }
}

/// The largest distance, in pixels, of anything that is not `nothing` from the middle.
fn reach(picture: &RgbaImage, nothing: impl Fn([u8; 4]) -> bool) -> f64 {
    let half = f64::from(picture.width()) / 2.0;
    picture
        .enumerate_pixels()
        .filter(|(_, _, pixel)| !nothing(pixel.0))
        .map(|(x, y, _)| (f64::from(x) + 0.5 - half).hypot(f64::from(y) + 0.5 - half))
        .fold(0.0, f64::max)
}

#[test]
fn the_set_is_complete_and_every_picture_has_its_size() {
    let set = every_icon(&verde(), GROUND);
    let listed: Vec<String> =
        set.icons.iter().map(|icon| format!("{} {}", icon.name, icon.width_px)).collect();
    assert_eq!(
        listed,
        [
            "mipmap-mdpi/ic_launcher.png 48",
            "mipmap-mdpi/ic_launcher_foreground.png 108",
            "mipmap-mdpi/ic_launcher_monochrome.png 108",
            "mipmap-hdpi/ic_launcher.png 72",
            "mipmap-hdpi/ic_launcher_foreground.png 162",
            "mipmap-hdpi/ic_launcher_monochrome.png 162",
            "mipmap-xhdpi/ic_launcher.png 96",
            "mipmap-xhdpi/ic_launcher_foreground.png 216",
            "mipmap-xhdpi/ic_launcher_monochrome.png 216",
            "mipmap-xxhdpi/ic_launcher.png 144",
            "mipmap-xxhdpi/ic_launcher_foreground.png 324",
            "mipmap-xxhdpi/ic_launcher_monochrome.png 324",
            "mipmap-xxxhdpi/ic_launcher.png 192",
            "mipmap-xxxhdpi/ic_launcher_foreground.png 432",
            "mipmap-xxxhdpi/ic_launcher_monochrome.png 432",
            "play/icon-512.png 512",
            "drawable-xxxhdpi/splash_icon.png 1152",
            "web/favicon-32.png 32",
            "web/apple-touch-icon.png 180",
            "web/icon-192.png 192",
            "web/icon-maskable-192.png 192",
            "web/icon-512.png 512",
            "web/icon-maskable-512.png 512",
        ]
    );
    let shown = previews(&verde(), &suggest_colours(&verde()), GROUND);
    assert_eq!(shown.icons.len(), 7);
    for icon in set.icons.iter().chain(&shown.icons) {
        let picture = decoded(&icon.png);
        assert_eq!(
            (picture.width() as usize, picture.height() as usize),
            (icon.width_px, icon.height_px),
            "{}",
            icon.name
        );
    }
}

#[test]
fn equal_logos_give_equal_bytes() {
    let again = Logo::decode(&verde().to_png()).unwrap();
    assert_eq!(every_icon(&verde(), GROUND), every_icon(&again, GROUND));
    let colours = suggest_colours(&again);
    assert_eq!(previews(&verde(), &colours, GROUND), previews(&again, &colours, GROUND));
}

#[test]
fn nothing_leaves_its_safe_circle() {
    let transparent = |pixel: [u8; 4]| pixel[3] == 0;
    let ground = |pixel: [u8; 4]| pixel == [GROUND.red, GROUND.green, GROUND.blue, 255];
    for logo in [verde(), square(), opaque()] {
        let set = every_icon(&logo, GROUND);
        for icon in &set.icons {
            let side_px = icon.width_px as f64;
            let picture = decoded(&icon.png);
            let (reached, allowed) = match icon.name.as_str() {
                name if name.contains("foreground") || name.contains("monochrome") => {
                    (reach(&picture, transparent), side_px * 33.0 / 108.0)
                }
                name if name.contains("splash") => (reach(&picture, transparent), side_px / 3.0),
                name if name.contains("maskable") => (reach(&picture, ground), side_px * 0.4),
                _ => continue,
            };
            assert!(reached <= allowed, "{} reaches {reached} of {allowed} px", icon.name);
            assert!(
                reached > allowed * 0.85 || icon.name.contains("monochrome"),
                "{} uses only {reached} of {allowed} px",
                icon.name
            );
        }
    }
}

#[test]
fn soft_edges_keep_their_colour() {
    // Transparent pixels are black: averaging straight alpha would draw a dark ring around the disc, and a
    // filter that overshoots a light one.
    let colour = [200, 100, 50];
    let half = 500.0;
    let soft_disc = drawn(1000, 1000, |x, y| {
        let distance = (f64::from(x) + 0.5 - half).hypot(f64::from(y) + 0.5 - half);
        let alpha = ((half - distance) / 12.0).clamp(0.0, 1.0) * 255.0;
        [colour[0], colour[1], colour[2], alpha as u8]
    });
    for source in [soft_disc, disc(1000, colour)] {
        let set = every_icon(&logo(&source), GROUND);
        for name in ["mipmap-mdpi/ic_launcher_foreground.png", "drawable-xxxhdpi/splash_icon.png"] {
            let picture = picture(&set, name);
            let visible = || picture.pixels().map(|pixel| pixel.0).filter(|pixel| pixel[3] > 0);
            assert!(visible().filter(|pixel| pixel[3] < 255).count() > 50, "{name} has soft edges");
            let fringe = visible().find(|pixel| {
                // Premultiplied values are whole numbers: faint pixels know their colour less well.
                let tolerance = if pixel[3] == 255 { 1 } else { 1 + 2 * 255 / u16::from(pixel[3]) };
                pixel.iter().zip(colour).any(|(value, wanted)| u16::from(value.abs_diff(wanted)) > tolerance)
            });
            assert_eq!(fringe, None, "{name} has a fringe");
        }
    }
}

#[test]
fn the_one_colour_form_keeps_the_drawing() {
    let strengths = |logo: &Logo, points: [(u32, u32); 2]| {
        let set = every_icon(logo, GROUND);
        let picture = picture(&set, "mipmap-xxxhdpi/ic_launcher_monochrome.png");
        assert!(picture.pixels().all(|pixel| pixel.0[..3] == [255; 3]), "colour is left to the system");
        points.map(|(x, y)| picture.get_pixel(x, y).0[3])
    };
    let [leaf, plate] = strengths(&verde(), [(275, 205), (216, 180)]);
    assert!(leaf > 240 && (40..110).contains(&plate), "leaf {leaf}, plate {plate}");
    let [flat, outside] = strengths(&logo(&disc(512, [10, 20, 30])), [(216, 216), (5, 5)]);
    assert_eq!((flat, outside), (255, 0));
    let [mark, ground] = strengths(&opaque(), [(216, 216), (150, 150)]);
    assert_eq!((mark, ground), (255, 0), "an opaque logo is split by brightness");
}

#[test]
fn the_ground_lets_the_logo_stand_out() {
    let chosen = |logo: &Logo| icon_background(logo, &suggest_colours(logo));
    assert_eq!(chosen(&opaque()), Rgb::new(120, 20, 90), "an opaque logo continues its edge");
    assert_eq!(chosen(&verde()), suggest_colours(&verde()).background);
    let white = logo(&disc(512, [255, 255, 255]));
    let ground = chosen(&white);
    assert_eq!(white.check_background(ground), None, "white art is not put on {ground}");
}

#[test]
fn an_opaque_logo_covers_its_tiles() {
    let set = every_icon(&opaque(), GROUND);
    let play = picture(&set, "play/icon-512.png");
    assert_eq!(play.get_pixel(2, 2).0, [120, 20, 90, 255]);
    let tile = picture(&set, "web/icon-512.png");
    assert_eq!(tile.get_pixel(0, 0).0, [0; 4], "tiles have round corners");
    assert_eq!(tile.get_pixel(256, 4).0, [120, 20, 90, 255]);
}
