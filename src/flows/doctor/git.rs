//! `files.git`: is the folder in a git repository, and are its secrets in there too?

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::check::Check;
use super::words::Words;
use crate::Code;
use crate::desktop::{PRIVATE_VARIABLES, in_path};

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
    if !root.is_dir() || !in_path("git") {
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
    // The repository may be a stranger's: none of its programs may run.
    command.args(["-c", "core.fsmonitor=false", "ls-files", "-z"]).args(which).args(["--", "apps", "profiles"]);
    command.current_dir(root).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    for name in PRIVATE_VARIABLES.iter().chain(&["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"]) {
        command.env_remove(name);
    }
    let output = tokio::time::timeout(WAIT, command.output()).await.ok()?.ok()?;
    let listed = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| listed.split('\0').filter(|file| !file.is_empty()).map(str::to_owned).collect())
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
    fn x18_tracked_secrets_are_an_error_and_unguarded_ones_a_warning() {
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

    #[tokio::test]
    async fn a_folder_without_a_repository_is_told_without_git() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(look(dir.path()).await, Found::NoRepository);
        std::fs::create_dir(dir.path().join(".git")).unwrap();
        let found = look(&dir.path().join("not-there")).await;
        assert!(matches!(found, Found::NotAsked(_) | Found::NoRepository), "{found:?}");
    }
}
