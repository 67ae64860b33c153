//! The one binary, as a library so that its tests can hold it: the list of modules, the installation they run on, and the
//! listeners in front of them.
//!
//! It refuses to contain product code: whatever an app does is in a module.

mod command;
mod front;
mod house;
mod installation;
mod ops;
mod serve;
mod traces;
mod web;

pub use command::{run, run_with};
pub use house::{assembly, modules};
pub use ops::{OpsFile, alerted_metrics, ops_files};
