//! `slipway admin`: what only the person at the machine may do, while no server runs on the data.

use crate::installation::Installation;
use clap::Subcommand;
use slipway_framework::config::Settings;
use slipway_framework::module::Assembly;
use slipway_framework::scope::{Actor, Cause};
use slipway_kernel::{Email, Id};

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Give a partner's member a fresh password, print it, and end all their sessions
    ResetPassword {
        /// The address the member signs in with
        #[arg(value_name = "EMAIL")]
        email: String,
    },
}

pub(super) async fn run(settings: &Settings, assembly: Assembly, admin: &Admin) -> Result<(), String> {
    let Admin::ResetPassword { email } = admin;
    let email = Email::parse(email).map_err(|error| error.to_string())?;
    let installation = Installation::open(settings, assembly).map_err(|error| error.to_string())?;
    let platform = &installation.platform;
    let cause = Cause { actor: Actor::Operator, request: Id::mint(platform.clock(), platform.entropy()) };
    let password = slipway_identity::reset_password(platform, cause, &email).await;
    println!("{}", password.map_err(|error| error.to_string())?);
    Ok(())
}
