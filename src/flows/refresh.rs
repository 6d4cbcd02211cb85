//! A valid token: the stored one, or one refreshed without a browser, by its refresh token or, for a profile without a
//! member, by the client credentials grant.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::deliver::deliver_new_token;
use crate::clock::{DAY_TOLERANCE_SECONDS, format_duration};
use crate::oauth::exchange::IssuedToken;
use crate::session::Context;
use crate::session::context::{LOCK_TIMEOUT, LockedProfile, lock_profile};
use crate::session::retry::{FlowEvent, FlowEventSink, RetryPolicy, jitter, with_retry};
use crate::store::{App, Check, Name, Profile, RefreshToken, Status, Token, Verdict};
use crate::{Code, Error, NextStep, Result};

/// How long before it expires a token is refreshed, plus some jitter, so that it does not expire during its use.
const REFRESH_MARGIN: Duration = Duration::from_secs(5 * 60);

/// A token with at most this lifetime is not refreshed early: otherwise each use would request a new one.
const SHORT_LIFETIME: SignedDuration = SignedDuration::from_secs(60);

/// The lifetime of a new access token of a member (authorization-code-flow, step 3: 5,184,000 seconds).
const MEMBER_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 60);

/// Whether a token must be refreshed before it is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RefreshNeed {
    NotNeeded,
    /// The token is valid, but expires so soon that a refresh should be tried.
    Early,
    /// The token is not valid for long enough.
    Required,
}

/// Returns the stored token if it is valid for `min_ttl`, unless it expires within some five minutes and can be refreshed.
/// `Ok(None)` means that a refresh is due and possible.
///
/// # Errors
/// `signed_out`, `expired` or `revoked` when only a sign-in helps.
pub fn stored_token(profile: &Profile, now: Timestamp, min_ttl: SignedDuration) -> Result<Option<&Token>> {
    Ok(if refresh_need(profile, now, min_ttl)? == RefreshNeed::NotNeeded { profile.token.as_ref() } else { None })
}

fn refresh_need(profile: &Profile, now: Timestamp, min_ttl: SignedDuration) -> Result<RefreshNeed> {
    let is_refreshable = profile.is_refreshable(now);
    if is_valid_for(profile, now, min_ttl) {
        return Ok(if is_refreshable && expires_soon(profile, now) {
            RefreshNeed::Early
        } else {
            RefreshNeed::NotNeeded
        });
    }
    if is_refreshable && can_refresh_for(profile, now, min_ttl) {
        Ok(RefreshNeed::Required)
    } else {
        Err(sign_in_required_error(profile, now, min_ttl))
    }
}

fn is_valid_for(profile: &Profile, now: Timestamp, min_ttl: SignedDuration) -> bool {
    let expires_at = profile.token.as_ref().and_then(|token| token.expires_at);
    matches!(profile.status(now, 0), Status::Active | Status::Expiring | Status::Unknown)
        && profile.token.is_some()
        && expires_at.is_none_or(|at| at.duration_since(now) > min_ttl)
}

/// Returns whether a refresh can obtain a token that is valid for `min_ttl`: a new access token never expires after its
/// refresh token ("Programmatic Refresh Tokens").
fn can_refresh_for(profile: &Profile, now: Timestamp, min_ttl: SignedDuration) -> bool {
    let refresh = profile.token.as_ref().and_then(|token| token.refresh.as_ref());
    refresh.and_then(|refresh| refresh.expires_at).is_none_or(|at| at.duration_since(now) > min_ttl)
}

fn expires_soon(profile: &Profile, now: Timestamp) -> bool {
    let Some(token) = &profile.token else { return false };
    let Some(expires_at) = token.expires_at else { return false };
    let can_extend = token.refresh.as_ref().and_then(|refresh| refresh.expires_at).is_none_or(|at| at > expires_at);
    let margin = REFRESH_MARGIN + jitter(REFRESH_MARGIN / 5);
    let is_soon = SignedDuration::try_from(margin).is_ok_and(|margin| expires_at.duration_since(now) <= margin);
    is_soon && can_extend && expires_at.duration_since(token.issued_at) > SHORT_LIFETIME
}

fn sign_in_required_error(profile: &Profile, now: Timestamp, min_ttl: SignedDuration) -> Error {
    let name = &profile.name;
    let error = |code, message, hint: &str| {
        Error::new(code, message, hint).with_next_step(NextStep::SignIn { profile: name.to_string() })
    };
    let token = match profile.require_token() {
        Ok(token) => token,
        Err(error) => return error,
    };
    if profile.status(now, 0) == Status::Revoked {
        return error(Code::Revoked, format!("The token of profile {name} was revoked."), "");
    }
    let is_expired = profile.status(now, 0) == Status::Expired;
    let lifetime = token.expires_at.map(|at| at.duration_since(token.issued_at));
    // A token of a member may have been issued for less than the next one: an imported one, or one that ends with its refresh
    // token.
    let longest =
        lifetime.map(|lifetime| if profile.client_credentials { lifetime } else { lifetime.max(MEMBER_LIFETIME) });
    if let Some(longest) = longest.filter(|longest| *longest < min_ttl && !is_expired) {
        // A token of 60 days expires a second before.
        let days = (longest + SignedDuration::from_secs(DAY_TOLERANCE_SECONDS)).as_secs() / 86_400;
        let lifetime = if days > 1 { format!("{days} days") } else { format_duration(longest) };
        return Error::new(
            Code::Expired,
            format!(
                "LinkedIn issues the tokens of profile {name} for {lifetime}: none is valid for {}.",
                format_duration(min_ttl)
            ),
            "Request a shorter validity.",
        );
    }
    match token.expires_at.map(|at| at.duration_since(now)) {
        Some(remaining) if remaining > SignedDuration::ZERO && !is_expired => error(
            Code::Expired,
            format!("The token of profile {name} expires too soon: in {}.", format_duration(remaining)),
            "It cannot be refreshed for longer.",
        ),
        _ => error(Code::Expired, format!("The token of profile {name} has expired."), ""),
    }
}

/// Returns the profile with a token that is valid for `min_ttl`, refreshed first if needed. The context's reporter receives the
/// events.
pub async fn valid_token(ctx: &Context, name: &Name, min_ttl: SignedDuration) -> Result<Profile> {
    valid_token_with_events(ctx, name, min_ttl, &|event| ctx.reporter.report(event)).await
}

/// Does what [`valid_token`] does, and reports its events.
pub async fn valid_token_with_events(
    ctx: &Context,
    name: &Name,
    min_ttl: SignedDuration,
    on_event: FlowEventSink<'_>,
) -> Result<Profile> {
    let profile = ctx.profile(name).await?;
    // Boxed: the future of a refresh is large, and rarely needed.
    match refresh_need(&profile, ctx.now(), min_ttl)? {
        RefreshNeed::NotNeeded => Ok(profile),
        // The stored token is still valid: neither wait for another process nor retry.
        RefreshNeed::Early => match Box::pin(Refresher::new_early(ctx, min_ttl, on_event).run(&profile)).await {
            Ok(fresh) => Ok(fresh.report_unsaved(on_event)),
            Err(error) => {
                if error.code != Code::Locked {
                    on_event(FlowEvent::RefreshFailed(error));
                }
                Ok(profile)
            }
        },
        RefreshNeed::Required => {
            let fresh = Box::pin(Refresher::new(ctx, min_ttl, on_event).run(&profile)).await?.report_unsaved(on_event);
            if is_valid_for(&fresh, ctx.now(), min_ttl) {
                Ok(fresh)
            } else {
                Err(sign_in_required_error(&fresh, ctx.now(), min_ttl))
            }
        }
    }
}

/// Refreshes after LinkedIn refused the token of `stale` (401) before it expired, or returns the token that another
/// process got meanwhile; `None` if only a sign-in helps.
pub(crate) async fn refresh_once(ctx: &Context, stale: &Profile) -> Result<Option<Profile>> {
    if !stale.is_refreshable(ctx.now()) {
        return Ok(None);
    }
    let on_event = |event| ctx.reporter.report(event);
    Ok(Some(Refresher::new(ctx, SignedDuration::ZERO, &on_event).run(stale).await?.report_unsaved(&on_event)))
}

/// Refreshes now, unless another process did so while this one waited for the lock.
///
/// # Errors
/// `signed_out` if there is no refresh token, `expired` when LinkedIn refuses it permanently,
/// `network`, `server_error` or `rate_limited` (after three tries), `locked` after 35 s, `files` for a new token that could not be
/// saved.
pub async fn refresh(ctx: &Context, name: &Name) -> Result<Profile> {
    let fresh = refresh_with_events(ctx, name, &|_| {}).await?;
    match fresh.not_saved {
        None => Ok(fresh.profile),
        Some(error) => Err(unsaved_error(name, error)),
    }
}

pub(crate) fn unsaved_error(name: &Name, error: Error) -> Error {
    let message = format!(
        "LinkedIn issued a new token, but it could not be saved; profile {name} still has the old one: {}",
        error.message
    );
    Error { message, ..error }
}

#[derive(Debug)]
pub struct RefreshOutcome {
    /// The profile; its file may still hold the old token.
    pub profile: Profile,
    /// Why the new token could not be saved.
    pub not_saved: Option<Error>,
}

impl RefreshOutcome {
    fn report_unsaved(self, on_event: FlowEventSink<'_>) -> Profile {
        if let Some(error) = self.not_saved {
            on_event(FlowEvent::NotSaved(unsaved_error(&self.profile.name, error)));
        }
        self.profile
    }
}

impl From<Profile> for RefreshOutcome {
    fn from(profile: Profile) -> Self {
        Self { profile, not_saved: None }
    }
}

/// Does what [`refresh`] does, and reports its events. A token that LinkedIn issued is returned even if it could not
/// be saved.
pub async fn refresh_with_events(ctx: &Context, name: &Name, on_event: FlowEventSink<'_>) -> Result<RefreshOutcome> {
    let stale = ctx.profile(name).await?;
    if !stale.is_refreshable(ctx.now()) {
        let message = match &stale.token {
            None => format!("The profile {name} has no token."),
            Some(Token { refresh: Some(RefreshToken { refused_at: Some(_), .. }), .. }) => {
                format!("LinkedIn refused the refresh token of profile {name}: it was revoked, or replaced elsewhere.")
            }
            Some(Token { refresh: Some(_), .. }) => format!("The refresh token of profile {name} has expired."),
            Some(_) => {
                format!("The profile {name} has no refresh token: LinkedIn issues one only to approved partners' apps.")
            }
        };
        return Err(
            Error::new(Code::SignedOut, message, "").with_next_step(NextStep::SignIn { profile: name.to_string() })
        );
    }
    Refresher::new(ctx, SignedDuration::ZERO, on_event).run(&stale).await
}

struct Refresher<'a> {
    ctx: &'a Context,
    min_ttl: SignedDuration,
    lock_timeout: Duration,
    retry: RetryPolicy,
    on_event: FlowEventSink<'a>,
}

impl<'a> Refresher<'a> {
    fn new(ctx: &'a Context, min_ttl: SignedDuration, on_event: FlowEventSink<'a>) -> Self {
        Self { ctx, min_ttl, lock_timeout: LOCK_TIMEOUT, retry: RetryPolicy::UpToThreeTimes, on_event }
    }

    /// Creates a refresh that may fail: the stored token is still valid.
    fn new_early(ctx: &'a Context, min_ttl: SignedDuration, on_event: FlowEventSink<'a>) -> Self {
        Self { lock_timeout: Duration::ZERO, retry: RetryPolicy::Once, ..Self::new(ctx, min_ttl, on_event) }
    }

    /// Refreshes the token of `stale` and saves the new one, unless another process did so meanwhile.
    async fn run(&self, stale: &Profile) -> Result<RefreshOutcome> {
        let (ctx, name) = (self.ctx, stale.name.clone());
        // Decrypted before the lock is taken: a passphrase prompt must not block other processes.
        let app = stale.app.clone();
        ctx.with_store(move |store| store.app(&app)).await?;
        let lock = lock_profile(ctx, &name, self.lock_timeout).await?;
        let (profile, app) = lock
            .read(ctx, move |store| {
                let profile = store.profile(&name)?;
                let app = store.app(&profile.app)?;
                Ok((profile, app))
            })
            .await?;
        if self.was_replaced(&profile, stale) {
            return Ok(profile.into());
        }
        if !profile.is_refreshable(ctx.now()) {
            return Err(sign_in_required_error(&profile, ctx.now(), self.min_ttl));
        }
        lock.ensure_writable(ctx, &profile.app).await?;
        let request = async || request_token(ctx, &app, &profile).await;
        match with_retry(self.retry, || ctx.now(), self.on_event, request).await {
            Ok(issued) => Ok(self.save(lock, profile, issued).await),
            Err(error) if error.code == Code::Expired => self.mark_refused(&lock, &app, profile, error).await,
            Err(error) => Err(error),
        }
    }

    /// Returns whether another process has replaced the token of `stale` with a valid one.
    fn was_replaced(&self, current: &Profile, stale: &Profile) -> bool {
        !has_same_token(current, stale) && is_valid_for(current, self.ctx.now(), self.min_ttl)
    }

    /// Saves the new token in one write.
    async fn save(&self, lock: LockedProfile, profile: Profile, issued: IssuedToken) -> RefreshOutcome {
        let token = refreshed_token(issued, profile.token.as_ref(), self.ctx.now());
        let refreshed = Profile { token: Some(token.clone()), check: None, ..profile };
        let update = lock.update(self.ctx, move |profile| {
            profile.token = Some(token);
            profile.check = None;
            Ok(())
        });
        let saved = update.await;
        drop(lock);
        match saved {
            Ok(saved) => {
                deliver_new_token(self.ctx, &saved).await;
                saved.into()
            }
            // LinkedIn issued it: the caller gets it, and the error.
            Err(error) => RefreshOutcome { profile: refreshed, not_saved: Some(error) },
        }
    }

    /// Marks the refresh token as refused, so that no request is made with it again. Nothing is deleted.
    async fn mark_refused(
        &self,
        lock: &LockedProfile,
        app: &App,
        profile: Profile,
        error: Error,
    ) -> Result<RefreshOutcome> {
        let ctx = self.ctx;
        // A writer without locks (another machine, an editor) may have saved a new token.
        let name = profile.name.clone();
        let current = lock.read(ctx, move |store| store.profile(&name)).await?;
        if self.was_replaced(&current, &profile) {
            return Ok(current.into());
        }
        let sent = profile.token.as_ref().and_then(|token| token.refresh.as_ref()).map(|refresh| refresh.token.clone());
        let verdict = determine_verdict(ctx, app, &profile).await;
        let now = ctx.now();
        lock.update(ctx, move |stored| {
            if has_same_token(stored, &profile) {
                stored.check = verdict.map(|verdict| Check::new(now, verdict)).or(stored.check);
                let refresh = stored.token.as_mut().and_then(|token| token.refresh.as_mut());
                if let Some(refresh) = refresh.filter(|refresh| Some(&refresh.token) == sent.as_ref()) {
                    refresh.refused_at = Some(now);
                }
            }
            Ok(())
        })
        .await?;
        Err(error)
    }
}

pub(super) fn has_same_token(left: &Profile, right: &Profile) -> bool {
    left.token.as_ref().map(|token| &token.access) == right.token.as_ref().map(|token| &token.access)
}

/// Returns the new token. A refresh never extends the refresh token, and may omit it.
fn refreshed_token(issued: IssuedToken, old: Option<&Token>, now: Timestamp) -> Token {
    let mut token = Token::from_issued(issued, old.map_or(&[], |old| &old.scopes), now);
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

async fn request_token(ctx: &Context, app: &App, profile: &Profile) -> Result<IssuedToken> {
    if profile.client_credentials {
        app.require_secret()?;
        return ctx.token_client(app)?.client_credentials().await;
    }
    let refresh = profile.token.as_ref().and_then(|token| token.refresh.as_ref());
    let refresh = refresh.ok_or_else(|| Error::new(Code::SignedOut, "There is no refresh token.", ""))?;
    ctx.token_client(app)?.refresh(&refresh.token).await.map_err(|mut error| {
        // Only LinkedIn's documented error codes, or `invalid_grant`, mean that the refresh token is invalid.
        if error.code == Code::Expired {
            error.replace_hint("", Some(NextStep::SignIn { profile: profile.name.to_string() }));
        } else {
            error.hint = format!("The refresh token is still saved. {}", error.hint);
        }
        error
    })
}

/// Returns the verdict on the access token after its refresh token was refused. Before it expires it may still be valid:
/// introspection decides, if the app has a client secret.
async fn determine_verdict(ctx: &Context, app: &App, profile: &Profile) -> Option<Verdict> {
    let token = profile.token.as_ref()?;
    if token.expires_at.is_none_or(|at| at <= ctx.now()) {
        return Some(Verdict::Expired);
    }
    let (introspection, _) = ctx.introspect(app, &token.access).await?.ok()?;
    Some(Verdict::from(&introspection))
}
