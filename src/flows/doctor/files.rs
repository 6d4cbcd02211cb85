//! `files`: modes, owners, links, damage, names, leftovers and locks. Judges a [`Survey`], which was taken before any mode was
//! corrected.

use super::check::{Check, or_ok};
use super::redactable::RedactableText;
use crate::Code;
use crate::store::{FileKind, LockHolder, Survey, SurveyedFile};

/// The fix when others may have read a secret.
const ROTATE: &str =
    "  (and if others use this machine, make a new client secret on the app's Auth tab and sign in again)";

/// Judges the config directory; `proxy_password` is whether there is one in `config.toml`.
pub(super) fn judge(survey: &Survey, proxy_password: bool) -> Vec<Check> {
    let mut found = vec![folder(survey)];
    found.extend(modes(survey, proxy_password));
    found.extend(owners(survey, std::env::var_os("SUDO_USER").is_some()));
    found.extend(unusable(survey));
    found.push(names(survey));
    found.push(leftovers(survey));
    found.extend(locks(survey));
    found
}

fn folder(survey: &Survey) -> Check {
    const ID: &str = "files.folder";
    let root = RedactableText::default().path(&survey.root);
    if survey.blocked {
        let fix = "Move it away, or name another one: --config-dir DIR";
        return Check::error(ID, Code::Files, root.text(" is not a directory."), fix);
    }
    if !survey.exists {
        return Check::ok(ID, root.text(" does not exist yet; the first sign-in makes it."));
    }
    match &survey.writable_ancestor {
        Some(above) => Check::error(
            ID,
            Code::Files,
            root.text(" is in a folder where other users may put another in its place: ").path(above),
            RedactableText::from("chmod o-w ").path(above).text(" or keep the files elsewhere: --config-dir DIR"),
        ),
        None => Check::ok(ID, root.text(" holds settings, apps and profiles.")),
    }
}

fn is_open_to_others(item: &SurveyedFile) -> bool {
    item.mode.is_some_and(|mode| mode & 0o077 != 0)
}

fn modes(survey: &Survey, proxy_password: bool) -> Vec<Check> {
    const ID: &str = "files.modes";
    let named = |item: &SurveyedFile| {
        RedactableText::default().file(&item.path).text(&format!(" ({:03o})", item.mode.unwrap_or(0) & 0o777))
    };
    let listed = |items: &[&SurveyedFile]| RedactableText::default().list(items.iter().map(|item| named(item)));
    // One file has its own command; several are made private with all that is in the folder.
    let quote = if survey.root.to_string_lossy().contains(' ') { "'" } else { "" };
    let command = |mode: &str, items: &[&SurveyedFile]| match items {
        [one] => RedactableText::from(format!("chmod {mode} {quote}")).file(&one.path).text(quote),
        _ => RedactableText::from(format!("chmod -R go= {quote}")).file("").text(quote),
    };
    let secrets: Vec<&SurveyedFile> =
        survey.items.iter().filter(|item| item.kind.is_secret()).filter(|item| is_open_to_others(item)).collect();
    let folders: Vec<&SurveyedFile> = survey
        .items
        .iter()
        .filter(|item| item.kind == FileKind::Folder)
        .filter(|item| is_open_to_others(item))
        .collect();
    let (writable, readable): (Vec<&SurveyedFile>, Vec<&SurveyedFile>) =
        folders.into_iter().partition(|item| item.mode.is_some_and(|mode| mode & 0o022 != 0));
    let mut found = Vec::new();
    if !secrets.is_empty() {
        let message = RedactableText::from("Other users may read secrets in ").and(listed(&secrets)).text(".");
        found.push(Check::error(ID, Code::Files, message, command("600", &secrets).text(ROTATE)));
    }
    if !writable.is_empty() {
        let message = RedactableText::from("Other users may put files into ").and(listed(&writable)).text(".");
        found.push(Check::error(ID, Code::Files, message, command("700", &writable)));
    }
    if !readable.is_empty() {
        let message = RedactableText::from("Other users may look into ").and(listed(&readable)).text(".");
        let fix = command("700", &readable).text("  (the next start does it)");
        found.push(Check::warning(ID, message, fix));
    }
    let settings: Vec<&SurveyedFile> = survey
        .items
        .iter()
        .filter(|item| item.kind == FileKind::Settings)
        .filter(|item| is_open_to_others(item))
        .collect();
    if proxy_password && !settings.is_empty() {
        let message =
            RedactableText::from("Other users may read the proxy's password in ").and(listed(&settings)).text(".");
        found.push(Check::error(ID, Code::Files, message, command("600", &settings)));
    }
    or_ok(found, || {
        let files = survey.items.iter().filter(|item| item.kind.is_secret()).count();
        Check::ok(ID, format!("Only you may look: the folder is private, and so are the files with secrets ({files})."))
    })
}

fn owners(survey: &Survey, sudo: bool) -> Vec<Check> {
    const ID: &str = "files.owner";
    let foreign: Vec<&SurveyedFile> = survey
        .items
        .iter()
        .filter(|item| matches!((item.owner, survey.user), (Some(owner), Some(user)) if owner != user))
        // Settings may be root's: a link into a package manager's store.
        .filter(|item| item.kind != FileKind::Settings || item.owner != Some(0))
        .collect();
    let mut found = Vec::new();
    if let Some(first) = foreign.first() {
        let named = |item: &&SurveyedFile| {
            RedactableText::default().file(&item.path).text(&format!(" (user {})", item.owner.unwrap_or(0)))
        };
        found.push(Check::error(
            ID,
            Code::Files,
            RedactableText::from("Somebody else owns ").list(foreign.iter().map(named)).text("."),
            format!(
                "Run as user {} (without sudo), or name another folder: --config-dir DIR",
                first.owner.unwrap_or(0)
            ),
        ));
    }
    if sudo && survey.user == Some(0) {
        found.push(Check::warning(
            ID,
            "The program runs by sudo: what it saves belongs to root, and you could not read it later.",
            "Run it without sudo.",
        ));
    }
    let root_s = survey
        .items
        .iter()
        .any(|item| item.kind == FileKind::Settings && item.owner == Some(0) && survey.user != Some(0));
    or_ok(found, || {
        let note = if root_s { " config.toml is root's, so only root can change it." } else { "" };
        Check::ok(ID, format!("Everything is your own.{note}"))
    })
}

/// Damaged files, files of a newer version, unsafe links.
fn unusable(survey: &Survey) -> Vec<Check> {
    const DAMAGED: &str = "files.damaged";
    const NEWER: &str = "files.newer";
    let failed = |item: &SurveyedFile, error: &crate::Error| {
        let id = if error.code == Code::FileNewer { NEWER } else { DAMAGED };
        let whole = survey.root.join(&item.path);
        Check::failed(id, error, &whole.to_string_lossy(), &RedactableText::default().file(&item.path))
    };
    let all: Vec<Check> =
        survey.items.iter().filter_map(|item| item.problem.as_ref().map(|error| failed(item, error))).collect();
    let (newer, damaged): (Vec<Check>, Vec<Check>) = all.into_iter().partition(|check| check.id == NEWER);
    let mut found = or_ok(damaged, || Check::ok(DAMAGED, "Every file can be read and understood."));
    found.extend(or_ok(newer, || Check::ok(NEWER, "No file was written by a newer version.")));
    found
}

fn names(survey: &Survey) -> Check {
    const ID: &str = "files.names";
    if survey.misnamed.is_empty() {
        return Check::ok(ID, "No conflict copies or other unexpected file names.");
    }
    let misnamed =
        RedactableText::default().list(survey.misnamed.iter().map(|path| RedactableText::default().file(path)));
    Check::warning(
        ID,
        misnamed
            .text(if survey.misnamed.len() == 1 { " is" } else { " are" })
            .text(" not loaded: such a name is no profile's or app's."),
        "If a sync program made them, compare them with the originals, then delete them or give them a name of a-z, 0-9, dot, underscore and hyphen.",
    )
}

fn leftovers(survey: &Survey) -> Check {
    const ID: &str = "files.leftovers";
    match survey.leftovers {
        0 => Check::ok(ID, "No temporary files are left over."),
        count => Check::warning(
            ID,
            format!(
                "{count} temporary {} left by a crash, and may hold secrets.",
                if count == 1 { "file was" } else { "files were" }
            ),
            "The next linkedin-tui status removes those older than an hour, a change of linkedin-tui encryption removes all. Their names begin with .tmp-linkedin-tui-",
        ),
    }
}

fn locks(survey: &Survey) -> Vec<Check> {
    const ID: &str = "files.locks";
    let mut found = Vec::new();
    for lock in &survey.locks {
        let name = |kind: &str| lock.name.strip_prefix(kind).and_then(|name| crate::store::Name::parse(name).ok());
        let what = if let Some(name) = name("profile-") {
            RedactableText::from("the profile ").profile(&name)
        } else if let Some(name) = name("app-") {
            RedactableText::from("the app ").app(&name)
        } else if lock.name.starts_with("storage") {
            RedactableText::from("how secrets are stored")
        } else if let Some(name) = name("deliver-") {
            RedactableText::from("the deliveries of the profile ").profile(&name)
        } else if let Some(name) = name("posts-").or_else(|| name("draft-")) {
            RedactableText::from("the posts of the profile ").profile(&name)
        } else {
            RedactableText::from("the current profile")
        };
        match &lock.holder {
            LockHolder::Free => {}
            LockHolder::By(who) => {
                let who = who.as_deref().unwrap_or("Another process");
                found.push(Check::warning(
                    ID,
                    RedactableText::from(format!("{who} is working on ")).and(what).text("."),
                    "Wait until it is done; where it hangs, end that process: its lock goes with it.",
                ));
            }
            LockHolder::Unknown => found.push(Check::warning(
                ID,
                RedactableText::from("Nobody can say whether a process is working on ").and(what).text("."),
                "Keep the folder on a local disk: some network file systems know no locks.",
            )),
        }
    }
    or_ok(found, || Check::ok(ID, format!("No lock is held ({} lock files).", survey.locks.len())))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::check::CheckState;
    use super::*;
    use crate::store::SurveyedLock;

    fn survey() -> Survey {
        let mut survey = Survey::scan(&PathBuf::from("/no/such/folder"));
        survey.exists = true;
        survey.user = Some(1000);
        survey.items = [
            ("", FileKind::Folder, 0o700),
            ("apps/a.toml", FileKind::App, 0o600),
            ("profiles/p.toml", FileKind::Profile, 0o600),
        ]
        .map(|(path, kind, mode)| SurveyedFile {
            path: path.to_owned(),
            kind,
            mode: Some(mode),
            owner: Some(1000),
            problem: None,
        })
        .to_vec();
        survey
    }

    fn one(found: &[Check]) -> (CheckState, String) {
        assert_eq!(found.len(), 1, "{found:?}");
        let fix = found[0].fix.as_ref().map(|fix| fix.plain(&PathBuf::from("/c"))).unwrap_or_default();
        (found[0].state, format!("{} | {fix}", found[0].message.plain(&PathBuf::from("/c"))))
    }

    #[test]
    fn a_tidy_folder_has_nothing_to_mend() {
        assert!(judge(&survey(), true).iter().all(|check| check.state == CheckState::Ok && check.fix.is_none()));
    }

    #[test]
    fn s18_open_modes_are_told_with_the_mode_and_the_mend() {
        let mut open = survey();
        open.items[2].mode = Some(0o644);
        let (state, words) = one(&modes(&open, false));
        assert_eq!(state, CheckState::Error);
        assert!(
            words.contains("/c/profiles/p.toml (644)")
                && words.contains("chmod 600")
                && words.contains("client secret"),
            "{words}"
        );
        let mut wide = survey();
        wide.items[0].mode = Some(0o755);
        assert_eq!(one(&modes(&wide, false)).0, CheckState::Warning);
        wide.items[0].mode = Some(0o777);
        assert_eq!(one(&modes(&wide, false)).0, CheckState::Error);
        let mut settings = survey();
        settings.items[1].kind = FileKind::Settings;
        settings.items[1].mode = Some(0o644);
        assert_eq!(one(&modes(&settings, false)).0, CheckState::Ok, "settings alone are no secret");
        assert_eq!(one(&modes(&settings, true)).0, CheckState::Error);
    }

    #[test]
    fn s19_foreign_files_and_sudo_are_reported() {
        let mut foreign = survey();
        foreign.items[1].owner = Some(0);
        let (state, words) = one(&owners(&foreign, false));
        assert!(
            state == CheckState::Error && words.contains("apps/a.toml (user 0)") && words.contains("without sudo"),
            "{words}"
        );
        let mut root = survey();
        root.user = Some(0);
        root.items.iter_mut().for_each(|item| item.owner = Some(0));
        assert_eq!(one(&owners(&root, true)).0, CheckState::Warning);
        assert_eq!(one(&owners(&root, false)).0, CheckState::Ok);
    }

    #[test]
    fn s16_a_replaceable_directory_is_reported() {
        let mut open = survey();
        open.writable_ancestor = Some(PathBuf::from("/shared"));
        assert_eq!(folder(&open).state, CheckState::Error);
        open.exists = false;
        assert_eq!(folder(&open).state, CheckState::Ok, "nothing is there yet");
        open.blocked = true;
        assert_eq!(folder(&open).state, CheckState::Error);
    }

    #[test]
    fn damaged_and_newer_files_are_two_findings() {
        let mut bad = survey();
        bad.items[1].problem = Some(crate::Error::new(Code::FileDamaged, "x", "y"));
        bad.items[2].problem = Some(crate::Error::new(Code::FileNewer, "x", "y"));
        let found: Vec<_> = unusable(&bad).iter().map(|check| (check.id, check.code)).collect();
        assert_eq!(found, [("files.damaged", Some(Code::FileDamaged)), ("files.newer", Some(Code::FileNewer))]);
    }

    #[test]
    fn s28_s29_leftovers_and_conflict_copies_are_reported() {
        let mut left = survey();
        left.leftovers = 2;
        left.misnamed = vec!["profiles/p (1).toml".to_owned()];
        assert_eq!(leftovers(&left).state, CheckState::Warning);
        let check = names(&left);
        assert_eq!(check.state, CheckState::Warning);
        assert!(check.message.plain(&PathBuf::from("/c")).contains("p (1).toml is not loaded"));
    }

    #[test]
    fn locks_are_told_with_their_holder() {
        let mut busy = survey();
        let lock = |name: &str, holder| SurveyedLock { name: name.to_owned(), holder };
        busy.locks = vec![lock("profile-p", LockHolder::Free), lock("state", LockHolder::Free)];
        assert_eq!(one(&locks(&busy)).0, CheckState::Ok);
        busy.locks[0].holder = LockHolder::By(Some("linkedin-tui (pid 7)".to_owned()));
        let (state, words) = one(&locks(&busy));
        assert!(
            state == CheckState::Warning && words.contains("linkedin-tui (pid 7) is working on the profile p"),
            "{words}"
        );
        busy.locks[0].holder = LockHolder::Free;
        busy.locks[1].holder = LockHolder::Unknown;
        assert_eq!(one(&locks(&busy)).0, CheckState::Warning);
    }
}
