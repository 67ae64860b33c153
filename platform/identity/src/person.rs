//! Whoever signs in: a partner's member at the console or an app's user at the app. The two differ in where their rows are;
//! everything that decides whether somebody comes in is written once, here.
//!
//! It refuses to say why somebody was turned away: an unknown address, a wrong password, a lock and a closed account all get
//! the same answer after the same work. The audit trail says which it was.

mod http;

pub(crate) use http::{Credentials, PasswordChange};

use crate::cookie;
use crate::credential::{Credential, Failures, Judgement};
use crate::password::{Password, PasswordHash, Passwords, Tried, Typed};
use crate::session::{Lifetime, NewSession, SessionId};
use crate::token::Token;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Read, Tx};
use slipway_framework::http::{FieldProblem, Problem};
use slipway_framework::platform::Platform;
use slipway_framework::scope::Rooted;
use slipway_kernel::{Code, Id, Identified, Ts};

const REFUSED: Code = Code::new("session.refused");
const LOCKED: Code = Code::new("session.locked");

/// One of the two kinds of people, as its rows and its cookie; implemented by the stores of both.
pub(crate) trait Person: 'static {
    type Scope: Rooted;
    type Marker: Identified;
    /// The word of the audit trail.
    const NOUN: &'static str;
    const COOKIE: &'static str;
    /// What is shown to whoever is signed in.
    type View: Send + 'static;

    fn view(read: &Read<Self::Scope>, person: Id<Self::Marker>) -> Result<Option<Self::View>, DbError>;
    fn find_password(
        read: &Read<Self::Scope>,
        person: Id<Self::Marker>,
    ) -> Result<Option<PasswordHash>, DbError>;
    /// Two tries at once are judged one after the other.
    fn lock_credential(
        tx: &mut Tx<Self::Scope>,
        person: Id<Self::Marker>,
    ) -> Result<Option<Credential>, DbError>;
    fn keep_failures(
        tx: &mut Tx<Self::Scope>,
        person: Id<Self::Marker>,
        failures: Failures,
    ) -> Result<(), DbError>;
    /// Also forgets the failures.
    fn keep_password(
        tx: &mut Tx<Self::Scope>,
        person: Id<Self::Marker>,
        password_hash: &PasswordHash,
    ) -> Result<(), DbError>;
    /// Also removes the person's sessions that are over.
    fn insert_session(
        tx: &mut Tx<Self::Scope>,
        person: Id<Self::Marker>,
        new: &NewSession,
    ) -> Result<(), DbError>;
    fn renew_session(tx: &mut Tx<Self::Scope>, session: SessionId, expires_at: Ts) -> Result<(), DbError>;
    fn delete_session(tx: &mut Tx<Self::Scope>, session: SessionId) -> Result<(), DbError>;
    fn delete_sessions(
        tx: &mut Tx<Self::Scope>,
        person: Id<Self::Marker>,
        except: Option<SessionId>,
    ) -> Result<(), DbError>;
}

/// A session that begins with this request.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    token: Token,
    new: NewSession,
}

/// What was found under the address that somebody gave.
#[derive(Debug, Clone)]
pub(crate) struct Found<P: Person> {
    pub(crate) person: Id<P::Marker>,
    pub(crate) password_hash: PasswordHash,
}

impl Begun {
    pub(crate) fn now(platform: &Platform) -> Self {
        let token = Token::mint(platform.entropy());
        let lifetime = Lifetime::begin(platform.clock().now());
        let session = Id::mint(platform.clock(), platform.entropy());
        let new = NewSession { session, token_hash: token.hash(), lifetime };
        Self { token, new }
    }

    /// Stores it and writes down that it began.
    pub(crate) fn store<P: Person>(
        &self,
        tx: &mut Tx<P::Scope>,
        person: Id<P::Marker>,
    ) -> Result<(), DbError> {
        P::insert_session(tx, person, &self.new)?;
        audit::<P>(tx, "session_begun", Some(person), json!({ "session": self.new.session }));
        Ok(())
    }

    pub(crate) fn csrf_token(&self, platform: &Platform) -> String {
        self.token.csrf_token(platform.keys())
    }

    pub(crate) fn expires_at(&self) -> Ts {
        self.new.lifetime.expires_at
    }

    /// 201 with the session's cookie, which lives as long as the session can at most: that nobody has used it for an hour is for
    /// this side to know, and an answer that prolonged it could come too late.
    pub(crate) fn reply<P: Person>(&self, platform: &Platform, body: impl Serialize) -> Response {
        let life = self.new.lifetime.ends_at.since(platform.clock().now());
        let cookie = cookie::give(P::COOKIE, &self.token.reveal(), life.as_secs());
        (StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(body)).into_response()
    }
}

/// 204 that takes the cookie back.
pub(crate) fn farewell<P: Person>() -> Response {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::take_back(P::COOKIE))]).into_response()
}

/// Tries a password against what was found under an address, if anything was.
pub(crate) async fn try_password<P: Person>(
    passwords: &Passwords,
    found: Option<&Found<P>>,
    typed: Typed,
) -> Result<Tried, Problem> {
    Ok(passwords.check(typed, found.map(|found| found.password_hash.clone())).await?)
}

/// Begins a session if the password was right, and otherwise remembers that it was not.
pub(crate) async fn sign_in<P: Person>(
    platform: &Platform,
    scope: &P::Scope,
    found: Option<Found<P>>,
    tried: Tried,
) -> Result<(Begun, P::View), Problem> {
    let begun = Begun::now(platform);
    let stored = begun.clone();
    let signed_in = platform.db().write(scope, move |tx| {
        let person = found.as_ref().map(|found| found.person);
        let judgement = settle::<P>(tx, person, &tried, "sign_in_refused")?;
        let Some(person) = person.filter(|_| judgement == Judgement::Right) else { return Ok(None) };
        stored.store::<P>(tx, person)?;
        P::view(tx, person)
    });
    let seen: Result<Option<P::View>, DbError> = signed_in.await;
    seen?.map(|seen| (begun, seen)).ok_or_else(refused)
}

/// Does something that needs the password once more: `act` runs in the same transaction as the judgement.
pub(crate) async fn confirmed<P: Person>(
    platform: &Platform,
    passwords: &Passwords,
    scope: &P::Scope,
    person: Id<P::Marker>,
    (field, typed): (&str, Typed),
    mut act: impl FnMut(&mut Tx<P::Scope>) -> Result<(), DbError> + Send + 'static,
) -> Result<(), Problem> {
    let against = platform.db().read_point(scope, move |read| P::find_password(read, person)).await?;
    let tried = passwords.check(typed, against).await?;
    let judged = platform.db().write(scope, move |tx| {
        let judgement = settle::<P>(tx, Some(person), &tried, "password_refused")?;
        if judgement == Judgement::Right {
            act(tx)?;
        }
        Ok::<_, DbError>(judgement)
    });
    match judged.await? {
        Judgement::Right => Ok(()),
        Judgement::Wrong(_) => {
            let message = "This is not the present password.".to_owned();
            Err(Problem::invalid(vec![FieldProblem { field: field.to_owned(), message }]))
        }
        Judgement::Locked(until) => {
            let detail = "The password was wrong too often. Wait a while and try again.";
            let pause = until.since(platform.clock().now());
            Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, LOCKED, detail).retry_after(pause))
        }
        Judgement::Inactive | Judgement::Unknown => Err(refused()),
    }
}

/// Replaces a password, given the present one, and ends every other session of the person.
pub(crate) async fn change_password<P: Person>(
    platform: &Platform,
    passwords: &Passwords,
    scope: &P::Scope,
    person: Id<P::Marker>,
    current: SessionId,
    (typed, new): (Typed, Password),
) -> Result<(), Problem> {
    let new = passwords.hash(&new).await?;
    confirmed::<P>(platform, passwords, scope, person, ("current_password", typed), move |tx| {
        P::keep_password(tx, person, &new)?;
        P::delete_sessions(tx, person, Some(current))?;
        audit::<P>(tx, "password_changed", Some(person), json!({}));
        Ok(())
    })
    .await
}

/// Ends one session, or with `everywhere` all of the person's.
pub(crate) async fn sign_out<P: Person>(
    platform: &Platform,
    scope: &P::Scope,
    person: Id<P::Marker>,
    current: SessionId,
    everywhere: bool,
) -> Result<(), DbError> {
    let ended = platform.db().write(scope, move |tx| {
        if everywhere {
            P::delete_sessions(tx, person, None)?;
        } else {
            P::delete_session(tx, current)?;
        }
        let action = if everywhere { "sessions_ended" } else { "session_ended" };
        audit::<P>(tx, action, Some(person), json!({ "session": current }));
        Ok(())
    });
    ended.await
}

/// Judges a try by what is kept now, and keeps what follows from it: a failure and its lock, or a hash at the present cost.
///
/// Every refusal takes the same statements, also where they find or change nothing, so that their time tells nothing.
fn settle<P: Person>(
    tx: &mut Tx<P::Scope>,
    person: Option<Id<P::Marker>>,
    tried: &Tried,
    refusal: &'static str,
) -> Result<Judgement, DbError> {
    let row = person.unwrap_or(Id::from_bits(0));
    let credential = P::lock_credential(tx, row)?;
    let judgement = credential.as_ref().map_or(Judgement::Unknown, |found| found.judge(tried, tx.now()));
    let failures = credential.as_ref().map(|found| found.failures).unwrap_or_default();
    let (kept, details) = match judgement {
        Judgement::Right => {
            let mended = (failures != Failures::default()).then_some(tried.against.as_ref()).flatten();
            if let Some(password_hash) = tried.renewed.as_ref().or(mended) {
                P::keep_password(tx, row, password_hash)?;
            }
            return Ok(judgement);
        }
        Judgement::Wrong(failures) => {
            let (count, until) = (failures.count, failures.locked_until);
            (failures, json!({ "reason": "wrong_password", "failures": count, "locked_until": until }))
        }
        Judgement::Locked(until) => (failures, json!({ "reason": "locked", "locked_until": until })),
        Judgement::Inactive => (failures, json!({ "reason": "inactive" })),
        Judgement::Unknown => (failures, json!({ "reason": "unknown" })),
    };
    P::keep_failures(tx, row, kept)?;
    audit::<P>(tx, refusal, person, details);
    Ok(judgement)
}

/// The one answer to everybody who is not let in.
fn refused() -> Problem {
    let detail = "The e-mail address and the password do not go together, or there were too many tries. \
                  Check both, or wait a while and try again.";
    Problem::new(StatusCode::UNAUTHORIZED, REFUSED, detail)
}

pub(crate) fn audit<P: Person>(
    tx: &mut Tx<P::Scope>,
    action: &'static str,
    person: Option<Id<P::Marker>>,
    details: serde_json::Value,
) {
    let resource_id = person.map_or_else(|| "unknown".to_owned(), |person| person.to_string());
    tx.audit(Audit { action, resource_type: P::NOUN, resource_id, details });
}
