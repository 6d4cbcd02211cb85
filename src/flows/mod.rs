//! The use cases: each file reads as its story. Knows no screen and no command line.

mod accepted;
pub mod api_version;
pub mod calendar;
pub mod call;
pub mod check;
mod child;
pub mod client_credentials;
mod context;
pub mod deliver;
pub mod doctor;
pub mod dotenv;
pub mod encryption;
pub mod export;
pub mod hand_over;
pub mod import;
pub mod manage;
pub mod notify;
mod patience;
pub mod permissions;
pub mod pool;
pub mod presets;
pub mod publish;
pub mod refresh;
pub mod revoke;
pub mod session;
pub mod sign_in;
mod tokens;
pub mod which;

pub use context::Context;
pub use patience::{Note, Reporter};
pub use tokens::Store;
