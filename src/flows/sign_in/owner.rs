//! The member that a new token belongs to: no token is saved over a different member's.

use super::flow::SignInFlow;
use super::siblings::{IssuedScopes, describe_revoked, mark_revoked_profiles};
use super::types::{Command, DifferentMemberChoice, Event};
use crate::flows::check::{find_known_member, identify_with_retry};
use crate::linkedin::userinfo::TOKEN_PROPAGATION;
use crate::session::Context;
use crate::store::{Member, Name, Profile, ProfileStore, Token};
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
    /// The ID of the member whose token may be replaced there, beside that of `owner`.
    pub(super) replaceable_member: Option<String>,
    /// Why the token is not saved where the user wanted it. The sign-in fails with it once the token is saved.
    pub(super) conflict: Option<Error>,
    /// Whether userinfo accepted the token.
    pub(super) is_checked: bool,
    /// Why it did not, where the `id_token` names the member.
    pub(super) identify_error: Option<Error>,
    /// The profiles that were marked as possibly revoked before the destination was known.
    pub(super) revoked_profiles: Vec<Name>,
}

impl Destination {
    pub(super) const fn new(profile: Name, owner: TokenOwner) -> Self {
        Self {
            profile,
            owner,
            replaceable_member: None,
            conflict: None,
            is_checked: false,
            identify_error: None,
            revoked_profiles: Vec::new(),
        }
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
    let (found, identify_error) = match identified {
        Ok(found) => (found, None),
        // The id_token came straight from LinkedIn and names the member too.
        Err(error) if subject == Some(stored.id.as_str()) => (stored.clone(), Some(error)),
        Err(error) => match subject {
            Some(id) => (find_known_member(flow.ctx, id).await, Some(error)),
            None => return resolve_unknown(flow, stored, &error).await,
        },
    };
    let is_checked = identify_error.is_none();
    let profile = &flow.request.profile;
    if found.id == stored.id {
        let destination = Destination::new(profile.clone(), TokenOwner::Known(found));
        return Ok(Destination { is_checked, identify_error, ..destination });
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
    let (name, conflict) = match choice {
        DifferentMemberChoice::Replace => (profile.clone(), None),
        DifferentMemberChoice::SaveAs(name) => find_name(flow, name, &found).await?,
        DifferentMemberChoice::Discard => return Err(discarded_error(profile, &found, stored, &revoked_profiles)),
    };
    let replaceable_member = (name == *profile).then(|| stored.id.clone());
    let destination = Destination::new(name, TokenOwner::Known(found));
    Ok(Destination { replaceable_member, conflict, is_checked, identify_error, revoked_profiles, ..destination })
}

/// Returns the profile for the token of `member`: the one that the user named or, if that belongs to a different member or cannot
/// be read, a new one, with the reason.
async fn find_name(flow: &mut SignInFlow<'_>, name: Name, member: &Member) -> Result<(Name, Option<Error>)> {
    let reason = match find_profile(flow.ctx, &name).await.map(|profile| profile.and_then(|profile| profile.member)) {
        Ok(Some(owner)) if owner.id != member.id => Error::new(
            Code::DifferentMember,
            format!("The profile {name} already belongs to {}.", owner.urn()),
            "Rename the new profile, or delete it.",
        ),
        Ok(_) => return Ok((name, None)),
        Err(error) => error,
    };
    let free = find_free_name(flow, &name).await?;
    let message = format!("{} The token is saved as {free} instead.", reason.message);
    Ok((free, Some(Error { message, ..reason })))
}

/// Returns the name, with a number if a profile has it.
async fn find_free_name(flow: &mut SignInFlow<'_>, name: &Name) -> Result<Name> {
    let ctx = flow.ctx;
    let find_names = async || ctx.with_store(ProfileStore::profile_names).await;
    let existing_names = flow.repeat_until_saved(find_names).await?;
    Ok(name.first_free(|name| existing_names.contains(name)))
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
async fn resolve_unknown(flow: &mut SignInFlow<'_>, stored: &Member, error: &Error) -> Result<Destination> {
    let profile = &flow.request.profile;
    match &flow.request.on_different_member {
        Some(DifferentMemberChoice::Replace) => Ok(Destination {
            replaceable_member: Some(stored.id.clone()),
            ..Destination::new(profile.clone(), TokenOwner::Unknown)
        }),
        // Without a different member, and readable.
        Some(DifferentMemberChoice::SaveAs(name))
            if find_profile(flow.ctx, name)
                .await
                .is_ok_and(|found| found.is_none_or(|found| found.member.is_none())) =>
        {
            Ok(Destination::new(name.clone(), TokenOwner::Unchanged))
        }
        _ => {
            let name = find_free_name(flow, &Name::suggest(&unverified_name(profile), "unverified")).await?;
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
