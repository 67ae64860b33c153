//! Identity through its front door, on both engines.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod account;
mod form;
mod house;
mod legal;
mod member;
mod refusal;
mod secret;
mod session;
