//! Sibling profiles: those of the same client ID and member, whatever the app is called here. After a sign-in with a scope set
//! that differs from the one granted before, LinkedIn revokes the member's earlier tokens for that app ("LinkedIn 3-Legged
//! OAuth Flow").

use jiff::Timestamp;

use super::types::Request;
use crate::Result;
use crate::linkedin::scopes;
use crate::session::Context;
use crate::store::{App, Check, Member, Name, Profile, ProfileStore, Verdict};

/// Marks as unknown the siblings of `fresh` whose tokens its sign-in may have revoked; deletes nothing. Returns their names.
///
/// Where userinfo did not name the member, the `id_token` does (`subject`).
pub(super) async fn mark_revoked_profiles(ctx: &Context, fresh: &Profile, subject: Option<String>) -> Vec<Name> {
    let (fresh, at) = (fresh.clone(), ctx.now());
    let marked = ctx.with_store(move |store| mark_in_store(store, &fresh, subject.as_deref(), at)).await;
    marked.unwrap_or_else(|error| {
        ctx.store.record_if_failed(Err(error));
        Vec::new()
    })
}

fn mark_in_store(store: &ProfileStore, fresh: &Profile, subject: Option<&str>, at: Timestamp) -> Result<Vec<Name>> {
    let member = fresh.member.as_ref().map(|member| member.id.as_str()).or(subject);
    let (Some(member), Some(token)) = (member, &fresh.token) else { return Ok(Vec::new()) };
    let mut marked = Vec::new();
    let apps = store.without_secrets().apps()?;
    for entry in store.without_secrets().profiles()? {
        let Ok(other) = entry.profile else { continue };
        let is_same_grant = is_same_client(&apps, &other.app, &fresh.app)
            && other.name != fresh.name
            && other.member.as_ref().is_some_and(|other_member| other_member.id == member);
        if is_same_grant && other.token.as_ref().is_some_and(|stored| !scopes::are_same(&stored.scopes, &token.scopes))
        {
            let saved = store.update_profile(&other.name, |profile| {
                profile.check = Some(Check { at, verdict: Verdict::Unknown });
                Ok(())
            });
            // A token that may be revoked is listed, whether or not the mark could be saved.
            store.record_if_failed(saved.map(drop));
            marked.push(other.name);
        }
    }
    Ok(marked)
}

/// Returns those of `profiles`, the one that is signed in included, whose tokens LinkedIn may revoke at the sign-in. The
/// member of a new profile is unknown before: it may be any member of the app.
pub fn find_revoked_profiles<'a>(
    request: &Request,
    apps: &[App],
    profiles: impl Iterator<Item = &'a Profile> + Clone,
) -> Vec<Name> {
    let member =
        profiles.clone().find(|profile| profile.name == request.profile).and_then(|profile| profile.member.as_ref());
    profiles
        .filter(|other| {
            let may_be_same = |other_member: &Member| member.is_none_or(|member| other_member.id == member.id);
            has_client_of(apps, &other.app, &request.app)
                && other.member.as_ref().is_some_and(may_be_same)
                && other.token.as_ref().is_some_and(|stored| !scopes::are_same(&stored.scopes, &request.scopes))
        })
        .map(|other| other.name.clone())
        .collect()
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
