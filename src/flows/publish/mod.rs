//! Publishing a post: check it, upload its images, send it once, save it in the list of recent posts. A post is never
//! sent again unless it is certain that LinkedIn did not publish it.

mod attempt;
mod checked_draft;
mod first_comment;
mod image_completeness;
mod images;
mod link_preview;
mod media;
mod mentions;
mod mp4;
mod pdf;
mod plan;
mod png;
#[cfg(feature = "mcp")]
mod preview;
mod send;
mod types;
mod uploads;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

pub(crate) use first_comment::add_first_comment;
pub(crate) use link_preview::{add_link_metadata, is_saved_picture, preview_link};
pub use mentions::MentionName;
pub(crate) use mentions::{KnownName, NameSource, list_mention_names, load_known_names, resolve_mentions};
pub(crate) use plan::{PlannedRequest, plan};
pub use png::PixelPreview;
#[cfg(feature = "mcp")]
pub(crate) use preview::preview;
pub(crate) use types::EventSink;
pub use types::{
    Attachment, Document, DocumentSource, Draft, Event, FileInfo, FileRole, FirstComment, Link, Mentions, Published,
    Video,
};

use self::attempt::Attempt;
use self::checked_draft::CheckedDraft;
pub(crate) use self::checked_draft::MAX_DESCRIPTION_CHARS;
use self::media::LoadedMedia;
pub(crate) use self::media::{carousel_problem, inspect_file};
use self::send::{PublishFailure, Publisher, first_api, is_member};
use super::pages::MAX_DETAILED_PAGES;
use super::permissions::{self, Write};
use super::refresh::valid_token;
use super::token_retry::{error_code, is_refused, retry_if_token_refused};
use crate::linkedin::capabilities::{Capability, post_scope};
use crate::linkedin::endpoints::{POSTS, UGC_POSTS};
use crate::linkedin::meanings::URNS_HINT;
use crate::linkedin::organizations::{self, Organization};
use crate::linkedin::urn::is_urn;
use crate::linkedin::{little_text, posts, urn};
use crate::session::Context;
use crate::store::{Member, Name, Profile, PublishedPost, first_line};
use crate::text::{sanitize, to_sentence};
use crate::{Code, Error, NextStep, Result};

/// Checks a draft without sending anything.
pub(crate) fn check(draft: &Draft) -> Result<()> {
    CheckedDraft::new(draft).map(drop)
}

/// Publishes a post and saves it in the profile's list. A text that is already published is a success too. Mentions
/// without a URN are resolved with the names that any profile knows.
///
/// # Errors
/// `bad_input` before anything is sent; `signed_out`, `expired`, `revoked` when only a sign-in helps; `not_permitted`,
/// `refused`, `rate_limited` when LinkedIn refuses; `maybe_published` without a response to the post itself; `network` or
/// `server_error` before that.
pub async fn publish(ctx: &Context, name: &Name, draft: Draft, on_event: EventSink) -> Result<Published> {
    let ctx = &ctx.with_pinned_version();
    CheckedDraft::new(&draft).map_err(|error| with_pages_for_invalid_author(error, ctx, name, &draft))?;
    let media = load_media(draft.attachment.clone()).await?;
    let typed = draft.clone();
    let (draft, warnings) = Box::pin(resolve_mentions(ctx, name, draft, NameSource::AllProfiles)).await?;
    let checked = CheckedDraft::new(&draft)?;
    let profile = Box::pin(valid_token(ctx, name, SignedDuration::ZERO)).await?;
    let (profile, author) = Box::pin(resolve_author(ctx, profile, &draft)).await?;
    let attachment = describe_attachment(&typed.attachment).await;
    let record = to_saved_post(&typed, &author, &attachment, ctx.now());
    if let Some(at) = find_earlier_attempt(ctx, name, &record).await {
        on_event(Event::MaybePublished(at));
    }
    let attempt = Attempt::load(ctx, name, &record).await;

    let refusal = |outcome: &Result<Published, PublishFailure>| outcome.as_ref().err().map(|failed| failed.error.code);
    let sent = retry_if_token_refused(ctx, profile.clone(), refusal, async |profile: &Profile| {
        let files = (&media, &attempt);
        send_post(ctx, profile, &author, (&draft, &checked), files, &on_event).await
    });
    let mut published = match Box::pin(sent).await {
        Ok(published) => published,
        Err(PublishFailure { error, refused_api }) => {
            if let Some(api) = refused_api
                && let Err(error) = record_write(ctx, &profile, &author, Write { is_accepted: false, api }).await
            {
                tracing::info!("the refusal was not saved: {}", error.code.as_str());
            }
            return Err(attempt.warn_if_unrecorded(explain_refusal(error, &profile, &draft, &author)));
        }
    };
    published.warnings.extend(warnings);
    // A duplicate of a post whose response was lost is that post.
    if !published.is_duplicate || attempt.was_maybe_published() && published.urn.is_some() {
        let urn = published.urn.clone();
        let post = PublishedPost { urn, ..to_saved_post(&draft, &author, &attachment, published.at) };
        let api = if published.is_legacy { UGC_POSTS } else { POSTS };
        let owned_name = name.clone();
        let saved = ctx.with_store(move |store| store.save_post(&owned_name, &post)).await;
        let saved = match saved {
            Ok(()) => record_write(ctx, &profile, &author, Write { is_accepted: true, api }).await,
            saved => saved,
        };
        if let Err(error) = saved {
            // The post is published, whether or not it could be saved.
            published.warnings.push(format!("The post could not be saved in the list of recent posts: {error}"));
        }
    }
    attempt.delete_record_as_published().await;
    Ok(published)
}

/// Adds the Pages that can be the author to the error about an invalid author.
fn with_pages_for_invalid_author(error: Error, ctx: &Context, name: &Name, draft: &Draft) -> Error {
    let is_invalid = draft.author.as_deref().is_some_and(|author| !is_urn(author));
    match ctx.store.without_secrets().profile(name) {
        Ok(profile) if is_invalid => with_pages(error, &profile),
        _ => error,
    }
}

fn with_pages(mut error: Error, profile: &Profile) -> Error {
    if let Some(pages) = permissions::postable_pages(profile) {
        error.hint = format!("{} Pages that the profile {} can post as: {pages}.", error.hint, profile.name);
    }
    error
}

async fn record_write(ctx: &Context, profile: &Profile, author: &str, write: Write) -> Result<()> {
    let capability = if is_member(author) { Capability::PostAsMember } else { Capability::PostAsPage };
    permissions::record_write(ctx, profile, capability, author, write).await
}

/// Changes the text of a published post. LinkedIn changes neither its visibility nor what is attached. Returns warnings.
///
/// # Errors
/// As [`publish`], but never `maybe_published`: an edit may be repeated.
pub async fn edit(ctx: &Context, name: &Name, urn: &str, text: &str, mentions: Mentions) -> Result<Vec<String>> {
    let urn = &parse_post_urn(urn)?;
    // A post that has an attachment may have no text, but an edit to nothing is a mistake.
    let draft = Draft { text: text.to_owned(), mentions, ..Draft::default() };
    check(&draft)?;
    let (draft, warnings) = Box::pin(resolve_mentions(ctx, name, draft, NameSource::AllProfiles)).await?;
    let commentary = CheckedDraft::new(&draft)?.commentary;
    let profile = valid_token(ctx, name, SignedDuration::ZERO).await?;
    let update = async |profile: &Profile| posts::update(ctx.api(profile.require_token()?), urn, &commentary).await;
    retry_if_token_refused(ctx, profile, error_code, update).await?;
    let (name, urn, text, now) = (name.clone(), urn.to_owned(), draft.text, ctx.now());
    // The post is changed: a failure to save that is only a warning.
    ctx.with_store(move |store| {
        store.record_if_failed(store.set_post_text(&name, &urn, &text, now));
        Ok(warnings)
    })
    .await
}

/// Searches the author's newest posts for a post that may have been published, and saves it if it is found. Nothing is
/// published.
///
/// # Errors
/// `not_permitted` where the token may not read posts, which is usual.
pub async fn find_published(ctx: &Context, name: &Name, draft: &Draft) -> Result<Option<Published>> {
    let profile = valid_token(ctx, name, SignedDuration::ZERO).await?;
    let (profile, author) = Box::pin(resolve_author(ctx, profile, draft)).await?;
    let attachment = describe_attachment(&draft.attachment).await;
    let record = to_saved_post(draft, &author, &attachment, ctx.now());
    let found = Box::pin(find_recorded(ctx, name, &profile, &record, draft.mentions)).await?;
    Ok(found.map(|urn| Published {
        url: Some(ctx.endpoints.permalink(&urn).into()),
        urn: Some(urn),
        is_duplicate: false,
        is_legacy: false,
        visibility: draft.visibility,
        author,
        kind: draft.attachment.name(),
        images: draft.attachment.images().len(),
        at: ctx.now(),
        first_comment: None,
        warnings: Vec::new(),
    }))
}

/// Searches for the post of a record as [`find_published`] does. Returns its URN.
///
/// # Errors
/// As [`find_published`].
pub(crate) async fn find_published_record(
    ctx: &Context,
    name: &Name,
    record: &PublishedPost,
) -> Result<Option<String>> {
    let profile = valid_token(ctx, name, SignedDuration::ZERO).await?;
    Box::pin(find_recorded(ctx, name, &profile, record, Mentions::IfKnown)).await
}

async fn find_recorded(
    ctx: &Context,
    name: &Name,
    profile: &Profile,
    record: &PublishedPost,
    mentions: Mentions,
) -> Result<Option<String>> {
    let draft = Draft { text: record.text.clone(), mentions, ..Draft::default() };
    let (draft, _) = Box::pin(resolve_mentions(ctx, name, draft, NameSource::AllProfiles)).await?;
    let escaped = little_text::escape(&draft.text, draft.has_mentions());
    let plain = little_text::to_plain_text(&draft.text, draft.has_mentions());
    // A post that is in the list is another one with the same text. Without a text, any other post would be found.
    let owned_name = name.clone();
    let known = ctx.with_store(move |store| store.posts(&owned_name)).await?;
    let is_new = |urn: &str| !plain.is_empty() && known.iter().all(|post| post.urn.as_deref() != Some(urn));
    let find = async |profile: &Profile| {
        posts::find(ctx.api(profile.require_token()?), &record.author, [&escaped, &plain], is_new).await
    };
    let Some(urn) = retry_if_token_refused(ctx, profile.clone(), error_code, find).await? else { return Ok(None) };
    let named = PublishedPost::new(Some(urn.clone()), &record.author, record.at, &draft.text);
    let post = PublishedPost {
        urn: named.urn,
        first_line: named.first_line,
        text: named.text,
        is_maybe_published: false,
        ..record.clone()
    };
    let owned_name = name.clone();
    ctx.with_store(move |store| {
        store.record_if_failed(store.save_post(&owned_name, &post));
        Ok(())
    })
    .await?;
    attempt::delete_record(ctx, name, record).await;
    Ok(Some(urn))
}

/// Reads the URN of a post from any form that LinkedIn shows.
///
/// # Errors
/// `bad_input` if the text names no post.
pub(crate) fn parse_post_urn(text: &str) -> Result<String> {
    urn::parse_post_urn(text).ok_or_else(|| {
        let hint = "Expected a URN such as urn:li:share:7141138937766391808, or a link to a post.";
        Error::bad_input("That is neither the URN of a post nor a link to one.", hint)
            .with_next_step(NextStep::ListPosts)
    })
}

/// Deletes a post; an already deleted one is a success.
pub async fn delete(ctx: &Context, name: &Name, urn: &str) -> Result<()> {
    let urn = &parse_post_urn(urn)?;
    let profile = valid_token(ctx, name, SignedDuration::ZERO).await?;
    let delete = async |profile: &Profile| posts::delete(ctx.api(profile.require_token()?), urn).await;
    retry_if_token_refused(ctx, profile, error_code, delete).await?;
    let (name, urn, now) = (name.clone(), urn.to_owned(), ctx.now());
    // The post is deleted: a failure to save that is only a warning.
    ctx.with_store(move |store| {
        store.record_if_failed(store.mark_post_deleted(&name, &urn, now));
        Ok(())
    })
    .await
}

/// Returns the Pages that the profile's member administers, the first ones with their names.
pub async fn list_pages(ctx: &Context, name: &Name) -> Result<Vec<Organization>> {
    let profile = valid_token(ctx, name, SignedDuration::ZERO).await?;
    let list = async |profile: &Profile| {
        let api = ctx.api(profile.require_token()?);
        let mut pages = Vec::new();
        for (number, urn) in organizations::list_administered(api).await?.into_iter().enumerate() {
            let name = if number < MAX_DETAILED_PAGES { organizations::fetch_name(api, &urn).await } else { None };
            pages.push(Organization { urn, name });
        }
        Ok(pages)
    };
    retry_if_token_refused(ctx, profile, error_code, list).await
}

async fn load_media(attachment: Attachment) -> Result<LoadedMedia> {
    tokio::task::spawn_blocking(move || LoadedMedia::load(&attachment))
        .await
        .map_err(|_| Error::new(Code::Unexpected, "Reading the files of the post failed.", "Try again."))?
}

/// Describes an attachment with its files as they are now.
async fn describe_attachment(attachment: &Attachment) -> String {
    let attachment = attachment.clone();
    let size_of = |path: &Path| std::fs::metadata(path).ok().map(|metadata| metadata.len());
    tokio::task::spawn_blocking(move || attachment.describe(size_of)).await.unwrap_or_default()
}

/// Returns when an earlier attempt sent the post, and may have published it. If the list of posts can't be read, the warning
/// is left out, and the post is still published.
async fn find_earlier_attempt(ctx: &Context, name: &Name, post: &PublishedPost) -> Option<Timestamp> {
    let (name, post) = (name.clone(), post.clone());
    let found = ctx.with_store(move |store| store.find_maybe_published(&name, &post)).await;
    found.ok().flatten().map(|earlier| earlier.at)
}

/// Returns a post as it is saved in the list, without its URN.
fn to_saved_post(draft: &Draft, author: &str, attachment: &str, at: Timestamp) -> PublishedPost {
    PublishedPost {
        visibility: draft.visibility.as_str().to_ascii_lowercase(),
        link: draft.attachment.link_url(),
        attachment: attachment.to_owned(),
        author_name: draft.author_name.clone(),
        // Without mentions the text is published as it is, brackets and all.
        first_line: first_line(&draft.text, draft.has_mentions()),
        ..PublishedPost::new(None, author, at, &draft.text)
    }
}

/// Returns the author's URN, and the profile with its member identified if it was unknown.
async fn resolve_author(ctx: &Context, profile: Profile, draft: &Draft) -> Result<(Profile, String)> {
    if let Some(author) = &draft.author {
        return Ok((profile, author.clone()));
    }
    let profile = match &profile.member {
        Some(_) => profile,
        None => {
            super::check::whoami(ctx, &profile.name).await.map_err(|error| unknown_author_error(error, &profile))?
        }
    };
    let author = profile.member.as_ref().map(Member::urn).unwrap_or_default();
    Ok((profile, author))
}

fn unknown_author_error(mut error: Error, profile: &Profile) -> Error {
    if error.code == Code::NotPermitted {
        error.message =
            format!("The token of profile {} does not identify a member, so the post has no author.", profile.name);
        error.replace_hint("Sign in again with the scopes openid and profile.", Some(NextStep::SelectAuthor));
    } else if !is_refused(error.code) {
        error.message =
            format!("The author could not be identified, so nothing was sent. {}", to_sentence(&error.message));
    }
    error
}

async fn send_post(
    ctx: &Context,
    profile: &Profile,
    author: &str,
    (draft, checked): (&Draft, &CheckedDraft),
    (media, attempt): (&LoadedMedia, &Attempt<'_>),
    on_event: &EventSink,
) -> Result<Published, PublishFailure> {
    let api = ctx.api(profile.require_token()?);
    let now = ctx.now();
    let first_api = first_api(ctx, profile, author, &draft.attachment);
    Publisher { api, author, draft, checked, media, attempt, on_event, now, first_api }.send().await
}

/// Names what may be missing where LinkedIn reports only that an entity is: the URNs that the post has.
fn check_urns_hint(draft: &Draft) -> String {
    let has_mentions = draft.has_mentions() && little_text::to_plain_text(&draft.text, true) != draft.text;
    let has_media = match &draft.attachment {
        Attachment::Link(link) => link.thumbnail.is_some(),
        Attachment::Images(_) | Attachment::Document(_) | Attachment::Video(_) => true,
        Attachment::None | Attachment::Poll(_) | Attachment::Reshare(_) => false,
    };
    let urns = match (has_mentions, has_media) {
        (false, false) => "URN of the author",
        (true, false) => "URNs of the author and the mentions",
        (false, true) => "URNs of the author and the media",
        (true, true) => "URNs of the author, the mentions and the media",
    };
    match &draft.attachment {
        Attachment::Reshare(post) => {
            let post = urn::parse_post_urn(post).unwrap_or_else(|| sanitize(post, 80));
            format!("Check the post to reshare ({post}), then the {urns}.")
        }
        _ => format!("Check the {urns}."),
    }
}

/// Explains a refusal by the profile: the scope that its token lacks, or has, and the author.
fn explain_refusal(mut error: Error, profile: &Profile, draft: &Draft, author: &str) -> Error {
    let name = &profile.name;
    if is_refused(error.code) {
        error.replace_hint("", Some(NextStep::SignIn { profile: name.to_string() }));
    }
    if error.hint == URNS_HINT {
        error.hint = check_urns_hint(draft);
    }
    if error.code != Code::NotPermitted {
        return error;
    }
    let required_scope = post_scope(Some(author));
    let granted = profile.token.as_ref().map(|token| token.scopes.as_slice()).unwrap_or_default();
    let has_scope = granted.iter().any(|scope| scope == required_scope);
    let needs_scope = error.message.contains(required_scope);
    if !granted.is_empty() && !has_scope {
        error.message =
            format!("The token of profile {name} cannot publish as that author: it lacks the scope {required_scope}.");
        let capability = if is_member(author) { Capability::PostAsMember } else { Capability::PostAsPage };
        permissions::advise_on_missing_scope(&mut error, profile, required_scope, capability);
    } else if has_scope && needs_scope {
        error.message = format!(
            "LinkedIn does not see the scope {required_scope} on the token of profile {name}, although it was granted."
        );
        error.replace_hint(
            "After a re-authorization the old permissions can last for up to 5 minutes. If it happens again, sign in.",
            Some(NextStep::SignIn { profile: name.to_string() }),
        );
    } else if draft.author.is_none() && error.message.contains("as that author") {
        error.replace_hint(
            format!("The member ID saved in profile {name} does not match this app or token."),
            Some(NextStep::Identify { profile: name.to_string() }),
        );
    }
    if is_member(author) { error } else { with_pages(error, profile) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_entity_is_one_that_the_post_names() {
        let hint = |text: &str, attachment: Attachment| {
            let mentions = Mentions::Resolved;
            check_urns_hint(&Draft { text: text.to_owned(), mentions, attachment, ..Draft::default() })
        };
        let (plain, mention) = ("Hello", "Hello @[Ada](urn:li:person:a)");
        let reshare = || Attachment::Reshare("https://www.linkedin.com/feed/update/urn:li:share:7/".to_owned());
        assert_eq!(hint(plain, reshare()), "Check the post to reshare (urn:li:share:7), then the URN of the author.");
        assert!(hint(mention, reshare()).ends_with(", then the URNs of the author and the mentions."));
        assert_eq!(hint(plain, Attachment::None), "Check the URN of the author.");
        let image = Attachment::Images(Vec::new());
        assert_eq!(hint(plain, image.clone()), "Check the URNs of the author and the media.");
        assert_eq!(hint(mention, image), URNS_HINT);
    }
}
