//! The detail of the selected profile: beside the list, in a few lines below it, or as a page with every value.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::jobs;
use super::results;
use super::rows::{bar, fraction_left, is_revoked, time_left};
use crate::linkedin::scopes::{self, CATALOG};
use crate::store::{Delivery, Name, Profile, Status, Token, Verdict};
use crate::text::{clean, columns, fit};
use crate::tui::files::{Files, Row};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::screens::{browser_label, member_name, short_browser_label};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::{LABEL_WIDTH, Page};

/// Columns of a label beside the list.
const PANE_LABEL_WIDTH: usize = 11;

/// A short text after a mark, such as a scope or a delivery.
struct MarkedText {
    mark: &'static str,
    style: Style,
    text: String,
}

impl MarkedText {
    fn new((mark, style): (&'static str, Style), text: impl Into<String>) -> Self {
        Self { mark, style, text: text.into() }
    }

    fn width(&self) -> usize {
        columns(self.mark) + 1 + columns(&self.text)
    }

    fn spans(&self) -> [Span<'static>; 2] {
        [Span::styled(format!("{} ", self.mark), self.style), Span::raw(self.text.clone())]
    }
}

/// Wraps texts: each line has as many as fit, and none is divided. One that is wider than a line is truncated.
fn wrap_texts(items: &[MarkedText], width: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut used = 0;
    for item in items {
        match lines.last_mut() {
            Some(line) if used + 2 + item.width() <= width => {
                line.push_span(Span::raw("  "));
                line.spans.extend(item.spans());
                used += 2 + item.width();
            }
            _ => {
                let text = fit(&item.text, width.saturating_sub(columns(item.mark) + 1));
                let item = MarkedText { text, ..MarkedText::new((item.mark, item.style), "") };
                lines.push(Line::from(item.spans().to_vec()));
                used = item.width();
            }
        }
    }
    lines
}

/// Returns why a profile's file cannot be shown, with the next step.
fn unreadable_page(state: &State, row: &Row, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, row.name.to_string());
    if let Some(Err(error)) = &row.profile {
        page.error(&error.to_string());
        page.plain(&state.hint(error));
    } else {
        page.dim("Reading the file…");
    }
    page
}

/// Draws the detail of a row beside the list.
pub(super) fn draw_pane(state: &State, row: &Row, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let width = usize::from(area.width);
    let Some(profile) = row.readable() else {
        unreadable_page(state, row, theme, width).draw(frame, area, 0);
        return;
    };
    let mut page = Page::new(theme, width, "");
    match &profile.member {
        Some(member) => {
            page.strong(&member_name(member));
            if let Some(email) = &member.email {
                page.plain(&fit(&clean(email, 80), width));
            }
            page.dim(&fit(&clean(&member.urn(), 80), width));
        }
        None => page.dim("Member unknown"),
    }
    page.blank();
    let status = profile.status(state.now, state.config.expiring_days);
    let (mark, mark_style) = theme.status_mark(status);
    page.lines.push(Line::from(vec![
        Span::styled(format!("{mark} "), mark_style),
        Span::styled(
            jobs::progress_label(state, &profile.name).unwrap_or(status.as_str()),
            theme.status(status).patch(theme.strong()),
        ),
    ]));
    if let Some(fraction) = fraction_left(state, profile) {
        page.lines.push(Line::from(bar(fraction, width + 1, status, theme).to_vec()));
    }
    for (label, value) in token_values(state, profile) {
        add_pane_value(&mut page, label, &value);
    }
    match unknown_reason(state, &state.files(), profile) {
        Some(reason) => page.dim(&crate::text::sentence(&reason)),
        None => add_pane_value(&mut page, "Checked", &last_check_label(state, profile)),
    }
    if let Some(warning) = results::warning(state, profile) {
        page.warning(&format!("Warning: {}", clean(warning, 400)));
    }
    page.blank();
    page.strong(if profile.token.is_some() { "Scopes" } else { "Requested scopes" });
    page.lines.extend(wrap_texts(&scope_texts(profile, theme), width));
    if !profile.deliveries.is_empty() {
        page.blank();
        page.strong("Deliveries");
        for delivery in &profile.deliveries {
            let marked = delivery_text(state, delivery, theme);
            page.lines.extend(wrap_texts(&[marked], width));
        }
    }
    page.blank();
    add_pane_value(&mut page, "App", profile.app.as_str());
    add_pane_value(&mut page, "Browser", &short_browser_label(state, profile.browser.as_deref()));
    let path = super::copy::file_path(state, &profile.name);
    add_pane_value(&mut page, "File", &theme.shorten_path(&clean(&path, 200), width.saturating_sub(PANE_LABEL_WIDTH)));
    if let Some(token) = &profile.token {
        // The time of the day is on the page: it would take a second line here.
        add_pane_value(&mut page, "Issued", &time_format::format_day_and_relative(state, token.issued_at));
    }
    page.draw(frame, area, 0);
}

/// Adds a label and its value, over as many lines as needed.
fn add_pane_value(page: &mut Page, label: &str, value: &str) {
    let mut label = label;
    for part in crate::text::wrap(value, page.width.saturating_sub(PANE_LABEL_WIDTH)) {
        let label_span = Span::styled(format!("{label:<PANE_LABEL_WIDTH$}"), page.theme.dim());
        page.lines.push(Line::from(vec![label_span, Span::raw(part)]));
        label = "";
    }
}

/// Returns when the token expires and how the profile gets its next one, each with its label.
fn token_values(state: &State, profile: &Profile) -> Vec<(&'static str, String)> {
    let Some(token) = &profile.token else {
        let sign_in = state.key_sentence(KeyContext::List, Action::Reauthorize, "sign in");
        return vec![("Token", format!("none. {sign_in}"))];
    };
    vec![expiry_value(state, profile, token), ("Renewal", renewal_label(state, profile, token))]
}

/// The label of an expiry that is to come.
const EXPIRES: &str = "Expires";
/// The label of an expiry that has passed, which is the name of the status too.
const EXPIRED: &str = "Expired";

/// Returns when the token expires, expired, or would have expired, with its label.
fn expiry_value(state: &State, profile: &Profile, token: &Token) -> (&'static str, String) {
    let Some(expiry) = token.expires_at else { return (EXPIRES, "unknown".to_owned()) };
    match profile.status(state.now, state.config.expiring_days) {
        Status::Expired if expiry <= state.now => (EXPIRED, time_format::format_day_and_relative(state, expiry)),
        // LinkedIn ended it before that day.
        Status::Expired | Status::Revoked => ("Was valid", format!("until {}", time_format::format_day(state, expiry))),
        _ => (EXPIRES, time_format::format_day_and_relative(state, expiry)),
    }
}

/// Returns how a profile gets its next token.
fn renewal_label(state: &State, profile: &Profile, token: &Token) -> String {
    match &token.refresh {
        None if profile.client_credentials => "the app requests a new token".to_owned(),
        None => "re-authorize".to_owned(),
        Some(refresh) if refresh.refused_at.is_some() => "re-authorize (refresh token refused)".to_owned(),
        Some(refresh) => match refresh.expires_at {
            Some(expiry) if expiry <= state.now => "re-authorize (refresh token expired)".to_owned(),
            Some(expiry) => format!("refresh until {}", time_format::format_day(state, expiry)),
            None => "refresh".to_owned(),
        },
    }
}

/// Returns the granted scopes, then those that were requested but not granted; without a token the requested ones.
fn scope_texts(profile: &Profile, theme: Theme) -> Vec<MarkedText> {
    let requested = |scope: &String| MarkedText::new((theme.symbol("○", "o"), theme.dim()), clean(scope, 100));
    let Some(token) = &profile.token else { return profile.scopes.iter().map(requested).collect() };
    let granted = token.scopes.iter().map(|scope| MarkedText::new(theme.done_mark(), clean(scope, 100)));
    let missing = scopes::find_missing(&profile.scopes, &token.scopes);
    let missing = missing
        .into_iter()
        .map(|scope| MarkedText::new(theme.failed_mark(), format!("{} (not granted)", clean(&scope, 100))));
    granted.chain(missing).collect()
}

/// Returns a delivery with the result of its last run.
fn delivery_text(state: &State, delivery: &Delivery, theme: Theme) -> MarkedText {
    let name = clean(&delivery.name, 60);
    let Some(last) = &delivery.last_result else {
        return MarkedText::new((theme.symbol("○", "o"), theme.dim()), format!("{name}, not run yet"));
    };
    let day = time_format::format_recent_day(state, last.at);
    if last.succeeded() && last.is_test_token {
        MarkedText::new(theme.status_mark(Status::Expiring), format!("{name} has a test token, {day}"))
    } else if last.succeeded() {
        MarkedText::new(theme.done_mark(), format!("{name}, {day}"))
    } else {
        MarkedText::new(theme.failed_mark(), format!("{name} failed, {day}"))
    }
}

fn last_check_label(state: &State, profile: &Profile) -> String {
    profile.check.map_or_else(
        || "never".to_owned(),
        |check| format!("{}: {}", time_format::format_relative(state, check.at), check.verdict.as_str()),
    )
}

/// Returns why LinkedIn may have revoked a token whose status is not known: the profile with which its member signed in to the app
/// later, with other scopes.
fn revoked_by<'a>(state: &State, files: &'a Files, profile: &Profile) -> Option<&'a Name> {
    let token = profile.token.as_ref()?;
    let member = profile.member.as_ref()?;
    if profile.status(state.now, state.config.expiring_days) != Status::Unknown {
        return None;
    }
    let later =
        files.readable().filter(|other| other.name != profile.name && other.app == profile.app).filter(|other| {
            other.member.as_ref().is_some_and(|other| other.id == member.id)
                && other.token.as_ref().is_some_and(|other| {
                    other.issued_at > token.issued_at && !scopes::are_same(&other.scopes, &token.scopes)
                })
        });
    later.max_by_key(|other| other.token.as_ref().map(|token| token.issued_at)).map(|other| &other.name)
}

/// Returns why the status of a profile is not known, and the key that finds it out.
fn unknown_reason(state: &State, files: &Files, profile: &Profile) -> Option<String> {
    let later = revoked_by(state, files, profile)?;
    let check = state.key_sentence(KeyContext::List, Action::Check, "check");
    Some(format!("may be revoked: {later} signed in later with other scopes. {check}"))
}

/// The seconds after its issue in which a token needs no check: LinkedIn has just sent it.
const NEW_TOKEN_SECONDS: i64 = 86_400;

/// Returns the verdict of the last check and its time; for a new token without a check, when it was issued.
fn check_text(state: &State, profile: &Profile, theme: Theme) -> MarkedText {
    let Some(check) = profile.check else {
        let issued = profile.token.as_ref().map(|token| token.issued_at);
        let new = issued.filter(|at| state.now.as_second() - at.as_second() < NEW_TOKEN_SECONDS);
        return match new {
            Some(at) => {
                MarkedText::new(theme.done_mark(), format!("issued {}", time_format::format_relative(state, at)))
            }
            None => MarkedText::new((theme.symbol("○", "o"), theme.dim()), "never checked"),
        };
    };
    let mark = match check.verdict {
        Verdict::Active => theme.done_mark(),
        Verdict::Expired | Verdict::Revoked => theme.failed_mark(),
        Verdict::Unknown => theme.status_mark(Status::Unknown),
    };
    let checked = time_format::format_relative(state, check.at);
    MarkedText::new(mark, format!("{}, checked {checked}", check.verdict.as_str()))
}

/// Returns the deliveries that need attention first: what follows may be cut.
fn sorted_deliveries(profile: &Profile) -> Vec<&Delivery> {
    let mut deliveries: Vec<&Delivery> = profile.deliveries.iter().collect();
    deliveries.sort_by_key(|delivery| match &delivery.last_result {
        Some(last) if !last.succeeded() => 0,
        Some(last) if last.is_test_token => 1,
        Some(_) => 3,
        None => 2,
    });
    deliveries
}

/// Returns the status, when the token expires and how the profile gets its next one, in one line; without the label of the expiry
/// and the day until which it can be refreshed where they do not fit.
fn token_summary(state: &State, profile: &Profile, theme: Theme, width: usize) -> Line<'static> {
    let status = profile.status(state.now, state.config.expiring_days);
    let gap = theme.separator();
    let line = |has_label: bool, has_refresh_day: bool| {
        let (mark, mark_style) = theme.status_mark(status);
        let mut spans =
            vec![Span::styled(format!("{mark} "), mark_style), Span::styled(status.as_str(), theme.status(status))];
        let Some(token) = &profile.token else {
            let values = token_values(state, profile).into_iter();
            spans.extend(values.map(|(label, value)| Span::raw(format!("{gap}{} {value}", label.to_lowercase()))));
            return Line::from(spans);
        };
        let (label, value) = expiry_value(state, profile, token);
        match token.expires_at.filter(|expiry| *expiry > state.now && label == EXPIRES) {
            Some(expiry) => {
                let label = if has_label { "expires " } else { "" };
                spans.extend([Span::styled(gap, theme.dim()), Span::styled(label, theme.dim())]);
                let day = time_format::format_day(state, expiry);
                spans.push(Span::raw(format!("{day} ({})", time_left(state, profile))));
            }
            // The status says it already.
            None if label == EXPIRED => spans.push(Span::raw(format!(" {value}"))),
            None => {
                let label = format!("{} ", label.to_lowercase());
                spans.extend([Span::styled(gap, theme.dim()), Span::styled(label, theme.dim()), Span::raw(value)]);
            }
        }
        let renewal = renewal_label(state, profile, token);
        let renewal = match renewal.split_once(" until ") {
            Some((renewal, _)) if !has_refresh_day => renewal.to_owned(),
            _ => renewal,
        };
        spans.extend([Span::styled(gap, theme.dim()), Span::raw(renewal)]);
        Line::from(spans)
    };
    let lines = [(true, true), (false, true)].map(|(label, day)| line(label, day));
    lines.into_iter().find(|line| line.width() <= width).unwrap_or_else(|| line(false, false))
}

/// Draws the most important values of a row below the list, each line on its own.
pub(super) fn draw_summary(state: &State, row: &Row, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    // The text begins below the names.
    let area = Rect { x: area.x + 1, width: area.width - 1, ..area };
    let width = usize::from(area.width);
    let Some(profile) = row.readable() else {
        unreadable_page(state, row, theme, width).draw(frame, area, 0);
        return;
    };
    let gap = || Span::styled(theme.separator(), theme.dim());
    let mut lines = vec![token_summary(state, profile, theme, width)];
    if let Some(warning) = results::warning(state, profile) {
        lines.push(Line::styled(format!("Warning: {}", clean(warning, 400)), theme.warning()));
    }
    let mut member_spans =
        vec![Span::raw(profile.member.as_ref().map_or_else(|| "Member unknown".to_owned(), member_name))];
    if let Some(member) = &profile.member {
        for value in member.email.iter().map(|email| clean(email, 80)).chain([clean(&member.urn(), 80)]) {
            member_spans.extend([gap(), Span::raw(value)]);
        }
    }
    lines.push(Line::from(member_spans));
    let mut scopes = wrap_texts(&scope_texts(profile, theme), width);
    // What was not granted is last: it is shown even where another line is left out.
    if scopes.len() > 1 && lines.len() + scopes.len() > usize::from(area.height) {
        let other_spans = scopes.split_off(1).into_iter().flat_map(|line| line.spans);
        scopes[0].spans.extend(std::iter::once(Span::raw("  ")).chain(other_spans));
    }
    lines.extend(scopes);
    let check = match unknown_reason(state, &state.files(), profile) {
        Some(reason) => MarkedText::new(theme.status_mark(Status::Unknown), reason),
        None => check_text(state, profile, theme),
    };
    let mut result_spans: Vec<Span<'static>> = check.spans().to_vec();
    for delivery in sorted_deliveries(profile) {
        result_spans.push(gap());
        result_spans.extend(delivery_text(state, delivery, theme).spans());
    }
    lines.push(Line::from(result_spans));
    let path = super::copy::file_path(state, &profile.name);
    let mut file_spans = vec![
        Span::styled("app ", theme.dim()),
        Span::raw(profile.app.to_string()),
        gap(),
        Span::styled("browser ", theme.dim()),
        Span::raw(short_browser_label(state, profile.browser.as_deref())),
        gap(),
        Span::styled("file ", theme.dim()),
    ];
    let used: usize = file_spans.iter().map(Span::width).sum();
    file_spans.push(Span::raw(theme.shorten_path(&clean(&path, 200), width.saturating_sub(used))));
    lines.push(Line::from(file_spans));
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        frame.buffer_mut().set_line(area.x, y, &fit_line(line, width), area.width);
    }
}

/// Draws the app of the selected group, in a panel or below the list.
pub(super) fn draw_group(state: &State, group: &str, frame: &mut Frame<'_>, area: Rect, theme: Theme, is_panel: bool) {
    // The text begins below the names, as that of a profile does.
    let area = if is_panel { area } else { Rect { x: area.x + 1, width: area.width - 1, ..area } };
    let files = state.files();
    let mut page = Page::new(theme, usize::from(area.width), "");
    let profiles: Vec<&Profile> = files.readable().filter(|profile| profile.app.as_str() == group).collect();
    match files.apps.iter().find(|app| app.name.as_str() == group) {
        Some(app) => {
            add_pane_value(&mut page, "Client ID", &clean(&app.client_id, 60));
            add_pane_value(&mut page, "Redirect", &clean(app.redirect_url.as_str(), 120));
        }
        None => page.warning("The app is missing or cannot be read."),
    }
    add_pane_value(&mut page, "Profiles", &profiles.len().to_string());
    let expiries = profiles.iter().filter(|profile| !is_revoked(state, profile));
    let next =
        expiries.filter_map(|profile| profile.token.as_ref()?.expires_at).filter(|expiry| *expiry > state.now).min();
    if let Some(next) = next {
        add_pane_value(&mut page, "Expires", &format!("next on {}", time_format::format_day_and_relative(state, next)));
    }
    let mark = state.key_sentence(KeyContext::List, Action::Mark, "mark all of them");
    page.dim(&mark);
    page.draw(frame, area, 0);
}

/// Returns a line in `width` columns, with "…" where its end is cut.
fn fit_line(line: Line<'static>, width: usize) -> Line<'static> {
    if line.width() <= width {
        return line;
    }
    let mut left = width;
    let style = line.style;
    let mut spans = Vec::new();
    for span in line.spans {
        let text = fit(&span.content, left);
        let is_cut = text.len() < span.content.len();
        left = left.saturating_sub(columns(&text));
        spans.push(Span::styled(text, span.style));
        if is_cut {
            break;
        }
    }
    Line::from(spans).style(style)
}

/// Returns the page with every value of the selected profile.
pub(crate) fn page(state: &State, theme: Theme, widths: PageWidths) -> Page {
    let files = state.files();
    let Some(row) = super::list::selected(state) else { return Page::new(theme, widths.single, "") };
    let Some(profile) = row.readable() else { return unreadable_page(state, row, theme, widths.single) };
    let mut page = Page::with_aside(theme, widths, profile.name.to_string());
    if files.current.as_ref() == Some(&profile.name) {
        theme.symbol("● current", "* current").clone_into(&mut page.title_note);
    }
    if let Some(member) = &profile.member {
        let key = |action| format!("{} copy", state.key_name(KeyContext::Detail, action));
        page.value("Member", &clean(member.name.as_deref().unwrap_or("(no name)"), 80));
        if let Some(email) = &member.email {
            page.value("Email", &clean(email, 80));
        }
        page.value_with_note("Member ID", &clean(&member.id, 60), &key(Action::CopyMemberId));
        page.value("URN", &clean(&member.urn(), 80));
    } else {
        page.value("Member", "unknown");
    }
    page.panel("Token");
    let status = profile.status(state.now, state.config.expiring_days);
    let (mark, mark_style) = theme.status_mark(status);
    // A check that was started in the list goes on here.
    let label = jobs::progress_label(state, &profile.name).unwrap_or(status.as_str());
    let status_spans = vec![Span::styled(format!("{mark} "), mark_style), Span::styled(label, theme.status(status))];
    add_labeled(&mut page, "Status", status_spans);
    if let Some(fraction) = fraction_left(state, profile) {
        let bar = bar(fraction, page.width.saturating_sub(LABEL_WIDTH).min(41), status, theme);
        add_labeled(&mut page, "", bar.to_vec());
    }
    for (label, value) in token_values(state, profile) {
        page.value(label, &value);
    }
    let checked = profile.check.map_or_else(
        || "never".to_owned(),
        |check| format!("{}: {}", time_format::format_past(state, check.at), check.verdict.as_str()),
    );
    page.value("Checked", &checked);
    if let Some(reason) = unknown_reason(state, &files, profile) {
        page.dim(&crate::text::sentence(&reason));
    }
    if let Some(token) = &profile.token {
        page.value("Issued", &time_format::format_past(state, token.issued_at));
    }
    let path = clean(&super::copy::file_path(state, &profile.name), 300);
    let room = page.width.saturating_sub(LABEL_WIDTH);
    for (number, part) in crate::text::wrap_after(&path, room, &['/', '\\']).into_iter().enumerate() {
        page.value(if number == 0 { "File" } else { "" }, &part);
    }
    if let Some(warning) = results::warning(state, profile) {
        page.warning(&format!("Warning: {}", clean(warning, 400)));
    }
    page.panel(if profile.token.is_some() { "Scopes" } else { "Requested scopes" });
    let marks = scope_texts(profile, theme);
    let name_width = marks.iter().map(MarkedText::width).max().unwrap_or_default();
    for marked in &marks {
        let mut spans = marked.spans().to_vec();
        if let Some(scope) = CATALOG.iter().find(|scope| scope.id == marked.text) {
            let pad = " ".repeat(name_width - marked.width() + 2);
            let room = page.width.saturating_sub(name_width + 2);
            spans.push(Span::styled(format!("{pad}{}", fit(scope.grants, room)), theme.dim()));
        }
        page.lines.push(Line::from(spans));
    }
    page.aside("Settings");
    page.value("App", profile.app.as_str());
    if let Some(app) = files.apps.iter().find(|app| app.name == profile.app) {
        page.value("Client ID", &clean(&app.client_id, 60));
        page.value("Redirect URL", &clean(app.redirect_url.as_str(), 120));
    }
    page.value("Browser", &browser_label(state, profile.browser.as_deref()));
    page.panel("Deliveries");
    for delivery in &profile.deliveries {
        let width = page.width;
        page.lines.extend(wrap_texts(&[delivery_text(state, delivery, theme)], width));
    }
    if profile.deliveries.is_empty() {
        let add = state.key_sentence(KeyContext::Detail, Action::Deliveries, "add one");
        page.dim(&format!("No deliveries yet. {add}"));
    }
    page.panel("In a script");
    page.plain(&format!("{} token {}", state.config.program, profile.name));
    page.plain(&format!("{} exec {} -- COMMAND", state.config.program, profile.name));
    page
}

/// Adds a label before styled text.
fn add_labeled(page: &mut Page, label: &str, spans: Vec<Span<'static>>) {
    let mut line = Line::from(Span::styled(format!("{label:<LABEL_WIDTH$}"), page.theme.dim()));
    line.spans.extend(spans);
    page.lines.push(line);
}
