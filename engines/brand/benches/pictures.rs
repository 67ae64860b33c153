//! How long a partner waits for a brand's pictures: median of many runs.

use std::hint::black_box;
use std::time::Instant;

use slipway_brand::{Logo, Rgb, Theme, android_icons, palette, previews, suggest_colours, web_icons};

const RUNS: usize = 21;
const SVG: &[u8] = include_bytes!("../../../examples/verde/logo.svg");

fn main() {
    let logo = Logo::decode(SVG).expect("the example logo is valid");
    let png = logo.to_png();
    let colours = suggest_colours(&logo);
    let background = Rgb::WHITE;
    println!("{RUNS} runs, logo {} px, PNG of {} bytes", logo.canvas().side_px(), png.len());
    for (name, set) in [("Android", android_icons(&logo, background)), ("web", web_icons(&logo, background))]
    {
        let bytes: usize = set.icons.iter().map(|icon| icon.png.len()).sum();
        println!("{name} icons: {} pictures, {bytes} bytes", set.icons.len());
    }
    report("decode SVG", || Logo::decode(SVG).map(|logo| logo.canvas().side_px()));
    report("decode PNG", || Logo::decode(&png).map(|logo| logo.canvas().side_px()));
    for (name, body) in expensive_drawings() {
        let svg = format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{body}</svg>"#);
        report(name, || Logo::decode(svg.as_bytes()).expect("just within the budget").canvas().side_px());
    }
    report("Android", || android_icons(&logo, background).icons.len());
    report("web", || web_icons(&logo, background).icons.len());
    report("previews", || previews(&logo, &colours, background).icons.len());
    report("palette", || palette(&logo).len());
    report("theme", || Theme::new(colours).to_css().len());
}

/// The slowest drawings that are still taken.
fn expensive_drawings() -> [(&'static str, String); 3] {
    let gradient = "<linearGradient id='g'><stop stop-color='red'/><stop offset='1' stop-opacity='.2'/></linearGradient>";
    let paint = "<rect width='100' height='100' fill='url(#g)'/>".repeat(24);
    let layers = "<g opacity='.9'><rect width='100' height='100'/></g>".repeat(18);
    [
        ("SVG, paint", format!("{gradient}{paint}")),
        ("SVG, layers", layers),
        ("SVG, spikes", format!("<path d='M0 0{}'/>", "L50 99 51 0".repeat(2400))),
    ]
}

fn report<T>(name: &str, mut work: impl FnMut() -> T) {
    let mut times_ms: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times_ms.sort_by(f64::total_cmp);
    println!("{name:12} {:8.2} ms median, {:8.2} ms worst", times_ms[RUNS / 2], times_ms[RUNS - 1]);
}
