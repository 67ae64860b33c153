//! Gathers what is wrong with a request's fields, so that the caller hears of all of it at once.

use super::{FieldProblem, Problem};
use std::fmt;

/// A form being checked.
#[derive(Debug, Default)]
pub struct Fields {
    errors: Vec<FieldProblem>,
}

/// Marks a form that was not right; [`Fields::finish`] has the errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invalid;

impl Fields {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the value, or writes down what is wrong with the field of that path.
    pub fn take<T, E: fmt::Display>(&mut self, field: &str, parsed: Result<T, E>) -> Result<T, Invalid> {
        parsed.map_err(|error| {
            self.refuse(field, error);
            Invalid
        })
    }

    /// Writes down what is wrong with a field.
    pub fn refuse(&mut self, field: &str, message: impl fmt::Display) {
        self.errors.push(FieldProblem { field: field.to_owned(), message: sentence(&message.to_string()) });
    }

    /// The finished value, if every field it is made of was right.
    ///
    /// # Errors
    /// A [`Problem`] with every error that was written down.
    pub fn finish<T>(self, value: Result<T, Invalid>) -> Result<T, Problem> {
        match value {
            Ok(value) if self.errors.is_empty() => Ok(value),
            _ => Err(Problem::invalid(self.errors)),
        }
    }
}

/// Error texts start lower-case and end bare; people get a sentence.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let rest = characters.as_str();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{rest}{stop}")
}
