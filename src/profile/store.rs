//! All apps and profiles of one folder.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::files::{self, TEMPORARY};
use super::locks::{ProfileLock, take};
use super::types::{App, Name, Profile};
use super::wire;
use crate::{Code, Error, Result};

/// How long a plain save waits for another process's.
pub(super) const SAVE_WAIT: Duration = Duration::from_secs(35);

/// A temporary file older than this was left by a crash.
const STALE: Duration = Duration::from_secs(3600);

/// The folder of apps and profiles. Cheap to clone; opening it reads next to nothing.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) root: PathBuf,
    warnings: Arc<Mutex<Vec<String>>>,
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
        let store = Self { root: root.to_owned(), warnings: Arc::default() };
        store.note(files::tighten_folder(root)?);
        Ok(store)
    }

    fn note(&self, warning: Option<String>) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).extend(warning);
    }

    /// What people should know and have not been told; emptied by the call.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn app_path(&self, name: &Name) -> PathBuf {
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
    fn listed(&self, folder: &str) -> Result<(Vec<Name>, Vec<String>)> {
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
            Some(text) => wire::profile(&path, name, &text),
            None => Err(self.missing(Code::NoSuchProfile, "profile", name, self.profile_names())),
        }
    }

    fn missing(&self, code: Code, what: &str, name: &Name, known: Result<Vec<Name>>) -> Error {
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
        let folder = self.root.join("locks");
        files::make_folder(&folder)?;
        take(&folder.join(format!("{key}.lock")), key, wait)
    }

    /// Takes a profile's lock, for a read-modify-write that takes long (a refresh).
    ///
    /// # Errors
    /// `locked` after `wait`; `files`.
    pub fn lock_profile(&self, name: &Name, wait: Duration) -> Result<ProfileLock> {
        Ok(ProfileLock { name: name.clone(), _file: self.lock(&format!("profile-{name}"), wait)? })
    }

    fn write_profile(&self, profile: &Profile) -> Result<()> {
        let path = self.profile_path(&profile.name);
        let mut document = wire::document(&path, self.read(&path)?.as_deref())?;
        wire::write_profile(&mut document, profile);
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
        self.profile(old)?;
        let (from, to) = (self.profile_path(old), self.profile_path(new));
        if to.exists() {
            return Err(Error::bad_input(format!("There is a profile called {new} already."), "Choose another name."));
        }
        std::fs::rename(&from, &to).map_err(|error| files::failed("renamed", &from, &error))?;
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
        files::delete(&path)?;
        self.delete_companions(name)?;
        if self.active()?.as_ref() == Some(name) {
            self.set_active(None)?;
        }
        Ok(())
    }

    /// All apps' names, sorted.
    ///
    /// # Errors
    /// `files`.
    pub fn app_names(&self) -> Result<Vec<Name>> {
        Ok(self.listed("apps")?.0)
    }

    /// One app.
    ///
    /// # Errors
    /// `no_such_app`, `file_damaged`, `files`.
    pub fn app(&self, name: &Name) -> Result<App> {
        let path = self.app_path(name);
        match self.read(&path)? {
            Some(text) => wire::app(&path, name, &text),
            None => Err(self.missing(Code::NoSuchApp, "app", name, self.app_names())),
        }
    }

    /// All apps that can be read, sorted.
    ///
    /// # Errors
    /// `files`.
    pub fn apps(&self) -> Result<Vec<App>> {
        Ok(self.app_names()?.iter().filter_map(|name| self.app(name).ok()).collect())
    }

    /// Makes or changes an app.
    ///
    /// # Errors
    /// `file_damaged`, `file_newer`, `files`, `locked`.
    pub fn put_app(&self, app: &App) -> Result<()> {
        let _lock = self.lock(&format!("app-{}", app.name), SAVE_WAIT)?;
        let path = self.app_path(&app.name);
        let old = self.read(&path)?;
        if let Some(text) = &old
            && wire::app(&path, &app.name, text).is_ok_and(|old| old == *app)
        {
            return Ok(());
        }
        let mut document = wire::document(&path, old.as_deref())?;
        wire::write_app(&mut document, app);
        files::save(&path, &document.to_string())
    }

    /// Deletes an app's file.
    ///
    /// # Errors
    /// `files`, `locked`.
    pub fn delete_app(&self, name: &Name) -> Result<()> {
        let _lock = self.lock(&format!("app-{name}"), SAVE_WAIT)?;
        files::delete(&self.app_path(name))
    }

    /// The profiles that belong to an app.
    ///
    /// # Errors
    /// `files`.
    pub fn profiles_of(&self, app: &Name) -> Result<Vec<Name>> {
        let readable = self.profiles()?.into_iter().filter_map(|entry| entry.profile.ok());
        Ok(readable.filter(|profile| profile.app == *app).map(|profile| profile.name).collect())
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

    fn change_state(&self, change: impl FnOnce(&mut toml_edit::DocumentMut)) -> Result<()> {
        let _lock = self.lock("state", SAVE_WAIT)?;
        let path = self.root.join("state.toml");
        let mut document = wire::document(&path, self.read(&path)?.as_deref())?;
        change(&mut document);
        files::save(&path, &document.to_string())
    }
}
