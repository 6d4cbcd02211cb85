//! Faults between this program and LinkedIn: unexpected responses byte by byte, TLS, proxies,
//! clocks, and concurrent refreshes. The numbers are those of docs/faults.md.

mod api_versions;
mod clock_skew;
mod code_exchange;
mod connection_reuse;
mod malformed_responses;
mod mock;
mod mock_env;
mod network;
mod preflight;
mod proxies;
mod refresh;
mod tls;
mod token_storage;
