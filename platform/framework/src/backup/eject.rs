//! Ejecting an app: what it owns, and who may sign in to it, as an installation of its own.
//!
//! Everything whose root is the app goes along, and of its partner what modules say ([`Travel`]). It refuses to take anything of another
//! app, and to change a row of the installation that the app is taken from.

use super::archive::{Growing, Tally};
use super::{BackupError, PAGE_ROWS, Source, compare, open};
use crate::config::write_private;
use crate::db::copy::{Copy, Rows, TableShape};
use crate::db::{DbError, Durability, Location, Read, Value};
use crate::keys::{KeyPurpose, Keys};
use crate::object::Objects;
use crate::scope::{Actor, AppScope, Cause, Purpose, SystemScope};
use slipway_kernel::{AppId, Entropy, PartnerId, RequestId, Slug};
use std::fmt::Write as _;
use std::path::Path;
use tokio::runtime::Handle;

/// What becomes of a table that hangs on partners when an app of one goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Travel {
    /// The partner's rows go along.
    OfPartner,
    /// Those of the partner's rows go along whose column `app` is the app.
    OfApp,
    /// No row goes.
    Stays,
}

/// A column of an app's table that is sealed under the installation's secret and bound to the app's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    pub table: &'static str,
    pub column: &'static str,
    pub purpose: KeyPurpose,
}

/// The app somebody wants, by whichever name they know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Id(AppId),
    Slug(Slug),
}

/// Whose an app is, and which one has a slug.
#[derive(Debug, Clone, Copy)]
pub struct FindApp {
    /// `None` when there is no such app, or it has been deleted.
    pub partner: fn(&Read<AppScope>) -> Result<Option<PartnerId>, DbError>,
    pub by_slug: fn(&Read<SystemScope>, &Slug) -> Result<Option<AppId>, DbError>,
}

/// What modules say about ejecting.
#[derive(Debug, Clone)]
pub struct Ejection {
    pub travels: Vec<(&'static str, Travel)>,
    pub sealed: Vec<Sealed>,
    pub find: FindApp,
}

/// The database's name in a data folder.
const DATABASE: &str = "slipway.db";

/// Makes a data folder of one app, with a fresh secret in its `secret.key`, and returns the rows of each table in it. It blocks;
/// `files` runs the object store.
///
/// # Errors
/// [`BackupError`]; nothing that passes for a data folder is left then.
pub fn eject(
    source: &Source,
    ejection: &Ejection,
    wanted: &Wanted,
    target: &Path,
    files: &Handle,
) -> Result<Vec<(String, u64)>, BackupError> {
    let mut from = open(source)?;
    let cause = Cause { actor: Actor::Operator, request: RequestId::from_bits(0) };
    let nobody = || BackupError::NoApp(wanted.to_string());
    let app = match wanted {
        Wanted::Id(app) => *app,
        Wanted::Slug(slug) => {
            let (scope, find) = (SystemScope::new(Purpose::Hosts, cause), ejection.find.by_slug);
            let found = from.ask(scope, &source.clock, &source.entropy, |read| find(read, slug))?;
            found.ok_or_else(nobody)?
        }
    };
    let find = ejection.find.partner;
    let partner = from.ask(AppScope::new(app, cause), &source.clock, &source.entropy, find)?;
    let partner = partner.ok_or_else(nobody)?;
    let growing = Growing::begin(target, &[])?;
    let secret = fresh_secret(&*source.entropy);
    let keys = Keys::from_secret(&secret).expect("32 random bytes are a secret");
    let known = source.migrations.only(&|module, number| {
        from.applied().iter().any(|step| step.module == module && step.number == number)
    });
    let database = Location::File(growing.folder().join(DATABASE));
    let mut to = Copy::write(&database, &known, &*source.clock)?;
    let mut taken = Vec::new();
    for table in from.tables() {
        let Some((condition, params)) = rows_of(table, ejection, app, partner) else { continue };
        to.empty(table)?;
        let mut tally = Tally::default();
        let mut page = Vec::new();
        from.rows(table, Rows::Where(condition, &params), |mut values| {
            leave_seals(table, &mut values);
            seal_anew(table, ejection, app, (&source.keys, &keys), &*source.entropy, &mut values)?;
            tally.add(&values);
            page.push(values);
            if page.len() >= PAGE_ROWS {
                to.insert(table, &page)?;
                page.clear();
            }
            Ok::<_, BackupError>(())
        })?;
        to.insert(table, &page)?;
        let (rows, content) = tally.end();
        compare(&to, table, rows, content)?;
        taken.push((table.name.clone(), rows));
    }
    drop(from);
    // The new database's own rows say which files it needs, so no other app's can be among them.
    let named = to.objects(&source.lists, &source.clock, &source.entropy)?;
    let objects = Objects::in_folder(&growing.folder().join("objects"), Durability::Full)?;
    for hash in &named {
        files.block_on(objects.put(files.block_on(source.objects.get(*hash))?.to_vec()))?;
    }
    taken.push(("stored files".to_owned(), named.len() as u64));
    to.commit()?;
    for (name, text) in [("secret.key", secret), ("secret.check", super::recognition(&keys))] {
        let path = growing.folder().join(name);
        write_private(&path, &text).map_err(|error| BackupError::io(&path, error))?;
    }
    growing.name_it()?;
    Ok(taken)
}

/// Which rows of a table go, in the portable subset; `None` leaves it as its migrations made it.
fn rows_of(
    table: &TableShape,
    ejection: &Ejection,
    app: AppId,
    partner: PartnerId,
) -> Option<(&'static str, Vec<Value>)> {
    let is = |root: &str| table.roots.split(", ").any(|word| word == root);
    if is("app") {
        return Some(("app = $1", vec![app.into()]));
    }
    if is("partner") {
        let (_, travel) = ejection.travels.iter().find(|(name, _)| *name == table.name)?;
        return match travel {
            Travel::OfPartner => Some(("partner = $1", vec![partner.into()])),
            Travel::OfApp => Some(("partner = $1 AND app = $2", vec![partner.into(), app.into()])),
            Travel::Stays => None,
        };
    }
    match table.name.as_str() {
        "audit_entries" => Some(("root = $1", vec![app.into()])),
        // What is over is nobody's business there; events stay, because their places are those of this installation.
        "jobs" => Some(("root = $1 AND state IN ('ready', 'running')", vec![app.into()])),
        _ => None,
    }
}

/// A seal is a place in this installation's chain; the other one seals anew, in its own name (ADR 0017).
fn leave_seals(table: &TableShape, values: &mut [Value]) {
    if table.name == "audit_entries" {
        for column in ["sequence", "hash"] {
            if let Some(at) = table.position(column) {
                values[at] = Value::Null;
            }
        }
    }
}

fn seal_anew(
    table: &TableShape,
    ejection: &Ejection,
    app: AppId,
    (old, new): (&Keys, &Keys),
    entropy: &dyn Entropy,
    values: &mut [Value],
) -> Result<(), BackupError> {
    for sealed in ejection.sealed.iter().filter(|sealed| sealed.table == table.name) {
        let at = table.position(sealed.column);
        let at = at.ok_or_else(|| DbError::Broken(format!("{} has no {}", sealed.table, sealed.column)))?;
        if let Value::Bytes(bytes) = &values[at] {
            let owner = app.bits().to_be_bytes();
            let plain = old.open(sealed.purpose, &owner, bytes).map_err(BackupError::Sealed)?;
            values[at] = Value::Bytes(new.seal(sealed.purpose, &owner, &plain, entropy));
        }
    }
    Ok(())
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(app) => app.fmt(formatter),
            Self::Slug(slug) => slug.fmt(formatter),
        }
    }
}

fn fresh_secret(entropy: &dyn Entropy) -> String {
    entropy.bytes::<32>().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}
