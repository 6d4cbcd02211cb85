//! A read-only scan of the directory for `doctor`.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::encrypted::Encryption;
use super::format::{self, state::StateFile};
use super::fs;
use super::model::{AppSummary, Profile};
use super::name::Name;
use super::profile_store::{Listing, UNLISTED_DIRECTORIES};
use crate::files::leftovers::{self, LeftoverFilter};
use crate::files::open_without_following;
use crate::linkedin::versions::Version;
use crate::{Error, Result};

/// The kind of a file in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// The directory, or one in it.
    Directory,
    /// `config.toml`, which users edit.
    Settings,
    /// `state.toml`.
    State,
    /// An app's file, with a client secret.
    App,
    /// A profile's file, with a token.
    Profile,
}

impl FileKind {
    /// Returns whether no other user may read it.
    pub(crate) const fn is_secret(self) -> bool {
        matches!(self, Self::App | Self::Profile)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ScannedFile {
    /// The path in the directory; empty for the directory.
    pub path: String,
    pub kind: FileKind,
    /// Permission bits, if the system has them.
    pub mode: Option<u32>,
    /// The owner's ID, if the system has them.
    pub owner: Option<u32>,
    /// Why it cannot be used or written.
    pub problem: Option<Error>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScannedLock {
    /// The file's name without `.lock`, such as `profile-NAME` or `state`.
    pub name: String,
    pub holder: LockHolder,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LockHolder {
    Free,
    /// Another process: `name (pid N)`, if that can be read.
    Process(Option<String>),
    /// The file system has no locks, or the file cannot be opened.
    Unknown,
}

/// Who has access to the directory besides the user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum DirectoryAccess {
    /// Files have modes, or there is no directory.
    #[default]
    ByModes,
    /// Windows: the users in the access control list.
    #[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "other systems have modes"))]
    Others(Vec<String>),
    /// Windows: the access control list cannot be read.
    #[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "other systems have modes"))]
    Unreadable,
}

#[derive(Debug, Default)]
pub(crate) struct StoreScan {
    pub root: PathBuf,
    pub exists: bool,
    /// Whether the path is a file or a dangling link.
    pub is_blocked: bool,
    /// The ID of the user that this process runs as, if the system has one.
    pub user: Option<u32>,
    pub access: DirectoryAccess,
    /// The directory, its subdirectories and its files.
    pub items: Vec<ScannedFile>,
    /// The readable apps.
    pub apps: Vec<AppSummary>,
    /// The names of all apps, including the damaged ones.
    pub app_names: Vec<Name>,
    /// The readable profiles.
    pub profiles: Vec<Profile>,
    /// The names of all profiles, including the damaged ones.
    pub profile_names: Vec<Name>,
    /// How the secrets of each app and profile are stored, by the path from the directory; `None` if they differ within a file.
    encryption: Vec<(String, Option<Encryption>)>,
    pub current_profile: Option<Name>,
    /// The API version that was selected automatically.
    pub working_version: Option<Version>,
    /// The text of `config.toml`, if it can be read.
    pub settings: Option<String>,
    /// Files with other names, such as conflict copies of sync programs.
    pub misnamed: Vec<String>,
    /// The number of temporary files that crashes left.
    pub leftovers: usize,
    pub locks: Vec<ScannedLock>,
    /// A parent directory that other users can write to: they could replace this directory.
    pub writable_ancestor: Option<PathBuf>,
}

impl StoreScan {
    pub(crate) fn scan(root: &Path) -> Self {
        let mut scan = Self {
            root: root.to_owned(),
            exists: root.is_dir(),
            is_blocked: !root.is_dir() && root.symlink_metadata().is_ok(),
            user: current_user(),
            writable_ancestor: writable_ancestor(root),
            access: DirectoryAccess::detect(root),
            leftovers: UNLISTED_DIRECTORIES
                .map(|name| leftovers::count(&root.join(name), LeftoverFilter::Old))
                .iter()
                .sum(),
            ..Self::default()
        };
        scan.scan_directory("");
        scan.scan_file("config.toml", FileKind::Settings);
        scan.scan_file("state.toml", FileKind::State);
        for (directory, kind) in [("apps", FileKind::App), ("profiles", FileKind::Profile)] {
            if root.join(directory).symlink_metadata().is_ok() {
                scan.scan_directory(directory);
                scan.scan_files(directory, kind);
            }
        }
        for directory in ["posts", "drafts", "keys"] {
            if root.join(directory).symlink_metadata().is_ok() {
                scan.scan_directory(directory);
            }
        }
        if root.join("locks").symlink_metadata().is_ok() {
            scan.scan_directory("locks");
            scan.scan_locks();
        }
        scan
    }

    fn scan_directory(&mut self, path: &str) {
        let full_path = self.root.join(path);
        let problem = match std::fs::read_dir(&full_path) {
            Ok(_) => None,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && path.is_empty() => return,
            Err(error) => Some(fs::io_error("read", &full_path, &error)),
        };
        self.add(path, FileKind::Directory, problem);
    }

    fn add(&mut self, path: &str, kind: FileKind, problem: Option<Error>) {
        let (mode, owner) = mode_and_owner(&self.root.join(path));
        self.items.push(ScannedFile { path: path.to_owned(), kind, mode, owner, problem });
    }

    fn scan_files(&mut self, directory: &str, kind: FileKind) {
        // A directory that cannot be read is reported as such.
        let Ok(listing) = Listing::read(&self.root, directory) else { return };
        for name in &listing.names {
            self.scan_file(&format!("{directory}/{name}.toml"), kind);
        }
        let names = if kind == FileKind::App { &mut self.app_names } else { &mut self.profile_names };
        names.extend(listing.names);
        self.misnamed.extend(listing.misnamed);
        self.leftovers += leftovers::count(&self.root.join(directory), LeftoverFilter::Old);
        // Saves go through links, so a crash leaves its files there.
        let count = |directory: &PathBuf| leftovers::count(directory, LeftoverFilter::OldOrUnlocked);
        self.leftovers += listing.link_directories.iter().map(count).sum::<usize>();
    }

    fn scan_file(&mut self, path: &str, kind: FileKind) {
        let full_path = self.root.join(path);
        let problem = match fs::read_text_keeping_mode(&full_path) {
            Ok(None) if !full_path.is_symlink() => return,
            Ok(None) => None,
            Ok(Some(text)) => self.parse(&full_path, kind, text).err(),
            Err(error) => Some(error),
        };
        // An unsafe link matters more than its target. Settings are read through any link, such as Nix's into its store.
        let problem = if kind == FileKind::Settings && full_path.exists() {
            problem
        } else {
            fs::resolve_target(&full_path).err().or(problem)
        };
        self.add(path, kind, problem);
    }

    fn parse(&mut self, path: &Path, kind: FileKind, text: String) -> Result<()> {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        match kind {
            FileKind::App => self.apps.push(format::app::read_summary(path, &Name::parse(stem)?, &text)?),
            FileKind::Profile => self.profiles.push(format::profile::read(path, &Name::parse(stem)?, &text, None)?),
            FileKind::State => {
                let state: StateFile = format::parse(path, &text)?;
                self.working_version = state.working_version();
                self.current_profile = state.current.and_then(|name| Name::parse(&name).ok());
            }
            FileKind::Settings => {
                self.settings = Some(text);
                return Ok(());
            }
            FileKind::Directory => return Ok(()),
        }
        let document = format::parse_document(path, Some(&text))?;
        if kind.is_secret() {
            let path = path.strip_prefix(&self.root).unwrap_or(path);
            self.encryption.push((path.to_string_lossy().into_owned(), format::common_encryption(&document)));
        }
        Ok(())
    }

    /// Returns the encryptions that files have; without [`Encryption::Off`].
    pub(crate) fn encryptions(&self) -> BTreeSet<Encryption> {
        let found = self.encryption.iter().filter_map(|(_, encryption)| *encryption);
        found.filter(|encryption| *encryption != Encryption::Off).collect()
    }

    /// Returns the files whose secrets are not all stored as `wanted`.
    pub(crate) fn files_not_stored_as(&self, wanted: Encryption) -> impl Iterator<Item = &str> {
        self.encryption.iter().filter(move |(_, encryption)| *encryption != Some(wanted)).map(|(path, _)| path.as_str())
    }

    fn scan_locks(&mut self) {
        let Ok(entries) = std::fs::read_dir(self.root.join("locks")) else { return };
        for entry in entries.flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            // No process waits for the lock of a deleted profile.
            if let Some(name) = file.strip_suffix(".lock").filter(|name| !name.starts_with("deleted-")) {
                self.locks.push(ScannedLock { name: name.to_owned(), holder: detect_holder(&entry.path()) });
            }
        }
        self.locks.sort_unstable_by(|left, right| left.name.cmp(&right.name));
    }
}

/// Tries a shared lock: only an exclusive holder prevents it.
fn detect_holder(path: &Path) -> LockHolder {
    let Ok(file) = open_without_following(path) else { return LockHolder::Unknown };
    match file.try_lock_shared() {
        Ok(()) => LockHolder::Free,
        Err(TryLockError::WouldBlock) => LockHolder::Process(holding_process(&file)),
        Err(TryLockError::Error(_)) => LockHolder::Unknown,
    }
}

/// Returns the process that `/proc/locks` lists for the file: `1: FLOCK ADVISORY WRITE PID MAJ:MIN:INODE 0 EOF`.
#[cfg(target_os = "linux")]
fn holding_process(file: &File) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let inode = file.metadata().ok()?.ino().to_string();
    let table = std::fs::read_to_string("/proc/locks").ok()?;
    let pid: u32 = table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_this_file = fields.get(1) == Some(&"FLOCK") && fields.get(5)?.rsplit(':').next() == Some(inode.as_str());
        is_this_file.then(|| fields.get(4)?.parse().ok())?
    })?;
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(format!("{} (pid {pid})", crate::text::sanitize(name.trim(), 40)))
}

#[cfg(not(target_os = "linux"))]
fn holding_process(_: &File) -> Option<String> {
    None
}

#[cfg(unix)]
fn mode_and_owner(path: &Path) -> (Option<u32>, Option<u32>) {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).map_or((None, None), |metadata| (Some(metadata.mode() & 0o7777), Some(metadata.uid())))
}

#[cfg(not(unix))]
fn mode_and_owner(_: &Path) -> (Option<u32>, Option<u32>) {
    (None, None)
}

impl DirectoryAccess {
    #[cfg(windows)]
    fn detect(root: &Path) -> Self {
        if !root.is_dir() {
            return Self::ByModes;
        }
        crate::files::acl::others_with_access(root).map_or(Self::Unreadable, Self::Others)
    }

    #[cfg(not(windows))]
    const fn detect(_: &Path) -> Self {
        Self::ByModes
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
fn current_user() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn current_user() -> Option<u32> {
    None
}

/// Returns the nearest parent directory that other users can write to. A sticky one, such as /tmp, does not count: only the owners can
/// rename its entries.
fn writable_ancestor(root: &Path) -> Option<PathBuf> {
    let is_writable = |directory: &&Path| mode_and_owner(directory).0.is_some_and(|mode| mode & 0o1002 == 0o002);
    root.ancestors().skip(1).find(is_writable).map(Path::to_owned)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn write(path: &Path, text: &str) {
        std::fs::write(path, text).unwrap();
        set_mode(path, 0o640);
    }

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn missing_directory_and_file_in_its_place_are_distinguished() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("root");
        let missing = StoreScan::scan(&root);
        assert!(!missing.exists && !missing.is_blocked && missing.items.is_empty());
        assert_eq!(missing.root, root);
        write(&root, "");
        let blocked = StoreScan::scan(&root);
        assert!(!blocked.exists && blocked.is_blocked);
        assert!(blocked.items[0].path.is_empty() && blocked.items[0].problem.is_some());
        std::fs::remove_file(&root).unwrap();
        symlink("nowhere", &root).unwrap();
        assert!(StoreScan::scan(&root).is_blocked);
    }

    #[test]
    fn every_file_is_reported_with_its_mode_owner_and_problem() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for name in ["apps", "profiles", "locks"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        write(&root.join("config.toml"), "# settings\n");
        write(&root.join("state.toml"), "schema = 1\ncurrent = \"work\"\n");
        let app = "schema = 1\nclient_id = \"86\"\nclient_secret = \"x\"\nredirect_url = \"http://localhost:3000/callback\"\n";
        write(&root.join("apps/my-app.toml"), app);
        write(&root.join("apps/My App.toml"), app);
        write(&root.join("profiles/work.toml"), "schema = 1\napp = \"my-app\"\nscopes = []\n");
        write(&root.join("profiles/broken.toml"), "app = ");
        symlink("nowhere", root.join("profiles/gone.toml")).unwrap();
        write(&root.join("locks/state.lock"), "");
        let scan = StoreScan::scan(root);
        let user = Some(rustix::process::geteuid().as_raw());
        assert!(scan.exists && !scan.is_blocked);
        assert_eq!(scan.user, user);
        let files: Vec<_> = scan.items.iter().filter(|item| item.kind != FileKind::Directory).collect();
        let paths: Vec<(&str, bool)> = files.iter().map(|item| (item.path.as_str(), item.problem.is_some())).collect();
        assert_eq!(
            paths,
            [
                ("config.toml", false),
                ("state.toml", false),
                ("apps/my-app.toml", false),
                ("profiles/broken.toml", true),
                ("profiles/gone.toml", true),
                ("profiles/work.toml", false),
            ]
        );
        for file in files.iter().filter(|file| !file.path.contains("gone")) {
            assert_eq!((file.mode, file.owner), (Some(0o640), user), "{}", file.path);
        }
        let directories: Vec<_> = scan.items.iter().filter(|item| item.kind == FileKind::Directory).collect();
        assert_eq!(
            directories.iter().map(|item| item.path.as_str()).collect::<Vec<_>>(),
            ["", "apps", "profiles", "locks"]
        );
        assert!(directories.iter().all(|item| item.problem.is_none()));
        assert_eq!((scan.app_names.len(), scan.profile_names.len()), (1, 3));
        assert_eq!((scan.apps.len(), scan.profiles.len(), scan.misnamed.len()), (1, 1, 1));
        assert_eq!(scan.settings.as_deref(), Some("# settings\n"));
        assert_eq!(scan.current_profile.as_ref().map(Name::as_str), Some("work"));
        assert!(scan.encryptions().is_empty());
        assert_eq!(scan.files_not_stored_as(Encryption::Off).count(), 0);
        let plain: Vec<_> = scan.files_not_stored_as(Encryption::Passphrase).collect();
        assert_eq!(plain, ["apps/my-app.toml", "profiles/work.toml"]);
        assert_eq!((scan.locks[0].name.as_str(), &scan.locks[0].holder), ("state", &LockHolder::Free));
    }

    #[test]
    fn only_settings_are_read_through_any_link() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("root");
        let shared = directory.path().join("shared");
        std::fs::create_dir_all(root.join("profiles")).unwrap();
        std::fs::create_dir(&shared).unwrap();
        set_mode(&shared, 0o777);
        write(&shared.join("config.toml"), "");
        write(&shared.join("work.toml"), "schema = 1\napp = \"my-app\"\nscopes = []\n");
        symlink(shared.join("config.toml"), root.join("config.toml")).unwrap();
        symlink(shared.join("work.toml"), root.join("profiles/work.toml")).unwrap();
        let scan = StoreScan::scan(&root);
        let problem = |path: &str| scan.items.iter().find(|item| item.path == path).unwrap().problem.is_some();
        assert!(!problem("config.toml") && problem("profiles/work.toml"));
    }

    #[test]
    fn leftovers_of_crashes_are_counted() {
        let directory = tempfile::tempdir().unwrap();
        let (root, linked) = (directory.path().join("root"), directory.path().join("linked"));
        for path in [&root.join("apps"), &root.join("profiles"), &linked] {
            std::fs::create_dir_all(path).unwrap();
        }
        write(&linked.join("work.toml"), "schema = 1\napp = \"my-app\"\nscopes = []\n");
        symlink(linked.join("work.toml"), root.join("profiles/work.toml")).unwrap();
        let create = |directory: &Path, name: &str| {
            File::create(directory.join(format!("{}{name}", leftovers::TEMPORARY_PREFIX))).unwrap()
        };
        for directory in [&root, &root.join("apps"), &root.join("profiles"), &linked] {
            create(directory, "old").set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        }
        assert_eq!(StoreScan::scan(&root).leftovers, 4);
        let being_saved = create(&linked, "being-saved");
        being_saved.lock().unwrap();
        create(&root, "new");
        create(&root.join("profiles"), "new");
        assert_eq!(StoreScan::scan(&root).leftovers, 4, "another process may be saving them");
        being_saved.unlock().unwrap();
        assert_eq!(StoreScan::scan(&root).leftovers, 5, "beside a link's target an unlocked file is enough");
    }

    #[test]
    fn encryptions_are_those_of_the_files() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        std::fs::create_dir(root.join("profiles")).unwrap();
        let text = "schema = 1\napp = \"my-app\"\nscopes = []\n";
        let token =
            "[token]\naccess_token = \"-----BEGIN AGE ENCRYPTED FILE-----\"\nissued_at = \"2026-11-24T14:05:00Z\"\n";
        write(&root.join("profiles/plain.toml"), text);
        write(&root.join("profiles/work.toml"), &format!("encryption = \"keyring\"\n{text}{token}"));
        let scan = StoreScan::scan(root);
        assert_eq!(scan.profiles.len(), 2, "{:?}", scan.items);
        assert_eq!(scan.encryptions(), BTreeSet::from([Encryption::Keyring]));
        assert_eq!(scan.files_not_stored_as(Encryption::Keyring).collect::<Vec<_>>(), ["profiles/plain.toml"]);
    }

    #[test]
    fn a_parent_that_others_can_write_to_is_reported_unless_sticky() {
        let directory = tempfile::tempdir().unwrap();
        let parent = directory.path().join("parent");
        let root = parent.join("child/root");
        std::fs::create_dir_all(&root).unwrap();
        for (mode, is_reported) in [(0o755, false), (0o775, false), (0o777, true), (0o1777, false)] {
            set_mode(&parent, mode);
            set_mode(&root, 0o777);
            assert_eq!(StoreScan::scan(&root).writable_ancestor, is_reported.then(|| parent.clone()), "{mode:o}");
        }
    }
}
