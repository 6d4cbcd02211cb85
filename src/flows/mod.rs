//! The use cases: each file reads as its story. Knows no screen and no command line.

pub mod call;
pub mod check;
mod context;
pub mod import;
pub mod publish;
pub mod refresh;
pub mod revoke;
pub mod session;
pub mod sign_in;
pub mod which;

pub use context::Context;
