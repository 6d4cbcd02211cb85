//! The apps of a folder.

use super::files;
use super::sealed;
use super::store::{SAVE_WAIT, Store};
use super::types::{App, Name};
use super::wire;
use crate::{Code, Error, Result};

impl Store {
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
            Some(text) => wire::app(&path, name, &text, self.opener()),
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
        self.write_app(app, false)
    }

    /// Makes an app, never over one that another process made meanwhile.
    ///
    /// # Errors
    /// `bad_input` where the name is taken; as [`Store::put_app`].
    pub fn create_app(&self, app: &App) -> Result<()> {
        self.write_app(app, true)
    }

    fn write_app(&self, app: &App, only_new: bool) -> Result<()> {
        let _lock = self.lock(&format!("app-{}", app.name), SAVE_WAIT)?;
        let path = self.app_path(&app.name);
        let old = self.read(&path)?;
        if only_new && old.is_some() {
            return Err(Error::bad_input(
                format!("An app named {} already exists; it was not changed.", app.name),
                "Choose another name.",
            ));
        }
        if let Some(text) = &old {
            match wire::app(&path, &app.name, text, self.opener()) {
                Ok(old) if old == *app => return Ok(()),
                // What cannot be opened today may be tomorrow: it is not overwritten.
                Err(error) if sealed::is_in(text) => return Err(error),
                _ => {}
            }
        }
        let (_held, writing) = self.writing()?;
        let mut document = wire::document(&path, old.as_deref())?;
        wire::write_app(&mut document, app, &writing)?;
        files::save(&path, &document.to_string())
    }

    /// Deletes an app's file.
    ///
    /// # Errors
    /// `files`, `locked`.
    pub fn delete_app(&self, name: &Name) -> Result<()> {
        let _lock = self.lock(&format!("app-{name}"), SAVE_WAIT)?;
        let _held = self.not_resealing()?;
        files::delete(&self.app_path(name))
    }

    /// The profiles that belong to an app.
    ///
    /// # Errors
    /// `files`.
    pub fn profiles_of(&self, app: &Name) -> Result<Vec<Name>> {
        let readable = self.outline().profiles()?.into_iter().filter_map(|entry| entry.profile.ok());
        Ok(readable.filter(|profile| profile.app == *app).map(|profile| profile.name).collect())
    }
}
