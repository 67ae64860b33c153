//! Packages an app from drawn pictures and writes both packages: `package <pictures> <folder>`.
//!
//! `<pictures>` is what `cargo run -p slipway-brand --example draw` wrote. The files are `app.apk` and `app.aab` of the last
//! of several builds in one warm process; the median time is printed, of packages that were all verified. The key is the
//! tests' public one, so it refuses to be of use to anybody who wants to publish.

use slipway_apk::*;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

#[path = "../src/fixture.rs"]
#[expect(dead_code, reason = "shared with tests that use other parts of it")]
#[expect(clippy::unwrap_used, reason = "a fixture that cannot be made ends the run")]
mod fixture;

const RUNS: usize = 21;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, pictures, folder] = &arguments[..] else {
        return Err("say: package <pictures> <folder>".into());
    };
    let key = fixture::key();
    let certificate = fixture::certificate(&key);
    let signer = Signer::new(&key, &certificate);
    let model = AppModel { icons: icons(Path::new(pictures))?, ..fixture::store() };
    let mut times: Vec<Duration> = Vec::new();
    let (mut apk, mut aab) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let start = Instant::now();
        apk = build_apk(&model, &signer)?;
        aab = build_aab(&model, &signer)?;
        times.push(start.elapsed());
        verify_apk(&apk, &certificate)?;
        verify_aab(&aab, &certificate)?;
    }
    times.sort_unstable();
    fs::create_dir_all(folder)?;
    fs::write(Path::new(folder).join("app.apk"), &apk)?;
    fs::write(Path::new(folder).join("app.aab"), &aab)?;
    println!("APK {} bytes, AAB {} bytes, {RUNS} runs, RSA-2048", apk.len(), aab.len());
    println!("APK and AAB, signed {:>9.3} ms", times[RUNS / 2].as_secs_f64() * 1000.0);
    Ok(())
}

/// The pictures of every density, as the brand's example names them.
fn icons(pictures: &Path) -> Result<IconSet, Box<dyn Error>> {
    let images = |purpose, layer: &str| -> Result<Images, Box<dyn Error>> {
        let mut found = BTreeMap::new();
        for density in Density::ALL {
            let name = format!("mipmap-{}/ic_launcher{layer}.png", density.name());
            found.insert(density, Png::parse(fs::read(pictures.join(name))?)?);
        }
        Ok(Images::new(purpose, found)?)
    };
    Ok(IconSet {
        legacy: images(Purpose::Legacy, "")?,
        foreground: images(Purpose::Foreground, "_foreground")?,
        monochrome: images(Purpose::Monochrome, "_monochrome")?,
        // The largest density is required of every picture, and the brand draws the splash at a smaller one.
        splash: None,
    })
}
