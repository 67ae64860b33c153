//! How long the stages of a build take, icons ready: `cargo bench -p slipway-apk --bench build`.
//! Medians of warm runs in one process. Every package that is timed is verified, outside of the timed part.

use slipway_apk::*;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[path = "../src/fixture.rs"]
#[expect(dead_code, reason = "shared with tests that use other parts of it")]
#[expect(clippy::unwrap_used, reason = "a fixture that cannot be made ends the run")]
mod fixture;

const RUNS: usize = 101;

fn main() {
    let key = fixture::key();
    let certificate = fixture::certificate(&key);
    let signer = Signer::new(&key, &certificate);
    let model = fixture::store();
    println!("median of {RUNS} warm runs, RSA-2048, 12 one-colour icons");
    measure("assemble the dex", || Code::assemble().dex().to_vec(), |_| true);
    measure(
        "APK, unsigned",
        || assemble_apk(&Resources::compose(&model).expect("the model is sound"), Code::shell()),
        |_| true,
    );
    measure(
        "APK, signed v2 + v3",
        || build_apk(&model, &signer).expect("the key is the certificate's"),
        |apk| verify_apk(apk, &certificate).is_ok(),
    );
    measure(
        "AAB, signed",
        || build_aab(&model, &signer).expect("the key is the certificate's"),
        |aab| verify_aab(aab, &certificate).is_ok(),
    );
    let apk = build_apk(&model, &signer).expect("the key is the certificate's");
    measure("verify the APK", || verify_apk(&apk, &certificate), Result::is_ok);
    println!("APK {} bytes, dex {} bytes", apk.len(), Code::shell().dex().len());
}

fn measure<Output>(name: &str, work: impl Fn() -> Output, sound: impl Fn(&Output) -> bool) {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            let output = black_box(work());
            let time = start.elapsed();
            assert!(sound(&output), "{name}: an output is not sound, so its time means nothing");
            time
        })
        .collect();
    times.sort_unstable();
    println!("{name:<22} {:>9.3} ms", times[RUNS / 2].as_secs_f64() * 1000.0);
}
