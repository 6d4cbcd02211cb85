//! The use cases. Independent of the command line and the interface.

pub(crate) mod api_request;
pub(crate) mod calendar;
pub(crate) mod check;
pub(crate) mod client_credentials;
mod clients;
mod conversions;
pub(crate) mod deliver;
pub(crate) mod doctor;
pub(crate) mod dotenv;
pub(crate) mod encryption;
pub(crate) mod export;
pub(crate) mod front_matter;
pub(crate) mod import;
pub(crate) mod manage;
pub(crate) mod notify;
pub(crate) mod pages;
pub(crate) mod permissions;
pub(crate) mod presets;
pub(crate) mod publish;
pub(crate) mod redeliver;
pub(crate) mod refresh;
pub(crate) mod revoke;
pub(crate) mod sign_in;
pub(crate) mod social;
pub(crate) mod statistics;
pub(crate) mod token_file;
pub(crate) mod token_formats;
mod token_retry;
mod tokens;
pub(crate) mod tool_files;
pub(crate) mod with_token;

pub use tokens::TokenStore;
