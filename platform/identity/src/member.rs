//! A partner's people as those who sign in at the console.
//!
//! Who they are and what they may do is tenancy's; their passwords and sessions are here. It refuses to sign anybody up
//! who does not accept the terms.

mod http;
mod store;

pub(crate) use http::routes;
pub(crate) use store::{delete_over, find_session};

use crate::password::{Password, PasswordHash, Passwords};
use crate::person::{Begun, Person, audit};
use serde_json::json;
use slipway_framework::db::{DbError, Tx};
use slipway_framework::platform::Platform;
use slipway_framework::scope::{Actor, Cause, PartnerScope, Purpose, SystemScope};
use slipway_kernel::{Email, MemberId, PartnerId};
use slipway_tenancy::member::{self, MemberError, NewMember};
use slipway_tenancy::partner::{self, PartnerName};
use thiserror::Error;

/// Members as [`Person`]s.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Members {}

type Found = crate::person::Found<Members>;

/// A partner about to be, with its first owner.
#[derive(Debug, Clone)]
struct SignUp {
    partner_name: PartnerName,
    owner: NewMember,
    password: Password,
}

/// Makes a partner with its first owner and begins the owner's session.
fn sign_up(
    tx: &mut Tx<PartnerScope>,
    (partner_name, owner): (&PartnerName, &NewMember),
    password_hash: &PasswordHash,
    begun: &Begun,
) -> Result<(), MemberError> {
    partner::create(tx, partner_name)?;
    add(tx, owner, password_hash)?;
    audit::<Members>(tx, "partner_signed_up", Some(owner.member), json!({ "terms_accepted": true }));
    begun.store::<Members>(tx, owner.member)?;
    Ok(())
}

/// Adds a member who can sign in.
fn add(tx: &mut Tx<PartnerScope>, new: &NewMember, password_hash: &PasswordHash) -> Result<(), MemberError> {
    member::create(tx, new)?;
    Ok(store::insert_credential(tx, new.member, password_hash)?)
}

/// The member of that address with what they sign in with, of whichever partner.
async fn find_by_email(
    platform: &Platform,
    cause: Cause,
    email: &Email,
) -> Result<Option<(PartnerId, Found)>, DbError> {
    let key = email.key();
    let everybody = SystemScope::new(Purpose::Members, cause);
    let found = platform.db().read_point(&everybody, move |read| member::find_by_email(read, &key)).await?;
    // An address nobody has is looked for as long as one that somebody has.
    let nobody = (PartnerId::from_bits(0), MemberId::from_bits(0));
    let (partner, person) = found.map_or(nobody, |(partner, record)| (partner, record.member));
    let scope = PartnerScope::new(partner, cause);
    let kept = platform.db().read_point(&scope, move |read| Members::find_password(read, person)).await?;
    Ok(kept.map(|password_hash| (partner, Found { person, password_hash })))
}

/// Why a member's password could not be set anew.
#[derive(Debug, Error)]
pub enum ResetError {
    #[error("nobody signs in at the console with the address {0}; check its spelling")]
    Unknown(Email),
    #[error("the new password could not be hashed: {0}")]
    Hash(String),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Gives a member a fresh password, ends all their sessions, and returns the password: for the operator, who cannot know the
/// old one.
///
/// # Errors
/// [`ResetError`].
pub async fn reset_password(platform: &Platform, cause: Cause, email: &Email) -> Result<String, ResetError> {
    let found = find_by_email(platform, cause, email).await?;
    let (partner, Found { person, .. }) = found.ok_or_else(|| ResetError::Unknown(email.clone()))?;
    let password = Password::generate(platform.entropy());
    let hashed = Passwords::start(platform).hash(&password).await;
    let password_hash = hashed.map_err(|error| ResetError::Hash(error.to_string()))?;
    let reset = platform.db().write(&PartnerScope::new(partner, cause), move |tx| {
        Members::keep_password(tx, person, &password_hash)?;
        Members::delete_sessions(tx, person, None)?;
        audit::<Members>(tx, "password_reset", Some(person), json!({}));
        Ok::<_, DbError>(())
    });
    reset.await?;
    Ok(password.reveal().to_owned())
}

/// On whose behalf a sign-in is judged. A refusal at an address nobody has hangs on the installation's own root, because it
/// belongs to no partner.
fn sign_in_scope(found: Option<&(PartnerId, Found)>, is_right: bool, cause: Cause) -> PartnerScope {
    let Some((partner, found)) = found else {
        return PartnerScope::new(PartnerId::from_bits(0), cause);
    };
    let actor = if is_right { Actor::Member(found.person) } else { cause.actor };
    PartnerScope::new(*partner, Cause { actor, ..cause })
}
