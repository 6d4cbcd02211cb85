//! What a person changes of a profile by hand, beside a file that others may change too.

use jiff::Timestamp;

use crate::linkedin::scopes;
use crate::store::{Check, Delivery, Name, Profile, ProfileStore, Verdict};
use crate::text::clean;
use crate::{Error, NextStep, Result};

/// What can be changed: which app it belongs to, the scopes to ask for, its browser. Token, member
/// and check are LinkedIn's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The app.
    pub app: Name,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// The browser command.
    pub browser: Option<String>,
}

impl From<&Profile> for Settings {
    fn from(profile: &Profile) -> Self {
        Self { app: profile.app.clone(), scopes: profile.scopes.clone(), browser: profile.browser.clone() }
    }
}

/// How an edit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edited {
    /// Saved; the profile as it is now.
    Saved(Box<Profile>),
    /// Somebody else changed the same things meanwhile; nothing was saved.
    Conflict(Box<Profile>),
}

/// Changes a profile from `before`, as it was when the person began, to `after`, under its lock and
/// on what its file holds then: a token renewed meanwhile stays. A token of another app is marked,
/// since that app's secret cannot speak for it.
///
/// # Errors
/// `bad_input` for scopes that cannot be asked for, `no_such_app`, `no_such_profile`, file errors.
pub fn edit(store: &ProfileStore, name: &Name, before: &Settings, after: &Settings, now: Timestamp) -> Result<Edited> {
    scopes::check_granted(&after.scopes, &before.scopes)?;
    store.app(&after.app)?;
    let (profile, saved) = store.update_profile(name, |profile| {
        if Settings::from(&*profile) != *before {
            return Ok(false);
        }
        if profile.app != after.app && profile.token.is_some() {
            profile.check = Some(Check { at: now, verdict: Verdict::Unknown });
        }
        profile.app.clone_from(&after.app);
        profile.scopes.clone_from(&after.scopes);
        profile.browser.clone_from(&after.browser);
        Ok(true)
    })?;
    let profile = Box::new(profile);
    Ok(if saved { Edited::Saved(profile) } else { Edited::Conflict(profile) })
}

/// Adds a delivery to a profile; gives the profile as it is now.
///
/// # Errors
/// `bad_input` where it has one of that name, `no_such_profile`, file errors.
pub fn add_delivery(store: &ProfileStore, name: &Name, new: &Delivery) -> Result<Profile> {
    let (profile, ()) = store.update_profile(name, |profile| {
        if profile.deliveries.iter().any(|one| one.name == new.name) {
            return Err(Error::bad_input(
                format!("The profile {name} has a delivery called {} already.", clean(&new.name, 60)),
                "Choose another name.",
            )
            .with_next_step(NextStep::RemoveDelivery { profile: name.to_string(), delivery: new.name.clone() }));
        }
        profile.deliveries.push(new.clone());
        Ok(())
    })?;
    Ok(profile)
}

/// Takes a delivery out of a profile; gives what it was.
///
/// # Errors
/// `bad_input` where there is none of that name, `no_such_profile`, file errors.
pub fn remove_delivery(store: &ProfileStore, name: &Name, delivery: &str) -> Result<Delivery> {
    let (_, removed) = store.update_profile(name, |profile| {
        let place = profile.deliveries.iter().position(|one| one.name == delivery).ok_or_else(|| {
            Error::bad_input(format!("The profile {name} has no delivery called {}.", clean(delivery, 60)), "")
                .with_next_step(NextStep::ListDeliveries { profile: name.to_string() })
        })?;
        Ok(profile.deliveries.remove(place))
    })?;
    Ok(removed)
}
