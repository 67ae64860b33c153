//! Every icon a launched app needs, drawn from one logo.
//!
//! All densities of the launcher icons are emitted, not only the highest: the lower four
//! have as many pixels together as the highest alone, and a picture drawn at its own size is sharper than one the system shrinks. The splash
//! picture comes at one density (xxxhdpi), because it is the largest and is scaled well. Nothing is compressed
//! with effort: the set is made while somebody waits.
//!
//! Sizes: "Adaptive icons" and "Splash screens" (Android developer guide), "Google Play icon design
//! specifications", W3C Web Application Manifest (maskable safe zone), Apple Human Interface Guidelines.

mod art;
pub(crate) mod mask;
mod paint;
pub(crate) mod preview;

use art::Art;
use mask::Mark;
use paint::{Order, Style};

use crate::logo::Logo;
use crate::logo::warning::Legibility;
use crate::{Colours, Rgb, parallel};

/// The widest a round logo is drawn anywhere: the safe circle of the splash picture.
pub(crate) const LARGEST_ART_PX: usize = SPLASH_DP * 4 * 2 / 3;

/// One finished picture.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Icon {
    /// Where it goes: a resource path for Android, a file name below `web/`, `play/` or `preview/`.
    pub name: String,
    pub width_px: usize,
    pub height_px: usize,
    pub png: Vec<u8>,
}

/// Pictures in a fixed order; the same logo and background give the same bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IconSet {
    pub icons: Vec<Icon>,
}

impl IconSet {
    /// The picture of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Icon> {
        self.icons.iter().find(|icon| icon.name == name)
    }
}

/// Android's density buckets: the name and how many quarters of a pixel a dp has.
const DENSITIES: [(&str, usize); 5] =
    [("mdpi", 4), ("hdpi", 6), ("xhdpi", 8), ("xxhdpi", 12), ("xxxhdpi", 16)];
const LEGACY_DP: usize = 48;
const ADAPTIVE_DP: usize = 108;
/// The circle that no launcher's mask ever cuts.
const ADAPTIVE_SAFE_DP: usize = 66;
/// An icon without a background of its own; its safe circle has two thirds of the width.
const SPLASH_DP: usize = 288;

/// Draws what goes into Android packages and their store listing: launcher icons for all densities, the splash
/// picture, the Play listing icon. `background` lies behind the logo; see [`icon_background`].
#[must_use]
pub fn android_icons(logo: &Logo, background: Rgb) -> IconSet {
    let mut orders = Vec::with_capacity(DENSITIES.len() * 3 + 2);
    for (density, quarters) in DENSITIES {
        let px = |dp: usize| dp * quarters / 4;
        let name = |layer: &str| format!("mipmap-{density}/ic_launcher{layer}.png");
        orders.push(Order::new(name(""), px(LEGACY_DP), Style::Tile(background)));
        let (canvas_px, circle_px) = (px(ADAPTIVE_DP), px(ADAPTIVE_SAFE_DP));
        orders.push(Order::new(name("_foreground"), canvas_px, Style::Floating { circle_px }));
        orders.push(Order::new(name("_monochrome"), canvas_px, Style::Monochrome { circle_px }));
    }
    let splash_px = SPLASH_DP * 4;
    orders.push(Order::new("play/icon-512.png", 512, Style::FullBleed(background)));
    let style = Style::Floating { circle_px: splash_px * 2 / 3 };
    orders.push(Order::new("drawable-xxxhdpi/splash_icon.png", splash_px, style));
    drawn(logo, &orders)
}

/// Draws what the web app's manifest and pages name.
#[must_use]
pub fn web_icons(logo: &Logo, background: Rgb) -> IconSet {
    let mut orders = vec![
        Order::new("web/favicon-32.png", 32, Style::Tile(background)),
        Order::new("web/apple-touch-icon.png", 180, Style::FullBleed(background)),
    ];
    for side_px in [192, 512] {
        orders.push(Order::new(format!("web/icon-{side_px}.png"), side_px, Style::Tile(background)));
        let style = Style::WithinCircle { circle_px: side_px * 4 / 5, ground: background };
        orders.push(Order::new(format!("web/icon-maskable-{side_px}.png"), side_px, style));
    }
    drawn(logo, &orders)
}

fn drawn(logo: &Logo, orders: &[Order]) -> IconSet {
    let art = Art::of(logo.canvas());
    IconSet { icons: parallel::each(orders, |order| order.drawn(&art)) }
}

/// The colour behind the logo on icons and splash.
///
/// An opaque logo continues its own edge. A transparent one takes the first of page colour, primary colour,
/// white and text colour on which at least half of it stands out, or else the one on which most of it does.
#[must_use]
pub fn icon_background(logo: &Logo, colours: &Colours) -> Rgb {
    let mark = Mark::of(logo.canvas());
    if let Some(edge) = mark.edge() {
        return edge;
    }
    let candidates = [colours.background, colours.primary, Rgb::WHITE, colours.text];
    let legibility = Legibility::of(logo.canvas(), &mark);
    let shares = candidates.map(|candidate| legibility.share_on(candidate));
    let best = shares.iter().copied().fold(0.0, f64::max);
    candidates
        .into_iter()
        .zip(shares)
        .find(|&(_, share)| share >= best.min(0.5))
        .map_or(colours.background, |(candidate, _)| candidate)
}
