//! Drives the real server through crashes, power cuts and load, and checks what is left of what it answered.
//!
//! It refuses to be shipped, and to look into the server while it runs: what it knows of it is its answers, and afterwards the
//! files and tables that are left. Its own part of the house is the module `records`, whose every consequence can be counted.

pub mod bench;
pub mod crash;
mod data;
mod http;
pub mod isolation;
mod person;
pub mod power_cut;
mod process;
mod random;
pub mod records;
pub mod soak;
pub mod twins;
pub mod upgrade;
mod workload;

pub use process::House;
