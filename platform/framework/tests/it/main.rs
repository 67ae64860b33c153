//! The framework through its front door, on both engines.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod audit;
mod backup;
mod event;
mod housekeeping;
mod http;
mod isolation;
mod job;
mod migrate;
mod note;
mod object;
mod once;
mod outage;
mod plan;
mod read;
mod tenant;
mod write;
