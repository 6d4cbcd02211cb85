//! A live token: the stored one, or one renewed by its refresh token. No browser.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Context;
use super::context::secret_of;
use super::sign_in::token_of;
use crate::linkedin::Flow;
use crate::oauth::exchange;
use crate::profile::{Check, Name, Profile, Status, Token, Verdict};
use crate::{Code, Error, Result};

/// How long to wait for another process that is refreshing the same profile.
const LOCK_WAIT: Duration = Duration::from_secs(35);

/// Pauses before the second and third try after a passing fault.
const PAUSES: [Duration; 2] = [Duration::from_millis(400), Duration::from_millis(1500)];

/// The stored token when it still serves for `min_ttl`; reads one file and asks nobody.
///
/// `Ok(None)` says that a refresh is due and possible.
///
/// # Errors
/// `signed_out`, `expired` or `revoked` when a person must sign in.
pub fn stored_token(profile: &Profile, now: Timestamp, min_ttl: SignedDuration) -> Result<Option<&Token>> {
    let name = &profile.name;
    let sign_in = format!("Sign in: linkedin-tui login {name}");
    let status = profile.status(now, 0);
    let refreshable = profile.token.as_ref().is_some_and(|token| can_refresh(token, now));
    let Some(token) = &profile.token else {
        return Err(Error::new(Code::SignedOut, format!("The profile {name} has no token."), sign_in));
    };
    let left = token.expires_at.map(|end| end.duration_since(now));
    if matches!(status, Status::Active | Status::Expiring | Status::Unknown) && left.is_none_or(|left| left > min_ttl) {
        return Ok(Some(token));
    }
    if refreshable {
        return Ok(None);
    }
    if status == Status::Revoked {
        return Err(Error::new(Code::Revoked, format!("The token of profile {name} was revoked."), sign_in));
    }
    Err(match left {
        Some(left) if left > SignedDuration::ZERO => Error::new(
            Code::Expired,
            format!("The token of profile {name} ends too soon: in {} seconds.", left.as_secs()),
            format!("LinkedIn gave no refresh token, so a person must sign in: linkedin-tui login {name}"),
        ),
        _ => Error::new(Code::Expired, format!("The token of profile {name} has expired."), sign_in),
    })
}

fn can_refresh(token: &Token, now: Timestamp) -> bool {
    token.refresh.as_ref().is_some_and(|refresh| refresh.expires_at.is_none_or(|end| end > now))
}

/// The profile with a token that lives for `min_ttl`, refreshed first where that is due.
///
/// # Errors
/// As [`stored_token`] and [`refresh`].
pub async fn live_token(ctx: &Context, name: &Name, min_ttl: SignedDuration) -> Result<Profile> {
    let profile = ctx.store.profile(name)?;
    if stored_token(&profile, ctx.now(), min_ttl)?.is_some() {
        return Ok(profile);
    }
    renew(ctx, name, |profile, now| stored_token(profile, now, min_ttl).map(|token| token.is_some())).await
}

/// Refreshes now, unless another process did so while this one waited for the lock.
///
/// # Errors
/// `signed_out` where there is no refresh token, `expired` when LinkedIn refuses it for good,
/// `network` and its kind for passing faults (after three tries), `locked` after 35 s.
pub async fn refresh(ctx: &Context, name: &Name) -> Result<Profile> {
    let seen = ctx.store.profile(name)?;
    if !seen.token.as_ref().is_some_and(|token| can_refresh(token, ctx.now())) {
        return Err(Error::new(
            Code::SignedOut,
            format!("The profile {name} has no refresh token: LinkedIn gives one only to approved partners' apps."),
            format!("Sign in again: linkedin-tui login {name}"),
        ));
    }
    let before = seen.token.map(|token| token.access);
    renew(ctx, name, |profile, _| Ok(profile.token.as_ref().map(|token| &token.access) != before.as_ref())).await
}

/// Lock, re-read, decide, refresh, one write.
async fn renew(ctx: &Context, name: &Name, done: impl Fn(&Profile, Timestamp) -> Result<bool>) -> Result<Profile> {
    let (store, wanted) = (ctx.store.clone(), name.clone());
    let lock = tokio::task::spawn_blocking(move || store.lock_profile(&wanted, LOCK_WAIT))
        .await
        .map_err(|_| Error::new(Code::Unexpected, "Waiting for the lock failed.", "Try again."))??;
    let profile = ctx.store.profile(name)?;
    if done(&profile, ctx.now())? {
        return Ok(profile);
    }
    let Some(old) = profile.token.clone() else {
        return Err(Error::new(
            Code::SignedOut,
            format!("The profile {name} has no token."),
            format!("Sign in: linkedin-tui login {name}"),
        ));
    };
    match ask(ctx, &profile, &old).await {
        Ok(issued) => {
            let now = ctx.now();
            let mut token = token_of(issued, &old.scopes, now);
            // A refresh never moves the refresh token's own end, and may not repeat the token.
            token.refresh = match (token.refresh, old.refresh) {
                (Some(mut new), Some(old)) => {
                    new.expires_at = new.expires_at.or(old.expires_at);
                    Some(new)
                }
                (new, old) => new.or(old),
            };
            let renewed = ctx.store.update_locked(&lock, |profile| {
                profile.token = Some(token);
                profile.check = None;
                Ok(())
            })?;
            drop(lock);
            super::deliver::new_token(ctx, &renewed).await;
            Ok(renewed)
        }
        Err(error) if error.code == Code::Expired => {
            // Nothing is deleted: the person signs in again over it.
            let at = ctx.now();
            ctx.store.update_locked(&lock, |profile| {
                profile.check = Some(Check { at, verdict: Verdict::Expired });
                Ok(())
            })?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// One refresh request, tried again at most twice after a passing fault.
async fn ask(ctx: &Context, profile: &Profile, old: &Token) -> Result<exchange::Issued> {
    let app = ctx.store.app(&profile.app)?;
    let secret = if app.flow == Flow::NativePkce { None } else { Some(secret_of(&app)?) };
    let refresh = old.refresh.as_ref().ok_or_else(|| Error::new(Code::SignedOut, "There is no refresh token.", ""))?;
    let mut pauses = PAUSES.iter();
    loop {
        match exchange::refresh(&ctx.http, &ctx.endpoints, &app.client_id, secret, &refresh.token).await {
            Err(error) if passing(error.code) => match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause + jitter(*pause)).await,
                None => return Err(error),
            },
            Err(error) if matches!(error.code, Code::Expired | Code::CodeRefused | Code::Refused) => {
                let hint = format!("Sign in again: linkedin-tui login {}", profile.name);
                let mut final_error = Error::new(Code::Expired, "LinkedIn no longer accepts the refresh token.", hint);
                final_error.said = error.said;
                return Err(final_error);
            }
            other => return other,
        }
    }
}

/// May the same request succeed in a moment?
const fn passing(code: Code) -> bool {
    matches!(code, Code::Network | Code::ServerError | Code::RateLimited)
}

/// Up to half of `pause` more, so that many machines do not come back at once.
fn jitter(pause: Duration) -> Duration {
    let mut byte = [0u8; 1];
    // Without random numbers there is simply no jitter.
    let _ = getrandom::fill(&mut byte);
    pause * u32::from(byte[0]) / 512
}
