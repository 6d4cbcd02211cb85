//! Revoking: best effort at an undocumented endpoint, proved by introspection.

use std::time::Duration;

use crate::linkedin::introspection::introspect;
use crate::linkedin::revocation;
use crate::linkedin::userinfo::userinfo;
use crate::session::Context;
use crate::session::context::locked;
use crate::store::{App, Check, Name, Profile, Token, Verdict};
use crate::{Code, Error, Result};

/// How long to wait for another process that works on the same profile.
const LOCK_WAIT: Duration = Duration::from_secs(35);

/// How far a revocation got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// The profile as saved after it.
    pub profile: Profile,
    /// Did LinkedIn confirm, by introspection, that the token is dead?
    pub confirmed: bool,
    /// What LinkedIn's endpoint answered, where it refused.
    pub trouble: Option<Error>,
}

/// Asks LinkedIn to revoke the refresh token and the token, proves it, and forgets both here
/// unless `keep`. The profile's lock is held all the while: a token that another process renews
/// meanwhile would live on unseen.
///
/// # Errors
/// `signed_out` without a token; `locked`; file errors. A network failure, or an app that is gone,
/// is told in [`Revoked::trouble`]: the local token is forgotten all the same.
pub async fn revoke(ctx: &Context, name: &Name, keep: bool) -> Result<Revoked> {
    let wanted = name.clone();
    // Opened before the lock is taken: whoever is asked for a passphrase must not hold others up.
    ctx.on_disk(move |store| store.profile(&wanted).map(|profile| drop(store.app(&profile.app)))).await?;
    let lock = locked(ctx, name, LOCK_WAIT, &|_| {}).await?;
    let wanted = name.clone();
    let (profile, app) = lock
        .read(ctx, move |store| {
            let profile = store.profile(&wanted)?;
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
    // What LinkedIn revoked must be told here as well.
    lock.ensure_writable(ctx, &profile.app).await?;
    let asked = match app {
        Ok(app) => ask(ctx, &app, token).await,
        Err(error) => Err(error),
    };
    let (confirmed, trouble) = match asked {
        Ok(()) => (true, None),
        Err(error) => (false, Some(error)),
    };
    let at = ctx.now();
    let saved = lock.update(ctx, move |profile| {
        if keep {
            let verdict = if confirmed { Verdict::Revoked } else { Verdict::Unknown };
            profile.check = Some(Check { at, verdict });
        } else {
            profile.token = None;
            profile.check = None;
        }
        Ok(())
    });
    let profile = saved.await.map_err(|mut error| {
        if confirmed {
            error.message =
                format!("LinkedIn has revoked the token of {name}, but the profile still has it: {}", error.message);
        }
        error
    })?;
    Ok(Revoked { profile, confirmed, trouble })
}

/// Asks, and looks whether it is so.
async fn ask(ctx: &Context, app: &App, token: &Token) -> Result<()> {
    let secret = app.client_secret.as_ref();
    // The refresh token first: it could bring another access token.
    let mut asked = Ok(());
    for one in token.refresh.iter().map(|refresh| &refresh.token).chain([&token.access]) {
        let answer = revocation::revoke(&ctx.http, &ctx.endpoints, &app.client_id, secret, one).await;
        asked = asked.and(answer);
    }
    let dead = if let Some(secret) = secret {
        let (found, _) = introspect(&ctx.http, &ctx.endpoints, &app.client_id, secret, &token.access).await?;
        // A revoked token may be told without a word on why.
        !found.active && (found.status.is_some() || asked.is_ok())
    } else {
        // Introspection needs the secret; the API needs none to refuse the token.
        let told = userinfo(&ctx.http, &ctx.endpoints, &token.access).await;
        told.is_err_and(|error| matches!(error.code, Code::Revoked | Code::Expired))
    };
    match asked {
        _ if dead => Ok(()),
        Err(error) => Err(error),
        Ok(()) => Err(Error::new(
            Code::Refused,
            "LinkedIn took the request, but the token still lives.",
            "The member can withdraw the app's permission.",
        )),
    }
}
