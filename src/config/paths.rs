//! The config directory.

use std::path::{Path, PathBuf};

use super::Environment;
use crate::{Code, Error, NextStep, Result};

/// The environment variable that names the directory.
const CONFIG_DIR_VARIABLE: &str = "LINKEDIN_TUI_CONFIG_DIR";

/// Returns the config directory: `flag`, else `LINKEDIN_TUI_CONFIG_DIR`, else the system's directory for settings
/// (Linux: `~/.config/linkedin-tui`). Relative XDG paths are ignored, as the XDG specification requires.
/// Never falls back to the working directory.
pub(crate) fn config_dir(flag: Option<&Path>, env: &Environment) -> Result<PathBuf> {
    if let Some(dir) = flag {
        return std::path::absolute(dir).map_err(|error| unresolved_error(dir).with_io_source(&error));
    }
    if let Some(dir) = env.get(CONFIG_DIR_VARIABLE).map(PathBuf::from) {
        return if dir.is_absolute() { Ok(dir) } else { Err(not_absolute_error(&dir)) };
    }
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")));
        if let Some(base) = base {
            return Ok(base.join("linkedin-tui"));
        }
    }
    directories::ProjectDirs::from("", "", "linkedin-tui")
        .map(|dirs| dirs.config_dir().to_owned())
        .filter(|dir| dir.is_absolute())
        .ok_or_else(no_directory_error)
}

/// Resolves a path that the user typed: relative to `directory`, or to the home directory after `~/`, which no shell has expanded.
pub(crate) fn resolve_path(directory: &Path, typed: &str) -> PathBuf {
    let home = directories::BaseDirs::new();
    let below_home = typed.strip_prefix("~/").or_else(|| typed.strip_prefix("~\\").filter(|_| cfg!(windows)));
    match (below_home, home) {
        (Some(rest), Some(home)) => home.home_dir().join(rest),
        _ => directory.join(typed),
    }
}

fn not_absolute_error(dir: &Path) -> Error {
    Error::new(
        Code::Files,
        format!(
            "{CONFIG_DIR_VARIABLE} is not an absolute path: {}",
            crate::text::sanitize(&dir.to_string_lossy(), 200)
        ),
        "Set it to an absolute path.",
    )
    .with_next_step(NextStep::UseOtherDirectory)
}

/// Returns the error for a relative path whose working directory was deleted.
fn unresolved_error(dir: &Path) -> Error {
    let dir = crate::text::sanitize(&dir.to_string_lossy(), 200);
    Error::new(
        Code::Files,
        format!("{dir} cannot be resolved: the working directory does not exist or cannot be read."),
        "Use an absolute path.",
    )
    .with_next_step(NextStep::UseOtherDirectory)
}

fn no_directory_error() -> Error {
    Error::new(
        Code::Files,
        if cfg!(windows) {
            "Could not find the config directory: Windows names no directory for application data."
        } else {
            "Could not find the config directory: HOME is not set to an absolute path."
        },
        if cfg!(windows) { "Set LINKEDIN_TUI_CONFIG_DIR." } else { "Set it, or set LINKEDIN_TUI_CONFIG_DIR." },
    )
    .with_next_step(NextStep::UseOtherDirectory)
}
