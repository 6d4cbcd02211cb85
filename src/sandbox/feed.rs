//! Posts as their readers see them: a list on the control page, and each under its permalink.

use maud::{Markup, html};
use serde_json::Value;

use super::call::Call;
use super::core::Core;
use super::html::{clean_text, format_time, not_found_page, render_page};
use super::response::Response;
use super::scenario::Behavior;
use super::state::{Post, SandboxState};
use super::{content, conversation, media, paths};
use crate::Result;
use crate::linkedin::endpoints::FEED_UPDATE;
use crate::text::clean;

/// Posts that the feed lists.
const MAX_POSTS: usize = 50;

/// Returns the newest posts.
pub(super) fn list(state: &SandboxState, behavior: &Behavior) -> Markup {
    html! {
        @for post in state.posts.iter().rev().take(MAX_POSTS) { (article(state, behavior, post)) }
        @if state.posts.is_empty() {
            p.none { "No posts yet. Try: " code { "linkedin-tui --sandbox post \"Hello LinkedIn API :-)\"" } }
        }
    }
}

/// `GET /feed/update/{urn}/`.
pub(super) fn permalink(core: &Core, call: &Call) -> Result<Response> {
    let urn = call.path.trim_start_matches(FEED_UPDATE).trim_end_matches('/').replace("%3A", ":");
    let (state, behavior) = (core.state()?, core.behavior());
    let Some(post) = state.posts.iter().find(|post| post.urn == urn && !post.deleted) else {
        return Ok(Response::html(404, not_found_page()));
    };
    let content = html! {
        section.card.narrow { (article(&state, &behavior, post)) p { a href="/" { "← The whole feed" } } }
    };
    Ok(Response::html(200, render_page(&author(&behavior, post), &content)))
}

fn author(behavior: &Behavior, post: &Post) -> String {
    conversation::display_name(behavior, &post.author, &post.member)
}

fn article(state: &SandboxState, behavior: &Behavior, post: &Post) -> Markup {
    let name = author(behavior, post);
    if post.deleted {
        let line = post.text.lines().next().unwrap_or_default();
        return html! { p.none { "Deleted by " (clean_text(&name)) ": " s { (clean(line, 60)) } } };
    }
    let visibility = if post.visibility == "PUBLIC" { "Anyone" } else { "Connections only" };
    html! {
        article.update id=(post.urn) aria-label={ "Post by " (clean_text(&name)) } {
            strong { (clean_text(&name)) }
            small { (format_time(post.at)) @if post.edited.is_some() { " · Edited" } " · " (visibility) }
            p.post { (with_hashtags(&post.text)) }
            @if let Some(content) = &post.content { (attachment(state, content)) }
            @if let Some(parent) = &post.parent { (reshared(state, behavior, parent)) }
            (conversation::below(state, behavior, &post.urn))
            small { (post.urn) " · " a href={ (FEED_UPDATE) (post.urn) "/" } { "Permalink" } }
        }
    }
}

/// Marks the words that begin with `#` and have a letter.
fn with_hashtags(post: &str) -> Markup {
    html! {
        @for piece in post.split_inclusive(|c: char| !c.is_alphanumeric() && c != '#') {
            @let (word, end) = piece.split_at(piece.trim_end_matches(|c: char| !c.is_alphanumeric()).len());
            @if word.starts_with('#') && word.contains(char::is_alphabetic) { span.tag { (word) } } @else { (word) }
            (end)
        }
    }
}

/// Renders the post that another one reshares.
fn reshared(state: &SandboxState, behavior: &Behavior, urn: &str) -> Markup {
    let parent = state.posts.iter().find(|post| post.urn == urn && !post.deleted);
    html! {
        blockquote {
            @match parent {
                Some(parent) => { strong { (clean_text(&author(behavior, parent))) } p.post { (with_hashtags(&parent.text)) } }
                None => p.none { "This post was deleted." }
            }
        }
    }
}

/// Renders a document or a video: a placeholder, since neither is stored.
fn placeholder(state: &SandboxState, urn: &str, title: &str) -> Markup {
    let media = media::find(state, urn);
    let is_video = media.is_some_and(|media| media.is_video);
    html! {
        p.media {
            strong { @if is_video { "Video" } @else { "Document" } }
            @if !title.is_empty() { ": " (clean_text(title)) }
            @if let Some(pages) = media.and_then(|media| media.pages) {
                " · " (pages) @if pages == 1 { " page" } @else { " pages" }
            }
            @if media.is_some_and(|media| media.has_captions) { " · captions" }
        }
    }
}

/// Renders what is below the text.
fn attachment(state: &SandboxState, content: &Value) -> Markup {
    html! {
        @if let Some(article) = content.get("article") {
            @for field in ["title", "description", "source"] {
                small { (clean_text(article[field].as_str().unwrap_or_default())) }
            }
        }
        @if let Some((urn, title)) = content::document_or_video(content) { (placeholder(state, urn, title)) }
        @if let Some(poll) = content.get("poll") {
            p { strong { (clean_text(poll["question"].as_str().unwrap_or_default())) } }
            ul { @for option in content::poll_options(content) { li { (clean_text(option)) } } }
        }
        @let thumbnail = content.pointer("/article/thumbnail").and_then(Value::as_str).map(|urn| (urn, None));
        @for (urn, alt_text) in content::images(content).into_iter().chain(thumbnail) {
            @if let Some(image) = state.images.iter().find(|image| image.urn() == urn) {
                img src={ (paths::IMAGE_FILES) (image.id) } alt=(clean(alt_text.unwrap_or_default(), 4086))
                    loading="lazy";
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_are_marked_and_markup_is_escaped() {
        for (post, shown) in [
            ("go #rust, C# <b>", "go <span class=\"tag\">#rust</span>, C# &lt;b&gt;"),
            ("#1 x#y", "#1 x#y"),
            ("(#a) #李小龙", "(<span class=\"tag\">#a</span>) <span class=\"tag\">#李小龙</span>"),
        ] {
            assert_eq!(with_hashtags(post).into_string(), shown);
        }
    }
}
