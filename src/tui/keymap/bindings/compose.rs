//! The bindings of the compose screen.

use crossterm::event::KeyCode;

use super::super::context::Action;
use super::super::key::Key;
use super::{
    Binding, ENTER, ESC, FORM_HELP, SCROLL_DOWN, SCROLL_UP, SHIFT_TAB, TAB, ctrl, enter, esc, help_only, hint, key, no,
    yes,
};
use crate::tui::screens::compose::Compose;
use crate::tui::state::State;

fn has_several_authors(state: &State) -> bool {
    state.compose().is_some_and(|post| post.authors.len() > 1)
}

pub(super) const COMPOSE: &[Binding] = &[
    hint(Action::Preview, &[ctrl('p')], "preview and publish"),
    hint(Action::NextField, &[TAB], "next field"),
    hint(Action::ChangeVisibility, &[Key::alt(KeyCode::Char('v'))], "visibility"),
    hint(Action::NextAuthor, &[Key::alt(KeyCode::Char('a'))], "author").when(has_several_authors),
    hint(Action::Clear, &[ctrl('x')], "clear"),
    FORM_HELP,
    esc("close and keep the draft"),
    help_only(Action::PreviousField, &[SHIFT_TAB], "previous field"),
];

pub(super) const PREVIEW: &[Binding] =
    &[enter(Action::Publish, "publish"), esc("back to the text"), SCROLL_UP, SCROLL_DOWN];

pub(super) const PUBLISHING: &[Binding] = &[FORM_HELP];

pub(super) const PUBLISHED: &[Binding] = &[
    hint(Action::OpenPage, &[key('o')], "open"),
    hint(Action::CopyLink, &[key('c')], "copy URL"),
    hint(Action::CopyUrn, &[key('y')], "copy URN"),
    hint(Action::Delete, &[key('d')], "delete"),
    hint(Action::Back, &[ENTER, ESC], "profile list"),
];

pub(super) const DELETE_POST: &[Binding] = &[yes(Action::Delete, "delete"), no("cancel")];

fn needs_sign_in(state: &State) -> bool {
    state.compose().is_some_and(Compose::needs_sign_in)
}

pub(super) const NOT_PUBLISHED: &[Binding] = &[
    hint(Action::Reauthorize, &[key('r')], "re-authorize").when(needs_sign_in),
    hint(Action::Back, &[ENTER, ESC], "back to the text"),
];
