//! The deliveries of a profile: how each went, run again, tried, added, taken out.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::add::{self, Form};
use super::{Told, again, deliver, holds_the_token};
use crate::flows::presets::PRESETS;
use crate::store::{Delivery, Name, Profile};
use crate::text::{clean, fit, wrap};
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::screens::profiles;
use crate::tui::state::{Overlay, State};
use crate::tui::theme::Theme;
use crate::tui::when;
use crate::tui::widgets::page::{Page, choice};

/// The panel of one profile.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Whose.
    pub profile: Name,
    /// The selected delivery.
    at: usize,
    /// What it shows.
    pub step: Step,
}

/// What the panel shows.
#[derive(Clone, Debug)]
pub enum Step {
    /// The deliveries.
    List,
    /// Take this one out?
    Remove(String),
    /// Whether to replace the real token with a test token.
    Test(String),
    /// What can be added, and which of it is selected.
    Presets(usize),
    /// What the chosen preset must know.
    Form(Form),
}

/// Opens it.
pub(in crate::tui) fn open(state: &mut State, profile: Name) {
    state.deliveries = Some(Panel { profile, at: 0, step: Step::List });
    state.overlay = Some(Overlay::Deliveries);
}

/// The selected delivery.
fn selected<'a>(panel: &Panel, profile: &'a Profile) -> Option<&'a Delivery> {
    profile.deliveries.get(panel.at.min(profile.deliveries.len().checked_sub(1)?))
}

/// The selected delivery, where it has the real token.
fn held(state: &State) -> Option<String> {
    let (panel, files) = (state.deliveries.as_ref()?, state.files());
    let profile = files.profile(&panel.profile)?;
    selected(panel, profile).filter(|one| holds_the_token(state, &profile.name, one)).map(|one| one.name.clone())
}

/// A command.
pub(in crate::tui) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let files = state.files();
    let held = held(state);
    let Some(panel) = state.deliveries.as_mut() else { return Vec::new() };
    let Some(profile) = files.profile(&panel.profile) else {
        // Another hand deleted it meanwhile.
        state.overlay = None;
        return Vec::new();
    };
    let last = profile.deliveries.len().saturating_sub(1);
    panel.at = panel.at.min(last);
    match (&mut panel.step, action) {
        (Step::List, Action::Up) => panel.at = panel.at.saturating_sub(1),
        (Step::List, Action::Down) => panel.at = (panel.at + 1).min(last),
        (Step::List, Action::Add) => panel.step = Step::Presets(0),
        (Step::List, Action::Deliver) => return again(state, profile),
        (Step::List, Action::Next | Action::SendTestToken) => {
            if let Some(name) = held.filter(|_| action == Action::SendTestToken) {
                panel.step = Step::Test(name);
                return Vec::new();
            }
            let only = selected(panel, profile).map(|one| one.name.clone()).into_iter().collect();
            return deliver(state, profile, only, action == Action::SendTestToken);
        }
        (Step::List, Action::Delete) => {
            if let Some(one) = selected(panel, profile) {
                panel.step = Step::Remove(one.name.clone());
            }
        }
        (Step::List, Action::Back) => state.overlay = None,
        (Step::Remove(delivery), Action::Delete) => {
            let effect = Effect::RemoveDelivery { profile: profile.name.clone(), delivery: delivery.clone() };
            panel.step = Step::List;
            return vec![effect];
        }
        (Step::Test(delivery), Action::SendTestToken) => {
            let only = vec![delivery.clone()];
            panel.step = Step::List;
            return deliver(state, profile, only, true);
        }
        (Step::Presets(at), Action::Up) => *at = at.saturating_sub(1),
        (Step::Presets(at), Action::Down) => *at = (*at + 1).min(PRESETS.len() - 1),
        (Step::Presets(at), Action::Next) => {
            if let Some(preset) = PRESETS.get(*at) {
                panel.step = Step::Form(Form::new(preset, profile));
            }
        }
        (Step::Form(form), Action::Back) => panel.step = Step::Presets(form.preset_at()),
        (Step::Form(form), action) => return add::act(form, profile, action),
        (Step::Remove(_) | Step::Test(_) | Step::Presets(_), Action::Back) => panel.step = Step::List,
        _ => {}
    }
    Vec::new()
}

/// A delivery was added: it is the last one.
pub(in crate::tui) fn added(state: &mut State, profile: &Profile, delivery: &str) -> Vec<Effect> {
    profiles::put(state, profile);
    if let Some(panel) = state.deliveries.as_mut().filter(|panel| panel.profile == profile.name) {
        panel.step = Step::List;
        panel.at = profile.deliveries.len().saturating_sub(1);
    }
    state.say(format!("New tokens go to {} now. n sends a test token, enter delivers.", clean(delivery, 40)), false);
    vec![Effect::ReadFiles]
}

/// The panel.
pub(in crate::tui) fn page(state: &State, theme: Theme, width: usize) -> Page {
    let files = state.files();
    let Some(panel) = &state.deliveries else { return Page::default() };
    let Some(profile) = files.profile(&panel.profile) else {
        let mut page = Page::titled(format!("Deliveries of {}", panel.profile));
        page.say(theme.bad(), "This profile is gone.", width);
        return page;
    };
    match &panel.step {
        Step::List => list_page(state, panel, profile, theme, width),
        Step::Remove(delivery) => remove_page(delivery, theme, width),
        Step::Test(delivery) => test_page(delivery, theme, width),
        Step::Presets(at) => presets_page(*at, theme, width),
        Step::Form(form) => add::page(form, profile, theme, width),
    }
}

fn list_page(state: &State, panel: &Panel, profile: &Profile, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Deliveries of {}", profile.name));
    if profile.deliveries.is_empty() {
        page.say(
            Style::new(),
            "None yet. A token is worth nothing on the machine where it was made when a server uses it.",
            width,
        );
        page.blank();
        let words = "add one: GitHub Actions, Vault, AWS, Google Cloud, Kubernetes, pass, 1Password, a .env file";
        for (number, row) in wrap(words, width.saturating_sub(8)).into_iter().enumerate() {
            page.lines.push(choice(theme, if number == 0 { "a" } else { "" }, &row));
        }
        return page;
    }
    page.say(theme.dim(), "Each new token is handed to these commands, one after the other.", width);
    let chosen = selected(panel, profile).map(|one| one.name.as_str());
    let mut focus = 0;
    for delivery in &profile.deliveries {
        page.blank();
        let is_chosen = chosen == Some(delivery.name.as_str());
        let mark = if is_chosen { Span::styled(theme.pick("› ", "> "), theme.selected()) } else { Span::raw("  ") };
        let mut told = Told::of(state, &profile.name, delivery, theme);
        if told.detail.is_empty()
            && let Some(last) = &delivery.last
        {
            let how = if last.delivered_token() {
                format!("delivered {}", last.line)
            } else if last.succeeded() {
                "has a test token and needs the real one".to_owned()
            } else {
                last.summary()
            };
            told.detail = format!("{}, {}", when::minute(state, last.at), how.trim_end());
            (told.mark, told.style) = if last.succeeded() && last.test_token {
                ("!", theme.warning())
            } else if last.succeeded() {
                (theme.pick("✓", "x"), theme.good())
            } else {
                (theme.pick("✗", "!"), theme.bad())
            };
        }
        page.lines.extend(told.lines(&delivery.name, &mark, width));
        let command = fit(&clean(&delivery.command.join(" "), 300), width.saturating_sub(5));
        page.lines.push(Line::styled(format!("    {command}"), theme.dim()));
        if is_chosen {
            focus = page.lines.len();
        }
    }
    page.focus = Some(focus.saturating_sub(1));
    page
}

fn remove_page(delivery: &str, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Take out {}?", clean(delivery, 40)));
    page.say(Style::new(), "New tokens are no longer handed to it. What stands there stays.", width);
    page.blank();
    page.lines.push(choice(theme, "y", "take it out"));
    page.lines.push(choice(theme, "esc", "keep it"));
    page
}

fn test_page(delivery: &str, theme: Theme, width: usize) -> Page {
    let name = clean(delivery, 40);
    let mut page = Page::titled(format!("Send a test token to {name}?"));
    page.say(
        theme.warning(),
        &format!("{name} has the real token. The test token replaces it until you deliver the real one with enter."),
        width,
    );
    page.blank();
    page.lines.push(choice(theme, "y", "send the test token"));
    page.lines.push(choice(theme, "esc", "keep it"));
    page
}

fn presets_page(at: usize, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled("Add a delivery");
    for (number, preset) in PRESETS.iter().enumerate() {
        let (mark, style) =
            if number == at { (theme.pick("› ", "> "), theme.selected()) } else { ("  ", Style::new()) };
        page.lines.push(Line::styled(format!("{mark}{}", preset.key), style));
    }
    page.focus = Some(at);
    page.blank();
    if let Some(preset) = PRESETS.get(at) {
        page.say(theme.dim(), preset.about, width);
    }
    page
}
