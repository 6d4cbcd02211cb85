//! Revoking a token at an endpoint that LinkedIn does not document, so introspection confirms the result.

use crate::linkedin::revocation;
use crate::linkedin::userinfo::fetch_userinfo;
use crate::session::Context;
use crate::session::context::{LOCK_TIMEOUT, lock_profile};
use crate::store::{App, Check, Name, Profile, Token, Undecided, Verdict};
use crate::{Code, Error, Result};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokeOutcome {
    pub profile: Profile,
    /// Why LinkedIn did not confirm that the token is invalid, if so.
    pub error: Option<Error>,
}

impl RevokeOutcome {
    /// Returns whether LinkedIn confirmed that the token is invalid: by introspection, or by the API if the app has no client
    /// secret.
    pub const fn is_confirmed(&self) -> bool {
        self.error.is_none()
    }
}

/// What happens to the revoked tokens in the profile's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterRevocation {
    DeleteTokens,
    KeepTokens,
}

/// Revokes the refresh token and the token at LinkedIn, confirms it, and deletes both from the profile, unless they are
/// to be kept. The profile is locked until then: a token that another process refreshes meanwhile would stay valid unnoticed.
///
/// # Errors
/// `signed_out` without a token; `locked`; file errors. A network failure, or a deleted app, is reported in
/// [`RevokeOutcome::error`]: the local token is deleted nevertheless.
pub async fn revoke(ctx: &Context, name: &Name, after: AfterRevocation) -> Result<RevokeOutcome> {
    let owned_name = name.clone();
    // Decrypted before the lock is taken: a passphrase prompt must not block other processes.
    ctx.with_store(move |store| store.profile(&owned_name).map(|profile| drop(store.app(&profile.app)))).await?;
    let lock = lock_profile(ctx, name, LOCK_TIMEOUT).await?;
    let owned_name = name.clone();
    let (profile, app) = lock
        .read(ctx, move |store| {
            let profile = store.profile(&owned_name)?;
            let app = store.app(&profile.app);
            Ok((profile, app))
        })
        .await?;
    let Some(token) = &profile.token else {
        return Err(Error::new(
            Code::SignedOut,
            format!("The profile {name} has no token."),
            "There is nothing to revoke.",
        ));
    };
    // Checked first: a token that LinkedIn revoked must be marked here too.
    lock.ensure_writable(ctx, &profile.app).await?;
    let error = match app {
        Ok(app) => revoke_and_confirm(ctx, &app, token).await.err(),
        Err(error) => Some(error),
    };
    let is_confirmed = error.is_none();
    let at = ctx.now();
    let update = lock.update(ctx, move |profile| {
        if after == AfterRevocation::KeepTokens {
            profile.check = Some(if is_confirmed {
                Check::new(at, Verdict::Revoked)
            } else {
                Check::undecided(at, Undecided::RevocationNotConfirmed)
            });
        } else {
            profile.token = None;
            profile.check = None;
        }
        Ok(())
    });
    let profile = update.await.map_err(|mut error| {
        if is_confirmed {
            error.message =
                format!("LinkedIn has revoked the token of {name}, but the profile still has it: {}", error.message);
        }
        error
    })?;
    Ok(RevokeOutcome { profile, error })
}

async fn revoke_and_confirm(ctx: &Context, app: &App, token: &Token) -> Result<()> {
    let secret = app.client_secret.as_ref();
    // The refresh token first: it could obtain another access token.
    let mut revoked = Ok(());
    for token in token.refresh.iter().map(|refresh| &refresh.token).chain([&token.access]) {
        let result = revocation::revoke(&ctx.http, &ctx.endpoints, &app.client_id, secret, token).await;
        revoked = revoked.and(result);
    }
    let is_invalid = if let Some(result) = ctx.introspect(app, &token.access).await {
        let (introspection, _) = result?;
        // LinkedIn may omit the status of a revoked token.
        !introspection.is_active && (introspection.status.is_some() || revoked.is_ok())
    } else {
        // Introspection needs the client secret; the API needs none to refuse the token.
        let userinfo = fetch_userinfo(&ctx.http, &ctx.endpoints, &token.access).await;
        userinfo.is_err_and(|error| matches!(error.code, Code::Revoked | Code::Expired))
    };
    match revoked {
        _ if is_invalid => Ok(()),
        Err(error) => Err(error),
        Ok(()) => Err(Error::new(
            Code::Refused,
            "LinkedIn accepted the request, but the token is still valid.",
            "The member can withdraw the app's permission.",
        )),
    }
}
