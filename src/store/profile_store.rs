//! The directory of apps and profiles.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::encrypted::{self, KeyProvider, NoKeys};
use super::fs;
use super::fs::locks::WaitObserver;
use super::model::ProfileIdentity;
use super::name::Name;
use crate::files::leftovers::{self, LeftoverFilter};
use crate::sync::lock;
use crate::text::sanitize;
use crate::{Code, Error, NextStep, Result};

/// How many times a file is read, because it may change between its reading and its decryption.
pub(super) const MAX_READS: usize = 5;

/// The directories in which files are saved, but which are never listed; the empty path is the directory itself.
pub(super) const UNLISTED_DIRECTORIES: [&str; 4] = ["", "posts", "drafts", "keys"];

/// The locks between tasks of this process. The kernel's locks are for other processes: waiting for one blocks a thread.
type TaskLocks = Arc<Mutex<HashMap<Name, Arc<tokio::sync::Mutex<()>>>>>;

/// The directory of apps and profiles. Cheap to clone and to open.
#[derive(Clone, Debug)]
pub struct ProfileStore {
    pub(super) root: PathBuf,
    warnings: Arc<Mutex<Vec<String>>>,
    failures: Arc<Mutex<Vec<String>>>,
    pub(super) keys: Arc<dyn KeyProvider>,
    pub(super) task_locks: TaskLocks,
    /// The profiles as they were read here last: another process may rename one while a request is sent for it.
    pub(super) identities: Arc<Mutex<HashMap<Name, ProfileIdentity>>>,
    pub(super) wait_observer: WaitObserver,
    /// Secrets are read as empty, and no app or profile can be written.
    pub(super) omits_secrets: bool,
}

/// The content of a directory of the store.
#[derive(Default)]
pub(super) struct Listing {
    /// The names of its profiles or apps, sorted.
    pub(super) names: Vec<Name>,
    /// Those of them whose files are symbolic links.
    pub(super) links: Vec<Name>,
    /// The files with other names, sorted, with the directory.
    pub(super) misnamed: Vec<String>,
    /// The directories that its symbolic links refer to, where saves go.
    pub(super) link_directories: BTreeSet<PathBuf>,
}

impl Listing {
    pub(super) fn read(root: &Path, directory: &str) -> io::Result<Self> {
        let mut listing = Self::default();
        for entry in std::fs::read_dir(root.join(directory))? {
            let entry = entry?;
            let file = entry.file_name().to_string_lossy().into_owned();
            if leftovers::is_temporary(&file) {
                continue;
            }
            listing.link_directories.extend(fs::link_directory(&entry.path()));
            match file.strip_suffix(".toml").map(Name::parse) {
                Some(Ok(name)) => {
                    if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                        listing.links.push(name.clone());
                    }
                    listing.names.push(name);
                }
                _ => listing.misnamed.push(sanitize(&format!("{directory}/{file}"), 200)),
            }
        }
        listing.names.sort_unstable();
        listing.misnamed.sort_unstable();
        Ok(listing)
    }
}

impl ProfileStore {
    /// Opens the directory at `root`, which need not exist, and makes it private; see [`ProfileStore::take_warnings`].
    pub fn open(root: &Path) -> Result<Self> {
        let store = Self::open_unchecked(root);
        store.warn(fs::tighten_directory(root)?);
        Ok(store)
    }

    /// Opens the directory at `root` as it is: no mode is changed, nothing is refused.
    pub fn open_unchecked(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            warnings: Arc::default(),
            failures: Arc::default(),
            keys: Arc::new(NoKeys),
            task_locks: TaskLocks::default(),
            identities: Arc::default(),
            wait_observer: WaitObserver::default(),
            omits_secrets: false,
        }
    }

    /// Returns the store with a provider of the keys to encrypted fields.
    pub fn with_keys(mut self, keys: Arc<dyn KeyProvider>) -> Self {
        self.keys = keys;
        self
    }

    /// Returns the store with a function that is called with what a lock guards, once the wait for that lock is long.
    pub fn with_wait_observer(mut self, observe: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.wait_observer = WaitObserver(Some(Arc::new(observe)));
        self
    }

    /// Returns a store that reads secrets as empty, so that it never needs a key. It can write no apps and profiles.
    pub fn without_secrets(&self) -> Self {
        Self { omits_secrets: true, ..self.clone() }
    }

    pub(super) fn keys_for_reading(&self) -> Option<&dyn KeyProvider> {
        (!self.omits_secrets).then_some(&*self.keys)
    }

    fn warn(&self, warning: Option<String>) {
        lock(&self.warnings).extend(warning);
    }

    /// Records the failure of a side effect; the operation itself succeeded.
    pub(super) fn record_failure(&self, failure: String) {
        lock(&self.failures).push(failure);
    }

    pub(crate) fn record_if_failed(&self, result: Result<()>) {
        if let Err(error) = result {
            self.record_failure(error.to_string());
        }
    }

    /// Returns and clears the failures of side effects that were not reported yet.
    pub fn take_failures(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.failures))
    }

    /// Returns and clears the warnings that were not reported yet.
    pub fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.warnings))
    }

    /// Returns the directories whose files an interface shows, which need not exist.
    pub(crate) fn directories(&self) -> Vec<PathBuf> {
        ["", "apps", "profiles", "posts"].map(|directory| self.root.join(directory)).to_vec()
    }

    /// Returns the path of the file of `name` in a directory of the store.
    pub(super) fn file_path(&self, directory: &str, name: &Name) -> PathBuf {
        self.root.join(directory).join(format!("{name}.toml"))
    }

    pub(super) fn read(&self, path: &Path) -> Result<Option<String>> {
        let Some((text, warning)) = fs::read(path)? else { return Ok(None) };
        self.warn(warning);
        Ok(Some(text))
    }

    /// Reads and parses a file; `None` if it does not exist. It takes no lock and so never waits: a file that cannot be decrypted
    /// because its key was replaced in between is read again.
    pub(super) fn read_as<T>(&self, path: &Path, parse: impl Fn(&str) -> Result<T>) -> Result<Option<T>> {
        let Some(mut text) = self.read(path)? else { return Ok(None) };
        for _ in 1..MAX_READS {
            let parsed = parse(&text);
            if parsed.is_ok() || !encrypted::has_encrypted_field(&text) {
                return parsed.map(Some);
            }
            match self.read(path)? {
                Some(current) if current == text => return parsed.map(Some),
                Some(current) => text = current,
                None => return Ok(None),
            }
        }
        parse(&text).map(Some)
    }

    /// Lists a directory of the store, and deletes the temporary files that crashes left in it; with `profiles` also those in the
    /// directories that are never listed.
    pub(super) fn list(&self, directory: &str) -> Result<Listing> {
        let path = self.root.join(directory);
        let listing = match Listing::read(&self.root, directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Listing::default(),
            listing => listing.map_err(|error| fs::io_error("read", &path, &error))?,
        };
        let unlisted = UNLISTED_DIRECTORIES.iter().filter(|_| directory == "profiles");
        let unlisted: Vec<PathBuf> = unlisted.map(|directory| self.root.join(directory)).collect();
        for directory in listing.link_directories.iter().chain([&path]).chain(&unlisted) {
            // Listing works whether or not leftovers can be deleted.
            drop(leftovers::delete(directory, LeftoverFilter::Old));
        }
        Ok(listing)
    }

    /// Returns a sentence for each file that is not loaded because of its name, such as a conflict copy of a sync program.
    pub fn misnamed_files(&self) -> Result<Vec<String>> {
        let files = [self.list("profiles")?.misnamed, self.list("apps")?.misnamed].concat();
        Ok(files.into_iter().map(|file| format!("{file} is not loaded: its name is not valid.")).collect())
    }

    pub(super) fn not_found_error(&self, code: Code, kind: &str, name: &Name, existing: Result<Vec<Name>>) -> Error {
        let existing: Vec<String> = existing.unwrap_or_default().iter().map(ToString::to_string).collect();
        let message = format!("The {kind} {name} was not found.");
        if existing.is_empty() {
            return Error::new(code, message, format!("No {kind}s yet in {}.", self.root.display()))
                .with_next_step(NextStep::SignInToNewProfile);
        }
        Error::new(code, message, format!("Saved {kind}s: {}", sanitize(&existing.join(", "), 200)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn failures_are_taken_once() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        store.record_if_failed(Ok(()));
        store.record_if_failed(Err(Error::bad_input("It failed.", "")));
        assert_eq!(store.take_failures().len(), 1);
        assert_eq!(store.take_failures(), Vec::<String>::new());
    }

    #[test]
    fn a_directory_that_cannot_be_listed_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        assert_eq!(store.profile_names().unwrap(), []);
        std::fs::write(directory.path().join("profiles"), "").unwrap();
        assert_eq!(store.profile_names().unwrap_err().code, Code::Files);
    }

    #[test]
    fn only_an_encrypted_file_that_changed_is_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let path = directory.path().join("a.toml");
        let encrypted = |key: &str| format!("a = \"-----BEGIN AGE ENCRYPTED FILE-----{key}\"");
        // Returns what is read, and how many times it was parsed; `next` replaces the file while it is parsed first.
        let read = |first: &str, next: Option<&str>| {
            fs::save(&path, first).unwrap();
            let count = Cell::new(0);
            let result = store.read_as(&path, |text| {
                count.set(count.get() + 1);
                match next {
                    Some("") if count.get() == 1 => fs::delete(&path).unwrap(),
                    Some(next) if count.get() == 1 => fs::save(&path, next).unwrap(),
                    _ => {}
                }
                if text.contains("good") { Ok(text.to_owned()) } else { Err(Error::bad_input("", "")) }
            });
            (result.ok(), count.get())
        };
        assert_eq!(read("good", None), (Some(Some("good".to_owned())), 1));
        assert_eq!(read("bad", Some("good")), (None, 1));
        assert_eq!(read(&encrypted("bad"), None), (None, 1));
        assert_eq!(read(&encrypted("bad"), Some(&encrypted("good"))), (Some(Some(encrypted("good"))), 2));
        assert_eq!(read(&encrypted("bad"), Some("")), (Some(None), 1), "deleted meanwhile");
    }
}
