//! Draws the setup: a page for each step.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Setup;
use super::guide::{OUTDATED_TUTORIALS, STEPS};
use crate::files::WHO_CAN_READ;
use crate::linkedin::products::{self, PRODUCTS, Product};
use crate::linkedin::scopes::{self, CATALOGUE, PRESETS, Scope};
use crate::text::{clean, fit};
use crate::tui::files::Files;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::screens::{Note, browser_notes, error_notes};
use crate::tui::state::{SetupStep, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::{LABEL_WIDTH, Page, row_style};

pub(crate) fn page(state: &State, step: SetupStep, theme: Theme, widths: PageWidths) -> Page {
    let files = state.files();
    match step {
        SetupStep::Guide => guide_page(state, &files, theme, widths),
        SetupStep::Credentials => credentials_page(state, &files, theme, widths),
        SetupStep::Scopes => scopes_page(state, &files, theme, widths),
        SetupStep::Redirect => redirect_url_page(state, theme, widths),
        SetupStep::Review => review_page(state, &files, theme, widths),
    }
}

fn guide_page(state: &State, files: &Files, theme: Theme, widths: PageWidths) -> Page {
    let setup = &state.setup;
    let mut page = Page::new(theme, widths.single, "Set up a LinkedIn app");
    if state.config.badge.as_deref() == Some("SANDBOX") {
        let start = state.press(KeyContext::Guide, Action::Continue, "continue");
        page.success(&format!("Sandbox: a demo app is already set up. {start}"));
        page.blank();
    }
    for (number, step) in STEPS.iter().enumerate() {
        let is_selected = number == setup.guide_line;
        let is_ticked = files.guide.iter().any(|tick| tick == step.key);
        let style = row_style(theme, is_selected);
        page.row(is_selected, vec![check_box(theme, is_ticked, style), Span::styled(step.title, style)]);
        if is_selected {
            page.focus = Some(page.lines.len());
        }
        page.indented(6, theme.dim(), step.instructions);
    }
    page.blank();
    if setup.shows_outdated_tutorials {
        page.focus = Some(page.lines.len() + 5);
        page.warning(OUTDATED_TUTORIALS);
    } else {
        let skip = state.press(KeyContext::Guide, Action::Continue, "skip this");
        let tutorials = state.press(KeyContext::Guide, Action::OutdatedTutorials, "see what changed");
        page.dim(&format!("Already have an app? {skip} Following an older tutorial? {tutorials}"));
    }
    page
}

fn check_box(theme: Theme, is_checked: bool, style: Style) -> Span<'static> {
    if is_checked { Span::styled("[x] ", theme.success()) } else { Span::styled("[ ] ", style) }
}

fn credentials_page(state: &State, files: &Files, theme: Theme, widths: PageWidths) -> Page {
    let setup = &state.setup;
    let mut page = Page::new(theme, widths.single, "App credentials");
    let is_new = setup.app.is_none();
    let known = setup.known_app(files).filter(|_| is_new);
    let used = setup.app.as_ref().or(known.map(|app| &app.name));
    for (number, app) in files.apps.iter().enumerate() {
        let is_focused = setup.credentials_line == number;
        let style = row_style(theme, is_focused);
        let mark = if used == Some(&app.name) { theme.symbol("● ", "* ") } else { theme.symbol("○ ", "- ") };
        let spans = vec![
            Span::styled(mark, theme.accent()),
            Span::styled(format!("{:<20} ", app.name.as_str()), style),
            Span::styled(clean(&app.client_id, 40), theme.dim()),
        ];
        page.row(is_focused, spans);
    }
    if !files.apps.is_empty() {
        page.blank();
        match known {
            Some(app) => page.dim(&format!("Enter a new client secret for {}:", app.name)),
            None => page.dim("Or enter another app:"),
        }
    }
    let apps = files.apps.len();
    let notes = if is_new { client_id_notes(state, theme) } else { Vec::new() };
    page.field("Client ID", &setup.client_id, setup.credentials_line == apps, notes);
    page.blank();
    let notes = if is_new { secret_notes(state, theme) } else { Vec::new() };
    let is_focused = setup.credentials_line == apps + 1;
    if state.is_revealed() {
        page.field("Client secret", &setup.secret, is_focused, notes);
    } else {
        page.masked_field("Client secret", &setup.secret, is_focused, notes);
    }
    page.blank();
    page.dim(&format!(
        "You find both on the Auth tab of your app in the Developer Portal. They are saved after you sign in, in a \
         file {WHO_CAN_READ}."
    ));
    page
}

fn client_id_notes(state: &State, theme: Theme) -> Vec<Note> {
    let setup = &state.setup;
    let mut notes = Vec::new();
    match setup.client_id_problem() {
        Some(problem) => notes.push((problem_style(&setup.client_id, theme), problem.to_owned())),
        None if !crate::linkedin::is_usual_client_id(setup.client_id.trimmed()) => {
            notes.push((theme.warning(), "Unusual client ID: expected 14 lowercase letters and digits.".to_owned()));
        }
        None => {}
    }
    let is_prefilled = setup.client_id.text() == state.config.prefill.client_id;
    if let Some(source) = setup.source.filter(|_| is_prefilled) {
        notes.push((theme.dim(), format!("Filled in from {source}.")));
    }
    notes
}

fn secret_notes(state: &State, theme: Theme) -> Vec<Note> {
    let setup = &state.setup;
    let problem = setup.secret_problem().map(|problem| (problem_style(&setup.secret, theme), problem.to_owned()));
    let hides_at = state.revealed_until.filter(|_| state.is_revealed());
    let visible = hides_at.map(|until| format!("Visible for {} s.", until.as_second() - state.now.as_second()));
    problem.into_iter().chain(visible.map(|note| (theme.warning(), note))).collect()
}

/// Returns the style of a field's problem: an empty field is not wrong yet.
fn problem_style(field: &Field, theme: Theme) -> Style {
    if field.text().is_empty() { theme.dim() } else { theme.error() }
}

fn scopes_page(state: &State, files: &Files, theme: Theme, widths: PageWidths) -> Page {
    let setup = &state.setup;
    let mut page = Page::new(theme, widths.single, "Choose scopes");
    let keys = [Action::PresetOne, Action::PresetTwo, Action::PresetThree]
        .map(|action| state.key_name(KeyContext::Scopes, action));
    let presets: Vec<String> = keys.iter().zip(PRESETS).map(|(key, preset)| format!("{key} {}", preset.name)).collect();
    page.dim(&format!("Presets  {}", presets.join("  ")));
    let selected = setup.all_scopes();
    page.right = format!("{} selected", selected.len());
    for (style, text) in scope_notes(&selected, &setup.granted(files), theme) {
        page.text(style, &text);
    }
    let mut product = "";
    let id_width = CATALOGUE.iter().map(|scope| scope.id.len()).max().unwrap_or_default();
    let room = page.width.saturating_sub(6 + id_width + 1);
    for (number, scope) in CATALOGUE.iter().enumerate() {
        if scope.product != product {
            product = scope.product;
            page.blank();
            add_product_heading(&mut page, scope);
        }
        let is_selected = number == setup.scope_line;
        let is_checked = setup.scopes.iter().any(|id| id == scope.id);
        let style = row_style(theme, is_selected);
        let spans = vec![
            check_box(theme, is_checked, style),
            Span::styled(format!("{:<id_width$} ", scope.id), style),
            Span::styled(fit(scope.grants, room), theme.dim()),
        ];
        page.row(is_selected, spans);
        // The full text of the selected scope, where it was cut.
        if is_selected && scope.grants.len() > room {
            page.lines.push(Line::styled(format!("      {}", scope.grants), theme.dim()));
        }
    }
    page.blank();
    let is_focused = setup.scope_line == CATALOGUE.len();
    let mut notes = vec![(theme.dim(), "Scopes that are not listed, separated by spaces.".to_owned())];
    let retired = scopes::split(setup.custom_scopes.text())
        .into_iter()
        .find_map(|id| scopes::find_replacement(&id).map(|new| format!("{} was retired. Use {new}.", clean(&id, 60))));
    notes.extend(retired.map(|text| (theme.error(), text)));
    page.field("Custom scopes", &setup.custom_scopes, is_focused, notes);
    if is_focused {
        page.focus = Some(page.lines.len() + 2);
    }
    page
}

/// Adds the name of a scope's product and the terms on which LinkedIn grants it.
fn add_product_heading(page: &mut Page, scope: &Scope) {
    let product = PRODUCTS.iter().find(|product| product.name == scope.product);
    let name = product.map_or("Not available as a product", |product| product.name);
    let terms = product.map_or_else(|| scope.access.label().to_owned(), Product::terms);
    page.lines.push(Line::from(vec![
        Span::styled(format!("{name}   "), page.theme.strong()),
        Span::styled(fit(&terms, page.width.saturating_sub(name.len() + 3)), page.theme.dim()),
    ]));
}

/// Returns the notes about the selected scopes as a whole.
fn scope_notes(selected: &[String], granted: &[String], theme: Theme) -> Vec<Note> {
    if let Err(error) = scopes::check_granted(selected, granted) {
        return vec![(theme.error(), error.to_string())];
    }
    let unknown: Vec<&str> = selected.iter().filter(|id| scopes::find(id).is_none()).map(String::as_str).collect();
    let mut notes = Vec::new();
    if !unknown.is_empty() {
        let unknown = clean(&unknown.join(" "), 200);
        notes.push((theme.warning(), format!("Unknown scopes, which LinkedIn may reject: {unknown}")));
    }
    match products::approvals(selected) {
        Some(approvals) => {
            notes.push((theme.warning(), format!("Requires LinkedIn's approval of your app for: {approvals}")));
        }
        None if unknown.is_empty() => {
            notes.push((theme.success(), "No approval needed: these scopes are self-serve.".to_owned()));
        }
        None => {}
    }
    notes.extend(products::combination_warning(selected).map(|warning| (theme.warning(), warning)));
    notes.extend(scopes::cost_without_openid(selected).map(|cost| (theme.dim(), cost.to_owned())));
    notes
}

fn redirect_url_page(state: &State, theme: Theme, widths: PageWidths) -> Page {
    let setup = &state.setup;
    let mut page = Page::new(theme, widths.single, "Redirect URL");
    let notes = match setup.redirect_url() {
        Err(error) => error_notes(state, &error, theme),
        Ok(url) => match setup.port_probe.as_ref().filter(|(probed, _)| probed == url.as_str()) {
            None => vec![(theme.dim(), format!("Checking port {} ...", url.port()))],
            Some((_, Ok(()))) => vec![(theme.success(), format!("Port {} is available.", url.port()))],
            Some((_, Err(error))) => error_notes(state, error, theme),
        },
    };
    page.field("Redirect URL", &setup.redirect, true, notes);
    page.focus = None;
    page.blank();
    page.plain(
        "Add exactly this URL to your app: Auth tab, \"Authorized redirect URLs for your app\". It must match \
         character by character: scheme, host, port, trailing slash.",
    );
    page
}

fn review_page(state: &State, files: &Files, theme: Theme, widths: PageWidths) -> Page {
    let setup = &state.setup;
    let title =
        setup.existing.as_ref().map_or_else(|| "Review and sign in".to_owned(), |name| format!("Re-authorize {name}"));
    let mut page = Page::new(theme, widths.single, title);
    match setup.app(files) {
        Ok(app) => {
            let saved = if setup.app.is_none() { "" } else { ", saved" };
            page.value("App", &format!("{} ({}{saved})", app.name, clean(&app.client_id, 40)));
            page.value("Redirect URL", app.redirect_url.as_str());
        }
        Err(error) => page.error(&error.to_string()),
    }
    let scopes = setup.all_scopes();
    page.value("Scopes", &clean(&scopes.join(" "), 2000));
    for (style, text) in scope_notes(&scopes, &setup.granted(files), theme) {
        page.indented(LABEL_WIDTH, style, &text);
    }
    page.blank();
    let note = match setup.profile_name(state) {
        Err(problem) => Some((theme.error(), problem)),
        Ok(_) if setup.existing.is_some() => Some((theme.dim(), "The profile that is re-authorized.".to_owned())),
        Ok(_) if !setup.is_name_typed => Some((theme.dim(), "Commands use this name. Type to change it.".to_owned())),
        Ok(_) => None,
    };
    let suggested = Field::new(setup.profile_name_text(files));
    let field = if setup.is_name_typed && setup.existing.is_none() { &setup.name } else { &suggested };
    page.field("Profile name", field, setup.review_line == 0, note.into_iter().collect());
    let mut notes = browser_notes(state, &setup.browser, theme);
    if setup.browser.trimmed().is_empty() {
        notes.push((theme.dim(), "Use one browser profile per LinkedIn account: firefox -P work".to_owned()));
    }
    page.field("Browser", &setup.browser, setup.review_line == 1, notes);
    page.focus = None;
    if let Some(warning) = revocation_warning(setup, files, &scopes) {
        page.blank();
        page.warning(&warning);
    }
    page
}

/// Returns a warning with the profiles of the app whose tokens have other scopes: LinkedIn revokes a member's earlier tokens when the
/// scopes change.
fn revocation_warning(setup: &Setup, files: &Files, scopes: &[String]) -> Option<String> {
    let app = setup.app(files).ok()?;
    let names: Vec<&str> = files
        .readable()
        .filter(|other| other.app == app.name && setup.existing.as_ref() != Some(&other.name))
        .filter(|other| other.token.as_ref().is_some_and(|token| !scopes::are_same(&token.scopes, scopes)))
        .map(|other| other.name.as_str())
        .take(5)
        .collect();
    let names = Some(names.join(", ")).filter(|names| !names.is_empty())?;
    Some(format!("The scopes differ from those of {names}. If the same member signs in, LinkedIn revokes that token."))
}
