//! Owners and modes: makes files private that other users could read.

use std::fs::{File, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{io_error, refused_error};
use crate::{NextStep, Result};

/// The directories that this program creates in the store's directory.
const SUBDIRECTORIES: &[&str] = &["apps", "profiles", "locks", "posts", "drafts", "keys"];

/// A file or directory to which other users had access.
pub(super) struct ExposedPath {
    path: PathBuf,
    /// The mode that it had.
    mode: u32,
    /// Whether it is private now.
    is_tightened: bool,
}

/// Makes a file or directory private; returns what was exposed to other users.
#[cfg(unix)]
pub(super) fn tighten(file: &File, path: &Path, metadata: &Metadata) -> Result<Option<ExposedPath>> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let is_exposed = |metadata: &Metadata| metadata.mode() & 0o077 != 0;
    check_owner(path, metadata.uid())?;
    if !is_exposed(metadata) {
        return Ok(None);
    }
    let mode = if metadata.is_dir() { 0o700 } else { 0o600 };
    // It fails on a read-only mount, and some file systems, such as WSL's drvfs, ignore it.
    drop(file.set_permissions(std::fs::Permissions::from_mode(mode)));
    let is_tightened = file.metadata().is_ok_and(|metadata| !is_exposed(&metadata));
    Ok(Some(ExposedPath { path: path.to_owned(), mode: metadata.mode() & 0o777, is_tightened }))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
pub(super) fn tighten(_: &File, _: &Path, _: &Metadata) -> Result<Option<ExposedPath>> {
    Ok(None)
}

/// Makes the store's directory and its subdirectories private. Returns a warning if one was exposed to other users.
pub(in crate::store) fn tighten_directory(path: &Path) -> Result<Option<String>> {
    // By its path, because a directory that cannot be listed cannot be opened.
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error("read", path, &error)),
    };
    if !metadata.is_dir() {
        return Err(
            refused_error(path, "it is not a directory", "Move it away.").with_next_step(NextStep::UseOtherDirectory)
        );
    }
    #[cfg(unix)]
    check_owner(path, std::os::unix::fs::MetadataExt::uid(&metadata))?;
    let Ok(directory) = File::open(path) else { return Ok(None) };
    let metadata = directory.metadata().map_err(|error| io_error("read", path, &error))?;
    let mut exposed = Vec::from_iter(tighten(&directory, path, &metadata)?);
    exposed.extend(SUBDIRECTORIES.iter().filter_map(|name| tighten_subdirectory(&path.join(name))));
    Ok(exposure_warning(&exposed))
}

/// Makes a subdirectory private. Ignores links and other users' directories, which this program did not create: an error is
/// reported when they are used.
#[cfg(unix)]
fn tighten_subdirectory(path: &Path) -> Option<ExposedPath> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::NOFOLLOW;
    let directory = std::fs::OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path).ok()?;
    let metadata = directory.metadata().ok()?;
    tighten(&directory, path, &metadata).ok()?
}

#[cfg(not(unix))]
fn tighten_subdirectory(_: &Path) -> Option<ExposedPath> {
    None
}

/// Returns the warning about what was exposed to other users.
pub(super) fn exposure_warning(exposed: &[ExposedPath]) -> Option<String> {
    let (tightened, still_exposed): (Vec<&ExposedPath>, Vec<&ExposedPath>) =
        exposed.iter().partition(|path| path.is_tightened);
    let sentences = [
        path_list(&tightened).map(|(paths, verb)| {
            format!("{paths} could be read by other users ({}) and {verb} made private.", modes(&tightened))
        }),
        path_list(&still_exposed).map(|(paths, _)| {
            format!(
                "{paths} can be read by other users ({}), and the mode could not be changed: the file system is read-only, \
                 or does not support modes.",
                modes(&still_exposed)
            )
        }),
        exposed.iter().any(|path| may_hold_secrets(&path.path)).then(|| {
            "If others use this machine, generate a new client secret and sign in again.".to_owned()
        }),
    ];
    (!exposed.is_empty()).then(|| sentences.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// Returns whether a file or directory of the store may hold client secrets, tokens or keys.
fn may_hold_secrets(path: &Path) -> bool {
    const FILES: &[&str] = &["config.toml", "state.toml", "notified.toml"];
    const DIRECTORIES: &[&str] = &["posts", "drafts", "locks"];
    let ends_with = |path: &Path, names: &[&str]| names.iter().any(|name| path.ends_with(name));
    // Only files have an extension.
    let is_in = path.extension().and_then(|_| path.parent()).is_some_and(|parent| ends_with(parent, DIRECTORIES));
    !is_in && !ends_with(path, FILES) && !ends_with(path, DIRECTORIES)
}

fn modes(exposed: &[&ExposedPath]) -> String {
    let modes: Vec<String> = exposed.iter().map(|path| format!("{:03o}", path.mode)).collect();
    format!("mode{} {}", if modes.len() == 1 { "" } else { "s" }, modes.join(", "))
}

fn path_list(exposed: &[&ExposedPath]) -> Option<(String, &'static str)> {
    let paths: Vec<String> = exposed.iter().map(|path| path.path.display().to_string()).collect();
    match paths.as_slice() {
        [] => None,
        [path] => Some((path.clone(), "was")),
        [rest @ .., last] => Some((format!("{} and {last}", rest.join(", ")), "were")),
    }
}

/// Refuses another user's file.
#[cfg(unix)]
pub(super) fn check_owner(path: &Path, owner: u32) -> Result<()> {
    if owner == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(refused_error(path, &format!("it is owned by user {owner}"), "Run as that user (without sudo).")
        .with_next_step(NextStep::UseOtherDirectory))
}

/// Refuses another user's key, except root's, and one to which others have `forbidden` access.
#[cfg(unix)]
pub(super) fn check_private(path: &Path, metadata: &Metadata, forbidden: u32) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    check_access(path, rustix::process::geteuid().as_raw(), metadata.uid(), metadata.mode() & 0o777, forbidden)
}

/// Refuses a key of `owner` with `mode`, where this process runs as `user`.
#[cfg(unix)]
fn check_access(path: &Path, user: u32, owner: u32, mode: u32, forbidden: u32) -> Result<()> {
    if owner != user && owner != 0 {
        return Err(refused_error(path, &format!("it is owned by user {owner}"), "Change its owner to your user."));
    }
    // systemd gives a service its credentials as root's files that the service's group can read.
    let forbidden = if owner == user { forbidden } else { forbidden & !0o040 };
    if mode & forbidden != 0 {
        return Err(refused_error(
            path,
            &format!("other users have access to it (mode {mode:03o}), and it decrypts your tokens"),
            &format!("Make it private: chmod 600 {}", path.display()),
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
pub(super) fn check_private(_: &Path, _: &Metadata, _: u32) -> Result<()> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::store::fs::{OTHERS_ACCESS, OTHERS_WRITE};

    #[test]
    fn a_missing_directory_is_accepted_but_no_other_error() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(tighten_directory(&directory.path().join("missing")).unwrap(), None);
        let file = directory.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(tighten_directory(&file).is_err() && tighten_directory(&file.join("missing")).is_err());
    }

    #[rstest]
    #[case::app("apps/ada.toml", true)]
    #[case::profile("profiles/ada.toml", true)]
    #[case::key("keys/key.age", true)]
    #[case::directory_of_profiles("profiles", true)]
    #[case::whole_directory("", true)]
    #[case::posts("posts/ada.toml", false)]
    #[case::directory_of_posts("posts", false)]
    #[case::draft("drafts/ada.toml", false)]
    #[case::other_draft("drafts/ada.toml.other", false)]
    #[case::directory_of_drafts("drafts", false)]
    #[case::settings("config.toml", false)]
    #[case::current_profile("state.toml", false)]
    #[case::notifications("notified.toml", false)]
    fn a_new_client_secret_is_advised_only_for_secrets(#[case] path: &str, #[case] expected: bool) {
        let path = Path::new("/home/ada/.config/linkedin-tui").join(path);
        let warning = exposure_warning(&[ExposedPath { path, mode: 0o644, is_tightened: true }]).unwrap();
        assert_eq!(warning.contains("generate a new client secret"), expected, "{warning}");
        assert!(warning.contains("was made private"), "{warning}");
    }

    #[rstest]
    #[case::of_the_user(1000, 0o600, OTHERS_ACCESS, None)]
    #[case::of_the_user_for_the_group(1000, 0o640, OTHERS_ACCESS, Some("(mode 640)"))]
    #[case::of_the_user_for_everyone(1000, 0o604, OTHERS_ACCESS, Some("(mode 604)"))]
    #[case::of_the_user_that_may_be_read(1000, 0o644, OTHERS_WRITE, None)]
    #[case::of_the_user_that_others_write(1000, 0o646, OTHERS_WRITE, Some("(mode 646)"))]
    #[case::of_root_for_the_group(0, 0o440, OTHERS_ACCESS, None)]
    #[case::of_root_that_the_group_writes(0, 0o620, OTHERS_ACCESS, Some("(mode 620)"))]
    #[case::of_root_for_everyone(0, 0o444, OTHERS_ACCESS, Some("(mode 444)"))]
    #[case::of_another_user(1001, 0o600, OTHERS_WRITE, Some("owned by user 1001"))]
    fn others_cannot_access_a_key(
        #[case] owner: u32,
        #[case] mode: u32,
        #[case] forbidden: u32,
        #[case] expected: Option<&str>,
    ) {
        let error = check_access(Path::new("key"), 1000, owner, mode, forbidden).err();
        assert_eq!(error.is_some(), expected.is_some(), "{error:?}");
        assert!(error.is_none_or(|error| error.message.contains(expected.unwrap())));
    }
}
