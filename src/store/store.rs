//! All apps and profiles of one folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::encrypted::{self, KeyProvider, NoKeys};
use super::exclusive::InProcess;
use super::locks::{LockId, ProfileLock};
use super::saving;
use super::types::{Name, Profile};
use super::{files, format};
use crate::files::leftovers::{self, Leftovers};
use crate::{Code, Error, NextStep, Result};

/// Room for a new token, encrypted, beside what a file holds already.
const RESERVE_BYTES: usize = 16 * 1024;

/// How often a file is read again because it changed between its reading and its opening.
const MAX_READS: usize = 5;

/// The folder of apps and profiles. Cheap to clone; opening it reads next to nothing.
#[derive(Clone, Debug)]
pub struct ProfileStore {
    pub(super) root: PathBuf,
    pub(super) warnings: Arc<Mutex<Vec<String>>>,
    pub(super) failures: Arc<Mutex<Vec<String>>>,
    pub(super) keys: Arc<dyn KeyProvider>,
    pub(super) in_process: InProcess,
    /// Reads leave secrets out, and nothing is written.
    pub(super) without_secrets: bool,
}

/// A profile's name and what its file gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file's name.
    pub name: Name,
    /// The profile, or why it cannot be used.
    pub profile: Result<Profile>,
}

impl ProfileStore {
    /// Opens the folder at `root`, which need not exist. An open mode is tightened and told by
    /// [`ProfileStore::warnings`].
    ///
    /// # Errors
    /// `files` when it belongs to somebody else or is no folder.
    pub fn open(root: &Path) -> Result<Self> {
        let store = Self::unchecked(root);
        store.note(files::tighten_folder(root)?);
        Ok(store)
    }

    /// The folder at `root` as it is found: no mode is tightened, nothing is refused.
    #[must_use]
    pub fn unchecked(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            warnings: Arc::default(),
            failures: Arc::default(),
            keys: Arc::new(NoKeys),
            in_process: InProcess::default(),
            without_secrets: false,
        }
    }

    /// The same folder with somebody who holds the keys to encrypted fields.
    #[must_use]
    pub fn with_keys(mut self, keys: Arc<dyn KeyProvider>) -> Self {
        self.keys = keys;
        self
    }

    /// The same folder for looking only: all but the secrets is read, so that no key is asked
    /// for, and nothing of it can be written back.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        Self { without_secrets: true, ..self.clone() }
    }

    /// Could a new token of this profile be saved now, and its app? Better told before LinkedIn is asked: a token that has
    /// nowhere to go is lost, and a refresh token that it replaces with it. Tries with a little more than there is, and leaves
    /// nothing.
    ///
    /// # Errors
    /// `key_unavailable`, `wrong_passphrase`; `file_newer`, `file_damaged`; `files` for a folder or a disk that takes no more.
    pub fn ensure_writable(&self, name: &Name, app: &Name) -> Result<()> {
        self.exclusive(&[], |store| store.try_save(name, app))
    }

    /// The same under a profile's lock that is held already.
    ///
    /// # Errors
    /// As [`ProfileStore::ensure_writable`].
    pub fn ensure_writable_locked(&self, lock: &ProfileLock, app: &Name) -> Result<()> {
        self.under(lock, |store| store.try_save(&lock.name, app))
    }

    fn try_save(&self, name: &Name, app: &Name) -> Result<()> {
        for path in [self.app_path(app), self.profile_path(name)] {
            let (document, _) = self.editable(&path)?;
            saving::replaceable(&path)?;
            saving::prepare(&path, &(document.to_string() + &" ".repeat(RESERVE_BYTES)))?;
        }
        Ok(())
    }

    /// Who opens encrypted fields; nobody in an outline.
    pub(super) fn opener(&self) -> Option<&dyn KeyProvider> {
        (!self.without_secrets).then_some(&*self.keys)
    }

    fn note(&self, warning: Option<String>) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).extend(warning);
    }

    /// Keeps what failed beside the point of what was asked for, and is no failure of that.
    pub(super) fn note_failure(&self, failure: String) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
    }

    /// The same where something may have failed.
    pub(crate) fn note_failed(&self, done: Result<()>) {
        if let Err(error) = done {
            self.note_failure(error.to_string());
        }
    }

    /// What failed beside the point of what was asked for and has not been reported; emptied by the call.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        std::mem::take(&mut *self.failures.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What people should know and have not been told; emptied by the call.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn app_path(&self, name: &Name) -> PathBuf {
        self.root.join("apps").join(format!("{name}.toml"))
    }

    /// The profile's file.
    #[must_use]
    pub fn profile_path(&self, name: &Name) -> PathBuf {
        self.root.join("profiles").join(format!("{name}.toml"))
    }

    pub(super) fn read(&self, path: &Path) -> Result<Option<String>> {
        let Some((text, warning)) = files::read(path)? else { return Ok(None) };
        self.note(warning);
        Ok(Some(text))
    }

    /// File names in a folder of the store, without `.toml`; the second list has what is no slug.
    pub(super) fn listed(&self, folder: &str) -> Result<(Vec<Name>, Vec<String>)> {
        let path = self.root.join(folder);
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Default::default()),
            Err(error) => return Err(files::failed("read", &path, &error)),
        };
        // A failure to remove what a crash left harms nobody.
        drop(leftovers::sweep(&path, Leftovers::Old));
        let (mut names, mut odd) = (Vec::new(), Vec::new());
        for entry in entries {
            let entry = entry.map_err(|error| files::failed("read", &path, &error))?;
            let file = entry.file_name().to_string_lossy().into_owned();
            if leftovers::is_temporary(&entry.file_name()) {
                continue;
            }
            if let Some(Ok(name)) = file.strip_suffix(".toml").map(Name::parse) {
                if let Some(target) = saving::link_folder(&entry) {
                    drop(leftovers::sweep(&target, Leftovers::Old));
                }
                names.push(name);
            } else {
                odd.push(crate::text::clean(&format!("{folder}/{file}"), 200));
            }
        }
        names.sort();
        odd.sort();
        Ok((names, odd))
    }

    /// Files that are no profile and no app by their names: conflict copies, other spellings.
    ///
    /// # Errors
    /// `files`.
    pub fn misnamed_files(&self) -> Result<Vec<String>> {
        let (mut odd, apps) = (self.listed("profiles")?.1, self.listed("apps")?.1);
        odd.extend(apps);
        Ok(odd.into_iter().map(|file| format!("{file} is not loaded: its name is no profile's name.")).collect())
    }

    /// All profiles' names, sorted.
    ///
    /// # Errors
    /// `files`.
    pub fn profile_names(&self) -> Result<Vec<Name>> {
        Ok(self.listed("profiles")?.0)
    }

    /// One profile; reads one file.
    ///
    /// # Errors
    /// `no_such_profile`, `file_damaged`, `files`.
    pub fn profile(&self, name: &Name) -> Result<Profile> {
        let path = self.profile_path(name);
        let profile = self.opened(&path, |text| format::profile(&path, name, text, self.opener()))?;
        // A link that leads nowhere is no missing profile.
        profile.ok_or_else(|| {
            let dangling = saving::target(&path).err();
            dangling.unwrap_or_else(|| self.missing(Code::NoSuchProfile, "profile", name, self.profile_names()))
        })
    }

    /// Reads a file and opens it; `None` where there is none. Both take no lock, so that they never wait: what cannot be opened
    /// because its key was replaced in between is read again.
    pub(super) fn opened<T>(&self, path: &Path, open: impl Fn(&str) -> Result<T>) -> Result<Option<T>> {
        let Some(mut text) = self.read(path)? else { return Ok(None) };
        for _ in 1..MAX_READS {
            let opened = open(&text);
            if opened.is_ok() || !encrypted::is_in(&text) {
                return opened.map(Some);
            }
            match self.read(path)? {
                Some(now) if now == text => return opened.map(Some),
                Some(now) => text = now,
                None => return Ok(None),
            }
        }
        open(&text).map(Some)
    }

    pub(super) fn missing(&self, code: Code, what: &str, name: &Name, known: Result<Vec<Name>>) -> Error {
        let known: Vec<String> = known.unwrap_or_default().iter().map(ToString::to_string).collect();
        let message = format!("There is no {what} called {name}.");
        if known.is_empty() {
            return Error::new(code, message, format!("There is none yet in {}.", self.root.display()))
                .with_next_step(NextStep::SignInToNewProfile);
        }
        Error::new(code, message, format!("There are: {}", crate::text::clean(&known.join(", "), 200)))
    }

    /// All profiles, sorted; a damaged file costs one of them. One that is renamed meanwhile is there by its new name.
    ///
    /// # Errors
    /// `files` when the folder cannot be read.
    pub fn profiles(&self) -> Result<Vec<Entry>> {
        let mut found: BTreeMap<Name, Result<Profile>> = BTreeMap::new();
        for _ in 0..MAX_READS {
            let names = self.profile_names()?;
            found.retain(|name, _| names.contains(name));
            let new: Vec<Name> = names.into_iter().filter(|name| !found.contains_key(name)).collect();
            let mut has_gone = false;
            for name in new {
                match self.profile(&name) {
                    Err(error) if error.code == Code::NoSuchProfile => has_gone = true,
                    read => drop(found.insert(name, read)),
                }
            }
            if !has_gone {
                break;
            }
        }
        Ok(found.into_iter().map(|(name, profile)| Entry { name, profile }).collect())
    }

    /// Changes a profile under its lock, re-reading it first.
    ///
    /// # Errors
    /// What `change` gives; `no_such_profile`, `file_damaged`, `file_newer`, `files`.
    pub fn update_profile<T>(
        &self,
        name: &Name,
        change: impl FnOnce(&mut Profile) -> Result<T>,
    ) -> Result<(Profile, T)> {
        let mut change = Some(change);
        self.exclusive(&[LockId::Profile(name.clone())], |store| store.changed(name, &mut change))
    }

    /// The same under a lock that is held already.
    ///
    /// # Errors
    /// As [`ProfileStore::update_profile`].
    pub fn update_locked(
        &self,
        lock: &ProfileLock,
        change: impl FnOnce(&mut Profile) -> Result<()>,
    ) -> Result<Profile> {
        let mut change = Some(change);
        self.under(lock, |store| store.changed(&lock.name, &mut change)).map(|(profile, ())| profile)
    }

    /// Reads under a profile's lock that is held already. Nobody is asked for a key meanwhile.
    ///
    /// # Errors
    /// Those of `read`; as [`ProfileStore::update_profile`].
    pub fn read_locked<T>(&self, lock: &ProfileLock, read: impl FnMut(&Self) -> Result<T>) -> Result<T> {
        self.under(lock, read)
    }

    fn changed<T>(
        &self,
        name: &Name,
        change: &mut Option<impl FnOnce(&mut Profile) -> Result<T>>,
    ) -> Result<(Profile, T)> {
        let mut profile = self.profile(name)?;
        let path = self.profile_path(name);
        let (mut document, writing) = self.editable(&path)?;
        let before = profile.clone();
        // All keys are at hand: it is not begun again from here on.
        let change = change.take().ok_or_else(|| Error::new(Code::Unexpected, "The change was lost.", ""))?;
        let given = change(&mut profile)?;
        if profile != before {
            format::write_profile(&mut document, &profile, &writing)?;
            saving::save(&path, &document.to_string())?;
        }
        Ok((profile, given))
    }

    /// Makes a profile, or changes the one that is there, under its lock.
    ///
    /// # Errors
    /// As [`ProfileStore::update_profile`].
    pub fn put_profile(&self, new: Profile, change: impl FnOnce(&mut Profile)) -> Result<Profile> {
        let name = new.name.clone();
        let (mut new, mut change) = (Some(new), Some(change));
        self.exclusive(&[LockId::Profile(name.clone())], |store| {
            let found = match store.profile(&name) {
                Err(error) if error.code == Code::NoSuchProfile => None,
                found => Some(found?),
            };
            let path = store.profile_path(&name);
            let (mut document, writing) = store.editable(&path)?;
            let lost = || Error::new(Code::Unexpected, "The change was lost.", "");
            let (mut profile, change) =
                (found.or_else(|| new.take()).ok_or_else(lost)?, change.take().ok_or_else(lost)?);
            change(&mut profile);
            format::write_profile(&mut document, &profile, &writing)?;
            saving::save(&path, &document.to_string())?;
            Ok(profile)
        })
    }
}
