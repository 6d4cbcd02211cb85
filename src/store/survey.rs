//! What stands in the folder, as it is found: looking tightens no mode, removes nothing and
//! refuses nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::encrypted::Encryption;
use super::files;
use super::format;
use super::saving;
use super::state::StateFile;
use super::types::{Name, Profile};
use crate::files::leftovers::{self, Leftovers};
use crate::linkedin::Flow;
use crate::linkedin::versions::Version;
use crate::{Error, Result};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// The folder itself, or one in it.
    Folder,
    /// `config.toml`, which people edit.
    Settings,
    /// `state.toml`.
    State,
    /// An app's file, with a client secret.
    App,
    /// A profile's file, with a token.
    Profile,
}

impl FileKind {
    /// Is there something in it that nobody else may read?
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::App | Self::Profile)
    }
}

/// A file or folder.
#[derive(Clone, Debug)]
pub struct SurveyedFile {
    /// Its path from the folder; empty for the folder itself.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Permission bits, where the system has them.
    pub mode: Option<u32>,
    /// The owner's number, where the system has them.
    pub owner: Option<u32>,
    /// Why it cannot be used, or not be written.
    pub problem: Option<Error>,
}

/// An app as its file has it, whether or not it can be used. The secret stays in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppSummary {
    /// Its file's name.
    pub name: Name,
    /// The client ID.
    pub client_id: String,
    /// Is a client secret saved?
    pub has_secret: bool,
    /// The redirect URL, as written.
    pub redirect_url: String,
    /// How it signs in.
    pub flow: Flow,
}

/// A lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedLock {
    /// Its name, without `.lock`: `profile-NAME`, `app-NAME`, `state`, `storage` ...
    pub key: String,
    /// Who has it.
    pub held: LockHolder,
}

/// Who has a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockHolder {
    /// Nobody.
    Free,
    /// Another process: `name (pid N)`, where that can be read.
    By(Option<String>),
    /// Nobody can say: the file system has no locks, or the file cannot be opened.
    Unknown,
}

/// The folder, looked at.
#[derive(Debug)]
pub struct Survey {
    /// The folder.
    pub root: PathBuf,
    /// Does it exist?
    pub exists: bool,
    /// Is something else in its place: a file, or a link that leads nowhere?
    pub blocked: bool,
    /// The user this process acts as, where the system has numbers for them.
    pub user: Option<u32>,
    /// The folder, its folders and its files.
    pub items: Vec<SurveyedFile>,
    /// The apps whose files can be parsed.
    pub apps: Vec<AppSummary>,
    /// The names of all apps' files, the damaged ones too.
    pub app_names: Vec<Name>,
    /// The profiles that can be read.
    pub profiles: Vec<Profile>,
    /// The names of all profiles' files, the damaged ones too.
    pub profile_names: Vec<Name>,
    /// How the secrets of each app's and profile's file are kept, where they are all kept alike; by its path from the folder.
    kept: Vec<(String, Option<Encryption>)>,
    /// The current profile.
    pub current_profile: Option<Name>,
    /// The version of LinkedIn's API that an automatic choice found to work.
    pub working_version: Option<Version>,
    /// `config.toml`, where it can be read.
    pub settings: Option<String>,
    /// Files that are no app and no profile by their names: conflict copies, other spellings.
    pub misnamed: Vec<String>,
    /// How many temporary files a crash left.
    pub leftovers: usize,
    /// The lock files.
    pub locks: Vec<SurveyedLock>,
    /// A folder above that others may write in: they could put another one in its place.
    pub writable_ancestor: Option<PathBuf>,
}

impl Survey {
    /// Looks at the folder at `root`.
    #[must_use]
    pub fn scan(root: &Path) -> Self {
        let mut survey = Self {
            root: root.to_owned(),
            exists: root.is_dir(),
            blocked: !root.is_dir() && root.symlink_metadata().is_ok(),
            user: user(),
            items: Vec::new(),
            apps: Vec::new(),
            app_names: Vec::new(),
            profiles: Vec::new(),
            profile_names: Vec::new(),
            kept: Vec::new(),
            current_profile: None,
            working_version: None,
            settings: None,
            misnamed: Vec::new(),
            leftovers: 0,
            locks: Vec::new(),
            writable_ancestor: writable_ancestor(root),
        };
        survey.folder("");
        survey.leftovers(root, Leftovers::Old);
        survey.file("config.toml", FileKind::Settings);
        survey.file("state.toml", FileKind::State);
        for (folder, kind) in [("apps", FileKind::App), ("profiles", FileKind::Profile)] {
            if root.join(folder).symlink_metadata().is_ok() {
                survey.folder(folder);
                survey.files(folder, kind);
            }
        }
        if root.join("locks").symlink_metadata().is_ok() {
            survey.folder("locks");
            survey.look_at_locks();
        }
        survey
    }

    fn folder(&mut self, path: &str) {
        let whole = self.root.join(path);
        let problem = match std::fs::read_dir(&whole) {
            Ok(_) => None,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && path.is_empty() => return,
            Err(error) => Some(files::failed("read", &whole, &error)),
        };
        self.add(path, FileKind::Folder, problem);
    }

    fn add(&mut self, path: &str, kind: FileKind, problem: Option<Error>) {
        let (mode, owner) = mode_and_owner(&self.root.join(path));
        self.items.push(SurveyedFile { path: path.to_owned(), kind, mode, owner, problem });
    }

    fn files(&mut self, folder: &str, kind: FileKind) {
        let whole = self.root.join(folder);
        // That the folder cannot be read is told with the folder.
        let Ok(entries) = std::fs::read_dir(&whole) else { return };
        let mut found: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        found.sort();
        for file in found {
            if leftovers::is_temporary(file.as_ref()) {
                continue;
            }
            if let Some(Ok(name)) = file.strip_suffix(".toml").map(Name::parse) {
                let names = if kind == FileKind::App { &mut self.app_names } else { &mut self.profile_names };
                names.push(name);
                self.file(&format!("{folder}/{file}"), kind);
            } else {
                self.misnamed.push(format!("{folder}/{file}"));
            }
        }
        self.leftovers(&whole, Leftovers::Old);
        // Saves go through links, and so does what a crash leaves of them.
        let mut linked: Vec<PathBuf> = std::fs::read_dir(&whole)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| saving::link_folder(&entry))
            .collect();
        linked.sort();
        linked.dedup();
        for folder in linked {
            self.leftovers(&folder, Leftovers::Unlocked);
        }
    }

    fn leftovers(&mut self, folder: &Path, which: Leftovers) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let ours = entries.flatten().filter(|entry| leftovers::is_temporary(&entry.file_name()));
        self.leftovers += ours.filter(|entry| leftovers::is_leftover(entry, which)).count();
    }

    fn file(&mut self, path: &str, kind: FileKind) {
        let whole = self.root.join(path);
        let problem = match files::look(&whole) {
            Ok(None) if !whole.is_symlink() => return,
            Ok(None) => None,
            Ok(Some(text)) => self.understand(&whole, kind, text).err(),
            Err(error) => Some(error),
        };
        // A link that must not be followed weighs more than what is behind it. Settings are read through any link that leads
        // somewhere, such as one into a package manager's store.
        let problem = if kind == FileKind::Settings && whole.exists() {
            problem
        } else {
            saving::target(&whole).err().or(problem)
        };
        self.add(path, kind, problem);
    }

    fn understand(&mut self, path: &Path, kind: FileKind, text: String) -> Result<()> {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        match kind {
            FileKind::App => self.apps.push(format::found_app(path, &Name::parse(stem)?, &text)?),
            FileKind::Profile => self.profiles.push(format::profile(path, &Name::parse(stem)?, &text, None)?),
            FileKind::State => {
                let state: StateFile = format::parse(path, &text)?;
                self.working_version = state.working_version();
                self.current_profile = state.current().and_then(|name| Name::parse(name).ok());
            }
            FileKind::Settings => {
                self.settings = Some(text);
                return Ok(());
            }
            FileKind::Folder => return Ok(()),
        }
        let document = format::document(path, Some(&text))?;
        if kind.is_secret() {
            let path = path.strip_prefix(&self.root).unwrap_or(path);
            self.kept.push((path.to_string_lossy().into_owned(), format::kept(&document)));
        }
        Ok(())
    }

    /// The ways of encryption that files say they have.
    #[must_use]
    pub fn encryptions(&self) -> Vec<Encryption> {
        let mut found: Vec<Encryption> = Vec::new();
        for kind in self.kept.iter().filter_map(|(_, kept)| *kept).filter(|kind| *kind != Encryption::Off) {
            if !found.contains(&kind) {
                found.push(kind);
            }
        }
        found
    }

    /// The files whose secrets are not all kept as `wanted`: what is encrypted needs another key, and what is not anybody may read.
    pub fn not_encrypted_as(&self, wanted: Encryption) -> impl Iterator<Item = &str> {
        self.kept.iter().filter(move |(_, kept)| *kept != Some(wanted)).map(|(path, _)| path.as_str())
    }

    fn look_at_locks(&mut self) {
        let Ok(entries) = std::fs::read_dir(self.root.join("locks")) else { return };
        for entry in entries.flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            if let Some(key) = file.strip_suffix(".lock") {
                self.locks.push(SurveyedLock { key: key.to_owned(), held: held(&entry.path()) });
            }
        }
        self.locks.sort_by(|one, other| one.key.cmp(&other.key));
    }
}

/// Tries a shared lock for an instant: only a holder refuses it.
fn held(path: &Path) -> LockHolder {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
        options.custom_flags(flags.bits().cast_signed());
    }
    let Ok(file) = options.open(path) else { return LockHolder::Unknown };
    match file.try_lock_shared() {
        Ok(()) => LockHolder::Free,
        Err(TryLockError::WouldBlock) => LockHolder::By(holder(&file)),
        Err(TryLockError::Error(_)) => LockHolder::Unknown,
    }
}

/// Linux lists who holds which file in `/proc/locks`: `1: FLOCK ADVISORY WRITE PID MAJ:MIN:INODE 0 EOF`.
#[cfg(target_os = "linux")]
fn holder(file: &File) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let inode = file.metadata().ok()?.ino().to_string();
    let table = std::fs::read_to_string("/proc/locks").ok()?;
    let pid: u32 = table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let here = fields.get(1) == Some(&"FLOCK") && fields.get(5)?.rsplit(':').next() == Some(inode.as_str());
        here.then(|| fields.get(4)?.parse().ok())?
    })?;
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(format!("{} (pid {pid})", crate::text::clean(name.trim(), 40)))
}

#[cfg(not(target_os = "linux"))]
fn holder(_: &File) -> Option<String> {
    None
}

#[cfg(unix)]
fn mode_and_owner(path: &Path) -> (Option<u32>, Option<u32>) {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).map_or((None, None), |about| (Some(about.mode() & 0o7777), Some(about.uid())))
}

#[cfg(not(unix))]
fn mode_and_owner(_: &Path) -> (Option<u32>, Option<u32>) {
    (None, None)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
fn user() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn user() -> Option<u32> {
    None
}

/// The nearest folder above that others may write in, unless only owners may rename in it (the
/// sticky bit, as /tmp has it).
#[cfg(unix)]
fn writable_ancestor(root: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt;
    let open = |folder: &&Path| {
        std::fs::metadata(folder).is_ok_and(|about| about.mode() & 0o002 != 0 && about.mode() & 0o1000 == 0)
    };
    root.ancestors().skip(1).find(open).map(Path::to_owned)
}

#[cfg(not(unix))]
fn writable_ancestor(_: &Path) -> Option<PathBuf> {
    None
}
