//! Signing up, in and out at the console, `POST /members` and `POST /members/me/password`.
//!
//! None of them honours `Idempotency-Key`: a stored reply would be a stored secret.

use super::{Members, SignUp};
use crate::password::{Password, Passwords, Typed};
use crate::person::{
    Begun, Credentials, PasswordChange, Person, change_password, farewell, sign_in, sign_out, try_password,
};
use crate::session::Current;
use crate::throttle::Throttled;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use slipway_framework::http::{Body, ConsoleHost, Fields, Invalid, Problem, ProblemBody, Session};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_framework::scope::{Actor, PartnerScope};
use slipway_kernel::{Email, Id, PartnerId, Ts};
use slipway_tenancy::member::{
    MemberError, MemberName, MemberOut, MemberRecord, NewMember, Role, may_manage,
};
use slipway_tenancy::partner::{PartnerName, PartnerOut, PartnerRecord};
use slipway_tenancy::{CanManage, CanView, Member};
use utoipa::ToSchema;
use utoipa_axum::routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(create_partner))
        .routes(routes!(create_session, delete_sessions))
        .routes(routes!(show_session, delete_session))
        .routes(routes!(create_member))
        .routes(routes!(set_password))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignUp)]
struct PartnerSignUp {
    /// 1 to 80 characters.
    partner_name: String,
    /// 1 to 80 characters.
    name: String,
    email: String,
    /// 10 to 128 characters, and none of the first that anybody would try.
    password: Typed,
    accept_terms: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberInput)]
struct NewMemberIn {
    /// 1 to 80 characters.
    name: String,
    email: String,
    /// `owner`, `admin`, `builder` or `viewer`.
    role: String,
}

/// A member's session; the secret itself is in the cookie.
#[derive(Debug, Serialize, ToSchema)]
struct MemberSession {
    member: MemberOut,
    partner: PartnerOut,
    /// To be sent as `X-CSRF-Token` with everything that changes something.
    csrf_token: String,
    /// Unless it is used before.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Ts,
}

/// A member with the password that is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = NewMember)]
struct MemberWithPassword {
    member: MemberOut,
    initial_password: String,
}

/// Signs a new partner up, with whoever asks as its first owner.
#[utoipa::path(post, path = "/partners", operation_id = "sign_up_partner", tag = "sessions", request_body = PartnerSignUp,
    responses((status = 201, body = MemberSession), (status = "default", body = ProblemBody)))]
async fn create_partner(
    State(platform): State<Platform>,
    ConsoleHost(context): ConsoleHost,
    _: Throttled,
    passwords: Passwords,
    body: Body<PartnerSignUp>,
) -> Result<Response, Problem> {
    let SignUp { partner_name, owner, password } = body.value.check(&platform)?;
    let password_hash = passwords.hash(&password).await?;
    let partner: PartnerId = Id::mint(platform.clock(), platform.entropy());
    let scope = PartnerScope::new(partner, context.cause(Actor::Member(owner.member)));
    let (begun, member) = (Begun::now(&platform), owner.member);
    let stored = begun.clone();
    let seen = platform.db().write(&scope, move |tx| {
        super::sign_up(tx, (&partner_name, &owner), &password_hash, &stored)?;
        Ok::<_, MemberError>(Members::view(tx, member)?)
    });
    let seen = seen.await?.ok_or_else(Session::required)?;
    let session = MemberSession::of(seen, begun.csrf_token(&platform), begun.expires_at());
    Ok(begun.reply::<Members>(&platform, session))
}

/// Signs a member in.
#[utoipa::path(post, path = "/member-sessions", operation_id = "sign_in_member", tag = "sessions", request_body = Credentials,
    responses((status = 201, body = MemberSession), (status = "default", body = ProblemBody)))]
async fn create_session(
    State(platform): State<Platform>,
    ConsoleHost(context): ConsoleHost,
    _: Throttled,
    passwords: Passwords,
    body: Body<Credentials>,
) -> Result<Response, Problem> {
    let mut fields = Fields::new();
    let email = fields.take("email", Email::parse(&body.value.email));
    let email = fields.finish(email)?;
    let cause = context.cause(Actor::Anonymous);
    let found = super::find_by_email(&platform, cause, &email).await?;
    let tried = try_password(&passwords, found.as_ref().map(|(_, found)| found), body.value.password).await?;
    let scope = super::sign_in_scope(found.as_ref(), tried.right, cause);
    let found = found.map(|(_, found)| found);
    let (begun, seen) = sign_in::<Members>(&platform, &scope, found, tried).await?;
    let session = MemberSession::of(seen, begun.csrf_token(&platform), begun.expires_at());
    Ok(begun.reply::<Members>(&platform, session))
}

/// Who is signed in.
#[utoipa::path(get, path = "/member-sessions/current", operation_id = "show_member_session", tag = "sessions",
    responses((status = 200, body = MemberSession), (status = "default", body = ProblemBody)))]
async fn show_session(
    State(platform): State<Platform>,
    Member { member, scope, .. }: Member<CanView>,
    current: Current,
) -> Result<Json<MemberSession>, Problem> {
    let seen = platform.db().read_point(&scope, move |read| Members::view(read, member.member)).await?;
    let seen = seen.ok_or_else(Session::required)?;
    let csrf_token = current.token.csrf_token(platform.keys());
    Ok(Json(MemberSession::of(seen, csrf_token, current.expires_at)))
}

/// Signs the member out here.
#[utoipa::path(delete, path = "/member-sessions/current", operation_id = "sign_out_member", tag = "sessions",
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn delete_session(
    State(platform): State<Platform>,
    Member { member, scope, .. }: Member<CanView>,
    current: Current,
) -> Result<Response, Problem> {
    sign_out::<Members>(&platform, &scope, member.member, current.session, false).await?;
    Ok(farewell::<Members>())
}

/// Signs the member out everywhere.
#[utoipa::path(delete, path = "/member-sessions", operation_id = "sign_out_member_everywhere", tag = "sessions",
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn delete_sessions(
    State(platform): State<Platform>,
    Member { member, scope, .. }: Member<CanView>,
    current: Current,
) -> Result<Response, Problem> {
    sign_out::<Members>(&platform, &scope, member.member, current.session, true).await?;
    Ok(farewell::<Members>())
}

/// Adds a member. Their first password is in the answer and nowhere else.
#[utoipa::path(post, path = "/members", operation_id = "add_member", tag = "members", request_body = NewMemberIn,
    responses((status = 201, body = MemberWithPassword), (status = "default", body = ProblemBody)))]
async fn create_member(
    State(platform): State<Platform>,
    acting: Member<CanManage>,
    passwords: Passwords,
    body: Body<NewMemberIn>,
) -> Result<Response, Problem> {
    let new = body.value.check(&platform)?;
    may_manage(acting.member.role, new.role)?;
    let password = Password::generate(platform.entropy());
    let password_hash = passwords.hash(&password).await?;
    let added = platform.db().write(&acting.scope, move |tx| {
        super::add(tx, &new, &password_hash)?;
        let found = slipway_tenancy::member::find(tx, new.member)?;
        found.ok_or(MemberError::NotFound)
    });
    let member = added.await?.into();
    let reply = MemberWithPassword { member, initial_password: password.reveal().to_owned() };
    Ok((StatusCode::CREATED, Json(reply)).into_response())
}

/// Changes the own password and ends the member's other sessions.
#[utoipa::path(post, path = "/members/me/password", operation_id = "change_member_password", tag = "sessions", request_body = PasswordChange,
    responses((status = 204), (status = "default", body = ProblemBody)))]
async fn set_password(
    State(platform): State<Platform>,
    Member { member, scope, .. }: Member<CanView>,
    current: Current,
    _: Throttled,
    passwords: Passwords,
    body: Body<PasswordChange>,
) -> Result<StatusCode, Problem> {
    let mut fields = Fields::new();
    let email = Email::parse(&member.email).ok();
    let new = fields.take("new_password", Password::choose(&body.value.new_password, email.as_ref()));
    let change = (body.value.current_password, fields.finish(new)?);
    change_password::<Members>(&platform, &passwords, &scope, member.member, current.session, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl PartnerSignUp {
    fn check(self, platform: &Platform) -> Result<SignUp, Problem> {
        let mut fields = Fields::new();
        let partner_name = fields.take("partner_name", PartnerName::parse(&self.partner_name));
        let name = fields.take("name", MemberName::parse(&self.name));
        let email = fields.take("email", Email::parse(&self.email));
        let password = fields.take("password", Password::choose(&self.password, email.as_ref().ok()));
        if !self.accept_terms {
            fields.refuse("accept_terms", "accept the terms to sign up");
        }
        let member = Id::mint(platform.clock(), platform.entropy());
        let checked = || {
            let owner = NewMember { member, name: name?, email: email?, role: Role::Owner };
            Ok::<_, Invalid>(SignUp { partner_name: partner_name?, owner, password: password? })
        };
        let checked = checked();
        fields.finish(checked)
    }
}

impl NewMemberIn {
    fn check(self, platform: &Platform) -> Result<NewMember, Problem> {
        let mut fields = Fields::new();
        let name = fields.take("name", MemberName::parse(&self.name));
        let email = fields.take("email", Email::parse(&self.email));
        let role = fields.take("role", Role::parse(&self.role));
        let member = Id::mint(platform.clock(), platform.entropy());
        let checked = || Ok::<_, Invalid>(NewMember { member, name: name?, email: email?, role: role? });
        let checked = checked();
        fields.finish(checked)
    }
}

impl MemberSession {
    fn of((member, partner): (MemberRecord, PartnerRecord), csrf_token: String, expires_at: Ts) -> Self {
        Self { member: member.into(), partner: partner.into(), csrf_token, expires_at }
    }
}
