//! Results on stdout and messages on stderr. Only [`printer::Printer`] prints.

pub(super) mod hint;
pub(super) mod json;
pub(super) mod log;
pub(super) mod login_progress;
pub(super) mod post_progress;
pub(super) mod pretty;
pub(super) mod printer;
pub(super) mod theme;
