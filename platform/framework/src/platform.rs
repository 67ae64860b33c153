//! The installation as code sees it: database, files, keys, clock, randomness and the addresses it answers at.

use crate::db::Db;
use crate::erasure::Erasure;
use crate::http::Limits;
use crate::keys::Keys;
use crate::kit::Kit;
use crate::object::Objects;
use crate::password::PasswordCost;
use crate::trace::Tracer;
use slipway_kernel::{Clock, Entropy};
use std::fmt;
use std::sync::Arc;

/// Everything a use case may need from its surroundings; cheap to clone.
#[derive(Clone)]
pub struct Platform(Arc<(Parts, Limits)>);

/// What a platform is made of.
pub struct Parts {
    pub db: Db,
    pub objects: Objects,
    pub keys: Keys,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub addresses: Addresses,
    /// What it takes to try one password.
    pub password_cost: PasswordCost,
    /// Who is told where the time goes.
    pub tracer: Tracer,
    /// What partners can choose from.
    pub kits: Vec<Kit>,
    /// How an app is erased, table by table: [`Assembly::erasures`](crate::module::Assembly::erasures).
    pub erasures: Vec<Erasure>,
}

/// The origins of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// `http` or `https`, as the outside world sees it.
    pub scheme: Scheme,
    /// The console's host and the parent of every app's: `localhost`, `apps.example`.
    pub base_domain: String,
    /// Absent when it is the scheme's own.
    pub port: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

impl Addresses {
    /// The origin of a host, as browsers send it (RFC 6454 §6.2).
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        self.port.map_or_else(|| format!("{scheme}://{host}"), |port| format!("{scheme}://{host}:{port}"))
    }

    #[must_use]
    pub fn console_origin(&self) -> String {
        self.origin(&self.base_domain)
    }

    #[must_use]
    pub fn app_host(&self, slug: &str) -> String {
        format!("{slug}.{}", self.base_domain)
    }

    /// Whether phones cannot reach it, so that builds are previews (DESIGN "Android").
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.base_domain == "localhost" || self.base_domain.ends_with(".localhost")
    }
}

impl Platform {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let limits = Limits::new(&parts.clock);
        Self(Arc::new((parts, limits)))
    }

    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.0.db
    }

    #[must_use]
    pub fn objects(&self) -> &Objects {
        &self.0.0.objects
    }

    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.0.0.keys
    }

    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.0.clock
    }

    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.0.0.entropy
    }

    #[must_use]
    pub fn password_cost(&self) -> PasswordCost {
        self.0.0.password_cost
    }

    pub(crate) fn tracer(&self) -> &Tracer {
        &self.0.0.tracer
    }

    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.1
    }

    /// Every kit of this installation.
    #[must_use]
    pub fn kits(&self) -> &[Kit] {
        &self.0.0.kits
    }

    #[must_use]
    pub fn kit(&self, name: &str) -> Option<&Kit> {
        self.kits().iter().find(|kit| kit.name == name)
    }

    pub(crate) fn erasures(&self) -> &[Erasure] {
        &self.0.0.erasures
    }

    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.0.0.addresses
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Platform").field("addresses", &self.0.0.addresses).finish_non_exhaustive()
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Parts").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
