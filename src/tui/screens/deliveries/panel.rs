//! The deliveries of a profile: how each went, run again, tried, added, taken out.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::add::{self, Form};
use super::{Told, again, deliver, holds_the_token};
use crate::flows::presets::PRESETS;
use crate::store::{Delivery, Name, Profile};
use crate::text::{clean, fit};
use crate::tui::keymap::{Action, KeyContext, choice, choices};
use crate::tui::message::Effect;
use crate::tui::screens::profiles;
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::when;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::Page;

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
    state.dialog = Some(Dialog::Deliveries(Box::new(Panel { profile, at: 0, step: Step::List })));
}

/// The selected delivery.
fn selected<'a>(panel: &Panel, profile: &'a Profile) -> Option<&'a Delivery> {
    profile.deliveries.get(panel.at.min(profile.deliveries.len().checked_sub(1)?))
}

impl Panel {
    /// Returns the field that is typed in, where there is one.
    pub(in crate::tui) fn field(&mut self) -> Option<&mut Field> {
        match &mut self.step {
            Step::Form(form) => form.field(),
            _ => None,
        }
    }
}

/// A command. The panel stays open until the user leaves its list, or the profile is deleted elsewhere.
pub(in crate::tui) fn handle(state: &mut State, mut panel: Box<Panel>, action: Action) -> Vec<Effect> {
    let files = state.files();
    let Some(profile) = files.profile(&panel.profile) else { return Vec::new() };
    if matches!((&panel.step, action), (Step::List, Action::Back)) {
        return Vec::new();
    }
    let effects = perform(state, &mut panel, profile, action);
    state.dialog = Some(Dialog::Deliveries(panel));
    effects
}

fn perform(state: &mut State, panel: &mut Panel, profile: &Profile, action: Action) -> Vec<Effect> {
    let last = profile.deliveries.len().saturating_sub(1);
    panel.at = panel.at.min(last);
    match (&mut panel.step, action) {
        (Step::List, Action::Up) => panel.at = panel.at.saturating_sub(1),
        (Step::List, Action::Down) => panel.at = (panel.at + 1).min(last),
        (Step::List, Action::Add) => panel.step = Step::Presets(0),
        (Step::List, Action::DeliverAll) => return again(state, profile),
        (Step::List, Action::Deliver | Action::SendTestToken) => {
            let (test, selected) = (action == Action::SendTestToken, selected(panel, profile));
            if let Some(one) = selected.filter(|one| test && holds_the_token(state, &profile.name, one)) {
                panel.step = Step::Test(one.name.clone());
                return Vec::new();
            }
            let only = selected.map(|one| one.name.clone()).into_iter().collect();
            return deliver(state, profile, only, test);
        }
        (Step::List, Action::Delete) => {
            if let Some(one) = selected(panel, profile) {
                panel.step = Step::Remove(one.name.clone());
            }
        }
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
        (Step::Presets(at), Action::Continue) => {
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
    if let Some(Dialog::Deliveries(panel)) = &mut state.dialog
        && panel.profile == profile.name
    {
        panel.step = Step::List;
        panel.at = profile.deliveries.len().saturating_sub(1);
    }
    let test = state.press(KeyContext::Deliveries, Action::SendTestToken, "send a test token");
    let deliver = state.press(KeyContext::Deliveries, Action::Deliver, "deliver now");
    state.notify(format!("New tokens are delivered to {}. {test} {deliver}", clean(delivery, 40)));
    vec![Effect::ReadFiles]
}

/// The panel.
pub(in crate::tui) fn page(state: &State, panel: &Panel, theme: Theme, width: usize) -> Page {
    let files = state.files();
    let Some(profile) = files.profile(&panel.profile) else {
        let mut page = Page::titled(format!("Deliveries of {}", panel.profile));
        page.text(theme.bad(), "The profile no longer exists.", width);
        return page;
    };
    match &panel.step {
        Step::List => list_page(state, panel, profile, theme, width),
        Step::Remove(delivery) => remove_page(state, delivery, theme, width),
        Step::Test(delivery) => test_page(state, delivery, theme, width),
        Step::Presets(at) => presets_page(*at, theme, width),
        Step::Form(form) => add::page(form, profile, theme, width),
    }
}

fn list_page(state: &State, panel: &Panel, profile: &Profile, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Deliveries of {}", profile.name));
    if profile.deliveries.is_empty() {
        page.text(
            Style::new(),
            "No deliveries yet. A delivery runs a command with each new token, so that it reaches the server that uses it.",
            width,
        );
        page.blank();
        let text = "add one: GitHub Actions, Vault, AWS, Google Cloud, Kubernetes, pass, 1Password, a .env file";
        page.lines.extend(choice(state, theme, (KeyContext::Deliveries, Action::Add), Some(text), width));
        return page;
    }
    page.text(theme.dim(), "Each new token is passed to these commands, one after the other.", width);
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

fn remove_page(state: &State, delivery: &str, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Remove {}?", clean(delivery, 40)));
    page.text(Style::new(), "New tokens are no longer delivered to it. The token that it has is not removed.", width);
    page.blank();
    page.lines.extend(choices(state, theme, KeyContext::RemoveDelivery));
    page
}

fn test_page(state: &State, delivery: &str, theme: Theme, width: usize) -> Page {
    let name = clean(delivery, 40);
    let mut page = Page::titled(format!("Send a test token to {name}?"));
    page.text(
        theme.warning(),
        &format!("{name} has the real token. The test token replaces it until you deliver the real one again."),
        width,
    );
    page.blank();
    page.lines.extend(choices(state, theme, KeyContext::TestDelivery));
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
        page.text(theme.dim(), preset.about, width);
    }
    page
}
