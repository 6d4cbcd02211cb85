//! Is the token alive, and whose is it? Introspection needs no scope; userinfo names the member.

use jiff::SignedDuration;

use super::Context;
use crate::linkedin::introspection::introspect;
use crate::linkedin::userinfo::{UserInfo, userinfo};
use crate::profile::{Check, Member, Name, Profile, Token, Verdict};
use crate::{Code, Error, Result};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The profile as saved after it.
    pub profile: Profile,
    /// Things worth a word: another app's token, a clock that is off, an identity not told.
    pub remarks: Vec<String>,
}

/// The member that LinkedIn's answer names.
pub(super) fn member_of(info: UserInfo) -> Member {
    Member { id: info.sub, name: info.name, email: info.email }
}

fn token_of(profile: &Profile) -> Result<&Token> {
    profile.token.as_ref().ok_or_else(|| {
        Error::new(
            Code::SignedOut,
            format!("The profile {} has no token.", profile.name),
            format!("Sign in: linkedin-tui login {}", profile.name),
        )
    })
}

/// Asks LinkedIn and saves the verdict with the profile.
///
/// # Errors
/// `signed_out` without a token, `client_refused` for a wrong secret, `network` and its kind when
/// nobody answered; a dead token is no error here but a verdict.
pub async fn check(ctx: &Context, name: &Name) -> Result<Checked> {
    let profile = ctx.store.profile(name)?;
    let token = token_of(&profile)?;
    let app = ctx.store.app(&profile.app)?;
    let mut remarks = Vec::new();
    let mut verdict = None;
    if let Some(secret) = &app.client_secret {
        let (found, date) = introspect(&ctx.http, &ctx.endpoints, &app.client_id, secret, &token.access).await?;
        if let Some(skew) =
            date.map(|date| date.duration_since(ctx.now())).filter(|skew| skew.abs() > SignedDuration::from_mins(5))
        {
            let (minutes, side) = (skew.abs().as_mins(), if skew.is_negative() { "ahead of" } else { "behind" });
            remarks.push(format!(
                "This machine's clock is {minutes} minutes {side} LinkedIn's: set it, or expiry times are wrong."
            ));
        }
        verdict = Some(match (found.active, found.status.as_deref()) {
            (true, _) => Verdict::Active,
            (false, Some("expired")) => Verdict::Expired,
            (false, Some("revoked")) => Verdict::Revoked,
            (false, _) => {
                remarks
                    .push("LinkedIn says the token is not one of this app's: it may belong to another app.".to_owned());
                Verdict::Unknown
            }
        });
    }
    let mut member = None;
    if matches!(verdict, None | Some(Verdict::Active)) {
        match userinfo(&ctx.http, &ctx.endpoints, &token.access).await {
            Ok(info) => {
                member = Some(member_of(info));
                verdict = Some(Verdict::Active);
            }
            Err(error) => match (error.code, verdict) {
                (Code::Expired, None) => verdict = Some(Verdict::Expired),
                (Code::Revoked, None) => verdict = Some(Verdict::Revoked),
                // Without the scopes openid and profile LinkedIn does not say who it is.
                (Code::NotPermitted, _) => verdict = verdict.or(Some(Verdict::Active)),
                (_, None) => return Err(error),
                _ => remarks.push(format!("LinkedIn did not say who the member is: {error}")),
            },
        }
    }
    let checked = Check { at: ctx.now(), verdict: verdict.unwrap_or(Verdict::Unknown) };
    let asked = token.access.clone();
    let (profile, ()) = ctx.store.update_profile(name, |profile| {
        // Another process may have renewed the token meanwhile; then this verdict is not about it.
        if profile.token.as_ref().map(|token| &token.access) == Some(&asked) {
            profile.check = Some(checked);
            if let Some(found) = &member {
                match &profile.member {
                    Some(stored) if stored.id != found.id => {
                        remarks.push("The token belongs to another member than the profile says.".to_owned());
                    }
                    _ => profile.member.clone_from(&member),
                }
            }
        }
        Ok(())
    })?;
    Ok(Checked { profile, remarks })
}

/// Asks LinkedIn whose the token is, now, and saves it.
///
/// # Errors
/// As LinkedIn answers: `expired`, `revoked`, `not_permitted`, `network` ...
pub async fn whoami(ctx: &Context, name: &Name) -> Result<Profile> {
    let profile = super::refresh::live_token(ctx, name, SignedDuration::ZERO).await?;
    let info = userinfo(&ctx.http, &ctx.endpoints, &token_of(&profile)?.access).await?;
    let found = member_of(info);
    let (profile, ()) = ctx.store.update_profile(name, |profile| {
        if let Some(stored) = profile.member.as_ref().filter(|stored| stored.id != found.id) {
            return Err(Error::new(
                Code::OtherMember,
                format!("The token belongs to {}, but the profile {name} is {}'s.", found.urn(), stored.urn()),
                format!("Sign in again as the right member: linkedin-tui login {name}"),
            ));
        }
        profile.member = Some(found);
        Ok(())
    })?;
    Ok(profile)
}
