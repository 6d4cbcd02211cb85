//! Deliveries as they go on: told on the screen of a fresh token and in their own panel, or at the bottom of another screen.

mod add;
mod panel;

pub(crate) use panel::{Panel, Step};
pub(in crate::tui) use panel::{added, handle, open, page};

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::progress::spinner;
use crate::session::DeliveryEvent;
use crate::store::{Delivery, DeliveryResult, Name, Profile};
use crate::text::{clean, wrap};
use crate::tui::keymap::{Action, KeyContext, choice};
use crate::tui::message::Effect;
use crate::tui::state::{Screen, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

/// A delivery of this run of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningDelivery {
    profile: Name,
    name: String,
    /// Whether it gets a test token.
    test: bool,
    /// `None` while it goes on.
    result: Option<DeliveryResult>,
}

/// Takes what happened to a delivery.
pub(in crate::tui) fn went_on(state: &mut State, event: DeliveryEvent) -> Vec<Effect> {
    match event {
        DeliveryEvent::Started { profile, delivery, test } => {
            state.deliveries.retain(|one| one.profile != profile || one.name != delivery);
            state.deliveries.push(RunningDelivery { profile, name: delivery, test, result: None });
            Vec::new()
        }
        DeliveryEvent::Ended { profile, delivery, result } => {
            if !result.succeeded() && !shows(state, &profile) {
                let name = clean(&delivery, 60);
                state.notify_error(format!("{profile} was not delivered to {name}. {}", result.summary()));
            }
            let found = state.deliveries.iter_mut().find(|one| one.profile == profile && one.name == delivery);
            if let Some(one) = found {
                one.result = Some(result);
            }
            vec![Effect::ReadFiles]
        }
        DeliveryEvent::Failed { profile, error } => {
            state.deliveries.retain(|one| one.profile != profile || one.result.is_some());
            state.notify_error(format!("The deliveries of {profile}: {error} {}", state.hint(&error)));
            Vec::new()
        }
    }
}

/// Are this profile's deliveries on the screen?
fn shows(state: &State, profile: &Name) -> bool {
    let fresh = matches!(&state.screen, Screen::Done(outcome) if outcome.profile.name == *profile);
    fresh || state.panel().is_some_and(|panel| panel.profile == *profile)
}

/// Does one go on?
pub(in crate::tui) fn running(state: &State) -> bool {
    state.deliveries.iter().any(|one| one.result.is_none())
}

/// Those of one profile.
fn of<'a>(state: &'a State, profile: &'a Name) -> impl Iterator<Item = &'a RunningDelivery> {
    state.deliveries.iter().filter(move |one| one.profile == *profile)
}

/// Delivers the token to those that lack it, because they failed or have a test token, else to all.
fn again(state: &mut State, profile: &Profile) -> Vec<Effect> {
    let name = &profile.name;
    let live = |one: &Delivery| of(state, name).find(|handing| handing.name == one.name);
    let lacks = |one: &&Delivery| match live(one).and_then(|handing| handing.result.as_ref()) {
        Some(result) => !result.delivered_token(),
        None => one.last.as_ref().is_some_and(|last| last.succeeded() && last.test_token),
    };
    let only = profile.deliveries.iter().filter(lacks).map(|one| one.name.clone()).collect();
    deliver(state, profile, only, false)
}

/// Whether the real token is stored there, so far as is known.
fn holds_the_token(state: &State, profile: &Name, delivery: &Delivery) -> bool {
    let live = of(state, profile).find(|one| one.name == delivery.name).and_then(|one| one.result.as_ref());
    let taken = live.filter(|result| result.succeeded()).or(delivery.last.as_ref());
    taken.is_some_and(DeliveryResult::delivered_token)
}

/// Delivers the stored token, or a test token; to all where none is named.
fn deliver(state: &mut State, profile: &Profile, only: Vec<String>, test: bool) -> Vec<Effect> {
    if profile.deliveries.is_empty() {
        let add = state.press(KeyContext::Deliveries, Action::Add, "add one");
        state.notify(format!("No deliveries yet. {add}"));
        return Vec::new();
    }
    if of(state, &profile.name).any(|one| one.result.is_none()) {
        state.notify("The deliveries are still running.");
        return Vec::new();
    }
    vec![Effect::Deliver { profile: profile.name.clone(), only, test }]
}

/// How a delivery goes: a mark, its style, and what there is to say.
struct Told {
    mark: &'static str,
    style: Style,
    detail: String,
}

impl Told {
    fn of(state: &State, profile: &Name, delivery: &Delivery, theme: Theme) -> Self {
        let live = of(state, profile).find(|one| one.name == delivery.name);
        let test = live.is_some_and(|one| one.test);
        let (mark, style, detail) = match live.map(|one| &one.result) {
            None => (theme.pick("○", "."), theme.dim(), String::new()),
            Some(None) if test => (spinner(theme, state.now), theme.accent(), "sending a test token".to_owned()),
            Some(None) => (spinner(theme, state.now), theme.accent(), "running".to_owned()),
            Some(Some(result)) if result.succeeded() && test => {
                let detail = format!("has a test token and needs the real one. {}", result.line);
                ("!", theme.warning(), detail)
            }
            Some(Some(result)) if result.succeeded() => (theme.pick("✓", "x"), theme.good(), result.line.clone()),
            Some(Some(result)) => (theme.pick("✗", "!"), theme.bad(), result.summary()),
        };
        Self { mark, style, detail }
    }

    /// The name, and below or beside it what was said.
    fn lines(&self, name: &str, mark: &Span<'static>, width: usize) -> Vec<Line<'static>> {
        let name = clean(name, 60);
        let text =
            if self.detail.is_empty() { name } else { format!("{name}: {}", clean(self.detail.trim_end(), 300)) };
        let rows = wrap(&text, width.saturating_sub(4));
        let line = |(number, row): (usize, String)| {
            let mut spans = vec![Span::raw("    ")];
            if number == 0 {
                spans = vec![mark.clone(), Span::styled(format!("{} ", self.mark), self.style)];
            }
            spans.push(Span::raw(row));
            Line::from(spans)
        };
        rows.into_iter().enumerate().map(line).collect()
    }
}

/// The profile's deliveries with a tick, a spinner or a cross each.
pub(in crate::tui) fn lines(page: &mut Page, state: &State, profile: &Profile, theme: Theme, width: usize) {
    if profile.deliveries.is_empty() {
        return;
    }
    page.blank();
    page.lines.push(Line::styled("Delivered to", theme.strong()));
    for delivery in &profile.deliveries {
        let told = Told::of(state, &profile.name, delivery, theme);
        page.lines.extend(told.lines(&delivery.name, &Span::raw("  "), width));
    }
    let failed = of(state, &profile.name).any(|one| one.result.as_ref().is_some_and(|result| !result.succeeded()));
    if failed && !running(state) {
        let text = "show deliveries and retry the failed ones; the token is saved";
        page.lines.extend(choice(state, theme, (KeyContext::SignedIn, Action::Deliveries), Some(text), width));
    }
}
