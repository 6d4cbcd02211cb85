//! The bindings of the deliveries panel.

use super::super::context::Action;
use super::{Binding, ESC, HELP, NEXT_FIELD, PREVIOUS_FIELD, ROW_DOWN, ROW_UP, enter, esc, hint, key, no, yes};
use crate::tui::screens::deliveries;
use crate::tui::state::State;

fn has_deliveries(state: &State) -> bool {
    let store = state.store.as_ref();
    let profile = state.deliveries_panel().and_then(|panel| store?.profile(&panel.profile));
    profile.is_some_and(|profile| !profile.deliveries.is_empty())
}

/// Returns what the primary key does: without deliveries it adds one.
fn deliver_label(state: &State) -> Option<String> {
    state.deliveries_panel()?;
    Some(if has_deliveries(state) { "deliver now" } else { "add a delivery" }.to_owned())
}

fn deliver_all_label(state: &State) -> Option<String> {
    has_deliveries(state).then(|| deliveries::deliver_all_label(state))
}

pub(super) const DELIVERIES: &[Binding] = &[
    enter(Action::Deliver, "deliver now").labeled(deliver_label),
    hint(Action::DeliverAll, &[key('T')], "deliver all").labeled(deliver_all_label),
    hint(Action::SendTestToken, &[key('n')], "test token").when(has_deliveries),
    hint(Action::Add, &[key('a')], "add").when(has_deliveries),
    hint(Action::Delete, &[key('d')], "remove").when(has_deliveries),
    HELP,
    hint(Action::Back, &[ESC, key('q')], "close"),
    ROW_UP,
    ROW_DOWN,
];

pub(super) const REMOVE_DELIVERY: &[Binding] = &[yes(Action::Delete, "remove"), no("cancel")];

pub(super) const TEST_DELIVERY: &[Binding] = &[yes(Action::SendTestToken, "send the test token"), no("cancel")];

pub(super) const PRESETS: &[Binding] = &[enter(Action::Continue, "select"), esc("back"), ROW_UP, ROW_DOWN];

pub(super) const ADD_DELIVERY: &[Binding] = &[enter(Action::Save, "add"), NEXT_FIELD, esc("back"), PREVIOUS_FIELD];
