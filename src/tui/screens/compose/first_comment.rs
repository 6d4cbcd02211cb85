//! The comment that follows a post: its field, and what became of it.

use super::{ComposedPost, Part, Stage, non_empty};
use crate::flows::permissions::AcceptedWrite;
use crate::flows::publish::{FirstComment, Published};
use crate::flows::social;
use crate::linkedin::capabilities::Capability;
use crate::linkedin::urn::is_page_urn;
use crate::store::Member;
use crate::text::sanitize;
use crate::tui::state::State;
use crate::tui::widgets::page::Page;

impl ComposedPost {
    /// Returns whether the form has the field.
    pub(super) fn has_first_comment_field(&self) -> bool {
        !self.is_edit()
    }

    /// Returns why LinkedIn would refuse a comment of the selected author; `None` for a Page, for which that is not known.
    pub(super) fn comment_refusal(&self) -> Option<&str> {
        let is_page = self.selected_author().and_then(|author| author.urn.as_deref()).is_some_and(is_page_urn);
        self.comment_refusal.as_deref().filter(|_| !is_page)
    }

    /// Returns what LinkedIn accepted last from an author.
    pub(super) fn accepted_from(&self, author: &str) -> Vec<Capability> {
        self.accepted.iter().filter(|one| one.author == author).map(|one| one.capability).collect()
    }

    /// Returns the comment to send after the post.
    pub(super) fn first_comment_text(&self) -> Option<String> {
        non_empty(self.first_comment.trimmed()).filter(|_| !self.is_edit())
    }
}

/// Returns why LinkedIn may refuse the comment that was typed. Without a text an earlier refusal is shown only while the
/// field has the focus.
pub(super) fn warning(state: &State, post: &ComposedPost) -> Option<String> {
    let known = || post.comment_refusal().filter(|_| post.part == Part::FirstComment).map(str::to_owned);
    let store = state.store();
    let refusal = || {
        let profile = store.profile(&post.profile)?;
        let author = post.author_urn().map(str::to_owned).or_else(|| profile.member.as_ref().map(Member::urn));
        let is_accepted = author.is_some_and(|author| post.accepted_from(&author).contains(&Capability::Comment));
        social::refusal(profile, Capability::Comment, post.author_urn()).filter(|_| !is_accepted)
    };
    let refusal = match post.first_comment_text() {
        None => known()?,
        Some(_) => post.comment_refusal().map(str::to_owned).or_else(refusal)?,
    };
    Some(format!("LinkedIn may refuse the comment. {}", sanitize(&refusal, 300)))
}

/// Keeps the text of a first comment that was not published, for the dialog that comments on the post.
pub(super) fn keep_text(state: &mut State, published: &Published, text: Option<String>) {
    let is_published = published.first_comment.as_ref().is_none_or(|outcome| *outcome == FirstComment::Published);
    if let (Some(urn), Some(text), false) = (&published.urn, text, is_published) {
        state.comment_drafts.insert(urn.clone(), text);
    }
}

/// Handles a comment that was published by the dialog: where the first comment of the post was missing, this is it.
pub(crate) fn on_commented(state: &mut State, urn: &str) {
    let Some(id) = state.compose().map(|post| post.id) else { return };
    if let Some(post) = state.compose_mut(id)
        && let Stage::Published(published) = &mut post.stage
        && published.urn.as_deref() == Some(urn)
    {
        let author = published.author.clone();
        post.accepted.push(AcceptedWrite { capability: Capability::Comment, author });
        if published.first_comment.is_some() {
            published.first_comment = Some(FirstComment::Published);
        }
    }
}

/// Returns the title of a published post whose first comment is missing, or may be.
pub(super) fn title(published: &Published) -> Option<&'static str> {
    match published.first_comment.as_ref()? {
        FirstComment::Published => None,
        outcome if outcome.is_maybe_published() => Some("! Published, maybe without the first comment"),
        FirstComment::NotSent | FirstComment::Failed(_) => Some("! Published without the first comment"),
    }
}

/// Adds to the page of a published post why it has no first comment, or may have none.
pub(super) fn add_problem(page: &mut Page, state: &State, post: &ComposedPost, published: &Published) {
    let Some(outcome) = published.first_comment.as_ref().filter(|_| published.lacks_comment()) else { return };
    match outcome {
        FirstComment::Failed(error) if outcome.is_maybe_published() => {
            page.failure(page.theme.warning(), error, "Look at the post on LinkedIn before you comment again.");
        }
        FirstComment::Failed(error) => page.failure(page.theme.error(), error, &state.hint(error)),
        _ if published.is_duplicate => {
            page.warning("The first comment was not sent, because the post existed already.");
        }
        _ => page.warning("The first comment was not sent."),
    }
    page.blank();
    let text = format!("\"{}\"", sanitize(&post.first_comment_text().unwrap_or_default(), 300));
    page.value_with_note("First comment", &text, if published.urn.is_some() { "kept until you quit" } else { "" });
    page.blank();
}
