//! What a person changes of a profile by hand, beside a file that others may change too.

use jiff::Timestamp;

use crate::Result;
use crate::linkedin::scopes;
use crate::profile::{Check, Name, Profile, Store, Verdict};

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
pub fn edit(store: &Store, name: &Name, before: &Settings, after: &Settings, now: Timestamp) -> Result<Edited> {
    scopes::check(&after.scopes)?;
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
