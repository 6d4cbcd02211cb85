//! Posts as their readers see them: a list on the control page, and each under its permalink.

use maud::{Markup, html};
use serde_json::Value;
use url::Url;

use super::call::Call;
use super::core::Core;
use super::html::{not_found, page, text, time};
use super::members::{self, SandboxMember};
use super::reply::Reply;
use super::state::{Post, SandboxState};
use super::{content, organizations, paths};
use crate::Result;
use crate::linkedin::endpoints::FEED_UPDATE;
use crate::text::clean;

/// Posts that the feed lists.
const MAX_POSTS: usize = 50;

/// Returns the newest posts.
pub(super) fn list(state: &SandboxState) -> Markup {
    html! {
        @for post in state.posts.iter().rev().take(MAX_POSTS) { (card(state, post)) }
        @if state.posts.is_empty() {
            div.update.blank {
                strong { "No posts yet." }
                "linkedin-tui --sandbox post \"Hello LinkedIn API :-)\""
            }
        }
    }
}

/// `GET /feed/update/{urn}/`.
pub(super) fn permalink(core: &Core, call: &Call) -> Result<Reply> {
    let urn = call.path.trim_start_matches(FEED_UPDATE).trim_end_matches('/').replace("%3A", ":");
    let state = core.state()?;
    Ok(match state.posts.iter().find(|post| post.urn == urn && !post.deleted) {
        None => Reply::html(404, not_found()),
        Some(post) => {
            let content = html! { div.single { (card(&state, post)) p { a href="/" { "← The whole feed" } } } };
            Reply::html(200, page(&author(post), &content))
        }
    })
}

fn author(post: &Post) -> String {
    match organizations::find(&post.author) {
        Some(page) => page.name.to_owned(),
        None => members::find(&post.member).map(SandboxMember::display_name).unwrap_or_default(),
    }
}

fn card(state: &SandboxState, post: &Post) -> Markup {
    let name = author(post);
    if post.deleted {
        let line = post.text.lines().next().unwrap_or_default();
        return html! { div.update.gone { "Deleted by " (text(&name)) ": " s { (clean(line, 60)) } } };
    }
    let visibility = if post.visibility == "PUBLIC" { "Anyone" } else { "Connections only" };
    html! {
        article.update id=(post.urn) aria-label={ "Post by " (text(&name)) } {
            div.actor {
                strong { (text(&name)) }
                small { (time(post.at)) @if post.edited.is_some() { " · EditOutcome" } " · " (visibility) }
            }
            @if !post.text.is_empty() { p.post { (with_hashtags(&post.text)) } }
            @if let Some(content) = &post.content { (below(state, content)) }
            footer { span { (post.urn) } a href={ (FEED_UPDATE) (post.urn) "/" } { "Permalink" } }
        }
    }
}

/// Marks the hashtags of a post's text.
fn with_hashtags(post: &str) -> Markup {
    html! {
        @for (piece, is_hashtag) in split_hashtags(post) {
            @if is_hashtag { span.tag { (piece) } } @else { (piece) }
        }
    }
}

/// Splits a post's text into pieces, each with whether it is a hashtag: that begins a word and has a
/// letter.
fn split_hashtags(post: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut done = 0;
    for (start, hash) in post.match_indices('#') {
        let word = start + hash.len();
        let end = post[word..].find(|c: char| !c.is_alphanumeric()).map_or(post.len(), |length| word + length);
        let begins_word = !post[..start].ends_with(char::is_alphanumeric);
        if begins_word && post[word..end].contains(char::is_alphabetic) {
            pieces.extend([(&post[done..start], false), (&post[start..end], true)]);
            done = end;
        }
    }
    pieces.push((&post[done..], false));
    pieces
}

/// The article or the images below the text. LinkedIn reads nothing from the article's page either.
fn below(state: &SandboxState, content: &Value) -> Markup {
    if let Some(article) = content.get("article") {
        return link(article);
    }
    html! {
        div.pictures {
            @for (urn, alt) in content::images(content) {
                @if let Some(image) = state.images.iter().find(|image| image.urn() == urn) {
                    img src={ (paths::IMAGE_FILES) (image.id) } alt=(clean(alt.unwrap_or_default(), 4086))
                        loading="lazy";
                }
            }
        }
    }
}

fn link(article: &Value) -> Markup {
    let field = |name: &str| text(article[name].as_str().unwrap_or_default());
    let source = article["source"].as_str().unwrap_or_default();
    let url = Url::parse(source).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let host = url.as_ref().and_then(Url::host_str).unwrap_or(source);
    let card = html! { strong { (field("title")) } small { (field("description")) } small { (text(host)) } };
    html! {
        @if let Some(url) = &url {
            a.article href=(url) rel="noopener noreferrer nofollow" { (card) }
        } @else {
            div.article { (card) }
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
            ("#a#b #李小龙", "<span class=\"tag\">#a</span>#b <span class=\"tag\">#李小龙</span>"),
        ] {
            assert_eq!(with_hashtags(post).into_string(), shown);
        }
    }
}
