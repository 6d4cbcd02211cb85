//! End-to-end tests: the real binary with a sandbox, and some with a real browser.

mod api_command;
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
mod exec_and_export;
mod expiry_notifications;
#[cfg(all(unix, feature = "mcp"))]
mod feed;
mod import;
#[cfg(unix)]
mod interface;
#[cfg(target_os = "linux")]
mod job_control;
#[cfg(target_os = "linux")]
mod linux_namespaces;
#[cfg(unix)]
mod long_session;
mod many_profiles;
#[cfg(feature = "mcp")]
mod mcp;
mod mock_api;
#[cfg(unix)]
mod non_blocking;
mod pages_command;
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
pub(crate) mod test_env;
mod token_lifecycle;
