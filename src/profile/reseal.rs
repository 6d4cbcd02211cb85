//! Keeping all secrets of a folder another way: all files or none, and again after a kill.

use std::path::{Path, PathBuf};

use super::files::{self, Prepared, TEMPORARY};
use super::locks::Hold;
use super::sealed::{self, Protection};
use super::store::{SAVE_WAIT, Store};
use super::wire::{self, Writing};
use crate::{Code, Error, Result};

/// What keeping them another way came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// Apps and profiles in the folder.
    pub files: usize,
    /// Those that were kept otherwise before.
    pub changed: usize,
}

/// One file as it was and as it is to be.
struct Change {
    path: PathBuf,
    before: String,
    after: String,
}

impl Store {
    /// Rewrites every file so that its secrets are kept as `wanted`. Nobody else writes meanwhile.
    ///
    /// `key` sees to the key; it is told whether a file needs the one that is there. Everything is
    /// opened and the new files lie on the disk before `commit` tells new writes of it and the
    /// first file is replaced, so a failure up to there changes nothing. After a kill each file is
    /// the old or the new one and says so itself: all can be read, and the same call does the
    /// rest. `done` runs at the end, when no file needs another key any more.
    ///
    /// # Errors
    /// Those of any file: `file_damaged`, `file_newer`, `files`; `key_unavailable`,
    /// `wrong_passphrase`; `locked` while another process does the same; those of the steps given.
    pub fn reseal<T>(
        &self,
        wanted: Protection,
        key: impl FnOnce(bool) -> Result<()>,
        commit: impl FnOnce() -> Result<()>,
        done: impl FnOnce() -> T,
    ) -> Result<(Resealed, T)> {
        let _held = self.hold("storage", Hold::Alone, SAVE_WAIT)?;
        self.sweep()?;
        key(self.needs(wanted)?)?;
        let (files, changes) = self.changes(wanted)?;
        let mut prepared = Vec::with_capacity(changes.len());
        for change in &changes {
            prepared.push(files::prepare(&change.path, &change.after)?);
        }
        commit()?;
        replace(&changes, prepared)?;
        Ok((Resealed { files, changed: changes.len() }, done()))
    }

    /// Everything that is not kept as `wanted`, opened and written anew in memory.
    fn changes(&self, wanted: Protection) -> Result<(usize, Vec<Change>)> {
        let writing = match wanted {
            Protection::File => Writing::Plain,
            kind => Writing::Sealed(kind, self.keys.key(kind)?),
        };
        let (profiles, apps) = (self.profile_names()?, self.app_names()?);
        let mut changes = Vec::new();
        let mut add = |path: PathBuf, write: &dyn Fn(&mut toml_edit::DocumentMut, &str) -> Result<()>| -> Result<()> {
            let Some(before) = self.read(&path)? else { return Ok(()) };
            let mut document = wire::document(&path, Some(&before))?;
            let kept = wire::is_kept(&document, wanted);
            // What is sealed already must open too: a second run proves the first.
            write(&mut document, &before)?;
            if !kept {
                changes.push(Change { path, before, after: document.to_string() });
            }
            Ok(())
        };
        for name in &profiles {
            let path = self.profile_path(name);
            add(path.clone(), &|document, text| {
                let profile = wire::profile(&path, name, text, Some(&*self.keys))?;
                wire::write_profile(document, &profile, &writing)
            })?;
        }
        for name in &apps {
            let path = self.app_path(name);
            add(path.clone(), &|document, text| {
                let app = wire::app(&path, name, text, Some(&*self.keys))?;
                wire::write_app(document, &app, &writing)
            })?;
        }
        Ok((profiles.len() + apps.len(), changes))
    }

    /// Is a file sealed with a key of this kind?
    fn needs(&self, kind: Protection) -> Result<bool> {
        let profiles = self.profile_names()?.into_iter().map(|name| self.profile_path(&name));
        let apps = self.app_names()?.into_iter().map(|name| self.app_path(&name));
        for path in profiles.chain(apps) {
            let Some(text) = self.read(&path)? else { continue };
            if sealed::is_in(&text) && wire::is_sealed_by(&wire::document(&path, Some(&text))?, kind) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes what killed saves left: it may hold secrets in the old way. No save is under way now.
    fn sweep(&self) -> Result<()> {
        for folder in [self.root.clone(), self.root.join("profiles"), self.root.join("apps"), self.root.join("keys")] {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
                    files::delete(&entry.path())?;
                }
            }
        }
        Ok(())
    }
}

fn replace(changes: &[Change], prepared: Vec<Prepared>) -> Result<()> {
    for (done, (change, prepared)) in changes.iter().zip(prepared).enumerate() {
        let same = files::read(&change.path)?.is_some_and(|(text, _)| text == change.before);
        if !same {
            return Err(half_done(&change.path, done, changes.len()));
        }
        prepared.put()?;
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
