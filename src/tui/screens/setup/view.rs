//! Draws the setup: a page for each step.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Setup;
use super::guide::{GuideStep, OUTDATED_TUTORIALS, STEPS};
use super::scopes::{ScopeRow, is_preset, scopes_of};
use crate::files::WHO_CAN_READ;
use crate::linkedin::products::{self, Access, PRODUCTS, Product};
use crate::linkedin::scopes::{self, CATALOGUE, PRESETS};
use crate::text::{clean, columns, fit, shorten_path};
use crate::tui::files::Files;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::screens::{Note, browser_notes, error_notes};
use crate::tui::state::{SetupStep, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::Page;

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

/// Adds a keyed action as a button: its key and what it does.
fn button(state: &State, theme: Theme, context: KeyContext, action: Action, label: &str) -> Vec<Span<'static>> {
    let key = state.key_name(context, action);
    vec![Span::styled(key, theme.accent()), Span::styled(format!(" {label}   "), theme.dim())]
}

fn guide_page(state: &State, files: &Files, theme: Theme, widths: PageWidths) -> Page {
    const PLACE_WIDTH: usize = 34;
    let setup = &state.setup;
    let is_done = |step: &GuideStep| files.guide.iter().any(|key| key == step.key);
    let mut page = Page::with_aside(theme, widths, "Set up a LinkedIn app");
    page.right = format!("{} of {} done", STEPS.iter().filter(|step| is_done(step)).count(), STEPS.len());
    let title_width = STEPS.iter().map(|step| step.title.len()).max().unwrap_or_default() + 3;
    let selected = setup.guide_line.min(STEPS.len() - 1);
    for (number, step) in STEPS.iter().enumerate() {
        let is_selected = number == selected;
        let (mark, mark_style) =
            if is_done(step) { theme.done_mark() } else { (theme.symbol("○", "o"), theme.dim()) };
        let mut spans = vec![
            Span::styled(format!("{mark} "), mark_style),
            Span::raw(format!("{} {:<title_width$}", number + 1, step.title)),
        ];
        if page.width >= title_width + PLACE_WIDTH {
            let style = if is_selected { Style::new() } else { theme.dim() };
            spans.push(Span::styled(step.place, style));
        }
        page.row(is_selected, spans);
    }
    let step = &STEPS[selected];
    if setup.shows_outdated_tutorials {
        page.panel("What changed since older tutorials");
        page.focus = None;
        page.plain(OUTDATED_TUTORIALS);
    } else {
        page.panel(format!("{}. {}", selected + 1, step.title));
        page.plain(step.instructions);
        let mut buttons = button(state, theme, KeyContext::Guide, Action::OpenPage, "open page");
        let value = if step.value.is_some() { "copy redirect URL" } else { "copy URL" };
        buttons.extend(button(state, theme, KeyContext::Guide, Action::CopyUrl, value));
        let toggle = if is_done(step) { "mark not done" } else { "mark done" };
        buttons.extend(button(state, theme, KeyContext::Guide, Action::Toggle, toggle));
        page.lines.push(Line::from(buttons));
    }
    if widths.is_split {
        page.aside("Why an app of your own?");
        page.plain("LinkedIn issues tokens to apps, not to accounts. An app is free, and takes about five minutes.");
        page.blank();
        page.dim(
            "Self-serve products are granted at once: sign in, and post as a member. Others need LinkedIn's approval.",
        );
        page.blank();
        let tutorials = state.press(KeyContext::Guide, Action::OutdatedTutorials, "see what changed");
        page.dim(&format!("An older tutorial asks for r_liteprofile? {tutorials}"));
    }
    let foot_width = if widths.is_split { widths.main + widths.aside } else { widths.single };
    if state.is_sandbox() {
        let start = state.press(KeyContext::Guide, Action::Continue, "skip all this");
        page.foot(theme.success(), &format!("Sandbox: a demo app is ready. {start}"), foot_width);
        page.foot(theme.dim(), "The pages that open here are LinkedIn's real ones.", foot_width);
    } else {
        let start = state.press(KeyContext::Guide, Action::Continue, "use it");
        page.foot(theme.strong(), &format!("Already have an app? {start}"), foot_width);
    }
    page
}

fn credentials_page(state: &State, files: &Files, theme: Theme, widths: PageWidths) -> Page {
    let setup = &state.setup;
    let apps = files.apps.len();
    let mut page = Page::with_aside(theme, widths, "App credentials");
    let is_new = setup.app.is_none();
    let known = setup.known_app(files).filter(|_| is_new);
    let used = setup.app.as_ref().or(known.map(|app| &app.name));
    let radio = |is_used| if is_used { theme.symbol("(●) ", "(*) ") } else { "( ) " };
    for (number, app) in files.apps.iter().enumerate() {
        let is_focused = setup.credentials_line == number;
        let spans = vec![
            Span::styled(radio(used == Some(&app.name)), theme.accent()),
            Span::raw(format!("{:<20} ", fit(app.name.as_str(), 20))),
            Span::styled(clean(&app.client_id, 40), if is_focused { Style::new() } else { theme.dim() }),
        ];
        page.row(is_focused, spans);
    }
    let shows_fields = setup.credentials_line >= apps;
    if apps > 0 {
        let mark = Span::styled(radio(used.is_none()), theme.accent());
        let text = match known {
            Some(app) if shows_fields => format!("Enter a new client secret for {}", app.name),
            _ => "Use another app ...".to_owned(),
        };
        page.lines.push(Line::from(vec![Span::raw("  "), mark, Span::raw(text)]));
        if shows_fields {
            page.blank();
        }
    }
    if shows_fields {
        page.field("Client ID", &setup.client_id, setup.credentials_line == apps, client_id_notes(state, theme));
        page.blank();
        let notes = secret_notes(state, theme);
        let is_focused = setup.credentials_line == apps + 1;
        if state.is_revealed() {
            page.field("Client secret", &setup.secret, is_focused, notes);
        } else {
            page.masked_field("Client secret", &setup.secret, is_focused, notes);
        }
    }
    page.aside("Where to find them");
    if state.is_sandbox() {
        page.plain("The sandbox's demo app is filled in: press enter.");
        page.dim("With LinkedIn, you copy them from your app's Auth tab in the Developer Portal.");
    } else {
        page.plain("Developer Portal > My apps > your app > Auth tab:");
        page.plain("Client ID, and Primary Client Secret.");
        page.lines.push(Line::from(button(state, theme, KeyContext::Credentials, Action::OpenPortal, "open portal")));
    }
    if widths.is_split {
        page.blank();
        page.dim("A pasted line is cleaned: quotes, spaces and NAME= are removed.");
        page.dim(&format!("They are saved after you sign in, in a file {WHO_CAN_READ}."));
    }
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
    let is_selected = setup.is_secret_selected && !setup.secret.text().is_empty();
    let selected = is_selected.then(|| (theme.dim(), "As you typed it. Typing or pasting replaces it.".to_owned()));
    problem.into_iter().chain(selected).chain(visible.map(|note| (theme.warning(), note))).collect()
}

/// Returns the style of a field's problem: an empty field is not wrong yet.
fn problem_style(field: &Field, theme: Theme) -> Style {
    if field.text().is_empty() { theme.dim() } else { theme.error() }
}

fn scopes_page(state: &State, files: &Files, theme: Theme, widths: PageWidths) -> Page {
    let setup = &state.setup;
    let list = &setup.scope_list;
    let mut page = Page::with_aside(theme, widths, "What may this token do?");
    let selected = setup.all_scopes();
    page.right = format!("{} selected", selected.len());
    let rows = list.rows();
    if let Some(find) = &list.find {
        page.title = format!("Find: {}{}", clean(find.text(), 40), theme.symbol("▏", "_"));
        page.right = if rows.len() == 1 { "1 match".to_owned() } else { format!("{} matches", rows.len()) };
        if rows.is_empty() {
            page.dim("No scope matches. Custom scopes are typed in the last line of the list.");
        }
    }
    let ids = rows.iter().filter_map(|row| match row {
        ScopeRow::Scope(id) => Some(id.len()),
        _ => None,
    });
    let id_width = ids.max().unwrap_or_default();
    let is_custom = !PRESETS.iter().any(|preset| is_preset(preset, &selected));
    for row in &rows {
        let is_selected = *row == list.row;
        match row {
            ScopeRow::Preset(number) => add_preset_row(&mut page, &PRESETS[*number], is_selected, &selected),
            ScopeRow::Product(product) => {
                if products_start(product) {
                    if is_custom {
                        page.lines.push(Line::styled(
                            format!("  {} custom selection", theme.symbol("(●)", "(*)")),
                            theme.dim(),
                        ));
                    }
                    page.blank();
                }
                add_product_row(&mut page, product, is_selected, list.is_unfolded(product), &selected);
            }
            ScopeRow::Scope(id) => {
                let indent = if list.find.is_some() { "" } else { "  " };
                add_scope_row(&mut page, id, is_selected, (indent, id_width), &selected);
            }
            ScopeRow::Custom => {
                page.blank();
                let notes = vec![(theme.dim(), "Scopes that are not listed, separated by spaces.".to_owned())];
                page.field("Custom scopes", &setup.custom_scopes, is_selected, notes);
                if is_selected {
                    page.focus = Some(page.lines.len() - 1);
                }
            }
        }
    }
    let foot_width = if widths.is_split { widths.main + widths.aside } else { widths.single };
    for (style, text) in scope_notes(&selected, &setup.granted(files), theme) {
        page.foot(style, &text, foot_width);
    }
    let facts = row_facts(list.row);
    if widths.is_split {
        page.aside("About");
        page.strong(&facts.name);
        page.plain(&facts.grants);
        page.blank();
        if !facts.product.is_empty() {
            page.dim("Product");
            page.plain(&facts.product);
        }
        if !facts.access.is_empty() {
            page.dim("Access");
            page.plain(&facts.access);
        }
        if !facts.consent.is_empty() {
            page.blank();
            page.dim("The member will see");
            for text in &facts.consent {
                page.plain(&format!("{} {text}", theme.symbol("·", "-")));
            }
        }
    } else if !facts.grants.is_empty() {
        // The scopes of a folded product would leave no room for the list.
        let grants = match list.row {
            ScopeRow::Product(product) => format!("{} scopes", scopes_of(product).count()),
            _ => facts.grants,
        };
        let mut parts = vec![format!("{}: {grants}", facts.name), facts.access];
        parts.retain(|part| !part.is_empty());
        page.foot(theme.dim(), &parts.join("; "), foot_width);
    }
    page
}

fn products_start(product: &str) -> bool {
    CATALOGUE.first().is_some_and(|scope| scope.product == product)
}

/// What is known about a row of the list.
#[derive(Default)]
struct RowFacts {
    name: String,
    grants: String,
    product: String,
    access: String,
    /// What LinkedIn's consent page says.
    consent: Vec<String>,
}

fn product_label(product: &str) -> String {
    if PRODUCTS.iter().any(|known| known.name == product) { product.to_owned() } else { "Not a product".to_owned() }
}

fn product_terms(product: &str) -> String {
    let known = PRODUCTS.iter().find(|known| known.name == product);
    known.map_or_else(|| Access::Closed.label().to_owned(), Product::terms)
}

fn row_facts(row: ScopeRow) -> RowFacts {
    let consent = |ids: &[&str]| ids.iter().map(|id| scopes::consent_text(id)).collect();
    match row {
        ScopeRow::Preset(number) => {
            let preset = &PRESETS[number];
            RowFacts {
                name: preset.name.to_owned(),
                grants: preset.scopes.join(" "),
                consent: consent(preset.scopes),
                ..RowFacts::default()
            }
        }
        ScopeRow::Product(product) => {
            let ids: Vec<&str> = scopes_of(product).map(|scope| scope.id).collect();
            RowFacts {
                name: product_label(product),
                grants: ids.join(" "),
                access: product_terms(product),
                ..RowFacts::default()
            }
        }
        ScopeRow::Scope(id) => scopes::find(id).map_or_else(RowFacts::default, |scope| RowFacts {
            name: id.to_owned(),
            grants: scope.grants.to_owned(),
            product: product_label(scope.product),
            access: product_terms(scope.product),
            consent: consent(&[id]),
        }),
        ScopeRow::Custom => RowFacts {
            name: "Custom scopes".to_owned(),
            grants: "For scopes that this list does not know. LinkedIn refuses those that your app may not request."
                .to_owned(),
            ..RowFacts::default()
        },
    }
}

/// Returns the mark and the label of who can get a product or a scope.
fn access_span(theme: Theme, access: Access, is_selected: bool) -> Span<'static> {
    let (mark, style) = match access {
        Access::SelfServe => (theme.done_mark().0, theme.success()),
        Access::Approval => ("!", theme.warning()),
        Access::Closed => (theme.failed_mark().0, theme.dim()),
    };
    let style = if is_selected { Style::new() } else { style };
    Span::styled(format!("{mark} {}", access.label()), style)
}

const ACCESS_WIDTH: usize = 19;

fn add_preset_row(page: &mut Page, preset: &scopes::Preset, is_selected: bool, selected: &[String]) {
    const NAME_WIDTH: usize = 16;
    let theme = page.theme;
    let radio = if is_preset(preset, selected) { theme.symbol("(●) ", "(*) ") } else { "( ) " };
    let room = page.width.saturating_sub(2 + 4 + NAME_WIDTH + 1 + ACCESS_WIDTH);
    let ids: Vec<String> = preset.scopes.iter().map(|&id| id.to_owned()).collect();
    let access = if products::approvals(&ids).is_some() { Access::Approval } else { Access::SelfServe };
    let style = if is_selected { Style::new() } else { theme.dim() };
    let all = preset.scopes.join(" ");
    let first = format!("{} and {} more", preset.scopes[0], preset.scopes.len() - 1);
    let number = format!("{} scopes", preset.scopes.len());
    let summary = [all, first].into_iter().find(|text| columns(text) < room).unwrap_or(number);
    let spans = vec![
        Span::styled(radio, theme.accent()),
        Span::raw(format!("{:<NAME_WIDTH$} ", preset.name)),
        Span::styled(format!("{:<room$}", fit(&summary, room)), style),
        access_span(theme, access, is_selected),
    ];
    page.row(is_selected, spans);
}

fn add_product_row(page: &mut Page, product: &str, is_selected: bool, is_unfolded: bool, selected: &[String]) {
    const COUNT_WIDTH: usize = 6;
    let theme = page.theme;
    let ids: Vec<&str> = scopes_of(product).map(|scope| scope.id).collect();
    let checked = ids.iter().filter(|id| selected.iter().any(|scope| scope == *id)).count();
    let fold = if is_unfolded { theme.symbol("▾ ", "v ") } else { theme.symbol("▸ ", "> ") };
    let room = page.width.saturating_sub(2 + 2 + COUNT_WIDTH + ACCESS_WIDTH);
    let access = PRODUCTS.iter().find(|known| known.name == product).map_or(Access::Closed, |known| known.access);
    let style = if is_selected { Style::new() } else { theme.dim() };
    let spans = vec![
        Span::styled(fold, style),
        Span::styled(format!("{:<room$}", fit(&product_label(product), room.saturating_sub(1))), theme.strong()),
        Span::styled(format!("{:<COUNT_WIDTH$}", format!("{checked}/{}", ids.len())), style),
        access_span(theme, access, is_selected),
    ];
    page.row(is_selected, spans);
}

fn add_scope_row(
    page: &mut Page,
    id: &str,
    is_selected: bool,
    (indent, id_width): (&'static str, usize),
    selected: &[String],
) {
    let theme = page.theme;
    let Some(scope) = scopes::find(id) else { return };
    let room = page.width.saturating_sub(2 + indent.len() + 4 + id_width + 1);
    let is_checked = selected.iter().any(|known| known == id);
    let mark = if is_checked { Span::styled("[x] ", theme.success()) } else { Span::raw("[ ] ") };
    let style = if is_selected { Style::new() } else { theme.dim() };
    let spans = vec![
        Span::raw(indent),
        mark,
        Span::raw(format!("{:<id_width$} ", scope.id)),
        Span::styled(fit(scope.grants, room), style),
    ];
    page.row(is_selected, spans);
}

/// Returns the notes about the selected scopes as a whole.
fn scope_notes(selected: &[String], granted: &[String], theme: Theme) -> Vec<Note> {
    if let Err(error) = scopes::check_granted(selected, granted) {
        return vec![(theme.error(), format!("{error} {}", error.hint))];
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

fn port_notes(state: &State, theme: Theme) -> Vec<Note> {
    let setup = &state.setup;
    match setup.redirect_url() {
        Err(error) => error_notes(state, &error, theme),
        Ok(url) => match setup.port_probe.as_ref().filter(|(probed, _)| probed == url.as_str()) {
            None => vec![(theme.dim(), format!("Checking port {} ...", url.port()))],
            Some((_, Ok(()))) => {
                vec![(theme.success(), format!("{} Port {} is available.", theme.done_mark().0, url.port()))]
            }
            Some((_, Err(error))) => error_notes(state, error, theme),
        },
    }
}

fn redirect_url_page(state: &State, theme: Theme, widths: PageWidths) -> Page {
    let mut page = Page::with_aside(theme, widths, "Redirect URL");
    page.plain("LinkedIn redirects the browser here after you click Allow. The program listens on this port while you sign in.");
    page.blank();
    page.field("Redirect URL", &state.setup.redirect, true, port_notes(state, theme));
    page.focus = None;
    if state.is_sandbox() {
        page.aside("Nothing to register");
        page.plain("The demo app accepts every port of this machine.");
        page.dim("With LinkedIn, you add the URL to your app: Auth tab, \"Authorized redirect URLs for your app\".");
    } else {
        page.aside("Register it");
        page.plain("Add exactly this URL to your app: Auth tab, \"Authorized redirect URLs for your app\".");
        page.blank();
        page.dim("LinkedIn compares every character: http, host, port, path, a slash at the end.");
        let mut buttons = button(state, theme, KeyContext::RedirectUrl, Action::CopyUrl, "copy URL");
        buttons.extend(button(state, theme, KeyContext::RedirectUrl, Action::OpenPortal, "open portal"));
        page.lines.push(Line::from(buttons));
    }
    page
}

fn review_page(state: &State, files: &Files, theme: Theme, widths: PageWidths) -> Page {
    let setup = &state.setup;
    let title =
        setup.existing.as_ref().map_or_else(|| "Review and sign in".to_owned(), |name| format!("Re-authorize {name}"));
    let mut page = Page::with_aside(theme, widths, title);
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
    if setup.browser.trimmed().is_empty() && setup.review_line == 1 {
        notes.push((theme.dim(), "Use one browser profile per LinkedIn account: firefox -P work".to_owned()));
    }
    page.field("Browser", &setup.browser, setup.review_line == 1, notes);
    page.blank();
    let scopes = setup.all_scopes();
    let (app, redirect) = match setup.app(files) {
        Ok(app) => {
            let saved = if setup.app.is_none() { "" } else { ", saved" };
            (format!("{} ({}{saved})", app.name, clean(&app.client_id, 40)), app.redirect_url.as_str().to_owned())
        }
        Err(error) => (error.to_string(), setup.redirect.trimmed().to_owned()),
    };
    let values = [("App", app), ("Redirect URL", redirect), ("Scopes", clean(&scopes.join(" "), 2000))];
    for (number, (label, value)) in values.into_iter().enumerate() {
        add_review_row(&mut page, label, &value, setup.review_line == number + 2);
        if label == "Redirect URL" && !matches!(setup.port_probe, Some((_, Ok(())))) {
            for (style, note) in port_notes(state, theme) {
                page.indented(REVIEW_INDENT, style, &note);
            }
        }
    }
    for (style, text) in scope_notes(&scopes, &setup.granted(files), theme) {
        page.indented(REVIEW_INDENT, style, &text);
    }
    if let Some(warning) = revocation_warning(setup, files, &scopes) {
        page.blank();
        page.warning(&warning);
    }
    page.aside("What happens next");
    let opens = match &state.config.browser {
        Some(Err(_)) => "A link is shown. Open it in a browser that reaches this machine.",
        _ => "Your browser opens LinkedIn.",
    };
    let profile = setup.profile_name_text(files);
    let file = state.config.profiles_directory.join(format!("{profile}.toml")).display().to_string();
    let opens = if state.is_sandbox() { "Your browser opens the sandbox, or you press a key here." } else { opens };
    page.plain(&format!("1. {opens}"));
    page.plain("2. You sign in and click Allow.");
    page.plain("3. The token is saved, for you only:");
    let width = page.width.saturating_sub(3);
    page.lines.push(Line::styled(format!("   {}", shorten_path(&file, width)), theme.dim()));
    page
}

/// Columns before the value of a line of the review.
const REVIEW_INDENT: usize = 2 + 15;

/// Adds a value that another step sets. The selected one is shown as a whole, and so is every other where it fits.
fn add_review_row(page: &mut Page, label: &str, value: &str, is_selected: bool) {
    let room = page.width.saturating_sub(REVIEW_INDENT).max(10);
    let mut label = label.to_owned();
    for (number, row) in crate::text::wrap(value, room).into_iter().enumerate() {
        let theme = page.theme;
        let label_style = if is_selected { Style::new() } else { theme.dim() };
        let focus = page.focus;
        page.row(is_selected, vec![Span::styled(format!("{label:<15}"), label_style), Span::raw(row)]);
        if is_selected && number > 0 {
            page.focus = focus;
        }
        label = String::new();
    }
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
