//! Scopes: on whose behalf, and on whose rows, a piece of work runs.
//!
//! A store function takes a `Read` or `Tx` of one scope, so it cannot be called for nobody in particular.
//! A scope refuses to be widened: there is no way from an app's scope to another app's.

use slipway_kernel::{AccountId, AppId, Id, Identified, MemberId, PartnerId, RequestId};
use std::fmt;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has not signed in.
    Anonymous,
    /// A partner's person.
    Member(MemberId),
    /// An app's end user.
    Account(AccountId),
    /// The platform itself: a job, a schedule, a reaction.
    Platform,
    /// The person at the command line.
    Operator,
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => formatter.write_str("anonymous"),
            Self::Member(member) => member.fmt(formatter),
            Self::Account(account) => account.fmt(formatter),
            Self::Platform => formatter.write_str("platform"),
            Self::Operator => formatter.write_str("operator"),
        }
    }
}

/// Who acts and in which request: the part of a scope that audit rows and logs want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    pub actor: Actor,
    pub request: RequestId,
}

/// The rows a scope opens, as the row policies of the database read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    pub app: Option<AppId>,
    pub partner: Option<PartnerId>,
    pub system: Option<Purpose>,
}

/// The root of what belongs to the installation itself.
pub const INSTALLATION: RootId = RootId::from_bits(0);

/// Marks the id of a root: an app's, a partner's, or [`INSTALLATION`].
#[derive(Debug)]
pub enum RootMarker {}

impl Identified for RootMarker {
    const PREFIX: &'static str = "root";
}

/// The id of whatever a row hangs on, in tables that serve both roots.
pub type RootId = Id<RootMarker>;

impl Reach {
    /// The root that effects are written under: the app where there is one.
    #[must_use]
    pub fn root(self) -> RootId {
        let bits = self.app.map(Id::bits).or(self.partner.map(Id::bits));
        bits.map_or(INSTALLATION, RootId::from_bits)
    }

    /// The root that a client's keys belong to. At a launch this is the partner, because a second try has another app id.
    #[must_use]
    pub fn payer(self) -> RootId {
        let bits = self.partner.map(Id::bits).or(self.app.map(Id::bits));
        bits.map_or(INSTALLATION, RootId::from_bits)
    }
}

/// A piece of work's rows and cause. Implemented by the four scopes here and by nothing else.
pub trait Scope: sealed::Sealed + Clone + Send + 'static {
    fn reach(&self) -> Reach;
    fn cause(&self) -> Cause;
}

/// A scope with a root, on which audit entries, events and jobs can hang. The system's has none: what it did would belong to
/// nobody, and PostgreSQL's policies would refuse what SQLite took.
pub trait Rooted: Scope {}
impl Rooted for AppScope {}
impl Rooted for PartnerScope {}
impl Rooted for LaunchScope {}

mod sealed {
    pub trait Sealed {}
}

/// One app's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppScope {
    app: AppId,
    cause: Cause,
}

/// One partner's rows: members, invitations, billing, the list of apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartnerScope {
    partner: PartnerId,
    cause: Cause,
}

/// Both roots at once: only where an app is launched, deleted or taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaunchScope {
    partner: PartnerId,
    app: AppId,
    cause: Cause,
}

/// Rows that belong to the installation, one named purpose at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemScope {
    purpose: Purpose,
    cause: Cause,
}

/// The complete list of reasons to look across tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Host name → app, before anything is known of a request.
    Hosts,
    /// E-mail or session token → member, before the partner is known.
    Members,
    /// Stamping events and handing them out.
    Outbox,
    /// Claiming and finishing jobs.
    Jobs,
    /// Stored files that no row names any more.
    Objects,
    /// Leases of the installation's single workers.
    Leases,
    /// Deleting what has had its time.
    Housekeeping,
    /// Sealing audit entries, and looking whether the seals hold.
    Audit,
}

impl Purpose {
    pub const ALL: [Self; 8] = [
        Self::Hosts,
        Self::Members,
        Self::Outbox,
        Self::Jobs,
        Self::Objects,
        Self::Leases,
        Self::Housekeeping,
        Self::Audit,
    ];

    /// The word that row policies and migrations know it by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hosts => "hosts",
            Self::Members => "members",
            Self::Outbox => "outbox",
            Self::Jobs => "jobs",
            Self::Objects => "objects",
            Self::Leases => "leases",
            Self::Housekeeping => "housekeeping",
            Self::Audit => "audit",
        }
    }
}

impl AppScope {
    #[must_use]
    pub const fn new(app: AppId, cause: Cause) -> Self {
        Self { app, cause }
    }
    #[must_use]
    pub const fn app(&self) -> AppId {
        self.app
    }
}

impl PartnerScope {
    #[must_use]
    pub const fn new(partner: PartnerId, cause: Cause) -> Self {
        Self { partner, cause }
    }
    #[must_use]
    pub const fn partner(&self) -> PartnerId {
        self.partner
    }
}

impl LaunchScope {
    #[must_use]
    pub const fn new(partner: PartnerId, app: AppId, cause: Cause) -> Self {
        Self { partner, app, cause }
    }
    #[must_use]
    pub const fn partner(&self) -> PartnerId {
        self.partner
    }
    #[must_use]
    pub const fn app(&self) -> AppId {
        self.app
    }
}

impl SystemScope {
    #[must_use]
    pub const fn new(purpose: Purpose, cause: Cause) -> Self {
        Self { purpose, cause }
    }
}

macro_rules! scopes {
    ($($scope:ident => |$this:ident| $reach:expr;)+) => {$(
        impl sealed::Sealed for $scope {}
        impl Scope for $scope {
            fn reach(&self) -> Reach {
                let $this = self;
                $reach
            }
            fn cause(&self) -> Cause {
                self.cause
            }
        }
    )+};
}

scopes! {
    AppScope => |scope| Reach { app: Some(scope.app), ..Reach::default() };
    PartnerScope => |scope| Reach { partner: Some(scope.partner), ..Reach::default() };
    LaunchScope => |scope| Reach { app: Some(scope.app), partner: Some(scope.partner), system: None };
    SystemScope => |scope| Reach { system: Some(scope.purpose), ..Reach::default() };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Tells;

    /// Has one answer for a type without a root and two for one with it, so that asking for "the" answer compiles for the former
    /// only.
    trait HasNoRoot<Answer> {
        const ASKED: bool = true;
    }
    struct Rootless;
    struct WithRoot;
    struct OfApps;
    struct OfPartners;
    impl<T> HasNoRoot<Rootless> for T {}
    impl<T: Rooted> HasNoRoot<WithRoot> for T {}
    impl<T: Tells<AppScope>> HasNoRoot<OfApps> for T {}
    impl<T: Tells<PartnerScope>> HasNoRoot<OfPartners> for T {}

    #[test]
    fn the_system_leaves_no_trail_and_tells_nothing() {
        const { assert!(<SystemScope as HasNoRoot<_>>::ASKED) }
    }
}
