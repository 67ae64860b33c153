//! `slipway audit`: whether anybody has changed the audit trail, and the key that everybody can find it out with.

use crate::installation::{Installation, open_database};
use clap::{Args, Subcommand};
use slipway_framework::audit::{Fault, Sealer, Verification, verify};
use slipway_framework::config::Settings;
use slipway_framework::db::{Db, Location};
use slipway_framework::keys::PublicKey;
use slipway_framework::module::Assembly;
use slipway_framework::scope::{Actor, Cause, RootId};
use slipway_kernel::{AppId, Id, PartnerId, RequestId, Slug};

/// Faults that are printed; the rest is counted.
const PRINTED: usize = 1_000;

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Verify every seal of the audit trail and name whatever was changed, added, moved or taken away
    ///
    /// Exit code 1 when anything is found. No server may be running on the data folder meanwhile; with --key and PostgreSQL one may.
    Verify(Options),
    /// Print the public key that verifies the seals, for whoever checks a copy without the secret
    Key,
}

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Verify the chain of one app only, by its slug or its id (app_…; a partner's ptn_… or what a finding names, root_…, too); whether
    /// chains are missing as a whole is then not looked at
    #[arg(long, value_name = "SLUG|ID")]
    app: Option<String>,
    /// Verify with this public key (64 hexadecimal digits, from `slipway audit key`) instead of the installation's secret
    #[arg(long, value_name = "KEY")]
    key: Option<PublicKey>,
}

impl Audit {
    /// Whether this works without the installation's secret.
    pub(super) const fn needs_no_secret(&self) -> bool {
        matches!(self, Self::Verify(Options { key: Some(_), .. }))
    }
}

pub(super) async fn run(settings: &Settings, assembly: Assembly, audit: &Audit) -> Result<(), String> {
    if let Location::File(path) = &settings.location
        && !path.exists()
    {
        // Opening would make an empty one, of which every seal holds.
        return Err(format!("there is no database at {}; name its folder with --data", path.display()));
    }
    match audit {
        Audit::Key => {
            let installation = Installation::open(settings, assembly).map_err(|error| error.to_string())?;
            println!("{}", Sealer::new(&installation.platform).public_key());
            Ok(())
        }
        Audit::Verify(Options { app, key: Some(key) }) => {
            let (db, _lock) = open_database(settings, &assembly).map_err(|error| error.to_string())?;
            report(&db, *key, app.as_deref()).await
        }
        Audit::Verify(Options { app, key: None }) => {
            let installation = Installation::open(settings, assembly).map_err(|error| error.to_string())?;
            let key = Sealer::new(&installation.platform).public_key();
            report(installation.platform.db(), key, app.as_deref()).await
        }
    }
}

async fn report(db: &Db, key: PublicKey, app: Option<&str>) -> Result<(), String> {
    let only = match app {
        Some(app) => Some(find_root(db, app).await?),
        None => None,
    };
    let verification = verify(db, key, only).await.map_err(|error| error.to_string())?;
    if let Some(other) = verification.other_signer() {
        return Err(format!(
            "this is not the key that the trail was sealed with: that is {other}, and this is {key}; nothing else is wrong with the trail, so give \
             the right SLIPWAY_SECRET or --key"
        ));
    }
    if let (Some(app), Verification { chains: 0, unsealed: 0, .. }) = (app, &verification) {
        return Err(format!("there are no audit entries of {app}"));
    }
    for finding in verification.findings.iter().take(PRINTED) {
        println!("FAIL  {finding}");
    }
    let Verification { chains, sealed, unsealed, findings } = &verification;
    if findings.len() > PRINTED {
        println!("FAIL  and {} more", findings.len() - PRINTED);
    }
    println!("{}, {} sealed, {unsealed} to be sealed", counted(*chains, "chain"), counted(*sealed, "entry"));
    if findings.is_empty() {
        println!("Every seal holds.");
        return Ok(());
    }
    let hint = if findings.iter().any(|finding| matches!(finding.fault, Fault::Miscounted { .. })) {
        "; compare with a backup to see which chain it is"
    } else {
        ""
    };
    Err(format!("{} in the audit trail{hint}", counted(findings.len() as u64, "fault")))
}

async fn find_root(db: &Db, app: &str) -> Result<RootId, String> {
    let ids = [
        AppId::parse(app).ok().map(Id::bits),
        PartnerId::parse(app).ok().map(Id::bits),
        RootId::parse(app).ok().map(Id::bits),
    ];
    if let Some(bits) = ids.into_iter().flatten().next() {
        return Ok(RootId::from_bits(bits));
    }
    let slug = Slug::parse(app).map_err(|error| format!("{app} is no id, and no slug: {error}"))?;
    let cause = Cause { actor: Actor::Operator, request: RequestId::from_bits(0) };
    let found = slipway_tenancy::slug::find_app(db, cause, &slug).await.map_err(|error| error.to_string())?;
    let found = found.ok_or_else(|| {
        format!("no app has the slug {slug}; the trail of a deleted one is verified by its id (app_…)")
    })?;
    Ok(RootId::from_bits(found.bits()))
}

fn counted(count: u64, noun: &str) -> String {
    match (count, noun) {
        (1, noun) => format!("1 {noun}"),
        (count, "entry") => format!("{count} entries"),
        (count, noun) => format!("{count} {noun}s"),
    }
}
