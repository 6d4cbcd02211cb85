//! The result of one check.

use super::redactable::{RedactableText, replace_private};
use crate::{Code, Error};

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

/// The result of a check and its fix; if several files or apps are wrong, each has its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// A stable name, `group.subject`.
    pub id: &'static str,
    pub state: CheckState,
    /// What was found.
    pub message: RedactableText,
    /// How to fix it; `None` if nothing is wrong.
    pub fix: Option<RedactableText>,
    pub code: Option<Code>,
}

impl Check {
    pub(super) fn ok(id: &'static str, message: impl Into<RedactableText>) -> Self {
        Self { id, state: CheckState::Ok, message: message.into(), fix: None, code: None }
    }

    pub(super) fn warning(
        id: &'static str,
        message: impl Into<RedactableText>,
        fix: impl Into<RedactableText>,
    ) -> Self {
        Self { state: CheckState::Warning, fix: Some(fix.into()), ..Self::ok(id, message) }
    }

    pub(super) fn error(
        id: &'static str,
        code: Code,
        message: impl Into<RedactableText>,
        fix: impl Into<RedactableText>,
    ) -> Self {
        Self { state: CheckState::Error, code: Some(code), ..Self::warning(id, message, fix) }
    }

    /// Creates a failed check from an error without private parts.
    pub(super) fn failed(id: &'static str, error: &Error) -> Self {
        Self::error(id, error.code, error.to_string(), error.hint.as_str())
    }

    /// Creates a failed check from an error in which `needle` is private and is replaced by `part`.
    pub(super) fn failed_at(id: &'static str, error: &Error, needle: &str, part: &RedactableText) -> Self {
        let replace = |text: &str| replace_private(text, needle, part);
        Self::error(id, error.code, replace(&error.to_string()), replace(&error.hint))
    }

    /// Returns the part of the id before the dot.
    pub(crate) fn group(&self) -> &'static str {
        self.id.split_once('.').map_or(self.id, |(group, _)| group)
    }
}

/// Returns the problems, or `ok` if there are none.
pub(super) fn or_ok(problems: Vec<Check>, ok: Check) -> Vec<Check> {
    if problems.is_empty() { vec![ok] } else { problems }
}
