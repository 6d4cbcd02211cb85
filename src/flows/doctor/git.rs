//! `files.git`: is the folder in a git repository, and are its secrets in there too?

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::check::Check;
use super::words::Words;
use crate::Code;
use crate::host::{PRIVATE_VARIABLES, is_in_path};

/// How long git is waited for.
const WAIT: Duration = Duration::from_secs(5);

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No folder above has a `.git`.
    NoRepository,
    /// There is one, but git is not there or does not answer.
    NotAsked(PathBuf),
    /// git was asked for files with secrets.
    Asked {
        /// The repository.
        repository: PathBuf,
        /// Files that are tracked.
        tracked: Vec<String>,
        /// Files that are neither tracked nor ignored: the next `git add .` takes them.
        unguarded: Vec<String>,
    },
}

/// Looks upwards from the folder, and asks git where there is a repository and git.
pub(super) async fn look(root: &Path) -> Found {
    // A link to the folder does not change in which repository its files are.
    let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let Some(repository) = root.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned) else {
        return Found::NoRepository;
    };
    if !root.is_dir() || !is_in_path("git") {
        return Found::NotAsked(repository);
    }
    match (list(&root, &["--cached"]).await, list(&root, &["--others", "--exclude-standard"]).await) {
        (Some(tracked), Some(unguarded)) => Found::Asked { repository, tracked, unguarded },
        _ => Found::NotAsked(repository),
    }
}

/// The files with secrets that `git ls-files` lists, or nothing where git refuses.
async fn list(root: &Path, which: &[&str]) -> Option<Vec<String>> {
    let mut command = Command::new("git");
    // The repository may be a stranger's: none of its programs may run. git starts one to watch files, and fetches objects
    // that are missing from a partial clone, by whatever command the repository's own settings name.
    command.args(["-c", "core.fsmonitor=false", "ls-files", "-z"]).args(which).args(["--", "apps", "profiles"]);
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "").env("GIT_OPTIONAL_LOCKS", "0");
    command.current_dir(root).env("LC_ALL", "C").stdin(Stdio::null()).kill_on_drop(true);
    for name in
        PRIVATE_VARIABLES.iter().chain(&["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PROTOCOL_FROM_USER"])
    {
        command.env_remove(name);
    }
    let output = tokio::time::timeout(WAIT, command.output()).await.ok()?.ok()?;
    let listed = String::from_utf8_lossy(&output.stdout);
    // Without the objects it lacks git lists what it can, and ends with 0 all the same.
    let errors = String::from_utf8_lossy(&output.stderr);
    let is_whole = output.status.success() && !errors.lines().any(|line| line.starts_with("error:"));
    is_whole.then(|| listed.split('\0').filter(|file| !file.is_empty()).map(str::to_owned).collect())
}

/// Judges what was found.
pub(super) fn judge(found: &Found) -> Check {
    const ID: &str = "files.git";
    let files = |files: &[String]| {
        let named: Vec<Words> = files.iter().map(|file| Words::default().file(file)).collect();
        Words::default().list(named.into_iter())
    };
    match found {
        Found::NoRepository => Check::ok(ID, "The folder is in no git repository."),
        Found::NotAsked(repository) => Check::warning(
            ID,
            Words::from("The folder is in the git repository ")
                .path(repository)
                .text(", and git could not be asked whether secrets are tracked."),
            "Put apps/ and profiles/ into its .gitignore, or keep the files elsewhere: --config-dir DIR",
        ),
        Found::Asked { tracked, .. } if !tracked.is_empty() => Check::error(
            ID,
            Code::Files,
            Words::from("git tracks files with secrets: ").and(files(tracked)).text("."),
            Words::from("git rm -r --cached ")
                .file("apps")
                .text(" ")
                .file("profiles")
                .text("; put both into .gitignore; make a new client secret and sign in again, for the history keeps the old ones."),
        ),
        Found::Asked { unguarded, repository, .. } if !unguarded.is_empty() => Check::warning(
            ID,
            Words::from("The next \"git add\" in ").path(repository).text(" would take secrets along: ").and(files(unguarded)).text("."),
            "Put apps/ and profiles/ into its .gitignore, or keep the files elsewhere: --config-dir DIR",
        ),
        Found::Asked { repository, .. } => {
            Check::ok(ID, Words::from("The git repository ").path(repository).text(" leaves the secrets out."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn x18_tracked_secrets_are_errors_unignored_ones_warnings() {
        let asked = |tracked: &[&str], unguarded: &[&str]| {
            let all = |files: &[&str]| files.iter().map(|file| (*file).to_owned()).collect();
            judge(&Found::Asked { repository: "/r".into(), tracked: all(tracked), unguarded: all(unguarded) }).state
        };
        assert_eq!(judge(&Found::NoRepository).state, State::Ok);
        assert_eq!(judge(&Found::NotAsked("/r".into())).state, State::Warning);
        assert_eq!(asked(&["profiles/p.toml"], &[]), State::Error);
        assert_eq!(asked(&[], &["profiles/p.toml"]), State::Warning);
        assert_eq!(asked(&[], &[]), State::Ok);
    }

    /// Runs git on a repository; nothing where it is not installed.
    fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.email=a@b", "-c", "user.name=a"]).args(arguments).current_dir(folder);
        let done = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().ok()?;
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        Some(String::from_utf8(done.stdout).unwrap().trim().to_owned())
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn x18_foreign_repository_runs_no_program_and_is_not_ok() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for folder in ["apps", "profiles"] {
            std::fs::create_dir(root.join(folder)).unwrap();
            std::fs::write(root.join(folder).join("p.toml"), folder).unwrap();
        }
        let Some(_) = git(root, &["init", "-q"]) else { return };
        git(root, &["add", "."]);
        git(root, &["commit", "-qm", "x"]);
        // A partial clone without the tree of profiles/, which is to be fetched by a command of the stranger's.
        let (ran, script) = (root.join("ran"), root.join("run"));
        std::fs::write(&script, format!("#!/bin/sh\n: > '{}'\n", ran.display())).unwrap();
        let url = format!("ext::sh {}", script.display());
        for (name, value) in [
            ("core.repositoryFormatVersion", "1"),
            ("extensions.partialClone", "origin"),
            ("remote.origin.promisor", "true"),
            ("remote.origin.url", &url),
            ("protocol.ext.allow", "always"),
            ("core.fsmonitor", &format!("sh {}", script.display())),
        ] {
            git(root, &["config", name, value]);
        }
        let tree = git(root, &["rev-parse", "HEAD:profiles"]).unwrap();
        git(root, &["-c", "core.fsmonitor=false", "sparse-checkout", "set", "--cone", "--sparse-index", "apps"]);
        drop(std::fs::remove_file(&ran));
        std::fs::remove_file(root.join(".git/objects").join(&tree[..2]).join(&tree[2..])).unwrap();
        let found = look(root).await;
        assert!(!ran.exists(), "a program of the repository's ran");
        assert!(matches!(found, Found::NotAsked(_)), "{found:?}");
        // The same without git's guards does run it: the repository is what it should be.
        let mut plain = std::process::Command::new("git");
        plain.args(["ls-files", "--", "profiles"]).current_dir(root).output().unwrap();
        assert!(ran.exists());
    }

    #[tokio::test]
    async fn a_folder_without_a_repository_is_told_without_git() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(look(dir.path()).await, Found::NoRepository);
        std::fs::create_dir(dir.path().join(".git")).unwrap();
        let found = look(&dir.path().join("not-there")).await;
        assert!(matches!(found, Found::NotAsked(_) | Found::NoRepository), "{found:?}");
    }
}
