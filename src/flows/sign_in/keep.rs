//! Keeping a fresh token: save before asking who it is, and never over another member's.

use tokio::sync::mpsc::UnboundedReceiver;

use super::{Command, Event, Issued, OtherMember, Outcome, Request, Tell, token_of};
use crate::flows::Context;
use crate::flows::check::named_patiently;
use crate::linkedin::scopes;
use crate::linkedin::userinfo::PROPAGATION;
use crate::profile::{Check, Member, Name, Profile, Token, Verdict};
use crate::{Code, Error, Result};

/// Saves the token where it belongs and says who it is.
pub(super) async fn token(
    ctx: &Context,
    request: &Request,
    issued: Issued,
    tell: Tell<'_>,
    commands: &mut UnboundedReceiver<Command>,
) -> Result<Outcome> {
    let subject = issued.subject.clone();
    let token = token_of(issued, &request.scopes, ctx.now());
    let missing = scopes::missing(&request.scopes, &token.scopes);
    let stored = existing(ctx, &request.profile)?.and_then(|profile| profile.member);

    let (name, known) = match stored {
        // Nobody to be mixed up with: the token is safe on disk first.
        None => (request.profile.clone(), None),
        Some(stored) => whose(ctx, request, &token, subject.as_deref(), &stored, tell, commands).await?,
    };
    save(ctx, request, &name, &token, tell, commands).await?;
    tell(Event::TokenSaved { profile: name.clone(), missing: missing.clone() });

    let member = match known {
        Some(found) => Ok(found),
        None => identify(ctx, &token).await,
    };
    match member {
        Ok(member) => {
            let (_, ()) = ctx.store.update_profile(&name, |profile| {
                profile.member = Some(member.clone());
                Ok(())
            })?;
            tell(Event::MemberIdentified(member));
        }
        Err(error) => tell(Event::MemberUnknown(error)),
    }
    let profile = ctx.store.profile(&name)?;
    let siblings = mark_siblings(ctx, &profile, subject.as_deref())?;
    let saved_in = ctx.store.profile_path(&name).display().to_string();
    Ok(Outcome { profile, missing, siblings, saved_in })
}

fn existing(ctx: &Context, name: &Name) -> Result<Option<Profile>> {
    match ctx.store.profile(name) {
        Ok(profile) => Ok(Some(profile)),
        Err(error) if error.code == Code::NoSuchProfile => Ok(None),
        Err(error) => Err(error),
    }
}

async fn identify(ctx: &Context, token: &Token) -> Result<Member> {
    named_patiently(ctx, token, PROPAGATION).await
}

/// Where a re-authorization's token goes, and whose it is, if that could be learnt.
async fn whose(
    ctx: &Context,
    request: &Request,
    token: &Token,
    subject: Option<&str>,
    stored: &Member,
    tell: Tell<'_>,
    commands: &mut UnboundedReceiver<Command>,
) -> Result<(Name, Option<Member>)> {
    let found = match identify(ctx, token).await {
        Ok(found) => found,
        // The id_token came straight from LinkedIn and names the member too.
        Err(_) if subject == Some(stored.id.as_str()) => stored.clone(),
        Err(error) => match subject {
            Some(other) => Member { id: other.to_owned(), name: None, email: None },
            None => return nobodys(ctx, request, &error, tell),
        },
    };
    if found.id == stored.id {
        return Ok((request.profile.clone(), Some(found)));
    }
    tell(Event::OtherMember { stored: stored.clone(), found: found.clone() });
    let choice = match &request.on_other_member {
        Some(choice) => choice.clone(),
        None => choose(commands).await.unwrap_or(OtherMember::Discard),
    };
    match choice {
        OtherMember::Replace => Ok((request.profile.clone(), Some(found))),
        OtherMember::KeepAs(name) => {
            if let Some(taken) =
                existing(ctx, &name)?.and_then(|profile| profile.member).filter(|own| own.id != found.id)
            {
                return Err(Error::new(
                    Code::OtherMember,
                    format!("The profile {name} belongs to {} already.", taken.urn()),
                    "Sign in again and choose another name.",
                ));
            }
            Ok((name, Some(found)))
        }
        OtherMember::Discard => Err(Error::new(
            Code::OtherMember,
            format!(
                "Another member signed in than the profile {} belongs to ({} instead of {}). Nothing was changed.",
                request.profile,
                found.urn(),
                stored.urn()
            ),
            format!(
                "LinkedIn uses whoever is signed in in that browser: sign out there, or give the profile a browser of its \
                 own (--browser). To keep both: linkedin-tui login {} --on-other-member new:NAME",
                request.profile
            ),
        )),
    }
}

/// Where a token goes that may be anybody's: beside the profile of a known member, never over it unless that was asked for.
fn nobodys(ctx: &Context, request: &Request, error: &Error, tell: Tell<'_>) -> Result<(Name, Option<Member>)> {
    match &request.on_other_member {
        Some(OtherMember::Replace) => {
            // Nobody knows whose it is from now on; without its member the profile claims nothing.
            ctx.store.update_profile(&request.profile, |profile| {
                profile.member = None;
                Ok(())
            })?;
            Ok((request.profile.clone(), None))
        }
        Some(OtherMember::KeepAs(name)) if existing(ctx, name)?.is_none_or(|profile| profile.member.is_none()) => {
            Ok((name.clone(), None))
        }
        _ => {
            let beside = free_name(ctx, &format!("{}-unverified", request.profile))?;
            tell(Event::MemberUnknown(Error::new(
                error.code,
                format!(
                    "{error} The token may be another member's than {}'s, so it is saved as {beside}.",
                    request.profile
                ),
                format!(
                    "Ask for the scopes openid and profile, or replace it all the same: linkedin-tui login {} \
                     --on-other-member replace",
                    request.profile
                ),
            )));
            Ok((beside, None))
        }
    }
}

async fn choose(commands: &mut UnboundedReceiver<Command>) -> Option<OtherMember> {
    loop {
        if let Command::Choose(choice) = commands.recv().await? {
            return Some(choice);
        }
    }
}

fn free_name(ctx: &Context, wanted: &str) -> Result<Name> {
    let taken = ctx.store.profile_names()?;
    for number in 1..1000 {
        let name =
            Name::suggest(&if number == 1 { wanted.to_owned() } else { format!("{wanted}-{number}") }, "unverified");
        if !taken.contains(&name) {
            return Ok(name);
        }
    }
    Err(Error::new(Code::Files, "There is no free profile name left.", "Delete some profiles."))
}

/// Saves app and profile; a failure is told, and the token stays in memory for another try.
async fn save(
    ctx: &Context,
    request: &Request,
    name: &Name,
    token: &Token,
    tell: Tell<'_>,
    commands: &mut UnboundedReceiver<Command>,
) -> Result<()> {
    loop {
        match write(ctx, request, name, token) {
            Ok(()) => return Ok(()),
            Err(error) => {
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
    }
}

fn write(ctx: &Context, request: &Request, name: &Name, token: &Token) -> Result<()> {
    ctx.store.put_app(&request.app)?;
    let new = Profile::new(name.clone(), request.app.name.clone(), request.scopes.clone());
    ctx.store.put_profile(new, |profile| {
        profile.app.clone_from(&request.app.name);
        profile.scopes.clone_from(&request.scopes);
        if request.browser.is_some() {
            profile.browser.clone_from(&request.browser);
        }
        profile.token = Some(token.clone());
        profile.check = None;
        // The app may be another one under the same name.
        drop(profile.found_permissions.take_if(|found| found.client_id != request.app.client_id));
        profile.two_legged = false;
    })?;
    // A damaged state.toml costs what is in it, not what is saved already.
    if matches!(ctx.store.active(), Ok(None)) {
        ctx.store.set_active(Some(name))?;
    }
    Ok(())
}

/// A scope set that differs from the one granted before ends the member's earlier tokens for that
/// app ("LinkedIn 3-Legged OAuth Flow"): the sibling profiles are marked, nothing is deleted.
///
/// Where userinfo did not say who it is, the `id_token` does (`subject`).
fn mark_siblings(ctx: &Context, fresh: &Profile, subject: Option<&str>) -> Result<Vec<Name>> {
    let member = fresh.member.as_ref().map(|member| member.id.as_str()).or(subject);
    let (Some(member), Some(token)) = (member, &fresh.token) else { return Ok(Vec::new()) };
    let mut marked = Vec::new();
    for entry in ctx.store.outline().profiles()? {
        let Ok(other) = entry.profile else { continue };
        let same_grant = other.app == fresh.app
            && other.name != fresh.name
            && other.member.as_ref().is_some_and(|own| own.id == member);
        if same_grant && other.token.as_ref().is_some_and(|own| !scopes::same(&own.scopes, &token.scopes)) {
            let at = ctx.now();
            let saved = ctx.store.update_profile(&other.name, |profile| {
                profile.check = Some(Check { at, verdict: Verdict::Unknown });
                Ok(())
            });
            if let Err(error) = saved {
                // Its token is as dead, and the new one is no worse for it: the person is told to check it all the same.
                tracing::info!("{} could not be marked: {}", other.name, error.code.as_str());
            }
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
