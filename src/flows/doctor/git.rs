//! `files.git`: whether the config directory is in a git repository that contains its secrets.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::check::Check;
use super::redactable::{file, file_argument, list, path, redactable};
use crate::Code;
use crate::host::{PRIVATE_VARIABLES, is_in_path};

/// How long git may take.
const GIT_TIMEOUT: Duration = Duration::from_secs(5);

/// The result of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GitStatus {
    /// No ancestor directory has a `.git`.
    NoRepository,
    /// There is a repository, but git is missing or failed, or the config directory does not exist.
    Unavailable(PathBuf),
    /// git listed the files with secrets.
    Listed {
        repository: PathBuf,
        tracked: Vec<String>,
        /// Files that are neither tracked nor ignored: the next `git add .` adds them.
        unignored: Vec<String>,
    },
}

/// Finds the repository of the config directory and lists its files with secrets.
pub(super) async fn scan(root: &Path) -> GitStatus {
    // The files are in the repository that their real path is in.
    let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let Some(repository) = root.ancestors().find(|directory| directory.join(".git").exists()).map(Path::to_owned)
    else {
        return GitStatus::NoRepository;
    };
    if !root.is_dir() || !is_in_path("git") {
        return GitStatus::Unavailable(repository);
    }
    match (list_secrets(&root, &["--cached"]).await, list_secrets(&root, &["--others", "--exclude-standard"]).await) {
        (Some(tracked), Some(unignored)) => GitStatus::Listed { repository, tracked, unignored },
        _ => GitStatus::Unavailable(repository),
    }
}

/// Returns the files with secrets that `git ls-files` lists; `None` if git fails.
async fn list_secrets(root: &Path, options: &[&str]) -> Option<Vec<String>> {
    let mut command = Command::new("git");
    // The repository is not trusted: none of its programs may run. git starts one to watch files, and fetches objects
    // that are missing from a partial clone, by whatever command the repository's own settings name.
    command.args(["-c", "core.fsmonitor=false", "ls-files", "-z"]).args(options).args(["--", "apps", "profiles"]);
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "").env("GIT_OPTIONAL_LOCKS", "0");
    command.current_dir(root).env("LC_ALL", "C").stdin(Stdio::null()).kill_on_drop(true);
    for name in
        PRIVATE_VARIABLES.iter().chain(&["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PROTOCOL_FROM_USER"])
    {
        command.env_remove(name);
    }
    let output = tokio::time::timeout(GIT_TIMEOUT, command.output()).await.ok()?.ok()?;
    let listed = String::from_utf8_lossy(&output.stdout);
    // Where objects are missing git lists what it can, and exits with 0 nevertheless.
    let errors = String::from_utf8_lossy(&output.stderr);
    let is_complete = output.status.success() && !errors.lines().any(|line| line.starts_with("error:"));
    is_complete.then(|| listed.split('\0').filter(|file| !file.is_empty()).map(str::to_owned).collect())
}

/// Evaluates the result of a scan.
pub(super) fn evaluate(found: &GitStatus) -> Check {
    const ID: &str = "files.git";
    const IGNORE: &str = "Put apps/ and profiles/ into its .gitignore, or keep the files elsewhere: --config-dir DIR";
    let files = |files: &[String]| list(files.iter().map(|path| file(path)));
    match found {
        GitStatus::NoRepository => Check::ok(ID, "The config directory is not in a git repository."),
        GitStatus::Unavailable(repository) => Check::warning(
            ID,
            redactable![
                "The config directory is in the git repository ",
                path(repository),
                ", and git could not list whether secrets are tracked.",
            ],
            IGNORE,
        ),
        GitStatus::Listed { tracked, .. } if !tracked.is_empty() => Check::error(
            ID,
            Code::Files,
            redactable!["git tracks files with secrets: ", files(tracked), "."],
            redactable![
                "git rm -r --cached ",
                file_argument("apps"),
                " ",
                file_argument("profiles"),
                "; put both into .gitignore; create a new client secret and sign in again, because the history contains the old ones.",
            ],
        ),
        GitStatus::Listed { unignored, repository, .. } if !unignored.is_empty() => Check::warning(
            ID,
            redactable!["The next \"git add\" in ", path(repository), " would add secrets: ", files(unignored), "."],
            IGNORE,
        ),
        GitStatus::Listed { repository, .. } => {
            Check::ok(ID, redactable!["The git repository ", path(repository), " ignores the secrets."])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::CheckState;
    use super::*;

    #[test]
    fn x18_tracked_secrets_are_errors_unignored_ones_warnings() {
        let state = |tracked: &[&str], unignored: &[&str]| {
            let to_owned = |files: &[&str]| files.iter().map(|file| (*file).to_owned()).collect();
            evaluate(&GitStatus::Listed {
                repository: "/r".into(),
                tracked: to_owned(tracked),
                unignored: to_owned(unignored),
            })
            .state
        };
        assert_eq!(evaluate(&GitStatus::NoRepository).state, CheckState::Ok);
        assert_eq!(evaluate(&GitStatus::Unavailable("/r".into())).state, CheckState::Warning);
        assert_eq!(state(&["profiles/p.toml"], &[]), CheckState::Error);
        assert_eq!(state(&[], &["profiles/p.toml"]), CheckState::Warning);
        assert_eq!(state(&[], &[]), CheckState::Ok);
    }

    /// Runs git on a repository; nothing if it is not installed.
    #[cfg(unix)]
    fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.email=a@b", "-c", "user.name=a"]).args(arguments).current_dir(directory);
        let output = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().ok()?;
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn x18_foreign_repository_runs_no_program_and_is_not_ok() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for directory in ["apps", "profiles"] {
            std::fs::create_dir(root.join(directory)).unwrap();
            std::fs::write(root.join(directory).join("p.toml"), directory).unwrap();
        }
        let Some(_) = git(root, &["init", "-q"]) else { return };
        git(root, &["add", "."]);
        git(root, &["commit", "-qm", "x"]);
        // A partial clone without the tree of profiles/, which git would fetch by a command of the untrusted repository.
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
        let found = scan(root).await;
        assert!(!ran.exists(), "a program that the repository configured ran");
        assert!(matches!(found, GitStatus::Unavailable(_)), "{found:?}");
        // Without these protections git runs the program, so the test's repository is right.
        let mut unprotected = std::process::Command::new("git");
        unprotected.args(["ls-files", "--", "profiles"]).current_dir(root).output().unwrap();
        assert!(ran.exists());
    }

    #[tokio::test]
    async fn a_directory_outside_a_repository_needs_no_git() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(scan(dir.path()).await, GitStatus::NoRepository);
    }

    #[tokio::test]
    async fn a_repository_is_found_from_a_missing_directory() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(".git")).unwrap();
        let found = scan(&dir.path().join("not-there")).await;
        // The repository is not one, so git, if it is installed, fails.
        assert!(matches!(found, GitStatus::Unavailable(_)), "{found:?}");
    }
}
