//! `slipway doctor`: tries everything the server will need and says what is wrong.

use crate::installation::Installation;
use slipway_framework::config::Settings;
use slipway_framework::db::EngineKind;
use slipway_framework::module::Assembly;
use slipway_framework::scope::{Actor, Cause};
use slipway_kernel::Id;

/// Runs every check; the error counts those that failed.
pub(super) async fn run(settings: &Settings, assembly: Assembly) -> Result<(), String> {
    println!(
        "ok    settings: {:?}, console at {}",
        settings.environment,
        settings.addresses.console_origin()
    );
    let installation = match Installation::open(settings, assembly) {
        Ok(installation) => installation,
        Err(error) => {
            println!("FAIL  installation: {error}");
            return Err("1 check failed".to_owned());
        }
    };
    let platform = &installation.platform;
    let engine = match platform.db().engine() {
        EngineKind::Sqlite => "SQLite",
        EngineKind::Postgres => "PostgreSQL",
    };
    println!("ok    database: {engine}, schema up to date");
    let cause = Cause { actor: Actor::Operator, request: Id::mint(platform.clock(), platform.entropy()) };
    let damage = match platform.db().damage().await {
        Ok(None) => Ok("PostgreSQL looks after its own files".to_owned()),
        Ok(Some(faults)) if faults.is_empty() => Ok("every page and index is sound".to_owned()),
        Ok(Some(faults)) => {
            Err(format!("the database file is damaged; restore a backup:\n      {}", faults.join("\n      ")))
        }
        Err(error) => Err(error.to_string()),
    };
    let statements = platform.db().check_statements(cause).await;
    let files = async {
        let hash = platform.objects().put(b"slipway doctor".to_vec()).await?;
        platform.objects().get(hash).await?;
        platform.objects().delete(hash).await
    };
    let checks = [
        ("integrity", damage),
        (
            "statements",
            statements.map(|count| format!("{count} fit the schema")).map_err(|error| error.to_string()),
        ),
        (
            "files",
            files.await.map(|()| "written, read and removed".to_owned()).map_err(|error| error.to_string()),
        ),
    ];
    let mut failures = 0;
    for (name, result) in checks {
        match result {
            Ok(text) => println!("ok    {name}: {text}"),
            Err(text) => {
                failures += 1;
                println!("FAIL  {name}: {text}");
            }
        }
    }
    if failures == 0 { Ok(()) } else { Err(format!("{failures} checks failed")) }
}
