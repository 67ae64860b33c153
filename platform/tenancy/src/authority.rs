//! What a signed-in member may do, as types a handler asks for: no handler can forget to check.
//!
//! The role is read with every request, so a change of role counts at once. A session without its member answers 401, a role
//! that is too small 403, and an app of somebody else 404 like one that never was.

use crate::app::{self, AppRecord};
use crate::member::{self, FORBIDDEN, MemberRecord, Role};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use slipway_framework::http::{ConsoleHost, PathId, Problem, RequestContext, Session};
use slipway_framework::platform::Platform;
use slipway_framework::scope::{Actor, AppScope, LaunchScope, PartnerScope};
use slipway_kernel::AppMarker;
use std::fmt;
use std::marker::PhantomData;

/// Something a member may do, if their role is at least this.
pub trait Permission: sealed::Sealed + Send + Sync + 'static {
    const LEAST: Role;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! permissions {
    ($($(#[$meta:meta])* $permission:ident = $role:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub enum $permission {}
        impl sealed::Sealed for $permission {}
        impl Permission for $permission {
            const LEAST: Role = Role::$role;
        }
    )+};
}

permissions! {
    /// Looking at everything the partner has.
    CanView = Viewer;
    /// Launching, branding and releasing apps.
    CanBuild = Builder;
    /// Managing members and suspending apps.
    CanManage = Admin;
    /// Keys, deletion and ownership.
    CanOwn = Owner;
}

/// Proof that the request comes from a member at the console who may do `P`.
pub struct Member<P: Permission> {
    pub member: MemberRecord,
    /// The member's partner; the member acts.
    pub scope: PartnerScope,
    pub context: RequestContext,
    permission: PhantomData<fn() -> P>,
}

/// Proof that the app in the path belongs to the partner of a member who may do `P`.
pub struct OwnApp<P: Permission> {
    pub app: AppRecord,
    /// The app; the member acts.
    pub scope: AppScope,
    pub member: Member<P>,
}

impl<P: Permission> OwnApp<P> {
    /// The app together with its partner, for what changes both.
    #[must_use]
    pub fn launch_scope(&self) -> LaunchScope {
        let cause = self.member.context.cause(Actor::Member(self.member.member.member));
        LaunchScope::new(self.app.partner, self.app.app, cause)
    }
}

impl<P: Permission> FromRequestParts<Platform> for Member<P> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let ConsoleHost(context) = ConsoleHost::from_request_parts(parts, platform).await?;
        let Some(Session::Member { partner, member }) = Session::of(parts) else {
            return Err(Session::required());
        };
        let scope = PartnerScope::new(partner, context.cause(Actor::Member(member)));
        let found = platform.db().read_point(&scope, move |read| member::find(read, member)).await?;
        let member = found.ok_or_else(Session::required)?;
        if member.role < P::LEAST {
            return Err(forbidden(P::LEAST, member.role));
        }
        Ok(Self { member, scope, context, permission: PhantomData })
    }
}

impl<P: Permission> FromRequestParts<Platform> for OwnApp<P> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let member = Member::<P>::from_request_parts(parts, platform).await?;
        let PathId(app) = PathId::<AppMarker>::from_request_parts(parts, platform).await?;
        let scope = AppScope::new(app, member.context.cause(Actor::Member(member.member.member)));
        let found = platform.db().read_point(&scope, app::find).await?;
        let app = found.filter(|app| app.partner == member.scope.partner());
        let app = app.ok_or_else(|| Problem::not_found("app"))?;
        Ok(Self { app, scope, member })
    }
}

fn forbidden(least: Role, role: Role) -> Problem {
    let detail =
        format!("This needs the role {least} or higher, and yours is {role}. Ask an owner or an admin.");
    Problem::new(StatusCode::FORBIDDEN, FORBIDDEN, detail)
}

// Written by hand because a derive would ask the same of `P`, which is only a name here.
impl<P: Permission> fmt::Debug for Member<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Member").field("member", &self.member.member).finish_non_exhaustive()
    }
}

impl<P: Permission> fmt::Debug for OwnApp<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OwnApp").field("app", &self.app.app).finish_non_exhaustive()
    }
}
