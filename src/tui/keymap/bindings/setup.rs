//! The bindings of the setup.

use super::super::context::Action;
use super::{
    ALT_LEFT, Binding, ESC, FORM_HELP, HELP, NEXT_FIELD, PREVIOUS_FIELD, SCROLL_DOWN, SCROLL_UP, SPACE, TAB, ctrl,
    enter, esc, help_only, hint, key,
};
use crate::linkedin::scopes::PRESETS;
use crate::tui::state::State;

const BACK: Binding = hint(Action::Back, &[ESC, ALT_LEFT], "back");
const NEXT: Binding = enter(Action::Continue, "continue");
const OPEN_PORTAL: Binding = hint(Action::OpenPortal, &[ctrl('o')], "open portal");

#[expect(clippy::unnecessary_wraps, reason = "other labels hide their binding with None")]
fn guide_back_label(state: &State) -> Option<String> {
    let has_no_profiles = state.files.as_ref().is_none_or(|files| files.rows.is_empty());
    Some(if has_no_profiles { "quit" } else { "profile list" }.to_owned())
}

pub(super) const GUIDE: &[Binding] = &[
    NEXT,
    hint(Action::Toggle, &[SPACE], "mark done"),
    hint(Action::OpenPage, &[key('o')], "open page"),
    hint(Action::CopyUrl, &[key('y')], "copy URL"),
    hint(Action::OutdatedTutorials, &[key('i')], "outdated tutorials"),
    HELP,
    esc("back or quit").labeled(guide_back_label),
    help_only(Action::Quit, &[key('q')], "quit"),
    SCROLL_UP,
    SCROLL_DOWN,
];

fn has_secret(state: &State) -> bool {
    !state.setup.secret.text().is_empty()
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
    hint(Action::PresetOne, &[key('1')], PRESETS[0].name),
    hint(Action::PresetTwo, &[key('2')], PRESETS[1].name),
    hint(Action::PresetThree, &[key('3')], PRESETS[2].name),
    HELP,
    BACK,
    SCROLL_UP,
    SCROLL_DOWN,
    help_only(Action::NextField, &[TAB], "custom scopes"),
];

pub(super) const REDIRECT_URL: &[Binding] =
    &[NEXT, hint(Action::CopyUrl, &[ctrl('y')], "copy URL"), OPEN_PORTAL, FORM_HELP, BACK];

pub(super) const REVIEW: &[Binding] =
    &[enter(Action::Continue, "sign in"), NEXT_FIELD, FORM_HELP, BACK, PREVIOUS_FIELD];
