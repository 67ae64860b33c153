//! The whole house, assembled as the server assembles it: journeys and sweeps.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod audit;
mod backup;
mod command;
mod deploy;
mod eject;
mod hostile;
mod jobs;
mod kits;
mod metrics;
mod people;
mod refusals;
mod service;
mod snapshots;
mod statements;
mod stores;
mod traces;
