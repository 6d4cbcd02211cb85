//! End-to-end tests: the real binary, a sandbox, and where needed a real browser.

mod apart;
mod browser;
mod calls;
mod cli;
#[cfg(unix)]
mod composing;
#[cfg(target_os = "linux")]
mod copying;
#[cfg(target_os = "linux")]
mod crash;
mod deliver;
#[cfg(unix)]
mod disturbed;
mod doctor;
#[cfg(unix)]
mod dotenv;
mod encryption;
#[cfg(unix)]
mod encryption_asked;
#[cfg(target_os = "linux")]
mod encryption_outside;
mod files;
#[cfg(target_os = "linux")]
mod flood;
mod handing_on;
#[cfg(unix)]
mod interface;
mod life;
#[cfg(unix)]
mod list;
mod mcp;
#[cfg(unix)]
mod morning;
mod notifying;
#[cfg(unix)]
mod on_a_terminal;
#[cfg(unix)]
mod pasting;
mod permissions;
#[cfg(unix)]
mod prompted;
mod publish;
mod recorder;
mod scale;
mod scopes;
mod scripted;
#[cfg(target_os = "linux")]
mod stopped;
mod storm;
mod taking_over;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod waiting;
pub(crate) mod world;
