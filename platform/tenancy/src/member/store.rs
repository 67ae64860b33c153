//! All SQL of members.

use super::{MemberRecord, NewMember, Role};
use slipway_framework::db::{DbError, Read, Row, Tx};
use slipway_framework::scope::{PartnerScope, SystemScope};
use slipway_framework::{params, statements};
use slipway_kernel::{Limit, MemberId, Page, PartnerId};

statements! {
    INSERT = "INSERT INTO members (partner, member, name, email, email_key, role, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND = "SELECT member, name, email, role, created_at FROM members WHERE partner = $1 AND member = $2";
    FIND_BY_EMAIL = "SELECT member, name, email, role, created_at, partner FROM members WHERE email_key = $1";
    LIST = "SELECT member, name, email, role, created_at FROM members
        WHERE partner = $1 AND member > $2 ORDER BY member LIMIT $3";
    FIND_OTHER_OWNER = "SELECT member FROM members WHERE partner = $1 AND role = 'owner' AND member <> $2 LIMIT 1";
    SET_ROLE = "UPDATE members SET role = $3 WHERE partner = $1 AND member = $2";
    DELETE = "DELETE FROM members WHERE partner = $1 AND member = $2";
}

pub(super) fn insert(tx: &mut Tx<PartnerScope>, new: &NewMember) -> Result<(), DbError> {
    let (partner, now) = (tx.partner(), tx.now());
    let (name, email, role) = (new.name.as_str(), new.email.as_str(), new.role.as_str());
    tx.execute(&INSERT, params![partner, new.member, name, email, new.email.key(), role, now])?;
    Ok(())
}

/// A member of this partner.
///
/// # Errors
/// [`DbError`].
pub fn find(read: &Read<PartnerScope>, member: MemberId) -> Result<Option<MemberRecord>, DbError> {
    read.one(&FIND, params![read.partner(), member], record)
}

/// A member of any partner, by the [key](slipway_kernel::Email::key) of the address; the scope's purpose must be
/// [`Members`](slipway_framework::scope::Purpose::Members).
///
/// # Errors
/// [`DbError`].
pub fn find_by_email(
    read: &Read<SystemScope>,
    email_key: &str,
) -> Result<Option<(PartnerId, MemberRecord)>, DbError> {
    read.one(&FIND_BY_EMAIL, params![email_key], |row| Ok((row.get(5)?, record(row)?)))
}

/// Members in the order they were added.
///
/// # Errors
/// [`DbError`].
pub fn list(
    read: &Read<PartnerScope>,
    after: Option<MemberId>,
    limit: Limit,
) -> Result<Page<MemberRecord>, DbError> {
    let after = after.unwrap_or(MemberId::from_bits(0));
    let rows = read.all(&LIST, params![read.partner(), after, limit.rows_and_one()], record)?;
    Ok(Page::of(rows, limit, |last| last.member.to_string()))
}

pub(super) fn has_other_owner(read: &Read<PartnerScope>, member: MemberId) -> Result<bool, DbError> {
    read.exists(&FIND_OTHER_OWNER, params![read.partner(), member])
}

pub(super) fn set_role(tx: &mut Tx<PartnerScope>, member: MemberId, role: Role) -> Result<(), DbError> {
    let partner = tx.partner();
    tx.execute(&SET_ROLE, params![partner, member, role.as_str()])?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<PartnerScope>, member: MemberId) -> Result<(), DbError> {
    let partner = tx.partner();
    tx.execute(&DELETE, params![partner, member])?;
    Ok(())
}

fn record(row: &Row<'_>) -> Result<MemberRecord, DbError> {
    let role: String = row.get(3)?;
    let role = Role::parse(&role).map_err(|error| DbError::Broken(error.to_string()))?;
    Ok(MemberRecord {
        member: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        role,
        created_at: row.get(4)?,
    })
}
