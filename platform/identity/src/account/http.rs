//! Registering, signing in and out at an app, and the account's own password and end.
//!
//! None of them honours `Idempotency-Key`: a stored reply would be a stored secret.

use super::{AccountRecord, Accounts, store};
use crate::password::{Password, Passwords, Typed};
use crate::person::{
    Begun, Credentials, PasswordChange, change_password, confirmed, farewell, sign_in, sign_out, try_password,
};
use crate::session::Current;
use crate::throttle::Throttled;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use slipway_framework::http::{Account, AppHost, Body, Fields, Invalid, Problem, ProblemBody, Session};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_framework::scope::{Actor, AppScope};
use slipway_kernel::{AccountId, Email, Id, Ts};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(create_account))
        .routes(routes!(create_session, delete_sessions))
        .routes(routes!(show_session, delete_session))
        .routes(routes!(set_password))
        .routes(routes!(delete_account))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountDeletion {
    password: Typed,
}

/// An app's user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
struct AccountOut {
    #[schema(value_type = String, example = "acc_01h455vb4pex5vsknk084sn02q")]
    id: AccountId,
    email: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Ts,
    /// The version of the legal texts that was last accepted.
    legal_version_accepted: Option<String>,
}

/// A user's session; the secret itself is in the cookie.
#[derive(Debug, Serialize, ToSchema)]
struct AccountSession {
    account: AccountOut,
    /// To be sent as `X-CSRF-Token` with everything that changes something.
    csrf_token: String,
    /// Unless it is used before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Ts,
}

/// Makes an account and signs it in.
#[utoipa::path(post, path = "/accounts", operation_id = "register_account", tag = "accounts", request_body = Credentials,
    responses((status = 201, body = AccountSession), (status = "default", body = ProblemBody)))]
async fn create_account(
    State(platform): State<Platform>,
    AppHost { context, tenant }: AppHost,
    _: Throttled,
    passwords: Passwords,
    body: Body<Credentials>,
) -> Result<Response, Problem> {
    let (email, password) = check(&body.value)?;
    let password_hash = passwords.hash(&password).await?;
    let account = Id::mint(platform.clock(), platform.entropy());
    let scope = AppScope::new(tenant.app, context.cause(Actor::Account(account)));
    let begun = Begun::now(&platform);
    let stored = begun.clone();
    let seen = platform.db().write(&scope, move |tx| {
        super::register(tx, (account, &email), &password_hash, &stored)?;
        Ok::<_, super::AccountError>(store::find(tx, account)?)
    });
    let seen = seen.await?.ok_or_else(Session::required)?;
    let session = AccountSession::of(seen, begun.csrf_token(&platform), begun.expires_at());
    Ok(begun.reply::<Accounts>(&platform, session))
}

/// Signs a user in.
#[utoipa::path(post, path = "/sessions", operation_id = "sign_in_account", tag = "accounts", request_body = Credentials,
    responses((status = 201, body = AccountSession), (status = "default", body = ProblemBody)))]
async fn create_session(
    State(platform): State<Platform>,
    AppHost { context, tenant }: AppHost,
    _: Throttled,
    passwords: Passwords,
    body: Body<Credentials>,
) -> Result<Response, Problem> {
    let mut fields = Fields::new();
    let email = fields.take("email", Email::parse(&body.value.email));
    let key = fields.finish(email)?.key();
    let scope = AppScope::new(tenant.app, context.cause(Actor::Anonymous));
    let found = platform.db().read_point(&scope, move |read| store::find_by_email(read, &key)).await?;
    let tried = try_password(&passwords, found.as_ref(), body.value.password).await?;
    let actor = found.as_ref().filter(|_| tried.right).map(|found| Actor::Account(found.person));
    let scope = AppScope::new(tenant.app, context.cause(actor.unwrap_or(Actor::Anonymous)));
    let (begun, seen) = sign_in::<Accounts>(&platform, &scope, found, tried).await?;
    let session = AccountSession::of(seen, begun.csrf_token(&platform), begun.expires_at());
    Ok(begun.reply::<Accounts>(&platform, session))
}

/// Who is signed in.
#[utoipa::path(get, path = "/sessions/current", operation_id = "show_account_session", tag = "accounts",
    responses((status = 200, body = AccountSession), (status = "default", body = ProblemBody)))]
async fn show_session(
    State(platform): State<Platform>,
    Account { account, scope, .. }: Account,
    current: Current,
) -> Result<Json<AccountSession>, Problem> {
    let seen = platform.db().read_point(&scope, move |read| store::find(read, account)).await?;
    let seen = seen.ok_or_else(Session::required)?;
    let csrf_token = current.token.csrf_token(platform.keys());
    Ok(Json(AccountSession::of(seen, csrf_token, current.expires_at)))
}

/// Signs the user out here.
#[utoipa::path(delete, path = "/sessions/current", operation_id = "sign_out_account", tag = "accounts",
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn delete_session(
    State(platform): State<Platform>,
    Account { account, scope, .. }: Account,
    current: Current,
) -> Result<Response, Problem> {
    sign_out::<Accounts>(&platform, &scope, account, current.session, false).await?;
    Ok(farewell::<Accounts>())
}

/// Signs the user out everywhere.
#[utoipa::path(delete, path = "/sessions", operation_id = "sign_out_account_everywhere", tag = "accounts",
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn delete_sessions(
    State(platform): State<Platform>,
    Account { account, scope, .. }: Account,
    current: Current,
) -> Result<Response, Problem> {
    sign_out::<Accounts>(&platform, &scope, account, current.session, true).await?;
    Ok(farewell::<Accounts>())
}

/// Changes the own password and ends the user's other sessions.
#[utoipa::path(post, path = "/accounts/me/password", operation_id = "change_account_password", tag = "accounts", request_body = PasswordChange,
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn set_password(
    State(platform): State<Platform>,
    Account { account, scope, .. }: Account,
    current: Current,
    _: Throttled,
    passwords: Passwords,
    body: Body<PasswordChange>,
) -> Result<StatusCode, Problem> {
    let found = platform.db().read_point(&scope, move |read| store::find(read, account)).await?;
    let email = found.and_then(|found| Email::parse(&found.email).ok());
    let mut fields = Fields::new();
    let new = fields.take("new_password", Password::choose(&body.value.new_password, email.as_ref()));
    let change = (body.value.current_password, fields.finish(new)?);
    change_password::<Accounts>(&platform, &passwords, &scope, account, current.session, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes the own account and everything that hangs on it.
#[utoipa::path(delete, path = "/accounts/me", operation_id = "delete_account", tag = "accounts", request_body = AccountDeletion,
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn delete_account(
    State(platform): State<Platform>,
    Account { account, scope, .. }: Account,
    _: Throttled,
    passwords: Passwords,
    body: Body<AccountDeletion>,
) -> Result<Response, Problem> {
    let typed = ("password", body.value.password);
    let act = move |tx: &mut _| super::delete(tx, account);
    confirmed::<Accounts>(&platform, &passwords, &scope, account, typed, act).await?;
    Ok(farewell::<Accounts>())
}

/// The words of whoever wants an account.
fn check(wish: &Credentials) -> Result<(Email, Password), Problem> {
    let mut fields = Fields::new();
    let email = fields.take("email", Email::parse(&wish.email));
    let password = fields.take("password", Password::choose(&wish.password, email.as_ref().ok()));
    let checked = || Ok::<_, Invalid>((email?, password?));
    let checked = checked();
    fields.finish(checked)
}

impl AccountSession {
    fn of(record: AccountRecord, csrf_token: String, expires_at: Ts) -> Self {
        let AccountRecord { account, email, created_at, legal_version } = record;
        let account = AccountOut { id: account, email, created_at, legal_version_accepted: legal_version };
        Self { account, csrf_token, expires_at }
    }
}
