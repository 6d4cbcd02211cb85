//! The result of one check.

use super::redactable::RedactableText;
use crate::{Code, Error};

/// The state of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CheckState {
    /// Nothing to do.
    Ok,
    /// It works, but needs attention.
    Warning,
    /// Something does not work, or a secret is readable by others.
    Error,
}

impl CheckState {
    /// Returns the value in JSON.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A finding and its fix. A check has one result or, where several files or apps are wrong, one for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// A stable name, `group.subject`.
    pub id: &'static str,
    /// The state.
    pub state: CheckState,
    /// What was found.
    pub message: RedactableText,
    /// How to fix it; `None` where nothing is wrong.
    pub fix: Option<RedactableText>,
    /// The code of an error.
    pub code: Option<Code>,
}

impl Check {
    /// A check without a problem.
    pub(crate) fn ok(id: &'static str, message: impl Into<RedactableText>) -> Self {
        Self { id, state: CheckState::Ok, message: message.into(), fix: None, code: None }
    }

    /// A check that needs attention.
    pub(crate) fn warning(
        id: &'static str,
        message: impl Into<RedactableText>,
        fix: impl Into<RedactableText>,
    ) -> Self {
        Self { id, state: CheckState::Warning, message: message.into(), fix: Some(fix.into()), code: None }
    }

    /// A check that failed.
    pub(crate) fn error(
        id: &'static str,
        code: Code,
        message: impl Into<RedactableText>,
        fix: impl Into<RedactableText>,
    ) -> Self {
        Self { id, state: CheckState::Error, message: message.into(), fix: Some(fix.into()), code: Some(code) }
    }

    /// A check that failed with an error in which `needle` is private and is replaced by `piece`.
    pub(crate) fn failed(id: &'static str, error: &Error, needle: &str, piece: &RedactableText) -> Self {
        let message = RedactableText::default().replacing(&error.to_string(), needle, piece);
        Self::error(id, error.code, message, RedactableText::default().replacing(&error.hint, needle, piece))
    }

    /// The part of the id before the dot.
    pub(crate) fn group(&self) -> &'static str {
        self.id.split_once('.').map_or(self.id, |(group, _)| group)
    }
}

/// Returns the findings, or `fine` where there are none.
pub(super) fn or_ok(found: Vec<Check>, fine: impl FnOnce() -> Check) -> Vec<Check> {
    if found.is_empty() { vec![fine()] } else { found }
}
