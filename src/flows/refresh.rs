//! A live token: the stored one, or one renewed without a browser, by its refresh token or, for a
//! profile without a member, by the client credentials grant.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::sign_in::token_of;
use crate::linkedin::introspection::introspect;
use crate::oauth::exchange;
use crate::session::Context;
use crate::session::context::{client_secret_of, locked, sendable_secret};
use crate::session::retry::{RetryPolicy, jitter, with_retry};
use crate::store::{App, Check, Name, Profile, Refresh, Status, Token, Verdict};
use crate::{Code, Error, NextStep, Result};

pub use crate::session::retry::{Note, Notes};

/// How long to wait for another process that is refreshing the same profile.
const LOCK_WAIT: Duration = Duration::from_secs(35);

/// How long before its end a token is renewed, plus some jitter, so that it does not end in the
/// middle of its use.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// A token made to live no longer than this is not renewed ahead of its end: it would be asked for
/// again and again.
const SHORT_LIFE: SignedDuration = SignedDuration::from_secs(60);

/// Is something to be done before the token can be used?
#[derive(Clone, Copy, PartialEq, Eq)]
enum RenewalNeed {
    /// No.
    Nothing,
    /// It serves, but ends so soon that a renewal should be tried.
    Early,
    /// It does not serve.
    Required,
}

/// The stored token when it still serves for `min_ttl` and does not end within five minutes; reads
/// one file and asks nobody.
///
/// `Ok(None)` says that a renewal is due and possible.
///
/// # Errors
/// `signed_out`, `expired` or `revoked` when a person must sign in.
pub fn stored_token(profile: &Profile, now: Timestamp, min_ttl: SignedDuration) -> Result<Option<&Token>> {
    Ok(if due(profile, now, min_ttl)? == RenewalNeed::Nothing { profile.token.as_ref() } else { None })
}

fn due(profile: &Profile, now: Timestamp, min_ttl: SignedDuration) -> Result<RenewalNeed> {
    let renewable = profile.renewable(now);
    if is_valid_for(profile, now, min_ttl) {
        return Ok(if renewable && ends_soon(profile, now) { RenewalNeed::Early } else { RenewalNeed::Nothing });
    }
    if renewable && can_satisfy(profile, now, min_ttl) { Ok(RenewalNeed::Required) } else { Err(dead(profile, now)) }
}

/// Does the token serve for `min_ttl`?
fn is_valid_for(profile: &Profile, now: Timestamp, min_ttl: SignedDuration) -> bool {
    let end = profile.token.as_ref().and_then(|token| token.expires_at);
    matches!(profile.status(now, 0), Status::Active | Status::Expiring | Status::Unknown)
        && profile.token.is_some()
        && end.is_none_or(|end| end.duration_since(now) > min_ttl)
}

/// A new access token never outlives its refresh token ("Programmatic Refresh Tokens"): can a
/// renewal bring one that serves for `min_ttl`?
fn can_satisfy(profile: &Profile, now: Timestamp, min_ttl: SignedDuration) -> bool {
    let refresh = profile.token.as_ref().and_then(|token| token.refresh.as_ref());
    refresh.and_then(|refresh| refresh.expires_at).is_none_or(|end| end.duration_since(now) > min_ttl)
}

fn ends_soon(profile: &Profile, now: Timestamp) -> bool {
    let Some(token) = &profile.token else { return false };
    let Some(end) = token.expires_at else { return false };
    let later = token.refresh.as_ref().and_then(|refresh| refresh.expires_at).is_none_or(|last| last > end);
    let ahead = AHEAD + jitter(AHEAD / 5);
    let soon = SignedDuration::try_from(ahead).is_ok_and(|ahead| end.duration_since(now) <= ahead);
    soon && later && end.duration_since(token.issued_at) > SHORT_LIFE
}

/// Why a person must sign in.
fn dead(profile: &Profile, now: Timestamp) -> Error {
    let name = &profile.name;
    let error = |code, message, hint: &str| {
        Error::new(code, message, hint).with_next_step(NextStep::SignIn { profile: name.to_string() })
    };
    let Some(token) = &profile.token else {
        return error(Code::SignedOut, format!("The profile {name} has no token."), "");
    };
    if profile.status(now, 0) == Status::Revoked {
        return error(Code::Revoked, format!("The token of profile {name} was revoked."), "");
    }
    match token.expires_at.map(|end| end.duration_since(now)) {
        Some(left) if left > SignedDuration::ZERO && profile.status(now, 0) != Status::Expired => error(
            Code::Expired,
            format!("The token of profile {name} expires too soon: in {} seconds.", left.as_secs()),
            "It cannot be refreshed for longer.",
        ),
        _ => error(Code::Expired, format!("The token of profile {name} has expired."), ""),
    }
}

/// The profile with a token that lives for `min_ttl`, renewed first where that is due.
///
/// # Errors
/// As [`stored_token`] and [`refresh`].
pub async fn valid_token(ctx: &Context, name: &Name, min_ttl: SignedDuration) -> Result<Profile> {
    valid_token_with_progress(ctx, name, min_ttl, &|_| {}).await
}

/// The same, telling a person who waits why.
///
/// # Errors
/// As [`valid_token`].
pub async fn valid_token_with_progress(
    ctx: &Context,
    name: &Name,
    min_ttl: SignedDuration,
    note: Notes<'_>,
) -> Result<Profile> {
    let profile = stored(ctx, name).await?;
    match due(&profile, ctx.now(), min_ttl)? {
        RenewalNeed::Nothing => Ok(profile),
        // The old token is good enough: neither wait for another process nor insist.
        RenewalNeed::Early => match renew(ctx, &profile, min_ttl, Duration::ZERO, RetryPolicy::Once, note).await {
            Ok(fresh) => Ok(fresh.noted(note)),
            Err(error) => {
                if error.code != Code::Locked {
                    note(Note::RefreshFailed(error));
                }
                Ok(profile)
            }
        },
        RenewalNeed::Required => {
            let fresh = renew(ctx, &profile, min_ttl, LOCK_WAIT, RetryPolicy::UpToThreeTimes, note).await?.noted(note);
            if is_valid_for(&fresh, ctx.now(), min_ttl) { Ok(fresh) } else { Err(dead(&fresh, ctx.now())) }
        }
    }
}

/// LinkedIn refused the token that `seen` holds (401) though its time is not over: one renewal, or
/// the token that another process got meanwhile; `None` where only a person can help.
///
/// # Errors
/// As [`refresh`].
pub async fn refresh_once(ctx: &Context, seen: &Profile) -> Result<Option<Profile>> {
    if !seen.renewable(ctx.now()) {
        return Ok(None);
    }
    let fresh = renew(ctx, seen, SignedDuration::ZERO, LOCK_WAIT, RetryPolicy::UpToThreeTimes, &|_| {}).await?;
    Ok(Some(fresh.profile))
}

/// Refreshes now, unless another process did so while this one waited for the lock.
///
/// # Errors
/// `signed_out` where there is no refresh token, `expired` when LinkedIn refuses it for good,
/// `network` and its kind for passing faults (after three tries), `locked` after 35 s, `files` for a new token that could not be
/// saved.
pub async fn refresh(ctx: &Context, name: &Name) -> Result<Profile> {
    let fresh = refresh_with_progress(ctx, name, &|_| {}).await?;
    match fresh.not_saved {
        None => Ok(fresh.profile),
        Some(error) => Err(unsaved(name, error)),
    }
}

/// The error for a new token that only this process has.
#[must_use]
pub fn unsaved(name: &Name, error: Error) -> Error {
    let message = format!(
        "LinkedIn issued a new token, but it could not be saved; profile {name} keeps the old one: {}",
        error.message
    );
    Error { message, ..error }
}

/// A profile with a new token.
#[derive(Debug)]
pub struct Refreshed {
    /// The profile; its file may still hold the old token.
    pub profile: Profile,
    /// Why the new token could not be saved.
    pub not_saved: Option<Error>,
}

impl Refreshed {
    fn noted(self, note: Notes<'_>) -> Profile {
        if let Some(error) = self.not_saved {
            note(Note::NotSaved(unsaved(&self.profile.name, error)));
        }
        self.profile
    }
}

impl From<Profile> for Refreshed {
    fn from(profile: Profile) -> Self {
        Self { profile, not_saved: None }
    }
}

/// The same, telling a person who waits why. A token that LinkedIn issued is given back also where it could not be saved.
///
/// # Errors
/// As [`refresh`].
pub async fn refresh_with_progress(ctx: &Context, name: &Name, note: Notes<'_>) -> Result<Refreshed> {
    let seen = stored(ctx, name).await?;
    if !seen.renewable(ctx.now()) {
        let message = match &seen.token {
            None => format!("The profile {name} has no token."),
            Some(Token { refresh: Some(Refresh { refused_at: Some(_), .. }), .. }) => {
                format!("LinkedIn refused the refresh token of profile {name}: it was revoked, or replaced elsewhere.")
            }
            Some(Token { refresh: Some(_), .. }) => format!("The refresh token of profile {name} has ended."),
            Some(_) => {
                format!("The profile {name} has no refresh token: LinkedIn gives one only to approved partners' apps.")
            }
        };
        return Err(
            Error::new(Code::SignedOut, message, "").with_next_step(NextStep::SignIn { profile: name.to_string() })
        );
    }
    renew(ctx, &seen, SignedDuration::ZERO, LOCK_WAIT, RetryPolicy::UpToThreeTimes, note).await
}

/// Lock, re-read, decide, ask, one write. A token that is not the one `seen` and serves was made
/// by another process meanwhile and is taken instead.
async fn renew(
    ctx: &Context,
    seen: &Profile,
    min_ttl: SignedDuration,
    wait: Duration,
    tries: RetryPolicy,
    note: Notes<'_>,
) -> Result<Refreshed> {
    let name = &seen.name;
    // Opened before the lock is taken: whoever is asked for a passphrase must not hold others up.
    let app = seen.app.clone();
    ctx.on_disk(move |store| store.app(&app)).await?;
    let lock = locked(ctx, name, wait, note).await?;
    let wanted = name.clone();
    let (profile, app) = lock
        .read(ctx, move |store| {
            let profile = store.profile(&wanted)?;
            let app = store.app(&profile.app)?;
            Ok((profile, app))
        })
        .await?;
    let others = |found: &Profile, than: &Profile| !same_token(found, than) && is_valid_for(found, ctx.now(), min_ttl);
    if others(&profile, seen) {
        return Ok(profile.into());
    }
    if !profile.renewable(ctx.now()) {
        return Err(dead(&profile, ctx.now()));
    }
    lock.ensure_writable(ctx, &profile.app).await?;
    let asked = with_retry(tries, || ctx.now(), note, async || ask(ctx, &app, &profile).await).await;
    let refused = match asked {
        Ok(issued) => {
            let token = renewed(issued, profile.token.as_ref(), ctx.now());
            let unsaved = Profile { token: Some(token.clone()), check: None, ..profile };
            let saved = lock.update(ctx, move |profile| {
                profile.token = Some(token);
                profile.check = None;
                Ok(())
            });
            let saved = saved.await;
            drop(lock);
            let fresh = match saved {
                Ok(fresh) => fresh,
                // LinkedIn issued it all the same: whoever asked for it has it, and is told.
                Err(error) => return Ok(Refreshed { profile: unsaved, not_saved: Some(error) }),
            };
            super::deliver::new_token(ctx, &fresh).await;
            return Ok(fresh.into());
        }
        Err(error) if error.code == Code::Expired => error,
        Err(error) => return Err(error),
    };
    // Somebody who knows no locks (another machine, an editor) may have brought a new one.
    let wanted = name.clone();
    let now_there = lock.read(ctx, move |store| store.profile(&wanted)).await?;
    if others(&now_there, &profile) {
        return Ok(now_there.into());
    }
    // Nothing is deleted: the person signs in again over it. But nobody asks with that refresh token again.
    let sent = profile.token.as_ref().and_then(|token| token.refresh.as_ref()).map(|refresh| refresh.token.clone());
    let verdict = verdict(ctx, &app, &profile).await;
    let now = ctx.now();
    lock.update(ctx, move |stored| {
        if same_token(stored, &profile) {
            stored.check = verdict.map(|verdict| Check { at: now, verdict }).or(stored.check);
            let refresh = stored.token.as_mut().and_then(|token| token.refresh.as_mut());
            if let Some(refresh) = refresh.filter(|refresh| Some(&refresh.token) == sent.as_ref()) {
                refresh.refused_at = Some(now);
            }
        }
        Ok(())
    })
    .await?;
    Err(refused)
}

async fn stored(ctx: &Context, name: &Name) -> Result<Profile> {
    let name = name.clone();
    ctx.on_disk(move |store| store.profile(&name)).await
}

fn same_token(left: &Profile, right: &Profile) -> bool {
    let access = |profile: &Profile| profile.token.as_ref().map(|token| token.access.clone());
    access(left) == access(right)
}

/// The new token. A refresh never moves the refresh token's own end, and may not repeat the token.
fn renewed(issued: exchange::Issued, old: Option<&Token>, now: Timestamp) -> Token {
    let mut token = token_of(issued, old.map_or(&[], |old| &old.scopes), now);
    let old = old.and_then(|old| old.refresh.clone());
    token.refresh = match (token.refresh, old) {
        (Some(mut new), Some(old)) => {
            new.expires_at = new.expires_at.or(old.expires_at);
            Some(new)
        }
        (new, old) => new.or(old),
    };
    token
}

/// One request for a new token.
async fn ask(ctx: &Context, app: &App, profile: &Profile) -> Result<exchange::Issued> {
    if profile.client_credentials {
        return exchange::client_credentials(&ctx.http, &ctx.endpoints, &app.client_id, client_secret_of(app)?).await;
    }
    let secret = sendable_secret(app)?;
    let refresh = profile.token.as_ref().and_then(|token| token.refresh.as_ref());
    let refresh = refresh.ok_or_else(|| Error::new(Code::SignedOut, "There is no refresh token.", ""))?;
    let issued = exchange::refresh(&ctx.http, &ctx.endpoints, &app.client_id, secret, &refresh.token).await;
    issued.map_err(|mut error| {
        // Only LinkedIn's documented words, or `invalid_grant`, say that the refresh token is invalid.
        if error.code == Code::Expired {
            error.replace_hint("", Some(NextStep::SignIn { profile: profile.name.to_string() }));
        } else {
            error.hint = format!("The refresh token was kept. {}", error.hint);
        }
        error
    })
}

/// What the end of the refresh token says of the access token: nothing by itself, while its time is
/// not over. Then LinkedIn is asked, where the app can ask.
async fn verdict(ctx: &Context, app: &App, profile: &Profile) -> Option<Verdict> {
    let token = profile.token.as_ref()?;
    if token.expires_at.is_none_or(|end| end <= ctx.now()) {
        return Some(Verdict::Expired);
    }
    let secret = app.client_secret.as_ref()?;
    let (found, _) = introspect(&ctx.http, &ctx.endpoints, &app.client_id, secret, &token.access).await.ok()?;
    Some(super::check::verdict_of(&found))
}
