//! The use cases: each file reads as its story. Knows no screen and no command line.

mod accepted;
pub mod calendar;
pub mod call;
pub mod check;
pub mod client_credentials;
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
pub mod token_formats;
mod tokens;
pub mod with_token;

pub use tokens::TokenStore;
