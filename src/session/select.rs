//! The profile that applies when a command names none.

use std::path::{Path, PathBuf};

use crate::config::Environment;
use crate::config::environment::profile_file;
use crate::store::{Name, ProfileStore};
use crate::{Code, Error, NextStep, Result};

/// The environment variable that names a profile.
const PROFILE: &str = "LINKEDIN_TUI_PROFILE";

/// A profile's name, and the `.linkedin-tui` file that selected it.
pub(crate) type SelectedProfile = (Name, Option<PathBuf>);

/// Returns the profile in `named`, else in `LINKEDIN_TUI_PROFILE`, else in the nearest `.linkedin-tui` file from `folder`
/// upwards, else the current one; `None` where nothing names one.
///
/// # Errors
/// `bad_input` for an invalid name, file errors for `state.toml`.
pub(crate) fn resolve_profile(
    named: Option<&str>,
    env: &Environment,
    folder: &Path,
    store: &ProfileStore,
) -> Result<Option<SelectedProfile>> {
    if let Some(name) = named {
        return Name::parse(name).map(|name| Some((name, None)));
    }
    if let Some(name) = env.get(PROFILE) {
        let name = Name::parse(name.trim()).map_err(|error| env.attribute(PROFILE, error))?;
        return Ok(Some((name, None)));
    }
    if let Some((name, file)) = profile_file(folder)? {
        return Ok(Some((name, Some(file))));
    }
    Ok(store.current_profile()?.map(|name| (name, None)))
}

/// Does what [`resolve_profile`] does, for commands that need a profile.
///
/// # Errors
/// `no_such_profile` where nothing names one.
pub(crate) fn require_profile(
    named: Option<&str>,
    env: &Environment,
    folder: &Path,
    store: &ProfileStore,
) -> Result<SelectedProfile> {
    resolve_profile(named, env, folder, store)?.ok_or_else(|| {
        Error::new(Code::NoSuchProfile, "No profile is named, and there is no current profile.", "")
            .with_next_step(first_step(store))
    })
}

/// Without any profile the first one is created, otherwise one of them is selected.
fn first_step(store: &ProfileStore) -> NextStep {
    let has_profiles = store.profile_names().is_ok_and(|names| !names.is_empty());
    if has_profiles { NextStep::SelectProfile } else { NextStep::SignInToNewProfile }
}
