//! What can be asked for: the closed vocabularies of a request, as a form shows them (ME-43).
//!
//! It refuses to list anything the planner does not know, because it asks the engine for every word.

mod http;

pub(crate) use http::routes;
