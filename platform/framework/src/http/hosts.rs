//! The joint at which tenancy tells the stack whose host a name is.

use crate::db::DbError;
use crate::platform::Platform;
use futures_util::future::BoxFuture;
use slipway_kernel::{AppId, PartnerId};
use std::sync::Arc;

/// The app behind a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    pub app: AppId,
    pub partner: PartnerId,
    pub kit: String,
    /// A suspended app shows its face and answers nothing else.
    pub suspended: bool,
}

/// Looks hosts up; implemented by tenancy.
pub trait Hosts: Send + Sync + 'static {
    /// `host` is lower-case and without a port.
    fn find<'a>(
        &'a self,
        platform: &'a Platform,
        host: &'a str,
    ) -> BoxFuture<'a, Result<Option<Arc<Tenant>>, Arc<DbError>>>;
}
