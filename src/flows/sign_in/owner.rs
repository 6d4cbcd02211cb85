//! The member that a new token belongs to: no token is saved over a different member's.

use super::flow::SignInFlow;
use super::siblings::{IssuedScopes, describe_revoked, mark_revoked_profiles};
use super::types::{Command, DifferentMemberChoice, Event};
use crate::flows::check::identify_with_retry;
use crate::linkedin::userinfo::TOKEN_PROPAGATION;
use crate::session::Context;
use crate::store::{Member, Name, Profile, Token};
use crate::{Code, Error, NextStep, Result};

/// The owner of a token, as far as it is known before the token is saved.
#[derive(Clone)]
pub(super) enum TokenOwner {
    Known(Member),
    /// Unknown: the member of the profile is cleared.
    Unknown,
    /// Nothing contradicts the member of the profile.
    Unchanged,
}

/// The profile in which a token is saved, and the owner to save with it.
pub(super) struct Destination {
    pub(super) profile: Name,
    pub(super) owner: TokenOwner,
    /// Whether userinfo accepted the token.
    pub(super) is_checked: bool,
    /// The profiles that were marked as possibly revoked before the destination was known.
    pub(super) revoked_profiles: Vec<Name>,
}

impl Destination {
    pub(super) const fn new(profile: Name, owner: TokenOwner) -> Self {
        Self { profile, owner, is_checked: false, revoked_profiles: Vec::new() }
    }
}

pub(super) async fn find_profile(ctx: &Context, name: &Name) -> Result<Option<Profile>> {
    match ctx.profile(name).await {
        Ok(profile) => Ok(Some(profile)),
        Err(error) if error.code == Code::NoSuchProfile => Ok(None),
        Err(error) => Err(error),
    }
}

/// Decides where the token of a re-authorization is saved; `stored` is the member of the profile.
pub(super) async fn resolve(
    flow: &mut SignInFlow<'_>,
    token: &Token,
    subject: Option<&str>,
    stored: &Member,
) -> Result<Destination> {
    let identified = identify_with_retry(flow.ctx, token, TOKEN_PROPAGATION).await;
    let is_checked = identified.is_ok();
    let found = match identified {
        Ok(found) => found,
        // The id_token came straight from LinkedIn and names the member too.
        Err(_) if subject == Some(stored.id.as_str()) => stored.clone(),
        Err(error) => match subject {
            Some(id) => Member { id: id.to_owned(), name: None, email: None },
            None => return resolve_unknown(flow, &error).await,
        },
    };
    let profile = &flow.request.profile;
    if found.id == stored.id {
        return Ok(Destination { is_checked, ..Destination::new(profile.clone(), TokenOwner::Known(found)) });
    }
    // LinkedIn revokes the earlier tokens of `found` with other scopes at the exchange, whether or not the new token is saved.
    let issued =
        IssuedScopes { app: &flow.request.app, scopes: &token.scopes, member: Some(&found.id), saved_as: None };
    let revoked_profiles = mark_revoked_profiles(flow.ctx, issued).await;
    flow.emit(Event::DifferentMember {
        stored: stored.clone(),
        found: found.clone(),
        revoked_profiles: revoked_profiles.clone(),
    });
    let choice = match &flow.request.on_different_member {
        Some(choice) => choice.clone(),
        None => wait_for_choice(flow).await.unwrap_or(DifferentMemberChoice::Discard),
    };
    let name = match choice {
        DifferentMemberChoice::Replace => profile.clone(),
        DifferentMemberChoice::SaveAs(name) => {
            let owner = find_profile(flow.ctx, &name).await?.and_then(|profile| profile.member);
            if let Some(owner) = owner.filter(|owner| owner.id != found.id) {
                return Err(name_taken_error(&name, &owner));
            }
            name
        }
        DifferentMemberChoice::Discard => return Err(discarded_error(profile, &found, stored, &revoked_profiles)),
    };
    Ok(Destination { is_checked, revoked_profiles, ..Destination::new(name, TokenOwner::Known(found)) })
}

fn name_taken_error(name: &Name, owner: &Member) -> Error {
    Error::new(
        Code::DifferentMember,
        format!("The profile {name} already belongs to {}.", owner.urn()),
        "Sign in again and choose another name.",
    )
}

fn discarded_error(profile: &Name, found: &Member, stored: &Member, revoked_profiles: &[Name]) -> Error {
    let effect = describe_revoked(revoked_profiles).unwrap_or_else(|| "Nothing was changed.".to_owned());
    Error::new(
        Code::DifferentMember,
        format!(
            "A different member signed in than the profile {profile} belongs to ({} instead of {}). {effect}",
            found.urn(),
            stored.urn()
        ),
        "LinkedIn uses the account that is signed in in that browser: sign out there, or set a browser of its own for the \
         profile.",
    )
    .with_next_step(NextStep::SignInKeepingBothMembers { profile: profile.to_string() })
}

/// Decides where a token of an unknown member is saved: in a new profile, and over that of a known member only on
/// request.
async fn resolve_unknown(flow: &SignInFlow<'_>, error: &Error) -> Result<Destination> {
    let profile = &flow.request.profile;
    match &flow.request.on_different_member {
        Some(DifferentMemberChoice::Replace) => Ok(Destination::new(profile.clone(), TokenOwner::Unknown)),
        Some(DifferentMemberChoice::SaveAs(name))
            if find_profile(flow.ctx, name).await?.is_none_or(|profile| profile.member.is_none()) =>
        {
            Ok(Destination::new(name.clone(), TokenOwner::Unchanged))
        }
        _ => {
            let existing_names = flow.ctx.with_store(crate::store::ProfileStore::profile_names).await?;
            let unverified = Name::suggest(&unverified_name(profile), "unverified");
            let name = unverified.first_free(|name| existing_names.contains(name));
            let message = format!(
                "{error} The token may belong to a different member than {profile}'s, so it is saved as {name}."
            );
            let hint = "Request the scopes openid and profile, or replace the member anyway.";
            let step = NextStep::SignInReplacingMember { profile: profile.to_string() };
            flow.emit(Event::MemberUnknown(Error::new(error.code, message, hint).with_next_step(step)));
            Ok(Destination::new(name, TokenOwner::Unchanged))
        }
    }
}

/// Returns the name for a token that may be a different member's than that of `profile`. One that has such a name already
/// gets no second suffix.
fn unverified_name(profile: &Name) -> String {
    const SUFFIX: &str = "-unverified";
    let is_number = |text: &str| text.strip_prefix('-').is_some_and(|number| number.parse::<u32>().is_ok());
    let base = match profile.as_str().rsplit_once(SUFFIX) {
        Some((base, rest)) if rest.is_empty() || is_number(rest) => base,
        _ => profile.as_str(),
    };
    format!("{base}{SUFFIX}")
}

/// Waits until the user chooses; `None` if no command can arrive any more.
async fn wait_for_choice(flow: &mut SignInFlow<'_>) -> Option<DifferentMemberChoice> {
    loop {
        if let Command::Choose(choice) = flow.commands.recv().await? {
            return Some(choice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unverified_profile_gets_no_second_suffix() {
        for (profile, expected) in [
            ("work", "work-unverified"),
            ("work-2", "work-2-unverified"),
            ("work-unverified", "work-unverified"),
            ("work-unverified-12", "work-unverified"),
            ("work-unverified-by-me", "work-unverified-by-me-unverified"),
        ] {
            assert_eq!(unverified_name(&Name::parse(profile).unwrap()), expected);
        }
    }
}
