//! `files`: modes, owners, links, damage, names, leftovers and locks. Evaluates a [`StoreScan`], which was taken before any mode was
//! corrected.

use std::path::Path;

use super::check::{Check, or_ok};
use super::redactable::{
    RedactableText, app, file, file_argument, list, path, path_argument, profile, program, redactable,
};
use crate::Code;
use crate::store::{DirectoryAccess, FileKind, LockHolder, Name, ScannedFile, StoreScan};

/// The fix when others may have read a secret.
const ROTATE: &str =
    "  (and if others use this machine, create a new client secret on the app's Auth tab and sign in again)";

/// Evaluates the config directory; `has_proxy_password` is whether there is one in `config.toml`.
pub(super) fn evaluate(scan: &StoreScan, has_proxy_password: bool) -> Vec<Check> {
    let mut checks = vec![evaluate_directory(scan)];
    checks.extend(evaluate_modes(scan, has_proxy_password));
    checks.extend(evaluate_owners(scan, std::env::var_os("SUDO_USER").is_some()));
    checks.extend(evaluate_readability(scan));
    checks.push(evaluate_names(scan));
    checks.push(evaluate_leftovers(scan));
    checks.extend(evaluate_locks(scan));
    checks
}

fn evaluate_directory(scan: &StoreScan) -> Check {
    const ID: &str = "files.directory";
    let root = path(&scan.root);
    if scan.is_blocked {
        let fix = "Move it away, or name another one: --config-dir DIR";
        return Check::error(ID, Code::Files, root.and(" is not a directory."), fix);
    }
    if !scan.exists {
        return Check::ok(ID, root.and(" does not exist yet; the first sign-in creates it."));
    }
    match &scan.writable_ancestor {
        Some(ancestor) => Check::error(
            ID,
            Code::Files,
            redactable![root, " is in a directory where other users can replace it: ", path(ancestor)],
            redactable!["chmod o-w ", path_argument(ancestor), " or keep the files elsewhere: --config-dir DIR"],
        ),
        None => Check::ok(ID, root.and(" holds settings, apps and profiles.")),
    }
}

/// Evaluates the permission bits. One file has its own command; several are made private with all that is in the
/// directory.
fn evaluate_modes(scan: &StoreScan, has_proxy_password: bool) -> Vec<Check> {
    const ID: &str = "files.modes";
    match &scan.access {
        DirectoryAccess::ByModes => {}
        DirectoryAccess::Others(others) => return vec![evaluate_access(&scan.root, Some(others))],
        DirectoryAccess::Unreadable => return vec![evaluate_access(&scan.root, None)],
    }
    if scan.items.iter().all(|item| item.mode.is_none()) && cfg!(windows) {
        return Vec::new();
    }
    let mode = |item: &ScannedFile| item.mode.unwrap_or(0) & 0o777;
    let open_to_others = |kind: &dyn Fn(FileKind) -> bool| -> Vec<&ScannedFile> {
        scan.items.iter().filter(|item| kind(item.kind) && mode(item) & 0o077 != 0).collect()
    };
    let listed = |message: &str, items: &[&ScannedFile]| {
        let items = items.iter().map(|item| redactable![file(&item.path), format!(" ({:03o})", mode(item))]);
        redactable![message, list(items), "."]
    };
    let chmod = |mode: &str, items: &[&ScannedFile]| match items {
        [item] => redactable![format!("chmod {mode} "), file_argument(&item.path)],
        _ => redactable!["chmod -R go= ", file_argument("")],
    };
    let secrets = open_to_others(&FileKind::is_secret);
    let settings = open_to_others(&|kind| kind == FileKind::Settings);
    let (writable, readable): (Vec<_>, Vec<_>) =
        open_to_others(&|kind| kind == FileKind::Directory).into_iter().partition(|item| mode(item) & 0o022 != 0);
    let mut problems = Vec::new();
    if !secrets.is_empty() {
        let message = listed("Other users may read secrets in ", &secrets);
        problems.push(Check::error(ID, Code::Files, message, chmod("600", &secrets).and(ROTATE)));
    }
    if !writable.is_empty() {
        let message = listed("Other users may put files into ", &writable);
        problems.push(Check::error(ID, Code::Files, message, chmod("700", &writable)));
    }
    if !readable.is_empty() {
        let fix = chmod("700", &readable).and("  (the next start does it)");
        problems.push(Check::warning(ID, listed("Other users may list ", &readable), fix));
    }
    if has_proxy_password && !settings.is_empty() {
        let message = listed("Other users may read the proxy's password in ", &settings);
        problems.push(Check::error(ID, Code::Files, message, chmod("600", &settings)));
    }
    let count = scan.items.iter().filter(|item| item.kind.is_secret()).count();
    or_ok(problems, Check::ok(ID, format!("Only you can read the directory and the files with secrets ({count}).")))
}

/// Evaluates who has access to the directory on Windows, besides the user.
fn evaluate_access(root: &Path, others: Option<&[String]>) -> Check {
    const ID: &str = "files.modes";
    // Without a backslash at the end, which would escape the quote.
    let fix = || {
        redactable!["icacls \"", path(root), "\" /inheritance:r /grant:r \"USER:(OI)(CI)F\"  (USER is your user name)"]
    };
    match others {
        None => Check::warning(ID, "Who can read the directory is not known: icacls returned no list.", fix()),
        Some([]) => Check::ok(ID, "Of the users of this machine, only you and administrators can read the directory."),
        Some(others) => {
            let names: Vec<String> = others.iter().map(|name| crate::text::sanitize(name, 100)).collect();
            let message = format!("Others may read secrets in the directory: {}.", names.join(", "));
            Check::error(ID, Code::Files, message, fix().and(ROTATE))
        }
    }
}

fn evaluate_owners(scan: &StoreScan, is_sudo: bool) -> Vec<Check> {
    const ID: &str = "files.owner";
    // Windows: nothing is known about owners.
    if scan.user.is_none() {
        return Vec::new();
    }
    // Settings may be root's: a link to a file that a package manager installed.
    let is_roots_settings = |item: &ScannedFile| item.kind == FileKind::Settings && item.owner == Some(0);
    let foreign: Vec<(&ScannedFile, u32)> = scan
        .items
        .iter()
        .filter(|item| !is_roots_settings(item))
        .filter_map(|item| Some((item, item.owner.filter(|owner| scan.user.is_some_and(|user| user != *owner))?)))
        .collect();
    let mut problems = Vec::new();
    if let Some((_, owner)) = foreign.first() {
        let items = foreign.iter().map(|(item, owner)| redactable![file(&item.path), format!(" (user {owner})")]);
        problems.push(Check::error(
            ID,
            Code::Files,
            redactable!["Another user owns ", list(items), "."],
            format!("Run as user {owner} (without sudo), or name another directory: --config-dir DIR"),
        ));
    }
    if is_sudo && scan.user == Some(0) {
        problems.push(Check::warning(
            ID,
            "The program runs under sudo: what it saves belongs to root, and you could not read it later.",
            "Run it without sudo.",
        ));
    }
    let has_roots_settings = scan.user != Some(0) && scan.items.iter().any(is_roots_settings);
    let note = if has_roots_settings { " config.toml is root's, so only root can change it." } else { "" };
    or_ok(problems, Check::ok(ID, format!("All files belong to you.{note}")))
}

/// Evaluates damaged files, files of a newer version and unsafe links.
fn evaluate_readability(scan: &StoreScan) -> Vec<Check> {
    const DAMAGED: &str = "files.damaged";
    const NEWER: &str = "files.newer";
    let failed = |item: &ScannedFile| {
        let error = item.problem.as_ref()?;
        let id = if error.code == Code::FileNewer { NEWER } else { DAMAGED };
        Some(Check::failed_at(id, error, &scan.root.join(&item.path).to_string_lossy(), &file(&item.path)))
    };
    let (newer, damaged): (Vec<Check>, Vec<Check>) =
        scan.items.iter().filter_map(failed).partition(|check| check.id == NEWER);
    let mut checks = or_ok(damaged, Check::ok(DAMAGED, "Every file can be read and parsed."));
    checks.extend(or_ok(newer, Check::ok(NEWER, "No file was written by a newer version.")));
    checks
}

fn evaluate_names(scan: &StoreScan) -> Check {
    const ID: &str = "files.names";
    if scan.misnamed.is_empty() {
        return Check::ok(ID, "No copies that a sync program left, or other unexpected file names.");
    }
    let verb = if scan.misnamed.len() == 1 { "is" } else { "are" };
    Check::warning(
        ID,
        list(scan.misnamed.iter().map(|path| file(path)))
            .and(format!(" {verb} not loaded: the name is not valid for a profile or an app.")),
        "If a sync program created them, compare them with the originals, then delete or rename them: use a-z, 0-9, dot, underscore and hyphen.",
    )
}

fn evaluate_leftovers(scan: &StoreScan) -> Check {
    const ID: &str = "files.leftovers";
    let files = match scan.leftovers {
        0 => return Check::ok(ID, "No temporary files are left over."),
        1 => "1 temporary file was".to_owned(),
        count => format!("{count} temporary files were"),
    };
    Check::warning(
        ID,
        format!("{files} left by a crash, and may hold secrets."),
        redactable![
            "The next ",
            program(),
            " status removes those older than an hour, a change of ",
            program(),
            " encryption removes all. Their names begin with .tmp-linkedin-tui-",
        ],
    )
}

fn evaluate_locks(scan: &StoreScan) -> Vec<Check> {
    const ID: &str = "files.locks";
    let problems = scan.locks.iter().filter_map(|lock| match &lock.holder {
        LockHolder::Free => None,
        LockHolder::Process(process) => Some(Check::warning(
            ID,
            redactable![
                process.as_deref().unwrap_or("Another process"),
                " is working on ",
                describe_lock(&lock.name),
                "."
            ],
            "Wait until it is done. If it hangs, end that process, which releases its lock.",
        )),
        LockHolder::Unknown => Some(Check::warning(
            ID,
            redactable!["It is unknown whether a process is working on ", describe_lock(&lock.name), "."],
            "Keep the directory on a local disk: some network file systems have no locks.",
        )),
    });
    let lock_files = match scan.locks.len() {
        1 => "1 lock file".to_owned(),
        count => format!("{count} lock files"),
    };
    or_ok(problems.collect(), Check::ok(ID, format!("No lock is held ({lock_files}).")))
}

/// Returns what the lock of this name protects.
fn describe_lock(lock: &str) -> RedactableText {
    let name = |kind: &str| lock.strip_prefix(kind).and_then(|name| Name::parse(name).ok());
    if let Some(name) = name("profile-") {
        redactable!["the profile ", profile(&name)]
    } else if let Some(name) = name("app-") {
        redactable!["the app ", app(&name)]
    } else if let Some(name) = name("deliver-") {
        redactable!["the deliveries of the profile ", profile(&name)]
    } else if let Some(name) = name("posts-") {
        redactable!["the posts of the profile ", profile(&name)]
    } else if let Some(name) = name("draft-") {
        redactable!["the draft of the profile ", profile(&name)]
    } else if lock.starts_with("storage") {
        "how secrets are stored".into()
    } else if lock == "notified" {
        "the expiry notifications".into()
    } else if lock.starts_with("article-") {
        "an article".into()
    } else if lock.starts_with("deleted-") {
        "a deleted profile".into()
    } else if lock == "state" {
        "state.toml".into()
    } else {
        "a file".into()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::check::CheckState;
    use super::*;
    use crate::store::ScannedLock;

    fn scan() -> StoreScan {
        let mut scan = StoreScan::scan(&PathBuf::from("/no/such/directory"));
        scan.exists = true;
        scan.user = Some(1000);
        scan.items = [
            ("", FileKind::Directory, 0o700),
            ("apps/a.toml", FileKind::App, 0o600),
            ("profiles/p.toml", FileKind::Profile, 0o600),
        ]
        .map(|(path, kind, mode)| ScannedFile {
            path: path.to_owned(),
            kind,
            mode: Some(mode),
            owner: Some(1000),
            problem: None,
        })
        .to_vec();
        scan
    }

    fn only_check(found: &[Check]) -> (CheckState, String) {
        assert_eq!(found.len(), 1, "{found:?}");
        let fix = found[0].fix.as_ref().map(|fix| fix.plain(Path::new("/c"), "linkedin-tui")).unwrap_or_default();
        (found[0].state, format!("{} | {fix}", found[0].message.plain(Path::new("/c"), "linkedin-tui")))
    }

    #[test]
    fn on_windows_the_access_control_list_is_checked() {
        let evaluate = |others: Option<&[&str]>| {
            let others = others.map(|names| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
            let mut scan = scan();
            scan.access = others.map_or(DirectoryAccess::Unreadable, DirectoryAccess::Others);
            only_check(&evaluate_modes(&scan, false))
        };
        assert_eq!(evaluate(Some(&[])).0, CheckState::Ok);
        let (state, text) = evaluate(Some(&["Everyone", "BUILTIN\\Users"]));
        assert_eq!(state, CheckState::Error);
        assert!(
            text.contains("Everyone, BUILTIN\\Users") && text.contains("icacls \"") && text.contains("(OI)(CI)F"),
            "{text}"
        );
        assert_eq!(evaluate(None).0, CheckState::Warning);
    }

    #[test]
    fn a_private_directory_has_nothing_to_fix() {
        assert!(evaluate(&scan(), true).iter().all(|check| check.state == CheckState::Ok && check.fix.is_none()));
    }

    #[test]
    fn s18_open_modes_are_reported_with_the_mode_and_the_fix() {
        let mut open_file = scan();
        open_file.items[2].mode = Some(0o644);
        let (state, text) = only_check(&evaluate_modes(&open_file, false));
        assert_eq!(state, CheckState::Error);
        assert!(
            text.contains("/c/profiles/p.toml (644)") && text.contains("chmod 600") && text.contains("client secret"),
            "{text}"
        );
        let mut open_directory = scan();
        open_directory.items[0].mode = Some(0o755);
        assert_eq!(only_check(&evaluate_modes(&open_directory, false)).0, CheckState::Warning);
        open_directory.items[0].mode = Some(0o777);
        assert_eq!(only_check(&evaluate_modes(&open_directory, false)).0, CheckState::Error);
        let mut settings = scan();
        settings.items[1].kind = FileKind::Settings;
        settings.items[1].mode = Some(0o644);
        assert_eq!(only_check(&evaluate_modes(&settings, false)).0, CheckState::Ok, "settings alone are not secret");
        assert_eq!(only_check(&evaluate_modes(&settings, true)).0, CheckState::Error);
    }

    #[test]
    fn s19_foreign_files_and_sudo_are_reported() {
        let mut foreign = scan();
        foreign.items[1].owner = Some(0);
        let (state, text) = only_check(&evaluate_owners(&foreign, false));
        assert!(
            state == CheckState::Error && text.contains("apps/a.toml (user 0)") && text.contains("without sudo"),
            "{text}"
        );
        let mut root = scan();
        root.user = Some(0);
        root.items.iter_mut().for_each(|item| item.owner = Some(0));
        assert_eq!(only_check(&evaluate_owners(&root, true)).0, CheckState::Warning);
        assert_eq!(only_check(&evaluate_owners(&root, false)).0, CheckState::Ok);
    }

    #[test]
    fn s16_a_replaceable_directory_is_reported() {
        let mut replaceable = scan();
        replaceable.writable_ancestor = Some(PathBuf::from("/shared"));
        assert_eq!(evaluate_directory(&replaceable).state, CheckState::Error);
        replaceable.exists = false;
        assert_eq!(evaluate_directory(&replaceable).state, CheckState::Ok, "nothing is there yet");
        replaceable.is_blocked = true;
        assert_eq!(evaluate_directory(&replaceable).state, CheckState::Error);
    }

    #[test]
    fn damaged_and_newer_files_are_two_checks() {
        let mut unreadable = scan();
        unreadable.items[1].problem = Some(crate::Error::new(Code::FileDamaged, "x", "y"));
        unreadable.items[2].problem = Some(crate::Error::new(Code::FileNewer, "x", "y"));
        let found: Vec<_> = evaluate_readability(&unreadable).iter().map(|check| (check.id, check.code)).collect();
        assert_eq!(found, [("files.damaged", Some(Code::FileDamaged)), ("files.newer", Some(Code::FileNewer))]);
    }

    #[test]
    fn s28_s29_leftovers_and_conflict_copies_are_reported() {
        let mut scan = scan();
        scan.leftovers = 2;
        scan.misnamed = vec!["profiles/p (1).toml".to_owned()];
        assert_eq!(evaluate_leftovers(&scan).state, CheckState::Warning);
        let check = evaluate_names(&scan);
        assert_eq!(check.state, CheckState::Warning);
        assert!(check.message.plain(Path::new("/c"), "linkedin-tui").contains("p (1).toml is not loaded"));
    }

    #[test]
    fn locks_are_reported_with_their_holder() {
        let mut locked = scan();
        let lock = |name: &str, holder| ScannedLock { name: name.to_owned(), holder };
        locked.locks = vec![lock("profile-p", LockHolder::Free), lock("state", LockHolder::Free)];
        assert_eq!(only_check(&evaluate_locks(&locked)).0, CheckState::Ok);
        locked.locks[0].holder = LockHolder::Process(Some("linkedin-tui (pid 7)".to_owned()));
        let (state, text) = only_check(&evaluate_locks(&locked));
        assert!(
            state == CheckState::Warning && text.contains("linkedin-tui (pid 7) is working on the profile p"),
            "{text}"
        );
        locked.locks[0].holder = LockHolder::Free;
        locked.locks[1].holder = LockHolder::Unknown;
        assert_eq!(only_check(&evaluate_locks(&locked)).0, CheckState::Warning);
    }

    #[test]
    fn a_lock_is_named_by_what_it_protects() {
        for (lock, expected) in [
            ("profile-p", "the profile p"),
            ("deliver-p", "the deliveries of the profile p"),
            ("posts-p", "the posts of the profile p"),
            ("draft-p", "the draft of the profile p"),
            ("storage-queue", "how secrets are stored"),
            ("state", "state.toml"),
            ("notified", "the expiry notifications"),
            ("article-0123456789abcdef", "an article"),
        ] {
            assert_eq!(describe_lock(lock).plain(Path::new("/c"), "linkedin-tui"), expected);
        }
    }
}
