//! The proof `twins`: two servers on one PostgreSQL and one object store are one installation.
//!
//! Each has a data folder, ports and memory of its own; what one does, the other knows. It refuses a cache between them: without
//! one, what is remembered in a process may be old for as long as it is remembered, and no longer.

use crate::crash::{open, settle};
use crate::data::{Files, look};
use crate::http::Answer;
use crate::person::{Person, text};
use crate::process::House;
use crate::workload::Village;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Longer than anything a process remembers.
const REMEMBERED: Duration = Duration::from_secs(15);
/// How long a build may take on a busy machine.
const BUILDING: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);
const SECRET: &str = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";

/// What both servers share.
#[derive(Debug)]
pub struct Shared<'a> {
    pub program: &'a Path,
    pub postgres: &'a str,
    /// Address of a server that speaks S3, with a bucket `files`.
    pub endpoint: &'a str,
}

/// Starts two servers and has people go from one to the other; says what must never be. Nothing is the proof.
///
/// # Errors
/// When a server cannot be started or does not do what one alone does: the proof could not be made.
pub async fn prove(shared: &Shared<'_>, folder: &Path) -> Result<Vec<String>, String> {
    let house = |name: &str| {
        let house = House::new(shared.program, &folder.join(name), Some(shared.postgres));
        let house = house.map_err(|error| error.to_string())?;
        Ok::<_, String>(
            house
                .with("SLIPWAY_SECRET", SECRET)
                .with("OBJECT_STORE_URL", "s3://files/twins")
                .with("OBJECT_STORE_ENDPOINT", shared.endpoint)
                .with("OBJECT_STORE_KEY", "key")
                .with("OBJECT_STORE_SECRET", "secret"),
        )
    };
    let first = house("first")?;
    // Behind one address, as behind a load balancer.
    let second = house("second")?.with("SLIPWAY_PUBLIC_URL", &format!("http://localhost:{}", first.port));
    let running = first.start().await?;
    let other = second.start().await?;
    let village = Village::settle(first.port).await?;
    let mut faults = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            faults.push(what.to_owned());
        }
    };

    let (mut here, mut there) = (village.user(0).connect(first.port), village.user(0).connect(second.port));
    let record = json!({ "title": "from the first", "amount": 1 });
    let made = text(&post(&mut here, "/api/v1/records", &record).await?.json(), "/id")?;
    let seen = get(&mut there, &format!("/api/v1/records/{made}")).await?;
    check(seen.status == StatusCode::OK, "a session and a row of the first are not known at the second");

    let (app, brand) = village.app(0);
    let app = format!("/api/v1/apps/{app}");
    let (mut owner, mut elsewhere) =
        (village.owner().connect(first.port), village.owner().connect(second.port));
    let release = post(&mut owner, &format!("{app}/releases"), &json!({ "brand": brand })).await?.json();
    let build = text(&release, "/release/build")?;
    // The stream ends with the build, whichever process builds it.
    let told = get(&mut elsewhere, &format!("{app}/builds/{build}/events")).await?;
    let told = String::from_utf8_lossy(&told.body).into_owned();
    check(told.contains("event: done"), "a build's stages are not told by the other server");
    let begun = Instant::now();
    let release = loop {
        let releases = get(&mut elsewhere, &format!("{app}/releases")).await?.json();
        let release = releases["items"][0].clone();
        if release["state"] == "ready" || begun.elapsed() > BUILDING {
            break release;
        }
        tokio::time::sleep(PAUSE).await;
    };
    check(release["state"] == "ready", "a release is not built");
    let files = release["artefacts"].as_array().cloned().unwrap_or_default();
    check(files.len() >= 2, "a release has no files");
    for file in &files {
        let path = format!("{app}/releases/{}/artefacts/{}", text(&release, "/id")?, text(file, "/sha256")?);
        for person in [&mut owner, &mut elsewhere] {
            check(
                get(person, &path).await?.status == StatusCode::OK,
                "a file is not to be had at both servers",
            );
        }
    }

    // Whoever signs out at one is out at the other at once: sessions are not remembered.
    let out = here.ask(&Method::DELETE, "/api/v1/sessions/current", None, None, None).await;
    check(out.is_ok_and(|answer| answer.status.is_success()), "nobody can sign out");
    let late = get(&mut there, &format!("/api/v1/records/{made}")).await?;
    check(late.status == StatusCode::UNAUTHORIZED, "who signed out at the first is still in at the second");

    // A host is remembered for a while, and then no longer.
    let mut user = village.user(1).connect(second.port);
    let _ = post(&mut owner, &format!("{app}/suspend"), &json!({})).await?;
    let paused = wait_for(&mut user, StatusCode::SERVICE_UNAVAILABLE).await?;
    check(paused, "an app that was suspended at the first goes on at the second");
    let _ = post(&mut elsewhere, &format!("{app}/resume"), &json!({})).await?;
    check(wait_for(&mut user, StatusCode::OK).await?, "an app that was resumed does not go on");

    // One goes, the other does what is left.
    let release = post(&mut owner, &format!("{app}/releases"), &json!({ "brand": brand })).await;
    check(release.is_ok(), "a release is refused");
    running.kill()?;
    let judge = open(&second).await?;
    let undone = settle(&judge).await?;
    check(undone.is_empty(), "what the killed server had begun is never done");
    // Files are in the store, so only rows are looked at.
    let left = look(&judge, &mut Files::of(&second.data())).await.map_err(|error| error.to_string())?;
    faults.extend(left.faults.into_iter().filter(|fault| !fault.contains("names the file")));
    other.stop().await?;
    faults.extend(second.audit_faults()?);
    Ok(faults)
}

async fn get(person: &mut Person, path: &str) -> Result<Answer, String> {
    person.ask(&Method::GET, path, None, None, None).await.map_err(|error| error.to_string())
}

async fn post(person: &mut Person, path: &str, body: &Value) -> Result<Answer, String> {
    let answer = person.post(path, None, body).await.map_err(|error| error.to_string())?;
    if answer.status.is_success() {
        return Ok(answer);
    }
    Err(format!("{path} was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body)))
}

async fn wait_for(person: &mut Person, status: StatusCode) -> Result<bool, String> {
    let begun = Instant::now();
    loop {
        if get(person, "/api/v1/records?limit=1").await?.status == status {
            return Ok(true);
        }
        if begun.elapsed() > REMEMBERED {
            return Ok(false);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
