//! The setup screens.

use super::super::context::Action;
use super::{
    ALT_LEFT, Availability, Binding, DOWN, ENTER, ESC, FORM_HELP, HELP, SCROLL_DOWN, SCROLL_UP, SHIFT_TAB, SPACE, TAB,
    UP, ctrl, hint, key, more,
};
use crate::tui::state::State;

const BACK: Binding = hint(Action::Back, &[ESC, ALT_LEFT], "back");
const NEXT: Binding = hint(Action::Continue, &[ENTER], "continue");
const NEXT_FIELD: Binding = hint(Action::NextField, &[TAB, DOWN], "next field");
const PREVIOUS_FIELD: Binding = more(Action::PreviousField, &[SHIFT_TAB, UP], "previous field");
const OPEN_PORTAL: Binding = hint(Action::OpenPortal, &[ctrl('o')], "open portal");

fn guide_back(state: &State) -> Availability {
    let is_first = state.files.as_ref().is_none_or(|files| files.rows.is_empty());
    Availability::Labelled(if is_first { "quit" } else { "profile list" }.to_owned())
}

pub(super) const GUIDE: &[Binding] = &[
    NEXT,
    hint(Action::Toggle, &[SPACE], "mark done"),
    hint(Action::OpenPage, &[key('o')], "open page"),
    hint(Action::CopyUrl, &[key('y')], "copy URL"),
    hint(Action::OutdatedTutorials, &[key('t')], "outdated tutorials"),
    HELP,
    hint(Action::Back, &[ESC], "back or quit").when(guide_back),
    more(Action::Quit, &[key('q')], "quit"),
    SCROLL_UP,
    SCROLL_DOWN,
];

fn has_secret(state: &State) -> Availability {
    (!state.setup.secret.text().is_empty()).into()
}

pub(super) const CREDENTIALS: &[Binding] = &[
    NEXT,
    NEXT_FIELD,
    hint(Action::Reveal, &[ctrl('r')], "show secret").when(has_secret),
    OPEN_PORTAL,
    FORM_HELP,
    BACK,
    PREVIOUS_FIELD,
];

pub(super) const SCOPES: &[Binding] = &[
    hint(Action::Toggle, &[SPACE], "toggle"),
    NEXT,
    hint(Action::PresetOne, &[key('1')], "identity"),
    hint(Action::PresetTwo, &[key('2')], "post as member"),
    hint(Action::PresetThree, &[key('3')], "post as Page"),
    HELP,
    BACK,
    SCROLL_UP,
    SCROLL_DOWN,
    more(Action::NextField, &[TAB], "custom scopes"),
];

pub(super) const REDIRECT_URL: &[Binding] =
    &[NEXT, hint(Action::CopyUrl, &[ctrl('y')], "copy URL"), OPEN_PORTAL, FORM_HELP, BACK];

pub(super) const REVIEW: &[Binding] =
    &[hint(Action::Continue, &[ENTER], "sign in"), NEXT_FIELD, FORM_HELP, BACK, PREVIOUS_FIELD];
