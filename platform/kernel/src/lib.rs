//! The vocabulary every Slipway crate shares.
//!
//! It refuses to do IO: no clock is read, no randomness drawn, nothing is opened. `Clock` and `Entropy` are
//! only named here; their one real home is the framework, their tame twins are in the testkit.

mod clock;
mod code;
mod email;
mod id;
mod page;
mod slug;
mod text;
mod ts;

pub use clock::{Clock, Entropy};
pub use code::Code;
pub use email::{Email, EmailError};
pub use id::{AccountId, AppId, EventId, Id, IdError, Identified, JobId, MemberId, PartnerId, RequestId};
pub use id::{AccountMarker, AppMarker, EventMarker, JobMarker, MemberMarker, PartnerMarker, RequestMarker};
pub use page::{Limit, Page};
pub use slug::{Slug, SlugError};
pub use text::{breaks_line, can_be_seen, is_ignored};
pub use ts::{Ts, TsError};
