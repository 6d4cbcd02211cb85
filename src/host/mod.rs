//! What the machine around the terminal offers: a browser, a clipboard, and signs of being far
//! away from both (SSH, containers, WSL).

pub mod browser;
pub mod clipboard;
pub mod environment;
pub mod terminal;

pub use browser::{Browser, BrowserExit, Started, SystemBrowser};
pub use environment::{HostEnvironment, Ssh};
pub use terminal::TerminalCapabilities;

/// Variables of this program that no child may inherit: a browser or a clipboard tool has no
/// business with the client secret.
pub const PRIVATE_VARIABLES: &[&str] =
    &["LINKEDIN_CLIENT_SECRET", "LINKEDIN_ACCESS_TOKEN", "LINKEDIN_TUI_PASSPHRASE_FILE"];

/// Returns whether there is a program of that name, or at that path. Windows finds `firefox` as `firefox.exe`.
#[must_use]
pub fn is_in_path(program: &str) -> bool {
    let names = [program.to_owned(), format!("{program}.exe")];
    let names = &names[..if cfg!(windows) { 2 } else { 1 }];
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| names.iter().any(|name| folder.join(name).is_file()))
    })
}
