//! One file a command.

pub mod api;
pub mod apps;
pub mod check;
pub mod deliver;
pub mod doctor;
pub mod dotenv;
pub mod encryption;
pub mod exec;
pub mod export;
pub mod import;
pub mod login;
pub mod mcp;
pub mod permissions;
pub mod post;
pub mod profiles;
pub mod sandbox;
pub mod scopes;
pub mod status;
pub mod token;
