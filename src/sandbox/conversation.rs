//! Reactions and comments as readers see them, below a post of the feed.

use maud::{Markup, html};

use super::html::{format_time, sanitize_text};
use super::members::SandboxMember;
use super::organizations;
use super::scenario::Behavior;
use super::state::SandboxState;

/// Returns the name of a Page, or of the member behind an actor that is not a Page.
pub(super) fn display_name(behavior: &Behavior, actor: &str, member: &str) -> String {
    match organizations::find(actor) {
        Some(page) => page.name.to_owned(),
        None => behavior.member(member).map(SandboxMember::display_name).unwrap_or_default(),
    }
}

/// Renders the reactions and comments of a post; nothing without any.
pub(super) fn render(state: &SandboxState, behavior: &Behavior, post: &str) -> Markup {
    let reactions: Vec<String> =
        state.reaction_counts(post).iter().map(|(kind, count)| format!("{} {count}", label(kind))).collect();
    html! {
        @if !reactions.is_empty() { small.reactions { (reactions.join(" · ")) } }
        @for comment in state.comments_on(post) {
            @let name = display_name(behavior, &comment.actor, &comment.member);
            p.comment id=(comment.urn()) {
                strong { (sanitize_text(&name)) } " " (comment.text) " "
                small { (format_time(comment.at)) @if comment.is_edited { " · Edited" } }
            }
        }
    }
}

/// Returns the name of a reaction on LinkedIn.
fn label(kind: &str) -> &str {
    match kind {
        "LIKE" => "Like",
        "PRAISE" => "Celebrate",
        "EMPATHY" => "Love",
        "INTEREST" => "Insightful",
        "APPRECIATION" => "Support",
        "ENTERTAINMENT" => "Funny",
        other => other,
    }
}
