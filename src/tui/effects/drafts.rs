//! Saves drafts, including those of a profile that another process renamed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::Services;
use crate::flows::publish;
use crate::store::{Name, Profile, ProfileIdentity, ProfileStore, SavedDraft};
use crate::sync::lock;
use crate::tui::message::Message;
use crate::{Code, Error, Result};

/// The drafts of the posts on open compose screens, by the numbers of the posts ([`ComposedPost::id`]).
///
/// [`ComposedPost::id`]: crate::tui::screens::compose::ComposedPost::id
pub(super) type OpenDrafts = Arc<Mutex<HashMap<u64, OpenDraft>>>;

/// A post's profile, and what is known of its draft.
#[derive(Debug, Default)]
pub(super) struct OpenDraft {
    pub(super) profile: Option<Profile>,
    /// The profiles that existed when it was opened: a renamed profile is none of them.
    pub(super) known_profiles: Vec<Name>,
    /// The draft on disk that the form showed or saved last.
    pub(super) saved: Option<SavedDraft>,
    /// The files with pictures of linked pages that were read for it.
    pub(super) pictures: Vec<PathBuf>,
    /// What to report about a draft that another process saved meanwhile.
    pub(super) conflict: Option<Error>,
}

impl Services {
    /// Saves a draft, or deletes it for `None`. Reports only a failure and a renamed profile.
    pub(super) fn write_draft(&self, id: u64, name: Name, draft: Option<Box<SavedDraft>>) {
        let (store, messages) = (self.session.store.without_secrets(), self.messages.clone());
        let open = Arc::clone(&self.drafts);
        tokio::task::spawn_blocking(move || {
            // Locked until the draft is written, so that drafts are written one at a time.
            let mut open = lock(&open);
            let open = open.entry(id).or_default();
            let written = open.write(&store, &name, draft.map(|draft| *draft));
            if let Some(error) = open.conflict.take() {
                drop(messages.blocking_send(Message::Failed(error)));
            }
            let msg = match written {
                Ok(new) if new == name => return,
                Ok(new) => Message::DraftMoved { id, name: new },
                Err(error) => Message::DraftFailed { id, error },
            };
            drop(messages.blocking_send(msg));
        });
    }
}

impl OpenDraft {
    /// Saves or deletes the draft; returns the current name of the profile.
    fn write(&mut self, store: &ProfileStore, name: &Name, draft: Option<SavedDraft>) -> Result<Name> {
        let profile = store.profile(name);
        let name = match &profile {
            Err(error) if error.code == Code::NoSuchProfile => match self.find_new_name(store)? {
                Some(new) if store.draft(&new)?.is_none_or(|found| Some(found) == self.saved) => new,
                // The draft of the renamed profile, if any, is not this one.
                _ if draft.is_none() => return Ok(name.clone()),
                Some(new) => return Err(has_another_draft(name, &new)),
                None => return Err(no_longer_exists(name)),
            },
            _ => name.clone(),
        };
        match &draft {
            Some(draft) => {
                let copy = store.save_draft(&name, draft, self.saved.as_ref())?;
                self.conflict = copy.map(|copy| changed_elsewhere(&name, &copy));
            }
            // A draft of another process stays.
            None if !store.delete_draft(&name, self.saved.as_ref())? => return Ok(name),
            None => {
                let saved = self.saved.take().and_then(|saved| saved.thumbnail).map(PathBuf::from);
                let pictures = self.pictures.drain(..).chain(saved.filter(|path| publish::is_saved_picture(path)));
                // A file that is gone, or stays, is a temporary one.
                pictures.for_each(|path| drop(std::fs::remove_file(path)));
            }
        }
        self.saved = draft;
        self.profile = store.profile(&name).ok().or(self.profile.take());
        Ok(name)
    }

    /// Returns the new name of the profile; `None` also where several match.
    fn find_new_name(&self, store: &ProfileStore) -> Result<Option<Name>> {
        let Some(before) = &self.profile else { return Ok(None) };
        let profiles = store.profiles()?.into_iter().filter_map(|entry| entry.profile.ok());
        let is_new = |profile: &Profile| !self.known_profiles.contains(&profile.name);
        let is_same = |profile: &Profile| ProfileIdentity::of(profile) == ProfileIdentity::of(before);
        let mut same = profiles.filter(|profile| is_new(profile) && is_same(profile));
        Ok(same.next().filter(|_| same.next().is_none()).map(|profile| profile.name))
    }
}

fn changed_elsewhere(name: &Name, copy: &Path) -> Error {
    Error::new(
        Code::Files,
        format!("The draft of profile {name} was changed elsewhere too. Yours is saved."),
        format!("The other one is in {}.", copy.display()),
    )
}

fn no_longer_exists(name: &Name) -> Error {
    Error::new(
        Code::NoSuchProfile,
        format!("Profile {name} no longer exists, so the draft is not saved."),
        "Copy the text elsewhere.",
    )
}

fn has_another_draft(old: &Name, new: &Name) -> Error {
    Error::new(
        Code::NoSuchProfile,
        format!("Profile {old} is now called {new} and has another draft, so this one is not saved."),
        "Copy the text elsewhere.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encryption::no_prompt;
    use crate::session::{Options, Session};
    use crate::tui::message::Effect;

    fn draft(text: &str) -> Box<SavedDraft> {
        Box::new(SavedDraft { text: text.to_owned(), ..SavedDraft::default() })
    }

    #[tokio::test]
    async fn only_a_draft_that_was_shown_is_replaced() {
        for is_shown in [false, true] {
            let directory = tempfile::tempdir().unwrap();
            let store = ProfileStore::open(directory.path()).unwrap();
            let (name, app) = (Name::parse("work").unwrap(), Name::parse("app").unwrap());
            store.create_or_update_profile(Profile::new(name.clone(), app, vec![]), |_| ()).unwrap();
            store.save_draft(&name, &draft("old"), None).unwrap();
            let options = Options { config_dir: Some(directory.path().to_owned()), ..Options::default() };
            let (sender, mut messages) = tokio::sync::mpsc::channel(8);
            let mut services = Services::new(Session::open(options, no_prompt).unwrap(), sender);
            let work = async {
                services.perform(Effect::OpenCompose { id: 1, name: name.clone() });
                while !matches!(messages.recv().await, Some(Message::ComposeOpened { .. })) {}
                if is_shown {
                    services.perform(Effect::RecordShownDraft { id: 1, draft: draft("old") });
                }
                services.perform(Effect::SaveDraft { id: 1, name: name.clone(), draft: draft("new") });
                while store.draft(&name).unwrap().is_none_or(|found| found.text != "new") {
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
            };
            tokio::task::LocalSet::new().run_until(work).await;
            let copy = directory.path().join("drafts").join("work.toml.other");
            assert_eq!(copy.exists(), !is_shown);
        }
    }
}
