//! The findings of all checks.

use std::path::Path;

use jiff::Timestamp;

use super::check::{Check, CheckState};
use crate::store::Survey;

/// All findings, and their environment.
#[derive(Debug)]
pub(crate) struct Report {
    /// The findings by group.
    pub checks: Vec<Check>,
    pub(super) at: Timestamp,
    pub(super) sandbox: bool,
    pub(super) survey: Survey,
}

impl Report {
    /// Returns whether no check failed.
    pub(crate) fn is_ok(&self) -> bool {
        self.checks.iter().all(|check| check.state != CheckState::Error)
    }

    /// Returns 0 where no check failed, else the exit code of the first error.
    pub(crate) fn exit_code(&self) -> u8 {
        self.checks.iter().find_map(|check| check.code).map_or(0, crate::Code::exit_code)
    }

    /// Returns the config directory.
    pub(crate) fn root(&self) -> &Path {
        &self.survey.root
    }
}
