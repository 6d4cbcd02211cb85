//! Publishing a post: check it, upload its images, send it once, keep it in the list. A post is
//! never sent again unless LinkedIn said for sure that it did not take it.

mod checked;
mod pictures;
mod plan;
mod types;

use std::sync::Arc;

use jiff::SignedDuration;

pub use plan::{Planned, plan};
pub use types::{Draft, Event, Link, Picture, Published};

use self::checked::Checked;
use self::pictures::Loaded;
use super::Context;
use super::check::token_of;
use super::refresh::{live_token, renewed_once};
use crate::linkedin::api::Api;
use crate::linkedin::organizations::{self, Organization};
use crate::linkedin::posts::{self, Content, Image};
use crate::linkedin::refusals::Refusal;
use crate::linkedin::{images, little, ugc};
use crate::profile::{Name, Posted, Profile, Token};
use crate::{Code, Error, Result};

/// Takes each [`Event`] as it happens; must not block.
pub type Tell = Arc<dyn Fn(Event) + Send + Sync>;

/// What can be said of a draft before anything is sent.
///
/// # Errors
/// `bad_input` with the rule that it breaks.
pub fn check(draft: &Draft) -> Result<()> {
    Checked::of(draft).map(drop)
}

/// Publishes, and keeps the post with the profile. A text that is live already is a success too.
///
/// # Errors
/// `bad_input` before anything is sent; `signed_out`, `expired`, `revoked` when a person must sign
/// in; `not_permitted`, `refused`, `rate_limited` when LinkedIn refuses; `maybe_published` when its
/// answer to the post itself did not come; `network` and its kind before that.
pub async fn publish(ctx: &Context, name: &Name, draft: Draft, tell: Tell) -> Result<Published> {
    let checked = Checked::of(&draft)?;
    let pictures = load(draft.images.clone()).await?;
    let profile = live_token(ctx, name, SignedDuration::ZERO).await?;
    let (profile, author) = author_of(ctx, profile, &draft).await?;

    let published = match attempt(ctx, &profile, &author, &draft, &checked, &pictures, &tell).await {
        // LinkedIn took nothing yet: one renewed token, one more try.
        Err(error) if dead(error.code) => match renewed_once(ctx, &profile).await? {
            Some(profile) => attempt(ctx, &profile, &author, &draft, &checked, &pictures, &tell).await,
            None => Err(error),
        },
        other => other,
    };
    let mut published = published.map_err(|error| explained(error, &profile, &author))?;
    if !published.duplicate {
        let post = Posted::new(published.urn.clone(), &author, published.at, &draft.text);
        let wanted = name.clone();
        if let Err(error) = ctx.on_disk(move |store| store.keep_post(&wanted, &post)).await {
            // It is published all the same; the list is not worth an error.
            published.remarks.push(format!("The post could not be kept in the list of recent posts: {error}"));
        }
    }
    Ok(published)
}

/// Deletes a post; one that is gone already is no error.
///
/// # Errors
/// `bad_input` for what is no post's URN; as the API answers.
pub async fn delete(ctx: &Context, name: &Name, urn: &str) -> Result<()> {
    if !posts::is_urn(urn) {
        return Err(Error::bad_input(
            "That is no post's URN.",
            "It looks like urn:li:share:7141138937766391808; `linkedin-tui post --recent` lists those made here.",
        ));
    }
    let profile = live_token(ctx, name, SignedDuration::ZERO).await?;
    match posts::delete(api(ctx, token_of(&profile)?), urn).await {
        Err(error) if dead(error.code) => {
            let profile = renewed_once(ctx, &profile).await?.ok_or(error)?;
            posts::delete(api(ctx, token_of(&profile)?), urn).await?;
        }
        other => other?,
    }
    let (name, urn, now) = (name.clone(), urn.to_owned(), ctx.now());
    // It is deleted all the same; the list is not worth an error.
    ctx.on_disk(move |store| {
        store.note_failed(store.mark_post_deleted(&name, &urn, now));
        Ok(())
    })
    .await
}

/// The pages that the profile's member administers, with their names.
///
/// # Errors
/// `not_permitted` without a page scope; as the API answers.
pub async fn pages(ctx: &Context, name: &Name) -> Result<Vec<Organization>> {
    let profile = live_token(ctx, name, SignedDuration::ZERO).await?;
    let api = api(ctx, token_of(&profile)?);
    let mut pages = Vec::new();
    for urn in organizations::administered(api).await? {
        let name = organizations::name(api, &urn).await;
        pages.push(Organization { urn, name });
    }
    Ok(pages)
}

async fn load(pictures: Vec<Picture>) -> Result<Vec<Loaded>> {
    tokio::task::spawn_blocking(move || pictures.iter().map(pictures::load).collect())
        .await
        .map_err(|_| Error::new(Code::Unexpected, "Reading the images failed.", "Try again."))?
}

/// Whose name stands over the post; asks LinkedIn where the member is not known yet.
async fn author_of(ctx: &Context, profile: Profile, draft: &Draft) -> Result<(Profile, String)> {
    if let Some(author) = &draft.author {
        return Ok((profile, author.clone()));
    }
    let profile = match &profile.member {
        Some(_) => profile,
        None => super::check::whoami(ctx, &profile.name).await.map_err(|error| unknown_author(error, &profile))?,
    };
    let author = profile.member.as_ref().map(crate::profile::Member::urn).unwrap_or_default();
    Ok((profile, author))
}

fn unknown_author(mut error: Error, profile: &Profile) -> Error {
    if error.code == Code::NotPermitted {
        error.message =
            format!("Nobody knows whose the token of profile {} is, so the post has no author.", profile.name);
        "Sign in again with the scopes openid and profile, or name the author: --as urn:li:person:ID"
            .clone_into(&mut error.hint);
    }
    error
}

/// Uploads, then sends the post: once, and again only after a 409 or by the older API.
async fn attempt(
    ctx: &Context,
    profile: &Profile,
    author: &str,
    draft: &Draft,
    checked: &Checked,
    pictures: &[Loaded],
    tell: &Tell,
) -> Result<Published> {
    let api = api(ctx, token_of(profile)?);
    let content = match &checked.article {
        Some(article) => Some(article.clone()),
        None => Content::of(upload(api, author, pictures, tell).await?),
    };
    let post = posts::Post::new(author, checked.commentary.clone(), draft.visibility, content.clone());
    let published = |urn: Option<String>, duplicate, legacy| Published {
        url: urn.as_deref().map(|urn| ctx.endpoints.permalink(urn).into()),
        urn,
        duplicate,
        legacy,
        visibility: draft.visibility,
        author: author.to_owned(),
        images: pictures.len(),
        at: ctx.now(),
        remarks: Vec::new(),
    };
    tell(Event::Publishing);
    let mut sent = posts::create(api, &post).await;
    if matches!(sent, Err(Refusal::Conflict(_))) {
        sent = posts::create(api, &post).await;
    }
    match sent {
        Ok(urn) => Ok(published(urn, false, false)),
        Err(Refusal::Duplicate(urn)) => Ok(published(urn, true, false)),
        // The older API has other images and no articles of this form; a post must not lose half of itself.
        Err(Refusal::NotVersioned(error)) if content.is_some() => Err(error),
        Err(Refusal::NotVersioned(_)) => {
            tell(Event::FallingBack);
            let text = little::plain(&draft.text, draft.little);
            match ugc::create(api, &ugc::body(author, &text, draft.visibility)).await {
                Ok(urn) => Ok(published(urn, false, true)),
                Err(Refusal::Duplicate(urn)) => Ok(published(urn, true, true)),
                Err(other) => Err(other.into()),
            }
        }
        Err(other) => Err(other.into()),
    }
}

async fn upload(api: Api<'_>, author: &str, pictures: &[Loaded], tell: &Tell) -> Result<Vec<Image>> {
    let (mut uploaded, of) = (Vec::new(), pictures.len());
    for (index, picture) in pictures.iter().enumerate() {
        let place = images::initialize(api, author).await?;
        let (tell, size) = (Arc::clone(tell), picture.bytes.len() as u64);
        let sent = move |sent| tell(Event::Uploading { number: index + 1, of, sent, size });
        images::upload(api, &place, picture.kind, picture.bytes.clone(), Arc::new(sent)).await?;
        uploaded.push(Image { id: place.image, alt_text: picture.alt.clone() });
    }
    Ok(uploaded)
}

fn api<'a>(ctx: &'a Context, token: &'a Token) -> Api<'a> {
    Api {
        http: &ctx.http,
        endpoints: &ctx.endpoints,
        token: &token.access,
        version: &ctx.settings.linkedin.api_version,
    }
}

/// Does LinkedIn say that the token is dead?
pub(super) const fn dead(code: Code) -> bool {
    matches!(code, Code::Revoked | Code::Expired)
}

/// Names the scope that the profile's token lacks, where that explains the refusal.
fn explained(mut error: Error, profile: &Profile, author: &str) -> Error {
    let name = &profile.name;
    if dead(error.code) {
        error.hint = format!("Sign in: linkedin-tui login {name}");
    }
    let wanted = if author.starts_with("urn:li:organization:") { "w_organization_social" } else { "w_member_social" };
    let granted = profile.token.as_ref().map(|token| token.scopes.as_slice()).unwrap_or_default();
    if error.code == Code::NotPermitted && !granted.is_empty() && !granted.iter().any(|scope| scope == wanted) {
        error.message = format!("The token of profile {name} may not publish: it lacks the scope {wanted}.");
        error.hint =
            format!("Sign in again with it: linkedin-tui login {name} --scope \"{} {wanted}\"", granted.join(" "));
    }
    error
}
