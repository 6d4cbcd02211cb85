//! Posts as their readers see them: a list on the control page, and each under its permalink.

use maud::{Markup, html};
use serde_json::Value;
use url::Url;

use super::call::Call;
use super::core::Core;
use super::html::{format_time, not_found_page, render_page_with_metadata, sanitize_text};
use super::response::Response;
use super::scenario::Behavior;
use super::state::{Post, SandboxState};
use super::{content, conversation, media, paths};
use crate::Result;
use crate::linkedin::endpoints::FEED_UPDATE;
use crate::text::sanitize;

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
    let Some(post) = state.posts.iter().find(|post| post.urn == urn && !post.is_deleted) else {
        return Ok(Response::html(404, not_found_page()));
    };
    let content = html! {
        section.card.narrow { (article(&state, &behavior, post)) p { a href="/" { "← The whole feed" } } }
    };
    let page = render_page_with_metadata(&author(&behavior, post), &metadata(&state, post), &content);
    Ok(Response::html(200, page))
}

/// Renders what other programs show of a link to the post (Open Graph protocol).
fn metadata(state: &SandboxState, post: &Post) -> Markup {
    let content = post.content.as_ref();
    let image = content.into_iter().flat_map(content::images).find_map(|(urn, _)| image_path(state, urn));
    html! {
        meta property="og:description" content=(sanitize_text(&post.text));
        @if let Some(path) = image { meta property="og:image" content=(path); }
    }
}

fn author(behavior: &Behavior, post: &Post) -> String {
    conversation::display_name(behavior, &post.author, &post.member)
}

fn article(state: &SandboxState, behavior: &Behavior, post: &Post) -> Markup {
    let name = author(behavior, post);
    if post.is_deleted {
        let line = post.text.lines().next().unwrap_or_default();
        return html! { p.none { "Deleted by " (sanitize_text(&name)) ": " s { (sanitize(line, 60)) } } };
    }
    html! {
        article.update id=(post.urn) aria-label={ "Post by " (sanitize_text(&name)) } {
            (body(state, behavior, post))
            @if let Some(parent) = &post.parent { (reshared(state, behavior, parent)) }
            (conversation::render(state, behavior, &post.urn))
            small { (post.urn) " · " a href={ (FEED_UPDATE) (post.urn) "/" } { "Permalink" } }
        }
    }
}

/// Renders author, text and attachment.
fn body(state: &SandboxState, behavior: &Behavior, post: &Post) -> Markup {
    let visibility = if post.visibility == "PUBLIC" { "Anyone" } else { "Connections only" };
    html! {
        strong { (sanitize_text(&author(behavior, post))) }
        small { (format_time(post.at)) @if post.edited.is_some() { " · Edited" } " · " (visibility) }
        p.post { (with_hashtags(&post.text)) }
        @if let Some(content) = &post.content { (attachment(state, content)) }
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

/// Renders the post that another one reshares, as it is now.
fn reshared(state: &SandboxState, behavior: &Behavior, urn: &str) -> Markup {
    let parent = state.posts.iter().find(|post| post.urn == urn && !post.is_deleted);
    html! {
        blockquote.attachment {
            @match parent {
                Some(parent) => (body(state, behavior, parent)),
                None => span.none { "This post was deleted." }
            }
        }
    }
}

/// Renders what is below the text.
fn attachment(state: &SandboxState, content: &Value) -> Markup {
    let images = content::images(content);
    html! {
        @if let Some(article) = content.get("article") { (link_card(state, article)) }
        @if let Some((urn, title)) = content::document_or_video(content) { (document_or_video(state, urn, title)) }
        @if let Some(poll) = content.get("poll") { (poll_card(poll, &content::poll_options(content))) }
        @if !images.is_empty() {
            div.images.several[images.len() > 1] {
                @for (urn, alt_text) in images {
                    @if let Some(path) = image_path(state, urn) {
                        img src=(path) alt=(sanitize(alt_text.unwrap_or_default(), 4086)) loading="lazy";
                    }
                }
            }
        }
    }
}

/// Returns the path of an uploaded image.
fn image_path(state: &SandboxState, urn: &str) -> Option<String> {
    let image = state.images.iter().find(|image| image.urn() == urn)?;
    Some(format!("{}{}", paths::IMAGE_FILES, image.id))
}

/// Renders the card of a link. It leads to the linked page, unless the link is not one to a web page.
fn link_card(state: &SandboxState, article: &Value) -> Markup {
    let text = |field: &str| sanitize_text(article[field].as_str().unwrap_or_default());
    let source = text("source");
    let url = Url::parse(&source).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let site = url.as_ref().and_then(Url::host_str).unwrap_or(&source);
    html! {
        a.attachment href=[url.as_ref()] rel="noreferrer" {
            @if let Some(path) = article["thumbnail"].as_str().and_then(|urn| image_path(state, urn)) {
                img src=(path) alt="" loading="lazy";
            }
            strong { (text("title")) }
            small { (text("description")) }
            small { (site) }
        }
    }
}

/// Renders a document or a video without its content, which is not stored; of a video there is its thumbnail.
fn document_or_video(state: &SandboxState, urn: &str, title: &str) -> Markup {
    let Some(media) = media::find(state, urn) else { return html! {} };
    let mut facts = vec![if media.is_video { "Video" } else { "Document" }.to_owned()];
    facts.extend(media.pages.map(|pages| format!("{pages} {}", if pages == 1 { "page" } else { "pages" })));
    facts.extend(media.length_seconds.map(|seconds| format!("{}:{:02}", seconds / 60, seconds % 60)));
    facts.extend(media.has_captions.then(|| "captions".to_owned()));
    html! {
        div.attachment {
            @if media.is_video {
                div.screen {
                    @if media.has_thumbnail {
                        img src={ (paths::IMAGE_FILES) (media.id) } alt="" loading="lazy";
                    }
                    span aria-hidden="true" { "▶" }
                }
            }
            strong { (sanitize_text(title)) }
            small { (facts.join(" · ")) }
        }
    }
}

/// Renders a poll, without a way to vote.
fn poll_card(poll: &Value, options: &[&str]) -> Markup {
    let duration = match poll["settings"]["duration"].as_str().unwrap_or_default() {
        "ONE_DAY" => "1 day",
        "SEVEN_DAYS" => "7 days",
        "FOURTEEN_DAYS" => "14 days",
        _ => "3 days",
    };
    html! {
        div.attachment {
            strong { (sanitize_text(poll["question"].as_str().unwrap_or_default())) }
            ul.options { @for option in options { li { (sanitize_text(option)) } } }
            small { "Open for " (duration) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_card_leads_to_web_pages_only() {
        for (source, is_link) in [("https://example.com/", true), ("javascript:alert(1)", false), ("", false)] {
            let card = link_card(&SandboxState::default(), &serde_json::json!({ "source": source })).into_string();
            assert_eq!(card.contains("href"), is_link, "{card}");
        }
    }

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
