//! Parts that several screens and dialogs draw.

pub mod field;
pub mod page;
