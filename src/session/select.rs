//! The profile that a command applies to.

use std::path::PathBuf;

use super::Session;
use crate::config::environment::find_profile_file;
use crate::store::Name;
use crate::{Code, Error, NextStep, Result};

const PROFILE_VARIABLE: &str = "LINKEDIN_TUI_PROFILE";

/// A profile's name, and the `.linkedin-tui` file that selected it.
pub(crate) type SelectedProfile = (Name, Option<PathBuf>);

impl Session {
    /// Returns the profile that the command line names: in `argument`, else in `--profile`.
    pub fn explicit_profile<'a>(&'a self, argument: Option<&'a str>) -> Option<&'a str> {
        argument.or(self.options.profile.as_deref())
    }

    /// Returns the profile in `argument`, else in `--profile`, else in `LINKEDIN_TUI_PROFILE`, else in the nearest
    /// `.linkedin-tui` file from the working directory upwards, else the current one; `None` if nothing names one.
    pub fn find_profile(&self, argument: Option<&str>) -> Result<Option<SelectedProfile>> {
        if let Some(name) = self.explicit_profile(argument) {
            return Name::parse(name).map(|name| Some((name, None)));
        }
        if let Some(name) = self.env.get(PROFILE_VARIABLE) {
            let name = Name::parse(name.trim()).map_err(|error| self.env.attribute_to(PROFILE_VARIABLE, error))?;
            return Ok(Some((name, None)));
        }
        if let Some((name, file)) = find_profile_file(&self.working_dir)? {
            return Ok(Some((name, Some(file))));
        }
        Ok(self.store.current_profile()?.map(|name| (name, None)))
    }

    /// Does what [`Session::find_profile`] does, for commands that need a profile: fails with `no_such_profile` if
    /// nothing names one.
    pub fn select_profile(&self, argument: Option<&str>) -> Result<SelectedProfile> {
        self.find_profile(argument)?.ok_or_else(|| {
            let has_profiles = self.store.profile_names().is_ok_and(|names| !names.is_empty());
            let step = if has_profiles { NextStep::SelectProfile } else { self.first_step() };
            Error::new(Code::NoSuchProfile, "No profile is named, and there is no current profile.", "")
                .with_next_step(step)
        })
    }

    /// Returns what to do where no profiles are: to sign in if there is an app, else to add one.
    pub fn first_step(&self) -> NextStep {
        let has_app = self.options.is_sandbox
            || self.store.app_names().is_ok_and(|names| !names.is_empty())
            || self.env.client_id().is_ok_and(|id| id.is_some());
        if has_app { NextStep::SignInToNewProfile } else { NextStep::SetUp }
    }

    /// Returns the name of the profile that [`Session::select_profile`] selects.
    pub fn select_profile_name(&self, argument: Option<&str>) -> Result<Name> {
        self.select_profile(argument).map(|(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;
    use crate::encryption::no_prompt;
    use crate::session::Options;
    use crate::store::Profile;

    #[test]
    fn the_next_step_depends_on_whether_there_are_profiles() {
        let directory = tempfile::tempdir().unwrap();
        let options = Options { config_dir: Some(directory.path().to_owned()), ..Options::default() };
        let mut session = Session::open(options, no_prompt).unwrap();
        session.env = Environment::default();
        session.working_dir = directory.path().to_owned();
        let next_step = |session: &Session| *session.select_profile(None).unwrap_err().next_step.unwrap();
        assert!(matches!(next_step(&session), NextStep::SetUp));
        session.options.is_sandbox = true;
        assert!(matches!(next_step(&session), NextStep::SignInToNewProfile), "the sandbox has an app");
        let name = Name::parse("work").unwrap();
        session.store.create_or_update_profile(Profile::new(name.clone(), name.clone(), Vec::new()), |_| ()).unwrap();
        assert!(matches!(next_step(&session), NextStep::SelectProfile));
        session.store.set_current_profile(Some(&name)).unwrap();
        assert_eq!(session.select_profile(None).unwrap(), (name, None));
    }
}
