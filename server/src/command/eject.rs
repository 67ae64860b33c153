//! `slipway eject`: one app as an installation of its own.

use super::backup::blocking;
use crate::installation::{self, refuse_half_restored};
use clap::Args;
use slipway_framework::backup::{self, Wanted};
use slipway_framework::config::Settings;
use slipway_framework::module::Assembly;
use slipway_kernel::{AppId, Slug};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The app, by its slug or its id (app_…)
    #[arg(value_name = "SLUG|ID", value_parser = wanted)]
    app: Wanted,
    /// The data folder to make
    target: PathBuf,
}

pub(super) async fn run(settings: &Settings, assembly: Assembly, options: Options) -> Result<(), String> {
    refuse_half_restored(&settings.data).map_err(|error| error.to_string())?;
    if !settings.data.is_dir() {
        return Err(format!("there is no data folder at {}; name it with --data", settings.data.display()));
    }
    let source = installation::source(settings, &assembly).map_err(|error| error.to_string())?;
    let (ejection, Options { app, target }) = (assembly.ejection(), options);
    let folder = target.clone();
    let taken = blocking(move |files| backup::eject(&source, &ejection, &app, &folder, files)).await?;
    for (what, rows) in taken {
        println!("{rows:>10}  {what}");
    }
    let folder = target.display();
    println!("The app is in {folder}, under a secret of its own. Point its host at the new server and run:");
    println!(
        "  SLIPWAY_SECRET=$(cat {folder}/secret.key) SLIPWAY_PUBLIC_URL=https://… slipway --data {folder} serve"
    );
    Ok(())
}

fn wanted(text: &str) -> Result<Wanted, String> {
    if let Ok(app) = AppId::parse(text) {
        return Ok(Wanted::Id(app));
    }
    Slug::parse(text).map(Wanted::Slug).map_err(|error| format!("it is no id, and no slug: {error}"))
}
