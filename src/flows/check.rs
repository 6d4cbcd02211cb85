//! Checks whether a token is valid, and identifies its member. Introspection needs no scope; userinfo or `/v2/me` names the
//! member.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::refresh::{refresh_once, valid_token};
use crate::linkedin::introspection::introspect;
use crate::linkedin::member;
use crate::linkedin::userinfo::TOKEN_PROPAGATION;
use crate::session::Context;
use crate::store::{Check, Member, Name, Profile, ProfileStore, Token, Verdict};
use crate::text::clean;
use crate::{Code, Error, NextStep, Result};

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The profile after it was saved.
    pub profile: Profile,
    /// Warnings: a different app's token, a wrong clock, a member that could not be identified.
    pub remarks: Vec<String>,
}

/// Identifies the member of a token; retries for `timeout` while LinkedIn calls a new token revoked.
pub(super) async fn identify_with_retry(ctx: &Context, token: &Token, timeout: Duration) -> Result<Member> {
    let info = member::fetch_with_retry(&ctx.http, &ctx.endpoints, &token.access, &token.scopes, timeout).await;
    info.map(Member::from)
}

/// Returns how long the API may still refuse the token because it is new and has not reached all of LinkedIn's servers.
pub(super) fn propagation(token: &Token, now: Timestamp) -> Duration {
    let age = Duration::try_from(now.duration_since(token.issued_at)).unwrap_or_default();
    TOKEN_PROPAGATION.saturating_sub(age)
}

/// Beyond this difference between this machine's clock and LinkedIn's, a check warns.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Returns a warning about this machine's clock, compared with LinkedIn's and with the saved times.
fn clock_remark(profile: &Profile, theirs: Option<Timestamp>, now: Timestamp) -> Option<String> {
    let skew = theirs.map(|theirs| theirs.duration_since(now)).filter(|skew| skew.abs() > MAX_CLOCK_SKEW);
    if let Some(skew) = skew {
        let (minutes, side) = (skew.abs().as_mins(), if skew.is_negative() { "ahead of" } else { "behind" });
        return Some(format!(
            "This machine's clock is {minutes} minutes {side} LinkedIn's: set it, or expiry times are wrong."
        ));
    }
    profile.has_future_times(now).then(|| CLOCK_LOOKS_WRONG.to_owned())
}

/// The warning for a saved time in the future.
pub const CLOCK_LOOKS_WRONG: &str =
    "This machine's clock looks wrong: a saved time is in the future. Set it, or expiry times are wrong.";

/// Checks the token at LinkedIn and saves the verdict with the profile.
///
/// # Errors
/// `signed_out` without a token, `client_refused` for a wrong secret, `network` and its kind without a response,
/// `member_restricted` where LinkedIn restricted the member's account; an invalid token is not an error here but a verdict.
pub async fn check(ctx: &Context, name: &Name) -> Result<Checked> {
    let wanted = name.clone();
    let read = move |store: &ProfileStore| {
        let profile = store.profile(&wanted)?;
        profile.require_token()?;
        let app = store.app(&profile.app)?;
        Ok((profile, app))
    };
    let (profile, app) = ctx.on_disk(read).await?;
    let token = profile.require_token()?;
    let mut remarks = Vec::new();
    let mut verdict = None;
    if let Some(secret) = &app.client_secret {
        match introspect(&ctx.http, &ctx.endpoints, &app.client_id, secret, &token.access).await {
            Ok((found, date)) => {
                remarks.extend(clock_remark(&profile, date, ctx.now()));
                if !found.active && found.status.is_none() {
                    remarks.push(
                        "LinkedIn says the token is not one of this app's: it may belong to another app.".to_owned(),
                    );
                }
                verdict = Some(Verdict::from(&found));
            }
            // A token that LinkedIn cannot read (400): the API has the last word.
            Err(error) if error.code == Code::Refused && !profile.client_credentials => {
                remarks.push(format!("Introspection did not know the token: {error}"));
            }
            Err(error) => return Err(error),
        }
    } else {
        remarks.extend(clock_remark(&profile, None, ctx.now()));
    }
    let (mut named, mut restricted) = (None, None);
    if matches!(verdict, None | Some(Verdict::Active)) && !profile.client_credentials {
        match identify_with_retry(ctx, token, propagation(token, ctx.now())).await {
            Ok(member) => {
                named = Some(member);
                verdict = Some(Verdict::Active);
            }
            Err(error) => match (error.code, verdict) {
                // The API has the last word: introspection was seen to say active while every call failed.
                (Code::Expired | Code::Revoked, introspected) => {
                    if introspected.is_some() {
                        remarks.push(format!("Introspection calls the token active, but the API refuses it: {error}"));
                    }
                    verdict = Some(if error.code == Code::Expired { Verdict::Expired } else { Verdict::Revoked });
                }
                (Code::MemberRestricted, _) => restricted = Some(error),
                (Code::TokenRefused, _) => {
                    remarks.push(format!("The API refuses the token: {error}"));
                    verdict = Some(Verdict::Unknown);
                }
                // Without the scopes openid and profile LinkedIn does not say who it is.
                (Code::NotPermitted, _) => verdict = verdict.or(Some(Verdict::Active)),
                (_, None) => return Err(error),
                _ => remarks.push(format!("LinkedIn did not say who the member is: {error}")),
            },
        }
    }
    if restricted.is_some() {
        verdict = Some(Verdict::Unknown);
    }
    let checked = Check { at: ctx.now(), verdict: verdict.unwrap_or(Verdict::Unknown) };
    let (asked, wanted) = (token.access.clone(), name.clone());
    let save = move |profile: &mut Profile| {
        let mut remarks = Vec::new();
        // Another process may have renewed the token meanwhile; then this verdict is not about it.
        if profile.token.as_ref().map(|token| &token.access) == Some(&asked) {
            profile.check = Some(checked);
            if let Some(found) = &named {
                match &profile.member {
                    // It lives, and is not what the profile says it is.
                    Some(stored) if stored.id != found.id => {
                        profile.check = Some(Check { verdict: Verdict::Unknown, ..checked });
                        remarks.push(format!(
                            "The token belongs to a different member than the profile says: {} ({}). Sign in again as the right \
                             member.",
                            clean(found.name.as_deref().unwrap_or("no name"), 80),
                            clean(&found.urn(), 100),
                        ));
                    }
                    _ => profile.member.clone_from(&named),
                }
            }
        }
        Ok(remarks)
    };
    let (profile, found) = ctx.on_disk(move |store| store.update_profile(&wanted, save)).await?;
    remarks.extend(found);
    match restricted {
        Some(error) => Err(error),
        None => Ok(Checked { profile, remarks }),
    }
}

/// Asks LinkedIn whose the token is, now, and saves it.
///
/// # Errors
/// As LinkedIn answers: `expired`, `revoked`, `not_permitted`, `network` ...
pub async fn whoami(ctx: &Context, name: &Name) -> Result<Profile> {
    let profile = valid_token(ctx, name, SignedDuration::ZERO).await?;
    if profile.client_credentials {
        return Err(Error::new(
            Code::NotPermitted,
            format!("The token of profile {name} is the app's own (client credentials): it belongs to no member."),
            "Sign in as a member.",
        )
        .with_next_step(NextStep::SignInToNewProfile));
    }
    let token = profile.require_token()?;
    let found = match member::fetch(&ctx.http, &ctx.endpoints, &token.access, &token.scopes).await.map(Member::from) {
        // Renewed once; a fresh token may need some seconds to be known everywhere.
        Err(refused) if matches!(refused.code, Code::Expired | Code::Revoked) => {
            let fresh = refresh_once(ctx, &profile).await?.ok_or(refused)?;
            identify_with_retry(ctx, fresh.require_token()?, TOKEN_PROPAGATION).await?
        }
        told => told?,
    };
    let wanted = name.clone();
    let save = move |profile: &mut Profile| {
        if let Some(stored) = profile.member.as_ref().filter(|stored| stored.id != found.id) {
            return Err(Error::new(
                Code::DifferentMember,
                format!(
                    "The token belongs to {}, but the profile {} is {}'s.",
                    found.urn(),
                    profile.name,
                    stored.urn()
                ),
                "Sign in again as the right member.",
            )
            .with_next_step(NextStep::SignIn { profile: profile.name.to_string() }));
        }
        profile.member = Some(found);
        Ok(())
    };
    let (profile, ()) = ctx.on_disk(move |store| store.update_profile(&wanted, save)).await?;
    Ok(profile)
}
