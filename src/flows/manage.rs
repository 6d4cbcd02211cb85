//! Changes to the settings and deliveries of a profile by the user, while other processes may change its file.

use jiff::Timestamp;

use crate::linkedin::scopes;
use crate::store::{Delivery, Doubt, Name, Profile, ProfileStore};
use crate::text::sanitize;
use crate::{Error, NextStep, Result};

/// What the user can change. Token, member and check come from LinkedIn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileSettings {
    pub app: Name,
    pub scopes: Vec<String>,
    pub browser: Option<String>,
}

impl From<&Profile> for ProfileSettings {
    fn from(profile: &Profile) -> Self {
        Self { app: profile.app.clone(), scopes: profile.scopes.clone(), browser: profile.browser.clone() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditOutcome {
    Saved(Box<Profile>),
    /// The profile was changed elsewhere meanwhile, to this; nothing was saved.
    Conflict(Box<Profile>),
}

/// Changes a profile from `before`, as it was when the edit started, to `after`, under its lock and on its current
/// file: a token that was refreshed meanwhile is not lost. A token of a different app is marked as unknown, since
/// introspection needs that app's client secret.
pub fn edit(
    store: &ProfileStore,
    name: &Name,
    before: &ProfileSettings,
    after: &ProfileSettings,
    now: Timestamp,
) -> Result<EditOutcome> {
    scopes::check_before_request(&after.scopes, &before.scopes)?;
    store.app(&after.app)?;
    let mut is_conflict = false;
    let profile = store.update_profile(name, |profile| {
        if ProfileSettings::from(&*profile) != *before {
            is_conflict = true;
            return Ok(());
        }
        if profile.app != after.app && profile.token.is_some() {
            profile.doubt(now, Doubt::OtherApp);
        }
        profile.app.clone_from(&after.app);
        profile.scopes.clone_from(&after.scopes);
        profile.browser.clone_from(&after.browser);
        Ok(())
    })?;
    let profile = Box::new(profile);
    Ok(if is_conflict { EditOutcome::Conflict(profile) } else { EditOutcome::Saved(profile) })
}

/// Adds a delivery to a profile and returns the profile.
pub(crate) fn add_delivery(store: &ProfileStore, name: &Name, new: &Delivery) -> Result<Profile> {
    store.update_profile(name, |profile| {
        if profile.deliveries.iter().any(|existing| existing.name == new.name) {
            return Err(Error::bad_input(
                format!("The profile {name} already has a delivery called {}.", sanitize(&new.name, 60)),
                "Choose another name.",
            )
            .with_next_step(NextStep::RemoveDelivery { profile: name.to_string(), delivery: new.name.clone() }));
        }
        profile.deliveries.push(new.clone());
        Ok(())
    })
}

/// Deletes a delivery of a profile and returns it.
pub(crate) fn remove_delivery(store: &ProfileStore, name: &Name, delivery: &str) -> Result<Delivery> {
    let not_found = || {
        Error::bad_input(format!("The profile {name} has no delivery called {}.", sanitize(delivery, 60)), "")
            .with_next_step(NextStep::ListDeliveries { profile: name.to_string() })
    };
    let mut removed = None;
    store.update_profile(name, |profile| {
        let index = profile.deliveries.iter().position(|existing| existing.name == delivery).ok_or_else(not_found)?;
        removed = Some(profile.deliveries.remove(index));
        Ok(())
    })?;
    removed.ok_or_else(not_found)
}
