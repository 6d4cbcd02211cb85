//! Parts that several screens and dialogs draw.

pub(crate) mod field;
pub(crate) mod page;
pub(crate) mod panel;
pub(crate) mod search;
