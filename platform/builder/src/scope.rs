//! What a launch and an app have in common: the app whose rows they open.

use slipway_framework::scope::{AppScope, LaunchScope, Rooted};
use slipway_kernel::AppId;

/// A scope that opens one app's rows. A launch writes the same rows as the app's own life afterwards.
pub(crate) trait OfApp: Rooted {
    fn app_id(&self) -> AppId;
}

impl OfApp for AppScope {
    fn app_id(&self) -> AppId {
        self.app()
    }
}

impl OfApp for LaunchScope {
    fn app_id(&self) -> AppId {
        self.app()
    }
}
