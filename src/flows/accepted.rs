//! A request with an access token that LinkedIn may refuse: too new to be known everywhere, or no longer valid.

use std::time::Duration;

use tokio::time::Instant;

use super::check::propagation;
use super::refresh::refresh_once;
use crate::session::Context;
use crate::store::{Check, Profile, ProfileStore, Verdict};
use crate::{Code, Error, Result};

/// The pause between two tries with a token that is too new.
const PAUSE: Duration = Duration::from_millis(700);

/// Sends `request` with the token of `profile`, and again where LinkedIn says that the token is expired or revoked: for some seconds
/// after its issue, and once with a refreshed one. A refused token carries nothing out, so a POST may be repeated too. A refusal that
/// stands is saved with the profile.
///
/// `refusal` names the code of an outcome that is a refusal.
///
/// # Errors
/// As `request`, and as a refresh.
pub(super) async fn with_accepted_token<T, E: From<Error>>(
    ctx: &Context,
    profile: Profile,
    refusal: impl Fn(&Result<T, E>) -> Option<Code>,
    request: impl AsyncFn(&Profile) -> Result<T, E>,
) -> Result<T, E> {
    let refused = |outcome: &Result<T, E>| refusal(outcome).filter(|code| is_refused(*code));
    let outcome = while_new(ctx, &profile, &refused, &request).await;
    if refused(&outcome).is_none() {
        return outcome;
    }
    let (profile, outcome) = match refresh_once(ctx, &profile).await? {
        Some(fresh) => {
            let outcome = while_new(ctx, &fresh, &refused, &request).await;
            (fresh, outcome)
        }
        None => (profile, outcome),
    };
    if let Some(code) = refused(&outcome) {
        remember(ctx, &profile, code).await;
    }
    outcome
}

/// Does LinkedIn say that the token itself is no longer valid?
pub(super) const fn is_refused(code: Code) -> bool {
    matches!(code, Code::Revoked | Code::Expired)
}

async fn while_new<T, E>(
    ctx: &Context,
    profile: &Profile,
    refused: &impl Fn(&Result<T, E>) -> Option<Code>,
    request: &impl AsyncFn(&Profile) -> Result<T, E>,
) -> Result<T, E> {
    let left = profile.token.as_ref().map(|token| propagation(token, ctx.now())).unwrap_or_default();
    let deadline = Instant::now() + left;
    loop {
        let outcome = request(profile).await;
        if refused(&outcome).is_none() || Instant::now() + PAUSE > deadline {
            return outcome;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Saves what LinkedIn said of the token, so that the next `status` says so too. That it cannot be saved is no reason to fail.
async fn remember(ctx: &Context, refused: &Profile, code: Code) {
    let verdict = if code == Code::Expired { Verdict::Expired } else { Verdict::Revoked };
    let (at, seen) = (ctx.now(), refused.clone());
    let save = move |store: &ProfileStore| {
        store.update_profile(&seen.name, |profile| {
            let access = |profile: &Profile| profile.token.as_ref().map(|token| token.access.clone());
            // Another process may have saved a new token meanwhile.
            if access(profile) == access(&seen) {
                profile.check = Some(Check { at, verdict });
            }
            Ok(())
        })
    };
    if let Err(error) = ctx.on_disk(save).await {
        tracing::info!("the verdict on the token of {} was not saved: {}", refused.name, error.code.as_str());
    }
}
