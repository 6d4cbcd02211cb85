//! Sibling profiles: those of the same client ID and member, whatever the app is called here. A scope set that differs from the one granted before invalidates the member's
//! earlier tokens for that app ("LinkedIn 3-Legged OAuth Flow").

use jiff::Timestamp;

use super::types::Request;
use crate::Result;
use crate::linkedin::scopes;
use crate::session::Context;
use crate::store::{App, Check, Member, Name, Profile, ProfileStore, Verdict};

/// Marks the profiles whose tokens `fresh` may have invalidated as unknown; deletes nothing. Returns their names.
///
/// Where userinfo did not name the member, the `id_token` does (`subject`).
pub(super) async fn mark_siblings(ctx: &Context, fresh: &Profile, subject: Option<String>) -> Vec<Name> {
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
    let client_id = client_id_of(&apps, &fresh.app);
    for entry in store.without_secrets().profiles()? {
        let Ok(other) = entry.profile else { continue };
        let is_same_app = other.app == fresh.app || client_id.is_some() && client_id_of(&apps, &other.app) == client_id;
        let is_same_grant = is_same_app
            && other.name != fresh.name
            && other.member.as_ref().is_some_and(|other_member| other_member.id == member);
        if is_same_grant && other.token.as_ref().is_some_and(|stored| !scopes::are_same(&stored.scopes, &token.scopes))
        {
            let saved = store.update_profile(&other.name, |profile| {
                profile.check = Some(Check { at, verdict: Verdict::Unknown });
                Ok(())
            });
            // Its token is invalid, so it is listed, whether or not that could be saved.
            store.record_if_failed(saved.map(drop));
            marked.push(other.name);
        }
    }
    Ok(marked)
}

/// Returns those of `profiles`, the one that is signed in included, whose tokens the sign-in may invalidate. The member
/// of a new profile is unknown before: it may be any member of the app.
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
            let is_same_app =
                other.app == request.app.name || client_id_of(apps, &other.app) == Some(request.app.client_id.as_str());
            is_same_app
                && other.member.as_ref().is_some_and(may_be_same)
                && other.token.as_ref().is_some_and(|stored| !scopes::are_same(&stored.scopes, &request.scopes))
        })
        .map(|other| other.name.clone())
        .collect()
}

/// Returns the client ID of a saved app.
fn client_id_of<'a>(apps: &'a [App], name: &Name) -> Option<&'a str> {
    apps.iter().find(|app| app.name == *name).map(|app| app.client_id.as_str())
}
