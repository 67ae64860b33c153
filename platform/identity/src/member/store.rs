//! All SQL of members' credentials and sessions.

use super::Members;
use crate::credential::{Credential, Failures};
use crate::password::PasswordHash;
use crate::person::Person;
use crate::session::{Lifetime, NewSession, SessionId, SessionRecord};
use crate::token::TokenHash;
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::http::Session;
use slipway_framework::scope::{PartnerScope, SystemScope};
use slipway_framework::{params, statements};
use slipway_kernel::{MemberId, MemberMarker, Ts};
use slipway_tenancy::member::{self, MemberRecord};
use slipway_tenancy::partner::{self, PartnerRecord};

statements! {
    INSERT_CREDENTIAL = "INSERT INTO member_credentials (partner, member, password_hash, updated_at) VALUES ($1, $2, $3, $4)";
    FIND_PASSWORD = "SELECT password_hash FROM member_credentials WHERE partner = $1 AND member = $2";
    LOCK_CREDENTIAL = "SELECT password_hash, failures, locked_until FROM member_credentials
        WHERE partner = $1 AND member = $2 /*pg FOR UPDATE*/";
    KEEP_FAILURES = "UPDATE member_credentials SET failures = $3, locked_until = $4 WHERE partner = $1 AND member = $2";
    KEEP_PASSWORD = "UPDATE member_credentials SET password_hash = $3, failures = 0, locked_until = NULL, updated_at = $4
        WHERE partner = $1 AND member = $2";
    INSERT_SESSION = "INSERT INTO member_sessions (partner, session, member, token_hash, created_at, expires_at, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND_SESSION = "SELECT session, partner, member, expires_at, ends_at FROM member_sessions WHERE token_hash = $1";
    RENEW_SESSION = "UPDATE member_sessions SET expires_at = $3 WHERE partner = $1 AND session = $2 AND expires_at < $3";
    DELETE_SESSION = "DELETE FROM member_sessions WHERE partner = $1 AND session = $2";
    DELETE_SESSIONS = "DELETE FROM member_sessions WHERE partner = $1 AND member = $2 AND session <> $3";
    DELETE_OVER = "DELETE FROM member_sessions WHERE (partner, session) IN (
        SELECT partner, session FROM member_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
    DELETE_EXPIRED = "DELETE FROM member_sessions WHERE partner = $1 AND member = $2 AND expires_at <= $3";
}

impl Person for Members {
    type Scope = PartnerScope;
    type Marker = MemberMarker;
    const NOUN: &'static str = "member";
    const COOKIE: &'static str = "__Host-slipway-member";
    type View = (MemberRecord, PartnerRecord);

    fn view(read: &Read<PartnerScope>, member: MemberId) -> Result<Option<Self::View>, DbError> {
        Ok(member::find(read, member)?.zip(partner::find(read)?))
    }

    fn find_password(read: &Read<PartnerScope>, member: MemberId) -> Result<Option<PasswordHash>, DbError> {
        read.one(&FIND_PASSWORD, params![read.partner(), member], |row| PasswordHash::get(row, 0))
    }

    fn lock_credential(tx: &mut Tx<PartnerScope>, member: MemberId) -> Result<Option<Credential>, DbError> {
        let partner = tx.partner();
        tx.one(&LOCK_CREDENTIAL, params![partner, member], |row| {
            let failures = Failures { count: row.get(1)?, locked_until: row.get(2)? };
            Ok(Credential { password_hash: PasswordHash::get(row, 0)?, failures, is_active: true })
        })
    }

    fn keep_failures(
        tx: &mut Tx<PartnerScope>,
        member: MemberId,
        Failures { count, locked_until }: Failures,
    ) -> Result<(), DbError> {
        let partner = tx.partner();
        tx.execute(&KEEP_FAILURES, params![partner, member, count, locked_until])?;
        Ok(())
    }

    fn keep_password(
        tx: &mut Tx<PartnerScope>,
        member: MemberId,
        password_hash: &PasswordHash,
    ) -> Result<(), DbError> {
        let (partner, now) = (tx.partner(), tx.now());
        tx.execute(&KEEP_PASSWORD, params![partner, member, password_hash, now])?;
        Ok(())
    }

    fn insert_session(
        tx: &mut Tx<PartnerScope>,
        member: MemberId,
        NewSession { session, token_hash, lifetime }: &NewSession,
    ) -> Result<(), DbError> {
        let (partner, now) = (tx.partner(), tx.now());
        let Lifetime { expires_at, ends_at } = *lifetime;
        tx.execute(&DELETE_EXPIRED, params![partner, member, now])?;
        tx.execute(
            &INSERT_SESSION,
            params![partner, *session, member, *token_hash, now, expires_at, ends_at],
        )?;
        Ok(())
    }

    fn renew_session(tx: &mut Tx<PartnerScope>, session: SessionId, expires_at: Ts) -> Result<(), DbError> {
        let partner = tx.partner();
        tx.execute(&RENEW_SESSION, params![partner, session, expires_at])?;
        Ok(())
    }

    fn delete_session(tx: &mut Tx<PartnerScope>, session: SessionId) -> Result<(), DbError> {
        let partner = tx.partner();
        tx.execute(&DELETE_SESSION, params![partner, session])?;
        Ok(())
    }

    fn delete_sessions(
        tx: &mut Tx<PartnerScope>,
        member: MemberId,
        except: Option<SessionId>,
    ) -> Result<(), DbError> {
        let (partner, except) = (tx.partner(), except.unwrap_or(SessionId::from_bits(0)));
        tx.execute(&DELETE_SESSIONS, params![partner, member, except])?;
        Ok(())
    }
}

pub(super) fn insert_credential(
    tx: &mut Tx<PartnerScope>,
    member: MemberId,
    password_hash: &PasswordHash,
) -> Result<(), DbError> {
    let (partner, now) = (tx.partner(), tx.now());
    tx.execute(&INSERT_CREDENTIAL, params![partner, member, password_hash, now])?;
    Ok(())
}

/// The session of that token, of whichever partner; whether it is over is for the caller to say.
pub(crate) fn find_session(
    read: &Read<SystemScope>,
    token_hash: TokenHash,
) -> Result<Option<SessionRecord>, DbError> {
    read.one(&FIND_SESSION, params![token_hash], |row| {
        let of = Session::Member { partner: row.get(1)?, member: row.get(2)? };
        let lifetime = Lifetime { expires_at: row.get(3)?, ends_at: row.get(4)? };
        Ok(SessionRecord { session: row.get(0)?, of, lifetime })
    })
}

/// Deletes sessions that are over, of whichever partner: a session never ends later than it expires.
pub(crate) fn delete_over(tx: &mut Tx<SystemScope>, at_most: i64) -> Result<u64, DbError> {
    let now = tx.now();
    tx.execute(&DELETE_OVER, params![now, at_most])
}
