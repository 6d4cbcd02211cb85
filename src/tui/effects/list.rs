//! What the profile list asks for: reading, checking, changing, handing on.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{Services, context};
use crate::config;
use crate::flows::calendar::calendar;
use crate::flows::export::{self, Format};
use crate::flows::manage::{self, Edited, ProfileSettings};
use crate::flows::{check, dotenv, refresh, revoke};
use crate::secret::Secret;
use crate::session::Context;
use crate::session::Session;
use crate::session::pool::Step;
use crate::store::{DeletedProfile, FileVersion, Name, Profile, ProfileStore, write_private};
use crate::sync::lock;
use crate::tui::files::{Files, Row};
use crate::tui::message::{JobItem, JobKind, Message, TokenKind};
use crate::{Code, Error, Result};

/// How each file looked when it was read.
pub(super) type FileVersions = Arc<Mutex<HashMap<Name, FileVersion>>>;

/// Files that are read before the screen hears of them.
const CHUNK: usize = 250;

/// Lists everything, and which profiles' files changed since they were read. Opens none of those, and of the apps no secret: a
/// keyring that is asked may hang.
pub(super) fn listing(store: &ProfileStore, stamps: &FileVersions) -> Result<Files> {
    let names = store.profile_names()?;
    let known = lock(stamps);
    // What was never read is asked nothing: ten thousand files take their time.
    let changed = |name: &&Name| known.get(*name).is_none_or(|stamp| Some(*stamp) != store.file_version(name));
    Ok(Files {
        stale: names.iter().filter(changed).cloned().collect(),
        rows: names.into_iter().map(Row::named).collect(),
        apps: store.without_secrets().apps()?,
        // A damaged state.toml costs what is in it, not the screen.
        current: store.current_profile().unwrap_or_default(),
        guide: store.guide().unwrap_or_default(),
    })
}

impl Services {
    pub(super) fn read_files(&self) {
        let (store, stamps) = (self.session.store.clone(), Arc::clone(&self.stamps));
        self.on_disk(move || listing(&store, &stamps).map(|files| Message::FilesRead(Box::new(files))));
    }

    /// Reads all but the secrets, which the list never shows.
    pub(super) fn read_profiles(&self, names: Vec<Name>) {
        let (store, stamps, messages) =
            (self.session.store.without_secrets(), Arc::clone(&self.stamps), self.messages.clone());
        tokio::task::spawn_blocking(move || {
            for chunk in names.chunks(CHUNK) {
                let read = chunk.iter().map(|name| {
                    // Stamped before it is read: a change in between is seen the next time.
                    let stamp = store.file_version(name);
                    let profile = store.profile(name);
                    if let Some(stamp) = stamp {
                        lock(&stamps).insert(name.clone(), stamp);
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
        let (ready, session, messages) = (Arc::clone(&self.ready), Arc::clone(&self.session), self.messages.clone());
        let pool = self.pool.clone();
        let task = tokio::task::spawn_local(async move {
            let (told, mut steps) = tokio::sync::mpsc::unbounded_channel();
            let ctx = match context(ready, session).await {
                Ok(ctx) => ctx,
                Err(error) => {
                    for name in names {
                        drop(messages.send(Message::JobItemFinished { id, name, result: Err(error.clone()) }).await);
                    }
                    return;
                }
            };
            let tell = move |step| drop(told.send(step));
            let work = pool.each(names, |name| run_job_item(&ctx, kind, name), &tell);
            tokio::pin!(work);
            let mut going = true;
            loop {
                let step = tokio::select! {
                    biased;
                    Some(step) = steps.recv() => step,
                    () = &mut work, if going => { going = false; continue; }
                    else => return,
                };
                let msg = match step {
                    Step::Started(name) => Message::JobItemStarted { id, name },
                    Step::Finished(name, result) => Message::JobItemFinished { id, name, result },
                };
                drop(messages.send(msg).await);
                if !going && steps.is_empty() {
                    return;
                }
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
        let (ready, session) = (Arc::clone(&self.ready), Arc::clone(&self.session));
        self.answer(async move {
            let result = async { revoke::revoke(&context(ready, session).await?, &name, false).await };
            let result = result.await.map(|revoked| (revoked.is_confirmed, revoked.error));
            Message::Revoked { name, result }
        });
    }

    pub(super) fn delete(&self, names: Vec<Name>, revoke_first: bool) {
        let (ready, session) = (Arc::clone(&self.ready), Arc::clone(&self.session));
        let (messages, undo) = (self.messages.clone(), Arc::clone(&self.removed));
        self.answer(async move {
            if revoke_first {
                let ctx = match context(ready, Arc::clone(&session)).await {
                    Ok(ctx) => ctx,
                    Err(error) => return Message::Failed(error),
                };
                for name in &names {
                    match revoke::revoke(&ctx, name, true).await {
                        Ok(revoked) if revoked.is_confirmed => {}
                        Ok(_) => return Message::Failed(unconfirmed(name)),
                        // Nothing to revoke is no obstacle.
                        Err(error) if matches!(error.code, Code::SignedOut | Code::FileDamaged) => {}
                        Err(error) => return Message::Failed(error),
                    }
                }
            }
            let store = session.store.clone();
            let work = tokio::task::spawn_blocking(move || {
                let mut removed: Vec<DeletedProfile> = Vec::new();
                let mut trouble = None;
                for name in &names {
                    match store.remove_profile(name) {
                        Ok(one) => {
                            trouble = one.flush_error().cloned().or(trouble);
                            removed.push(one);
                        }
                        Err(error) => trouble = Some(error),
                    }
                }
                (removed, trouble)
            });
            let Ok((removed, trouble)) = work.await else {
                return Message::Failed(Error::new(Code::Unexpected, "The deletion was interrupted.", ""));
            };
            let gone: Vec<Name> = removed.iter().map(|one| one.name().clone()).collect();
            if gone.is_empty() {
                // Nothing to tell of but the error, and nothing to bring back.
                return trouble.map_or(Message::Deleted(gone), Message::Failed);
            }
            lock(&undo).push(removed);
            // The error comes last: it is what must stay in sight.
            match trouble {
                Some(error) => {
                    drop(messages.send(Message::Deleted(gone)).await);
                    Message::Failed(error)
                }
                None => Message::Deleted(gone),
            }
        });
    }

    pub(super) fn undo_delete(&self) {
        let (store, undo) = (self.session.store.clone(), Arc::clone(&self.removed));
        self.on_disk(move || {
            let Some(removed) = lock(&undo).pop() else {
                return Err(Error::bad_input("No deletion to undo.", ""));
            };
            for one in &removed {
                if let Err(error) = store.restore_profile(one) {
                    lock(&undo).push(removed);
                    return Err(error);
                }
            }
            Ok(Message::DeleteUndone)
        });
    }

    /// Chooses the current profile; one that is gone or damaged by now is none to choose.
    pub(super) fn set_current_profile(&self, name: Name) {
        let store = self.session.store.clone();
        self.on_disk(move || {
            let profile = store.without_secrets().profile(&name)?;
            store.set_current_profile(Some(&name))?;
            Ok(Message::CurrentProfileSet(Box::new(profile)))
        });
    }

    pub(super) fn edit(&self, name: Name, before: ProfileSettings, after: ProfileSettings) {
        let (store, now) = (self.session.store.clone(), self.session.clock.now());
        self.on_disk(move || {
            let conflict = match manage::edit(&store, &name, &before, &after, now)? {
                Edited::Saved(_) => None,
                Edited::Conflict(found) => Some(found),
            };
            Ok(Message::Edited { name, conflict })
        });
    }

    /// Reads a stored token, to copy it.
    pub(super) fn read_token(&self, name: Name, which: TokenKind) {
        let store = self.session.store.clone();
        self.on_disk(move || {
            let token = store.profile(&name)?.token;
            let (what, secret) = match which {
                TokenKind::Access => ("the token", token.map(|token| token.access)),
                TokenKind::Refresh => ("the refresh token", token.and_then(|token| token.refresh).map(|one| one.token)),
            };
            let secret = secret
                .ok_or_else(|| Error::new(Code::SignedOut, format!("{name} no longer has {what} to copy."), ""))?;
            Ok(Message::SecretRead { what, secret, token_of: Some(name).filter(|_| which == TokenKind::Access) })
        });
    }

    /// Changes a profile's name.
    pub(super) fn rename(&self, old: Name, new: Name) {
        let store = self.session.store.clone();
        self.on_disk(move || {
            store.rename_profile(&old, &new)?;
            Ok(Message::Renamed { old, new })
        });
    }

    /// Exports to the clipboard, or to files. One that stands there already is replaced only where that was answered; a `.env`
    /// file keeps its other lines.
    pub(super) fn export(&self, names: Vec<Name>, format: Format, path: Option<PathBuf>, replace: bool) {
        let session = Arc::clone(&self.session);
        self.on_disk(move || {
            let profiles: Result<Vec<Profile>> = names.iter().map(|name| session.store.profile(name)).collect();
            let profiles = profiles?;
            let Some(path) = path else {
                let texts = exported(&session, &profiles, format)?;
                let whole: Vec<&str> = texts.iter().map(|(_, text)| crate::tui::exposed(text)).collect();
                return Ok(Message::SecretRead {
                    what: "the export",
                    secret: Secret::new(whole.join("\n")),
                    token_of: None,
                });
            };
            if format == Format::Dotenv {
                return merged(&session.folder, &path, &profiles);
            }
            let texts: Vec<(PathBuf, Secret)> = exported(&session, &profiles, format)?
                .into_iter()
                .map(|(name, text)| (placed(&session.folder, &path, &name, profiles.len()), text))
                .collect();
            let standing = texts.iter().filter(|(path, _)| path.symlink_metadata().is_ok());
            let standing: Vec<PathBuf> = standing.map(|(path, _)| path.clone()).collect();
            if !replace && !standing.is_empty() {
                return Ok(Message::ExportExists(standing));
            }
            for (path, text) in &texts {
                write_private(path, &format!("{}\n", crate::tui::exposed(text)))?;
            }
            Ok(Message::Exported(written_words(texts.iter().map(|(path, _)| path))))
        });
    }
}

/// The texts of an export, each with the name that stands for its profile in a file's name.
fn exported(session: &Session, profiles: &[Profile], format: Format) -> Result<Vec<(String, Secret)>> {
    if format == Format::Ics {
        return Ok(vec![("tokens".to_owned(), Secret::new(calendar(profiles.iter())))]);
    }
    let endpoints = session.settings()?.endpoints()?;
    let text = |profile: &Profile| Ok((profile.name.to_string(), export::text(profile, format, &endpoints)?));
    profiles.iter().map(text).collect()
}

/// Puts each profile's variables into its `.env` file.
fn merged(folder: &Path, path: &Path, profiles: &[Profile]) -> Result<Message> {
    let (mut written, mut open) = (Vec::new(), Vec::new());
    for profile in profiles {
        let path = placed(folder, path, profile.name.as_str(), profiles.len());
        match dotenv::export(&path, profile)? {
            Some(mode) => open.push(format!("{} (mode {mode:03o})", path.display())),
            None => written.push(path),
        }
    }
    let mut words = Vec::new();
    if !open.is_empty() {
        words.push(format!("Written, but other users can read: {}", open.join(", ")));
    }
    if !written.is_empty() {
        words.push(written_words(written.iter()));
    }
    Ok(Message::Exported(words.join(". ")))
}

fn written_words<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> String {
    let paths: Vec<String> = paths.map(|path| path.display().to_string()).collect();
    format!("Written so that only you can read: {}", paths.join(", "))
}

/// Where one of several goes.
fn placed(folder: &Path, path: &Path, name: &str, count: usize) -> PathBuf {
    let text = path.to_string_lossy();
    let file = if count > 1 && !text.contains("NAME") { format!("{text}-{name}") } else { text.replace("NAME", name) };
    config::resolve_path(folder, &file)
}

fn unconfirmed(name: &Name) -> Error {
    Error::new(
        Code::Refused,
        format!("LinkedIn did not confirm that the token of {name} is revoked, so nothing was deleted."),
        "Delete without revoking, or withdraw the app's permission on the member's page of permitted services.",
    )
}

/// Checks or refreshes one profile.
async fn run_job_item(ctx: &Context, kind: JobKind, name: Name) -> Result<JobItem> {
    Ok(match kind {
        JobKind::Check => {
            let checked = check::check(ctx, &name).await?;
            JobItem::Checked { profile: Box::new(checked.profile), remarks: checked.remarks }
        }
        JobKind::Refresh => JobItem::Refreshed(Box::new(refresh::refresh(ctx, &name).await?)),
    })
}
