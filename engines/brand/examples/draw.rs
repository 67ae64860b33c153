//! Draws every picture of a logo into a folder, for human eyes: `draw <logo> <folder>`.

use std::error::Error;
use std::path::Path;

use slipway_brand::{
    Logo, Theme, android_icons, icon_background, palette, previews, suggest_colours, web_icons,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, source, folder] = &arguments[..] else {
        return Err("say: draw <logo> <folder>".into());
    };
    let logo = Logo::decode_claimed(&std::fs::read(source)?, source)?;
    let colours = suggest_colours(&logo);
    let background = icon_background(&logo, &colours);
    for warning in logo.warnings() {
        println!("note: {warning}");
    }
    for swatch in palette(&logo) {
        println!("{} {:4.1} %", swatch.colour, swatch.share * 100.0);
    }
    println!("{colours:?}, icons on {background}");

    let sets = [
        android_icons(&logo, background),
        web_icons(&logo, background),
        previews(&logo, &colours, background),
    ];
    for icon in sets.iter().flat_map(|set| &set.icons) {
        let path = Path::new(folder).join(&icon.name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        std::fs::write(path, &icon.png)?;
        println!("{:46} {:4} px {:7} bytes", icon.name, icon.width_px, icon.png.len());
    }
    std::fs::write(Path::new(folder).join("logo.png"), logo.to_png())?;
    std::fs::write(Path::new(folder).join("theme.css"), Theme::new(colours).to_css())?;
    Ok(())
}
