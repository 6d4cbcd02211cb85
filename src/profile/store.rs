//! All apps and profiles of one folder.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::files::{self, TEMPORARY};
use super::locks::{Hold, ProfileLock, take};
use super::sealed::{self, KeyHolder, NoKeys, Protection};
use super::types::{Name, Profile};
use super::wire::{self, Writing};
use crate::{Code, Error, Result};

/// How long a plain save waits for another process's.
pub(super) const SAVE_WAIT: Duration = Duration::from_secs(35);

/// How long a save waits while all files are sealed anew.
const RESEAL_WAIT: Duration = Duration::from_secs(120);

/// Room for a new token, sealed, beside what a file holds already.
const ROOM: usize = 16 * 1024;

/// A temporary file older than this was left by a crash.
pub(super) const STALE: Duration = Duration::from_secs(3600);

/// The folder of apps and profiles. Cheap to clone; opening it reads next to nothing.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) root: PathBuf,
    warnings: Arc<Mutex<Vec<String>>>,
    pub(super) keys: Arc<dyn KeyHolder>,
    /// Reads leave secrets out, and nothing is written.
    outline: bool,
}

/// A profile's name and what its file gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file's name.
    pub name: Name,
    /// The profile, or why it cannot be used.
    pub profile: Result<Profile>,
}

impl Store {
    /// Opens the folder at `root`, which need not exist. An open mode is tightened and told by
    /// [`Store::warnings`].
    ///
    /// # Errors
    /// `files` when it belongs to somebody else or is no folder.
    pub fn open(root: &Path) -> Result<Self> {
        let store = Self::found(root);
        store.note(files::tighten_folder(root)?);
        Ok(store)
    }

    /// The folder at `root` as it is found: no mode is tightened, nothing is refused.
    #[must_use]
    pub fn found(root: &Path) -> Self {
        Self { root: root.to_owned(), warnings: Arc::default(), keys: Arc::new(NoKeys), outline: false }
    }

    /// The same folder with somebody who holds the keys to sealed fields.
    #[must_use]
    pub fn with_keys(mut self, keys: Arc<dyn KeyHolder>) -> Self {
        self.keys = keys;
        self
    }

    /// The same folder for looking only: all but the secrets is read, so that no key is asked
    /// for, and nothing of it can be written back.
    #[must_use]
    pub fn outline(&self) -> Self {
        Self { outline: true, ..self.clone() }
    }

    /// Could a new token of this profile be saved now, and its app? Better told before LinkedIn is asked: a token that has
    /// nowhere to go is lost, and a refresh token that it replaces with it. Tries with a little more than there is, and leaves
    /// nothing.
    ///
    /// # Errors
    /// `key_unavailable`, `wrong_passphrase`; `file_newer`, `file_damaged`; `files` for a folder or a disk that takes no more.
    pub fn can_save(&self, name: &Name, app: &Name) -> Result<()> {
        let (_held, _writing) = self.writing()?;
        for path in [self.app_path(app), self.profile_path(name)] {
            let text = self.read(&path)?.unwrap_or_default();
            wire::document(&path, Some(&text))?;
            files::prepare(&path, &(text + &" ".repeat(ROOM)))?;
        }
        Ok(())
    }

    /// Who opens sealed fields; nobody in an outline.
    pub(super) fn opener(&self) -> Option<&dyn KeyHolder> {
        (!self.outline).then_some(&*self.keys)
    }

    /// How to write now. It holds while the file is kept open: nobody seals all files anew meanwhile.
    pub(super) fn writing(&self) -> Result<(std::fs::File, Writing)> {
        if self.outline {
            return Err(Error::new(Code::Unexpected, "An outline of the files cannot be written back.", ""));
        }
        let held = self.not_resealing()?;
        let writing = match self.keys.wanted()? {
            Protection::File => Writing::Plain,
            kind => Writing::Sealed(kind, self.keys.key(kind)?),
        };
        Ok((held, writing))
    }

    pub(super) fn not_resealing(&self) -> Result<std::fs::File> {
        self.hold("storage", Hold::Shared, RESEAL_WAIT)
    }

    fn note(&self, warning: Option<String>) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).extend(warning);
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
        let (mut names, mut odd) = (Vec::new(), Vec::new());
        for entry in entries {
            let entry = entry.map_err(|error| files::failed("read", &path, &error))?;
            let file = entry.file_name().to_string_lossy().into_owned();
            if file.starts_with(TEMPORARY) {
                let age = entry
                    .metadata()
                    .and_then(|about| about.modified())
                    .ok()
                    .and_then(|at| SystemTime::now().duration_since(at).ok());
                if age.is_some_and(|age| age > STALE) {
                    // Left by a crash; a failure to remove it harms nobody.
                    drop(std::fs::remove_file(entry.path()));
                }
            } else if let Some(Ok(name)) = file.strip_suffix(".toml").map(Name::parse) {
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
    pub fn oddities(&self) -> Result<Vec<String>> {
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
        match self.read(&path)? {
            Some(text) => wire::profile(&path, name, &text, self.opener()),
            // A link that leads nowhere is no missing profile.
            None => Err(files::target(&path)
                .err()
                .unwrap_or_else(|| self.missing(Code::NoSuchProfile, "profile", name, self.profile_names()))),
        }
    }

    pub(super) fn missing(&self, code: Code, what: &str, name: &Name, known: Result<Vec<Name>>) -> Error {
        let known: Vec<String> = known.unwrap_or_default().iter().map(ToString::to_string).collect();
        let hint = match known.len() {
            0 => format!("There is none yet in {}. Make one: linkedin-tui login", self.root.display()),
            _ => format!("There are: {}", crate::text::clean(&known.join(", "), 200)),
        };
        Error::new(code, format!("There is no {what} called {name}."), hint)
    }

    /// All profiles, sorted; a damaged file costs one of them.
    ///
    /// # Errors
    /// `files` when the folder cannot be read.
    pub fn profiles(&self) -> Result<Vec<Entry>> {
        let entry = |name: Name| Entry { profile: self.profile(&name), name };
        Ok(self.profile_names()?.into_iter().map(entry).collect())
    }

    pub(super) fn lock(&self, key: &str, wait: Duration) -> Result<std::fs::File> {
        self.hold(key, Hold::Alone, wait)
    }

    pub(super) fn hold(&self, key: &str, hold: Hold, wait: Duration) -> Result<std::fs::File> {
        let folder = self.root.join("locks");
        files::make_folder(&folder)?;
        take(&folder.join(format!("{key}.lock")), key, hold, wait)
    }

    /// Takes a profile's lock, for a read-modify-write that takes long (a refresh).
    ///
    /// # Errors
    /// `locked` after `wait`; `files`.
    pub fn lock_profile(&self, name: &Name, wait: Duration) -> Result<ProfileLock> {
        Ok(ProfileLock { name: name.clone(), _file: self.lock(&format!("profile-{name}"), wait)? })
    }

    /// Takes the lock of a profile's deliveries, which another process may hold for long.
    ///
    /// # Errors
    /// `locked` after `wait`; `files`.
    pub fn lock_deliveries(&self, name: &Name, wait: Duration) -> Result<ProfileLock> {
        Ok(ProfileLock { name: name.clone(), _file: self.lock(&format!("deliver-{name}"), wait)? })
    }

    fn write_profile(&self, profile: &Profile) -> Result<()> {
        let (_held, writing) = self.writing()?;
        let path = self.profile_path(&profile.name);
        let mut document = wire::document(&path, self.read(&path)?.as_deref())?;
        wire::write_profile(&mut document, profile, &writing)?;
        files::save(&path, &document.to_string())
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
        let lock = self.lock_profile(name, SAVE_WAIT)?;
        let mut given = None;
        let profile = self.update_locked(&lock, |profile| {
            given = Some(change(profile)?);
            Ok(())
        })?;
        given.map(|given| (profile, given)).ok_or_else(|| Error::new(Code::Unexpected, "The change was lost.", ""))
    }

    /// The same under a lock that is held already.
    ///
    /// # Errors
    /// As [`Store::update_profile`].
    pub fn update_locked(
        &self,
        lock: &ProfileLock,
        change: impl FnOnce(&mut Profile) -> Result<()>,
    ) -> Result<Profile> {
        let mut profile = self.profile(&lock.name)?;
        let before = profile.clone();
        change(&mut profile)?;
        if profile != before {
            self.write_profile(&profile)?;
        }
        Ok(profile)
    }

    /// Makes a profile, or changes the one that is there, under its lock.
    ///
    /// # Errors
    /// As [`Store::update_profile`].
    pub fn put_profile(&self, new: Profile, change: impl FnOnce(&mut Profile)) -> Result<Profile> {
        let name = new.name.clone();
        let _lock = self.lock_profile(&name, SAVE_WAIT)?;
        let mut profile = match self.profile(&name) {
            Err(error) if error.code == Code::NoSuchProfile => new,
            found => found?,
        };
        change(&mut profile);
        self.write_profile(&profile)?;
        Ok(profile)
    }

    /// Gives a profile another name; the active one stays active.
    ///
    /// # Errors
    /// `bad_input` where the new name is taken; as [`Store::profile`].
    pub fn rename_profile(&self, old: &Name, new: &Name) -> Result<()> {
        let _lock = self.lock_profile(old, SAVE_WAIT)?;
        let _other = if old == new { None } else { Some(self.lock_profile(new, SAVE_WAIT)?) };
        let (from, to) = (self.profile_path(old), self.profile_path(new));
        let profile = self.profile(old)?;
        let text = self.read(&from)?.unwrap_or_default();
        let sealed = sealed::is_in(&text);
        let renamed = Profile { name: new.clone(), ..profile };
        // A rename that was killed between its two steps left both names with the same token.
        let half_done = sealed && old != new && to.exists() && self.profile(new)? == renamed;
        if to.exists() && !half_done {
            return Err(Error::bad_input(format!("There is a profile called {new} already."), "Choose another name."));
        }
        if sealed {
            // Sealed fields carry the name: they are sealed anew, saved, and only then is the old file deleted.
            let (_held, writing) = self.writing()?;
            let mut document = wire::document(&from, Some(&text))?;
            wire::write_profile(&mut document, &renamed, &writing)?;
            files::save(&to, &document.to_string())?;
            files::delete(&from)?;
        } else {
            let _held = self.not_resealing()?;
            std::fs::rename(&from, &to).map_err(|error| files::failed("renamed", &from, &error))?;
        }
        self.move_companions(old, new)?;
        if self.active()?.as_ref() == Some(old) {
            self.set_active(Some(new))?;
        }
        Ok(())
    }

    /// Deletes a profile's file, whatever is in it; the active one is forgotten with it.
    ///
    /// # Errors
    /// `no_such_profile`, `files`.
    pub fn delete_profile(&self, name: &Name) -> Result<()> {
        let _lock = self.lock_profile(name, SAVE_WAIT)?;
        let path = self.profile_path(name);
        if !path.exists() && !path.is_symlink() {
            return Err(self.missing(Code::NoSuchProfile, "profile", name, self.profile_names()));
        }
        if let Ok(Some(text)) = files::look(&path)
            && let Err(error) = wire::document(&path, Some(&text))
            && error.code == Code::FileNewer
        {
            return Err(error);
        }
        let held = self.not_resealing()?;
        files::delete(&path)?;
        drop(held);
        self.delete_companions(name)?;
        if self.active()?.as_ref() == Some(name) {
            self.set_active(None)?;
        }
        Ok(())
    }

    /// The active profile.
    ///
    /// # Errors
    /// `file_damaged`, `files`.
    pub fn active(&self) -> Result<Option<Name>> {
        let path = self.root.join("state.toml");
        let Some(text) = self.read(&path)? else { return Ok(None) };
        let state: wire::StateFile = wire::parse(&path, &text)?;
        Ok(state.active.and_then(|name| Name::parse(&name).ok()))
    }

    /// Chooses the active profile.
    ///
    /// # Errors
    /// `file_damaged`, `file_newer`, `files`, `locked`.
    pub fn set_active(&self, name: Option<&Name>) -> Result<()> {
        self.change_state(|document| wire::write_active(document, name))
    }

    /// What is ticked in the app guide.
    ///
    /// # Errors
    /// `file_damaged`, `files`.
    pub fn guide(&self) -> Result<Vec<String>> {
        let path = self.root.join("state.toml");
        let Some(text) = self.read(&path)? else { return Ok(Vec::new()) };
        Ok(wire::parse::<wire::StateFile>(&path, &text)?.guide)
    }

    /// Keeps what is ticked in the app guide.
    ///
    /// # Errors
    /// `file_damaged`, `file_newer`, `files`, `locked`.
    pub fn set_guide(&self, ticks: &[String]) -> Result<()> {
        self.change_state(|document| wire::write_guide(document, ticks))
    }

    pub(super) fn change_state(&self, change: impl FnOnce(&mut toml_edit::DocumentMut)) -> Result<()> {
        let _lock = self.lock("state", SAVE_WAIT)?;
        let path = self.root.join("state.toml");
        let mut document = wire::document(&path, self.read(&path)?.as_deref())?;
        change(&mut document);
        files::save(&path, &document.to_string())
    }
}
