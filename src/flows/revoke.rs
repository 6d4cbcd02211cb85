//! Revoking: best effort at an undocumented endpoint, proved by introspection.

use super::Context;
use super::context::secret_of;
use crate::linkedin::introspection::introspect;
use crate::linkedin::revocation;
use crate::profile::{Check, Name, Profile, Verdict};
use crate::{Code, Error, Result};

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

/// Asks LinkedIn to revoke, proves it, and forgets the token here unless `keep`.
///
/// # Errors
/// `signed_out` without a token; file errors. A network failure is told in
/// [`Revoked::trouble`]: the local token is forgotten all the same.
pub async fn revoke(ctx: &Context, name: &Name, keep: bool) -> Result<Revoked> {
    let profile = ctx.store.profile(name)?;
    let Some(token) = &profile.token else {
        return Err(Error::new(
            Code::SignedOut,
            format!("The profile {name} has no token."),
            "There is nothing to revoke.",
        ));
    };
    let app = ctx.store.app(&profile.app)?;
    let secret = secret_of(&app)?;
    let asked = revocation::revoke(&ctx.http, &ctx.endpoints, &app.client_id, secret, &token.access).await;
    let found = introspect(&ctx.http, &ctx.endpoints, &app.client_id, secret, &token.access).await;
    let confirmed = found.as_ref().is_ok_and(|(found, _)| !found.active && found.status.is_some());
    let at = ctx.now();
    let (profile, ()) = ctx.store.update_profile(name, |profile| {
        if keep {
            let verdict = if confirmed { Verdict::Revoked } else { Verdict::Unknown };
            profile.check = Some(Check { at, verdict });
        } else {
            profile.token = None;
            profile.check = None;
        }
        Ok(())
    })?;
    Ok(Revoked { profile, confirmed, trouble: if confirmed { None } else { asked.err().or(found.err()) } })
}
