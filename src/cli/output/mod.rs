//! What goes to stdout (data) and stderr (status). Only [`printer::Printer`] prints.

pub(super) mod indent;
pub(super) mod json;
pub(super) mod log;
pub(super) mod login_progress;
pub(super) mod post_progress;
pub(super) mod printer;
