//! The deliveries of a profile's token: their progress on the screen after a sign-in, and the panel that manages them.

mod add;
mod panel;

pub(crate) use panel::{DeliveriesPanel, DeliveriesStep};
pub(crate) use panel::{deliver_all_label, handle, on_added, open, page};

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::progress::spinner;
use crate::session::DeliveryEvent;
use crate::store::{Delivery, DeliveryResult, Name, Profile};
use crate::text::{sanitize, wrap};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::Effect;
use crate::tui::state::{Screen, State};
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::Page;

/// A delivery that this run of the program started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedDelivery {
    profile: Name,
    name: String,
    /// Whether it sends a test token.
    is_test: bool,
    /// `None` while it is running.
    result: Option<DeliveryResult>,
}

pub(crate) fn on_progressed(state: &mut State, event: DeliveryEvent) -> Vec<Effect> {
    match event {
        DeliveryEvent::Started { profile, delivery, is_test } => {
            state.deliveries.retain(|started| started.profile != profile || started.name != delivery);
            state.deliveries.push(StartedDelivery { profile, name: delivery, is_test, result: None });
            Vec::new()
        }
        DeliveryEvent::Finished { profile, delivery, result } => {
            if !result.succeeded() && !is_shown(state, &profile) {
                let name = sanitize(&delivery, 60);
                state.notify_error(format!(
                    "The token of profile {profile} was not delivered to {name}. {}",
                    result.summary()
                ));
            }
            let started =
                state.deliveries.iter_mut().find(|started| started.profile == profile && started.name == delivery);
            if let Some(started) = started {
                started.result = Some(result);
            }
            vec![Effect::ReloadStore]
        }
        DeliveryEvent::Failed { profile, error } => {
            state.deliveries.retain(|started| started.profile != profile || started.result.is_some());
            state.notify_error(format!("The deliveries of profile {profile}: {error} {}", state.status_hint(&error)));
            Vec::new()
        }
    }
}

/// Returns whether this profile's deliveries are on the screen.
fn is_shown(state: &State, profile: &Name) -> bool {
    let is_signed_in =
        matches!(&state.screen, Screen::SignedIn(signed_in) if signed_in.outcome.profile.name == *profile);
    is_signed_in || state.deliveries_panel().is_some_and(|panel| panel.profile == *profile)
}

pub(crate) fn is_any_running(state: &State) -> bool {
    state.deliveries.iter().any(|started| started.result.is_none())
}

fn started_deliveries<'a>(state: &'a State, profile: &'a Name) -> impl Iterator<Item = &'a StartedDelivery> {
    state.deliveries.iter().filter(move |started| started.profile == *profile)
}

/// Returns what this run of the program started, unless another process saved a newer result.
fn find_started<'a>(state: &'a State, profile: &'a Name, delivery: &Delivery) -> Option<&'a StartedDelivery> {
    let is_current = |result: &DeliveryResult| {
        // A result is saved with whole seconds.
        delivery.last_result.as_ref().is_none_or(|last| last.at.as_second() <= result.at.as_second())
    };
    started_deliveries(state, profile)
        .find(|started| started.name == delivery.name && started.result.as_ref().is_none_or(is_current))
}

/// Forgets the results of deliveries that were removed: another one of the same name has not run yet.
pub(crate) fn forget_removed(state: &mut State) {
    let Some(store) = &state.store else { return };
    state.deliveries.retain(|started| {
        let profile = store.profile(&started.profile).filter(|_| started.result.is_some());
        profile.is_none_or(|profile| profile.deliveries.iter().any(|delivery| delivery.name == started.name))
    });
}

/// Returns the deliveries that do not have the real token: they failed, have a test token, or never ran.
fn pending_deliveries(state: &State, profile: &Profile) -> Vec<String> {
    let lacks_token = |delivery: &&Delivery| !has_real_token(state, &profile.name, delivery);
    profile.deliveries.iter().filter(lacks_token).map(|delivery| delivery.name.clone()).collect()
}

/// Runs the deliveries that do not have the real token, or all deliveries if all of them have it. No names select all.
fn deliver_all(state: &mut State, profile: &Profile) -> Vec<Effect> {
    let mut only = pending_deliveries(state, profile);
    if only.len() == profile.deliveries.len() {
        only.clear();
    }
    deliver(state, profile, only, false)
}

/// Returns whether the last known delivery stored the real token. A failed test has replaced nothing at the target.
fn has_real_token(state: &State, profile: &Name, delivery: &Delivery) -> bool {
    let result = find_started(state, profile, delivery).and_then(|started| started.result.as_ref());
    let last = result.filter(|result| result.succeeded() || !result.is_test_token).or(delivery.last_result.as_ref());
    last.is_some_and(DeliveryResult::delivered_token)
}

/// Delivers the stored token, or a test token; to all where none is named.
fn deliver(state: &mut State, profile: &Profile, only: Vec<String>, is_test: bool) -> Vec<Effect> {
    if profile.deliveries.is_empty() {
        let add = state.key_sentence(KeyContext::Deliveries, Action::Add, "add one");
        state.notify(format!("No deliveries yet. {add}"));
        return Vec::new();
    }
    if started_deliveries(state, &profile.name).any(|started| started.result.is_none()) {
        state.notify("The deliveries are still running.");
        return Vec::new();
    }
    // A sentence about what the keys do is outdated now.
    state.notification = None;
    vec![Effect::Deliver { profile: profile.name.clone(), only, is_test }]
}

/// The progress or the result of a delivery, as it is drawn.
struct Progress {
    mark: &'static str,
    style: Style,
    detail: String,
}

impl Progress {
    /// Returns the progress of a delivery that this run of the program started.
    fn from_started(state: &State, profile: &Name, delivery: &Delivery, theme: Theme) -> Option<Self> {
        let started = find_started(state, profile, delivery)?;
        let Some(result) = &started.result else {
            let detail = if started.is_test { "sending a test token" } else { "running" };
            return Some(Self { mark: spinner(theme, state.now), style: theme.accent(), detail: detail.to_owned() });
        };
        let (mark, style) = result_mark(result.succeeded(), started.is_test, theme);
        let detail = match (result.succeeded(), started.is_test) {
            (true, true) => format!("has a test token and needs the real one. {}", result.last_line),
            (true, false) => result.last_line.clone(),
            (false, true) => format!("the test token was not delivered. {}", result.summary()),
            (false, false) => result.summary(),
        };
        Some(Self { mark, style, detail })
    }

    /// Returns the saved result of an earlier run.
    fn from_last(state: &State, last: &DeliveryResult, theme: Theme) -> Self {
        let (mark, style) = result_mark(last.succeeded(), last.is_test_token, theme);
        let detail = match (last.succeeded(), last.is_test_token) {
            (true, true) => "has a test token and needs the real one".to_owned(),
            (true, false) => format!("delivered {}", last.last_line),
            (false, _) => last.summary(),
        };
        let at = time_format::format_minute(state, last.at);
        Self { mark, style, detail: format!("{at}{}{}", theme.separator(), detail.trim_end()) }
    }

    fn not_run(theme: Theme) -> Self {
        Self { mark: theme.symbol("○", "."), style: theme.dim(), detail: "not run yet".to_owned() }
    }

    /// Returns the lines of the delivery `name`; `cursor` is before the first.
    fn lines(&self, name: &str, cursor: &Span<'static>, width: usize) -> Vec<Line<'static>> {
        let name = sanitize(name, 60);
        let text =
            if self.detail.is_empty() { name } else { format!("{name}: {}", sanitize(self.detail.trim_end(), 300)) };
        let line = |(number, row): (usize, String)| {
            let mut spans = vec![Span::raw("    ")];
            if number == 0 {
                spans = vec![cursor.clone(), Span::styled(format!("{} ", self.mark), self.style)];
            }
            spans.push(Span::raw(row));
            Line::from(spans)
        };
        wrap(&text, width.saturating_sub(4)).into_iter().enumerate().map(line).collect()
    }
}

fn result_mark(has_succeeded: bool, is_test: bool, theme: Theme) -> (&'static str, Style) {
    match (has_succeeded, is_test) {
        (true, true) => ("!", theme.warning_mark()),
        (true, false) => theme.done_mark(),
        (false, _) => theme.failed_mark(),
    }
}

/// Adds the deliveries of a profile whose token is new.
pub(super) fn add_lines(page: &mut Page, state: &State, profile: &Profile) {
    if profile.deliveries.is_empty() {
        return;
    }
    let theme = page.theme;
    page.blank();
    page.lines.push(Line::styled("Deliveries", theme.strong()));
    for delivery in &profile.deliveries {
        // Another process may have delivered the new token meanwhile.
        let is_of_token =
            |last: &&DeliveryResult| profile.token.as_ref().is_some_and(|token| token.issued_at <= last.at);
        let last = delivery.last_result.as_ref().filter(is_of_token);
        let progress = Progress::from_started(state, &profile.name, delivery, theme)
            .or_else(|| Some(Progress::from_last(state, last?, theme)))
            .unwrap_or(Progress::not_run(theme));
        page.lines.extend(progress.lines(&delivery.name, &Span::raw("  "), page.width));
    }
    let mut started = profile.deliveries.iter().filter_map(|delivery| find_started(state, &profile.name, delivery));
    let failed = started.any(|started| started.result.as_ref().is_some_and(|result| !result.succeeded()));
    if failed && !is_any_running(state) {
        let text = "show deliveries and retry the failed ones; the token is saved";
        page.choice(state, (KeyContext::SignedIn, Action::Deliveries), Some(text));
    }
}
