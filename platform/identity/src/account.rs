//! Accounts: an app's own users. The same address in two apps is two accounts that know nothing of each other.
//!
//! It refuses to keep more of a user than an address and what they have accepted; everything else is the kits'.

mod http;
mod store;

pub(crate) use http::routes;
pub(crate) use store::{accept_legal, delete_over, erase, erase_sessions, find_session};

use crate::events::{AccountDeleted, AccountRegistered};
use crate::password::PasswordHash;
use crate::person::{Begun, Person, audit};
use axum::http::StatusCode;
use serde_json::json;
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::http::{Problem, sentence};
use slipway_framework::scope::AppScope;
use slipway_kernel::{AccountId, Code, Email, Ts};
use thiserror::Error;

/// Accounts as [`Person`]s.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Accounts {}

/// An account as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRecord {
    pub account: AccountId,
    pub email: String,
    pub created_at: Ts,
    /// The version of the legal texts that was last accepted.
    pub legal_version: Option<String>,
}

/// Why an account cannot be made or changed.
#[derive(Debug, Error)]
pub enum AccountError {
    #[error("this e-mail address already has an account here; sign in, or use another address")]
    EmailTaken,
    #[error("there is no such account")]
    NotFound,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The account, if it is one of this app's.
///
/// # Errors
/// [`DbError`].
pub fn find(read: &Read<AppScope>, account: AccountId) -> Result<Option<AccountRecord>, DbError> {
    store::find(read, account)
}

/// How many accounts this app has.
///
/// # Errors
/// [`DbError`].
pub fn count(read: &Read<AppScope>) -> Result<u32, DbError> {
    store::count(read)
}

/// Closes an account, or opens it again: whoever is closed out keeps everything and cannot sign in (P-AUTH-02). Closing ends
/// every session.
///
/// # Errors
/// [`AccountError::NotFound`] when it is not one of this app's.
pub fn set_active(tx: &mut Tx<AppScope>, account: AccountId, is_active: bool) -> Result<(), AccountError> {
    if !store::set_active(tx, account, is_active)? {
        return Err(AccountError::NotFound);
    }
    if !is_active {
        Accounts::delete_sessions(tx, account, None)?;
    }
    let action = if is_active { "account_opened" } else { "account_closed" };
    audit::<Accounts>(tx, action, Some(account), json!({}));
    Ok(())
}

/// Makes an account and begins its first session.
fn register(
    tx: &mut Tx<AppScope>,
    (account, email): (AccountId, &Email),
    password_hash: &PasswordHash,
    begun: &Begun,
) -> Result<(), AccountError> {
    store::insert(tx, account, email, password_hash).map_err(|error| {
        if error.is_duplicate_in("accounts") { AccountError::EmailTaken } else { error.into() }
    })?;
    audit::<Accounts>(tx, "account_registered", Some(account), json!({}));
    tx.emit(&AccountRegistered { app: tx.app(), account });
    begun.store::<Accounts>(tx, account)?;
    Ok(())
}

/// Deletes an account with all that hangs on it; what is left is that it was there.
fn delete(tx: &mut Tx<AppScope>, account: AccountId) -> Result<(), DbError> {
    store::delete(tx, account)?;
    audit::<Accounts>(tx, "account_deleted", Some(account), json!({}));
    tx.emit(&AccountDeleted { app: tx.app(), account });
    Ok(())
}

const EMAIL_TAKEN: Code = Code::new("accounts.email_taken");

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::EmailTaken => {
                Self::new(StatusCode::CONFLICT, EMAIL_TAKEN, sentence(&error.to_string()))
            }
            AccountError::NotFound => Self::not_found("account"),
            AccountError::Db(error) => error.into(),
        }
    }
}
