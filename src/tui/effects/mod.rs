//! Performs effects: each as a task that sends messages. The tasks run on the event loop's thread, in a
//! [`tokio::task::LocalSet`].

mod browser;
mod compose;
mod drafts;
mod list;
mod posts;
mod samples;
mod sign_in;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;
use tokio::sync::mpsc::{Sender, UnboundedSender};
use tokio::task::AbortHandle;

use super::message::{Effect, Message, TerminalEffect};
use crate::config::Settings;
use crate::flows::manage;
use crate::flows::permissions;
use crate::flows::presets::Preset;
use crate::flows::publish::{self, Draft};
use crate::flows::redeliver::redeliver;
use crate::flows::sign_in::Command;
use crate::linkedin::http::RequestObserver;
use crate::oauth::callback::CallbackServer;
use crate::sandbox::Sandbox;
use crate::session::Session;
use crate::session::pool::Pool;
use crate::session::{Context, DeliveryMonitor, FlowEvent, Reporter, api_version};
use crate::store::{DeletedProfile, Name, ProfileStore};
use crate::sync::lock;
use crate::text::sanitize;
use crate::{Code, Error, Result};

/// The context of the flows. It is created when it is first needed, so that the first screen appears at once.
#[derive(Clone)]
struct LazyContext {
    cell: Arc<OnceCell<(Context, Option<Sandbox>)>>,
    session: Arc<Session>,
}

impl LazyContext {
    async fn get(&self) -> Result<Context> {
        let (ctx, _) = self.cell.get_or_try_init(|| self.session.context()).await?;
        Ok(ctx.clone())
    }

    /// Returns the context for requests of a profile.
    async fn get_for(&self, name: &Name) -> Result<Context> {
        Ok(self.get().await?.for_profile(name))
    }
}

/// A post that is being published.
struct Publishing {
    id: u64,
    task: AbortHandle,
    /// Whether the post or its first comment was sent, and its result is not known.
    is_sending: Arc<AtomicBool>,
}

/// What performs the effects of the interface.
pub struct Services {
    session: Arc<Session>,
    context: LazyContext,
    messages: Sender<Message>,
    /// The running sign-in.
    sign_in: Option<(AbortHandle, UnboundedSender<Command>)>,
    /// The version of each profile's file when it was read: the list reads only files that changed since.
    file_versions: list::FileVersions,
    /// The tasks of the running jobs, by the numbers of the jobs.
    jobs: HashMap<u64, AbortHandle>,
    /// Limits how many profiles all jobs process at once.
    pool: Pool,
    drafts: drafts::OpenDrafts,
    /// The post that is being published.
    publishing: Option<Publishing>,
    /// The reading of a linked page.
    link_preview: Option<AbortHandle>,
    /// The profiles that an undo restores, the newest deletion last.
    deleted: Arc<Mutex<Vec<Vec<DeletedProfile>>>>,
}

impl Services {
    /// Creates the services of a session; their tasks send `messages`.
    pub fn new(session: Session, messages: Sender<Message>) -> Self {
        let sender = messages.clone();
        // A message is dropped only when the program ends, here and below.
        let deliveries = DeliveryMonitor::new(move |event| {
            let sender = sender.clone();
            tokio::spawn(async move { drop(sender.send(Message::DeliveryProgressed(event)).await) });
        });
        let sender = messages.clone();
        let reporter = Reporter::new(move |event| {
            let message = match event {
                FlowEvent::ApiVersionChanged(change) => Message::Notified(change.to_string()),
                FlowEvent::NotSaved(error) => Message::Failed(error),
                _ => return,
            };
            let sender = sender.clone();
            tokio::spawn(async move { drop(sender.send(message).await) });
        });
        let sender = messages.clone();
        let requests = RequestObserver::new(move |request| {
            let sender = sender.clone();
            tokio::spawn(async move { drop(sender.send(Message::RequestSent(Box::new(request))).await) });
        });
        let deliveries = deliveries.in_background();
        let session = Arc::new(Session { deliveries, reporter, requests: Some(requests), ..session });
        Self {
            context: LazyContext { cell: Arc::default(), session: Arc::clone(&session) },
            session,
            messages,
            sign_in: None,
            file_versions: Arc::default(),
            jobs: HashMap::new(),
            pool: Pool::default(),
            drafts: Arc::default(),
            publishing: None,
            link_preview: None,
            deleted: Arc::default(),
        }
    }

    /// Sets the context instead of creating it from the session.
    pub fn with_context(mut self, context: Context, sandbox: Option<Sandbox>) -> Self {
        let (store, clock, reporter) = (&context.store, context.clock.clone(), self.session.reporter.clone());
        let api_version = api_version::with_reporting(context.api_version.clone(), store, clock, reporter.clone());
        let http = context.http.clone().with_observer(self.session.requests.clone());
        let context = Context { deliveries: self.session.deliveries.clone(), api_version, http, reporter, ..context };
        self.context.cell = Arc::new(OnceCell::new_with(Some((context, sandbox))));
        self
    }

    /// Starts an effect; returns it where the event loop performs it on the terminal.
    pub(super) fn perform(&mut self, effect: Effect) -> Option<TerminalEffect> {
        match effect {
            Effect::ReloadStore => self.reload_store(),
            Effect::ReadProfiles(names) => self.read_profiles(names),
            Effect::SetCurrentProfile { name, is_undo } => self.set_current_profile(name, is_undo),
            Effect::DeleteProfiles { names, revokes_first } => self.delete(names, revokes_first),
            Effect::UndoDelete(names) => self.undo_delete(names),
            Effect::StartJob { id, kind, names } => self.start_job(id, kind, names),
            Effect::CancelJob(id) => self.cancel_job(id),
            Effect::Revoke(name) => self.revoke(name),
            Effect::RenameProfile { old, new, is_undo } => self.rename(old, new, is_undo),
            Effect::EditProfile { name, before, after } => self.edit(name, before, after),
            Effect::ReadToken { profile, kind } => self.read_token(profile, kind),
            Effect::Export { names, format, path, replaces_existing } => {
                self.export(names, format, path, replaces_existing);
            }
            Effect::SaveCompletedGuideSteps(steps) => self.spawn_blocking_then_reload(move |store| {
                store.set_completed_guide_steps(&steps)?;
                Ok(String::new())
            }),
            Effect::Deliver { profile, only, is_test } => self.deliver(profile, only, is_test),
            Effect::AddDelivery { profile, preset, delivery, settings } => {
                let (store, directory) = (self.session.store.clone(), self.session.working_dir.clone());
                self.spawn_blocking(move || {
                    let new = Preset::find(preset)?.create_delivery(&delivery, &settings, &directory)?;
                    let profile = Box::new(manage::add_delivery(&store, &profile, &new)?);
                    Ok(Message::DeliveryAdded { profile, delivery })
                });
            }
            Effect::RemoveDelivery { profile, delivery } => self.spawn_blocking_then_reload(move |store| {
                let removed = manage::remove_delivery(store, &profile, &delivery)?;
                Ok(format!(
                    "New tokens are no longer delivered to {}. The token that it has is not removed.",
                    sanitize(&removed.name, 60)
                ))
            }),
            Effect::ProbePort(url) => self.spawn(async move {
                let result = CallbackServer::bind(&url).await.map(drop);
                Message::PortProbed { url: url.as_str().to_owned(), result }
            }),
            Effect::StartSignIn { id, request } => self.start_sign_in(id, *request),
            Effect::SendSignInCommand(command) => {
                if let Some((_, commands)) = &self.sign_in {
                    // A sign-in that finished meanwhile has sent its own message.
                    drop(commands.send(command));
                }
            }
            Effect::CancelSignIn => self.cancel_sign_in(),
            Effect::ApproveInSandbox { url, member } => self.approve_in_sandbox(url, member),
            Effect::AddSampleProfiles => self.add_sample_profiles(),
            Effect::OpenPage(page) => self.open_page(page),
            Effect::OpenCompose { id, name } => self.open_compose(id, name),
            Effect::ReadMentionableNames { id, name } => {
                let store = self.session.store.without_secrets();
                compose::send_mentionable_names(&self.messages, store, (id, name), Vec::new());
            }
            Effect::RecordShownDraft { id, draft } => {
                lock(&self.drafts).entry(id).or_default().saved = Some(*draft);
            }
            Effect::SaveDraft { id, name, draft } => self.write_draft(id, name, Some(draft)),
            Effect::DeleteDraft { id, name } => self.write_draft(id, name, None),
            Effect::ProbePermissions { id, name } => self.probe_permissions(id, name),
            Effect::Publish { id, name, draft, first_comment } => {
                self.publish(id, name, self.with_expanded_paths(*draft), first_comment);
            }
            Effect::CancelPublish { id } => self.cancel_publish(id),
            Effect::DeletePost { id, name, urn } => self.delete_post(id, name, urn),
            Effect::DeleteRecord { id, name, post } => self.delete_record(id, name, *post),
            Effect::EditPost { id, name, urn, text, edited_at } => self.edit_post(id, name, urn, (text, edited_at)),
            Effect::SearchRecordedPost { id, name, post } => self.search_recorded_post(id, name, *post),
            Effect::FindPost { id, name, draft } => self.find_post(id, name, self.with_expanded_paths(*draft)),
            Effect::ReadPosts { id, name } => self.read_posts(id, name),
            Effect::FetchStatistics { id, name, urn } => self.fetch_statistics(id, name, urn),
            Effect::Comment { id, name, urn, text, actor } => self.comment(id, name, (urn, text), actor),
            Effect::React { id, name, urn, reaction, actor } => self.react(id, name, urn, (reaction, actor)),
            Effect::OpenRecentActivity { author } => self.open_recent_activity(author),
            Effect::InspectFile { id, role, path } => self.inspect_file(id, role, path),
            Effect::PreviewLink { id, url, needs_picture } => self.preview_link(id, url, needs_picture),
            Effect::CancelLinkPreview => self.cancel_link_preview(),
            Effect::CompletePath { id, role, text } => self.complete_path(id, role, text),
            Effect::OpenControlPage => self.open_control_page(),
            Effect::ReadSettings => {
                let directory = self.session.config_directory.clone();
                self.spawn_blocking(move || {
                    Ok(Message::SettingsRead { settings: Box::new(Settings::read(&directory)?), saved: None })
                });
            }
            Effect::SaveSetting { section, key, value } => {
                let directory = self.session.config_directory.clone();
                self.spawn_blocking(move || {
                    let settings = Box::new(Settings::save_value(&directory, section, key, value)?);
                    Ok(Message::SettingsRead { settings, saved: Some((section, key)) })
                });
            }
            Effect::Terminal(effect) => return Some(effect),
        }
        None
    }

    /// Runs a task, sends its message, and then the errors that the store collected meanwhile.
    fn spawn(&self, work: impl Future<Output = Message> + 'static) {
        drop(self.spawn_abortable(work));
    }

    fn spawn_abortable(&self, work: impl Future<Output = Message> + 'static) -> AbortHandle {
        self.spawn_boxed(Box::pin(work))
    }

    /// Not generic: the code around a task is large, and this keeps one copy of it.
    fn spawn_boxed(&self, work: Pin<Box<dyn Future<Output = Message>>>) -> AbortHandle {
        let (store, messages) = (self.session.store.clone(), self.messages.clone());
        let task = tokio::task::spawn_local(async move {
            drop(messages.send(work.await).await);
            send_store_failures(&store, &messages).await;
        });
        task.abort_handle()
    }

    fn spawn_blocking(&self, work: impl FnOnce() -> Result<Message> + Send + 'static) {
        self.spawn_boxed_blocking(Box::new(work));
    }

    fn spawn_boxed_blocking(&self, work: Box<dyn FnOnce() -> Result<Message> + Send>) {
        self.spawn(async move {
            match tokio::task::spawn_blocking(work).await {
                Ok(Ok(msg)) => msg,
                Ok(Err(error)) => Message::Failed(error),
                Err(_) => Message::Failed(interrupted_error()),
            }
        });
    }

    /// Changes files by `work`, notifies with the text that it returns (of an empty one nothing), and lists the files again.
    fn spawn_blocking_then_reload(&self, work: impl FnOnce(&ProfileStore) -> Result<String> + Send + 'static) {
        let (store, messages) = (self.session.store.clone(), self.messages.clone());
        let versions = Arc::clone(&self.file_versions);
        self.spawn_blocking(move || {
            let text = work(&store)?;
            if !text.is_empty() {
                drop(messages.blocking_send(Message::Notified(text)));
            }
            list::read_snapshot(&store, &versions).map(|store| Message::StoreReloaded(Box::new(store)))
        });
    }

    fn probe_permissions(&self, id: u64, name: Name) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let result = async { permissions::probe(&ctx.get_for(&name).await?, &name).await };
            let result = result.await.map(Box::new);
            Message::PermissionsProbed { id, name, result }
        });
    }

    fn publish(&mut self, id: u64, name: Name, draft: Draft, first_comment: Option<String>) {
        let (ctx, messages) = (self.context.clone(), self.messages.clone());
        let is_sending = Arc::new(AtomicBool::new(false));
        let sending = Arc::clone(&is_sending);
        let task = self.spawn_abortable(async move {
            let result = async {
                let report = Arc::new(move |event| {
                    let is_sent = matches!(event, publish::Event::Publishing | publish::Event::Commenting);
                    sending.store(is_sent, Ordering::Relaxed);
                    // Progress must not delay the post, so it is dropped where the channel is full.
                    drop(messages.try_send(Message::PublishProgressed { id, event }));
                });
                let ctx = ctx.get_for(&name).await?;
                let on_event = Arc::clone(&report);
                let mut published = Box::pin(publish::publish(&ctx, &name, draft, on_event)).await?;
                if let Some(text) = first_comment {
                    report(publish::Event::Commenting);
                    let warnings = Box::pin(publish::add_first_comment(&ctx, &name, &mut published, &text)).await;
                    published.warnings.extend(warnings);
                }
                Ok(published)
            };
            Message::PublishFinished { id, result: result.await.map(|published| Some(Box::new(published))) }
        });
        self.publishing = Some(Publishing { id, task, is_sending });
    }

    /// Aborts the upload of a post's files. The task runs on this thread, so neither the post nor its first comment can be sent meanwhile.
    fn cancel_publish(&mut self, id: u64) {
        let is_cancellable = |publishing: &mut Publishing| {
            publishing.id == id && !publishing.is_sending.load(Ordering::Relaxed) && !publishing.task.is_finished()
        };
        let Some(publishing) = self.publishing.take_if(is_cancellable) else { return };
        publishing.task.abort();
        self.spawn(async move { Message::PublishCanceled { id } });
    }

    fn delete_post(&self, id: u64, name: Name, urn: String) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let result = async { publish::delete(&ctx.get_for(&name).await?, &name, &urn).await };
            Message::PublishFinished { id, result: Box::pin(result).await.map(|()| None) }
        });
    }

    /// Reports only why the deliveries did not start: the [`DeliveryMonitor`] reports the rest.
    fn deliver(&self, profile: Name, only: Vec<String>, is_test: bool) {
        let (ctx, messages) = (self.context.clone(), self.messages.clone());
        tokio::task::spawn_local(async move {
            let result = async { redeliver(&ctx.get_for(&profile).await?, &profile, &only, is_test).await };
            if let Err(error) = result.await {
                drop(messages.send(Message::Failed(error)).await);
            }
        });
    }
}

/// Sends the store's errors and warnings that do not make the effect itself fail.
async fn send_store_failures(store: &ProfileStore, messages: &Sender<Message>) {
    let (failures, warnings) = (store.take_failures(), store.take_warnings());
    if !failures.is_empty() {
        drop(messages.send(Message::Failed(Error::new(Code::Files, failures.join(" "), ""))).await);
    }
    if !warnings.is_empty() {
        drop(messages.send(Message::Warned(warnings.join(" "))).await);
    }
}

fn interrupted_error() -> Error {
    Error::new(Code::Unexpected, "Reading or saving the files was interrupted.", "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encryption::no_prompt;
    use crate::session::Options;

    #[cfg(unix)]
    #[tokio::test]
    async fn what_was_made_private_is_a_warning() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let store = ProfileStore::open(directory.path()).unwrap();
        let (sender, mut messages) = tokio::sync::mpsc::channel(4);
        send_store_failures(&store, &sender).await;
        let message = messages.recv().await.unwrap();
        assert!(matches!(&message, Message::Warned(text) if text.contains("was made private")), "{message:?}");
    }

    #[tokio::test]
    async fn interrupted_work_is_not_said_to_be_a_read() {
        let directory = tempfile::tempdir().unwrap();
        let options = Options { config_dir: Some(directory.path().to_owned()), ..Options::default() };
        let (sender, mut messages) = tokio::sync::mpsc::channel(4);
        let services = Services::new(Session::open(options, no_prompt).unwrap(), sender);
        let tasks = tokio::task::LocalSet::new();
        let received = tasks.run_until(async {
            services.spawn_blocking(|| panic!("a save that is interrupted"));
            messages.recv().await
        });
        match received.await {
            Some(Message::Failed(error)) => assert_eq!(error.message, "Reading or saving the files was interrupted."),
            other => panic!("{other:?}"),
        }
    }
}
