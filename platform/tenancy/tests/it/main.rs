//! Tenancy through its front door, on both engines.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod app;
mod audit;
mod authority;
mod desk;
mod erasure;
mod member;
mod partner;
mod quota;
mod slug;
