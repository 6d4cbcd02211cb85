//! The panel that lists, runs, tests, adds and removes the deliveries of a profile.

use ratatui::text::{Line, Span};

use super::add::{self, DeliveryForm};
use super::{Progress, deliver, deliver_all, has_real_token, pending_deliveries};
use crate::flows::presets::PRESETS;
use crate::store::{Delivery, Name, Profile};
use crate::text::{fit, sanitize, to_sentence};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::Effect;
use crate::tui::screens::{move_in_list, profiles};
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::{Page, cursor_mark, row_style};

#[derive(Clone, Debug)]
pub struct DeliveriesPanel {
    pub profile: Name,
    /// The selected delivery.
    selected: usize,
    pub step: DeliveriesStep,
}

/// What the panel shows.
#[derive(Clone, Debug)]
pub enum DeliveriesStep {
    List,
    /// Confirms the removal of this delivery.
    Remove(String),
    /// Confirms that a test token replaces the real one.
    Test(String),
    /// The presets, and the selected one.
    Presets(usize),
    /// The settings of the selected preset.
    Form(DeliveryForm),
}

pub(crate) fn open(state: &mut State, profile: Name) {
    state.dialog =
        Some(Dialog::Deliveries(Box::new(DeliveriesPanel { profile, selected: 0, step: DeliveriesStep::List })));
}

/// Returns what "deliver all" does: it leaves out deliveries that have the token, unless all of them have it.
pub(crate) fn deliver_all_label(state: &State) -> String {
    let store = state.store();
    let profile = state.deliveries_panel().and_then(|panel| store.profile(&panel.profile));
    let pending = profile.map_or(0, |profile| pending_deliveries(state, profile).len());
    match pending {
        0 => "deliver all again".to_owned(),
        all if profile.is_some_and(|profile| profile.deliveries.len() == all) => "deliver all".to_owned(),
        1 => "deliver to the 1 that lacks the token".to_owned(),
        some => format!("deliver to the {some} that lack the token"),
    }
}

fn selected<'a>(panel: &DeliveriesPanel, profile: &'a Profile) -> Option<&'a Delivery> {
    profile.deliveries.get(panel.selected.min(profile.deliveries.len().checked_sub(1)?))
}

impl DeliveriesPanel {
    /// Returns the text field that has the focus.
    pub(crate) fn field(&mut self) -> Option<&mut Field> {
        match &mut self.step {
            DeliveriesStep::Form(form) => form.field(),
            _ => None,
        }
    }
}

/// Handles a key. The panel stays open until the user leaves its list, or the profile is deleted elsewhere.
pub(crate) fn handle(state: &mut State, mut panel: Box<DeliveriesPanel>, action: Action) -> Vec<Effect> {
    let store = state.store();
    let Some(profile) = store.profile(&panel.profile) else { return Vec::new() };
    if matches!((&panel.step, action), (DeliveriesStep::List, Action::Back)) {
        return Vec::new();
    }
    let effects = perform(state, &mut panel, profile, action);
    state.dialog = Some(Dialog::Deliveries(panel));
    effects
}

fn perform(state: &mut State, panel: &mut DeliveriesPanel, profile: &Profile, action: Action) -> Vec<Effect> {
    let count = profile.deliveries.len();
    panel.selected = panel.selected.min(count.saturating_sub(1));
    match (&mut panel.step, action) {
        (DeliveriesStep::List, Action::Deliver) if count == 0 => panel.step = DeliveriesStep::Presets(0),
        (DeliveriesStep::List, action) if action.is_navigation() => {
            panel.selected = move_in_list(state, panel.selected, count, action);
        }
        (DeliveriesStep::List, Action::Add) => panel.step = DeliveriesStep::Presets(0),
        (DeliveriesStep::List, Action::DeliverAll) => return deliver_all(state, profile),
        (DeliveriesStep::List, Action::Deliver | Action::SendTestToken) => {
            let (is_test, selected) = (action == Action::SendTestToken, selected(panel, profile));
            if let Some(delivery) =
                selected.filter(|delivery| is_test && has_real_token(state, &profile.name, delivery))
            {
                panel.step = DeliveriesStep::Test(delivery.name.clone());
                return Vec::new();
            }
            let only = selected.map(|delivery| delivery.name.clone()).into_iter().collect();
            return deliver(state, profile, only, is_test);
        }
        (DeliveriesStep::List, Action::Delete) => {
            if let Some(delivery) = selected(panel, profile) {
                panel.step = DeliveriesStep::Remove(delivery.name.clone());
            }
        }
        (DeliveriesStep::Remove(delivery), Action::Delete) => {
            let effect = Effect::RemoveDelivery { profile: profile.name.clone(), delivery: delivery.clone() };
            panel.step = DeliveriesStep::List;
            return vec![effect];
        }
        (DeliveriesStep::Test(delivery), Action::SendTestToken) => {
            let only = vec![delivery.clone()];
            panel.step = DeliveriesStep::List;
            return deliver(state, profile, only, true);
        }
        (DeliveriesStep::Presets(at), action) if action.is_navigation() => {
            *at = move_in_list(state, *at, PRESETS.len(), action);
        }
        (DeliveriesStep::Presets(at), Action::Continue) => {
            if let Some(preset) = PRESETS.get(*at) {
                panel.step = DeliveriesStep::Form(DeliveryForm::new(preset, profile));
            }
        }
        (DeliveriesStep::Form(form), Action::Back) => panel.step = DeliveriesStep::Presets(form.preset_index()),
        (DeliveriesStep::Form(form), action) => return add::handle(form, profile, action),
        (DeliveriesStep::Remove(_) | DeliveriesStep::Test(_) | DeliveriesStep::Presets(_), Action::Back) => {
            panel.step = DeliveriesStep::List;
        }
        _ => {}
    }
    Vec::new()
}

/// Selects the delivery that was added, which is the last one.
pub(crate) fn on_added(state: &mut State, profile: &Profile, delivery: &str) -> Vec<Effect> {
    profiles::update_profile(state, profile);
    if let Some(Dialog::Deliveries(panel)) = &mut state.dialog
        && panel.profile == profile.name
    {
        panel.step = DeliveriesStep::List;
        panel.selected = profile.deliveries.len().saturating_sub(1);
    }
    let test = state.key_sentence(KeyContext::Deliveries, Action::SendTestToken, "send a test token");
    let deliver = state.key_sentence(KeyContext::Deliveries, Action::Deliver, "deliver now");
    state.notify(format!("New tokens are delivered to {}. {test} {deliver}", sanitize(delivery, 40)));
    vec![Effect::ReloadStore]
}

pub(crate) fn page(state: &State, panel: &DeliveriesPanel, theme: Theme, width: usize) -> Page {
    let store = state.store();
    let Some(profile) = store.profile(&panel.profile) else {
        let mut page = Page::new(theme, width, format!("Deliveries of profile {}", panel.profile));
        page.error("The profile no longer exists.");
        return page;
    };
    match &panel.step {
        DeliveriesStep::List => list_page(state, panel, profile, theme, width),
        DeliveriesStep::Remove(delivery) => remove_page(state, delivery, theme, width),
        DeliveriesStep::Test(delivery) => test_page(state, delivery, theme, width),
        DeliveriesStep::Presets(at) => presets_page(*at, theme, width),
        DeliveriesStep::Form(form) => add::page(form, profile, theme, width),
    }
}

fn list_page(state: &State, panel: &DeliveriesPanel, profile: &Profile, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Deliveries of profile {}", profile.name));
    if profile.deliveries.is_empty() {
        page.plain("No deliveries yet. A delivery runs a command of yours, which receives each new token on stdin.");
        page.blank();
        let text = "add one: GitHub Actions, Vault, AWS, Google Cloud, Kubernetes, pass, 1Password, a .env file";
        page.choice(state, (KeyContext::Deliveries, Action::Deliver), Some(text));
        return page;
    }
    page.dim("After every new token, these commands run in this order.");
    let selected = selected(panel, profile).map(|delivery| delivery.name.as_str());
    for delivery in &profile.deliveries {
        page.blank();
        let is_selected = selected == Some(delivery.name.as_str());
        // A command that printed nothing has no detail: the saved result says when it was delivered.
        let progress = match (Progress::from_started(state, &profile.name, delivery, theme), &delivery.last_result) {
            (Some(progress), last) if last.is_none() || !progress.detail.is_empty() => progress,
            (_, Some(last)) => Progress::from_last(state, last, theme),
            _ => Progress::not_run(theme),
        };
        let lines = progress.lines(&delivery.name, &cursor_mark(theme, is_selected), width);
        page.lines.extend(lines.into_iter().map(|line| line.style(row_style(theme, is_selected))));
        let command = fit(&sanitize(&quoted_command(delivery), 300), width.saturating_sub(5));
        page.lines.push(Line::styled(format!("    {command}"), theme.dim()));
        if is_selected {
            page.visible_line = Some(page.lines.len() - 1);
        }
    }
    page
}

/// Returns the command with its arguments quoted for a shell.
fn quoted_command(delivery: &Delivery) -> String {
    let words = delivery.command.iter().map(String::as_str);
    // Only a NUL cannot be quoted.
    shlex::try_join(words).unwrap_or_else(|_| delivery.command.join(" "))
}

fn remove_page(state: &State, delivery: &str, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Remove delivery {}?", sanitize(delivery, 40)));
    page.plain("New tokens are no longer delivered there. The token that is stored there stays.");
    page.with_choices(state, KeyContext::RemoveDelivery)
}

fn test_page(state: &State, delivery: &str, theme: Theme, width: usize) -> Page {
    let name = sanitize(delivery, 40);
    let mut page = Page::new(theme, width, format!("Send a test token to {name}?"));
    page.warning(&format!(
        "{name} has the real token. The test token replaces it until you deliver the real one again."
    ));
    page.with_choices(state, KeyContext::TestDelivery)
}

fn presets_page(at: usize, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "Add a delivery");
    for (number, preset) in PRESETS.iter().enumerate() {
        page.row(number == at, vec![Span::styled(preset.key, row_style(theme, number == at))]);
    }
    page.blank();
    // The dialog keeps its size while the selection moves.
    let abouts: Vec<Page> = PRESETS
        .iter()
        .map(|preset| {
            let mut about = Page::new(theme, width, "");
            about.dim(&to_sentence(preset.about));
            about
        })
        .collect();
    page.min_text_width = abouts.iter().map(Page::text_width).max().unwrap_or_default();
    let height = page.lines.len() + abouts.iter().map(|about| about.lines.len()).max().unwrap_or_default();
    page.lines.extend(abouts.into_iter().nth(at).into_iter().flat_map(|about| about.lines));
    page.lines.resize(height, Line::default());
    page
}
