//! What goes wrong between this program and LinkedIn: odd answers byte by byte, TLS, proxies,
//! clocks, and refreshes that meet each other. The numbers are those of the project's catalogue.

mod answers;
mod before_browser;
mod clocks;
mod connections;
mod keeping;
mod mock;
mod network;
mod proxies;
mod renewing;
mod signing_in;
mod tls;
mod versions;
mod world;
