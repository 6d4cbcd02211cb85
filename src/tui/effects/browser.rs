//! Opens web pages in the browser.

use tokio::sync::mpsc::Sender;
use url::Url;

use super::Services;
use crate::host::BrowserExit;
use crate::linkedin::Endpoints;
use crate::session::Context;
use crate::text::sanitize;
use crate::tui::message::Message;
use crate::{Error, Result};

impl Services {
    pub(super) fn open_page(&self, page: String) {
        self.open_url(move |_| {
            Url::parse(&page).map_err(|_| Error::bad_input(format!("{page} is not a web address."), ""))
        });
    }

    /// Opens a URL, which may depend on the hosts in use, in the browser.
    pub(super) fn open_url(&self, url: impl FnOnce(&Endpoints) -> Result<Url> + 'static) {
        let (ctx, messages) = (self.context.clone(), self.messages.clone());
        tokio::task::spawn_local(async move {
            let opened = async {
                let ctx = ctx.get().await?;
                open_in_browser(&ctx, &url(&ctx.endpoints)?, &messages).await
            };
            if let Err(error) = opened.await {
                drop(messages.send(Message::Failed(error)).await);
            }
        });
    }

    /// Opens the control page of the sandbox, which is started for that if nothing used it yet.
    pub(super) fn open_control_page(&self) {
        let (lazy_context, messages) = (self.context.clone(), self.messages.clone());
        tokio::task::spawn_local(async move {
            let opened = async {
                let ctx = lazy_context.get().await?;
                let sandbox = lazy_context.cell.get().and_then(|(_, sandbox)| sandbox.as_ref());
                let sandbox = sandbox.ok_or_else(|| Error::bad_input("Only the sandbox has a control page.", ""))?;
                open_in_browser(&ctx, sandbox.base(), &messages).await
            };
            if let Err(error) = opened.await {
                drop(messages.send(Message::Failed(error)).await);
            }
        });
    }
}

/// Opens a web page in the browser, and reports with which command, or why it was not opened.
async fn open_in_browser(ctx: &Context, url: &Url, messages: &Sender<Message>) -> Result<()> {
    let failed = |error: Error| Error { hint: format!("Open it yourself: {url}"), ..error };
    let command = Some(ctx.settings.browser.command.as_str()).filter(|command| !command.trim().is_empty());
    let started = ctx.browser.start(command, url).map_err(failed)?;
    let opening = |command: &str| Message::Notified(format!("Opening {url} with {}…", sanitize(command, 60)));
    drop(messages.send(opening(&started.command)).await);
    match started.watch.await {
        Ok(BrowserExit::Failed(error)) => return Err(failed(error)),
        Ok(BrowserExit::StartedOther(command)) => drop(messages.send(opening(&command)).await),
        _ => {}
    }
    Ok(())
}
