//! Saving a new token: on disk before its member is identified, and never over a different member's.

use super::flow::SignInFlow;
use super::owner::{Destination, TokenOwner, find_profile, resolve};
use super::siblings::{IssuedScopes, explain_lost_token, mark_revoked_profiles};
use super::types::{Event, Request, SignInOutcome};
use crate::flows::check::{find_known_member, identify_with_retry};
use crate::linkedin::scopes;
use crate::linkedin::userinfo::TOKEN_PROPAGATION;
use crate::oauth::exchange::IssuedToken;
use crate::session::Context;
use crate::store::{Check, Member, Name, Profile, ProfileStore, Token, Undecided, Verdict};
use crate::{Code, Result};

/// Saves the token where it belongs and identifies its member.
pub(super) async fn store_token(mut flow: SignInFlow<'_>, issued: IssuedToken) -> Result<SignInOutcome> {
    let (ctx, request) = (flow.ctx, flow.request);
    let subject = issued.subject.clone();
    let token = Token::from_issued(issued, &request.scopes, ctx.now());
    let missing_scopes = scopes::find_missing(&request.scopes, &token.scopes);
    let explain_loss = async |member: Option<&str>, error| {
        let issued = IssuedScopes { app: &request.app, scopes: &token.scopes, member, saved_as: None };
        explain_lost_token(ctx, issued, error).await
    };
    let (destination, saved) = loop {
        let stored = match flow.repeat_until_saved(async || find_profile(ctx, &request.profile).await).await {
            Ok(stored) => stored,
            Err(error) => return Err(explain_loss(subject.as_deref(), error).await),
        };
        let destination = match stored.and_then(|profile| profile.member) {
            // No member to confuse it with: the token is saved first.
            None => Destination {
                replaceable_member: subject.clone(),
                ..Destination::new(request.profile.clone(), TokenOwner::Unchanged)
            },
            Some(stored) => match resolve(&mut flow, &token, subject.as_deref(), &stored).await {
                Ok(destination) => destination,
                Err(error) if error.code == Code::DifferentMember => return Err(error),
                Err(error) => return Err(explain_loss(subject.as_deref(), error).await),
            },
        };
        match flow.repeat_until_saved(async || save(ctx, request, &destination, &token).await).await {
            Ok(Some(saved)) => break (destination, saved),
            // Another process signed a different member in to the profile meanwhile: where the token belongs is decided again.
            Ok(None) => {}
            Err(error) => {
                let member = match &destination.owner {
                    TokenOwner::Known(member) => Some(member.id.as_str()),
                    TokenOwner::Unknown | TokenOwner::Unchanged => subject.as_deref(),
                };
                return Err(explain_loss(member, error).await);
            }
        }
    };
    flow.emit(Event::TokenSaved { profile: saved.name.clone(), missing_scopes: missing_scopes.clone() });

    // The token is saved, and the sign-in has succeeded: later failures are only reported.
    let profile = match destination.owner {
        TokenOwner::Known(member) => {
            flow.emit(destination.identify_error.map_or_else(|| Event::MemberIdentified(member), Event::MemberUnknown));
            saved
        }
        TokenOwner::Unknown | TokenOwner::Unchanged => identify_saved(&flow, saved, &token, subject.as_deref()).await,
    };
    let member = profile.member.as_ref().map(|member| member.id.as_str());
    let issued = IssuedScopes { app: &request.app, scopes: &token.scopes, member, saved_as: Some(&profile.name) };
    let mut revoked_profiles = mark_revoked_profiles(ctx, issued).await;
    // Those that were marked before the user chose where the token is saved.
    for name in destination.revoked_profiles {
        if name != profile.name && !revoked_profiles.contains(&name) {
            revoked_profiles.push(name);
        }
    }
    if let Some(conflict) = destination.conflict {
        return Err(conflict);
    }
    let saved_in = ctx.store.profile_path(&profile.name).display().to_string();
    Ok(SignInOutcome { profile, missing_scopes, revoked_profiles, saved_in })
}

/// Identifies the member of a saved token and adds it to the profile; `subject` is the ID in the `id_token`.
async fn identify_saved(flow: &SignInFlow<'_>, saved: Profile, token: &Token, subject: Option<&str>) -> Profile {
    let now = flow.ctx.now();
    let (member, check, is_identified) = match identify_with_retry(flow.ctx, token, TOKEN_PROPAGATION).await {
        // LinkedIn named the member because the token is valid.
        Ok(member) => (Some(member), Some(Check::new(now, Verdict::Active)), true),
        Err(error) => {
            let is_restricted = error.code == Code::MemberRestricted;
            flow.emit(Event::MemberUnknown(error));
            // The id_token came straight from LinkedIn and names the member too.
            let member = match subject {
                Some(id) => Some(find_known_member(flow.ctx, id).await),
                None => None,
            };
            (member, is_restricted.then(|| Check::undecided(now, Undecided::Restricted)), false)
        }
    };
    if member.is_none() && check.is_none() {
        return saved;
    }
    match save_member(flow.ctx, &saved.name, token, (member.clone(), check)).await {
        Ok(profile) => {
            if let Some(member) = member.clone().filter(|_| is_identified) {
                flow.emit(Event::MemberIdentified(member));
            }
            // Another sign-in may have replaced the token meanwhile; its member is not that of this token.
            let is_replaced = profile.token.as_ref().is_none_or(|stored| stored.access != token.access);
            if is_replaced { Profile { member, ..saved } } else { profile }
        }
        Err(error) => {
            if let Some(member) = member.clone() {
                flow.emit(Event::MemberNotSaved { member, error });
            }
            Profile { member, ..saved }
        }
    }
}

/// Saves the member of a token and its check, unless the profile has a different token by now. Returns what is stored.
async fn save_member(
    ctx: &Context,
    name: &Name,
    token: &Token,
    (member, check): (Option<Member>, Option<Check>),
) -> Result<Profile> {
    let access = token.access.clone();
    ctx.update_profile(name, move |profile| {
        if profile.token.as_ref().is_some_and(|stored| stored.access == access) {
            profile.member = member.or_else(|| profile.member.take());
            profile.check = check.or(profile.check);
        }
        Ok(())
    })
    .await
}

/// Saves the token; `None` if the profile belongs to a different member by now: nothing is saved then.
async fn save(ctx: &Context, request: &Request, destination: &Destination, token: &Token) -> Result<Option<Profile>> {
    let (request, token) = (request.clone(), token.clone());
    let (name, owner) = (destination.profile.clone(), destination.owner.clone());
    let replaceable_member = destination.replaceable_member.clone();
    let check = match &destination.identify_error {
        Some(error) if error.code == Code::MemberRestricted => {
            Some(Check::undecided(token.issued_at, Undecided::Restricted))
        }
        // LinkedIn named the member because the token is valid.
        _ => destination.is_checked.then_some(Check::new(token.issued_at, Verdict::Active)),
    };
    let save = move |store: &ProfileStore| {
        store.save_app(&request.app)?;
        let new = Profile::new(name.clone(), request.app.name.clone(), request.scopes.clone());
        let mut is_different = false;
        let profile = store.create_or_update_profile(new, |profile| {
            is_different = profile.member.as_ref().is_some_and(|stored| {
                let is_owner = matches!(&owner, TokenOwner::Known(member) if member.id == stored.id);
                !is_owner && replaceable_member.as_ref() != Some(&stored.id)
            });
            if is_different {
                return;
            }
            profile.app.clone_from(&request.app.name);
            profile.scopes.clone_from(&request.scopes);
            if request.browser.is_some() {
                profile.browser.clone_from(&request.browser);
            }
            profile.token = Some(token);
            profile.check = check;
            // In the same write: a token is never saved with a different member.
            match owner {
                TokenOwner::Unchanged => {}
                TokenOwner::Unknown => profile.member = None,
                TokenOwner::Known(member) => profile.member = Some(member),
            }
            // The app may be a different one under the same name.
            drop(profile.stored_permissions.take_if(|found| found.client_id != request.app.client_id));
            profile.client_credentials = false;
        })?;
        if is_different {
            return Ok(None);
        }
        store.make_current_if_none(&name);
        Ok(Some(profile))
    };
    ctx.with_store(save).await
}
