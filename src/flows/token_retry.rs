//! Requests with an access token that LinkedIn may refuse, because it is too new to be known everywhere or no longer valid.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::refresh::{has_same_token, refresh_once};
use crate::linkedin::userinfo::TOKEN_PROPAGATION;
use crate::session::Context;
use crate::store::{Check, Profile, Token, Verdict};
use crate::{Code, Error, Result};

/// The pause between two requests with a token that is too new.
const RETRY_INTERVAL: Duration = Duration::from_millis(700);

/// Sends `request` with the token of `profile`, and again if LinkedIn responds that the token is expired or revoked:
/// for some seconds after its issue, and once with a refreshed one. LinkedIn carries nothing out for a refused token,
/// so a POST may be repeated too. A refusal of the last request is saved with the profile.
///
/// `code_of` returns the code of an outcome that is an error.
pub(super) async fn retry_if_token_refused<T, E: From<Error>>(
    ctx: &Context,
    profile: Profile,
    code_of: impl Fn(&Result<T, E>) -> Option<Code>,
    request: impl AsyncFn(&Profile) -> Result<T, E>,
) -> Result<T, E> {
    let refusal_code = |outcome: &Result<T, E>| code_of(outcome).filter(|code| is_refused(*code));
    let outcome = retry_while_new(ctx, &profile, &refusal_code, &request).await;
    if refusal_code(&outcome).is_none() {
        return outcome;
    }
    // Boxed: the future is large, and rarely needed.
    let (profile, outcome) = match Box::pin(refresh_once(ctx, &profile)).await? {
        Some(fresh) => {
            let outcome = retry_while_new(ctx, &fresh, &refusal_code, &request).await;
            (fresh, outcome)
        }
        None => (profile, outcome),
    };
    if let Some(code) = refusal_code(&outcome) {
        save_verdict(ctx, &profile, code).await;
    }
    outcome
}

/// Returns how long the API may still refuse the token because it is new and has not reached all of LinkedIn's servers.
pub(super) fn propagation_left(token: &Token, now: Timestamp) -> Duration {
    let age = Duration::try_from(now.duration_since(token.issued_at)).unwrap_or_default();
    TOKEN_PROPAGATION.saturating_sub(age)
}

/// Returns whether LinkedIn refused the token itself.
pub(super) const fn is_refused(code: Code) -> bool {
    matches!(code, Code::Revoked | Code::Expired)
}

/// Returns the code of an outcome that is an error.
pub(super) fn error_code<T>(outcome: &Result<T>) -> Option<Code> {
    outcome.as_ref().err().map(|error| error.code)
}

async fn retry_while_new<T, E>(
    ctx: &Context,
    profile: &Profile,
    refusal_code: &impl Fn(&Result<T, E>) -> Option<Code>,
    request: &impl AsyncFn(&Profile) -> Result<T, E>,
) -> Result<T, E> {
    let remaining = profile.token.as_ref().map(|token| propagation_left(token, ctx.now())).unwrap_or_default();
    let deadline = Instant::now() + remaining;
    loop {
        let outcome = request(profile).await;
        if refusal_code(&outcome).is_none() || Instant::now() + RETRY_INTERVAL > deadline {
            return outcome;
        }
        tokio::time::sleep(RETRY_INTERVAL).await;
    }
}

/// Saves the verdict on the token, so that the next `status` shows it. A failure to save it is only logged.
async fn save_verdict(ctx: &Context, profile: &Profile, code: Code) {
    let verdict = if code == Code::Expired { Verdict::Expired } else { Verdict::Revoked };
    let (at, refused_profile) = (ctx.now(), profile.clone());
    let saved = ctx.update_profile(&profile.name, move |saved| {
        // Another process may have saved a new token meanwhile.
        if has_same_token(saved, &refused_profile) {
            saved.check = Some(Check::new(at, verdict));
        }
        Ok(())
    });
    if let Err(error) = saved.await {
        tracing::info!("the verdict on the token of {} was not saved: {}", profile.name, error.code.as_str());
    }
}
