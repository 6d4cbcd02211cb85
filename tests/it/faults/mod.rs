//! Faults between this program and LinkedIn: unexpected responses byte by byte, TLS, proxies,
//! clocks, and concurrent refreshes. The numbers are those of the project's catalogue.

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
