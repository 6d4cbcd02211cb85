//! Sign-ins in the test process.

use std::sync::Mutex;

use linkedin_tui::Error;
use linkedin_tui::internal::flows::sign_in::{Command, DifferentMemberChoice, Event, Request, SignInOutcome, sign_in};
use linkedin_tui::internal::linkedin::RedirectUrl;
use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::session::Context;
use linkedin_tui::internal::store::App;

use crate::support::ports::free_port;
use crate::support::{app, name};

/// Returns the sandbox's default app as `my-app`, with a redirect URL on a free port.
pub(crate) fn default_app() -> App {
    App {
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(Secret::new(CLIENT_SECRET)),
        redirect_url: free_redirect_url(),
        ..app("my-app")
    }
}

pub(crate) fn free_redirect_url() -> RedirectUrl {
    localhost_redirect_url(free_port())
}

pub(crate) fn localhost_redirect_url(port: u16) -> RedirectUrl {
    RedirectUrl::parse(&format!("http://localhost:{port}/callback")).unwrap()
}

/// Returns a request for the profile `work` with `app`.
pub(crate) fn request(app: App) -> Request {
    Request {
        app,
        profile: name("work"),
        scopes: ["openid", "profile"].map(str::to_owned).to_vec(),
        browser: None,
        is_browser_disabled: false,
        timeout_seconds: 60,
        is_token_shown: false,
        on_different_member: Some(DifferentMemberChoice::Discard),
    }
}

/// Signs in with the browser and records each event.
pub(crate) async fn sign_in_recording(
    ctx: &Context,
    request: Request,
    events: &Mutex<Vec<Event>>,
) -> Result<SignInOutcome, Error> {
    let (_commands, receiver) = tokio::sync::mpsc::unbounded_channel();
    let record = |event: Event| events.lock().unwrap().push(event);
    sign_in(ctx, request, &record, receiver).await
}

/// Signs in without a browser by pasting a callback with a code; a failed save is not retried. Also returns the events.
pub(crate) async fn sign_in_by_paste(ctx: &Context, request: Request) -> (Result<SignInOutcome, Error>, Vec<Event>) {
    let events = Mutex::new(Vec::new());
    let (commands, receiver) = tokio::sync::mpsc::unbounded_channel();
    let commands = Mutex::new(Some(commands));
    let on_event = |event: Event| {
        match &event {
            Event::Listening { authorization_url, redirect_url, .. } => {
                let state = authorization_url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
                let pasted = format!("{redirect_url}?code=AQcode&state={state}");
                commands.lock().unwrap().as_ref().unwrap().send(Command::Paste(pasted)).unwrap();
            }
            Event::SaveFailed(_) => drop(commands.lock().unwrap().take()),
            _ => {}
        }
        events.lock().unwrap().push(event);
    };
    let result = sign_in(ctx, Request { is_browser_disabled: true, ..request }, &on_event, receiver).await;
    (result, events.into_inner().unwrap())
}
