//! Checks whether a token is valid, and identifies its member. Introspection needs no scope; userinfo or `/v2/me` names
//! the member.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::refresh::{refresh_once, valid_token};
use super::token_retry::{is_refused, propagation_left};
use crate::linkedin::member;
use crate::linkedin::userinfo::TOKEN_PROPAGATION;
use crate::secret::Secret;
use crate::session::Context;
use crate::store::{App, Check, Member, Name, Profile, ProfileStore, Token, Undecided, Verdict};
use crate::text::sanitize;
use crate::{Code, Error, NextStep, Result};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOutcome {
    pub profile: Profile,
    /// Warnings: a different app's token, a wrong clock, a member that could not be identified.
    pub warnings: Vec<String>,
}

/// Identifies the member of a token; retries for `timeout` while LinkedIn calls a new token revoked.
pub(super) async fn identify_with_retry(ctx: &Context, token: &Token, timeout: Duration) -> Result<Member> {
    let member = member::fetch_with_retry(&ctx.http, &ctx.endpoints, &token.access, &token.scopes, timeout).await?;
    Ok(with_known_name(ctx, Member::from(member)).await)
}

/// Returns the member with this ID, with the name that a profile of the same member has.
pub(super) async fn find_known_member(ctx: &Context, id: &str) -> Member {
    with_known_name(ctx, Member { id: id.to_owned(), name: None, email: None }).await
}

/// Returns the member with the name that a profile of the same member has, where LinkedIn did not return it: that needs the
/// scope `profile`.
async fn with_known_name(ctx: &Context, member: Member) -> Member {
    if member.name.is_some() {
        return member;
    }
    let id = member.id.clone();
    let find = move |store: &ProfileStore| {
        let mut members =
            store.without_secrets().profiles()?.into_iter().filter_map(|entry| entry.profile.ok()?.member);
        Ok(members.find(|known| known.id == id && known.name.is_some()))
    };
    // Without the profiles the member is known by its ID.
    let known = ctx.with_store(find).await.ok().flatten();
    Member { name: known.and_then(|known| known.name), ..member }
}

/// Beyond this difference between this machine's clock and LinkedIn's, a check warns.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Returns a warning about this machine's clock, compared with LinkedIn's and with the saved times.
fn clock_warning(profile: &Profile, linkedin_time: Option<Timestamp>, now: Timestamp) -> Option<String> {
    let skew = linkedin_time.map(|time| time.duration_since(now)).filter(|skew| skew.abs() > MAX_CLOCK_SKEW);
    if let Some(skew) = skew {
        let (minutes, side) = (skew.abs().as_mins(), if skew.is_negative() { "ahead of" } else { "behind" });
        return Some(format!(
            "This machine's clock is {minutes} minutes {side} LinkedIn's: set it, or expiry times are wrong."
        ));
    }
    profile.has_future_times(now).then(|| FUTURE_TIME_WARNING.to_owned())
}

/// Warns that a saved time is in the future.
pub(crate) const FUTURE_TIME_WARNING: &str =
    "This machine's clock looks wrong: a saved time is in the future. Set it, or expiry times are wrong.";

/// Checks the token at LinkedIn and saves the verdict with the profile.
///
/// # Errors
/// `signed_out` without a token, `client_refused` for a wrong secret, `network`, `server_error` or `rate_limited` without a
/// usable response,
/// `member_restricted` if LinkedIn restricted the member's account; an invalid token is not an error here but a verdict.
pub async fn check(ctx: &Context, name: &Name) -> Result<CheckOutcome> {
    let owned_name = name.clone();
    let read = move |store: &ProfileStore| {
        let profile = store.profile(&owned_name)?;
        profile.require_token()?;
        let app = store.app(&profile.app)?;
        Ok((profile, app))
    };
    let (profile, app) = ctx.with_store(read).await?;
    let token = profile.require_token()?;
    let mut findings = Findings::default();
    findings.introspect(ctx, &profile, &app).await?;
    if matches!(findings.verdict, None | Some(Verdict::Active)) && !profile.client_credentials {
        findings.identify(ctx, token).await?;
    }
    let Findings { verdict, undecided, member, restricted, mut warnings } = findings;
    let check = match undecided {
        Some(reason) => Check::undecided(ctx.now(), reason),
        None => Check::new(ctx.now(), verdict.unwrap_or(Verdict::Unknown)),
    };
    let (access, owned_name) = (token.access.clone(), name.clone());
    let save = move |store: &ProfileStore| {
        let mut mismatch = None;
        let profile = store.update_profile(&owned_name, |profile| {
            mismatch = save_findings(profile, &access, check, member);
            Ok(())
        })?;
        Ok((profile, mismatch))
    };
    let (profile, mismatch) = ctx.with_store(save).await?;
    warnings.extend(mismatch);
    match restricted {
        Some(error) => Err(error),
        None => Ok(CheckOutcome { profile, warnings }),
    }
}

#[derive(Default)]
struct Findings {
    verdict: Option<Verdict>,
    /// Why the verdict is unknown.
    undecided: Option<Undecided>,
    member: Option<Member>,
    restricted: Option<Error>,
    warnings: Vec<String>,
}

impl Findings {
    /// Introspects the token, if the app has a client secret.
    async fn introspect(&mut self, ctx: &Context, profile: &Profile, app: &App) -> Result<()> {
        let token = profile.require_token()?;
        let Some(result) = ctx.introspect(app, &token.access).await else {
            self.warnings.extend(clock_warning(profile, None, ctx.now()));
            return Ok(());
        };
        match result {
            Ok((introspection, linkedin_time)) => {
                self.warnings.extend(clock_warning(profile, linkedin_time, ctx.now()));
                if !introspection.is_active && introspection.status.is_none() {
                    self.warnings.push("The token is not one of this app's: it may belong to another app.".to_owned());
                    self.undecided = Some(Undecided::OtherApp);
                }
                self.verdict = Some(Verdict::from(&introspection));
                Ok(())
            }
            // A token that LinkedIn cannot parse (400): the API decides.
            Err(error) if error.code == Code::Refused && !profile.client_credentials => {
                self.warnings.push(format!("Introspection did not recognize the token: {error}"));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Identifies the member by the API, whose response outweighs introspection: introspection was seen to return
    /// active while every call failed.
    async fn identify(&mut self, ctx: &Context, token: &Token) -> Result<()> {
        let error = match identify_with_retry(ctx, token, propagation_left(token, ctx.now())).await {
            Ok(member) => {
                self.member = Some(member);
                self.verdict = Some(Verdict::Active);
                return Ok(());
            }
            Err(error) => error,
        };
        match (error.code, self.verdict) {
            (Code::Expired | Code::Revoked, introspected) => {
                if introspected.is_some() {
                    self.warnings.push(format!("Introspection returns active, but the API refuses the token: {error}"));
                }
                self.verdict = Some(if error.code == Code::Expired { Verdict::Expired } else { Verdict::Revoked });
            }
            (Code::MemberRestricted, _) => {
                self.undecided = Some(Undecided::Restricted);
                self.restricted = Some(error);
            }
            (Code::TokenRefused, _) => {
                self.warnings.push(format!("The API refuses the token: {error}"));
                self.undecided = Some(Undecided::Refused);
            }
            // Without the scopes openid and profile LinkedIn does not return the member.
            (Code::NotPermitted, verdict) => self.verdict = verdict.or(Some(Verdict::Active)),
            (_, None) => return Err(error),
            _ => self.warnings.push(format!("The member could not be identified: {error}")),
        }
        Ok(())
    }
}

/// Saves the findings about `access`, unless another process has refreshed the token meanwhile. Returns a warning for a
/// different member's token.
fn save_findings(profile: &mut Profile, access: &Secret, check: Check, member: Option<Member>) -> Option<String> {
    if profile.token.as_ref().map(|token| &token.access) != Some(access) {
        return None;
    }
    profile.check = Some(check);
    let found = member?;
    match &profile.member {
        Some(stored) if stored.id != found.id => {
            profile.check = Some(Check::undecided(check.at, Undecided::DifferentMember));
            Some(format!(
                "The token belongs to a different member than the profile: {} ({}). Sign in again as the right member.",
                sanitize(found.name.as_deref().unwrap_or("name unknown"), 80),
                sanitize(&found.urn(), 100),
            ))
        }
        _ => {
            profile.member = Some(found);
            None
        }
    }
}

/// Identifies the member of the token at LinkedIn and saves it.
pub async fn whoami(ctx: &Context, name: &Name) -> Result<Profile> {
    let profile = valid_token(ctx, name, SignedDuration::ZERO).await?;
    require_member_token(&profile)?;
    let token = profile.require_token()?;
    let found = match member::fetch(&ctx.http, &ctx.endpoints, &token.access, &token.scopes).await.map(Member::from) {
        // Refreshed once; a new token may need some seconds to reach all of LinkedIn's servers.
        Err(refused) if is_refused(refused.code) => {
            let fresh = Box::pin(refresh_once(ctx, &profile)).await?.ok_or(refused)?;
            identify_with_retry(ctx, fresh.require_token()?, TOKEN_PROPAGATION).await?
        }
        found => with_known_name(ctx, found?).await,
    };
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
    ctx.update_profile(name, save).await
}

/// Fails for a token of the client credentials grant.
pub(super) fn require_member_token(profile: &Profile) -> Result<()> {
    if !profile.client_credentials {
        return Ok(());
    }
    let name = &profile.name;
    Err(Error::new(
        Code::NotPermitted,
        format!("The token of profile {name} is the app's own (client credentials): it belongs to no member."),
        "Sign in as a member.",
    )
    .with_next_step(NextStep::SignInToNewProfile))
}
