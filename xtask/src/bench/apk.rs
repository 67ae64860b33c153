//! The figure `apk`: a 1024 px logo to a signed APK and AAB, beside the peer on the same content.
//!
//! It refuses to compare with a package nobody verified: ours and the peer's go through apksigner in every round, our
//! bundle through jarsigner.

use std::{error::Error, path::Path};

use crate::{
    command::{self, CommandError},
    prerequisites,
    step::{Outcome, StepResult, Steps},
};

use super::{
    bench,
    peer::Peer,
    samples::{Samples, Target, milliseconds},
};

const ROUNDS: usize = 5;
/// How the factory's bench begins the line with its median.
const RESULT: &str = "brand → APK + AAB";
/// The most our build may take, and the least by which it is faster than the peer.
const TARGET_MS: f64 = 60.0;
const TARGET_RATIO: f64 = 60.0;

/// What one round measured.
struct Round {
    ours_ms: f64,
    peer_ms: f64,
}

/// Runs the rounds, ours and the peer's by turns.
pub(super) fn measure(root: &Path, target: &Path, steps: &mut Steps) {
    let folder = target.join("bench/apk");
    let mut peer = None;
    let packages = || Ok(Outcome::Done(prerequisites::ensure_packages(root, false)?));
    let input = || {
        package(root, &folder)?;
        peer = Some(Peer::prepare(&folder.join("peer"), &folder.join("app.apk"))?);
        Ok(Outcome::Done(
            "our APK taken apart, without enableOnBackInvokedCallback, which the peer refuses".to_owned(),
        ))
    };
    if steps.run("packages", packages) && steps.run("the peer's input", input) {
        let peer = peer.expect("a step that did not fail has made the peer ready");
        steps.run("stages", || {
            bench(root, "slipway-apk", "build", None)?;
            bench(root, "slipway-brand", "pictures", None)?;
            Ok(Outcome::Done("by themselves, for information, printed above".to_owned()))
        });
        steps.run("logo to packages", || rounds(root, &folder, &peer));
    }
}

fn rounds(root: &Path, folder: &Path, peer: &Peer) -> StepResult {
    let mut valid = Vec::new();
    for number in 1..=ROUNDS {
        match round(root, folder, peer) {
            Ok(round) => {
                println!("  round {number}: {:.1} ms, the peer {:.1} ms", round.ours_ms, round.peer_ms);
                valid.push(round);
            }
            Err(error) => println!("  round {number} is VOID: {error}"),
        }
    }
    let void = ROUNDS - valid.len();
    let samples = |value: fn(&Round) -> f64| Samples::new(valid.iter().map(value).collect());
    let (Some(ours), Some(theirs)) = (samples(|round| round.ours_ms), samples(|round| round.peer_ms)) else {
        return Err("every round was void".into());
    };
    let ratio = theirs.median_ms() / ours.median_ms();
    println!("  ours: logo decoded, pictures drawn, APK (v2 + v3) and AAB signed, both verified; {ours}");
    println!("  peer: apktool 2.6.1 + zipalign + apksigner, pictures ready, no AAB; {theirs}");
    println!(
        "  nothing is stored; both keys RSA-2048; ours warm in one process, the peer's three started as its user does"
    );
    Ok(Outcome::Done(format!(
        "{:.1} ms, {}; {ratio:.0} times the peer's speed, {}; {void} of {ROUNDS} rounds void",
        ours.median_ms(),
        Target::AtMost(TARGET_MS).judge(ours.median_ms()),
        Target::AtLeast(TARGET_RATIO).judge(ratio),
    )))
}

fn round(root: &Path, folder: &Path, peer: &Peer) -> Result<Round, Box<dyn Error>> {
    let lines = package(root, folder)?;
    let ours_ms = milliseconds(&lines, RESULT).ok_or_else(|| format!("the bench printed no `{RESULT}`"))?;
    let verify = |apk: &Path| command::output(command::new("apksigner", root).arg("verify").arg(apk));
    verify(&folder.join("app.apk"))?;
    let bundle = command::output(command::new("jarsigner", root).arg("-verify").arg(folder.join("app.aab")))?;
    // It ends well for a bundle that nobody signed.
    if !bundle.contains("jar verified") {
        return Err(format!("jarsigner does not verify the bundle:\n{bundle}").into());
    }
    let (peer_ms, apk) = peer.build()?;
    verify(&apk)?;
    Ok(Round { ours_ms, peer_ms })
}

/// Runs the factory's bench, which leaves its packages in `folder`; gives what was printed.
fn package(root: &Path, folder: &Path) -> Result<Vec<String>, CommandError> {
    bench(root, "slipway-builder", "launch", Some(folder))
}
