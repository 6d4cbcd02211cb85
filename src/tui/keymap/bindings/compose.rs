//! The bindings of the compose screen and of the posts.

use crossterm::event::KeyCode;

use super::super::context::{Action, KeyContext};
use super::super::key::Key;
use super::{
    Binding, ENTER, ESC, FORM_HELP, HELP, ROW_DOWN, ROW_UP, SCROLL_DOWN, SCROLL_UP, SHIFT_TAB, TAB, ctrl, enter, esc,
    help_only, hint, key, no, step, take_step, yes,
};
use crate::tui::screens::compose::{self, ComposedPost, Stage};
use crate::tui::screens::{comment, next_steps, post_statistics, posts, reaction};
use crate::tui::state::State;

fn has_several_authors(state: &State) -> bool {
    state.compose().is_some_and(|post| post.authors.len() > 1 && !post.is_edit())
}

fn is_new(state: &State) -> bool {
    state.compose().is_some_and(|post| !post.is_edit())
}

fn preview_label(state: &State) -> Option<String> {
    Some(if state.compose()?.is_edit() { "preview and save" } else { "preview and publish" }.to_owned())
}

fn is_in_text(state: &State) -> bool {
    state.compose().is_some_and(ComposedPost::is_in_text)
}

fn can_preview_link(state: &State) -> bool {
    state.compose().is_some_and(ComposedPost::can_preview_link)
}

fn next_label(state: &State) -> Option<String> {
    match state.compose()? {
        post if post.has_name_list() => Some("insert the name".to_owned()),
        post if post.path_to_complete().is_some() => Some("complete the path".to_owned()),
        post => (!post.is_edit()).then(|| "next field".to_owned()),
    }
}

fn close_label(state: &State) -> Option<String> {
    let label = match state.compose()? {
        post if post.has_name_list() => "close names",
        post if post.is_reading_link() => "cancel reading",
        post if post.is_edit() => "back",
        post if !post.has_draft() => "close",
        _ => "save and close",
    };
    Some(label.to_owned())
}

fn publish_label(state: &State) -> Option<String> {
    let post = state.compose().filter(|_| !is_maybe_published(state))?;
    Some(if post.is_edit() { "save" } else { "publish" }.to_owned())
}

/// Returns whether an earlier attempt may have published the post.
fn is_maybe_published(state: &State) -> bool {
    state.compose().is_some_and(|post| post.maybe_published_at().is_some())
}

pub(super) const COMPOSE: &[Binding] = &[
    hint(Action::Preview, &[ctrl('p')], "preview and publish").labeled(preview_label),
    hint(Action::EditScopes, &[ctrl('g')], "add the scope").when(compose::can_add_scope),
    hint(Action::PreviewLink, &[ctrl('l')], "read the page").when(can_preview_link),
    hint(Action::NextField, &[TAB], "next field").labeled(next_label),
    hint(Action::EditExternally, &[ctrl('e')], "edit in $EDITOR"),
    hint(Action::Discard, &[ctrl('d')], "discard"),
    FORM_HELP,
    esc("save and close").labeled(close_label),
    help_only(Action::ChangeVisibility, &[Key::alt(KeyCode::Char('v'))], "visibility").when(is_new),
    help_only(Action::NextAuthor, &[Key::alt(KeyCode::Char('a'))], "author").when(has_several_authors),
    help_only(Action::ChangeAttachment, &[Key::alt(KeyCode::Char('t'))], "attachment").when(is_new),
    help_only(Action::PreviousAttachment, &[Key::alt(KeyCode::Char('T'))], "previous attachment").when(is_new),
    help_only(Action::Undo, &[Key::alt(KeyCode::Char('u'))], "undo").when(is_in_text),
    help_only(Action::Redo, &[ctrl('r')], "redo").when(is_in_text),
    help_only(Action::PreviousField, &[SHIFT_TAB], "previous field").when(is_new),
];

pub(super) const DISCARD_DRAFT: &[Binding] = &[yes(Action::Discard, "discard"), no("cancel")];

pub(super) const PREVIEW: &[Binding] = &[
    hint(Action::EditScopes, &[key('a')], "add the scope").when(compose::can_add_scope),
    enter(Action::Publish, "publish").labeled(publish_label),
    yes(Action::PublishAgain, "publish again").when(is_maybe_published),
    HELP,
    esc("back"),
    SCROLL_UP,
    SCROLL_DOWN,
];

pub(super) const PUBLISHING: &[Binding] = &[esc("cancel the upload").when(compose::can_cancel), HELP];

fn published(state: &State) -> Option<&crate::flows::publish::Published> {
    match &state.compose()?.stage {
        Stage::Published(published) => Some(published),
        _ => None,
    }
}

fn has_url(state: &State) -> bool {
    published(state).is_some_and(|published| published.url.is_some())
}

fn has_urn(state: &State) -> bool {
    published(state).is_some_and(|published| published.urn.is_some())
}

fn can_edit(state: &State) -> bool {
    published(state).is_some_and(|published| published.urn.is_some() && !published.is_duplicate)
}

fn comment_label(state: &State) -> Option<String> {
    let published = published(state).filter(|published| published.urn.is_some())?;
    let label = match &published.first_comment {
        Some(outcome) if outcome.is_maybe_published() => "send the comment again",
        _ if published.lacks_comment() => "send the comment",
        _ => "comment",
    };
    Some(label.to_owned())
}

pub(super) const PUBLISHED: &[Binding] = &[
    take_step(|state| next_steps::selected_label(state, KeyContext::Published)),
    step(Action::OpenPage, &[key('o')], "open the post").when(has_url),
    step(Action::Comment, &[key('m')], "comment").labeled(comment_label),
    step(Action::Edit, &[key('e')], "edit the text").when(can_edit),
    step(Action::Compose, &[key('p')], "write another"),
    step(Action::Posts, &[key('h')], "list of posts"),
    hint(Action::CopyUrlToOpen, &[key('c')], "copy URL").when(has_url),
    hint(Action::CopyUrn, &[key('y')], "copy URN").when(has_urn),
    hint(Action::Delete, &[key('d')], "delete").when(has_urn),
    HELP,
    esc("back").and_step(),
    ROW_UP,
    ROW_DOWN,
];

pub(super) const DELETE_POST: &[Binding] = &[yes(Action::Delete, "delete"), no("cancel")];

pub(super) const DELETE_RECORD: &[Binding] = &[yes(Action::Delete, "delete the record"), no("cancel")];

/// Leads from a result to the form, which still has the text.
const BACK_TO_TEXT: Binding = esc("back to the text").and_step();

pub(super) const NOT_PUBLISHED: &[Binding] = &[
    take_step(|state| next_steps::selected_label(state, KeyContext::NotPublished)),
    step(Action::OpenPortal, &[key('o')], "open portal (Products tab)").when(compose::can_open_portal),
    step(Action::Reauthorize, &[key('r')], "re-authorize").labeled(compose::reauthorize_label),
    HELP,
    BACK_TO_TEXT,
    ROW_UP,
    ROW_DOWN,
];

fn recent_activity_label(state: &State) -> Option<String> {
    Some(compose::open_recent_activity_label(state.compose()?.author_urn()))
}

pub(super) const MAYBE_PUBLISHED: &[Binding] = &[
    take_step(|state| next_steps::selected_label(state, KeyContext::MaybePublished)),
    step(Action::OpenPage, &[key('o')], "open your recent activity on LinkedIn").labeled(recent_activity_label),
    step(Action::Check, &[key('v')], "search for the post again"),
    HELP,
    BACK_TO_TEXT,
    ROW_UP,
    ROW_DOWN,
];

pub(super) const STATISTICS: &[Binding] = &[
    hint(Action::Check, &[key('v')], "check again").when(post_statistics::can_fetch),
    HELP,
    hint(Action::Back, &[ESC, key('q')], "close"),
    SCROLL_UP,
    SCROLL_DOWN,
];

pub(super) const COMMENT: &[Binding] = &[
    hint(Action::Publish, &[ctrl('p')], "publish the comment").when(comment::is_writing),
    FORM_HELP,
    esc("close and keep the text").labeled(comment::close_label),
];

pub(super) const COMMENT_FAILED: &[Binding] = &[
    take_step(|state| next_steps::selected_label(state, KeyContext::CommentFailed)),
    step(Action::OpenPage, &[key('o')], "open the post").when(comment::can_open),
    HELP,
    BACK_TO_TEXT,
    ROW_UP,
    ROW_DOWN,
];

pub(super) const REACT: &[Binding] = &[
    enter(Action::Apply, "react").labeled(reaction::apply_label),
    HELP,
    esc("cancel").when(reaction::can_choose),
    ROW_UP,
    ROW_DOWN,
];

pub(super) const POSTS: &[Binding] = &[
    hint(Action::OpenPage, &[ENTER, key('o')], "open").labeled(posts::open_label),
    hint(Action::Compose, &[key('p')], "write"),
    hint(Action::CopyUrlToOpen, &[key('c')], "copy URL").when(posts::has_url),
    help_only(Action::CopyUrn, &[key('y')], "copy URN").when(posts::has_urn),
    hint(Action::Check, &[key('v')], "search for it again").when(posts::is_maybe_published),
    hint(Action::Statistics, &[key('#')], "statistics").when(posts::is_published),
    hint(Action::Comment, &[key('m')], "comment").when(posts::is_published),
    hint(Action::React, &[key('+')], "react").when(posts::is_published),
    hint(Action::Edit, &[key('e')], "edit").when(posts::is_published),
    hint(Action::Delete, &[key('d')], "delete").labeled(posts::delete_label),
    hint(Action::Duplicate, &[key('D')], "new post from it").when(posts::has_post),
    hint(Action::Reshare, &[key('>')], "reshare").when(posts::is_published),
    HELP,
    hint(Action::Back, &[ESC, key('q')], "back"),
    ROW_UP,
    ROW_DOWN,
    help_only(Action::ScrollDown, &[key('J')], "scroll the post"),
    help_only(Action::ScrollUp, &[key('K')], "scroll the post back"),
];
