//! The session layer around every route: it recognises a session by its cookie, checks the token against forgery and prolongs
//! what is used.
//!
//! It says nothing of the cookie in any answer. Answers arrive in any order, and a browser has one cookie of a name: an answer to a
//! request with an old cookie, be it to take that back or to prolong it, would overwrite what a newer tab has been given since. A
//! cookie is given by signing in and taken back by signing out, and what is not valid any more is simply nobody's.
//!
//! A cookie counts at its own origin only: an app's session is looked up among that app's rows, so another app's cookie is
//! as good as none. It refuses nothing that has no session; the routes' extractors do.

use crate::account::{self, Accounts};
use crate::cookie;
use crate::member::{self, Members};
use crate::password::Passwords;
use crate::person::Person;
use crate::session::{Current, SessionId, SessionRecord};
use crate::token::Token;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use slipway_framework::db::{DbError, Tx};
use slipway_framework::http::{Host, Problem, RateKey, RequestContext, Session};
use slipway_framework::platform::Platform;
use slipway_framework::scope::{Actor, AppScope, PartnerScope, Purpose, SystemScope};
use slipway_kernel::{Code, Ts};

const CSRF_HEADER: &str = "x-csrf-token";
const CSRF_MISSING: Code = Code::new("session.csrf_token_missing");
const CSRF_WRONG: Code = Code::new("session.csrf_token_wrong");

#[derive(Clone)]
struct Layer {
    platform: Platform,
    passwords: Passwords,
}

/// The layer with a pool of its own.
pub(crate) fn wrap(platform: &Platform, inner: Router) -> Router {
    around(platform, Passwords::start(platform), inner)
}

pub(crate) fn around(platform: &Platform, passwords: Passwords, inner: Router) -> Router {
    inner.layer(from_fn_with_state(Layer { platform: platform.clone(), passwords }, recognise))
}

async fn recognise(State(layer): State<Layer>, mut request: Request, next: Next) -> Response {
    // Pages are the same for everybody, so their requests are neither recognised nor a use of the session.
    if !request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let Some(context) = request.extensions().get::<RequestContext>().cloned() else {
        return Problem::internal("the session layer was reached past the entrance").into_response();
    };
    request.extensions_mut().insert(layer.passwords.clone());
    let name = match context.host {
        Host::Console => Members::COOKIE,
        Host::App(_) => Accounts::COOKIE,
        // Nobody is signed in to an app that is paused.
        Host::Paused(_) => return next.run(request).await,
    };
    let Some(value) = cookie::find(request.headers(), name).map(str::to_owned) else {
        return next.run(request).await;
    };
    let current = match enter(&layer.platform, &context, (request.method(), request.headers()), &value).await
    {
        Ok(Some(current)) => current,
        Ok(None) => return next.run(request).await,
        Err(problem) => return problem.into_response(),
    };
    let extensions = request.extensions_mut();
    extensions.insert(current.of);
    extensions.insert(RateKey(current.session.to_string()));
    extensions.insert(current.clone());
    let response = next.run(request).await;
    if response.status() == StatusCode::CREATED && cookie::is_set(response.headers(), name) {
        // Another session has begun in its place, and nobody keeps a token from before.
        let ended = change(&layer.platform, &context, &current, None).await;
        return ended.map_or_else(|error| Problem::from(error).into_response(), |()| response);
    }
    response
}

/// The session behind the cookie's value, prolonged if that is due; `None` when there is no such session.
async fn enter(
    platform: &Platform,
    context: &RequestContext,
    (method, headers): (&Method, &HeaderMap),
    value: &str,
) -> Result<Option<Current>, Problem> {
    let Some(token) = Token::parse(value) else { return Ok(None) };
    let now = platform.clock().now();
    let found = find(platform, context, &token).await?;
    let Some(found) = found.filter(|found| !found.lifetime.is_over(now)) else { return Ok(None) };
    if !method.is_safe() {
        check_csrf(platform, &token, headers)?;
    }
    let SessionRecord { session, of, lifetime } = found;
    let mut current = Current { session, of, token, expires_at: lifetime.expires_at };
    let Some(later) = lifetime.renewed(now) else { return Ok(Some(current)) };
    // When it cannot be prolonged now, it is still good until its old end.
    if change(platform, context, &current, Some(later)).await.is_ok() {
        current.expires_at = later;
    }
    Ok(Some(current))
}

async fn find(
    platform: &Platform,
    context: &RequestContext,
    token: &Token,
) -> Result<Option<SessionRecord>, DbError> {
    let (cause, token_hash) = (context.cause(Actor::Anonymous), token.hash());
    match &context.host {
        Host::Console => {
            let scope = SystemScope::new(Purpose::Members, cause);
            platform.db().read_point(&scope, move |read| member::find_session(read, token_hash)).await
        }
        Host::App(tenant) => {
            let scope = AppScope::new(tenant.app, cause);
            platform.db().read_point(&scope, move |read| account::find_session(read, token_hash)).await
        }
        Host::Paused(_) => Ok(None),
    }
}

/// Prolongs the session until `expires_at`, or ends it, on behalf of whoever it is of.
async fn change(
    platform: &Platform,
    context: &RequestContext,
    current: &Current,
    expires_at: Option<Ts>,
) -> Result<(), DbError> {
    let session = current.session;
    match current.of {
        Session::Member { partner, member } => {
            let scope = PartnerScope::new(partner, context.cause(Actor::Member(member)));
            platform.db().write(&scope, move |tx| change_in::<Members>(tx, session, expires_at)).await
        }
        Session::Account { app, account } => {
            let scope = AppScope::new(app, context.cause(Actor::Account(account)));
            platform.db().write(&scope, move |tx| change_in::<Accounts>(tx, session, expires_at)).await
        }
    }
}

fn change_in<P: Person>(
    tx: &mut Tx<P::Scope>,
    session: SessionId,
    expires_at: Option<Ts>,
) -> Result<(), DbError> {
    match expires_at {
        Some(expires_at) => P::renew_session(tx, session, expires_at),
        None => P::delete_session(tx, session),
    }
}

/// A page of another origin can make the browser send the cookie, but cannot read the token that must go with it.
fn check_csrf(platform: &Platform, token: &Token, headers: &HeaderMap) -> Result<(), Problem> {
    let refused = |code, detail| Err(Problem::new(StatusCode::FORBIDDEN, code, detail));
    let Some(presented) = headers.get(CSRF_HEADER) else {
        let detail = "Send the csrf_token of the session in the header X-CSRF-Token.";
        return refused(CSRF_MISSING, detail);
    };
    let fits = presented.to_str().is_ok_and(|presented| token.is_csrf_token(platform.keys(), presented));
    if fits {
        return Ok(());
    }
    refused(CSRF_WRONG, "The X-CSRF-Token belongs to another session. Read the present one and try again.")
}
