//! The sign-in in the browser, for a new profile or to re-authorize one: check the client secret, bind the port, open
//! the browser, wait for the callback, exchange the code, save the token, identify the member.

mod flow;
mod owner;
mod persist;
mod siblings;
mod types;
mod wait;

use tokio::sync::mpsc::UnboundedReceiver;

pub(crate) use flow::EventSink;
pub use siblings::find_revoked_profiles;
pub(crate) use siblings::{describe_revoked, has_client_of, is_same_client, would_be_revoked};
pub use types::{Command, CredentialsCheck, DifferentMemberChoice, Event, Request, SignInOutcome};

use flow::SignInFlow;

use crate::linkedin::{Flow, RedirectUrl, introspection, scopes};
use crate::oauth::authorize::AuthorizationAttempt;
use crate::oauth::callback::{BrowserOutcome, CallbackHandle, CallbackServer, SuccessPage};
use crate::session::Context;
use crate::store::ProfileStore;
use crate::{Error, Result};

/// Signs in and saves the token. Dropping the future cancels: the port is closed at once.
///
/// # Errors
/// `bad_input` before anything starts, `client_refused` and `network` from the check of the client secret, `port_in_use`,
/// `denied` and the other errors of LinkedIn, `timed_out`, `different_member` when its token is discarded, `network`,
/// `server_error` or `rate_limited`, file errors.
pub async fn sign_in(
    ctx: &Context,
    request: Request,
    on_event: EventSink<'_>,
    mut commands: UnboundedReceiver<Command>,
) -> Result<SignInOutcome> {
    check_before_start(ctx, &request).await?;
    on_event(Event::CredentialsChecked(verify_credentials(ctx, &request).await?));

    let server = CallbackServer::bind(&request.app.redirect_url).await?;
    server.self_test().await?;
    let (has_ipv4, has_ipv6) = server.families();
    // A native app's port was chosen just now.
    let redirect = server.redirect_url().clone();
    let app = &request.app;
    let attempt = AuthorizationAttempt::new(&ctx.endpoints, &app.client_id, &redirect, &request.scopes, app.flow)?;
    let mut callback = server.serve(&attempt, &request.scopes);
    on_event(Event::Listening {
        redirect_url: redirect.as_str().to_owned(),
        has_ipv4,
        has_ipv6,
        authorization_url: attempt.url().clone(),
        short_link: callback.short_link(),
    });

    let flow = SignInFlow { ctx, request: &request, on_event, commands: &mut commands };
    let result = complete(flow, &attempt, &redirect, &mut callback).await;
    callback.finish(browser_outcome(&request, &result)).await;
    if let Ok(outcome) = &result {
        super::deliver::deliver_new_token(ctx, &outcome.profile).await;
    }
    result
}

/// Fails if the scopes cannot be requested, or if the token could not be saved later.
async fn check_before_start(ctx: &Context, request: &Request) -> Result<()> {
    let (profile, app, requested) = (request.profile.clone(), request.app.name.clone(), request.scopes.clone());
    let check = move |store: &ProfileStore| {
        let token = store.without_secrets().profile(&profile).ok().and_then(|profile| profile.token);
        scopes::check_before_request(&requested, &token.map(|token| token.scopes).unwrap_or_default())?;
        store.ensure_writable(&profile, &app)
    };
    ctx.with_store(check).await
}

/// Reports in the terminal what would otherwise fail after the consent: a wrong client ID or secret, and a network that
/// prevents the exchange.
async fn verify_credentials(ctx: &Context, request: &Request) -> Result<CredentialsCheck> {
    if request.app.flow == Flow::NativePkce {
        introspection::verify_connection(&ctx.http, &ctx.endpoints).await?;
        return Ok(CredentialsCheck::NotNeeded);
    }
    let secret = request.app.require_secret()?;
    let accepted = introspection::verify_credentials(&ctx.http, &ctx.endpoints, &request.app.client_id, secret).await?;
    Ok(if accepted { CredentialsCheck::Accepted } else { CredentialsCheck::Inconclusive })
}

/// Waits for the code, exchanges it and saves the token.
async fn complete(
    mut flow: SignInFlow<'_>,
    attempt: &AuthorizationAttempt,
    redirect: &RedirectUrl,
    callback: &mut CallbackHandle,
) -> Result<SignInOutcome> {
    let code = wait::wait_for_code(&mut flow, attempt, callback).await?;
    flow.emit(Event::CallbackAccepted);
    flow.emit(Event::Exchanging);
    let client = flow.ctx.token_client(&flow.request.app)?;
    let issued = match client.exchange_code(redirect, &code, attempt.verifier()).await {
        Ok(issued) => issued,
        Err(failure) => return Err(siblings::explain_failed_exchange(flow.ctx, flow.request, failure).await),
    };
    let SignInFlow { ctx, request, on_event, commands } = flow;
    let needs_choice = |event: &Event| match event {
        Event::SaveFailed(_) => true,
        Event::DifferentMember { .. } => request.on_different_member.is_none(),
        _ => false,
    };
    let on_event = |event: Event| {
        if needs_choice(&event) {
            callback.show_decision_needed();
        }
        on_event(event);
    };
    let flow = SignInFlow { ctx, request, on_event: &on_event, commands };
    persist::store_token(flow, issued).await
}

/// Returns the outcome that the browser shows.
fn browser_outcome(request: &Request, result: &Result<SignInOutcome, Error>) -> BrowserOutcome {
    let profile = match result {
        Ok(outcome) => &outcome.profile,
        Err(error) => return BrowserOutcome::Failed(error.clone()),
    };
    BrowserOutcome::SignedIn(SuccessPage {
        member: profile.member.as_ref().and_then(|member| member.name.clone()),
        member_id: profile.member.as_ref().map(|member| member.id.clone()),
        profile: profile.name.to_string(),
        expires_at: profile.token.as_ref().and_then(|token| token.expires_at),
        token: profile.token.as_ref().map(|token| token.access.clone()).filter(|_| request.is_token_shown),
    })
}
