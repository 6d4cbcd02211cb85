//! The apps of a folder.

use super::locks::LockId;
use super::store::ProfileStore;
use super::types::{App, Name};
use super::{files, format, saving, schema};
use crate::{Code, Error, Result};

impl ProfileStore {
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
        let app = self.opened(&path, |text| format::app(&path, name, text, self.opener()))?;
        app.ok_or_else(|| self.missing(Code::NoSuchApp, "app", name, self.app_names()))
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
        self.write_app(app, false)
    }

    /// Makes an app, never over one that another process made meanwhile.
    ///
    /// # Errors
    /// `bad_input` where the name is taken; as [`ProfileStore::put_app`].
    pub fn create_app(&self, app: &App) -> Result<()> {
        self.write_app(app, true)
    }

    fn write_app(&self, app: &App, only_new: bool) -> Result<()> {
        self.exclusive(&[LockId::App(app.name.clone())], |store| {
            let path = store.app_path(&app.name);
            if let Some(text) = store.read(&path)? {
                if only_new {
                    return Err(Error::bad_input(
                        format!("An app named {} already exists; it was not changed.", app.name),
                        "Choose another name.",
                    ));
                }
                match format::app(&path, &app.name, &text, store.opener()) {
                    Ok(old) if old == *app => return Ok(()),
                    // What cannot be opened today may be tomorrow: it is not overwritten.
                    Err(error) if format::says_encrypted(&text) => return Err(error),
                    _ => {}
                }
            }
            let (mut document, writing) = store.editable(&path)?;
            format::write_app(&mut document, app, &writing)?;
            saving::save(&path, &document.to_string())
        })
    }

    /// Deletes an app's file.
    ///
    /// # Errors
    /// `no_such_app`, `file_newer`, `files`, `locked`; `files` also where it is deleted and the disk did not confirm that.
    pub fn delete_app(&self, name: &Name) -> Result<()> {
        self.exclusive(&[LockId::App(name.clone())], |store| {
            let path = store.app_path(name);
            if !path.exists() && !path.is_symlink() {
                return Err(store.missing(Code::NoSuchApp, "app", name, store.app_names()));
            }
            if let Ok(Some(text)) = files::look(&path) {
                schema::check_deletable(&path, &text)?;
            }
            saving::delete(&path)
        })
    }

    /// The profiles that belong to an app.
    ///
    /// # Errors
    /// `files`.
    pub fn profiles_of(&self, app: &Name) -> Result<Vec<Name>> {
        let readable = self.without_secrets().profiles()?.into_iter().filter_map(|entry| entry.profile.ok());
        Ok(readable.filter(|profile| profile.app == *app).map(|profile| profile.name).collect())
    }
}
