//! The permissions of a profile's token, as they were last probed: a line for each capability, and the evidence for the selected
//! permission.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::progress::spinner;
use super::{move_in_list, profiles};
use crate::linkedin::capabilities::Capability;
use crate::linkedin::products::USE_SECOND_PROFILE;
use crate::store::{Name, PagePermission, Permission, Permissions, Profile};
use crate::text::{fit, sanitize};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::Effect;
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::Page;
use crate::{Code, Error, NextStep};

/// Columns before the evidence.
const INDENT: usize = 4;
/// Columns of the page from which the products are shown.
const MIN_PRODUCT_WIDTH: usize = 66;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionsPanel {
    profile: Name,
    /// The selected capability.
    selected: usize,
    /// The number of the probe that is running.
    probe: Option<u64>,
    /// Why the last probe failed.
    error: Option<Error>,
}

impl PermissionsPanel {
    pub(crate) const fn is_probing(&self) -> bool {
        self.probe.is_some()
    }

    /// Returns whether only a sign-in helps.
    fn needs_sign_in(&self) -> bool {
        let code = self.error.as_ref().map(|error| error.code);
        matches!(code, Some(Code::Expired | Code::Revoked | Code::SignedOut))
    }

    fn portal_url(&self, state: &State) -> Option<&'static str> {
        let store = state.store();
        let permissions = store.profile(&self.profile)?.permissions()?;
        Some(self.selected(permissions)?.remedy(&permissions.scopes)?.portal_url)
    }

    /// Returns how many permissions are listed: the file of an earlier version has fewer than there are capabilities.
    fn count(&self, state: &State) -> usize {
        let store = state.store();
        let permissions = store.profile(&self.profile).and_then(Profile::permissions);
        permissions.map_or(0, |permissions| permissions.list.len())
    }

    fn selected<'a>(&self, permissions: &'a Permissions) -> Option<&'a Permission> {
        permissions.list.get(self.selected.min(permissions.list.len().checked_sub(1)?))
    }
}

/// Opens the panel, and probes the token where it was never probed.
pub(crate) fn open(state: &mut State, profile: &Profile) -> Vec<Effect> {
    if profile.token.is_none() {
        let sign_in = state.key_sentence(KeyContext::List, Action::Reauthorize, "sign in");
        state.notify_error(format!("Profile {} has no token. {sign_in}", profile.name));
        return Vec::new();
    }
    let is_probed = profile.permissions().is_some();
    let mut panel = PermissionsPanel { profile: profile.name.clone(), selected: 0, probe: None, error: None };
    let effects = if is_probed { Vec::new() } else { probe(state, &mut panel) };
    state.dialog = Some(Dialog::Permissions(panel));
    effects
}

/// Starts a probe, unless one is running.
fn probe(state: &mut State, panel: &mut PermissionsPanel) -> Vec<Effect> {
    if panel.is_probing() {
        return Vec::new();
    }
    let id = state.take_id();
    (panel.probe, panel.error) = (Some(id), None);
    vec![Effect::ProbePermissions { id, name: panel.profile.clone() }]
}

/// Returns the portal URL of the product that the selected capability needs.
pub(crate) fn portal_url(state: &State) -> Option<&'static str> {
    match &state.dialog {
        Some(Dialog::Permissions(panel)) => panel.portal_url(state),
        _ => None,
    }
}

/// Returns whether the probe failed because only a sign-in helps.
pub(crate) fn needs_sign_in(state: &State) -> bool {
    matches!(&state.dialog, Some(Dialog::Permissions(panel)) if panel.needs_sign_in())
}

pub(crate) fn can_probe(state: &State) -> bool {
    matches!(&state.dialog, Some(Dialog::Permissions(panel)) if !panel.is_probing())
}

pub(crate) fn handle(state: &mut State, mut panel: PermissionsPanel, action: Action) -> Vec<Effect> {
    let effects = match action {
        Action::Back => return Vec::new(),
        Action::Check => probe(state, &mut panel),
        Action::Reauthorize if panel.needs_sign_in() => {
            return profiles::handle_for_profile(state, action, &panel.profile);
        }
        Action::OpenPage => panel.portal_url(state).map(|url| Effect::OpenPage(url.to_owned())).into_iter().collect(),
        action if action.is_navigation() => {
            let count = panel.count(state);
            panel.selected = move_in_list(state, panel.selected.min(count.saturating_sub(1)), count, action);
            Vec::new()
        }
        _ => Vec::new(),
    };
    state.dialog = Some(Dialog::Permissions(panel));
    effects
}

/// Handles the result of a probe. The profile was saved, so it is listed even if the panel was closed meanwhile.
pub(crate) fn on_probed(state: &mut State, id: u64, name: &Name, result: Result<Box<Profile>, Error>) {
    if let Ok(profile) = &result {
        profiles::update_profile(state, profile);
    }
    let error = result.err();
    if let Some(Dialog::Permissions(panel)) = &mut state.dialog
        && panel.probe == Some(id)
    {
        (panel.probe, panel.error) = (None, error);
    } else if let Some(error) = error {
        state.notify_error(format!("Permissions of profile {name}: {error}"));
    }
}

pub(crate) fn page(state: &State, panel: &PermissionsPanel, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Permissions of profile {}", panel.profile));
    let store = state.store();
    let Some(profile) = store.profile(&panel.profile) else {
        page.error("The profile no longer exists.");
        return page;
    };
    let permissions = profile.permissions();
    if panel.is_probing() {
        let spinner = spinner(theme, state.now);
        page.text(theme.accent(), &format!("{spinner} Probing the permissions; nothing is changed at LinkedIn."));
    } else if let Some(permissions) = permissions {
        page.dim(&format!("Probed {}.", time_format::format_past(state, permissions.at)));
    } else if panel.error.is_none() {
        let probe = state.key_sentence(KeyContext::Permissions, Action::Check, "probe the permissions");
        page.plain(&format!("Not probed yet. {probe}"));
    }
    if let Some(error) = &panel.error {
        page.error(&error.to_string());
        if panel.needs_sign_in() {
            page.strong(&state.key_sentence(KeyContext::Permissions, Action::Reauthorize, "re-authorize"));
        } else {
            page.strong(&state.hint(error));
        }
    }
    let Some(permissions) = permissions else { return page };
    page.blank();
    let has_products = page.width >= MIN_PRODUCT_WIDTH;
    let titles = permissions.list.iter().map(|permission| permission.capability.title().len());
    let title_width = titles.max().unwrap_or_default() + 2;
    // The evidence is below the list, where that has room for the longest one; else below its row.
    let second_profile = Error::bad_input("", USE_SECOND_PROFILE).with_next_step(NextStep::SignInWithNewApp);
    let second_profile = state.hint(&second_profile);
    let evidence: Vec<Page> = permissions
        .list
        .iter()
        .map(|permission| {
            let mut evidence = Page::new(theme, page.width, "");
            add_evidence(&mut evidence, permission, permissions, &second_profile);
            evidence
        })
        .collect();
    let evidence_height = evidence.iter().map(|evidence| evidence.lines.len()).max().unwrap_or_default();
    // The dialog keeps its size while the selection moves.
    page.min_text_width = evidence.iter().map(Page::text_width).max().unwrap_or_default();
    let has_pane =
        page.lines.len() + permissions.list.len() + 1 + evidence_height <= state.window().dialog_text_height();
    let selected = panel.selected(permissions).map(|permission| permission.capability);
    // Empty lines are not worth scrolling.
    let height_with_evidence =
        (page.lines.len() + permissions.list.len() + evidence_height).min(state.window().dialog_text_height());
    for permission in &permissions.list {
        let is_selected = selected == Some(permission.capability);
        let (label, style, (mark, mark_style)) = match permission.allowed {
            Some(true) => ("yes", theme.success(), theme.done_mark()),
            Some(false) => ("no", theme.error(), theme.failed_mark()),
            None => ("unknown", theme.warning(), ("?", theme.warning_mark())),
        };
        let mut row = vec![
            Span::styled(format!("{mark} "), mark_style),
            Span::styled(format!("{label:9}"), style),
            Span::raw(format!("{:<title_width$}", permission.capability.title())),
        ];
        if let Some(remedy) = permission.remedy(&permissions.scopes).filter(|_| has_products) {
            let used: usize = row.iter().map(Span::width).sum();
            row.push(Span::styled(fit(remedy.product, page.width.saturating_sub(2 + used)), theme.dim()));
        }
        page.row(is_selected, row);
        if is_selected && !has_pane {
            add_evidence(&mut page, permission, permissions, &second_profile);
            page.visible_line = Some(page.lines.len() - 1);
        }
    }
    if !has_pane {
        page.lines.resize(height_with_evidence.max(page.lines.len()), Line::default());
    }
    if has_pane && let Some(permission) = panel.selected(permissions) {
        page.blank();
        let line_count = page.lines.len() + evidence_height;
        add_evidence(&mut page, permission, permissions, &second_profile);
        page.lines.resize(line_count.max(page.lines.len()), Line::default());
    }
    page
}

/// Adds the evidence for a permission, what it needs, and the Pages that it applies to.
fn add_evidence(page: &mut Page, permission: &Permission, permissions: &Permissions, second_profile: &str) {
    let theme = page.theme;
    let add = |page: &mut Page, style: Style, text: &str| page.indented(INDENT, style, &sanitize(text, 500));
    // What is needed comes first: in a low window it is the line in view.
    let remedy = permission.remedy(&permissions.scopes);
    if let Some(remedy) = &remedy {
        add(page, Style::new(), &format!("Needs {}.", remedy.product_with_terms()));
        if remedy.needs_second_profile {
            add(page, Style::new(), second_profile);
        }
    }
    add(page, theme.dim(), &permission.reason());
    if let Some(remedy) = remedy {
        page.links.push((page.lines.len(), remedy.portal_url.to_owned()));
        page.lines
            .push(Line::from(vec![Span::raw(" ".repeat(INDENT)), Span::styled(remedy.portal_url, theme.accent())]));
    }
    if permission.capability == Capability::PostAsPage {
        for PagePermission { urn, name, role, can_post } in &permissions.pages {
            let label = if *can_post { "yes" } else { "no" };
            add(page, Style::new(), &format!("{label}: {} ({role})", name.as_deref().unwrap_or(urn)));
        }
    }
}
