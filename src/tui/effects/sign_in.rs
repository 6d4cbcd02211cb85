//! Runs a sign-in.

use tokio::sync::mpsc::unbounded_channel;
use url::Url;

use super::{Services, send_store_failures};
use crate::flows::sign_in::{Command, Request, sign_in};
use crate::secret::Secret;
use crate::tui::message::Message;

impl Services {
    pub(super) fn start_sign_in(&mut self, id: u64, mut request: Request) {
        self.cancel_sign_in();
        let (commands, received_commands) = unbounded_channel();
        let (ctx, messages) = (self.context.clone(), self.messages.clone());
        let store = self.session.store.clone();
        let task = tokio::task::spawn_local(async move {
            let (events, mut received_events) = unbounded_channel();
            let work = async {
                let ctx = ctx.get_for(&request.profile).await?;
                // The interface reads saved apps without their secrets.
                if request.app.client_secret.as_ref().is_some_and(Secret::is_empty) {
                    let name = request.app.name.clone();
                    request.app.client_secret = ctx.with_store(move |store| store.app(&name)).await?.client_secret;
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
    pub(super) fn cancel_sign_in(&mut self) {
        if let Some((task, _)) = self.sign_in.take() {
            task.abort();
        }
    }

    /// Approves the authorization in the sandbox. The callback URL is checked like a pasted URL.
    pub(super) fn approve_in_sandbox(&self, url: String, member: String) {
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
}
