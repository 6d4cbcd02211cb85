//! The deliveries of a profile.

use super::super::context::Action;
use super::{Availability, Binding, DOWN, ENTER, ESC, ROW_DOWN, ROW_UP, SHIFT_TAB, TAB, UP, hint, key, more};
use crate::tui::state::State;

fn has_deliveries(state: &State) -> Availability {
    let files = state.files.as_ref();
    let profile = state.panel().and_then(|panel| files?.profile(&panel.profile));
    profile.is_some_and(|profile| !profile.deliveries.is_empty()).into()
}

pub(super) const DELIVERIES: &[Binding] = &[
    hint(Action::Deliver, &[ENTER], "deliver now").when(has_deliveries),
    hint(Action::DeliverAll, &[key('t')], "deliver failed or all").when(has_deliveries),
    hint(Action::SendTestToken, &[key('n')], "test token").when(has_deliveries),
    hint(Action::Add, &[key('a')], "add"),
    hint(Action::Delete, &[key('d')], "remove").when(has_deliveries),
    hint(Action::Back, &[ESC, key('q')], "close"),
    ROW_UP,
    ROW_DOWN,
];

pub(super) const REMOVE_DELIVERY: &[Binding] =
    &[hint(Action::Delete, &[key('y')], "remove"), hint(Action::Back, &[ESC, key('n')], "cancel")];

pub(super) const TEST_DELIVERY: &[Binding] =
    &[hint(Action::SendTestToken, &[key('y')], "send the test token"), hint(Action::Back, &[ESC, key('n')], "cancel")];

pub(super) const PRESETS: &[Binding] =
    &[hint(Action::Continue, &[ENTER], "select"), hint(Action::Back, &[ESC], "back"), ROW_UP, ROW_DOWN];

pub(super) const ADD_DELIVERY: &[Binding] = &[
    hint(Action::Save, &[ENTER], "add"),
    hint(Action::NextField, &[TAB, DOWN], "next field"),
    hint(Action::Back, &[ESC], "back"),
    more(Action::PreviousField, &[SHIFT_TAB, UP], "previous field"),
];
