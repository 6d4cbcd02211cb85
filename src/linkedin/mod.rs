//! What LinkedIn is: its addresses, scopes, answers and errors. Knows no file and no screen.

mod app;
pub mod endpoints;
pub mod errors;
pub mod http;
pub mod introspection;
pub mod revocation;
pub mod scopes;
pub mod userinfo;

pub use app::{Flow, RedirectUrl};
pub use endpoints::Endpoints;
