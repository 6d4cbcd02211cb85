//! What LinkedIn is: its addresses, scopes, answers and errors. Knows no file and no screen.

pub mod answers;
pub mod api;
mod app;
pub mod assets;
pub mod capabilities;
pub mod endpoints;
pub mod http;
pub mod images;
pub mod introspection;
pub mod little;
pub mod member;
pub mod organizations;
pub mod posts;
pub mod probes;
pub mod products;
pub mod revocation;
pub mod scopes;
pub mod ugc;
pub mod userinfo;
pub mod version_in_use;
pub mod versions;

pub use app::{Flow, RedirectUrl, client_id, client_id_trouble, usual_client_id};
pub use endpoints::Endpoints;
pub use version_in_use::VersionInUse;
