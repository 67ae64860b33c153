//! All SQL of accounts and their sessions.

use super::{AccountRecord, Accounts};
use crate::credential::{Credential, Failures};
use crate::password::PasswordHash;
use crate::person::{Found, Person};
use crate::session::{Lifetime, NewSession, SessionId, SessionRecord};
use crate::token::TokenHash;
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::http::Session;
use slipway_framework::scope::{AppScope, SystemScope};
use slipway_framework::{params, statements};
use slipway_kernel::{AccountId, AccountMarker, Email, Ts};

statements! {
    INSERT = "INSERT INTO accounts (app, account, email, email_key, password_hash, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6)";
    FIND = "SELECT email, created_at, legal_version FROM accounts WHERE app = $1 AND account = $2";
    FIND_BY_EMAIL = "SELECT account, password_hash FROM accounts WHERE app = $1 AND email_key = $2";
    COUNT = "SELECT count(*) FROM accounts WHERE app = $1 -- counted: the partner's list shows how many users an app has";
    DELETE = "DELETE FROM accounts WHERE app = $1 AND account = $2";
    SET_ACTIVE = "UPDATE accounts SET is_active = $3, updated_at = $4 WHERE app = $1 AND account = $2";
    ACCEPT_LEGAL = "UPDATE accounts SET terms_accepted_at = $3, privacy_accepted_at = $3, legal_version = $4, updated_at = $3
        WHERE app = $1 AND account = $2";
    FIND_PASSWORD = "SELECT password_hash FROM accounts WHERE app = $1 AND account = $2";
    LOCK_CREDENTIAL = "SELECT password_hash, failures, locked_until, is_active FROM accounts
        WHERE app = $1 AND account = $2 /*pg FOR UPDATE*/";
    KEEP_FAILURES = "UPDATE accounts SET failures = $3, locked_until = $4 WHERE app = $1 AND account = $2";
    KEEP_PASSWORD = "UPDATE accounts SET password_hash = $3, failures = 0, locked_until = NULL, updated_at = $4
        WHERE app = $1 AND account = $2";
    INSERT_SESSION = "INSERT INTO account_sessions (app, session, account, token_hash, created_at, expires_at, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND_SESSION = "SELECT session, account, expires_at, ends_at FROM account_sessions WHERE app = $1 AND token_hash = $2";
    RENEW_SESSION = "UPDATE account_sessions SET expires_at = $3 WHERE app = $1 AND session = $2 AND expires_at < $3";
    DELETE_SESSION = "DELETE FROM account_sessions WHERE app = $1 AND session = $2";
    DELETE_SESSIONS = "DELETE FROM account_sessions WHERE app = $1 AND account = $2 AND session <> $3";
    DELETE_OVER = "DELETE FROM account_sessions WHERE (app, session) IN (
        SELECT app, session FROM account_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    DELETE_EXPIRED = "DELETE FROM account_sessions WHERE app = $1 AND account = $2 AND expires_at <= $3";
    ERASE_SESSIONS = "DELETE FROM account_sessions WHERE (app, session) IN (SELECT app, session FROM account_sessions WHERE app = $1 LIMIT $2)";
    ERASE = "DELETE FROM accounts WHERE (app, account) IN (SELECT app, account FROM accounts WHERE app = $1 LIMIT $2)";
}

pub(super) fn insert(
    tx: &mut Tx<AppScope>,
    account: AccountId,
    email: &Email,
    password_hash: &PasswordHash,
) -> Result<(), DbError> {
    let (app, now) = (tx.app(), tx.now());
    tx.execute(&INSERT, params![app, account, email.as_str(), email.key(), password_hash, now])?;
    Ok(())
}

pub(super) fn find(read: &Read<AppScope>, account: AccountId) -> Result<Option<AccountRecord>, DbError> {
    read.one(&FIND, params![read.app(), account], |row| {
        let (email, created_at, legal_version) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(AccountRecord { account, email, created_at, legal_version })
    })
}

pub(super) fn find_by_email(
    read: &Read<AppScope>,
    email_key: &str,
) -> Result<Option<Found<Accounts>>, DbError> {
    read.one(&FIND_BY_EMAIL, params![read.app(), email_key], |row| {
        Ok(Found { person: row.get(0)?, password_hash: PasswordHash::get(row, 1)? })
    })
}

pub(super) fn count(read: &Read<AppScope>) -> Result<u32, DbError> {
    Ok(read.one(&COUNT, params![read.app()], |row| row.get(0))?.unwrap_or(0))
}

pub(super) fn delete(tx: &mut Tx<AppScope>, account: AccountId) -> Result<(), DbError> {
    let app = tx.app();
    tx.execute(&DELETE, params![app, account])?;
    Ok(())
}

/// `false` when there is no such account.
pub(super) fn set_active(
    tx: &mut Tx<AppScope>,
    account: AccountId,
    is_active: bool,
) -> Result<bool, DbError> {
    let (app, now) = (tx.app(), tx.now());
    Ok(tx.execute(&SET_ACTIVE, params![app, account, is_active, now])? == 1)
}

pub(crate) fn accept_legal(tx: &mut Tx<AppScope>, account: AccountId, version: &str) -> Result<(), DbError> {
    let (app, now) = (tx.app(), tx.now());
    tx.execute(&ACCEPT_LEGAL, params![app, account, now, version])?;
    Ok(())
}

impl Person for Accounts {
    type Scope = AppScope;
    type Marker = AccountMarker;
    const NOUN: &'static str = "account";
    const COOKIE: &'static str = "__Host-slipway-account";
    type View = AccountRecord;

    fn view(read: &Read<AppScope>, account: AccountId) -> Result<Option<AccountRecord>, DbError> {
        find(read, account)
    }

    fn find_password(read: &Read<AppScope>, account: AccountId) -> Result<Option<PasswordHash>, DbError> {
        read.one(&FIND_PASSWORD, params![read.app(), account], |row| PasswordHash::get(row, 0))
    }

    fn lock_credential(tx: &mut Tx<AppScope>, account: AccountId) -> Result<Option<Credential>, DbError> {
        let app = tx.app();
        tx.one(&LOCK_CREDENTIAL, params![app, account], |row| {
            let failures = Failures { count: row.get(1)?, locked_until: row.get(2)? };
            Ok(Credential { password_hash: PasswordHash::get(row, 0)?, failures, is_active: row.get(3)? })
        })
    }

    fn keep_failures(
        tx: &mut Tx<AppScope>,
        account: AccountId,
        Failures { count, locked_until }: Failures,
    ) -> Result<(), DbError> {
        let app = tx.app();
        tx.execute(&KEEP_FAILURES, params![app, account, count, locked_until])?;
        Ok(())
    }

    fn keep_password(
        tx: &mut Tx<AppScope>,
        account: AccountId,
        password_hash: &PasswordHash,
    ) -> Result<(), DbError> {
        let (app, now) = (tx.app(), tx.now());
        tx.execute(&KEEP_PASSWORD, params![app, account, password_hash, now])?;
        Ok(())
    }

    fn insert_session(
        tx: &mut Tx<AppScope>,
        account: AccountId,
        NewSession { session, token_hash, lifetime }: &NewSession,
    ) -> Result<(), DbError> {
        let (app, now) = (tx.app(), tx.now());
        let Lifetime { expires_at, ends_at } = *lifetime;
        tx.execute(&DELETE_EXPIRED, params![app, account, now])?;
        tx.execute(&INSERT_SESSION, params![app, *session, account, *token_hash, now, expires_at, ends_at])?;
        Ok(())
    }

    fn renew_session(tx: &mut Tx<AppScope>, session: SessionId, expires_at: Ts) -> Result<(), DbError> {
        let app = tx.app();
        tx.execute(&RENEW_SESSION, params![app, session, expires_at])?;
        Ok(())
    }

    fn delete_session(tx: &mut Tx<AppScope>, session: SessionId) -> Result<(), DbError> {
        let app = tx.app();
        tx.execute(&DELETE_SESSION, params![app, session])?;
        Ok(())
    }

    fn delete_sessions(
        tx: &mut Tx<AppScope>,
        account: AccountId,
        except: Option<SessionId>,
    ) -> Result<(), DbError> {
        let (app, except) = (tx.app(), except.unwrap_or(SessionId::from_bits(0)));
        tx.execute(&DELETE_SESSIONS, params![app, account, except])?;
        Ok(())
    }
}

/// The session of that token at this app; whether it is over is for the caller to say.
pub(crate) fn find_session(
    read: &Read<AppScope>,
    token_hash: TokenHash,
) -> Result<Option<SessionRecord>, DbError> {
    let app = read.app();
    read.one(&FIND_SESSION, params![app, token_hash], |row| {
        let of = Session::Account { app, account: row.get(1)? };
        let lifetime = Lifetime { expires_at: row.get(2)?, ends_at: row.get(3)? };
        Ok(SessionRecord { session: row.get(0)?, of, lifetime })
    })
}

/// Deletes sessions that are over, of whichever app: a session never ends later than it expires.
pub(crate) fn delete_over(tx: &mut Tx<SystemScope>, at_most: i64) -> Result<u64, DbError> {
    let now = tx.now();
    tx.execute(&DELETE_OVER, params![now, at_most])
}

pub(crate) fn erase_sessions(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE_SESSIONS, params![app, at_most])
}

pub(crate) fn erase(tx: &mut Tx<AppScope>, at_most: i64) -> Result<u64, DbError> {
    let app = tx.app();
    tx.execute(&ERASE, params![app, at_most])
}
