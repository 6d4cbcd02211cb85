//! The host: browser, clipboard, terminal capabilities, and SSH, containers and WSL.

pub(crate) mod browser;
pub(crate) mod clipboard;
pub(crate) mod environment;
pub(crate) mod terminal;
pub(crate) mod timer;

pub(crate) use browser::SystemBrowser;
pub use browser::{Browser, BrowserExit, Started};
pub(crate) use environment::HostEnvironment;
pub use environment::Ssh;
pub(crate) use terminal::TerminalCapabilities;

/// Environment variables that no child process may inherit: a browser or a clipboard tool must not get the client secret.
pub(crate) const PRIVATE_VARIABLES: &[&str] =
    &["LINKEDIN_CLIENT_SECRET", "LINKEDIN_ACCESS_TOKEN", "LINKEDIN_TUI_PASSPHRASE_FILE"];

/// Returns whether a program of this name is in `PATH`, or exists at this path. Windows finds `firefox` as `firefox.exe`.
pub(crate) fn is_in_path(program: &str) -> bool {
    let names = [program.to_owned(), format!("{program}.exe")];
    let names = &names[..if cfg!(windows) { 2 } else { 1 }];
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|directory| names.iter().any(|name| directory.join(name).is_file()))
    })
}
