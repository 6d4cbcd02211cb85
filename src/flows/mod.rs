//! The use cases: each file reads as its story. Knows no screen and no command line.

pub mod check;
mod child;
mod context;
pub mod deliver;
pub mod hand_over;
pub mod import;
pub mod notify;
pub mod presets;
pub mod refresh;
pub mod revoke;
pub mod session;
pub mod sign_in;
pub mod which;

pub use context::Context;
