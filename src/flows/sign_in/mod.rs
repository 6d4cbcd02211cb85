//! Signing in: the browser flow, first time and again. Steps and rules are those of the project's
//! design: try the secret, hold the port, open the browser, wait, exchange, save, identify.

mod persist;
mod types;
mod wait;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::UnboundedReceiver;

pub use persist::endangered;
pub use types::{Command, Event, MemberMismatch, Outcome, Request, SecretTrial};

use crate::linkedin::{Flow, RedirectUrl, introspection, scopes};
use crate::oauth::authorize::AuthorizationAttempt;
use crate::oauth::callback::{Listener, PageOutcome};
use crate::oauth::exchange::{self, Issued};
use crate::secret::Secret;
use crate::session::Context;
use crate::session::context::{client_secret_of, sendable_secret};
use crate::store::{Refresh, Store, Token};
use crate::{Error, Result};

/// Takes each [`Event`] as it happens; must not block.
pub type EventSink<'a> = &'a (dyn Fn(Event) + Send + Sync);

/// Signs in and saves. Dropping the future cancels: the port is closed at once.
///
/// # Errors
/// `bad_input` before anything starts, `client_refused` and `network` by the trial of the secret, `port_in_use`,
/// `denied` and the other answers of LinkedIn, `timed_out`, `different_member` when the person
/// discards, `network` and its kind, file errors.
pub async fn sign_in(
    ctx: &Context,
    request: Request,
    tell: EventSink<'_>,
    mut commands: UnboundedReceiver<Command>,
) -> Result<Outcome> {
    let (profile, app, asked) = (request.profile.clone(), request.app.name.clone(), request.scopes.clone());
    let check = move |store: &Store| {
        let granted = store.without_secrets().profile(&profile).ok().and_then(|profile| profile.token);
        scopes::check_granted(&asked, &granted.map(|token| token.scopes).unwrap_or_default())?;
        store.ensure_writable(&profile, &app)
    };
    ctx.on_disk(check).await?;
    tell(Event::SecretTried(verify_credentials(ctx, &request).await?));

    let listener = Listener::bind(&request.app.redirect_url).await?;
    listener.self_test().await?;
    let (v4, v6) = listener.families();
    let app = &request.app;
    // A native app's port was chosen just now.
    let redirect = listener.redirect().clone();
    let attempt = AuthorizationAttempt::new(&ctx.endpoints, &app.client_id, &redirect, &request.scopes, app.flow)?;
    let mut waiting = listener.serve(&attempt, &request.scopes);
    tell(Event::Listening {
        redirect_url: redirect.as_str().to_owned(),
        v4,
        v6,
        authorization_url: attempt.url().clone(),
        short_link: waiting.short_link(),
    });

    let answer = wait::for_answer(ctx, &request, &attempt, &mut waiting, tell, &mut commands).await;
    let ended = match answer {
        Ok(code) => {
            tell(Event::CallbackAccepted);
            tell(Event::Exchanging);
            match exchange_code(ctx, &request, &attempt, &redirect, &code).await {
                Ok(issued) => {
                    let asks = request.on_member_mismatch.is_none();
                    let tell = |event: Event| {
                        if matches!(event, Event::SaveFailed(_))
                            || asks && matches!(event, Event::DifferentMember { .. })
                        {
                            waiting.ask();
                        }
                        tell(event);
                    };
                    persist::token(ctx, &request, issued, &tell, &mut commands).await
                }
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    };
    waiting.finish(page(&request, &ended)).await;
    if let Ok(outcome) = &ended {
        super::deliver::new_token(ctx, &outcome.profile).await;
    }
    ended
}

/// Reports here, in the terminal, what would else fail after the consent: a wrong client ID or secret,
/// and a network that lets no exchange through.
async fn verify_credentials(ctx: &Context, request: &Request) -> Result<SecretTrial> {
    if request.app.flow == Flow::NativePkce {
        introspection::verify_connection(&ctx.http, &ctx.endpoints).await?;
        return Ok(SecretTrial::NotNeeded);
    }
    let secret = client_secret_of(&request.app)?;
    let accepted = introspection::verify_credentials(&ctx.http, &ctx.endpoints, &request.app.client_id, secret).await?;
    Ok(if accepted { SecretTrial::Accepted } else { SecretTrial::NoAnswer })
}

async fn exchange_code(
    ctx: &Context,
    request: &Request,
    attempt: &AuthorizationAttempt,
    redirect: &RedirectUrl,
    code: &Secret,
) -> Result<Issued> {
    let (client_id, secret) = (&request.app.client_id, sendable_secret(&request.app)?);
    let verifier = attempt.verifier();
    exchange::exchange_code(&ctx.http, &ctx.endpoints, client_id, secret, redirect, code, verifier).await
}

/// The token as it is stored. Where LinkedIn names no scopes, those asked for were granted
/// (RFC 6749, section 5.1).
#[must_use]
pub(super) fn token_of(issued: Issued, asked: &[String], now: Timestamp) -> Token {
    let after = |seconds: u64| now.checked_add(SignedDuration::from_secs(i64::try_from(seconds).ok()?)).ok();
    Token {
        access: issued.access,
        scopes: issued.scopes.unwrap_or_else(|| asked.to_vec()),
        issued_at: now,
        expires_at: issued.expires_in.and_then(after),
        refresh: issued.refresh.map(|token| Refresh::new(token, issued.refresh_expires_in.and_then(after))),
    }
}

/// What the page in the browser tells.
fn page(request: &Request, ended: &Result<Outcome, Error>) -> PageOutcome {
    match ended {
        Ok(outcome) => {
            let profile = &outcome.profile;
            PageOutcome::Saved {
                member: profile.member.as_ref().and_then(|member| member.name.clone()),
                member_id: profile.member.as_ref().map(|member| member.id.clone()),
                profile: profile.name.to_string(),
                until: profile.token.as_ref().and_then(|token| token.expires_at),
                token: profile.token.as_ref().map(|token| token.access.clone()).filter(|_| request.show_token),
            }
        }
        Err(error) => PageOutcome::Failed(error.clone()),
    }
}
