//! What LinkedIn is: its addresses, scopes, answers and errors. Knows no file and no screen.

mod app;
pub mod endpoints;
pub mod scopes;

pub use app::{Flow, RedirectUrl};
pub use endpoints::Endpoints;
