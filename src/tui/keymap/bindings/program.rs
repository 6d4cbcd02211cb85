//! The bindings of what is opened over every screen: palette, help, request log and settings.

use crossterm::event::KeyCode;

use super::super::context::Action;
use super::super::key::Key;
use super::{
    Binding, DOWN, ENTER, ESC, F1, F2, HELP, LEFT, RIGHT, ROW_DOWN, ROW_UP, SCROLL_DOWN, SCROLL_UP, SPACE, UP, enter,
    esc, help_only, hint, key,
};
use crate::tui::screens::{palette, requests, settings};

const ARROW_UP: Binding = help_only(Action::Up, &[UP], "up");
const ARROW_DOWN: Binding = help_only(Action::Down, &[DOWN], "down");
const SCROLL_ARROW_UP: Binding = Binding { scrolls_page: true, ..ARROW_UP };
const SCROLL_ARROW_DOWN: Binding = Binding { scrolls_page: true, ..ARROW_DOWN };

pub(super) const PALETTE: &[Binding] = &[
    enter(Action::Apply, "run").when(palette::has_matches),
    hint(Action::Back, &[ESC, F2], "close"),
    ARROW_UP,
    ARROW_DOWN,
];

pub(super) const HELP_KEYS: &[Binding] = &[
    hint(Action::Filter, &[key('/')], "find"),
    hint(Action::Back, &[ESC, key('?'), key('q'), ENTER, F1], "close"),
    SCROLL_UP,
    SCROLL_DOWN,
];

pub(super) const FIND_HELP: &[Binding] =
    &[enter(Action::Apply, "apply"), esc("clear"), SCROLL_ARROW_UP, SCROLL_ARROW_DOWN];

pub(super) const REQUESTS: &[Binding] = &[
    enter(Action::Continue, "details").when(requests::has_requests),
    hint(Action::CopyCurl, &[key('y')], "copy as curl").when(requests::has_requests),
    HELP,
    hint(Action::Back, &[ESC, key('L'), key('q')], "close"),
    ROW_UP,
    ROW_DOWN,
];

pub(super) const REQUEST: &[Binding] = &[
    hint(Action::CopyCurl, &[key('y')], "copy as curl"),
    hint(Action::PreviousRequest, &[LEFT], "previous").when(requests::has_previous),
    hint(Action::NextRequest, &[RIGHT], "next").when(requests::has_next),
    HELP,
    hint(Action::Back, &[ESC, ENTER, key('q')], "back"),
    SCROLL_UP,
    SCROLL_DOWN,
];

pub(super) const SETTINGS: &[Binding] = &[
    enter(Action::Edit, "change").labeled(settings::change_label),
    hint(Action::ResetSetting, &[Key::code(KeyCode::Delete), Key::code(KeyCode::Backspace)], "use the default")
        .when(settings::is_changed),
    help_only(Action::Toggle, &[SPACE], "change"),
    hint(Action::CopyFilePath, &[key('y')], "copy path"),
    HELP,
    hint(Action::Back, &[ESC, key(','), key('q')], "close"),
    ROW_UP,
    ROW_DOWN,
];

pub(super) const EDIT_SETTING: &[Binding] = &[enter(Action::Save, "save"), esc("cancel")];
