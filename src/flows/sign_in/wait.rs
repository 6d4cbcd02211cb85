//! Waiting for the person: browser, short link, paste, deadline.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use super::{Command, Event, EventSink, Request};
use crate::host::BrowserExit;
use crate::linkedin::Flow;
use crate::oauth::authorize::AuthorizationAttempt;
use crate::oauth::callback::Waiting;
use crate::secret::Secret;
use crate::session::Context;
use crate::{Code, Error, Result};

/// How often the wall clock is looked at.
const GLANCE: Duration = Duration::from_secs(5);

/// Opens the browser and waits for the code.
pub(super) async fn for_answer(
    ctx: &Context,
    request: &Request,
    attempt: &AuthorizationAttempt,
    waiting: &mut Waiting,
    tell: EventSink<'_>,
    commands: &mut UnboundedReceiver<Command>,
) -> Result<Secret> {
    let mut watch = if request.no_browser {
        tell(Event::OpenYourself { why: "No browser is started, as asked.".to_owned() });
        None
    } else {
        open(ctx, request, attempt, tell)
    };
    let since = ctx.now();
    let limit = Duration::from_secs(request.timeout_seconds);
    let until = since.checked_add(limit).unwrap_or(since);
    tell(Event::Waiting { since, until });

    let mut rejected_callbacks = waiting.rejected_callbacks();
    let mut hearing = true;
    let deadline = tokio::time::sleep(limit);
    tokio::pin!(deadline);
    let mut glances = tokio::time::interval(GLANCE);
    glances.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut slept_over = false;
    loop {
        tokio::select! {
            answer = waiting.answer() => return answer,
            () = &mut deadline => return Err(timed_out(request)),
            // A suspended machine's timers stand still, its wall clock does not. Seen late twice
            // in a row: after a wake-up the browser gets some seconds to come back.
            _ = glances.tick() => {
                let late = ctx.now() >= until;
                if late && slept_over {
                    return Err(timed_out(request));
                }
                slept_over = late;
            }
            Ok(()) = rejected_callbacks.changed() => {
                let (count, why) = rejected_callbacks.borrow_and_update().clone();
                tell(Event::StrayRefused { count, why });
            }
            watched = watched(&mut watch) => {
                watch = None;
                match watched {
                    BrowserExit::Opened => {}
                    BrowserExit::Replaced(command) => tell(Event::BrowserOpened { command }),
                    BrowserExit::Failed(why) => tell(Event::OpenYourself { why }),
                }
            }
            command = commands.recv(), if hearing => match command {
                None => hearing = false,
                Some(Command::OpenAgain) => watch = open(ctx, request, attempt, tell),
                Some(Command::Paste(text)) => if let Err(error) = waiting.submit(&text).await {
                    tell(Event::PasteRefused(error));
                },
                Some(Command::Choose(_) | Command::SaveAgain) => {}
            },
        }
    }
}

fn open(
    ctx: &Context,
    request: &Request,
    attempt: &AuthorizationAttempt,
    tell: EventSink<'_>,
) -> Option<JoinHandle<BrowserExit>> {
    let setting = Some(ctx.settings.browser.command.as_str()).filter(|command| !command.trim().is_empty());
    match ctx.browser.start(request.browser.as_deref().or(setting), attempt.url()) {
        Ok(started) => {
            tracing::info!("browser started: {}", crate::text::clean(&started.command, 200));
            tell(Event::BrowserOpened { command: started.command });
            Some(started.watch)
        }
        Err(why) => {
            tell(Event::OpenYourself { why });
            None
        }
    }
}

/// Ends when the started browser turns out well or badly; never, where none was started.
async fn watched(watch: &mut Option<JoinHandle<BrowserExit>>) -> BrowserExit {
    match watch {
        Some(watch) => watch.await.unwrap_or(BrowserExit::Opened),
        None => std::future::pending().await,
    }
}

fn timed_out(request: &Request) -> Error {
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
        format!("Timed out waiting for the browser after {} seconds.", request.timeout_seconds),
        format!("If LinkedIn showed an error page, {check}. Then sign in again."),
    )
}
