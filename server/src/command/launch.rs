//! `slipway launch BRAND.toml`: a brand file in, a launched app and its artefacts out, without a running server.
//!
//! It goes through the public API like any console page, inside this process, and refuses to know a shorter way.

mod brand_file;
mod client;

use crate::installation::Installation;
use brand_file::BrandFile;
use clap::Args;
use client::{Client, Reply};
use serde_json::{Value, json};
use slipway_framework::config::{Settings, write_private};
use slipway_framework::http::{Fallbacks, TrustedProxies};
use slipway_framework::job;
use slipway_framework::module::Assembly;
use slipway_framework::object::Hash;
use slipway_framework::platform::Platform;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How often the build is asked how far it is.
const POLL: Duration = Duration::from_millis(20);

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The brand file: kit, slug, name, logo, colours, legal identity (see examples/verde/brand.toml)
    #[arg(value_name = "BRAND.toml")]
    brand: PathBuf,
    /// Write the APK and the AAB into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// E-mail address of the member who launches; a partner is made for them when there is none
    #[arg(long, value_name = "EMAIL", default_value = "demo@example.com")]
    owner: String,
    /// File with the owner's password; made with a fresh one when it is missing [default: owner-password in the data folder]
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Launches, or finds the app already launched, and says where everything is.
pub(super) async fn run(settings: &Settings, assembly: Assembly, options: &Options) -> Result<(), String> {
    let brand = BrandFile::read(&options.brand).map_err(|error| error.to_string())?;
    let installation = Installation::open(settings, assembly).map_err(|error| error.to_string())?;
    let Installation { platform, assembly, .. } = &installation;
    let router = assembly.router(platform, TrustedProxies::default(), Fallbacks::default());
    let mut client = Client::new(router, platform.addresses());

    let password_file = options.password_file.clone().unwrap_or_else(|| settings.data.join("owner-password"));
    let password = sign_in(&mut client, platform, &options.owner, &password_file).await?;
    let started = Instant::now();
    let known = find_app(&mut client, brand.slug()).await?;
    let was_there = known.is_some();
    let app = match known {
        Some(app) => app,
        None => launch(&mut client, &installation, &brand).await?,
    };
    let elapsed = started.elapsed();
    let files = match &options.out {
        Some(folder) => fetch(&mut client, &app, folder).await?,
        None => Vec::new(),
    };
    println!("  console   {}", platform.addresses().console_origin());
    println!("  login     {}  {password}", options.owner);
    println!("  app       {}", app["url"].as_str().unwrap_or_default());
    for file in files {
        println!("  file      {}", file.display());
    }
    match was_there {
        true => println!("  {} was launched before; everything is as it was", brand.slug()),
        false => println!("  launched in {:.2} s", elapsed.as_secs_f64()),
    }
    Ok(())
}

/// Signs the owner in, or up when the password file is new; gives the password back.
async fn sign_in(
    client: &mut Client,
    platform: &Platform,
    email: &str,
    file: &Path,
) -> Result<String, String> {
    let unusable = |error: io::Error| format!("the password file {} cannot be used: {error}", file.display());
    match fs::read_to_string(file) {
        Ok(password) => {
            let password = password.trim().to_owned();
            let reply = client
                .post("/api/v1/member-sessions", &json!({ "email": email, "password": password }))
                .await;
            let advice = || format!("{email} cannot sign in with the password in {}", file.display());
            reply.expect(201).map_err(|problem| format!("{}: {problem}", advice()))?;
            Ok(password)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let password = Hash::from_bytes(platform.entropy().bytes()).to_string()[..20].to_owned();
            let sign_up = json!({
                "partner_name": "Demo", "name": "Demo owner", "email": email, "password": password, "accept_terms": true,
            });
            client.post("/api/v1/partners", &sign_up).await.expect(201)?;
            write_private(file, &password).map_err(unusable)?;
            Ok(password)
        }
        Err(error) => Err(unusable(error)),
    }
}

/// The partner's app of that slug.
async fn find_app(client: &mut Client, slug: &str) -> Result<Option<Value>, String> {
    let mut after = String::new();
    loop {
        let page = client.get(&format!("/api/v1/apps?limit=100{after}")).await.expect(200)?;
        let apps = page["items"].as_array().cloned().unwrap_or_default();
        if let Some(app) = apps.into_iter().find(|app| app["slug"] == slug) {
            return Ok(Some(app));
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(None),
        }
    }
}

/// Uploads the logo, launches, and works the build off, saying each stage as it begins.
async fn launch(
    client: &mut Client,
    installation: &Installation,
    brand: &BrandFile,
) -> Result<Value, String> {
    let reply = client.post_bytes("/api/v1/logos", brand.logo().to_vec()).await;
    let logo = match reply.expect(201) {
        Ok(logo) => logo,
        Err(refusal) => return Err(refused(client, brand, refusal).await),
    };
    for warning in logo["warnings"].as_array().into_iter().flatten() {
        println!("  note      {}", warning["message"].as_str().unwrap_or_default());
    }
    let reply = client.post("/api/v1/apps", &brand.launch(&logo["hash"])).await;
    let launched = reply.expect(201).map_err(|problem| match reply.errors() {
        errors if errors.is_empty() => problem,
        errors => brand.judged(errors).to_string(),
    })?;
    let (app, build) = (text(&launched["app"]["id"]), text(&launched["build"]["id"]));
    let stop = CancellationToken::new();
    let worker = tokio::spawn(job::run(
        installation.platform.clone(),
        installation.assembly.jobs(),
        job::Workers::of(1),
        stop.clone(),
    ));
    let ended = follow(client, &format!("/api/v1/apps/{app}/builds/{build}")).await;
    stop.cancel();
    // The runner only logs; a panic in it has been logged too.
    let _ = worker.await;
    ended?;
    client.get(&format!("/api/v1/apps/{app}")).await.expect(200)
}

/// What is wrong with the logo, and with everything else: the launch is tried with a logo that nobody has, so that it cannot succeed.
async fn refused(client: &mut Client, brand: &BrandFile, refusal: String) -> String {
    let nobodys = Hash::from_bytes([0; 32]).to_string();
    let reply = client.post("/api/v1/apps", &brand.launch(&json!(nobodys))).await;
    let others = reply.errors().into_iter().filter(|(field, _)| field != "brand.logo");
    brand.judged([("brand.logo".to_owned(), refusal)].into_iter().chain(others)).to_string()
}

/// Says each stage of a build once, until the build has ended.
async fn follow(client: &mut Client, path: &str) -> Result<(), String> {
    let mut said = 0;
    loop {
        let build = client.get(path).await.expect(200)?;
        let stages = build["stages"].as_array().cloned().unwrap_or_default();
        let begun: Vec<_> = stages.iter().filter(|stage| stage["state"] != "pending").collect();
        for stage in begun.iter().skip(said) {
            println!("  stage     {}", stage["title"].as_str().unwrap_or_default());
        }
        said = begun.len();
        match build["state"].as_str() {
            Some("done") => return Ok(()),
            Some("failed" | "cancelled") => {
                let failed = stages.iter().find(|stage| stage["state"] == "failed");
                let why = failed.and_then(|stage| stage["message"].as_str()).unwrap_or("it was cancelled");
                return Err(format!("the build did not succeed: {why}"));
            }
            _ => tokio::time::sleep(POLL).await,
        }
    }
}

/// Writes the artefacts of the last release; each is checked against its hash.
async fn fetch(client: &mut Client, app: &Value, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: io::Error| format!("{} cannot be written: {error}", folder.display());
    fs::create_dir_all(folder).map_err(failed)?;
    let mut files = Vec::new();
    for artefact in app["last_release"]["artefacts"].as_array().into_iter().flatten() {
        let Reply { status, bytes } = client.get(&text(&artefact["url"])).await;
        if status != 200 || Hash::of(&bytes).to_string() != text(&artefact["sha256"]) {
            return Err(format!("the artefact {} could not be fetched whole", text(&artefact["file_name"])));
        }
        let path = folder.join(text(&artefact["file_name"]));
        fs::write(&path, &bytes).map_err(failed)?;
        files.push(path);
    }
    Ok(files)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
