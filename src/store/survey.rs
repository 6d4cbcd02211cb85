//! A read-only scan of the folder for `doctor`.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::encrypted::Encryption;
use super::format::{self, state::StateFile};
use super::fs;
use super::model::{AppSummary, Profile};
use super::name::Name;
use super::profile_store::Listing;
use crate::files::leftovers::{self, Leftovers};
use crate::files::open_without_following;
use crate::linkedin::versions::Version;
use crate::{Error, Result};

/// The kind of a file in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// The folder, or one in it.
    Folder,
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
pub(crate) struct SurveyedFile {
    /// The path in the folder; empty for the folder.
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
pub(crate) struct SurveyedLock {
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

#[derive(Debug, Default)]
pub(crate) struct Survey {
    pub root: PathBuf,
    pub exists: bool,
    /// Whether the path is a file or a dangling link.
    pub is_blocked: bool,
    /// The ID of the user that this process runs as, if the system has one.
    pub user: Option<u32>,
    /// Windows: who has access to the folder besides the user, in an inner `None` if that cannot be read. `None` where
    /// files have modes.
    pub others_with_access: Option<Option<Vec<String>>>,
    /// The folder, its folders and its files.
    pub items: Vec<SurveyedFile>,
    /// The readable apps.
    pub apps: Vec<AppSummary>,
    /// The names of all apps, including the damaged ones.
    pub app_names: Vec<Name>,
    /// The readable profiles.
    pub profiles: Vec<Profile>,
    /// The names of all profiles, including the damaged ones.
    pub profile_names: Vec<Name>,
    /// How the secrets of each app and profile are stored, by the path from the folder; `None` if they differ within a file.
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
    pub locks: Vec<SurveyedLock>,
    /// A parent folder that other users can write to: they could replace this folder.
    pub writable_ancestor: Option<PathBuf>,
}

impl Survey {
    pub(crate) fn scan(root: &Path) -> Self {
        let mut survey = Self {
            root: root.to_owned(),
            exists: root.is_dir(),
            is_blocked: !root.is_dir() && root.symlink_metadata().is_ok(),
            user: current_user(),
            writable_ancestor: writable_ancestor(root),
            others_with_access: others_with_access(root),
            leftovers: leftovers::count(root, Leftovers::Old),
            ..Self::default()
        };
        survey.scan_folder("");
        survey.scan_file("config.toml", FileKind::Settings);
        survey.scan_file("state.toml", FileKind::State);
        for (folder, kind) in [("apps", FileKind::App), ("profiles", FileKind::Profile)] {
            if root.join(folder).symlink_metadata().is_ok() {
                survey.scan_folder(folder);
                survey.scan_files(folder, kind);
            }
        }
        if root.join("locks").symlink_metadata().is_ok() {
            survey.scan_folder("locks");
            survey.scan_locks();
        }
        survey
    }

    fn scan_folder(&mut self, path: &str) {
        let full_path = self.root.join(path);
        let problem = match std::fs::read_dir(&full_path) {
            Ok(_) => None,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && path.is_empty() => return,
            Err(error) => Some(fs::failed("read", &full_path, &error)),
        };
        self.add(path, FileKind::Folder, problem);
    }

    fn add(&mut self, path: &str, kind: FileKind, problem: Option<Error>) {
        let (mode, owner) = mode_and_owner(&self.root.join(path));
        self.items.push(SurveyedFile { path: path.to_owned(), kind, mode, owner, problem });
    }

    fn scan_files(&mut self, folder: &str, kind: FileKind) {
        // A folder that cannot be read is reported as such.
        let Ok(listing) = Listing::read(&self.root, folder) else { return };
        for name in &listing.names {
            self.scan_file(&format!("{folder}/{name}.toml"), kind);
        }
        let names = if kind == FileKind::App { &mut self.app_names } else { &mut self.profile_names };
        names.extend(listing.names);
        self.misnamed.extend(listing.misnamed);
        self.leftovers += leftovers::count(&self.root.join(folder), Leftovers::Old);
        // Saves go through links, so a crash leaves its files there.
        let count = |folder: &PathBuf| leftovers::count(folder, Leftovers::Unlocked);
        self.leftovers += listing.link_folders.iter().map(count).sum::<usize>();
    }

    fn scan_file(&mut self, path: &str, kind: FileKind) {
        let full_path = self.root.join(path);
        let problem = match fs::read_untouched(&full_path) {
            Ok(None) if !full_path.is_symlink() => return,
            Ok(None) => None,
            Ok(Some(text)) => self.parse(&full_path, kind, text).err(),
            Err(error) => Some(error),
        };
        // An unsafe link matters more than its target. Settings are read through any link, such as Nix's into its store.
        let problem = if kind == FileKind::Settings && full_path.exists() {
            problem
        } else {
            fs::target(&full_path).err().or(problem)
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
            FileKind::Folder => return Ok(()),
        }
        let document = format::parse_document(path, Some(&text))?;
        if kind.is_secret() {
            let path = path.strip_prefix(&self.root).unwrap_or(path);
            self.encryption.push((path.to_string_lossy().into_owned(), format::common_encryption(&document)));
        }
        Ok(())
    }

    /// Returns the encryptions that files have.
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
            if let Some(name) = file.strip_suffix(".lock") {
                self.locks.push(SurveyedLock { name: name.to_owned(), holder: detect_holder(&entry.path()) });
            }
        }
        self.locks.sort_by(|left, right| left.name.cmp(&right.name));
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
    Some(format!("{} (pid {pid})", crate::text::clean(name.trim(), 40)))
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

#[cfg(windows)]
fn others_with_access(root: &Path) -> Option<Option<Vec<String>>> {
    root.is_dir().then(|| crate::files::acl::others_with_access(root))
}

#[cfg(not(windows))]
fn others_with_access(_: &Path) -> Option<Option<Vec<String>>> {
    None
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

/// Returns the nearest parent folder that other users can write to. A sticky one, such as /tmp, does not count: only the owners can
/// rename its entries.
fn writable_ancestor(root: &Path) -> Option<PathBuf> {
    let is_writable = |folder: &&Path| mode_and_owner(folder).0.is_some_and(|mode| mode & 0o1002 == 0o002);
    root.ancestors().skip(1).find(is_writable).map(Path::to_owned)
}
