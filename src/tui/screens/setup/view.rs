//! How the setup looks: one page a step.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Setup, no_browser_words};
use crate::linkedin::products::{self, PRODUCTS, Product};
use crate::linkedin::scopes::{self, CATALOGUE, PRESETS, Scope};
use crate::text::{clean, fit, wrap};
use crate::tui::files::Files;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::screens::guide::{LINES, OLD_TUTORIAL};
use crate::tui::state::{State, Step};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::{Input, Page};

/// The page of a step.
pub(in crate::tui) fn page(state: &State, step: Step, theme: Theme, width: usize) -> Page {
    let files = state.files();
    match step {
        Step::Guide => guide(state, &files, theme, width),
        Step::Credentials => credentials(state, &files, theme, width),
        Step::Scopes => scopes_page(state, &files, theme, width),
        Step::Redirect => redirect(state, theme, width),
        Step::Review => review(state, &files, theme, width),
    }
}

fn guide(state: &State, files: &Files, theme: Theme, width: usize) -> Page {
    let setup = &state.setup;
    let mut page = Page::titled("Set up a LinkedIn app");
    if state.start.badge.as_deref() == Some("SANDBOX") {
        let start = state.press(KeyContext::Guide, Action::Continue, "continue");
        page.text(theme.good(), &format!("Sandbox: a demo app is already set up. {start}"), width);
        page.blank();
    }
    for (number, line) in LINES.iter().enumerate() {
        let selected = number == setup.guide_line;
        let ticked = files.guide.iter().any(|tick| tick == line.key);
        let style = if selected { theme.selected() } else { Style::new() };
        if selected {
            page.focus = Some(page.lines.len() + 1);
        }
        page.lines.push(Line::from(vec![
            Span::styled(if selected { theme.pick("› ", "> ") } else { "  " }, style),
            Span::styled(if ticked { "[x] " } else { "[ ] " }, if ticked { theme.good() } else { style }),
            Span::styled(line.title, style),
        ]));
        for part in wrap(line.how, width.saturating_sub(6)) {
            page.lines.push(Line::styled(format!("      {part}"), theme.dim()));
        }
    }
    page.blank();
    if setup.old_tutorial {
        page.focus = Some(page.lines.len() + 5);
        page.text(theme.warning(), OLD_TUTORIAL, width);
    } else {
        let skip = state.press(KeyContext::Guide, Action::Continue, "skip this");
        let tutorials = state.press(KeyContext::Guide, Action::OutdatedTutorials, "see what changed");
        page.text(theme.dim(), &format!("Already have an app? {skip} Following an older tutorial? {tutorials}"), width);
    }
    page
}

fn credentials(state: &State, files: &Files, theme: Theme, width: usize) -> Page {
    let setup = &state.setup;
    let mut page = Page::titled("App credentials");
    let known = setup.known_app(files);
    for (number, app) in files.apps.iter().enumerate() {
        let focused = setup.credentials_line == number;
        let chosen = setup.app.as_ref() == Some(&app.name) || known.is_some_and(|known| known.name == app.name);
        let style = if focused { theme.selected() } else { Style::new() };
        if focused {
            page.focus = Some(page.lines.len());
        }
        page.lines.push(Line::from(vec![
            Span::styled(if focused { theme.pick("› ", "> ") } else { "  " }, style),
            Span::styled(if chosen { theme.pick("● ", "* ") } else { theme.pick("○ ", "- ") }, theme.accent()),
            Span::styled(format!("{:<20} ", app.name.as_str()), style),
            Span::styled(clean(&app.client_id, 40), theme.dim()),
        ]));
    }
    if !files.apps.is_empty() {
        page.blank();
        let words = known.map_or_else(
            || "Or enter another app:".to_owned(),
            |app| format!("Enter a new client secret for {}:", app.name),
        );
        page.text(theme.dim(), &words, width);
    }
    let apps = files.apps.len();
    let chosen = setup.app.is_some();
    let mut notes = Vec::new();
    if !chosen {
        match setup.client_id_problem() {
            Some(trouble) => notes.push((tone(setup.client_id.text(), theme), trouble.to_owned())),
            None => notes.extend(setup.client_id_oddity().map(|odd| (theme.warning(), odd.to_owned()))),
        }
        // What was typed over it comes from nowhere else.
        let own = setup.client_id.text() != state.start.prefill.client_id;
        if let Some(source) = setup.source.filter(|_| !own) {
            notes.push((theme.dim(), format!("Filled in from {source}.")));
        }
    }
    let focused = setup.credentials_line == apps;
    page.field(theme, &Input { label: "Client ID", field: &setup.client_id, focused, masked: false, notes }, width);
    page.blank();
    let mut notes = Vec::new();
    if !chosen {
        if let Some(trouble) = setup.secret_trouble() {
            notes.push((tone(setup.secret.text(), theme), trouble.to_owned()));
        }
        let left =
            state.revealed.filter(|_| state.is_revealed()).map(|until| until.as_second() - state.now.as_second());
        if let Some(left) = left {
            notes.push((theme.warning(), format!("Visible for {left} s.")));
        }
    }
    let focused = setup.credentials_line == apps + 1;
    let input = Input { label: "Client secret", field: &setup.secret, focused, masked: !state.is_revealed(), notes };
    page.field(theme, &input, width);
    page.blank();
    page.text(
        theme.dim(),
        "You find both on the Auth tab of your app in the Developer Portal. They are saved after you sign in, in a file \
         that only you can read.",
        width,
    );
    page
}

/// An empty field waits; one with a wrong text is told so.
const fn tone(text: &str, theme: Theme) -> Style {
    if text.is_empty() { theme.dim() } else { theme.bad() }
}

fn scopes_page(state: &State, files: &Files, theme: Theme, width: usize) -> Page {
    let setup = &state.setup;
    let mut page = Page::titled("Choose scopes");
    let keys = [Action::PresetOne, Action::PresetTwo, Action::PresetThree]
        .map(|action| state.key_name(KeyContext::Scopes, action));
    let presets: Vec<String> = keys.iter().zip(PRESETS).map(|(key, preset)| format!("{key} {}", preset.name)).collect();
    page.text(theme.dim(), &format!("Presets   {}", presets.join("   ")), width);
    let chosen = setup.all_scopes();
    page.right = format!("{} selected", chosen.len());
    for (style, text) in verdict(&chosen, &setup.granted(files), theme) {
        page.text(style, &text, width);
    }
    let mut product = "";
    let names = CATALOGUE.iter().map(|scope| scope.id.len()).max().unwrap_or_default();
    let room = width.saturating_sub(6 + names + 1);
    for (number, scope) in CATALOGUE.iter().enumerate() {
        if scope.product != product {
            product = scope.product;
            page.blank();
            heading(&mut page, scope, theme, width);
        }
        let selected = number == setup.scope_line;
        let chosen = setup.scopes.iter().any(|id| id == scope.id);
        let style = if selected { theme.selected() } else { Style::new() };
        if selected {
            page.focus = Some(page.lines.len());
        }
        page.lines.push(Line::from(vec![
            Span::styled(if selected { theme.pick("› ", "> ") } else { "  " }, style),
            Span::styled(if chosen { "[x] " } else { "[ ] " }, if chosen { theme.good() } else { style }),
            Span::styled(format!("{:<names$} ", scope.id), style),
            Span::styled(fit(scope.grants, room), theme.dim()),
        ]));
        // Cut beside its name, it stands whole below while it is selected.
        if selected && scope.grants.len() > room {
            page.lines.push(Line::styled(format!("      {}", scope.grants), theme.dim()));
        }
    }
    page.blank();
    let focused = setup.scope_line == CATALOGUE.len();
    let mut notes = vec![(theme.dim(), "Scopes that are not listed, separated by spaces.".to_owned())];
    notes.extend(retired(setup).map(|text| (theme.bad(), text)));
    page.field(theme, &Input { label: "Custom scopes", field: &setup.others, focused, masked: false, notes }, width);
    if focused {
        page.focus = Some(page.lines.len() + 2);
    }
    page
}

/// The product over its scopes, and on which terms it is to be had.
fn heading(page: &mut Page, scope: &Scope, theme: Theme, width: usize) {
    let product = PRODUCTS.iter().find(|product| product.name == scope.product);
    let name = product.map_or("Not available as a product", |product| product.name);
    let terms = product.map_or_else(|| scope.access.label().to_owned(), Product::terms);
    page.lines.push(Line::from(vec![
        Span::styled(format!("{name}   "), theme.strong()),
        Span::styled(fit(&terms, width.saturating_sub(name.len() + 3)), theme.dim()),
    ]));
}

fn retired(setup: &Setup) -> Option<String> {
    let old = scopes::split(setup.others.text());
    old.iter().find_map(|id| scopes::successor(id).map(|new| format!("{} was retired. Use {new}.", clean(id, 60))))
}

/// What there is to say of the choice as a whole.
fn verdict(chosen: &[String], granted: &[String], theme: Theme) -> Vec<(Style, String)> {
    if let Err(error) = scopes::check_granted(chosen, granted) {
        return vec![(theme.bad(), error.to_string())];
    }
    let unknown: Vec<&str> = chosen.iter().filter(|id| scopes::find(id).is_none()).map(String::as_str).collect();
    let mut detail = Vec::new();
    if !unknown.is_empty() {
        detail.push((
            theme.warning(),
            format!("Unknown scopes, which LinkedIn may reject: {}", clean(&unknown.join(" "), 200)),
        ));
    }
    match products::approvals(chosen) {
        Some(approvals) => {
            detail.push((theme.warning(), format!("Requires LinkedIn's approval of your app for: {approvals}")));
        }
        None if unknown.is_empty() => {
            detail.push((theme.good(), "No approval needed: these scopes are self-serve.".to_owned()));
        }
        None => {}
    }
    detail.extend(products::remark(chosen).map(|remark| (theme.warning(), remark)));
    detail.extend(scopes::cost_without_openid(chosen).map(|cost| (theme.dim(), cost.to_owned())));
    detail
}

fn redirect(state: &State, theme: Theme, width: usize) -> Page {
    let setup = &state.setup;
    let mut page = Page::titled("Redirect URL");
    let mut notes = Vec::new();
    match setup.redirect_url() {
        Err(error) => {
            notes.push((theme.bad(), error.to_string()));
            notes.push((theme.dim(), state.hint(&error)));
        }
        Ok(url) => match setup.probed.as_ref().filter(|(asked, _)| asked == url.as_str()) {
            None => notes.push((theme.dim(), format!("Checking port {} ...", url.port()))),
            Some((_, Ok(()))) => notes.push((theme.good(), format!("Port {} is available.", url.port()))),
            Some((_, Err(error))) => {
                notes.push((theme.bad(), error.to_string()));
                notes.push((theme.dim(), state.hint(error)));
            }
        },
    }
    let input = Input { label: "Redirect URL", field: &setup.redirect, focused: true, masked: false, notes };
    page.field(theme, &input, width);
    page.focus = None;
    page.blank();
    page.text(
        Style::new(),
        "Add exactly this URL to your app: Auth tab, \"Authorized redirect URLs for your app\". It must match character \
         by character: scheme, host, port, trailing slash.",
        width,
    );
    page
}

fn review(state: &State, files: &Files, theme: Theme, width: usize) -> Page {
    let setup = &state.setup;
    let title =
        setup.existing.as_ref().map_or_else(|| "Review and sign in".to_owned(), |name| format!("Re-authorize {name}"));
    let mut page = Page::titled(title);
    match setup.app(files) {
        Ok(app) => {
            let new = if setup.app.is_none() { "" } else { ", saved" };
            page.labelled(theme, "App", &format!("{} ({}{new})", app.name, clean(&app.client_id, 40)), "", width);
            page.labelled(theme, "Redirect URL", app.redirect_url.as_str(), "", width);
        }
        Err(error) => page.text(theme.bad(), &error.to_string(), width),
    }
    let chosen = setup.all_scopes();
    for (row, part) in wrap(&chosen.join(" "), width.saturating_sub(14)).into_iter().enumerate() {
        page.labelled(theme, if row == 0 { "Scopes" } else { "" }, &clean(&part, 200), "", width);
    }
    for (style, text) in verdict(&chosen, &setup.granted(files), theme) {
        for part in wrap(&text, width.saturating_sub(14)) {
            page.lines.push(Line::styled(format!("{:14}{part}", ""), style));
        }
    }
    page.blank();
    let name = Field::new(setup.profile_name(files));
    let mut notes = Vec::new();
    match setup.name_trouble(files) {
        Some(trouble) => notes.push((theme.bad(), trouble)),
        None if setup.existing.is_some() => {
            notes.push((theme.dim(), "The profile that is re-authorized.".to_owned()));
        }
        None if !setup.named => notes.push((theme.dim(), "Commands use this name. Type to change it.".to_owned())),
        None => {}
    }
    let field = if setup.named && setup.existing.is_none() { &setup.name } else { &name };
    let focused = setup.review_line == 0;
    page.field(theme, &Input { label: "Profile name", field, focused, masked: false, notes }, width);
    let mut notes = Vec::new();
    if setup.browser.trimmed().is_empty() {
        notes.push((theme.dim(), no_browser_words(state)));
        notes.push((theme.dim(), "Use one browser profile per LinkedIn account: firefox -P work".to_owned()));
    } else if shlex::split(setup.browser.trimmed()).is_none() {
        notes.push((theme.bad(), "Unclosed quote.".to_owned()));
    }
    let focused = setup.review_line == 1;
    page.field(theme, &Input { label: "Browser", field: &setup.browser, focused, masked: false, notes }, width);
    page.focus = None;
    if let Some(warning) = siblings(setup, files, &chosen) {
        page.blank();
        page.text(theme.warning(), &warning, width);
    }
    page
}

/// A scope set that differs from that of a profile of the same app may end that profile's token.
fn siblings(setup: &Setup, files: &Files, chosen: &[String]) -> Option<String> {
    let app = setup.app(files).ok()?;
    let names: Vec<String> = files
        .readable()
        .filter(|other| other.app == app.name && setup.existing.as_ref() != Some(&other.name))
        .filter(|other| other.token.as_ref().is_some_and(|token| !scopes::same(&token.scopes, chosen)))
        .map(|other| other.name.to_string())
        .take(5)
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "The scopes differ from those of {}. If the same member signs in, LinkedIn revokes that token.",
            names.join(", ")
        )
    })
}
