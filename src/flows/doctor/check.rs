//! One finding.

use super::words::Words;
use crate::{Code, Error};

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing to do.
    Ok,
    /// It works, but somebody should look at it.
    Warning,
    /// Something does not work, or a secret is open to others.
    Error,
}

impl State {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A finding and its mend. One thing that was looked at gives one finding or, where several files
/// or apps are wrong in it, one for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// A stable name, `group.subject`.
    pub id: &'static str,
    /// How it stands.
    pub state: State,
    /// What was found.
    pub message: Words,
    /// What to do about it; nothing where all is well.
    pub fix: Option<Words>,
    /// What kind of error it is.
    pub code: Option<Code>,
}

impl Check {
    /// All is well.
    pub fn ok(id: &'static str, message: impl Into<Words>) -> Self {
        Self { id, state: State::Ok, message: message.into(), fix: None, code: None }
    }

    /// Somebody should look.
    pub fn warning(id: &'static str, message: impl Into<Words>, fix: impl Into<Words>) -> Self {
        Self { id, state: State::Warning, message: message.into(), fix: Some(fix.into()), code: None }
    }

    /// Something does not work.
    pub fn error(id: &'static str, code: Code, message: impl Into<Words>, fix: impl Into<Words>) -> Self {
        Self { id, state: State::Error, message: message.into(), fix: Some(fix.into()), code: Some(code) }
    }

    /// Something does not work, as an error tells it, in which `needle` is private and is said by
    /// `piece`.
    #[must_use]
    pub fn failed(id: &'static str, error: &Error, needle: &str, piece: &Words) -> Self {
        let message = Words::default().naming(&error.to_string(), needle, piece);
        Self::error(id, error.code, message, Words::default().naming(&error.hint, needle, piece))
    }

    /// The part of the id before the dot.
    #[must_use]
    pub fn group(&self) -> &'static str {
        self.id.split_once('.').map_or(self.id, |(group, _)| group)
    }
}

/// The findings, or one that all is well where there are none.
pub(super) fn or_ok(found: Vec<Check>, fine: impl FnOnce() -> Check) -> Vec<Check> {
    if found.is_empty() { vec![fine()] } else { found }
}
