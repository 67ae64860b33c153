//! The kitname kit through its front door, on both engines.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod house;
mod legal;
mod note;
