//! What a profile's token may do, as LinkedIn last answered; one line a capability, and the reason for the selected one.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::profiles;
use super::progress::spinner;
use crate::linkedin::capabilities::Capability;
use crate::store::{Name, PagePermission, Permission, Permissions, Profile};
use crate::text::{clean, wrap};
use crate::tui::hint::hint;
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::state::{Overlay, State};
use crate::tui::theme::Theme;
use crate::tui::when;
use crate::tui::widgets::page::Page;
use crate::{Code, Error};

/// Columns before the reason.
const INDENT: usize = 4;

/// The panel of one profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    profile: Name,
    /// The selected capability.
    at: usize,
    /// The number of the probe that is running.
    probe: Option<u64>,
    /// Why the last probe failed.
    error: Option<Error>,
}

impl Panel {
    /// Whether LinkedIn is being asked.
    #[must_use]
    pub const fn is_probing(&self) -> bool {
        self.probe.is_some()
    }

    fn selected<'a>(&self, found: &'a Permissions) -> Option<&'a Permission> {
        found.list.get(self.at.min(found.list.len().checked_sub(1)?))
    }
}

/// Opens the panel; LinkedIn is asked where nothing is known yet.
pub(in crate::tui) fn open(state: &mut State, profile: &Profile) -> Vec<Effect> {
    if profile.token.is_none() {
        state.say(format!("{} has no token; r signs in.", profile.name), true);
        return Vec::new();
    }
    let is_known = profile.permissions().is_some();
    let panel = Panel { profile: profile.name.clone(), at: 0, probe: None, error: None };
    state.overlay = Some(Overlay::Permissions(panel));
    if is_known { Vec::new() } else { probe(state) }
}

fn panel(state: &mut State) -> Option<&mut Panel> {
    match &mut state.overlay {
        Some(Overlay::Permissions(panel)) => Some(panel),
        _ => None,
    }
}

fn probe(state: &mut State) -> Vec<Effect> {
    let id = state.next_id;
    let Some(panel) = panel(state).filter(|panel| !panel.is_probing()) else { return Vec::new() };
    (panel.probe, panel.error) = (Some(id), None);
    let name = panel.profile.clone();
    state.next_id += 1;
    vec![Effect::ProbePermissions { id, name }]
}

/// The portal page that belongs to the selected capability.
fn portal_page(state: &State) -> Option<&'static str> {
    let Some(Overlay::Permissions(panel)) = &state.overlay else { return None };
    let files = state.files();
    let found = files.profile(&panel.profile)?.permissions()?;
    Some(panel.selected(found)?.remedy()?.page)
}

/// Whether a command does anything now.
pub(in crate::tui) fn is_live(state: &State, action: Action) -> bool {
    let Some(Overlay::Permissions(panel)) = &state.overlay else { return false };
    match action {
        Action::Check => !panel.is_probing(),
        Action::OpenPage => portal_page(state).is_some(),
        Action::Up | Action::Down => {
            state.files().profile(&panel.profile).is_some_and(|profile| profile.permissions().is_some())
        }
        _ => true,
    }
}

/// A command.
pub(in crate::tui) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let page = portal_page(state);
    let Some(panel) = panel(state) else { return Vec::new() };
    match action {
        Action::Up => panel.at = panel.at.saturating_sub(1),
        Action::Down => panel.at = (panel.at + 1).min(Capability::ALL.len() - 1),
        Action::Check => return probe(state),
        Action::OpenPage => return page.map(|page| Effect::OpenPage(page.to_owned())).into_iter().collect(),
        Action::Back => state.overlay = None,
        _ => {}
    }
    Vec::new()
}

/// Takes LinkedIn's answer. What was saved counts even when the panel was closed meanwhile.
pub(in crate::tui) fn probed(state: &mut State, id: u64, name: &Name, result: Result<Box<Profile>, Error>) {
    if let Ok(profile) = &result {
        profiles::put(state, profile);
    }
    let error = result.err();
    if let Some(panel) = panel(state).filter(|panel| panel.probe == Some(id)) {
        (panel.probe, panel.error) = (None, error);
    } else if let Some(error) = error {
        state.say(format!("{name}: {error}"), true);
    }
}

/// The panel.
pub(in crate::tui) fn page(state: &State, panel: &Panel, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Permissions of {}", panel.profile));
    let files = state.files();
    let Some(profile) = files.profile(&panel.profile) else {
        page.say(theme.bad(), "The profile is not found.", width);
        return page;
    };
    // The last two columns are for the arrows.
    let width = width.saturating_sub(2);
    let found = profile.permissions();
    if panel.is_probing() {
        let words = format!("{} Asking LinkedIn; nothing is written there.", spinner(theme, state.now));
        page.say(theme.accent(), &words, width);
    } else if let Some(found) = found {
        let ago = when::ago(state.now.as_second() - found.at.as_second());
        page.say(theme.dim(), &format!("LinkedIn was asked {ago} ago, {}.", when::minute(state, found.at)), width);
    } else if panel.error.is_none() {
        page.say(Style::new(), "Nothing is known yet. v asks LinkedIn; nothing is written there.", width);
    }
    if let Some(error) = &panel.error {
        page.say(theme.bad(), &error.to_string(), width);
        let needs_sign_in = matches!(error.code, Code::Expired | Code::Revoked | Code::SignedOut);
        let next = if needs_sign_in { "esc, then r re-authorizes.".to_owned() } else { hint(error) };
        page.say(theme.strong(), &next, width);
    }
    let Some(found) = found else { return page };
    page.blank();
    let selected = panel.selected(found).map(|one| one.capability);
    for one in &found.list {
        let is_selected = selected == Some(one.capability);
        page.lines.push(row(one, is_selected, theme));
        if is_selected {
            reason(&mut page, one, found, theme, width);
            page.focus = Some(page.lines.len() - 1);
        }
    }
    page
}

fn row(one: &Permission, is_selected: bool, theme: Theme) -> Line<'static> {
    let (answer, style) = match one.allowed {
        Some(true) => ("yes", theme.good()),
        Some(false) => ("no", theme.bad()),
        None => ("unknown", theme.warning()),
    };
    let (mark, title) = if is_selected { (theme.pick("› ", "> "), theme.selected()) } else { ("  ", Style::new()) };
    Line::from(vec![
        Span::styled(mark, title),
        Span::styled(format!("{answer:8}"), style),
        Span::styled(one.capability.title(), title),
    ])
}

/// Why, what would change it, and the Pages that it is about.
fn reason(page: &mut Page, one: &Permission, found: &Permissions, theme: Theme, width: usize) {
    let mut say = |style: Style, text: &str| {
        for line in wrap(&clean(text, 500), width.saturating_sub(INDENT)) {
            page.lines.push(Line::styled(format!("{:INDENT$}{line}", ""), style));
        }
    };
    say(theme.dim(), &one.evidence);
    if let Some(remedy) = one.remedy() {
        say(Style::new(), &format!("Needs {} ({}).", remedy.product, remedy.terms));
        say(theme.accent(), remedy.page);
    }
    if one.capability == Capability::PostAsPage {
        for PagePermission { urn, name, role, can_post } in &found.pages {
            let answer = if *can_post { "yes" } else { "no" };
            say(Style::new(), &format!("{answer}: {} ({role})", name.as_deref().unwrap_or(urn)));
        }
    }
}
