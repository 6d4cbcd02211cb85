//! What LinkedIn is: its endpoints, scopes, products and the meaning of its responses, and the client of its API.

pub(crate) mod api;
mod app;
pub(crate) mod capabilities;
pub(crate) mod documents;
pub(crate) mod endpoints;
pub(crate) mod http;
pub(crate) mod images;
pub mod introspection;
pub(crate) mod little_text;
pub(crate) mod meanings;
pub(crate) mod member;
pub(crate) mod organizations;
pub(crate) mod posts;
pub(crate) mod probes;
pub(crate) mod products;
pub(crate) mod revocation;
pub(crate) mod scopes;
pub(crate) mod social;
pub(crate) mod statistics;
pub(crate) mod ugc;
pub(crate) mod uploads;
pub(crate) mod urn;
pub mod userinfo;
pub(crate) mod version_in_use;
pub(crate) mod versions;
pub(crate) mod videos;

pub use app::{Flow, RedirectUrl};
pub(crate) use app::{client_id_problem, is_usual_client_id, looks_like_client_secret, parse_client_id};
pub use endpoints::Endpoints;
pub use version_in_use::VersionInUse;
