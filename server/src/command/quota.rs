//! `slipway quota`: what partners may have and do have, by the person at the machine, while no server runs on the data.

use crate::installation::Installation;
use clap::Subcommand;
use slipway_framework::config::Settings;
use slipway_framework::db::DbError;
use slipway_framework::module::Assembly;
use slipway_framework::scope::{Actor, Cause};
use slipway_kernel::{Email, Id};
use slipway_tenancy::quota::{self, MAXIMUM, Standing, Usage};

#[derive(Debug, Subcommand)]
pub(super) enum Quota {
    /// Print how many apps a partner has and may have
    Show {
        /// The address that any member of the partner signs in with
        #[arg(value_name = "EMAIL")]
        email: String,
    },
    /// Allow a partner another number of apps; those that are there stay
    Set {
        /// The address that any member of the partner signs in with
        #[arg(value_name = "EMAIL")]
        email: String,
        /// A number, or `default` for what the installation allows everybody
        #[arg(long, value_name = "N", value_parser = maximum)]
        apps: Allowed,
    },
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Allowed(Option<u32>);

fn maximum(text: &str) -> Result<Allowed, String> {
    if text == "default" {
        return Ok(Allowed(None));
    }
    let count = text.parse::<u32>().ok().filter(|count| *count <= MAXIMUM);
    count
        .map(|count| Allowed(Some(count)))
        .ok_or_else(|| format!("give a whole number up to {MAXIMUM}, or default"))
}

pub(super) async fn run(settings: &Settings, assembly: Assembly, quota: &Quota) -> Result<(), String> {
    let (Quota::Show { email } | Quota::Set { email, .. }) = quota;
    let email = Email::parse(email).map_err(|error| error.to_string())?;
    let installation = Installation::open(settings, assembly).map_err(|error| error.to_string())?;
    let platform = &installation.platform;
    let (db, cause) = (
        platform.db(),
        Cause { actor: Actor::Operator, request: Id::mint(platform.clock(), platform.entropy()) },
    );
    let scope = quota::partner_of(db, cause, &email).await.map_err(|error| error.to_string())?;
    if let Quota::Set { apps: Allowed(maximum), .. } = *quota {
        let set = db.write(&scope, move |tx| quota::set_apps(tx, maximum)).await;
        set.map_err(|error: DbError| error.to_string())?;
    }
    let usage = db.read(&scope, quota::apps).await.map_err(|error| error.to_string())?;
    println!("{}", line(&usage));
    Ok(())
}

fn line(usage: &Usage) -> String {
    let Usage { used, maximum, is_override } = usage;
    let Some(maximum) = maximum else { return format!("ok    apps: {used}, without limit") };
    let word = match usage.standing() {
        Standing::Free => "ok  ",
        Standing::Near => "NEAR",
        Standing::Reached => "FULL",
    };
    let whose = if *is_override { "set for this partner" } else { "the installation's default" };
    format!("{word}  apps: {used} of {maximum}, {whose}")
}
