//! What goes to stdout (data) and stderr (status). Only [`printer::Printer`] prints.

pub mod indent;
pub mod json;
pub mod log;
pub mod login_progress;
pub mod post_progress;
pub mod printer;
