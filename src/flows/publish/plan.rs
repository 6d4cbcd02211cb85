//! The requests that a post would make, without the token: what `--dry-run` shows.

use super::checked_draft::CheckedDraft;
use super::images::load;
use super::types::Draft;
use crate::linkedin::api::headers;
use crate::linkedin::endpoints::{IMAGES, POSTS};
use crate::linkedin::images::{INITIALIZE, initialize_body};
use crate::linkedin::posts::{self, Content, Image};
use crate::session::Context;
use crate::store::{Member, Profile};
use crate::{Code, Error, NextStep, Result};

/// A request that publishing would send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedRequest {
    pub method: &'static str,
    /// The URL; in angle brackets what comes from an earlier response.
    pub url: String,
    /// The headers but for `Authorization`, which would carry the token.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON, indented; for an upload a description.
    pub body: String,
}

/// Checks the draft and returns the requests of publishing it, without sending any.
pub(crate) fn plan(ctx: &Context, profile: &Profile, draft: &Draft) -> Result<Vec<PlannedRequest>> {
    let checked = CheckedDraft::new(draft)?;
    let author = draft.author.clone().or_else(|| profile.member.as_ref().map(Member::urn)).ok_or_else(|| {
        Error::bad_input(format!("The member of the profile {} is not known.", profile.name), "")
            .with_next_step(NextStep::Identify { profile: profile.name.to_string() })
    })?;
    let version = ctx.api_version.current();
    let post_json = |path: &str, body: &str| PlannedRequest {
        method: "POST",
        url: ctx.endpoints.api(path).into(),
        headers: headers(path, version, true),
        body: body.to_owned(),
    };
    let (mut requests, mut uploaded) = (Vec::new(), Vec::new());
    for (index, image) in draft.attachment.images().iter().enumerate() {
        let loaded = load(image)?;
        requests.push(post_json(&format!("{IMAGES}{INITIALIZE}"), &to_indented_json(&initialize_body(&author))?));
        requests.push(PlannedRequest {
            method: "PUT",
            url: format!("<uploadUrl {}>", index + 1),
            headers: vec![("Content-Type", loaded.media_type.to_owned())],
            body: format!(
                "<{} bytes of {}>",
                loaded.bytes.len(),
                crate::text::clean(&image.path.to_string_lossy(), 120)
            ),
        });
        uploaded.push(Image { id: format!("<image {}>", index + 1), alt_text: loaded.alt });
    }
    let content = checked.article.or_else(|| Content::from_images(uploaded));
    let post = posts::body(&author, &checked.commentary, draft.visibility, content.as_ref());
    requests.push(post_json(POSTS, &to_indented_json(&post)?));
    Ok(requests)
}

fn to_indented_json(body: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string_pretty(body)
        .map_err(|_| Error::new(Code::Unexpected, "The request could not be written as JSON.", "Please report this."))
}
