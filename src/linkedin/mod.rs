//! What LinkedIn is: its endpoints, scopes, products and answers, and the client of its API.

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
pub mod urn;
pub mod userinfo;
pub mod version_in_use;
pub mod versions;

pub use app::{Flow, RedirectUrl, client_id_problem, is_usual_client_id, parse_client_id};
pub use endpoints::Endpoints;
pub use version_in_use::VersionInUse;
