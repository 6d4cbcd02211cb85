//! End-to-end tests: the real binary with a sandbox, and some with a real browser.

mod api_command;
#[cfg(unix)]
mod blocking;
mod chromium;
#[cfg(target_os = "linux")]
mod clipboard;
mod command_line;
#[cfg(unix)]
mod compose;
mod config_files;
#[cfg(target_os = "linux")]
mod connection_flood;
#[cfg(target_os = "linux")]
mod crash_safety;
mod deliver;
mod doctor;
#[cfg(unix)]
mod dotenv;
mod encryption;
#[cfg(target_os = "linux")]
mod encryption_tools;
pub(crate) mod env;
mod exec_and_export;
#[cfg(all(unix, feature = "mcp"))]
mod feed;
mod import;
#[cfg(unix)]
mod interface;
#[cfg(target_os = "linux")]
mod job_control;
#[cfg(unix)]
mod long_session;
mod many_profiles;
#[cfg(feature = "mcp")]
mod mcp;
mod mock_api;
mod namespaces;
mod notifications;
mod pages;
#[cfg(unix)]
mod passphrase_prompt;
#[cfg(unix)]
mod pasted_callback;
mod permissions;
mod post;
#[cfg(unix)]
mod profile_list;
#[cfg(unix)]
mod prompts;
mod recording_server;
mod scopes;
pub(crate) mod social;
mod statistics;
mod stress;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod terminal_faults;
#[cfg(unix)]
mod terminal_output;
mod token_lifecycle;
