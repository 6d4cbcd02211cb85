//! Waiting for the callback: the browser, pasted URLs, the deadline.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use url::Url;

use super::flow::SignInFlow;
use super::types::{Command, Event, Request};
use crate::host::BrowserExit;
use crate::linkedin::Flow;
use crate::oauth::authorize::AuthorizationAttempt;
use crate::oauth::callback::CallbackHandle;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// How often the wall clock is compared with the deadline.
const CLOCK_CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Opens the browser and waits for the authorization code.
pub(super) async fn wait_for_code(
    flow: &mut SignInFlow<'_>,
    attempt: &AuthorizationAttempt,
    callback: &mut CallbackHandle,
) -> Result<Secret> {
    let mut browser = if flow.request.is_browser_disabled {
        flow.emit(Event::BrowserSkipped);
        None
    } else {
        open_browser(flow, attempt.url())
    };
    let since = flow.ctx.now();
    let timeout = Duration::from_secs(flow.request.timeout_seconds);
    let until = since.checked_add(timeout).unwrap_or(since);
    flow.emit(Event::Waiting { since, until });

    let mut rejected = callback.rejected_callbacks();
    let mut has_commands = true;
    let deadline = tokio::time::sleep(timeout);
    tokio::pin!(deadline);
    let mut clock_checks = tokio::time::interval(CLOCK_CHECK_INTERVAL);
    clock_checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut was_late = false;
    loop {
        tokio::select! {
            code = callback.receive_code() => return code,
            () = &mut deadline => return Err(timeout_error(flow.request)),
            // A suspended machine's timers stop, its wall clock does not. The sign-in ends when it is late twice in a
            // row: after a wake-up the browser has some seconds to deliver the callback.
            _ = clock_checks.tick() => {
                let is_late = flow.ctx.now() >= until;
                if is_late && was_late {
                    return Err(timeout_error(flow.request));
                }
                was_late = is_late;
            }
            Ok(()) = rejected.changed() => {
                let rejected = rejected.borrow_and_update().clone();
                flow.emit(Event::CallbackRejected(rejected));
            }
            exit = browser_exit(&mut browser) => {
                browser = None;
                match exit {
                    BrowserExit::Opened => {}
                    BrowserExit::StartedOther(command) => flow.emit(Event::BrowserOpened { command }),
                    BrowserExit::Failed(error) => flow.emit(Event::BrowserNotOpened(error)),
                }
            }
            command = flow.commands.recv(), if has_commands => match command {
                None => has_commands = false,
                Some(Command::OpenAgain) => browser = open_browser(flow, attempt.url()),
                Some(Command::Paste(text)) => if let Err(error) = callback.paste(&text).await {
                    flow.emit(Event::PasteRejected(error));
                },
                Some(Command::Choose(_) | Command::SaveAgain) => {}
            },
        }
    }
}

fn open_browser(flow: &SignInFlow<'_>, url: &Url) -> Option<JoinHandle<BrowserExit>> {
    let setting = flow.ctx.settings.browser.command.as_str();
    let command = flow.request.browser.as_deref().or(Some(setting).filter(|command| !command.trim().is_empty()));
    match flow.ctx.browser.start(command, url) {
        Ok(started) => {
            tracing::info!("browser started: {}", crate::text::sanitize(&started.command, 200));
            flow.emit(Event::BrowserOpened { command: started.command });
            Some(started.watch)
        }
        Err(error) => {
            flow.emit(Event::BrowserNotOpened(error));
            None
        }
    }
}

/// Resolves when the opened browser succeeded or failed; never, if none was opened.
async fn browser_exit(browser: &mut Option<JoinHandle<BrowserExit>>) -> BrowserExit {
    match browser {
        Some(browser) => browser.await.unwrap_or(BrowserExit::Opened),
        None => std::future::pending().await,
    }
}

fn timeout_error(request: &Request) -> Error {
    let id = &request.app.client_id;
    let check = match request.app.flow {
        // LinkedIn shows its error page for each of the three, and sends nothing back.
        Flow::Standard => format!(
            "check three things: {} is registered exactly so on the app's Auth tab, the client ID is {id}, and the app's Products \
             tab has the products of all requested scopes ({})",
            request.app.redirect_url.as_str(),
            request.scopes.join(" ")
        ),
        Flow::NativePkce => {
            format!("check that the client ID is {id} and that LinkedIn enabled native PKCE for the app")
        }
    };
    Error::new(
        Code::TimedOut,
        match request.timeout_seconds {
            1 => "Timed out waiting for the browser after 1 second.".to_owned(),
            seconds => format!("Timed out waiting for the browser after {seconds} seconds."),
        },
        format!("If LinkedIn showed an error page, {check}. Then sign in again."),
    )
}
