//! The effects of the profile list: reads, checks, changes, deletes and exports profiles, and refreshes and revokes their tokens.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{LazyContext, Services};
use crate::config;
use crate::flows::calendar::calendar;
use crate::flows::export::{self, Format};
use crate::flows::manage::{self, EditOutcome, ProfileSettings};
use crate::flows::revoke::AfterRevocation;
use crate::flows::{check, dotenv, permissions, refresh, revoke};
use crate::secret::Secret;
use crate::session::pool::PoolEvent;
use crate::session::{Context, Session};
use crate::store::{DeletedProfile, FileVersion, Name, Profile, ProfileStore, Token, write_output};
use crate::sync::lock;
use crate::tui::message::{JobItem, JobKind, Message, TokenKind, Undoable};
use crate::tui::store_snapshot::{Row, StoreSnapshot};
use crate::{Code, Error, Result};

/// The version of each profile's file when it was read.
pub(super) type FileVersions = Arc<Mutex<HashMap<Name, FileVersion>>>;

/// How many profiles one message carries.
const PROFILES_PER_MESSAGE: usize = 250;

/// Lists the profiles, without reading their files, and which of the files changed since they were read. The secrets of apps
/// are not decrypted, because the keyring may hang.
pub(super) fn read_snapshot(store: &ProfileStore, versions: &FileVersions) -> Result<StoreSnapshot> {
    let (names, links) = store.names_and_links()?;
    let mut read_versions = lock(versions);
    // A profile that is gone is read again if it returns, even with the same file: its row has lost the contents.
    read_versions.retain(|name, _| names.binary_search(name).is_ok());
    // The version of a file that was never read is not queried: with ten thousand profiles that is slow.
    let changed =
        |name: &&Name| read_versions.get(*name).is_none_or(|version| Some(*version) != store.file_version(name));
    Ok(StoreSnapshot {
        stale: names.iter().filter(changed).cloned().collect(),
        rows: names.into_iter().map(Row::unread).collect(),
        links,
        apps: store.without_secrets().apps()?,
        // The screen opens even if state.toml is damaged.
        current: store.current_profile().unwrap_or_default(),
        completed_guide_steps: store.completed_guide_steps().unwrap_or_default(),
    })
}

impl Services {
    pub(super) fn reload_store(&self) {
        let (store, versions) = (self.session.store.clone(), Arc::clone(&self.file_versions));
        self.spawn_blocking(move || {
            read_snapshot(&store, &versions).map(|store| Message::StoreReloaded(Box::new(store)))
        });
    }

    /// Reads profiles without their secrets, which the list never shows.
    pub(super) fn read_profiles(&self, names: Vec<Name>) {
        let (store, messages) = (self.session.store.without_secrets(), self.messages.clone());
        let versions = Arc::clone(&self.file_versions);
        tokio::task::spawn_blocking(move || {
            for chunk in names.chunks(PROFILES_PER_MESSAGE) {
                let read = chunk.iter().map(|name| {
                    // Before the file is read: a change in between is then detected by the next listing.
                    let version = store.file_version(name);
                    let profile = store.profile(name);
                    if let Some(version) = version {
                        lock(&versions).insert(name.clone(), version);
                    }
                    (name.clone(), profile)
                });
                let msg = Message::ProfilesRead(read.collect());
                if messages.blocking_send(msg).is_err() {
                    return;
                }
            }
        });
    }

    pub(super) fn start_job(&mut self, id: u64, kind: JobKind, names: Vec<Name>) {
        let (ctx, pool, messages) = (self.context.clone(), self.pool.clone(), self.messages.clone());
        let task = tokio::task::spawn_local(async move {
            let ctx = match ctx.get().await {
                Ok(ctx) => ctx,
                Err(error) => {
                    for name in names {
                        drop(messages.send(Message::JobItemFinished { id, name, result: Err(error.clone()) }).await);
                    }
                    return;
                }
            };
            let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
            let report = move |event| drop(sender.send(event));
            let work = pool.for_each(names, |name| run_job_item(&ctx, kind, name), &report);
            tokio::pin!(work);
            let mut is_running = true;
            while is_running || !events.is_empty() {
                let event = tokio::select! {
                    biased;
                    Some(event) = events.recv() => event,
                    () = &mut work, if is_running => { is_running = false; continue; }
                };
                let msg = match event {
                    PoolEvent::Started(name) => Message::JobItemStarted { id, name },
                    PoolEvent::Finished(name, result) => Message::JobItemFinished { id, name, result },
                };
                drop(messages.send(msg).await);
            }
        });
        self.jobs.retain(|_, task| !task.is_finished());
        self.jobs.insert(id, task.abort_handle());
    }

    pub(super) fn cancel_job(&mut self, id: u64) {
        if let Some(task) = self.jobs.remove(&id) {
            task.abort();
        }
    }

    pub(super) fn revoke(&self, name: Name) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let result =
                async { revoke::revoke(&ctx.get_for(&name).await?, &name, AfterRevocation::DeleteTokens).await };
            let result = result.await.map(|revoked| revoked.error);
            Message::TokenRevoked { name, result }
        });
    }

    pub(super) fn delete(&self, names: Vec<Name>, revokes_first: bool) {
        let ctx = self.context.clone();
        let (messages, undo) = (self.messages.clone(), Arc::clone(&self.deleted));
        self.spawn(async move {
            if revokes_first && let Err(error) = revoke_all(&ctx, &names).await {
                return Message::Failed(error);
            }
            let store = ctx.session.store.clone();
            let work = tokio::task::spawn_blocking(move || {
                let mut deleted: Vec<DeletedProfile> = Vec::new();
                let mut last_error = None;
                for name in &names {
                    match store.delete_profile_with_undo(name) {
                        Ok(profile) => {
                            // The profile is deleted, but a power failure may restore it: that is reported as well.
                            last_error = profile.flush_error().cloned().or(last_error);
                            deleted.push(profile);
                        }
                        Err(error) => last_error = Some(error),
                    }
                }
                (deleted, last_error)
            });
            let Ok((deleted, last_error)) = work.await else {
                return Message::Failed(Error::new(Code::Unexpected, "The deletion was interrupted.", ""));
            };
            let names = names_of(&deleted);
            if !names.is_empty() {
                lock(&undo).push(deleted);
            }
            match last_error {
                None => Message::ProfilesDeleted(names),
                Some(error) => {
                    if !names.is_empty() {
                        drop(messages.send(Message::ProfilesDeleted(names)).await);
                    }
                    Message::Failed(error)
                }
            }
        });
    }

    /// Restores the profiles `names`, which were deleted together.
    pub(super) fn undo_delete(&self, names: Vec<Name>) {
        let (store, undo) = (self.session.store.clone(), Arc::clone(&self.deleted));
        self.spawn_blocking(move || {
            let deletion = {
                let mut deletions = lock(&undo);
                let last = deletions.iter().rposition(|deleted| names_of(deleted) == names);
                last.map(|last| deletions.remove(last))
            };
            let mut deleted = deletion.unwrap_or_default();
            let Err(error) = restore_all(&store, &mut deleted) else { return Ok(Message::DeleteUndone(names)) };
            let change = Undoable::Deletion(names_of(&deleted));
            lock(&undo).push(deleted);
            Ok(Message::UndoFailed { change, error })
        });
    }

    /// Sets the current profile, unless it was deleted or damaged meanwhile.
    pub(super) fn set_current_profile(&self, name: Name, is_undo: bool) {
        let store = self.session.store.clone();
        self.spawn_change(is_undo.then(|| Undoable::CurrentProfile(name.clone())), move || {
            let profile = store.without_secrets().profile(&name)?;
            // The interface may read the new one before it gets this message.
            let previous = store.current_profile()?;
            store.set_current_profile(Some(&name))?;
            Ok(Message::CurrentProfileSet { profile: Box::new(profile), previous, is_undo })
        });
    }

    pub(super) fn edit(&self, name: Name, before: ProfileSettings, after: ProfileSettings) {
        let (store, now) = (self.session.store.clone(), self.session.clock.now());
        self.spawn_blocking(move || {
            let conflict = match manage::edit(&store, &name, &before, &after, now)? {
                EditOutcome::Saved(_) => None,
                EditOutcome::Conflict(stored) => Some(stored),
            };
            Ok(Message::ProfileEdited { name, conflict })
        });
    }

    /// Reads a stored token, to copy it.
    pub(super) fn read_token(&self, name: Name, kind: TokenKind) {
        let store = self.session.store.clone();
        self.spawn_blocking(move || {
            let token = store.profile(&name)?.token;
            let (label, secret) = match kind {
                TokenKind::Access => ("the token", token.map(|token| token.access)),
                TokenKind::Header => {
                    let header = |token: Token| format!("Authorization: Bearer {}", crate::tui::expose(&token.access));
                    ("the header", token.map(|token| Secret::new(header(token))))
                }
                TokenKind::Refresh => {
                    ("the refresh token", token.and_then(|token| token.refresh).map(|refresh| refresh.token))
                }
            };
            let secret = secret
                .ok_or_else(|| Error::new(Code::SignedOut, format!("{name} no longer has {label} to copy."), ""))?;
            Ok(Message::SecretRead {
                label,
                secret,
                access_token_of: Some(name).filter(|_| kind != TokenKind::Refresh),
            })
        });
    }

    pub(super) fn rename(&self, old: Name, new: Name, is_undo: bool) {
        let store = self.session.store.clone();
        let undone = is_undo.then(|| Undoable::Renaming { old: new.clone(), new: old.clone() });
        self.spawn_change(undone, move || {
            store.rename_profile(&old, &new)?;
            Ok(Message::ProfileRenamed { old, new, is_undo })
        });
    }

    /// Changes files by `work`, which may undo a change: if that fails, the undo can be tried again.
    fn spawn_change(&self, undone: Option<Undoable>, work: impl FnOnce() -> Result<Message> + Send + 'static) {
        self.spawn_blocking(move || match (work(), undone) {
            (Err(error), Some(change)) => Ok(Message::UndoFailed { change, error }),
            (result, _) => result,
        });
    }

    /// Exports to the clipboard, or to files. An existing file is replaced only after the user confirmed it; a `.env` file keeps
    /// its other lines.
    pub(super) fn export(&self, names: Vec<Name>, format: Format, path: Option<PathBuf>, replaces_existing: bool) {
        let session = Arc::clone(&self.session);
        self.spawn_blocking(move || {
            let profiles: Result<Vec<Profile>> = names.iter().map(|name| session.store.profile(name)).collect();
            let profiles = profiles?;
            let Some(path) = path else {
                let texts = export_texts(&session, &profiles, format)?;
                let texts: Vec<&str> = texts.iter().map(|(_, text)| crate::tui::expose(text)).collect();
                return Ok(Message::SecretRead {
                    label: "the export",
                    secret: Secret::new(texts.join("\n")),
                    access_token_of: None,
                });
            };
            if format == Format::Dotenv {
                return export_dotenv(&session.working_dir, &path, &profiles);
            }
            let texts = export_texts(&session, &profiles, format)?;
            let file_count = texts.len();
            let texts: Vec<(PathBuf, Secret)> = texts
                .into_iter()
                .map(|(name, text)| (export_path(&session.working_dir, &path, &name, file_count), text))
                .collect();
            let existing = texts.iter().filter(|(path, _)| path.symlink_metadata().is_ok());
            let existing: Vec<PathBuf> = existing.map(|(path, _)| path.clone()).collect();
            if !replaces_existing && !existing.is_empty() {
                return Ok(Message::ExportExists(existing));
            }
            for (path, text) in &texts {
                write_output(path, &format!("{}\n", crate::tui::expose(text)))?;
            }
            Ok(Message::TokensExported(written_to(texts.iter().map(|(path, _)| path))))
        });
    }
}

/// Returns the texts of an export, each with the name that replaces `NAME` in the path of its file.
fn export_texts(session: &Session, profiles: &[Profile], format: Format) -> Result<Vec<(String, Secret)>> {
    if format == Format::Ics {
        return Ok(vec![("tokens".to_owned(), Secret::new(calendar(profiles.iter())))]);
    }
    let endpoints = session.settings()?.endpoints()?;
    let text = |profile: &Profile| Ok((profile.name.to_string(), export::export_token(profile, format, &endpoints)?));
    profiles.iter().map(text).collect()
}

/// Sets each profile's variables in its `.env` file.
fn export_dotenv(directory: &Path, path: &Path, profiles: &[Profile]) -> Result<Message> {
    let (mut private, mut readable) = (Vec::new(), Vec::new());
    for profile in profiles {
        let path = export_path(directory, path, profile.name.as_str(), profiles.len());
        match dotenv::export(&path, profile)? {
            Some(mode) => readable.push(format!("{} (mode {mode:03o})", path.display())),
            None => private.push(path),
        }
    }
    let mut sentences = Vec::new();
    if !readable.is_empty() {
        sentences.push(format!("Written, but other users can read: {}", readable.join(", ")));
    }
    if !private.is_empty() {
        sentences.push(written_to(private.iter()));
    }
    Ok(Message::TokensExported(sentences.join(". ")))
}

fn written_to<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> String {
    let paths: Vec<String> = paths.map(|path| path.display().to_string()).collect();
    let claim = if cfg!(windows) { "Written" } else { "Written so that only you can read" };
    format!("{claim}: {}", paths.join(", "))
}

/// Returns the path of one of `file_count` exported files: `path` with `name` for `NAME`, or behind it where several files would
/// have the same path.
fn export_path(directory: &Path, path: &Path, name: &str, file_count: usize) -> PathBuf {
    let text = path.to_string_lossy();
    let file =
        if file_count > 1 && !text.contains("NAME") { format!("{text}-{name}") } else { text.replace("NAME", name) };
    config::resolve_path(directory, &file)
}

/// Revokes tokens before their profiles are deleted; a profile without a readable token is skipped. The tokens stay in their files:
/// the deletion can be undone, and may fail.
async fn revoke_all(ctx: &LazyContext, names: &[Name]) -> Result<()> {
    let ctx = ctx.get().await?;
    for name in names {
        match revoke::revoke(&ctx.for_profile(name), name, AfterRevocation::KeepTokens).await {
            Ok(revoked) if !revoked.is_confirmed() => return Err(unconfirmed_error(name)),
            Err(error) if !matches!(error.code, Code::SignedOut | Code::FileDamaged) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Restores deleted profiles, and removes each from the list. If one cannot be restored, it stays in the list with those after it.
fn restore_all(store: &ProfileStore, deleted: &mut Vec<DeletedProfile>) -> Result<()> {
    while let Some(profile) = deleted.first() {
        store.restore_profile(profile)?;
        deleted.remove(0);
    }
    Ok(())
}

fn names_of(deleted: &[DeletedProfile]) -> Vec<Name> {
    deleted.iter().map(|profile| profile.name().clone()).collect()
}

fn unconfirmed_error(name: &Name) -> Error {
    Error::new(
        Code::Refused,
        format!("LinkedIn did not confirm that the token of {name} is revoked, so nothing was deleted."),
        "Delete without revoking, or remove the app under the member's permitted services.",
    )
}

async fn run_job_item(ctx: &Context, kind: JobKind, name: Name) -> Result<JobItem> {
    let ctx = &ctx.for_profile(&name);
    Ok(match kind {
        JobKind::Check => {
            let checked = check::check(ctx, &name).await?;
            JobItem::Checked { profile: Box::new(checked.profile), warnings: checked.warnings }
        }
        JobKind::Refresh => JobItem::Refreshed(Box::new(refresh::refresh(ctx, &name).await?)),
        JobKind::Revoke => {
            let revoked = revoke::revoke(ctx, &name, AfterRevocation::DeleteTokens).await?;
            JobItem::Revoked { profile: Box::new(revoked.profile), error: revoked.error }
        }
        JobKind::Probe => JobItem::Probed(Box::new(permissions::probe(ctx, &name).await?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_returns_unchanged_is_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(format!("profiles/{name}.toml"));
        std::fs::create_dir(directory.path().join("profiles")).unwrap();
        std::fs::write(path("work"), "app = \"x\"\n").unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let work = Name::parse("work").unwrap();
        let versions = FileVersions::default();
        lock(&versions).insert(work.clone(), store.file_version(&work).unwrap());
        let stale = || read_snapshot(&store, &versions).unwrap().stale;
        assert_eq!(stale(), []);
        std::fs::rename(path("work"), path("job")).unwrap();
        assert_eq!(stale(), [Name::parse("job").unwrap()]);
        std::fs::rename(path("job"), path("work")).unwrap();
        assert_eq!(stale(), [work]);
    }

    #[test]
    fn an_undo_continues_where_it_failed() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("profiles")).unwrap();
        let write =
            |name: &str| std::fs::write(directory.path().join(format!("profiles/{name}.toml")), "app = \"x\"\n");
        let store = ProfileStore::open(directory.path()).unwrap();
        let names = ["first", "second"].map(|name| Name::parse(name).unwrap());
        for name in &names {
            write(name.as_str()).unwrap();
        }
        let mut deleted: Vec<_> = names.iter().map(|name| store.delete_profile_with_undo(name).unwrap()).collect();
        write("second").unwrap();
        assert!(restore_all(&store, &mut deleted).is_err());
        assert_eq!(deleted.iter().map(DeletedProfile::name).collect::<Vec<_>>(), [&names[1]]);
        store.delete_profile_with_undo(&names[1]).unwrap();
        restore_all(&store, &mut deleted).unwrap();
        assert_eq!(store.profile_names().unwrap(), names);
    }

    #[test]
    fn only_several_files_get_a_name_appended() {
        let path = |path: &str, name, count| export_path(Path::new("/w"), Path::new(path), name, count);
        assert_eq!(path("x.ics", "tokens", 1), Path::new("/w/x.ics"));
        assert_eq!(path("x.json", "work", 2), Path::new("/w/x.json-work"));
        assert_eq!(path("NAME.json", "work", 2), Path::new("/w/work.json"));
        assert_eq!(path("/NAME.json", "work", 1), Path::new("/work.json"));
    }
}
