//! The bindings of the welcome and the setup. An action whose current label is `None` does nothing there.

use crossterm::event::KeyCode;

use super::super::context::Action;
use super::super::key::Key;
use super::{
    ALT_LEFT, Binding, ESC, FORM_HELP, HELP, NEXT_FIELD, PREVIOUS_FIELD, ROW_DOWN, ROW_UP, SCROLL_DOWN, SCROLL_UP,
    SPACE, TAB, ctrl, enter, esc, help_only, hint, key,
};
use crate::linkedin::scopes::PRESETS;
use crate::tui::screens::setup;
use crate::tui::state::State;

const BACK: Binding = hint(Action::Back, &[ESC, ALT_LEFT], "back");
const NEXT: Binding = enter(Action::Continue, "continue");
const OPEN_PORTAL: Binding = hint(Action::OpenPortal, &[ctrl('o')], "open portal");
const QUIT: Binding = hint(Action::Quit, &[key('q')], "quit");

pub(super) const WELCOME: &[Binding] = &[
    enter(Action::Continue, "sign in"),
    hint(Action::AddSamples, &[key('a')], "look around"),
    hint(Action::OpenGuide, &[key('o')], "guide"),
    HELP,
    QUIT,
    SCROLL_UP,
    SCROLL_DOWN,
];

pub(super) const GUIDE: &[Binding] = &[
    NEXT.labeled(|state| Some(setup::guide_next_label(state).to_owned())),
    hint(Action::Toggle, &[SPACE], "mark done").labeled(|state| Some(setup::guide_toggle_label(state).to_owned())),
    hint(Action::OpenPage, &[key('o')], "open in browser"),
    hint(Action::CopyRedirectUrl, &[key('y')], "copy URL"),
    hint(Action::OutdatedTutorials, &[key('O')], "old tutorials"),
    HELP,
    esc("back").labeled(|state| Some(setup::back_label(state).to_owned())),
    QUIT,
    ROW_UP,
    ROW_DOWN,
];

fn has_secret(state: &State) -> bool {
    !state.setup.secret.text().is_empty() && setup::shows_credential_fields(state)
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
    NEXT,
    hint(Action::Toggle, &[SPACE], "toggle").labeled(|state| setup::toggle_label(state).map(str::to_owned)),
    hint(Action::Filter, &[key('/')], "find"),
    hint(Action::PresetOne, &[key('1')], PRESETS[0].title),
    hint(Action::PresetTwo, &[key('2')], PRESETS[1].title),
    hint(Action::PresetThree, &[key('3')], PRESETS[2].title),
    HELP,
    BACK,
    help_only(Action::Expand, &[Key::code(KeyCode::Right)], "show the product's scopes"),
    help_only(Action::Collapse, &[Key::code(KeyCode::Left)], "hide the product's scopes"),
    help_only(Action::NextField, &[TAB], "custom scopes"),
    ROW_UP,
    ROW_DOWN,
];

pub(super) const CUSTOM_SCOPES: &[Binding] = &[
    NEXT,
    hint(Action::NextField, &[TAB], "back to the list"),
    FORM_HELP,
    BACK,
    help_only(Action::Up, &[Key::code(KeyCode::Up)], "last row of the list"),
];

pub(super) const FIND_SCOPE: &[Binding] = &[
    enter(Action::Continue, "done"),
    hint(Action::Toggle, &[SPACE], "toggle"),
    hint(Action::Back, &[ESC], "close"),
    ROW_UP,
    ROW_DOWN,
];

pub(super) const REDIRECT_URL: &[Binding] =
    &[NEXT, hint(Action::CopyRedirectUrl, &[ctrl('y')], "copy URL"), OPEN_PORTAL, FORM_HELP, BACK];

pub(super) const REVIEW: &[Binding] = &[
    enter(Action::Continue, "sign in").labeled(|state| Some(setup::review_next_label(state).to_owned())),
    hint(Action::NextField, &[TAB, Key::code(KeyCode::Down)], "select a line to change"),
    FORM_HELP,
    BACK,
    help_only(Action::PreviousField, &[Key::code(KeyCode::BackTab), Key::code(KeyCode::Up)], "previous line"),
];
