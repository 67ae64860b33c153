//! From a brand to signed packages, in this process: `cargo bench -p slipway-builder --bench launch`.
//!
//! With a folder after `--` it leaves the packages there as `app.apk` and `app.aab`, for judges from outside.
//!
//! The key is ready, as it is in a server that keeps keys ready; everything else is timed, the verification of both packages included.
//! It refuses to time what it has not verified, and packages that differ between two runs.
#![expect(clippy::unwrap_used, reason = "in a bench a panic is the report")]

use slipway_apk::{Certificate, verify_aab, verify_apk};
use slipway_brand::{Logo, suggest_colours};
use slipway_builder::{Inputs, Moment, SigningKey, Stage, build_package};
use slipway_kernel::Ts;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const RUNS: usize = 51;

/// The server's own, since it is the server that builds.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let logo = Logo::decode(include_bytes!("../../../examples/verde/logo.svg")).unwrap();
    let inputs = Inputs {
        package_id: "app.verde.meals".to_owned(),
        version_code: 1,
        version_name: "1.0.0".to_owned(),
        name: "Verde".to_owned(),
        start_url: "https://verde.apps.example/".to_owned(),
        colours: suggest_colours(&logo).fixed(),
        logo: logo.to_png(),
    };
    let began = Instant::now();
    let key = SigningKey::make().unwrap();
    println!("key              {:>8.2} ms (once per app, made ahead of time)", milliseconds(began.elapsed()));
    let certificate = key.certify("Verde", "Verde SL", Ts::from_seconds(1_767_225_600)).unwrap();
    let first = build_package(&inputs, &key, &certificate, &mut |_, _| Ok(())).unwrap();
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            let package = build_package(&inputs, &key, &certificate, &mut |_, _| Ok(())).unwrap();
            let elapsed = began.elapsed();
            verify_apk(&package.apk, &certificate).unwrap();
            verify_aab(&package.aab, &certificate).unwrap();
            assert_eq!(package, first, "the same inputs give the same bytes");
            elapsed
        })
        .collect();
    times.sort_unstable();
    stages(&inputs, &key, &certificate);
    // Cargo adds an option of its own to what it was told to pass on.
    if let Some(folder) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) {
        fs::create_dir_all(&folder).unwrap();
        fs::write(Path::new(&folder).join("app.apk"), &first.apk).unwrap();
        fs::write(Path::new(&folder).join("app.aab"), &first.aab).unwrap();
    }
    let (median, p95) = (times[RUNS / 2], times[RUNS * 95 / 100]);
    let side_px = logo.canvas().side_px();
    println!(
        "logo {side_px} px, {RUNS} runs, RSA-2048, no disk; APK {} bytes, AAB {} bytes",
        first.apk.len(),
        first.aab.len()
    );
    println!(
        "brand → APK + AAB {:>7.2} ms median, {:.2} ms p95 (target 60 ms)",
        milliseconds(median),
        milliseconds(p95)
    );
}

/// Prints what each stage takes, so that it is known where to begin.
fn stages(inputs: &Inputs, key: &SigningKey, certificate: &Certificate) {
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); Stage::ALL.len()];
    for _ in 0..RUNS {
        let mut began = Instant::now();
        let mut tell = |stage: Stage, moment: Moment<'_>| {
            match moment {
                Moment::Began => began = Instant::now(),
                _ => times[stage as usize].push(began.elapsed()),
            }
            Ok(())
        };
        build_package(inputs, key, certificate, &mut tell).unwrap();
    }
    for (stage, mut times) in Stage::ALL.into_iter().zip(times) {
        times.sort_unstable();
        if let Some(median) = times.get(RUNS / 2) {
            println!("  {:<24} {:>8.2} ms", stage.title(), milliseconds(*median));
        }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
