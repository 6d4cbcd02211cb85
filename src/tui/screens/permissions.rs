//! What a profile's token may do, as LinkedIn last answered; one line a capability, and the reason for the selected one.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::profiles;
use super::progress::spinner;
use crate::linkedin::capabilities::Capability;
use crate::store::{Name, PagePermission, Permission, Permissions, Profile};
use crate::text::{clean, wrap};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::Effect;
use crate::tui::state::{Dialog, State};
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
    pub const fn is_probing(&self) -> bool {
        self.probe.is_some()
    }

    fn portal_page(&self, state: &State) -> Option<&'static str> {
        let files = state.files();
        let found = files.profile(&self.profile)?.permissions()?;
        Some(self.selected(found)?.remedy()?.page)
    }

    fn selected<'a>(&self, found: &'a Permissions) -> Option<&'a Permission> {
        found.list.get(self.at.min(found.list.len().checked_sub(1)?))
    }
}

/// Opens the panel; LinkedIn is asked where nothing is known yet.
pub(in crate::tui) fn open(state: &mut State, profile: &Profile) -> Vec<Effect> {
    if profile.token.is_none() {
        let sign_in = state.press(KeyContext::List, Action::Reauthorize, "sign in");
        state.notify_error(format!("{} has no token. {sign_in}", profile.name));
        return Vec::new();
    }
    let is_known = profile.permissions().is_some();
    let mut panel = Panel { profile: profile.name.clone(), at: 0, probe: None, error: None };
    let effects = if is_known { Vec::new() } else { probe(state, &mut panel) };
    state.dialog = Some(Dialog::Permissions(panel));
    effects
}

/// Asks LinkedIn, unless that is in progress.
fn probe(state: &mut State, panel: &mut Panel) -> Vec<Effect> {
    if panel.is_probing() {
        return Vec::new();
    }
    let id = state.next_id;
    state.next_id += 1;
    (panel.probe, panel.error) = (Some(id), None);
    vec![Effect::ProbePermissions { id, name: panel.profile.clone() }]
}

/// The portal page that belongs to the selected capability.
pub(in crate::tui) fn portal_page(state: &State) -> Option<&'static str> {
    match &state.dialog {
        Some(Dialog::Permissions(panel)) => panel.portal_page(state),
        _ => None,
    }
}

/// Returns whether the panel's profile has permissions to select among.
pub(in crate::tui) fn are_known(state: &State) -> bool {
    let Some(Dialog::Permissions(panel)) = &state.dialog else { return false };
    state.files().profile(&panel.profile).is_some_and(|profile| profile.permissions().is_some())
}

/// Returns whether LinkedIn can be asked now.
pub(in crate::tui) fn can_probe(state: &State) -> bool {
    matches!(&state.dialog, Some(Dialog::Permissions(panel)) if !panel.is_probing())
}

/// A command.
pub(in crate::tui) fn handle(state: &mut State, mut panel: Panel, action: Action) -> Vec<Effect> {
    let effects = match action {
        Action::Back => return Vec::new(),
        Action::Check => probe(state, &mut panel),
        Action::OpenPage => {
            panel.portal_page(state).map(|page| Effect::OpenPage(page.to_owned())).into_iter().collect()
        }
        Action::Up | Action::Down => {
            let last = Capability::ALL.len() - 1;
            panel.at = if action == Action::Up { panel.at.saturating_sub(1) } else { (panel.at + 1).min(last) };
            Vec::new()
        }
        _ => Vec::new(),
    };
    state.dialog = Some(Dialog::Permissions(panel));
    effects
}

/// Takes LinkedIn's answer. What was saved counts even when the panel was closed meanwhile.
pub(in crate::tui) fn probed(state: &mut State, id: u64, name: &Name, result: Result<Box<Profile>, Error>) {
    if let Ok(profile) = &result {
        profiles::put(state, profile);
    }
    let error = result.err();
    if let Some(Dialog::Permissions(panel)) = &mut state.dialog
        && panel.probe == Some(id)
    {
        (panel.probe, panel.error) = (None, error);
    } else if let Some(error) = error {
        state.notify_error(format!("{name}: {error}"));
    }
}

/// The panel.
pub(in crate::tui) fn page(state: &State, panel: &Panel, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Permissions of {}", panel.profile));
    let files = state.files();
    let Some(profile) = files.profile(&panel.profile) else {
        page.text(theme.bad(), "The profile is not found.", width);
        return page;
    };
    // The last two columns are for the arrows.
    let width = width.saturating_sub(2);
    let found = profile.permissions();
    if panel.is_probing() {
        let words = format!("{} Asking LinkedIn; nothing is written there.", spinner(theme, state.now));
        page.text(theme.accent(), &words, width);
    } else if let Some(found) = found {
        let ago = when::ago(state.now.as_second() - found.at.as_second());
        page.text(theme.dim(), &format!("LinkedIn was asked {ago} ago, {}.", when::minute(state, found.at)), width);
    } else if panel.error.is_none() {
        let check = state.press(KeyContext::Permissions, Action::Check, "ask LinkedIn without writing anything");
        let not_checked = format!("Not checked yet. {check}");
        page.text(Style::new(), &not_checked, width);
    }
    if let Some(error) = &panel.error {
        page.text(theme.bad(), &error.to_string(), width);
        let needs_sign_in = matches!(error.code, Code::Expired | Code::Revoked | Code::SignedOut);
        if needs_sign_in {
            let back = state.key_name(KeyContext::Permissions, Action::Back);
            let reauthorize = state.key_name(KeyContext::List, Action::Reauthorize);
            page.text(theme.strong(), &format!("Press {back}, then {reauthorize} to re-authorize."), width);
        } else {
            page.text(theme.strong(), &state.hint(error), width);
        }
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
