//! Storing all secrets of a folder another way: all files or none, and again after a kill.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::encrypted::{self, CachedKeys, Encryption, Key, KeyProvider};
use super::files;
use super::format::{self, Writing};
use super::saving::{self, Prepared};
use super::store::ProfileStore;
use crate::files::leftovers::{self, Leftovers};
use crate::{Code, Error, Result};

/// How often the key is prepared again because another process changed something meanwhile.
const MAX_ATTEMPTS: usize = 5;

/// What storing them another way came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reencrypted {
    /// Apps and profiles in the folder.
    pub files: usize,
    /// Those that were stored otherwise before.
    pub changed: usize,
}

/// The key's side of storing all secrets another way. A person and a keyring are asked in [`KeyChange::prepare`], while no lock
/// is held; the other steps run while nobody else can write a secret, and must be quick.
pub trait KeyChange {
    /// A key that nothing is encrypted with yet.
    type Prepared;

    /// Gets the key that files need, where `in_use`, else that one or a new one. Nothing that others see is changed.
    ///
    /// # Errors
    /// `key_unavailable`, `wrong_passphrase`, `bad_input`, `files`.
    fn prepare(&self, in_use: bool) -> Result<Self::Prepared>;

    /// The key; `None` where none is wanted.
    fn key(prepared: &Self::Prepared) -> Option<Key>;

    /// Is it still the key to use? Another process may have made one meanwhile.
    fn is_current(&self, prepared: &Self::Prepared) -> bool;

    /// Makes the key the one in use, and the wanted way the one for new files. All files lie ready.
    ///
    /// # Errors
    /// `files`, those of the settings. Nothing is changed then.
    fn commit(&self, prepared: &Self::Prepared) -> Result<()>;

    /// Throws away a key that was not used.
    fn discard(&self, prepared: Self::Prepared);
}

/// One file as it was and as it is to be.
struct Change {
    path: PathBuf,
    before: String,
    after: String,
}

impl ProfileStore {
    /// Rewrites every file so that its secrets are stored as `wanted`. Nobody else writes meanwhile.
    ///
    /// Everything is opened and the new files lie on the disk before the key is committed and the first file is replaced, so a
    /// failure up to there changes nothing. After a kill each file is the old or the new one and says so itself: all can be
    /// read, and the same call does the rest. `done` runs at the end, when no file needs another key any more.
    ///
    /// # Errors
    /// Those of any file: `file_damaged`, `file_newer`, `files`; those of the key; `locked` while another process does the same.
    pub fn reencrypt<K: KeyChange, T>(
        &self,
        wanted: Encryption,
        change: &K,
        done: impl FnOnce() -> T,
    ) -> Result<(Reencrypted, T)> {
        for _ in 0..MAX_ATTEMPTS {
            for kind in self.encryptions()?.into_iter().filter(|kind| *kind != wanted) {
                self.keys.key(kind)?;
            }
            let in_use = self.encryptions()?.contains(&wanted);
            let prepared = change.prepare(in_use)?;
            let tried = self.try_reencrypt(wanted, change, &prepared, in_use);
            match tried {
                Ok(Some(reencrypted)) => {
                    let (reencrypted, locks) = reencrypted;
                    let done = done();
                    drop(locks);
                    return Ok((reencrypted, done));
                }
                Ok(None) => change.discard(prepared),
                Err(error) => {
                    change.discard(prepared);
                    return Err(error);
                }
            }
        }
        Err(Error::new(
            Code::Locked,
            "Another linkedin-tui changed how secrets are stored again and again meanwhile.",
            "Try again when it is done.",
        ))
    }

    /// `None` where the key that was prepared is not the right one any more.
    fn try_reencrypt<K: KeyChange>(
        &self,
        wanted: Encryption,
        change: &K,
        prepared: &K::Prepared,
        in_use: bool,
    ) -> Result<Option<(Reencrypted, [std::fs::File; 2])>> {
        let locks = self.storage_alone()?;
        if !change.is_current(prepared) || self.encryptions()?.contains(&wanted) != in_use {
            return Ok(None);
        }
        self.sweep()?;
        let key = K::key(prepared);
        let at_hand = Arc::new(CachedKeys::new(Arc::clone(&self.keys), key.clone().map(|key| (wanted, key))));
        let keys: Arc<dyn KeyProvider> = Arc::<CachedKeys>::clone(&at_hand);
        let writing = key.map_or(Writing::Plain, |key| Writing::Encrypted(wanted, key));
        let (files, changes) = match (Self { keys, ..self.clone() }).changes(wanted, &writing) {
            Err(_) if at_hand.missing().is_some() => return Ok(None),
            changes => changes?,
        };
        let mut ready = Vec::with_capacity(changes.len());
        for change in &changes {
            ready.push(saving::prepare(&change.path, &change.after)?);
        }
        change.commit(prepared)?;
        replace(&changes, ready)?;
        Ok(Some((Reencrypted { files, changed: changes.len() }, locks)))
    }

    /// Everything that is not stored as `wanted`, opened and written anew in memory.
    fn changes(&self, wanted: Encryption, writing: &Writing) -> Result<(usize, Vec<Change>)> {
        let (profiles, apps) = (self.profile_names()?, self.app_names()?);
        let mut changes = Vec::new();
        let mut add = |path: PathBuf, write: &dyn Fn(&mut toml_edit::DocumentMut, &str) -> Result<()>| -> Result<()> {
            let Some(before) = self.read(&path)? else { return Ok(()) };
            let mut document = format::document(&path, Some(&before))?;
            let kept = format::is_kept(&document, wanted);
            // What is encrypted already must open too: a second run proves the first.
            write(&mut document, &before)?;
            if !kept {
                changes.push(Change { path, before, after: document.to_string() });
            }
            Ok(())
        };
        for name in &profiles {
            let path = self.profile_path(name);
            add(path.clone(), &|document, text| {
                let profile = format::profile(&path, name, text, Some(&*self.keys))?;
                format::write_profile(document, &profile, writing)
            })?;
        }
        for name in &apps {
            let path = self.app_path(name);
            add(path.clone(), &|document, text| {
                let app = format::app(&path, name, text, Some(&*self.keys))?;
                format::write_app(document, &app, writing)
            })?;
        }
        Ok((profiles.len() + apps.len(), changes))
    }

    /// The files of all apps and profiles.
    fn secret_files(&self) -> Result<Vec<PathBuf>> {
        let profiles = self.profile_names()?.into_iter().map(|name| self.profile_path(&name));
        let apps = self.app_names()?.into_iter().map(|name| self.app_path(&name));
        Ok(profiles.chain(apps).collect())
    }

    /// The kinds of encryption that files have.
    fn encryptions(&self) -> Result<Vec<Encryption>> {
        let mut found = Vec::new();
        for path in self.secret_files()? {
            let Some(text) = self.read(&path)? else { continue };
            if encrypted::is_in(&text)
                && let Some(kind) = format::encryption(&format::document(&path, Some(&text))?)
                && !found.contains(&kind)
            {
                found.push(kind);
            }
        }
        Ok(found)
    }

    /// Removes what killed saves left: it may hold secrets in the old way. No secret is being saved now, at least not here; in
    /// the folders that links lead to another one may be.
    fn sweep(&self) -> Result<()> {
        let own = ["profiles", "apps"].map(|folder| (self.root.join(folder), Leftovers::All));
        let shared = [self.root.clone(), self.root.join("keys")].map(|folder| (folder, Leftovers::Unlocked));
        let linked = self.secret_files()?.into_iter().chain([self.root.join("config.toml")]);
        let linked = linked
            .filter(|path| path.is_symlink())
            .filter_map(|path| Some((std::fs::canonicalize(path).ok()?.parent()?.to_owned(), Leftovers::Unlocked)));
        for (folder, which) in own.into_iter().chain(shared).chain(linked) {
            if let Some((path, error)) = leftovers::sweep(&folder, which) {
                return Err(files::failed("deleted", &path, &error));
            }
        }
        Ok(())
    }
}

fn replace(changes: &[Change], ready: Vec<Prepared>) -> Result<()> {
    for (done, (change, ready)) in changes.iter().zip(ready).enumerate() {
        let same = files::read(&change.path)?.is_some_and(|(text, _)| text == change.before);
        if !same {
            return Err(half_done(&change.path, done, changes.len()));
        }
        ready.put()?;
    }
    Ok(())
}

/// Somebody edited a file by hand in this very moment: their edit stays.
fn half_done(path: &Path, done: usize, all: usize) -> Error {
    Error::new(
        Code::Files,
        format!("{} was changed by another program meanwhile; {done} of {all} files are done.", path.display()),
        "Run the same command again: it does the rest.",
    )
}
