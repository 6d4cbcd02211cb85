//! Sibling profiles: those of the same client ID and member, whatever the app is called here. After a sign-in with a scope set
//! that differs from the one granted before, LinkedIn revokes the member's earlier tokens for that app ("LinkedIn 3-Legged
//! OAuth Flow").

use jiff::Timestamp;

use super::types::Request;
use crate::Error;
use crate::linkedin::http::Failure;
use crate::linkedin::scopes;
use crate::session::Context;
use crate::store::{App, Doubt, Name, Profile, ProfileStore, Status};

/// How many profiles a sentence names.
const MAX_NAMES: usize = 5;

/// A sign-in that LinkedIn has carried out, whether or not its token is saved.
pub(super) struct IssuedScopes<'a> {
    pub(super) app: &'a App,
    pub(super) scopes: &'a [String],
    /// The ID of the member; `None` where it is not known: it may be any member of the app.
    pub(super) member: Option<&'a str>,
    /// The profile that has the new token.
    pub(super) saved_as: Option<&'a Name>,
}

/// Marks the profiles whose tokens LinkedIn may have revoked at a sign-in; deletes nothing. Returns their names.
pub(super) async fn mark_revoked_profiles(ctx: &Context, issued: IssuedScopes<'_>) -> Vec<Name> {
    let (app, scopes, at) = (issued.app.clone(), issued.scopes.to_vec(), ctx.now());
    let (member, saved_as) = (issued.member.map(str::to_owned), issued.saved_as.cloned());
    let mark = move |store: &ProfileStore| {
        let apps = store.without_secrets().apps()?;
        let profiles = store.without_secrets().profiles()?.into_iter().filter_map(|entry| entry.profile.ok());
        let is_revoked = |other: &Profile| {
            Some(&other.name) != saved_as.as_ref()
                && has_client_of(&apps, &other.app, &app)
                && may_be_member(other, member.as_deref())
                && would_be_revoked(other, &scopes, at)
        };
        Ok(profiles.filter(is_revoked).map(|other| mark_in_store(store, other.name, at)).collect())
    };
    ctx.with_store(mark).await.unwrap_or_else(|error| {
        ctx.store.record_if_failed(Err(error));
        Vec::new()
    })
}

/// Returns the error of an exchange. Where LinkedIn may have carried it out, the token is lost.
pub(super) async fn explain_failed_exchange(ctx: &Context, request: &Request, failure: Failure) -> Error {
    let Failure { error, is_outcome_unknown, .. } = failure;
    if !is_outcome_unknown {
        return error;
    }
    // It is not known who signed in: it may have been a different member than that of the profile.
    let issued = IssuedScopes { app: &request.app, scopes: &request.scopes, member: None, saved_as: None };
    explain_lost_token(ctx, issued, error).await
}

/// Returns the error of a sign-in whose token is lost. Marks and names the profiles whose tokens LinkedIn may have revoked
/// all the same, the one that is signed in included.
pub(super) async fn explain_lost_token(ctx: &Context, issued: IssuedScopes<'_>, error: Error) -> Error {
    match describe_revoked(&mark_revoked_profiles(ctx, issued).await) {
        Some(revoked) => Error { message: format!("{} {revoked}", error.message), ..error },
        None => error,
    }
}

fn mark_in_store(store: &ProfileStore, name: Name, at: Timestamp) -> Name {
    let saved = store.update_profile(&name, |profile| {
        profile.doubt(at, Doubt::OtherScopes);
        Ok(())
    });
    // A token that may be revoked is listed, whether or not the mark could be saved.
    store.record_if_failed(saved.map(drop));
    name
}

/// Returns those of `profiles`, the one that is signed in included, whose tokens LinkedIn may revoke at the sign-in. The
/// member of a new profile is unknown before: it may be any member of the app.
pub fn find_revoked_profiles<'a>(
    request: &Request,
    apps: &[App],
    profiles: impl Iterator<Item = &'a Profile> + Clone,
    now: Timestamp,
) -> Vec<Name> {
    let stored = profiles.clone().find(|profile| profile.name == request.profile);
    let member = stored.and_then(|profile| profile.member.as_ref()).map(|member| member.id.as_str());
    profiles
        .filter(|other| has_client_of(apps, &other.app, &request.app) && may_be_member(other, member))
        .filter(|other| would_be_revoked(other, &request.scopes, now))
        .map(|other| other.name.clone())
        .collect()
}

/// Returns what LinkedIn may have done to the other profiles of a member; `None` without any.
pub(crate) fn describe_revoked(profiles: &[Name]) -> Option<String> {
    let shown: Vec<&str> = profiles.iter().map(Name::as_str).take(MAX_NAMES).collect();
    let more = profiles.len() - shown.len();
    let names = shown.join(", ");
    Some(match profiles.len() {
        0 => return None,
        1 => format!("The scopes differ from those of profile {names}, so LinkedIn may have revoked its token."),
        _ => {
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            format!("The scopes differ from those of {names}{more}, so LinkedIn may have revoked their tokens.")
        }
    })
}

/// Returns whether a profile may be of the member with this ID; without one, of any member that is known.
fn may_be_member(profile: &Profile, id: Option<&str>) -> bool {
    profile.member.as_ref().is_some_and(|member| id.is_none_or(|id| member.id == id))
}

/// Returns whether a profile has a token with other scopes that is not known to be invalid.
pub(crate) fn would_be_revoked(profile: &Profile, scopes: &[String], now: Timestamp) -> bool {
    let is_invalid = matches!(profile.status(now, 0), Status::Revoked | Status::Expired);
    !is_invalid && profile.token.as_ref().is_some_and(|token| !scopes::are_same(&token.scopes, scopes))
}

/// Returns whether two saved apps are one app of LinkedIn, whatever they are called here.
pub(crate) fn is_same_client(apps: &[App], left: &Name, right: &Name) -> bool {
    left == right || find_app(apps, right).is_some_and(|right| has_client_of(apps, left, right))
}

/// Returns whether the saved app `name` is `app`, which may not be saved yet.
pub(crate) fn has_client_of(apps: &[App], name: &Name, app: &App) -> bool {
    *name == app.name || find_app(apps, name).is_some_and(|saved| saved.client_id == app.client_id)
}

fn find_app<'a>(apps: &'a [App], name: &Name) -> Option<&'a App> {
    apps.iter().find(|app| app.name == *name)
}
