//! The apps of a directory.

use std::path::PathBuf;

use super::format::{self, app as app_format, profile as profile_format};
use super::fs;
use super::fs::locks::LockId;
use super::model::App;
use super::name::Name;
use super::profile_store::ProfileStore;
use super::profiles::Entry;
use crate::{Code, Error, Result};

/// What happens if an app of this name exists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IfExists {
    Replace,
    Fail,
}

impl ProfileStore {
    pub(super) fn app_path(&self, name: &Name) -> PathBuf {
        self.file_path("apps", name)
    }

    pub fn app_names(&self) -> Result<Vec<Name>> {
        Ok(self.list("apps")?.names)
    }

    pub fn app(&self, name: &Name) -> Result<App> {
        let path = self.app_path(name);
        let app = self.read_as(&path, |text| app_format::read(&path, name, text, self.keys_for_reading()))?;
        app.ok_or_else(|| self.no_such_app_error(name))
    }

    fn no_such_app_error(&self, name: &Name) -> Error {
        self.not_found_error(Code::NoSuchApp, "app", name, self.app_names())
    }

    /// Reads all apps, sorted, without the unreadable ones.
    pub fn apps(&self) -> Result<Vec<App>> {
        Ok(self.app_names()?.iter().filter_map(|name| self.app(name).ok()).collect())
    }

    pub fn save_app(&self, app: &App) -> Result<()> {
        self.write_app(app, IfExists::Replace)
    }

    /// Creates an app, never over an existing one.
    pub fn create_app(&self, app: &App) -> Result<()> {
        self.write_app(app, IfExists::Fail)
    }

    fn write_app(&self, app: &App, if_exists: IfExists) -> Result<()> {
        self.with_locks(&[LockId::App(app.name.clone())], |store| {
            let path = store.app_path(&app.name);
            if let Some(text) = store.read(&path)? {
                if if_exists == IfExists::Fail {
                    return Err(Error::bad_input(
                        format!("An app named {} already exists; it was not changed.", app.name),
                        "Choose another name.",
                    ));
                }
                match app_format::read(&path, &app.name, &text, store.keys_for_reading()) {
                    Ok(old) if old == *app => return Ok(()),
                    // What cannot be decrypted now may be decrypted later: it is not overwritten.
                    Err(error) if format::mentions_encryption(&text) => return Err(error),
                    _ => {}
                }
            }
            let (mut document, secrets) = store.open_for_editing(&path)?;
            app_format::write(&mut document, app, &secrets)?;
            fs::save(&path, &document.to_string())
        })
    }

    /// Returns the file that an app's path is a symbolic link to: deleting the app deletes the link only.
    pub fn app_link_target(&self, name: &Name) -> Option<PathBuf> {
        std::fs::read_link(self.app_path(name)).ok()
    }

    /// Deletes an app, even an unreadable one.
    pub fn delete_app(&self, name: &Name) -> Result<()> {
        self.with_locks(&[LockId::App(name.clone())], |store| {
            let path = store.app_path(name);
            if !path.exists() && !path.is_symlink() {
                return Err(store.no_such_app_error(name));
            }
            if let Ok(Some(text)) = fs::read_text_keeping_mode(&path) {
                format::check_is_not_newer(&path, &text)?;
            }
            fs::delete(&path)
        })
    }

    /// Returns the names of the readable profiles that use `app`.
    pub fn profiles_with_app(&self, app: &Name) -> Result<Vec<Name>> {
        let readable = self.without_secrets().profiles()?.into_iter().filter_map(|entry| entry.profile.ok());
        Ok(readable.filter(|profile| profile.app == *app).map(|profile| profile.name).collect())
    }

    /// Returns a profile that cannot be read, and why, unless its file still names a different app.
    pub fn unreadable_profile_with_app(&self, app: &Name) -> Result<Option<(Name, Error)>> {
        for Entry { name, profile } in self.without_secrets().profiles()? {
            let Err(error) = profile else { continue };
            let path = self.profile_path(&name);
            let Ok(Some(text)) = fs::read_text_keeping_mode(&path) else { return Ok(Some((name, error))) };
            if profile_format::app_of_damaged(&text).is_none_or(|named| named == app.as_str()) {
                // Whether it can be deleted is the more useful reason.
                let error = format::check_is_not_newer(&path, &text).err().unwrap_or(error);
                return Ok(Some((name, error)));
            }
        }
        Ok(None)
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkedin::{Flow, RedirectUrl};

    #[test]
    fn only_an_existing_app_is_deleted() {
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let name = Name::parse("my-app").unwrap();
        assert_eq!(store.delete_app(&name).unwrap_err().code, Code::NoSuchApp);
        std::fs::create_dir(directory.path().join("apps")).unwrap();
        std::os::unix::fs::symlink("nowhere", store.app_path(&name)).unwrap();
        store.delete_app(&name).unwrap();
        assert!(!store.app_path(&name).is_symlink(), "a dangling link is deleted too");
    }

    #[test]
    fn app_is_written_only_if_it_changed() {
        use std::os::unix::fs::MetadataExt as _;
        let directory = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let mut app = App {
            name: Name::parse("my-app").unwrap(),
            client_id: "86".to_owned(),
            client_secret: None,
            redirect_url: RedirectUrl::parse("http://localhost:3000/callback").unwrap(),
            flow: Flow::Standard,
        };
        let path = store.app_path(&app.name);
        store.create_app(&app).unwrap();
        let inode = path.metadata().unwrap().ino();
        store.save_app(&app).unwrap();
        assert_eq!(path.metadata().unwrap().ino(), inode, "an equal app is not written");
        assert_eq!(store.create_app(&app).unwrap_err().code, Code::BadInput);
        app.client_id = "87".to_owned();
        store.save_app(&app).unwrap();
        assert_eq!(store.apps().unwrap(), [app.clone()]);
        let invalid = std::fs::read_to_string(&path).unwrap().replace("http://localhost:3000/callback", "nonsense");
        std::fs::write(&path, invalid).unwrap();
        assert!(store.app(&app.name).is_err());
        store.save_app(&app).unwrap();
        assert_eq!(store.app(&app.name).unwrap(), app, "what cannot be read is corrected");
    }
}
