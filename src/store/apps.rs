//! The apps of a directory.

use std::path::PathBuf;

use super::format::{self, app as file};
use super::fs;
use super::fs::locks::LockId;
use super::model::App;
use super::name::Name;
use super::profile_store::ProfileStore;
use crate::{Code, Error, Result};

impl ProfileStore {
    pub(super) fn app_path(&self, name: &Name) -> PathBuf {
        self.file_path("apps", name)
    }

    pub fn app_names(&self) -> Result<Vec<Name>> {
        Ok(self.list("apps")?.names)
    }

    pub fn app(&self, name: &Name) -> Result<App> {
        let path = self.app_path(name);
        let app = self.read_as(&path, |text| file::read(&path, name, text, self.reading_keys()))?;
        app.ok_or_else(|| self.no_such_app(name))
    }

    fn no_such_app(&self, name: &Name) -> Error {
        self.not_found(Code::NoSuchApp, "app", name, self.app_names())
    }

    /// Reads all apps, sorted, without the unreadable ones.
    pub fn apps(&self) -> Result<Vec<App>> {
        Ok(self.app_names()?.iter().filter_map(|name| self.app(name).ok()).collect())
    }

    pub fn save_app(&self, app: &App) -> Result<()> {
        self.write_app(app, false)
    }

    /// Creates an app, never over an existing one.
    pub fn create_app(&self, app: &App) -> Result<()> {
        self.write_app(app, true)
    }

    fn write_app(&self, app: &App, must_be_new: bool) -> Result<()> {
        self.exclusive(&[LockId::App(app.name.clone())], |store| {
            let path = store.app_path(&app.name);
            if let Some(text) = store.read(&path)? {
                if must_be_new {
                    return Err(Error::bad_input(
                        format!("An app named {} already exists; it was not changed.", app.name),
                        "Choose another name.",
                    ));
                }
                match file::read(&path, &app.name, &text, store.reading_keys()) {
                    Ok(old) if old == *app => return Ok(()),
                    // What cannot be decrypted now may be decrypted later: it is not overwritten.
                    Err(error) if format::mentions_encryption(&text) => return Err(error),
                    _ => {}
                }
            }
            let (mut document, secrets) = store.editable(&path)?;
            file::write(&mut document, app, &secrets)?;
            fs::save(&path, &document.to_string())
        })
    }

    pub fn delete_app(&self, name: &Name) -> Result<()> {
        self.exclusive(&[LockId::App(name.clone())], |store| {
            let path = store.app_path(name);
            if !path.exists() && !path.is_symlink() {
                return Err(store.no_such_app(name));
            }
            if let Ok(Some(text)) = fs::read_untouched(&path) {
                format::check_deletable(&path, &text)?;
            }
            fs::delete(&path)
        })
    }

    pub fn profiles_of(&self, app: &Name) -> Result<Vec<Name>> {
        let readable = self.without_secrets().profiles()?.into_iter().filter_map(|entry| entry.profile.ok());
        Ok(readable.filter(|profile| profile.app == *app).map(|profile| profile.name).collect())
    }
}
