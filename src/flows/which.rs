//! Which profile is meant where none is named.

use std::path::Path;

use crate::config::Environment;
use crate::config::environment::profile_file;
use crate::profile::{Name, Store};
use crate::{Code, Error, Result};

/// The one named, else `LINKEDIN_TUI_PROFILE`, else the nearest `.linkedin-tui` file from `folder`
/// upwards, else the active one; `None` where nothing names one.
///
/// # Errors
/// `bad_input` for a name that is no slug, file errors for `state.toml`.
pub fn named_or_active(named: Option<&str>, env: &Environment, folder: &Path, store: &Store) -> Result<Option<Name>> {
    if let Some(name) = named {
        return Name::parse(name).map(Some);
    }
    if let Some(name) = env.get("LINKEDIN_TUI_PROFILE") {
        return Name::parse(name.trim()).map(Some);
    }
    if let Some(name) = profile_file(folder)? {
        return Ok(Some(name));
    }
    store.active()
}

/// The same, for commands that need a profile.
///
/// # Errors
/// `no_such_profile` where nothing names one.
pub fn required(named: Option<&str>, env: &Environment, folder: &Path, store: &Store) -> Result<Name> {
    named_or_active(named, env, folder, store)?.ok_or_else(|| {
        Error::new(
            Code::NoSuchProfile,
            "No profile is named, and none is active.",
            "Name one, or choose one: linkedin-tui profiles use NAME. To make the first: linkedin-tui login",
        )
    })
}
