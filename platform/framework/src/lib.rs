//! What a Slipway module hangs in: the database port, scopes, and what commits with a write.
//!
//! It refuses to know any module or kit: they depend on it, never the other way round.

pub mod audit;
pub mod backup;
pub mod cache;
pub mod clock;
pub mod config;
pub mod db;
pub mod entropy;
pub mod erasure;
pub mod event;
pub mod housekeeping;
pub mod http;
pub mod job;
pub mod keys;
pub mod kit;
pub mod metric;
pub mod module;
pub mod object;
pub mod password;
pub mod platform;
pub mod scope;
pub mod trace;

/// For [`statements!`] only.
#[doc(hidden)]
pub use inventory;
