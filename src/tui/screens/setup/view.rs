//! Draws the setup: a page for each step.

use crate::flows::sign_in::{has_client_of, would_be_revoked};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::Setup;
use super::guide::{GuideStep, OUTDATED_TUTORIALS, STEPS};
use super::scopes_view::{products_to_add_briefly, scope_notes, scopes_page};
use crate::files::WHO_CAN_READ;
use crate::linkedin::looks_like_client_secret;

use crate::text::{CopiedValue, columns, fit, sanitize, to_sentence};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::screens::{Note, add_browser_field, error_notes, inline_hint};
use crate::tui::state::{SetupStep, State};
use crate::tui::store_snapshot::StoreSnapshot;
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::Page;

pub(crate) fn setup_page(state: &State, step: SetupStep, theme: Theme, widths: PageWidths) -> Page {
    let store = state.store();
    match step {
        SetupStep::Guide => guide_page(state, &store, theme, widths),
        SetupStep::Credentials => credentials_page(state, &store, theme, widths),
        SetupStep::Scopes => scopes_page(state, &store, theme, widths),
        SetupStep::Redirect => redirect_url_page(state, theme, widths),
        SetupStep::Review => review_page(state, &store, theme, widths),
    }
}

/// What the program does, for its first screen.
const INTRODUCTION: &str =
    "Sign in with your own LinkedIn app; the token is saved as a profile: one member's token for one app.";

fn guide_page(state: &State, store: &StoreSnapshot, theme: Theme, widths: PageWidths) -> Page {
    let is_first = !state.is_sandbox() && store.rows.is_empty();
    let page = |has_introduction, has_tip| steps_page(state, store, theme, widths, (has_introduction, has_tip));
    // The text about tutorials scrolls.
    let fits = |page: &Page| page.fits(&state.window()) || state.setup.shows_outdated_tutorials;
    let mut pages = [is_first, false].into_iter().map(|has_introduction| page(has_introduction, is_first));
    pages.find(fits).unwrap_or_else(|| page(false, false))
}

/// Returns the steps of the guide; for the program's first screen with what it does, and with the tip to try it without an app.
fn steps_page(
    state: &State,
    store: &StoreSnapshot,
    theme: Theme,
    widths: PageWidths,
    (has_introduction, has_tip): (bool, bool),
) -> Page {
    const LOCATION_WIDTH: usize = 34;
    let setup = &state.setup;
    let is_done = |step: &GuideStep| store.completed_guide_steps.iter().any(|key| key == step.key);
    let mut page = Page::with_aside(theme, widths, "Set up a LinkedIn app");
    if has_introduction {
        page.plain(INTRODUCTION);
        page.blank();
    }
    page.title_note = format!("{}/{} done", STEPS.iter().filter(|step| is_done(step)).count(), STEPS.len());
    let title_width = STEPS.iter().map(|step| step.title.len()).max().unwrap_or_default() + 3;
    let selected = setup.guide_row.min(STEPS.len() - 1);
    for (number, step) in STEPS.iter().enumerate() {
        let is_selected = number == selected;
        let (mark, mark_style) =
            if is_done(step) { theme.done_mark() } else { (theme.symbol("○", "o"), theme.dim()) };
        let mut spans = vec![
            Span::styled(format!("{mark} "), mark_style),
            Span::raw(format!("{} {:<title_width$}", number + 1, step.title)),
        ];
        if page.width >= title_width + LOCATION_WIDTH {
            let style = if is_selected { Style::new() } else { theme.dim() };
            spans.push(Span::styled(step.location, style));
        }
        page.row(is_selected, spans);
    }
    let step = &STEPS[selected];
    if setup.shows_outdated_tutorials {
        page.panel("What changed since older tutorials");
        // The text scrolls, and not the list of steps above it.
        page.visible_line = None;
        page.plain(OUTDATED_TUTORIALS);
    } else {
        page.panel(format!("{}. {}", selected + 1, step.title));
        page.plain(step.instructions);
        let mut hints = inline_hint(state, theme, (KeyContext::Guide, Action::OpenPage), "open in browser").to_vec();
        // The key copies what the step needs: the redirect URL that the user enters, else the URL of the page to open.
        let value = if step.value.is_some() { "copy redirect URL" } else { "copy URL" };
        hints.extend(inline_hint(state, theme, (KeyContext::Guide, Action::CopyRedirectUrl), value));
        let toggle = super::guide_toggle_label(state);
        hints.extend(inline_hint(state, theme, (KeyContext::Guide, Action::Toggle), toggle));
        page.lines.push(Line::from(hints));
    }
    if widths.is_split {
        page.aside("Why an app of your own?");
        page.plain("LinkedIn issues tokens to apps, not to accounts. An app is free, and takes about five minutes.");
        page.blank();
        page.dim(
            "Self-serve products are granted at once: sign in, and post as a member. Others need LinkedIn's approval.",
        );
        page.blank();
        let tutorials = state.key_sentence(KeyContext::Guide, Action::OutdatedTutorials, "see what changed");
        page.dim(&format!("An older tutorial asks for r_liteprofile? {tutorials}"));
    }
    let footnote_width = if widths.is_split { widths.main + widths.aside } else { widths.single };
    if state.is_sandbox() {
        let start = state.key_sentence(KeyContext::Guide, Action::Continue, "skip all this");
        page.footnote(theme.success(), &format!("Sandbox: a demo app is ready. {start}"), footnote_width);
        page.footnote(theme.dim(), "The pages that open here are LinkedIn's real ones.", footnote_width);
    } else {
        if has_tip {
            let command = format!("{} --sandbox", state.config.program_command);
            let sandbox = format!("No app yet? Try everything without one: {command}");
            let short = format!("No app yet? Try {command}");
            page.footnote(
                theme.dim(),
                if columns(&sandbox) <= footnote_width { &sandbox } else { &short },
                footnote_width,
            );
        }
        let start = if super::is_guide_done(store) {
            let start =
                state.key_sentence(KeyContext::Guide, Action::Continue, "enter the Client ID and Client Secret");
            format!("All steps are done. {start}")
        } else {
            let start = state.key_sentence(KeyContext::Guide, Action::Continue, "use it");
            format!("Already have an app? {start}")
        };
        page.footnote(theme.strong(), &start, footnote_width);
    }
    page
}

fn credentials_page(state: &State, store: &StoreSnapshot, theme: Theme, widths: PageWidths) -> Page {
    let setup = &state.setup;
    let apps = store.apps.len();
    let mut page = Page::with_aside(theme, widths, "App credentials");
    let is_new = setup.app.is_none();
    let matching_app = setup.matching_app(store).filter(|_| is_new);
    let name_width = store.apps.iter().map(|app| app.name.as_str().len()).max().unwrap_or_default();
    let name_width = name_width.min(page.width.saturating_sub(26));
    for (number, app) in store.apps.iter().enumerate() {
        let is_focused = setup.credentials_row == number;
        let spans = vec![
            Span::styled(theme.radio(setup.app.as_ref() == Some(&app.name)), theme.accent()),
            Span::raw(format!("{:<name_width$}  ", fit(app.name.as_str(), name_width))),
            Span::styled(sanitize(&app.client_id, 40), if is_focused { Style::new() } else { theme.dim() }),
        ];
        page.row(is_focused, spans);
    }
    let shows_fields = setup.credentials_row >= apps;
    if apps > 0 {
        let mark = Span::styled(theme.radio(is_new), theme.accent());
        let text = match matching_app {
            Some(app) if shows_fields => format!("Enter a new client secret for {}", app.name),
            _ => format!("Use another app{}", theme.ellipsis()),
        };
        if !shows_fields {
            page.click_row(false);
        }
        page.lines.push(Line::from(vec![Span::raw("  "), mark, Span::raw(text)]));
        if shows_fields {
            page.blank();
        }
    }
    if shows_fields {
        page.field("Client ID", &setup.client_id, setup.credentials_row == apps, client_id_notes(state, theme));
        page.blank();
        let notes = secret_notes(state, theme);
        let is_focused = setup.credentials_row == apps + 1;
        if state.is_revealed() {
            page.field("Client secret", &setup.secret, is_focused, notes);
        } else {
            page.masked_field("Client secret", &setup.secret, is_focused, notes);
        }
    }
    if let Some(app) = store.apps.get(setup.credentials_row) {
        page.aside("Saved app");
        page.value("App", app.name.as_str());
        page.value("Client ID", &sanitize(&app.client_id, 60));
        page.value("Redirect URL", &sanitize(app.redirect_url.as_str(), 120));
        page.blank();
        page.dim("Its saved credentials are used.");
        return page;
    }
    page.aside("Where to find them");
    if state.is_sandbox() && setup.refused.is_none() && setup.client_id.text() == state.config.prefill.client_id {
        let start = state.key_sentence(KeyContext::Credentials, Action::Continue, "use it");
        page.plain(&format!("The sandbox's demo app is filled in. {start}"));
        page.dim("With LinkedIn, you copy them from your app's Auth tab in the Developer Portal.");
    } else {
        page.plain("Developer Portal > My apps > your app > Auth tab:");
        page.plain("Client ID, and Primary Client Secret.");
        page.lines.push(Line::from(
            inline_hint(state, theme, (KeyContext::Credentials, Action::OpenPortal), "open portal").to_vec(),
        ));
    }
    let cleaned = "Of a pasted line, quotes, spaces and client_id= are removed.";
    let saved = format!("They are saved after you sign in, in a file {WHO_CAN_READ}.");
    if widths.is_split {
        page.blank();
        page.dim(&saved);
        page.dim(cleaned);
        return page;
    }
    // Where the secret is saved is shown wherever rows are left for that.
    for text in [saved.as_str(), cleaned] {
        let mut extended = page.clone();
        extended.dim(text);
        if extended.fits(&state.window()) {
            page = extended;
        }
    }
    page
}

fn client_id_notes(state: &State, theme: Theme) -> Vec<Note> {
    let setup = &state.setup;
    let mut notes = Vec::new();
    match setup.client_id_problem() {
        Some(_) if setup.client_id.trimmed().is_empty() => {
            let style = required_style(state, 0, theme);
            notes.push((style, "Required: copy the Client ID from the Auth tab.".to_owned()));
        }
        Some(problem) if looks_like_client_secret(setup.client_id.trimmed()) => {
            notes.push((theme.error(), format!("{} It belongs in the field below.", to_sentence(problem))));
        }
        Some(problem) => notes.push((theme.error(), to_sentence(problem))),
        None if setup.refused == Some(CopiedValue::ClientId) => {
            let refused = "LinkedIn does not know this client ID. Copy it again from the Auth tab.";
            notes.push((theme.error(), refused.to_owned()));
        }
        None if !crate::linkedin::is_usual_client_id(setup.client_id.trimmed()) => {
            notes.push((theme.warning(), "Unusual client ID: expected 14 lowercase letters and digits.".to_owned()));
        }
        None => {}
    }
    let is_prefilled = setup.client_id.text() == state.config.prefill.client_id;
    if let Some(source) = setup.source.filter(|_| is_prefilled && setup.refused.is_none()) {
        notes.push((theme.dim(), format!("Filled in from {source}.")));
    }
    notes
}

fn secret_notes(state: &State, theme: Theme) -> Vec<Note> {
    let setup = &state.setup;
    let is_saved_one_refused = setup.refused == Some(CopiedValue::ClientSecret) && setup.secret.text().is_empty();
    let problem = if is_saved_one_refused {
        let refused = "LinkedIn refused the saved client secret. Copy the Primary Client Secret from the Auth tab.";
        Some((theme.warning(), refused.to_owned()))
    } else {
        let is_empty = setup.secret.text().is_empty();
        let style = if is_empty { required_style(state, 1, theme) } else { theme.error() };
        setup.secret_problem().map(|problem| (style, problem.to_owned()))
    };
    let hides_at = state.revealed_until.filter(|_| state.is_revealed());
    let visible = hides_at.map(|until| format!("Visible for {} s.", until.as_second() - state.now.as_second()));
    let is_replaced = setup.typing_replaces_secret && !setup.secret.text().is_empty();
    let refused = if setup.refused == Some(CopiedValue::ClientSecret) { "The refused secret. " } else { "" };
    let replaced = is_replaced.then(|| (theme.dim(), format!("{refused}Typing or pasting replaces it.")));
    problem.into_iter().chain(replaced).chain(visible.map(|note| (theme.warning(), note))).collect()
}

/// Returns the style of the note that a field is required: it is not wrong before the user tries to continue without it.
fn required_style(state: &State, field: usize, theme: Theme) -> Style {
    let is_refused = state.setup.invalid_row == Some(state.store().apps.len() + field);
    if is_refused { theme.error() } else { theme.dim() }
}

fn port_notes(state: &State, theme: Theme) -> Vec<Note> {
    let setup = &state.setup;
    match setup.redirect_url() {
        Err(error) => error_notes(state, &error, theme),
        Ok(url) => match setup.port_probe.as_ref().filter(|(probed, _)| probed == url.as_str()) {
            None => vec![(theme.dim(), format!("Checking port {}{}", url.port(), theme.ellipsis()))],
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
    // The only field is at the top: the page scrolls to the text below it.
    page.visible_line = None;
    if state.is_sandbox() {
        page.aside("Nothing to register");
        page.plain("The demo app accepts every port of this machine.");
        page.dim("With LinkedIn, you add the URL to your app: Auth tab, \"Authorized redirect URLs for your app\".");
    } else {
        page.aside("Register it");
        page.plain("Add exactly this URL to your app: Auth tab, \"Authorized redirect URLs for your app\".");
        page.blank();
        page.dim("LinkedIn compares every character: http, host, port, path, a slash at the end.");
        let mut hints =
            inline_hint(state, theme, (KeyContext::RedirectUrl, Action::CopyRedirectUrl), "copy URL").to_vec();
        hints.extend(inline_hint(state, theme, (KeyContext::RedirectUrl, Action::OpenPortal), "open portal"));
        page.lines.push(Line::from(hints));
    }
    page
}

fn review_page(state: &State, store: &StoreSnapshot, theme: Theme, widths: PageWidths) -> Page {
    let setup = &state.setup;
    let title = setup
        .existing_profile
        .as_ref()
        .map_or_else(|| "Review and sign in".to_owned(), |name| format!("Re-authorize profile {name}"));
    let mut page = Page::with_aside(theme, widths, title);
    let scopes = setup.all_scopes();
    // At the start, where it is in view in a small window too.
    if let Some(warning) = revocation_warning(setup, store, &scopes, state.now) {
        page.warning(&warning);
        page.blank();
    }
    let note = match setup.profile_name(state) {
        Err(problem) => Some((theme.error(), problem)),
        Ok(_) if setup.existing_profile.is_some() => {
            Some((theme.dim(), "The profile that is re-authorized.".to_owned()))
        }
        Ok(_) if !setup.is_name_typed => Some((theme.dim(), "Commands use this name. Type to change it.".to_owned())),
        Ok(_) => None,
    };
    let suggested = Field::new(setup.profile_name_text(store));
    let field = if setup.is_name_typed && setup.existing_profile.is_none() { &setup.name } else { &suggested };
    page.field("Profile name", field, setup.review_row == 0, note.into_iter().collect());
    let advice = (theme.dim(), "Use one browser profile per LinkedIn account: firefox -P work".to_owned());
    let notes = Some(advice).filter(|_| setup.browser.trimmed().is_empty() && setup.review_row == 1);
    add_browser_field(&mut page, state, &setup.browser, setup.review_row == 1, notes.into_iter().collect());
    page.blank();
    let (app, redirect) = match setup.app(store) {
        Ok(app) => {
            let saved = if setup.app.is_none() { "" } else { ", saved" };
            (format!("{} ({}{saved})", app.name, sanitize(&app.client_id, 40)), app.redirect_url.as_str().to_owned())
        }
        Err(error) => (error.to_string(), setup.redirect.trimmed().to_owned()),
    };
    add_review_row(&mut page, "App", &app, setup.review_row == 2);
    add_review_row(&mut page, "Redirect URL", &redirect, setup.review_row == 3);
    if !matches!(setup.port_result(), Some(Ok(()))) {
        for (style, note) in port_notes(state, theme) {
            page.indented(REVIEW_INDENT, style, &note);
        }
    }
    add_review_row(&mut page, "Scopes", &sanitize(&scopes.join(" "), 2000), setup.review_row == 4);
    for (style, text) in scope_notes(state, store, (&scopes, products_to_add_briefly), theme) {
        page.indented(REVIEW_INDENT, style, &text);
    }
    page.aside("What happens next");
    let profile = setup.profile_name_text(store);
    let file = state.config.profiles_directory.join(format!("{profile}.toml")).display().to_string();
    let opens = match (state.is_sandbox(), state.config.is_headless()) {
        (true, true) => "You press a key here, or open the link that is shown.",
        (true, false) => "Your browser opens the sandbox, or you press a key here.",
        (false, true) => "A link is shown. Open it in a browser that reaches this machine.",
        (false, false) => "Your browser opens LinkedIn.",
    };
    page.plain(&format!("1. {opens}"));
    page.plain("2. You sign in and click Allow.");
    page.plain(&format!("3. The token is saved in a file {WHO_CAN_READ}:"));
    let width = page.width.saturating_sub(3);
    page.lines.push(Line::styled(format!("   {}", theme.shorten_path(&file, width)), theme.dim()));
    page
}

/// Columns before the value of a line of the review.
const REVIEW_INDENT: usize = 2 + 15;

/// Adds a value that another step sets, as a whole; the first line of the selected one stays visible.
fn add_review_row(page: &mut Page, label: &str, value: &str, is_selected: bool) {
    let room = page.width.saturating_sub(REVIEW_INDENT).max(10);
    let mut rows = crate::text::wrap(value, room).into_iter();
    let label_style = if is_selected { Style::new() } else { page.theme.dim() };
    let first_row = rows.next().unwrap_or_default();
    page.row(is_selected, vec![Span::styled(format!("{label:<15}"), label_style), Span::raw(first_row)]);
    for row in rows {
        page.continued_row(is_selected, format!("{:REVIEW_INDENT$}{row}", ""));
    }
}

/// The profiles that a warning names.
const MAX_NAMED_PROFILES: usize = 5;

/// Returns a warning with the profiles of the app whose tokens have other scopes: LinkedIn revokes a member's earlier tokens when the
/// scopes change.
fn revocation_warning(setup: &Setup, store: &StoreSnapshot, scopes: &[String], now: jiff::Timestamp) -> Option<String> {
    let app = setup.app(store).ok()?;
    let names: Vec<&str> = store
        .readable()
        .filter(|other| has_client_of(&store.apps, &other.app, &app))
        .filter(|other| setup.existing_profile.as_ref() != Some(&other.name))
        .filter(|other| would_be_revoked(other, scopes, now))
        .map(|other| other.name.as_str())
        .collect();
    let shown = &names[..names.len().min(MAX_NAMED_PROFILES)];
    let (profiles, tokens) = match names.len() {
        0 => return None,
        1 => ("profile", "that token"),
        _ => ("profiles", "those tokens"),
    };
    let more = names.len() - shown.len();
    let names = shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!(
        "The scopes differ from those of {profiles} {names}. If the same member signs in, LinkedIn revokes {tokens}."
    ))
}
