//! Does the effects that reach outside, each as a task that answers with messages. The tasks run
//! beside the loop on its own thread, in a [`tokio::task::LocalSet`].

mod drafts;
mod list;

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
use crate::session::{Context, DeliveryMonitor, Note, Reporter, api_version};
use crate::store::{DeletedProfile, Name, Permissions, Profile, ProfileStore};
use crate::sync::lock;
use crate::text::clean;
use crate::{Code, Error, Result};

type Ready = (Context, Option<Sandbox>);

/// What the tasks share.
pub struct Services {
    session: Arc<Session>,
    /// Made when first needed, so that the first screen waits for nothing.
    ready: Arc<OnceCell<Ready>>,
    messages: Sender<Message>,
    running: Option<(AbortHandle, UnboundedSender<Command>)>,
    /// How each file looked when it was read.
    stamps: list::FileVersions,
    /// Checks and refreshes that go on, a few at once in all.
    jobs: HashMap<u64, AbortHandle>,
    pool: Pool,
    drafts: drafts::OpenDrafts,
    /// What was deleted, the newest last.
    removed: Arc<Mutex<Vec<Vec<DeletedProfile>>>>,
}

impl Services {
    /// Takes the run's surroundings and where to answer.
    pub fn new(session: Session, messages: Sender<Message>) -> Self {
        let told = messages.clone();
        let deliveries = DeliveryMonitor::new(move |event| {
            let told = told.clone();
            // The loop is gone only when the program ends.
            tokio::spawn(async move { drop(told.send(Message::DeliveryProgressed(event)).await) });
        });
        let told = messages.clone();
        let reporter = Reporter::new(move |note| {
            if let Note::ApiVersionChanged(change) = note {
                let told = told.clone();
                tokio::spawn(async move { drop(told.send(Message::Notify(change.to_string())).await) });
            }
        });
        let session = Session { deliveries: deliveries.in_background(), reporter, ..session };
        Self {
            session: Arc::new(session),
            ready: Arc::default(),
            messages,
            running: None,
            stamps: Arc::default(),
            jobs: HashMap::new(),
            pool: Pool::default(),
            drafts: Arc::default(),
            removed: Arc::default(),
        }
    }

    /// The same with what the use cases work with already made.
    ///
    /// # Errors
    /// Never in a new value.
    pub fn with_context(mut self, context: Context, sandbox: Option<Sandbox>) -> Self {
        let (store, clock, reporter) = (&context.store, context.clock.clone(), self.session.reporter.clone());
        let api_version = api_version::reported(context.api_version.clone(), store, clock, reporter);
        let context = Context { deliveries: self.session.deliveries.clone(), api_version, ..context };
        self.ready = Arc::new(OnceCell::new_with(Some((context, sandbox))));
        self
    }

    /// Starts one effect; returns it where it is the terminal's.
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
            Effect::ReadToken { profile, which } => self.read_token(profile, which),
            Effect::Export { names, format, path, replace } => self.export(names, format, path, replace),
            Effect::KeepGuide(ticks) => self.spawn_then_reload(move |store| {
                store.set_guide(&ticks)?;
                Ok(String::new())
            }),
            Effect::Deliver { profile, only, test } => self.deliver(profile, only, test),
            Effect::AddDelivery { profile, preset, delivery, detail } => {
                let (store, folder) = (self.session.store.clone(), self.session.folder.clone());
                self.on_disk(move || {
                    let new = Preset::find(preset)?.delivery(&delivery, &detail, &folder)?;
                    let profile = Box::new(manage::add_delivery(&store, &profile, &new)?);
                    Ok(Message::DeliveryAdded { profile, delivery })
                });
            }
            Effect::RemoveDelivery { profile, delivery } => self.spawn_then_reload(move |store| {
                let removed = manage::remove_delivery(store, &profile, &delivery)?;
                Ok(format!("{} is no longer delivered to; what stands there stays.", clean(&removed.name, 60)))
            }),
            Effect::ProbePort(url) => self.answer(async move {
                let result = CallbackServer::bind(&url).await.map(drop);
                Message::PortProbed { url: url.as_str().to_owned(), result }
            }),
            Effect::StartSignIn { id, request } => self.sign_in(id, *request),
            Effect::CommandSignIn(command) => {
                if let Some((_, commands)) = &self.running {
                    // A sign-in that ended meanwhile has told so itself.
                    drop(commands.send(command));
                }
            }
            Effect::CancelSignIn => self.cancel(),
            Effect::ApproveInSandbox { url, member } => self.approve(url, member),
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

    fn answer(&self, work: impl Future<Output = Message> + 'static) {
        let (store, messages) = (self.session.store.clone(), self.messages.clone());
        tokio::task::spawn_local(async move {
            // The loop is gone only when the program ends.
            drop(messages.send(work.await).await);
            report_failures(&store, &messages).await;
        });
    }

    fn on_disk(&self, work: impl FnOnce() -> Result<Message> + Send + 'static) {
        self.answer(async move {
            match tokio::task::spawn_blocking(work).await {
                Ok(Ok(msg)) => msg,
                Ok(Err(error)) => Message::Failed(error),
                Err(_) => Message::Failed(Error::new(Code::Unexpected, "The files were not read to their end.", "")),
            }
        });
    }

    /// Changes files, says so, and reads them again.
    fn spawn_then_reload(&self, work: impl FnOnce(&ProfileStore) -> Result<String> + Send + 'static) {
        let (store, messages, stamps) = (self.session.store.clone(), self.messages.clone(), Arc::clone(&self.stamps));
        self.on_disk(move || {
            let detail = work(&store)?;
            if !detail.is_empty() {
                drop(messages.blocking_send(Message::Notify(detail)));
            }
            list::listing(&store, &stamps).map(|files| Message::FilesRead(Box::new(files)))
        });
    }

    fn open_compose(&self, id: u64, name: Name) {
        let (ready, session) = (Arc::clone(&self.ready), Arc::clone(&self.session));
        let open = Arc::clone(&self.drafts);
        self.answer(async move {
            let (store, wanted) = (session.store.without_secrets(), name.clone());
            let read = tokio::task::spawn_blocking(move || {
                let found = ComposeData {
                    // A draft that cannot be read costs itself, not the screen.
                    draft: store.draft(&wanted).unwrap_or_default(),
                    recent: store.posts(&wanted).unwrap_or_default(),
                    pages: Vec::new(),
                };
                let profile = store.profile(&wanted).ok();
                // What was typed meanwhile may be saved already.
                lock(&open)
                    .entry(id)
                    .or_insert_with(|| drafts::OpenDraft { profile: profile.clone(), saved: found.draft.clone() });
                (found, profile)
            });
            let Ok((mut found, profile)) = read.await else {
                return Message::Failed(Error::new(Code::Unexpected, "The files were not read to their end.", ""));
            };
            let Some(profile) = profile else {
                return Message::ComposeOpened { id, found: Box::new(found) };
            };
            let scopes = profile.token.as_ref().map(|token| token.scopes.as_slice()).unwrap_or_default();
            if scopes.iter().any(|scope| scope.ends_with("organization_admin"))
                && let Ok(ctx) = context(ready, session).await
                && let Ok(pages) = publish::pages(&ctx, &name).await
            {
                found.pages = pages.into_iter().map(|page| author(&profile, page.urn, page.name)).collect();
            }
            // Roles that may post without administering are known from the permissions alone.
            for page in profile.permissions().into_iter().flat_map(Permissions::postable_pages) {
                if !found.pages.iter().any(|known| known.urn.as_deref() == Some(page.urn.as_str())) {
                    found.pages.push(author(&profile, page.urn.clone(), page.name.clone()));
                }
            }
            let draft = found.draft.as_ref().and_then(|draft| draft.author.as_deref());
            // A draft keeps its author; the reason stands beside it.
            found.pages.retain(|page| page.refusal.is_none() || page.urn.as_deref() == draft);
            Message::ComposeOpened { id, found: Box::new(found) }
        });
    }

    fn probe_permissions(&self, id: u64, name: Name) {
        let (ready, session) = (Arc::clone(&self.ready), Arc::clone(&self.session));
        self.answer(async move {
            let result = async { permissions::probe(&context(ready, session).await?, &name).await };
            let result = result.await.map(Box::new);
            Message::PermissionsProbed { id, name, result }
        });
    }

    fn publish(&self, id: u64, name: Name, draft: Draft) {
        let (ready, session, messages) = (Arc::clone(&self.ready), Arc::clone(&self.session), self.messages.clone());
        self.answer(async move {
            let result = async {
                let ctx = context(ready, session).await?;
                // How far it is is worth a word, not a wait.
                let tell = Arc::new(move |event| drop(messages.try_send(Message::PublishProgressed { id, event })));
                Box::pin(publish::publish(&ctx, &name, draft, tell)).await
            };
            Message::PublishEnded { id, result: result.await.map(|live| Some(Box::new(live))) }
        });
    }

    fn delete_post(&self, id: u64, name: Name, urn: String) {
        let (ready, session) = (Arc::clone(&self.ready), Arc::clone(&self.session));
        self.answer(async move {
            let result = async { publish::delete(&context(ready, session).await?, &name, &urn).await };
            Message::PublishEnded { id, result: Box::pin(result).await.map(|()| None) }
        });
    }

    /// What happens is told as it happens; only what keeps it from beginning is told here.
    fn deliver(&self, profile: Name, only: Vec<String>, test: bool) {
        let (ready, session, messages) = (Arc::clone(&self.ready), Arc::clone(&self.session), self.messages.clone());
        tokio::task::spawn_local(async move {
            let result = async { redeliver(&context(ready, session).await?, &profile, &only, test).await };
            if let Err(error) = result.await {
                drop(messages.send(Message::Failed(error)).await);
            }
        });
    }

    fn sign_in(&mut self, id: u64, mut request: Request) {
        self.cancel();
        let (commands, heard) = unbounded_channel();
        let (ready, session, messages) = (Arc::clone(&self.ready), Arc::clone(&self.session), self.messages.clone());
        let store = session.store.clone();
        let task = tokio::task::spawn_local(async move {
            let (tell, mut told) = unbounded_channel();
            let work = async {
                let ctx = context(ready, session).await?;
                // The list knows saved apps without their secrets.
                if request.app.client_secret.as_ref().is_some_and(Secret::is_empty) {
                    let name = request.app.name.clone();
                    request.app.client_secret = ctx.on_disk(move |store| store.app(&name)).await?.client_secret;
                }
                // Nobody listens only when the whole sign-in is dropped.
                sign_in(&ctx, request, &move |event| drop(tell.send(event)), heard).await
            };
            tokio::pin!(work);
            let result = loop {
                tokio::select! {
                    biased;
                    Some(event) = told.recv() => drop(messages.send(Message::SignInProgressed { id, event }).await),
                    result = &mut work => break result,
                }
            };
            while let Ok(event) = told.try_recv() {
                drop(messages.send(Message::SignInProgressed { id, event }).await);
            }
            drop(messages.send(Message::SignInEnded { id, result: Box::new(result) }).await);
            report_failures(&store, &messages).await;
        });
        self.running = Some((task.abort_handle(), commands));
    }

    /// Dropping the task closes the port.
    fn cancel(&mut self) {
        if let Some((task, _)) = self.running.take() {
            task.abort();
        }
    }

    /// The address that the member's browser would be sent to goes through the very same checks as
    /// one that was pasted.
    fn approve(&self, url: String, member: String) {
        let Some((_, commands)) = &self.running else { return };
        let (commands, ready, messages) = (commands.clone(), Arc::clone(&self.ready), self.messages.clone());
        tokio::task::spawn_local(async move {
            let Some((_, Some(sandbox))) = ready.get() else { return };
            let Ok(url) = Url::parse(&url) else { return };
            match sandbox.approve(&url, &member).await {
                Ok(back) => drop(commands.send(Command::Paste(back.into()))),
                Err(error) => drop(messages.send(Message::Failed(error)).await),
            }
        });
    }

    fn open_page(&self, page: String) {
        let (ready, session) = (Arc::clone(&self.ready), Arc::clone(&self.session));
        let messages = self.messages.clone();
        tokio::task::spawn_local(async move {
            let failed = |why| Error::new(Code::Unexpected, why, format!("Open it yourself: {page}"));
            let result = async {
                let ctx = context(ready, session).await?;
                let url = Url::parse(&page).map_err(|_| Error::bad_input("This is not a web address.", ""))?;
                let own = Some(ctx.settings.browser.command.as_str()).filter(|command| !command.trim().is_empty());
                ctx.browser.start(own, &url).map_err(failed)
            };
            let opening = |command: &str| Message::Notify(format!("Opening {page} with {} ...", clean(command, 60)));
            match result.await {
                Ok(started) => {
                    // The loop is gone only when the program ends.
                    drop(messages.send(opening(&started.command)).await);
                    match started.watch.await {
                        Ok(BrowserExit::Failed(why)) => drop(messages.send(Message::Failed(failed(why))).await),
                        Ok(BrowserExit::Replaced(command)) => drop(messages.send(opening(&command)).await),
                        _ => {}
                    }
                }
                Err(error) => drop(messages.send(Message::Failed(error)).await),
            }
        });
    }
}

/// Reports what went wrong beside the point of what was asked for.
async fn report_failures(store: &ProfileStore, messages: &Sender<Message>) {
    let failures = [store.take_failures(), store.take_warnings()].concat();
    if !failures.is_empty() {
        // The loop is gone only when the program ends.
        drop(messages.send(Message::Failed(Error::new(Code::Files, failures.join(" "), ""))).await);
    }
}

/// A Page as an author, with the reason why it cannot be one.
fn author(profile: &Profile, urn: String, name: Option<String>) -> Author {
    let refusal = permissions::refusal(profile, Some(&urn));
    Author { name: name.unwrap_or_else(|| urn.clone()), urn: Some(urn), refusal }
}

async fn context(ready: Arc<OnceCell<Ready>>, session: Arc<Session>) -> Result<Context> {
    let (ctx, _) = ready.get_or_try_init(|| session.context()).await?;
    Ok(ctx.clone())
}
