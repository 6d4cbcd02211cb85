//! Performs effects: each as a task that sends messages. The tasks run on the event loop's thread, in a
//! [`tokio::task::LocalSet`].

mod drafts;
mod list;
mod samples;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;
use tokio::sync::mpsc::{Sender, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;
use url::Url;

use super::message::{Author, ComposeData, Effect, Message, TerminalEffect};
use crate::flows::manage;
use crate::flows::permissions;
use crate::flows::presets::Preset;
use crate::flows::publish::{self, Draft};
use crate::flows::redeliver::redeliver;
use crate::flows::sign_in::{Command, Request, sign_in};
use crate::host::BrowserExit;
use crate::oauth::callback::CallbackServer;
use crate::sandbox::Sandbox;
use crate::secret::Secret;
use crate::session::Session;
use crate::session::pool::Pool;
use crate::session::{Context, DeliveryMonitor, FlowEvent, Reporter, api_version};
use crate::store::{DeletedProfile, Name, Permissions, Profile, ProfileStore};
use crate::sync::lock;
use crate::text::clean;
use crate::{Code, Error, Result};

/// The context of the use cases. It is created when it is first needed, so that the first screen appears at once.
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
}

/// Performs the effects of the interface.
pub struct Services {
    session: Arc<Session>,
    context: LazyContext,
    messages: Sender<Message>,
    /// The running sign-in.
    sign_in: Option<(AbortHandle, UnboundedSender<Command>)>,
    file_versions: list::FileVersions,
    /// The running checks and refreshes.
    jobs: HashMap<u64, AbortHandle>,
    /// Limits how many profiles are checked or refreshed at once.
    pool: Pool,
    drafts: drafts::OpenDrafts,
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
            if let FlowEvent::ApiVersionChanged(change) = event {
                let sender = sender.clone();
                tokio::spawn(async move { drop(sender.send(Message::Notified(change.to_string())).await) });
            }
        });
        let session = Arc::new(Session { deliveries: deliveries.in_background(), reporter, ..session });
        Self {
            context: LazyContext { cell: Arc::default(), session: Arc::clone(&session) },
            session,
            messages,
            sign_in: None,
            file_versions: Arc::default(),
            jobs: HashMap::new(),
            pool: Pool::default(),
            drafts: Arc::default(),
            deleted: Arc::default(),
        }
    }

    /// Sets the context instead of creating it from the session.
    pub fn with_context(mut self, context: Context, sandbox: Option<Sandbox>) -> Self {
        let (store, clock, reporter) = (&context.store, context.clock.clone(), self.session.reporter.clone());
        let api_version = api_version::reported(context.api_version.clone(), store, clock, reporter);
        let context = Context { deliveries: self.session.deliveries.clone(), api_version, ..context };
        self.context.cell = Arc::new(OnceCell::new_with(Some((context, sandbox))));
        self
    }

    /// Starts an effect; returns it where the event loop performs it on the terminal.
    pub(super) fn perform(&mut self, effect: Effect) -> Option<TerminalEffect> {
        match effect {
            Effect::ReadFiles => self.read_files(),
            Effect::ReadProfiles(names) => self.read_profiles(names),
            Effect::SetCurrentProfile(name) => self.set_current_profile(name),
            Effect::DeleteProfiles { names, revoke } => self.delete(names, revoke),
            Effect::UndoDelete => self.undo_delete(),
            Effect::StartJob { id, kind, names } => self.start_job(id, kind, names),
            Effect::CancelJob(id) => self.cancel_job(id),
            Effect::Revoke(name) => self.revoke(name),
            Effect::RenameProfile { old, new } => self.rename(old, new),
            Effect::EditProfile { name, before, after } => self.edit(name, before, after),
            Effect::ReadToken { profile, kind } => self.read_token(profile, kind),
            Effect::Export { names, format, path, replace } => self.export(names, format, path, replace),
            Effect::SaveGuide(ticks) => self.spawn_blocking_then_reload(move |store| {
                store.set_guide(&ticks)?;
                Ok(String::new())
            }),
            Effect::Deliver { profile, only, test } => self.deliver(profile, only, test),
            Effect::AddDelivery { profile, preset, delivery, detail } => {
                let (store, directory) = (self.session.store.clone(), self.session.working_dir.clone());
                self.spawn_blocking(move || {
                    let new = Preset::find(preset)?.create_delivery(&delivery, &detail, &directory)?;
                    let profile = Box::new(manage::add_delivery(&store, &profile, &new)?);
                    Ok(Message::DeliveryAdded { profile, delivery })
                });
            }
            Effect::RemoveDelivery { profile, delivery } => self.spawn_blocking_then_reload(move |store| {
                let removed = manage::remove_delivery(store, &profile, &delivery)?;
                Ok(format!(
                    "New tokens are no longer delivered to {}. The token that it has is not removed.",
                    clean(&removed.name, 60)
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
            Effect::AddSamples => self.add_samples(),
            Effect::OpenPage(page) => self.open_page(page),
            Effect::OpenCompose { id, name } => self.open_compose(id, name),
            Effect::SaveDraft { id, name, draft } => self.write_draft(id, name, Some(draft)),
            Effect::DeleteDraft { id, name } => self.write_draft(id, name, None),
            Effect::ProbePermissions { id, name } => self.probe_permissions(id, name),
            Effect::Publish { id, name, draft } => self.publish(id, name, *draft),
            Effect::DeletePost { id, name, urn } => self.delete_post(id, name, urn),
            Effect::Terminal(effect) => return Some(effect),
        }
        None
    }

    /// Runs a task, sends its message, and then the errors that the store collected meanwhile.
    fn spawn(&self, work: impl Future<Output = Message> + 'static) {
        let (store, messages) = (self.session.store.clone(), self.messages.clone());
        tokio::task::spawn_local(async move {
            drop(messages.send(work.await).await);
            send_store_failures(&store, &messages).await;
        });
    }

    fn spawn_blocking(&self, work: impl FnOnce() -> Result<Message> + Send + 'static) {
        self.spawn(async move {
            match tokio::task::spawn_blocking(work).await {
                Ok(Ok(msg)) => msg,
                Ok(Err(error)) => Message::Failed(error),
                Err(_) => Message::Failed(interrupted_reading()),
            }
        });
    }

    /// Changes files, shows the text that `work` returns, and lists the files again.
    fn spawn_blocking_then_reload(&self, work: impl FnOnce(&ProfileStore) -> Result<String> + Send + 'static) {
        let (store, messages) = (self.session.store.clone(), self.messages.clone());
        let versions = Arc::clone(&self.file_versions);
        self.spawn_blocking(move || {
            let detail = work(&store)?;
            if !detail.is_empty() {
                drop(messages.blocking_send(Message::Notified(detail)));
            }
            list::list_files(&store, &versions).map(|files| Message::FilesRead(Box::new(files)))
        });
    }

    fn open_compose(&self, id: u64, name: Name) {
        let (ctx, drafts) = (self.context.clone(), Arc::clone(&self.drafts));
        self.spawn(async move {
            let (store, profile_name) = (ctx.session.store.without_secrets(), name.clone());
            let read = tokio::task::spawn_blocking(move || {
                let data = ComposeData {
                    // The screen opens even if these cannot be read.
                    draft: store.draft(&profile_name).unwrap_or_default(),
                    recent: store.posts(&profile_name).unwrap_or_default(),
                    pages: Vec::new(),
                };
                let profile = store.profile(&profile_name).ok();
                // Text that was typed meanwhile may be saved already.
                lock(&drafts)
                    .entry(id)
                    .or_insert_with(|| drafts::OpenDraft { profile: profile.clone(), saved: data.draft.clone() });
                (data, profile)
            });
            let Ok((mut data, profile)) = read.await else {
                return Message::Failed(interrupted_reading());
            };
            let Some(profile) = profile else {
                return Message::ComposeOpened { id, data: Box::new(data) };
            };
            let scopes = profile.token.as_ref().map(|token| token.scopes.as_slice()).unwrap_or_default();
            if scopes.iter().any(|scope| scope.ends_with("organization_admin"))
                && let Ok(ctx) = ctx.get().await
                && let Ok(pages) = publish::list_pages(&ctx, &name).await
            {
                data.pages = pages.into_iter().map(|page| author(&profile, page.urn, page.name)).collect();
            }
            // The roles that can post but not administer a Page are known only from the probed permissions.
            for page in profile.permissions().into_iter().flat_map(Permissions::postable_pages) {
                if !data.pages.iter().any(|known| known.urn.as_deref() == Some(page.urn.as_str())) {
                    data.pages.push(author(&profile, page.urn.clone(), page.name.clone()));
                }
            }
            let draft = data.draft.as_ref().and_then(|draft| draft.author.as_deref());
            // The author of the draft stays, and the screen shows why LinkedIn would refuse it.
            data.pages.retain(|page| page.refusal.is_none() || page.urn.as_deref() == draft);
            Message::ComposeOpened { id, data: Box::new(data) }
        });
    }

    fn probe_permissions(&self, id: u64, name: Name) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let result = async { permissions::probe(&ctx.get().await?, &name).await };
            let result = result.await.map(Box::new);
            Message::PermissionsProbed { id, name, result }
        });
    }

    fn publish(&self, id: u64, name: Name, draft: Draft) {
        let (ctx, messages) = (self.context.clone(), self.messages.clone());
        self.spawn(async move {
            let result = async {
                // Progress must not delay the post, so it is dropped where the channel is full.
                let report = Arc::new(move |event| drop(messages.try_send(Message::PublishProgressed { id, event })));
                Box::pin(publish::publish(&ctx.get().await?, &name, draft, report)).await
            };
            Message::PublishFinished { id, result: result.await.map(|published| Some(Box::new(published))) }
        });
    }

    fn delete_post(&self, id: u64, name: Name, urn: String) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let result = async { publish::delete(&ctx.get().await?, &name, &urn).await };
            Message::PublishFinished { id, result: Box::pin(result).await.map(|()| None) }
        });
    }

    /// Reports only why the deliveries did not start: the [`DeliveryMonitor`] reports the rest.
    fn deliver(&self, profile: Name, only: Vec<String>, test: bool) {
        let (ctx, messages) = (self.context.clone(), self.messages.clone());
        tokio::task::spawn_local(async move {
            let result = async { redeliver(&ctx.get().await?, &profile, &only, test).await };
            if let Err(error) = result.await {
                drop(messages.send(Message::Failed(error)).await);
            }
        });
    }

    fn start_sign_in(&mut self, id: u64, mut request: Request) {
        self.cancel_sign_in();
        let (commands, received_commands) = unbounded_channel();
        let (ctx, messages) = (self.context.clone(), self.messages.clone());
        let store = self.session.store.clone();
        let task = tokio::task::spawn_local(async move {
            let (events, mut received_events) = unbounded_channel();
            let work = async {
                let ctx = ctx.get().await?;
                // The interface reads saved apps without their secrets.
                if request.app.client_secret.as_ref().is_some_and(Secret::is_empty) {
                    let name = request.app.name.clone();
                    request.app.client_secret = ctx.on_disk(move |store| store.app(&name)).await?.client_secret;
                }
                // The receiver is dropped only together with this sign-in.
                sign_in(&ctx, request, &move |event| drop(events.send(event)), received_commands).await
            };
            tokio::pin!(work);
            let result = loop {
                tokio::select! {
                    biased;
                    Some(event) = received_events.recv() => drop(messages.send(Message::SignInProgressed { id, event }).await),
                    result = &mut work => break result,
                }
            };
            while let Ok(event) = received_events.try_recv() {
                drop(messages.send(Message::SignInProgressed { id, event }).await);
            }
            drop(messages.send(Message::SignInFinished { id, result: Box::new(result) }).await);
            send_store_failures(&store, &messages).await;
        });
        self.sign_in = Some((task.abort_handle(), commands));
    }

    /// Aborts the running sign-in, which closes its port.
    fn cancel_sign_in(&mut self) {
        if let Some((task, _)) = self.sign_in.take() {
            task.abort();
        }
    }

    /// Approves the authorization in the sandbox. The callback URL is checked like a pasted URL.
    fn approve_in_sandbox(&self, url: String, member: String) {
        let Some((_, commands)) = &self.sign_in else { return };
        let (commands, ctx, messages) = (commands.clone(), self.context.clone(), self.messages.clone());
        tokio::task::spawn_local(async move {
            let Some((_, Some(sandbox))) = ctx.cell.get() else { return };
            let Ok(url) = Url::parse(&url) else { return };
            match sandbox.approve(&url, &member).await {
                Ok(callback_url) => drop(commands.send(Command::Paste(callback_url.into()))),
                Err(error) => drop(messages.send(Message::Failed(error)).await),
            }
        });
    }

    fn open_page(&self, page: String) {
        let (ctx, messages) = (self.context.clone(), self.messages.clone());
        tokio::task::spawn_local(async move {
            let failed = |error: Error| Error { hint: format!("Open it yourself: {page}"), ..error };
            let result = async {
                let ctx = ctx.get().await?;
                let url = Url::parse(&page).map_err(|_| Error::bad_input("This is not a web address.", ""))?;
                let command = Some(ctx.settings.browser.command.as_str()).filter(|command| !command.trim().is_empty());
                ctx.browser.start(command, &url).map_err(failed)
            };
            let opening = |command: &str| Message::Notified(format!("Opening {page} with {} ...", clean(command, 60)));
            match result.await {
                Ok(started) => {
                    drop(messages.send(opening(&started.command)).await);
                    match started.watch.await {
                        Ok(BrowserExit::Failed(error)) => drop(messages.send(Message::Failed(failed(error))).await),
                        Ok(BrowserExit::Replaced(command)) => drop(messages.send(opening(&command)).await),
                        _ => {}
                    }
                }
                Err(error) => drop(messages.send(Message::Failed(error)).await),
            }
        });
    }
}

/// Sends the store's errors and warnings that do not make the effect itself fail.
async fn send_store_failures(store: &ProfileStore, messages: &Sender<Message>) {
    let failures = [store.take_failures(), store.take_warnings()].concat();
    if !failures.is_empty() {
        drop(messages.send(Message::Failed(Error::new(Code::Files, failures.join(" "), ""))).await);
    }
}

fn author(profile: &Profile, urn: String, name: Option<String>) -> Author {
    let refusal = permissions::refusal(profile, Some(&urn));
    Author { name: name.unwrap_or_else(|| urn.clone()), urn: Some(urn), refusal }
}

fn interrupted_reading() -> Error {
    Error::new(Code::Unexpected, "Reading the files was interrupted.", "")
}
