//! Deliveries as they go on: told on the screen of a fresh token, or at the bottom of another.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::progress::spinner;
use crate::flows::deliver::Event;
use crate::profile::{Delivered, Name, Profile};
use crate::text::clean;
use crate::tui::message::Effect;
use crate::tui::page::{Page, choice};
use crate::tui::state::{Screen, State};
use crate::tui::theme::Theme;

/// A delivery of this run of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handing {
    profile: Name,
    name: String,
    /// `None` while it goes on.
    result: Option<Delivered>,
}

/// Takes what happened to a delivery.
pub(in crate::tui) fn went_on(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Started { profile, delivery } => {
            state.handings.retain(|one| one.profile != profile || one.name != delivery);
            state.handings.push(Handing { profile, name: delivery, result: None });
            Vec::new()
        }
        Event::Ended { profile, delivery, result } => {
            if !result.succeeded() && !shows(state, &profile) {
                let name = clean(&delivery, 60);
                state.say(format!("{profile} was not delivered to {name}. {}", result.words()), true);
            }
            let found = state.handings.iter_mut().find(|one| one.profile == profile && one.name == delivery);
            if let Some(one) = found {
                one.result = Some(result);
            }
            vec![Effect::ReadFiles]
        }
        Event::Trouble { profile, error } => {
            state.handings.retain(|one| one.profile != profile || one.result.is_some());
            state.say(format!("The deliveries of {profile}: {error} {}", error.hint), true);
            Vec::new()
        }
    }
}

/// Is this profile's fresh token on the screen?
fn shows(state: &State, profile: &Name) -> bool {
    matches!(&state.screen, Screen::Done(outcome) if outcome.profile.name == *profile)
}

/// Does one go on?
pub(in crate::tui) fn running(state: &State) -> bool {
    state.handings.iter().any(|one| one.result.is_none())
}

/// Once more: those that failed, else all.
pub(in crate::tui) fn again(state: &mut State, profile: &Profile) -> Vec<Effect> {
    let name = &profile.name;
    if profile.deliveries.is_empty() {
        state.say("This profile has no deliveries. linkedin-tui deliver --presets lists some.", false);
        return Vec::new();
    }
    let own = || state.handings.iter().filter(|one| one.profile == *name);
    if own().any(|one| one.result.is_none()) {
        state.say("They are still going on.", false);
        return Vec::new();
    }
    let failed = own().filter(|one| one.result.as_ref().is_some_and(|result| !result.succeeded()));
    let only = failed.map(|one| one.name.clone()).collect();
    vec![Effect::Deliver { profile: name.clone(), only }]
}

/// The profile's deliveries with a tick, a spinner or a cross each.
pub(in crate::tui) fn lines(page: &mut Page, state: &State, profile: &Profile, theme: Theme, width: usize) {
    if profile.deliveries.is_empty() {
        return;
    }
    page.blank();
    page.lines.push(Line::styled("Delivered to", theme.strong()));
    let mut failed = false;
    for delivery in &profile.deliveries {
        let live = state.handings.iter().find(|one| one.profile == profile.name && one.name == delivery.name);
        let (mark, style, said) = match live.map(|one| &one.result) {
            None => (theme.pick("○", "."), theme.dim(), String::new()),
            Some(None) => (spinner(theme, state.now), theme.accent(), "going on".to_owned()),
            Some(Some(result)) if result.succeeded() => (theme.pick("✓", "x"), theme.good(), result.line.clone()),
            Some(Some(result)) => {
                failed = true;
                (theme.pick("✗", "!"), theme.bad(), result.words())
            }
        };
        let name = clean(&delivery.name, 60);
        let text = if said.is_empty() { name } else { format!("{name}: {}", clean(&said, 300)) };
        for (number, row) in textwrap::wrap(&text, width.saturating_sub(4).max(10)).into_iter().enumerate() {
            let mark = if number == 0 { mark } else { " " };
            let spans = vec![Span::styled(format!("  {mark} "), style), Span::styled(row.into_owned(), Style::new())];
            page.lines.push(Line::from(spans));
        }
    }
    if failed && !running(state) {
        page.lines.push(choice(theme, "d", "deliver the failed ones again; the token is safe"));
    }
}
