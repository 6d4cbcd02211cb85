//! The results of the tools.

use std::collections::BTreeMap;

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use super::calls::Attachment;
use crate::cli::commands::pages::Row;
use crate::cli::output::json;
use crate::clock::rfc3339;
use crate::flows::statistics::Statistics;
use crate::linkedin::statistics::Metric;
use crate::session::Context;
use crate::store::{FileStamp, PublishedPost};

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Profiles {
    pub(super) profiles: Vec<json::Profile>,
    pub(super) unreadable: Vec<UnreadableProfile>,
}

/// A profile whose file cannot be read.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct UnreadableProfile {
    pub(super) name: String,
    /// Code of the error
    pub(super) error: &'static str,
}

/// A profile with what a check reported.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct CheckedProfile {
    #[serde(flatten)]
    pub(super) profile: json::Profile,
    pub(super) warnings: Vec<String>,
    /// Command that the user must run, if the token is invalid
    pub(super) next: Option<String>,
}

/// The command that signs in again.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ReauthorizeHint {
    pub(super) profile: String,
    pub(super) status: &'static str,
    pub(super) expires_at: Option<String>,
    /// Whether nothing but this command makes the token valid
    pub(super) required: bool,
    /// Command for the user to run in a terminal; it opens a browser
    pub(super) command: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Posts {
    /// Newest first
    pub(super) posts: Vec<ListedPost>,
}

/// A post published from this machine, or maybe published.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct ListedPost {
    urn: Option<String>,
    url: Option<String>,
    author: String,
    at: String,
    text: String,
    /// What is below the text; null for nothing, or if it was not saved
    attachment: Option<String>,
    /// public or connections; null if it was not saved
    visibility: Option<String>,
    edited_at: Option<String>,
    deleted_at: Option<String>,
    /// Whether it was sent at that time and LinkedIn did not confirm it: it was published once or not at all
    maybe_published: bool,
}

impl ListedPost {
    pub(super) fn new(ctx: &Context, post: PublishedPost) -> Self {
        let saved = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            url: post.urn.as_deref().map(|urn| ctx.endpoints.permalink(urn).into()),
            urn: post.urn,
            author: post.author,
            at: rfc3339(post.at),
            // Posts of earlier versions were saved without their text.
            text: saved(post.text).unwrap_or(post.first_line),
            attachment: saved(post.attachment),
            visibility: saved(post.visibility),
            edited_at: post.edited_at.map(rfc3339),
            deleted_at: post.deleted_at.map(rfc3339),
            maybe_published: post.is_maybe_published,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Pages<'a> {
    pub(super) pages: Vec<Row<'a>>,
}

/// The numbers that the token may read; the others are null.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Stats {
    /// URN of the post; null for all posts of the member
    urn: Option<String>,
    metrics: BTreeMap<&'static str, Option<u64>>,
    missing: Vec<MissingStats>,
}

/// What could not be read.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct MissingStats {
    /// In words, such as "reactions and comments"; not a key of `metrics`
    what: String,
    /// Code of the error
    code: &'static str,
    message: String,
}

impl From<Statistics> for Stats {
    fn from(found: Statistics) -> Self {
        let metrics = Metric::ALL.into_iter().map(|metric| (metric.key(), found.metrics.get(&metric).copied()));
        let missing = found.missing.into_iter().map(|(what, error)| MissingStats {
            what,
            code: error.code.as_str(),
            message: error.to_string(),
        });
        Self { metrics: metrics.collect(), urn: found.post, missing: missing.collect() }
    }
}

/// The result of a tool that changes something: a preview with its digest, or what was done.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct WriteResult<T> {
    /// Whether it was sent to LinkedIn; false for a preview
    pub(super) done: bool,
    /// What would be sent; show it to the user
    pub(super) preview: Option<Preview>,
    /// Call the tool again with the same arguments and this digest once the user has agreed; valid once
    pub(super) digest: Option<String>,
    pub(super) result: Option<T>,
    pub(super) warnings: Vec<String>,
}

impl<T> WriteResult<T> {
    pub(super) const fn new(result: T, warnings: Vec<String>) -> Self {
        Self { done: true, preview: None, digest: None, result: Some(result), warnings }
    }
}

/// What would be sent. Its digest covers everything in it.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct Preview {
    /// Name of the tool
    pub(super) action: &'static str,
    pub(super) profile: String,
    /// URN of the member or Page that acts
    pub(super) author: Option<String>,
    /// URN of the post that is edited, deleted, commented on or reacted to; null for a new post
    pub(super) post: Option<String>,
    /// Link to that post
    pub(super) url: Option<String>,
    pub(super) text: Option<String>,
    /// Text that is replaced or deleted, if the post was published from this machine
    pub(super) previous_text: Option<String>,
    /// Whether @[Name](URN) in the text becomes a mention
    pub(super) mentions: bool,
    /// public or connections
    pub(super) visibility: Option<String>,
    /// Text of a comment on the new post
    pub(super) first_comment: Option<String>,
    /// text, link, images, document, video, poll or reshare
    pub(super) kind: Option<&'static str>,
    pub(super) attachment: Option<Attachment>,
    /// Files that would be uploaded
    pub(super) files: Vec<PreviewedFile>,
    /// Name of the reaction, or none
    pub(super) reaction: Option<&'static str>,
}

/// A file as it is now.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(super) struct PreviewedFile {
    path: String,
    /// In bytes
    size: u64,
    /// When it was changed last, in milliseconds since the epoch
    modified: i64,
}

impl From<FileStamp> for PreviewedFile {
    fn from(FileStamp { path, size, modified }: FileStamp) -> Self {
        Self { path, size, modified }
    }
}
