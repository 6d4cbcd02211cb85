//! Deleting and restoring a profile, and edits that conflict with changes made elsewhere.

use std::path::Path;

use jiff::Timestamp;
use linkedin_tui::Code;
use linkedin_tui::internal::flows::manage::{EditOutcome, ProfileSettings, edit};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::store::{Profile, ProfileStore, Status, Token};

use crate::support::{self, name};

fn now() -> Timestamp {
    "2026-03-01T10:00:00Z".parse().unwrap()
}

fn store(directory: &Path) -> ProfileStore {
    let store = ProfileStore::open(directory).unwrap();
    for app in ["first-app", "second-app"] {
        store.save_app(&support::app(app)).unwrap();
    }
    let scopes = vec!["openid".to_owned(), "profile".to_owned()];
    let mut work = Profile::new(name("work"), name("first-app"), scopes.clone());
    let expires_at = "2026-04-01T10:00:00Z".parse().ok();
    work.token = Some(Token { access: Secret::new("AQfirst"), scopes, issued_at: now(), expires_at, refresh: None });
    store.create_or_update_profile(work, |_| ()).unwrap();
    store.set_current_profile(Some(&name("work"))).unwrap();
    store
}

#[test]
fn s27_a_deleted_profile_is_restored_byte_for_byte() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let path = store.profile_path(&name("work"));
    let with_comment = [std::fs::read(&path).unwrap(), b"# note \xff\n".to_vec()].concat();
    for bytes in [with_comment.as_slice(), b"", b"= damaged"] {
        std::fs::write(&path, bytes).unwrap();
        let removed = store.delete_profile_with_undo(&name("work")).unwrap();
        assert!(!path.exists());
        assert_eq!(store.current_profile().unwrap(), None);
        store.restore_profile(&removed).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert_eq!(store.current_profile().unwrap(), Some(name("work")), "it was the current profile");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
    assert_eq!(store.delete_profile_with_undo(&name("missing")).err().unwrap().code, Code::NoSuchProfile);
}

#[test]
fn an_undo_overwrites_no_newer_profile() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let removed = store.delete_profile_with_undo(&name("work")).unwrap();
    let recreated = Profile::new(name("work"), name("second-app"), vec!["profile".to_owned()]);
    store.create_or_update_profile(recreated.clone(), |_| ()).unwrap();
    store.create_or_update_profile(Profile::new(name("second"), name("second-app"), Vec::new()), |_| ()).unwrap();
    store.set_current_profile(Some(&name("second"))).unwrap();
    assert_eq!(store.restore_profile(&removed).unwrap_err().code, Code::BadInput);
    assert_eq!(store.profile(&name("work")).unwrap(), recreated);
    store.delete_profile(&name("work")).unwrap();
    store.restore_profile(&removed).unwrap();
    assert_eq!(store.current_profile().unwrap(), Some(name("second")), "a different profile was selected meanwhile");
}

#[cfg(unix)]
#[test]
fn s15_a_deleted_link_is_restored_as_a_link() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let (path, elsewhere) = (store.profile_path(&name("work")), directory.path().join("dotfiles.toml"));
    std::fs::rename(&path, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    let removed = store.delete_profile_with_undo(&name("work")).unwrap();
    assert!(!path.is_symlink() && elsewhere.exists(), "the link is deleted, its target stays");
    store.restore_profile(&removed).unwrap();
    assert_eq!(std::fs::read_link(&path).unwrap(), elsewhere);
}

#[test]
fn every_save_changes_the_file_version() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let version = || store.file_version(&name("work"));
    let set_app = |app: &str| {
        let change = |profile: &mut Profile| {
            profile.app = name(app);
            Ok(())
        };
        store.update_profile(&name("work"), change).unwrap();
    };
    let (first, again) = (version(), version());
    assert!(first.is_some() && first == again);
    // The same length, within the resolution of the file's times.
    set_app("second-app");
    let second = version();
    set_app("first-app");
    assert!(first != second && second != version());
    assert_eq!(store.file_version(&name("missing")), None);
}

#[test]
fn s25_an_edit_merges_other_fields_and_reports_conflicts() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let work = name("work");
    let before = ProfileSettings::from(&store.profile(&work).unwrap());
    let after = ProfileSettings { browser: Some("firefox -P work".to_owned()), ..before.clone() };
    // A refreshed token and a comment are not a conflict, and stay.
    let refresh = |profile: &mut Profile| {
        profile.token.as_mut().unwrap().access = Secret::new("AQsecond");
        Ok(())
    };
    store.update_profile(&work, refresh).unwrap();
    let path = store.profile_path(&work);
    std::fs::write(&path, format!("# note\n{}", std::fs::read_to_string(&path).unwrap())).unwrap();
    let EditOutcome::Saved(saved) = edit(&store, &work, &before, &after, now()).unwrap() else { unreachable!() };
    assert_eq!(saved.token.as_ref().unwrap().access, Secret::new("AQsecond"));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("# note"));
    // The same fields changed: nothing is written, and the newer values are returned.
    let text = std::fs::read_to_string(&path).unwrap();
    let EditOutcome::Conflict(stored) = edit(&store, &work, &before, &after, now()).unwrap() else { unreachable!() };
    assert_eq!(stored.browser.as_deref(), Some("firefox -P work"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    // With a different app the status of the token is unknown.
    let other = ProfileSettings { app: name("second-app"), ..after.clone() };
    let EditOutcome::Saved(saved) = edit(&store, &work, &after, &other, now()).unwrap() else { unreachable!() };
    assert_eq!(saved.status(now(), 7), Status::Unknown);
    for wrong in [
        ProfileSettings { app: name("none"), ..other.clone() },
        ProfileSettings { scopes: vec!["openid".into()], ..other.clone() },
    ] {
        assert!(edit(&store, &work, &other, &wrong, now()).is_err());
    }
}
