//! Comments and reactions. A comment is sent once, and by the other API only after a response which means that it was
//! not published.

use jiff::SignedDuration;

use super::permissions::{self, Write};
use super::refresh::valid_token;
use super::token_retry::{error_code, is_refused, retry_if_token_refused};
use crate::linkedin::capabilities::{Capability, feed_scope};
use crate::linkedin::endpoints::REACTIONS;
use crate::linkedin::meanings::URNS_HINT;
use crate::linkedin::social::{self, CommentApi, CommentKey, NewComment, Reaction, Refusal};
use crate::linkedin::urn::{is_author_urn, is_page_urn, parse_comment_urn, parse_post_urn};
use crate::session::Context;
use crate::store::{Member, Name, Profile, WriteOutcome};
use crate::text::{sanitize, to_sentence};
use crate::{Code, Error, NextStep, Result};

/// What happens while a comment is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommentEvent {
    /// The comment is being sent: from now on it may be published.
    Sending,
    /// The app has no access to this API; the other one is tried.
    FallingBack(CommentApi),
}

/// A published comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commented {
    /// `urn:li:comment:(POST,ID)`, unless LinkedIn omitted it.
    pub urn: Option<String>,
    /// The URN of the post.
    pub post: String,
    /// The URL of the post.
    pub url: String,
    pub warnings: Vec<String>,
}

/// A reaction that was set, or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reacted {
    /// The URN of the post.
    pub post: String,
    /// The URN of the member or Page that reacted.
    pub actor: String,
    pub warnings: Vec<String>,
}

/// Finds the URN of a post in a URN or a link.
pub(crate) fn parse_post(text: &str) -> Result<String> {
    parse_post_urn(text).ok_or_else(|| {
        Error::bad_input(
            format!("{} does not name a post.", sanitize(text, 80)),
            "Expected a URN such as urn:li:share:7141138937766391808, or the link to a post.",
        )
    })
}

fn parse_comment(text: &str) -> Result<CommentKey> {
    let (post, id) = parse_comment_urn(text).ok_or_else(|| {
        Error::bad_input(
            format!("{} does not name a comment.", sanitize(text, 80)),
            "Expected a URN such as urn:li:comment:(urn:li:share:7141138937766391808,7141138937766391809), or the link \
             to a comment.",
        )
    })?;
    Ok(CommentKey { post, id })
}

/// Checks the text of a comment.
pub(crate) fn check_comment(text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::bad_input("The comment is empty.", "Add a text."));
    }
    Ok(())
}

/// Comments on `post`, a URN or a link, as the member or as the Page `actor`.
///
/// # Errors
/// `bad_input` before anything is sent; `not_permitted`, `refused`, `rate_limited` when LinkedIn refuses;
/// `maybe_published` without a response to the comment.
pub(crate) async fn comment(
    ctx: &Context,
    name: &Name,
    post: &str,
    text: &str,
    actor: Option<&str>,
    on_event: &dyn Fn(CommentEvent),
) -> Result<Commented> {
    let post = parse_post(post)?;
    check_comment(text)?;
    let (profile, actor) = prepare(ctx, name, actor).await?;
    let comment = NewComment { post: &post, actor: &actor, text };
    // If the list of outcomes can't be read, the default API is tried first.
    let last = permissions::last_write(ctx, &profile, Capability::Comment, &actor).unwrap_or_default();
    let refusal = |outcome: &Result<_, CommentFailure>| outcome.as_ref().err().map(|failed| failed.error.code);
    let sent = retry_if_token_refused(ctx, profile.clone(), refusal, async |profile: &Profile| {
        send_comment(ctx, profile, comment, last.as_ref(), on_event).await
    });
    match Box::pin(sent).await {
        Ok((urn, api)) => {
            let write = Write { is_accepted: true, api: api.path() };
            let saved = permissions::record_write(ctx, &profile, Capability::Comment, &actor, write).await;
            let url = ctx.endpoints.permalink(&post).into();
            Ok(Commented { urn, post, url, warnings: to_warnings(saved) })
        }
        Err(CommentFailure { error, refused_api }) => {
            if let Some(api) = refused_api {
                record_refusal(ctx, &profile, Capability::Comment, &actor, api.path()).await;
            }
            Err(explain(error, &profile, Capability::Comment, &actor))
        }
    }
}

/// Why a comment was not published, or may not have been.
struct CommentFailure {
    error: Error,
    /// The API whose refusal is saved, if the app has access to neither.
    refused_api: Option<CommentApi>,
}

impl From<Error> for CommentFailure {
    fn from(error: Error) -> Self {
        Self { error, refused_api: None }
    }
}

/// Sends a comment by the API that accepted the last one, else by the versioned one, and by the other one if the app has
/// no access there. If both refused the last comment, only the first is tried: its refusal names the product.
async fn send_comment(
    ctx: &Context,
    profile: &Profile,
    comment: NewComment<'_>,
    last: Option<&WriteOutcome>,
    on_event: &dyn Fn(CommentEvent),
) -> Result<(Option<String>, CommentApi), CommentFailure> {
    let api = ctx.api(profile.require_token()?);
    let send = async |by| {
        on_event(CommentEvent::Sending);
        social::create_comment(api, by, comment).await
    };
    let first = accepting_api(last);
    let has_fallback = last.is_none_or(|outcome| outcome.is_accepted);
    match send(first).await {
        Ok(urn) => Ok((urn, first)),
        Err(Refusal::NoApiAccess(refused)) if has_fallback => {
            on_event(CommentEvent::FallingBack(first.other()));
            match send(first.other()).await {
                Ok(urn) => Ok((urn, first.other())),
                // The refusal of the versioned API names a product, that of the legacy one does not.
                Err(Refusal::NoApiAccess(other)) => {
                    let error = if first == CommentApi::Versioned { refused } else { other };
                    Err(CommentFailure { error, refused_api: Some(CommentApi::Versioned) })
                }
                Err(Refusal::Other(error)) => Err(error.into()),
            }
        }
        // Known since both refused: saving it again would postpone the next attempt by the other API.
        Err(Refusal::NoApiAccess(error) | Refusal::Other(error)) => Err(error.into()),
    }
}

/// Returns the API that accepted the last comment, else the versioned one.
fn accepting_api(last: Option<&WriteOutcome>) -> CommentApi {
    let accepted = last.filter(|outcome| outcome.is_accepted);
    accepted.map(|outcome| CommentApi::from_path(&outcome.api)).unwrap_or_default()
}

/// Returns the API by which a comment of `actor` is sent first.
pub(crate) fn preferred_comment_api(ctx: &Context, profile: &Profile, actor: &str) -> CommentApi {
    // If the list of outcomes can't be read, the default API is tried first.
    accepting_api(permissions::last_write(ctx, profile, Capability::Comment, actor).unwrap_or_default().as_ref())
}

/// Changes the text of a comment of the member, or of the Page `actor`; without a text the comment is deleted, and an
/// already deleted one is a success. `comment` is a URN or a link. Returns the URN.
///
/// # Errors
/// As [`comment()`], but never `maybe_published`: both may be repeated.
pub(crate) async fn change_comment(
    ctx: &Context,
    name: &Name,
    comment: &str,
    text: Option<&str>,
    actor: Option<&str>,
) -> Result<String> {
    let comment = parse_comment(comment)?;
    text.map_or(Ok(()), check_comment)?;
    let (profile, actor) = prepare(ctx, name, actor).await?;
    let first = preferred_comment_api(ctx, &profile, &actor);
    let change = async |profile: &Profile| {
        let api = ctx.api(profile.require_token()?);
        let send = async |by| match text {
            Some(text) => social::update_comment(api, by, &comment, &actor, text).await,
            None => social::delete_comment(api, by, &comment, &actor).await,
        };
        match send(first).await {
            Err(refused) if refused.code == Code::NotPermitted => match send(first.other()).await {
                // The refusal of the versioned API names a product, that of the legacy one does not.
                Err(other) if other.code != Code::NotPermitted || first == CommentApi::Legacy => Err(other),
                Err(_) => Err(refused),
                Ok(()) => Ok(()),
            },
            outcome => outcome,
        }
    };
    let changed = Box::pin(retry_if_token_refused(ctx, profile.clone(), error_code, change)).await;
    changed.map(|()| comment.urn()).map_err(|error| explain(error, &profile, Capability::Comment, &actor))
}

/// Sets the reaction of the member, or of the Page `actor`, to `post`, a URN or a link; `None` deletes it.
///
/// # Errors
/// As [`comment`], but never `maybe_published`: a reaction may be set or deleted again.
pub(crate) async fn react(
    ctx: &Context,
    name: &Name,
    post: &str,
    reaction: Option<Reaction>,
    actor: Option<&str>,
) -> Result<Reacted> {
    let post = parse_post(post)?;
    let (profile, actor) = prepare(ctx, name, actor).await?;
    let send = async |profile: &Profile| {
        let api = ctx.api(profile.require_token()?);
        match reaction {
            Some(reaction) => social::react(api, &post, &actor, reaction).await,
            None => Ok(social::delete_reaction(api, &post, &actor).await?),
        }
    };
    let refusal = |outcome: &Result<(), Refusal>| outcome.as_ref().err().map(Refusal::code);
    let saved = match Box::pin(retry_if_token_refused(ctx, profile.clone(), refusal, send)).await {
        Ok(()) if reaction.is_some() => {
            let write = Write { is_accepted: true, api: REACTIONS };
            permissions::record_write(ctx, &profile, Capability::React, &actor, write).await
        }
        // A reaction that does not exist is deleted too, which proves nothing.
        Ok(()) => Ok(()),
        Err(Refusal::NoApiAccess(error)) => {
            record_refusal(ctx, &profile, Capability::React, &actor, REACTIONS).await;
            return Err(explain(error, &profile, Capability::React, &actor));
        }
        Err(Refusal::Other(error)) => return Err(explain(error, &profile, Capability::React, &actor)),
    };
    let mut warnings = to_warnings(saved);
    let (name, urn, of) = (name.clone(), post.clone(), actor.clone());
    let api_name = reaction.map(Reaction::api_name);
    let recorded = ctx.with_store(move |store| store.set_post_reaction(&name, &urn, &of, api_name)).await;
    // Both are in the same file.
    warnings
        .extend(to_warnings(recorded).into_iter().filter(|warning| !warnings.contains(warning)).collect::<Vec<_>>());
    Ok(Reacted { post, actor, warnings })
}

/// Returns the profile with a valid token, and the URN that acts: `actor`, else the profile's member.
pub(crate) async fn prepare(ctx: &Context, name: &Name, actor: Option<&str>) -> Result<(Profile, String)> {
    if let Some(actor) = actor.filter(|actor| !is_author_urn(actor)) {
        return Err(Error::bad_input(
            format!("{} is not the URN of a member or a Page.", sanitize(actor, 80)),
            "It is urn:li:organization:NUMBER for a Page, urn:li:person:ID for a member.",
        ));
    }
    let mut profile = Box::pin(valid_token(ctx, name, SignedDuration::ZERO)).await?;
    if let Some(actor) = actor {
        return Ok((profile, actor.to_owned()));
    }
    if profile.member.is_none() {
        profile = super::check::whoami(ctx, name).await.map_err(|error| explain_unknown_member(error, name))?;
    }
    let actor = profile.member.as_ref().map(Member::urn).unwrap_or_default();
    Ok((profile, actor))
}

fn explain_unknown_member(mut error: Error, name: &Name) -> Error {
    if error.code == Code::NotPermitted {
        error.message = format!("The token of profile {name} does not identify a member.");
        error.replace_hint("Sign in again with the scopes openid and profile.", Some(NextStep::SelectAuthor));
    } else if !is_refused(error.code) {
        error.message =
            format!("The member could not be identified, so nothing was sent. {}", to_sentence(&error.message));
    }
    error
}

/// Saves a refusal; a failure to save it is only logged.
async fn record_refusal(ctx: &Context, profile: &Profile, capability: Capability, actor: &str, api: &'static str) {
    let write = Write { is_accepted: false, api };
    if let Err(error) = permissions::record_write(ctx, profile, capability, actor, write).await {
        tracing::info!("the refusal was not saved: {}", error.code.as_str());
    }
}

fn to_warnings(saved: Result<()>) -> Vec<String> {
    saved.err().into_iter().map(|error| format!("LinkedIn's response could not be saved: {error}")).collect()
}

/// Adds what only a sign-in changes.
fn explain(error: Error, profile: &Profile, capability: Capability, actor: &str) -> Error {
    let refused = if capability == Capability::React { "the reaction" } else { "the comment" };
    let scope = feed_scope(Some(actor));
    let mut error = permissions::explain_missing_scope(error, profile, scope, (capability, refused));
    if error.hint == URNS_HINT {
        error.replace_hint("Check the URN of the post.", None);
    }
    if is_refused(error.code) {
        error.replace_hint("", Some(NextStep::SignIn { profile: profile.name.to_string() }));
    }
    error
}

/// Returns why LinkedIn may refuse a comment or a reaction, by the saved permissions and the scopes of the token.
pub(crate) fn refusal(profile: &Profile, capability: Capability, actor: Option<&str>) -> Option<String> {
    let is_page = actor.is_some_and(is_page_urn);
    let known = profile.permissions().and_then(|found| found.get(capability)).and_then(|permission| permission.allowed);
    match permissions::missing_scope(profile, feed_scope(actor)) {
        // LinkedIn accepted one without the scope.
        Some(_) if known == Some(true) && !is_page => None,
        Some(scope) => {
            let product = capability.product();
            Some(format!("The token lacks the scope {scope}, which comes with the {product}."))
        }
        None => refusal_by_permissions(profile, capability, actor),
    }
}

/// Returns why LinkedIn may refuse a comment or reaction, by the saved permissions; `None` for a Page, which they do
/// not cover.
pub(crate) fn refusal_by_permissions(profile: &Profile, capability: Capability, actor: Option<&str>) -> Option<String> {
    permissions::denial(profile, capability).filter(|_| !actor.is_some_and(is_page_urn))
}
