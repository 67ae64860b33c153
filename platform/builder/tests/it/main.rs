//! The factory through its front door, on both engines.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod build;
mod desk;
mod file;
mod journey;
mod refusal;
