//! Is the token valid, and whose is it? Introspection needs no scope; userinfo or `/v2/me` names the member.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::refresh::{refresh_once, valid_token};
use crate::linkedin::introspection::{Introspection, introspect};
use crate::linkedin::member;
use crate::linkedin::userinfo::{TOKEN_PROPAGATION, UserInfo};
use crate::session::Context;
use crate::store::{Check, Member, Name, Profile, Store, Token, Verdict};
use crate::text::clean;
use crate::{Code, Error, Result};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The profile as saved after it.
    pub profile: Profile,
    /// Things worth a word: another app's token, a clock that is off, an identity not told.
    pub remarks: Vec<String>,
}

pub(super) fn member_of(info: UserInfo) -> Member {
    Member { id: info.sub, name: info.name, email: info.email }
}

/// The member whose token it is, asked for again for `patience` while LinkedIn calls a fresh token revoked.
///
/// # Errors
/// As LinkedIn answers: `expired`, `revoked`, `not_permitted`, `network` ...
pub(super) async fn userinfo_named_with_retry(ctx: &Context, token: &Token, patience: Duration) -> Result<Member> {
    member::fetch_with_retry(&ctx.http, &ctx.endpoints, &token.access, &token.scopes, patience).await.map(member_of)
}

/// The stored token, or the error that says how to get one.
pub(super) fn token_of(profile: &Profile) -> Result<&Token> {
    profile.token.as_ref().ok_or_else(|| {
        Error::new(
            Code::SignedOut,
            format!("The profile {} has no token.", profile.name),
            format!("Sign in: linkedin-tui login {}", profile.name),
        )
    })
}

/// How long the API may still call the token revoked because it is too new to be known everywhere.
pub(super) fn propagation(token: &Token, now: Timestamp) -> Duration {
    let age = Duration::try_from(now.duration_since(token.issued_at)).unwrap_or_default();
    TOKEN_PROPAGATION.saturating_sub(age)
}

/// How far two clocks may be apart before that is worth a word.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What introspection says, in one word; `unknown` for a token of another app.
pub(super) fn verdict_of(found: &Introspection) -> Verdict {
    match (found.active, found.status.as_deref()) {
        (true, _) => Verdict::Active,
        (false, Some("expired")) => Verdict::Expired,
        (false, Some("revoked")) => Verdict::Revoked,
        (false, _) => Verdict::Unknown,
    }
}

/// What is odd about the clocks: LinkedIn's against ours, and ours against the saved times.
fn clock_remark(profile: &Profile, theirs: Option<Timestamp>, now: Timestamp) -> Option<String> {
    let skew = theirs.map(|theirs| theirs.duration_since(now)).filter(|skew| skew.abs() > SKEW);
    if let Some(skew) = skew {
        let (minutes, side) = (skew.abs().as_mins(), if skew.is_negative() { "ahead of" } else { "behind" });
        return Some(format!(
            "This machine's clock is {minutes} minutes {side} LinkedIn's: set it, or expiry times are wrong."
        ));
    }
    profile.saved_later_than(now).then(|| CLOCK_LOOKS_WRONG.to_owned())
}

/// Told where a saved time is still to come.
pub const CLOCK_LOOKS_WRONG: &str =
    "This machine's clock looks wrong: a saved time is still to come. Set it, or expiry times are wrong.";

/// Asks LinkedIn and saves the verdict with the profile.
///
/// # Errors
/// `signed_out` without a token, `client_refused` for a wrong secret, `network` and its kind when
/// nobody answered, `member_restricted` where LinkedIn restricted the member's account; a token that is not valid is no error
/// here but a verdict.
pub async fn check(ctx: &Context, name: &Name) -> Result<Checked> {
    let wanted = name.clone();
    let read = move |store: &Store| {
        let profile = store.profile(&wanted)?;
        token_of(&profile)?;
        let app = store.app(&profile.app)?;
        Ok((profile, app))
    };
    let (profile, app) = ctx.on_disk(read).await?;
    let token = token_of(&profile)?;
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
                verdict = Some(verdict_of(&found));
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
        match userinfo_named_with_retry(ctx, token, propagation(token, ctx.now())).await {
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
                             one: linkedin-tui login {}",
                            clean(found.name.as_deref().unwrap_or("no name told"), 80),
                            clean(&found.urn(), 100),
                            profile.name,
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
            "Sign in as a member to another profile: linkedin-tui login NAME",
        ));
    }
    let token = token_of(&profile)?;
    let found = match member::fetch(&ctx.http, &ctx.endpoints, &token.access, &token.scopes).await.map(member_of) {
        // Renewed once; a fresh token may need some seconds to be known everywhere.
        Err(refused) if matches!(refused.code, Code::Expired | Code::Revoked) => {
            let fresh = refresh_once(ctx, &profile).await?.ok_or(refused)?;
            userinfo_named_with_retry(ctx, token_of(&fresh)?, TOKEN_PROPAGATION).await?
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
                format!("Sign in again as the right member: linkedin-tui login {}", profile.name),
            ));
        }
        profile.member = Some(found);
        Ok(())
    };
    let (profile, ()) = ctx.on_disk(move |store| store.update_profile(&wanted, save)).await?;
    Ok(profile)
}
