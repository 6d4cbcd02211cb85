//! The commands, one per file.

pub(crate) mod api;
pub(crate) mod apps;
pub(crate) mod check;
pub(crate) mod comment;
pub(crate) mod deliver;
pub(crate) mod doctor;
pub(crate) mod dotenv;
pub(crate) mod encryption;
pub(crate) mod exec;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod login;
#[cfg(feature = "mcp")]
pub(crate) mod mcp;
pub(crate) mod pages;
pub(crate) mod permissions;
pub(crate) mod post;
pub(crate) mod profiles;
pub(crate) mod react;
pub(crate) mod sandbox;
pub(crate) mod scopes;
pub(crate) mod stats;
pub(crate) mod status;
pub(crate) mod token;
