//! The use cases. Independent of the command line and the interface.

mod accepted;
pub mod calendar;
pub mod call;
pub mod check;
pub mod client_credentials;
mod conversions;
pub mod deliver;
pub mod doctor;
pub mod dotenv;
pub mod encryption;
pub mod export;
pub mod import;
pub mod manage;
pub mod notify;
pub mod permissions;
pub mod presets;
pub mod publish;
pub mod refresh;
pub mod revoke;
pub mod sign_in;
mod token_client;
pub mod token_formats;
mod tokens;
pub mod with_token;

pub use tokens::TokenStore;
