//! Reports that files changed, where the system wakes a program for that.

#[cfg(target_os = "linux")]
use std::collections::HashSet;
use std::path::PathBuf;
#[cfg(target_os = "linux")]
use std::time::Duration;

/// The shortest time between two reports: while a program writes all the time, the files are read ten times a second.
#[cfg(target_os = "linux")]
const PAUSE: Duration = Duration::from_millis(100);

/// Calls `on_change` after files in one of the directories were written, created, renamed or deleted, by this program too.
/// Returns where nothing reports that: on other systems than Linux. File systems of other hosts report only changes from this one.
#[cfg(target_os = "linux")]
pub(crate) async fn watch(directories: Vec<PathBuf>, on_change: impl AsyncFn()) {
    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init, remove_watch};
    use rustix::io::Errno;

    let flags = WatchFlags::CLOSE_WRITE
        | WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVED_FROM
        | WatchFlags::MOVED_TO
        // The directory itself: another one may get its path.
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
        | WatchFlags::ONLYDIR;
    let Some(events) = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok().and_then(poll) else { return };
    let mut known = HashSet::new();
    let mut is_first = true;
    loop {
        let mut ancestors = Vec::new();
        let mut has_new = false;
        for directory in &directories {
            // A second call changes nothing, and returns the same number.
            if let Ok(watched) = add_watch(events.get_ref(), directory, flags) {
                has_new |= known.insert(watched);
                continue;
            }
            // It does not exist yet: its nearest ancestor reports when the next directory is created.
            let existing = directory.ancestors().skip(1).find(|ancestor| ancestor.is_dir());
            if let Some(ancestor) = existing.filter(|ancestor| !directories.iter().any(|other| other == ancestor)) {
                let created = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR;
                ancestors.extend(add_watch(events.get_ref(), ancestor, created));
            }
            // It may have been created meanwhile.
            has_new |= add_watch(events.get_ref(), directory, flags).is_ok_and(|watched| known.insert(watched));
        }
        // What was created in a directory before it was watched is not reported.
        if has_new && !is_first {
            on_change().await;
        }
        is_first = false;
        let Ok(mut ready) = events.readable().await else { return };
        let mut buffer = [0; 4096];
        while matches!(rustix::io::read(events.get_ref(), &mut buffer), Ok(1..) | Err(Errno::INTR)) {}
        ready.clear_ready();
        for ancestor in ancestors {
            let _ = remove_watch(events.get_ref(), ancestor);
        }
        on_change().await;
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) async fn watch(_directories: Vec<PathBuf>, _on_change: impl AsyncFn()) {}

/// Makes a descriptor wake the runtime when it can be read.
#[cfg(target_os = "linux")]
#[expect(
    deprecated,
    reason = "its successor is an unsafe function, for types that exchange their descriptor; this one owns it"
)]
fn poll(descriptor: rustix::fd::OwnedFd) -> Option<tokio::io::unix::AsyncFd<rustix::fd::OwnedFd>> {
    tokio::io::unix::AsyncFd::with_interest(descriptor, tokio::io::Interest::READABLE).ok()
}
