//! What LinkedIn is: its addresses, scopes, answers and errors. Knows no file and no screen.

mod app;
pub mod endpoints;
pub mod errors;
pub mod http;
pub mod introspection;
pub mod revocation;
pub mod scopes;
pub mod userinfo;
pub mod versions;

pub use app::{Flow, RedirectUrl, usual_client_id};
pub use endpoints::Endpoints;
