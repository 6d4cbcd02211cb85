//! The host: browser, clipboard, terminal capabilities, and SSH, containers and WSL.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

pub(crate) mod browser;
pub(crate) mod clipboard;
pub(crate) mod editor;
pub(crate) mod environment;
pub(crate) mod terminal;
pub(crate) mod timer;
pub(crate) mod watch;

pub(crate) use browser::SystemBrowser;
pub use browser::{Browser, BrowserExit, Started};
pub(crate) use environment::HostEnvironment;
pub use environment::Ssh;
pub(crate) use terminal::TerminalCapabilities;

/// Environment variables that no child process may inherit: a browser or a clipboard tool must not get the client secret.
pub(crate) const PRIVATE_VARIABLES: &[&str] =
    &["LINKEDIN_CLIENT_SECRET", "LINKEDIN_ACCESS_TOKEN", "LINKEDIN_TUI_PASSPHRASE_FILE"];

/// `CREATE_NEW_PROCESS_GROUP`: Ctrl-C in the console does not reach the process.
#[cfg(windows)]
pub(crate) const NEW_PROCESS_GROUP: u32 = 0x200;

/// Returns whether a program of this name is in `PATH`, or exists at this path.
pub(crate) fn is_in_path(program: &str) -> bool {
    find_in_path(program).is_some()
}

/// Extensions that a program's name may lack. Windows itself adds `.exe` only, and some tools, such as gcloud, are batch files.
const PROGRAM_EXTENSIONS: &[&str] = if cfg!(windows) { &["", ".exe", ".cmd", ".bat"] } else { &[""] };

/// Returns the file of a program in `PATH`, or at this path.
pub(crate) fn find_in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names: Vec<String> = PROGRAM_EXTENSIONS.iter().map(|extension| format!("{program}{extension}")).collect();
    std::env::split_paths(&path)
        .flat_map(|directory| names.iter().map(move |name| directory.join(name)).collect::<Vec<_>>())
        .find(|file| file.is_file())
}

/// Returns the program to start for a name that the user wrote: on Windows a batch file too, whose extension must be given.
pub(crate) fn resolve_program(name: &OsStr) -> OsString {
    let is_plain = cfg!(windows) && std::path::Path::new(name).extension().is_none();
    let found = name.to_str().filter(|_| is_plain).and_then(find_in_path);
    found.filter(|file| file.extension().is_some()).map_or_else(|| name.to_owned(), PathBuf::into_os_string)
}
