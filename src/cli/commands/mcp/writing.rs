//! The tools that change something on LinkedIn. Each returns a preview and its digest first.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::calls::{CommentCall, DeletePostCall, EditPostCall, NewPostCall, ReactionCall};
use super::results::{Preview, WriteResult};
use super::{Server, to_value};
use crate::cli::commands::comment::CommentResult;
use crate::cli::commands::post;
use crate::cli::commands::react::ReactResult;
use crate::clock::format_minute;
use crate::flows::publish::{self, Draft, Mentions, NameSource, parse_post_urn};
use crate::flows::refresh::valid_token;
use crate::flows::{permissions, social};
use crate::linkedin::capabilities::Capability;
use crate::linkedin::social::Reaction;
use crate::store::{Name, PublishedPost};
use crate::text::is_hostile;
use crate::{Code, Result};

impl Server {
    /// Returns the preview of a call without a digest; takes the digest of a call that has one.
    fn preview_unless_confirmed(
        &self,
        digest: Option<&str>,
        preview: Preview,
        mut warnings: Vec<String>,
    ) -> Result<Option<Value>> {
        if let Some(digest) = digest {
            self.confirmations.take(digest, &preview)?;
            return Ok(None);
        }
        let is_hidden = |c: char| is_hostile(c) && !matches!(c, '\n' | '\r' | '\t');
        let mut names = Vec::new();
        find_texts("", &to_value(&preview)?, &mut |name, text| {
            if text.contains(is_hidden) && !names.iter().any(|listed| listed == name) {
                names.push(name.to_owned());
            }
        });
        let warning = |name| format!("{name} contains characters that the preview leaves out or shows as symbols.");
        warnings.extend(names.iter().map(warning));
        let digest = Some(self.confirmations.issue(&preview)?);
        to_value(&WriteResult::<()> { done: false, preview: Some(preview), digest, result: None, warnings }).map(Some)
    }

    pub(super) async fn publish_post(&self, mut call: NewPostCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        if let Some(comment) = &call.first_comment {
            social::check_comment(comment)?;
        }
        let is_preview = call.digest.is_none();
        let mut warnings = Vec::new();
        if let Some(card) = call.card_to_read() {
            warnings.extend(Box::pin(self.linked_pages.complete(&self.ctx, card, is_preview)).await?);
        }
        let (draft, _) = self.resolve_mentions(&name, call.to_draft()?).await?;
        let found = Box::pin(publish::preview(&self.ctx, &name, &draft)).await?;
        let preview = Preview {
            action: "create_post",
            profile: name.to_string(),
            author: Some(found.author),
            text: Some(draft.text.clone()),
            mentions: call.mentions,
            visibility: Some(draft.visibility.as_str().to_ascii_lowercase()),
            kind: Some(draft.attachment.name()),
            attachment: call.attachment,
            files: found.files.into_iter().map(Into::into).collect(),
            first_comment: call.first_comment.clone(),
            ..Preview::default()
        };
        warnings.extend(to_warnings(found.denial));
        warnings.extend(found.maybe_published_at.map(|at| {
            let at = format_minute(at, &TimeZone::system());
            format!("This post was sent on {at} and may have been published. Look at the author's recent posts first.")
        }));
        if let Some(preview) = self.preview_unless_confirmed(call.digest.as_deref(), preview, warnings)? {
            return Ok(preview);
        }
        let sent = Box::pin(publish::publish(&self.ctx, &name, draft, Arc::new(|_| {}))).await;
        let mut published = sent.map_err(|error| match error.code {
            Code::MaybePublished => {
                post::sending::FirstComment::add_unsent(error, call.first_comment.as_deref(), self.printer)
            }
            _ => error,
        })?;
        let mut warnings = published.warnings.clone();
        if let Some(text) = &call.first_comment {
            warnings.extend(Box::pin(publish::add_first_comment(&self.ctx, &name, &mut published, text)).await);
            warnings.extend(post::sending::FirstComment::warning(&published, self.printer));
        }
        let mut result = post::sending::PublishResult::new(&name, &published);
        result.first_comment = post::sending::FirstComment::of(&published, self.printer);
        to_value(&WriteResult::new(result, warnings))
    }

    /// Gives the mentions in a draft their URNs, so that a preview shows who is mentioned. Returns warnings too.
    async fn resolve_mentions(&self, name: &Name, draft: Draft) -> Result<(Draft, Vec<String>)> {
        let name_source = if self.only_profile.is_some() { NameSource::ThisProfile } else { NameSource::AllProfiles };
        Box::pin(publish::resolve_mentions(&self.ctx, name, draft, name_source)).await
    }

    pub(super) async fn edit_published(&self, call: EditPostCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        let urn = parse_post_urn(&call.post)?;
        let draft = Draft { text: call.text, mentions: Mentions::IfKnown, ..Draft::default() };
        publish::check(&draft)?;
        let (Draft { text, mentions, .. }, mut warnings) = self.resolve_mentions(&name, draft).await?;
        let profile = valid_token(&self.ctx, &name, SignedDuration::ZERO).await?;
        let preview = Preview {
            text: Some(text.clone()),
            mentions: true,
            ..self.preview_of_post("edit_post", &name, &urn, true)
        };
        warnings.extend(to_warnings(permissions::denial(&profile, Capability::EditPosts)));
        if let Some(preview) = self.preview_unless_confirmed(call.digest.as_deref(), preview, warnings)? {
            return Ok(preview);
        }
        let warnings = publish::edit(&self.ctx, &name, &urn, &text, mentions).await?;
        to_value(&WriteResult::new(post::Edited { urn: &urn, edited: true }, warnings))
    }

    pub(super) async fn delete_published(&self, call: DeletePostCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        let urn = parse_post_urn(&call.post)?;
        valid_token(&self.ctx, &name, SignedDuration::ZERO).await?;
        let preview = self.preview_of_post("delete_post", &name, &urn, true);
        if let Some(preview) = self.preview_unless_confirmed(call.digest.as_deref(), preview, Vec::new())? {
            return Ok(preview);
        }
        publish::delete(&self.ctx, &name, &urn).await?;
        to_value(&WriteResult::new(post::Deleted { urn: &urn, deleted: true }, Vec::new()))
    }

    pub(super) async fn publish_comment(&self, call: CommentCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        let post = social::parse_post(&call.post)?;
        social::check_comment(&call.text)?;
        let (profile, actor) = Box::pin(social::prepare(&self.ctx, &name, call.author.as_deref())).await?;
        let preview = Preview {
            author: Some(actor),
            text: Some(call.text.clone()),
            ..self.preview_of_post("comment", &name, &post, false)
        };
        let warnings =
            to_warnings(social::refusal_by_permissions(&profile, Capability::Comment, call.author.as_deref()));
        if let Some(preview) = self.preview_unless_confirmed(call.digest.as_deref(), preview, warnings)? {
            return Ok(preview);
        }
        let actor = call.author.as_deref();
        let commented = Box::pin(social::comment(&self.ctx, &name, &post, &call.text, actor, &|_| ())).await?;
        to_value(&WriteResult::new(CommentResult::new(&commented), commented.warnings.clone()))
    }

    pub(super) async fn set_reaction(&self, call: ReactionCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        let post = social::parse_post(&call.post)?;
        let reaction: Option<Reaction> = call.reaction.into();
        let (profile, actor) = Box::pin(social::prepare(&self.ctx, &name, call.author.as_deref())).await?;
        let preview = Preview {
            author: Some(actor),
            reaction: Some(reaction.map_or("none", Reaction::name)),
            ..self.preview_of_post("react", &name, &post, false)
        };
        let warnings = to_warnings(social::refusal_by_permissions(&profile, Capability::React, call.author.as_deref()));
        if let Some(preview) = self.preview_unless_confirmed(call.digest.as_deref(), preview, warnings)? {
            return Ok(preview);
        }
        let reacted = Box::pin(social::react(&self.ctx, &name, &post, reaction, call.author.as_deref())).await?;
        to_value(&WriteResult::new(ReactResult::new(&reacted, reaction), reacted.warnings.clone()))
    }

    /// Returns a preview about a post that exists. With `has_previous_text` it shows the text that the call replaces or
    /// deletes, if the post was published with this program.
    fn preview_of_post(&self, action: &'static str, name: &Name, urn: &str, has_previous_text: bool) -> Preview {
        // If the list of posts can't be read, the preview has no previous text; the call still works.
        let known = if has_previous_text { self.ctx.store.posts(name).unwrap_or_default() } else { Vec::new() };
        let post: Option<PublishedPost> = known.into_iter().find(|post| post.urn.as_deref() == Some(urn));
        Preview {
            action,
            profile: name.to_string(),
            author: post.as_ref().map(|post| post.author.clone()),
            previous_text: post.map(|post| if post.text.is_empty() { post.first_line } else { post.text }),
            post: Some(urn.to_owned()),
            url: Some(self.ctx.endpoints.permalink(urn).into()),
            ..Preview::default()
        }
    }
}

/// Returns a warning that LinkedIn may refuse the call.
fn to_warnings(denial: Option<String>) -> Vec<String> {
    denial
        .into_iter()
        .map(|why| format!("According to the saved permissions, LinkedIn may refuse this: {why}"))
        .collect()
}

/// Calls `found` with each text of a JSON value, and the name of its field.
fn find_texts(name: &str, value: &Value, found: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => found(name, text),
        Value::Array(items) => items.iter().for_each(|item| find_texts(name, item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| find_texts(name, value, found)),
        _ => {}
    }
}
