//! Keeping a fresh token: save before asking who it is, and never over a different member's.

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{Command, Event, EventSink, Issued, MemberMismatch, Outcome, Request, token_of};
use crate::flows::check::userinfo_named_with_retry;
use crate::linkedin::scopes;
use crate::linkedin::userinfo::TOKEN_PROPAGATION;
use crate::session::Context;
use crate::store::{Check, Member, Name, Profile, Store, Token, Verdict};
use crate::{Code, Error, Result};

/// Saves the token where it belongs and says who it is.
pub(super) async fn token(
    ctx: &Context,
    request: &Request,
    issued: Issued,
    tell: EventSink<'_>,
    commands: &mut UnboundedReceiver<Command>,
) -> Result<Outcome> {
    let subject = issued.subject.clone();
    let token = token_of(issued, &request.scopes, ctx.now());
    let missing = scopes::missing(&request.scopes, &token.scopes);
    let stored = until_it_works(tell, commands, async || existing(ctx, &request.profile).await).await?;
    let stored = stored.and_then(|profile| profile.member);

    let (name, resolve_owner) = match stored {
        // Nobody to be mixed up with: the token is safe on disk first.
        None => (request.profile.clone(), TokenOwner::AsBefore),
        Some(stored) => resolve_owner(ctx, request, &token, subject.as_deref(), &stored, tell, commands).await?,
    };
    let mut profile =
        until_it_works(tell, commands, async || write(ctx, request, &name, &token, &resolve_owner).await).await?;
    tell(Event::TokenSaved { profile: name.clone(), missing: missing.clone() });

    // The token is saved, and the sign-in has succeeded: what fails from here on is a remark.
    let known = if let TokenOwner::Known(member) = &resolve_owner { Some(member.clone()) } else { None };
    let member = match &known {
        Some(found) => Ok(found.clone()),
        None => identify(ctx, &token).await,
    };
    match member {
        Ok(member) if known.is_some() => tell(Event::MemberIdentified(member)),
        Ok(member) => {
            profile.member = Some(member.clone());
            match save_member(ctx, &name, &token, member.clone()).await {
                Ok(saved) => {
                    profile = saved;
                    tell(Event::MemberIdentified(member));
                }
                Err(error) => tell(Event::MemberNotSaved { member, error }),
            }
        }
        Err(error) => tell(Event::MemberUnknown(error)),
    }
    let siblings = mark_siblings(ctx, &profile, subject).await;
    let saved_in = ctx.store.profile_path(&name).display().to_string();
    Ok(Outcome { profile, missing, siblings, saved_in })
}

/// Whose a token is, as far as that is known before it is saved.
#[derive(Clone)]
enum TokenOwner {
    /// The member's who is told when it is known.
    Known(Member),
    /// Nobody can tell, so the profile is nobody's either.
    Nobodys,
    /// There is nothing to say against the member of the profile.
    AsBefore,
}

/// Saves whose the token is, unless another one is there by now.
async fn save_member(ctx: &Context, name: &Name, token: &Token, member: Member) -> Result<Profile> {
    let (name, access) = (name.clone(), token.access.clone());
    let save = move |profile: &mut Profile| {
        if profile.token.as_ref().is_some_and(|own| own.access == access) {
            profile.member = Some(member);
        }
        Ok(())
    };
    ctx.on_disk(move |store| store.update_profile(&name, save)).await.map(|(profile, ())| profile)
}

async fn existing(ctx: &Context, name: &Name) -> Result<Option<Profile>> {
    let name = name.clone();
    match ctx.on_disk(move |store| store.profile(&name)).await {
        Ok(profile) => Ok(Some(profile)),
        Err(error) if error.code == Code::NoSuchProfile => Ok(None),
        Err(error) => Err(error),
    }
}

async fn identify(ctx: &Context, token: &Token) -> Result<Member> {
    userinfo_named_with_retry(ctx, token, TOKEN_PROPAGATION).await
}

/// Where a re-authorization's token goes, and whose it is, if that could be learnt.
async fn resolve_owner(
    ctx: &Context,
    request: &Request,
    token: &Token,
    subject: Option<&str>,
    stored: &Member,
    tell: EventSink<'_>,
    commands: &mut UnboundedReceiver<Command>,
) -> Result<(Name, TokenOwner)> {
    let found = match identify(ctx, token).await {
        Ok(found) => found,
        // The id_token came straight from LinkedIn and names the member too.
        Err(_) if subject == Some(stored.id.as_str()) => stored.clone(),
        Err(error) => match subject {
            Some(other) => Member { id: other.to_owned(), name: None, email: None },
            None => return nobodys(ctx, request, &error, tell).await,
        },
    };
    if found.id == stored.id {
        return Ok((request.profile.clone(), TokenOwner::Known(found)));
    }
    tell(Event::DifferentMember { stored: stored.clone(), found: found.clone() });
    let choice = match &request.on_member_mismatch {
        Some(choice) => choice.clone(),
        None => choose(commands).await.unwrap_or(MemberMismatch::Discard),
    };
    match choice {
        MemberMismatch::Replace => Ok((request.profile.clone(), TokenOwner::Known(found))),
        MemberMismatch::KeepAs(name) => {
            if let Some(taken) =
                existing(ctx, &name).await?.and_then(|profile| profile.member).filter(|own| own.id != found.id)
            {
                return Err(Error::new(
                    Code::DifferentMember,
                    format!("The profile {name} belongs to {} already.", taken.urn()),
                    "Sign in again and choose another name.",
                ));
            }
            Ok((name, TokenOwner::Known(found)))
        }
        MemberMismatch::Discard => Err(Error::new(
            Code::DifferentMember,
            format!(
                "A different member signed in than the profile {} belongs to ({} instead of {}). Nothing was changed.",
                request.profile,
                found.urn(),
                stored.urn()
            ),
            format!(
                "LinkedIn uses whoever is signed in in that browser: sign out there, or give the profile a browser of its \
                 own (--browser). To keep both: linkedin-tui login {} --on-member-mismatch new:NAME",
                request.profile
            ),
        )),
    }
}

/// Where a token goes that may be anybody's: beside the profile of a known member, never over it unless that was asked for.
async fn nobodys(ctx: &Context, request: &Request, error: &Error, tell: EventSink<'_>) -> Result<(Name, TokenOwner)> {
    match &request.on_member_mismatch {
        // Without its member the profile claims nothing.
        Some(MemberMismatch::Replace) => Ok((request.profile.clone(), TokenOwner::Nobodys)),
        Some(MemberMismatch::KeepAs(name))
            if existing(ctx, name).await?.is_none_or(|profile| profile.member.is_none()) =>
        {
            Ok((name.clone(), TokenOwner::AsBefore))
        }
        _ => {
            let beside = free_name(ctx, &format!("{}-unverified", request.profile)).await?;
            tell(Event::MemberUnknown(Error::new(
                error.code,
                format!(
                    "{error} The token may be a different member's than {}'s, so it is saved as {beside}.",
                    request.profile
                ),
                format!(
                    "Ask for the scopes openid and profile, or replace it all the same: linkedin-tui login {} \
                     --on-member-mismatch replace",
                    request.profile
                ),
            )));
            Ok((beside, TokenOwner::AsBefore))
        }
    }
}

async fn choose(commands: &mut UnboundedReceiver<Command>) -> Option<MemberMismatch> {
    loop {
        if let Command::Choose(choice) = commands.recv().await? {
            return Some(choice);
        }
    }
}

async fn free_name(ctx: &Context, wanted: &str) -> Result<Name> {
    let taken = ctx.on_disk(Store::profile_names).await?;
    for number in 1..1000 {
        let name =
            Name::suggest(&if number == 1 { wanted.to_owned() } else { format!("{wanted}-{number}") }, "unverified");
        if !taken.contains(&name) {
            return Ok(name);
        }
    }
    Err(Error::new(Code::Files, "There is no free profile name left.", "Delete some profiles."))
}

/// Works on the files with a token in memory that LinkedIn does not issue again: a failure is reported, and the token waits for
/// another try.
async fn until_it_works<T>(
    tell: EventSink<'_>,
    commands: &mut UnboundedReceiver<Command>,
    mut work: impl AsyncFnMut() -> Result<T>,
) -> Result<T> {
    loop {
        let error = match work().await {
            Err(error) => error,
            done => return done,
        };
        tell(Event::SaveFailed(error.clone()));
        loop {
            match commands.recv().await {
                Some(Command::SaveAgain) => break,
                Some(_) => {}
                None => return Err(error),
            }
        }
    }
}

/// Saves app and profile.
async fn write(
    ctx: &Context,
    request: &Request,
    name: &Name,
    token: &Token,
    resolve_owner: &TokenOwner,
) -> Result<Profile> {
    let (request, name, token, resolve_owner) = (request.clone(), name.clone(), token.clone(), resolve_owner.clone());
    let save = move |store: &Store| {
        store.put_app(&request.app)?;
        let new = Profile::new(name.clone(), request.app.name.clone(), request.scopes.clone());
        let profile = store.put_profile(new, |profile| {
            profile.app.clone_from(&request.app.name);
            profile.scopes.clone_from(&request.scopes);
            if request.browser.is_some() {
                profile.browser.clone_from(&request.browser);
            }
            profile.token = Some(token);
            profile.check = None;
            // In the same write: a token never stands under a different member's name.
            match resolve_owner {
                TokenOwner::AsBefore => {}
                TokenOwner::Nobodys => profile.member = None,
                TokenOwner::Known(member) => profile.member = Some(member),
            }
            // The app may be another one under the same name.
            drop(profile.found_permissions.take_if(|found| found.client_id != request.app.client_id));
            profile.client_credentials = false;
        })?;
        store.make_current_if_none(&name);
        Ok(profile)
    };
    ctx.on_disk(save).await
}

/// A scope set that differs from the one granted before ends the member's earlier tokens for that
/// app ("LinkedIn 3-Legged OAuth Flow"): the sibling profiles are marked, nothing is deleted.
///
/// Where userinfo did not say who it is, the `id_token` does (`subject`).
async fn mark_siblings(ctx: &Context, fresh: &Profile, subject: Option<String>) -> Vec<Name> {
    let (fresh, at) = (fresh.clone(), ctx.now());
    let marked = ctx.on_disk(move |store| marked_siblings(store, &fresh, subject.as_deref(), at)).await;
    marked.unwrap_or_else(|error| {
        ctx.store.note_failed(Err(error));
        Vec::new()
    })
}

fn marked_siblings(store: &Store, fresh: &Profile, subject: Option<&str>, at: Timestamp) -> Result<Vec<Name>> {
    let member = fresh.member.as_ref().map(|member| member.id.as_str()).or(subject);
    let (Some(member), Some(token)) = (member, &fresh.token) else { return Ok(Vec::new()) };
    let mut marked = Vec::new();
    for entry in store.without_secrets().profiles()? {
        let Ok(other) = entry.profile else { continue };
        let same_grant = other.app == fresh.app
            && other.name != fresh.name
            && other.member.as_ref().is_some_and(|own| own.id == member);
        if same_grant && other.token.as_ref().is_some_and(|own| !scopes::same(&own.scopes, &token.scopes)) {
            let saved = store.update_profile(&other.name, |profile| {
                profile.check = Some(Check { at, verdict: Verdict::Unknown });
                Ok(())
            });
            // Its token is as dead, and the new one is no worse for it: the person is told to check it all the same.
            store.note_failed(saved.map(drop));
            marked.push(other.name);
        }
    }
    Ok(marked)
}

/// Those of `profiles`, the one that is signed in too, whose tokens the sign-in would end wherever they are in use, so far as this
/// machine knows: told before the browser opens. Who will sign in to a new profile is not known: any member of the app's.
pub fn endangered<'a>(request: &Request, profiles: impl Iterator<Item = &'a Profile> + Clone) -> Vec<Name> {
    let member = profiles.clone().find(|one| one.name == request.profile).and_then(|one| one.member.as_ref());
    profiles
        .filter(|other| {
            let may_be = |own: &Member| member.is_none_or(|member| own.id == member.id);
            other.app == request.app.name
                && other.member.as_ref().is_some_and(may_be)
                && other.token.as_ref().is_some_and(|own| !scopes::same(&own.scopes, &request.scopes))
        })
        .map(|other| other.name.clone())
        .collect()
}
