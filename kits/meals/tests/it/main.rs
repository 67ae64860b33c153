//! The meals kit through its front door, on both engines.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod form;
mod house;
mod judge;
mod order;
mod plan;
mod tenant;
mod words;

use slipway_meals::module;
