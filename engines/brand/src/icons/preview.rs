//! What the icons will look like on a phone, so that a partner decides before anything is built.
//!
//! These are pictures of masks, not resources: launchers cut the icon themselves.

use png::ColorType;

use super::art::Art;
use super::paint::{Shape, circle_art_px, icon, on_ground, over, shaped};
use super::{ADAPTIVE_SAFE_DP, Icon, IconSet};
use crate::layer::scaled;
use crate::logo::Logo;
use crate::logo::canvas::encode_png;
use crate::{Colours, Rgb, Theme, Token};

const SIDE_PX: usize = 192;
/// What a launcher shows of the 108 dp of an adaptive icon.
const VIEWPORT_DP: usize = 72;
const PHONE_WIDTH_PX: usize = 360;
const PHONE_HEIGHT_PX: usize = 740;
const PHONE_BEZEL_PX: usize = 8;
const PHONE_CORNER_PX: usize = 44;
const PHONE_BODY: Rgb = Rgb::new(0x1b, 0x1d, 0x21);

/// The icon under the usual masks, as a themed icon in light and dark, and the splash screen on a phone.
#[must_use]
pub fn previews(logo: &Logo, colours: &Colours, background: Rgb) -> IconSet {
    let art = Art::of(logo.canvas());
    let safe_px = SIDE_PX * ADAPTIVE_SAFE_DP / VIEWPORT_DP;
    let art_px = circle_art_px(&art, SIDE_PX, safe_px);
    let launcher = on_ground(&art.drawn(art_px), SIDE_PX, background);
    let theme = Theme::new(*colours);
    let masked = |name: &str, rgb: &[u8], shape| {
        icon(format!("preview/{name}.png"), SIDE_PX, ColorType::Rgba, &shaped(rgb, SIDE_PX, shape))
    };
    let themed = |scheme: &crate::Scheme| {
        let (tint, ink) = (scheme.colour(Token::PrimarySoft), scheme.colour(Token::PrimaryStrong));
        tinted(&art.drawn_mask(art_px), art_px, ink, tint)
    };
    let icons = vec![
        masked("circle", &launcher, Shape::Circle),
        masked("squircle", &launcher, Shape::Squircle),
        masked("rounded", &launcher, Shape::Rounded(0.22)),
        masked("square", &launcher, Shape::Square),
        masked("themed-light", &themed(&theme.light), Shape::Circle),
        masked("themed-dark", &themed(&theme.dark), Shape::Circle),
        splash(&art, background),
    ];
    IconSet { icons }
}

/// The one-colour form in `ink` on `tint`, as RGB.
fn tinted(mask: &[u8], art_px: usize, ink: Rgb, tint: Rgb) -> Vec<u8> {
    let tint = [tint.red, tint.green, tint.blue];
    let mut rgb = vec![tint; SIDE_PX * SIDE_PX];
    let margin = (SIDE_PX - art_px) / 2;
    for (y, row) in mask.chunks_exact(art_px).enumerate() {
        let start = (margin + y) * SIDE_PX + margin;
        for (target, &alpha) in rgb[start..start + art_px].iter_mut().zip(row) {
            let inked = [ink.red, ink.green, ink.blue].map(|channel| scaled(channel, alpha));
            *target = over([inked[0], inked[1], inked[2], alpha], tint);
        }
    }
    rgb.into_flattened()
}

/// A phone, one pixel per dp, while the app starts.
fn splash(art: &Art, background: Rgb) -> Icon {
    let circle_px = super::SPLASH_DP * 2 / 3;
    let screen_px = PHONE_WIDTH_PX - 2 * PHONE_BEZEL_PX;
    let logo_px = circle_art_px(art, screen_px, circle_px);
    let logo = on_ground(&art.drawn(logo_px), logo_px, background);
    let (left, top) = ((PHONE_WIDTH_PX - logo_px) / 2, (PHONE_HEIGHT_PX - logo_px) / 2);

    let mut rgba = Vec::with_capacity(PHONE_WIDTH_PX * PHONE_HEIGHT_PX * 4);
    for y in 0..PHONE_HEIGHT_PX {
        for x in 0..PHONE_WIDTH_PX {
            let body = phone_coverage(x, y, 0);
            let screen = phone_coverage(x, y, PHONE_BEZEL_PX);
            let lit = if (left..left + logo_px).contains(&x) && (top..top + logo_px).contains(&y) {
                let at = ((y - top) * logo_px + x - left) * 3;
                [logo[at], logo[at + 1], logo[at + 2]]
            } else {
                [background.red, background.green, background.blue]
            };
            let lit = lit.map(|channel| scaled(channel, screen));
            let dark = [PHONE_BODY.red, PHONE_BODY.green, PHONE_BODY.blue];
            let [red, green, blue] = over([lit[0], lit[1], lit[2], screen], dark);
            rgba.extend_from_slice(&if body == 0 { [0; 4] } else { [red, green, blue, body] });
        }
    }
    let png = encode_png(PHONE_WIDTH_PX, PHONE_HEIGHT_PX, ColorType::Rgba, &rgba);
    Icon { name: "preview/splash.png".into(), width_px: PHONE_WIDTH_PX, height_px: PHONE_HEIGHT_PX, png }
}

/// The phone's outline, drawn `inset_px` inside its edge, 0..=255.
fn phone_coverage(x: usize, y: usize, inset_px: usize) -> u8 {
    let (half_width, half_height) = (PHONE_WIDTH_PX as f32 / 2.0, PHONE_HEIGHT_PX as f32 / 2.0);
    let inner = PHONE_CORNER_PX as f32;
    let radius = (PHONE_CORNER_PX - inset_px) as f32;
    let cx = ((x as f32 + 0.5 - half_width).abs() - (half_width - inner)).max(0.0);
    let cy = ((y as f32 + 0.5 - half_height).abs() - (half_height - inner)).max(0.0);
    ((0.5 + radius - cx.hypot(cy)).clamp(0.0, 1.0) * 255.0).round() as u8
}
