//! The profile list: the screen of every later start.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::progress::{self, Origin};
use super::setup;
use super::{compose, done};
use crate::Error;
use crate::clock::days_left;
use crate::flows::sign_in::{Request, endangered};
use crate::profile::{Name, Profile, Status};
use crate::text::{clean, fit};
use crate::tui::keys::Action;
use crate::tui::message::Effect;
use crate::tui::page::{Page, choice};
use crate::tui::state::{Overlay, State};
use crate::tui::theme::Theme;
use crate::tui::when;

/// Columns of the list from which the detail stands beside it.
const WIDE: u16 = 104;
/// Width of the detail beside the list.
const BESIDE: u16 = 42;
/// Lines of the detail below the list.
const BELOW: u16 = 9;

type Row = (Name, Result<Profile, Error>);

/// The rows that the filter leaves.
pub(in crate::tui) fn visible(state: &State) -> Vec<&Row> {
    let words: Vec<String> = state.list.filter.text().to_lowercase().split_whitespace().map(str::to_owned).collect();
    let fits = |row: &&Row| {
        if words.is_empty() {
            return true;
        }
        let text = match &row.1 {
            Ok(profile) => {
                let member = profile.member.as_ref().and_then(|member| member.name.as_deref()).unwrap_or_default();
                let status = profile.status(state.now, state.start.expiring_days).as_str();
                format!("{} {member} {} {status}", row.0, profile.app).to_lowercase()
            }
            Err(_) => format!("{} unreadable", row.0),
        };
        words.iter().all(|word| text.contains(word.as_str()))
    };
    state.files.as_ref().map(|files| files.profiles.iter().filter(fits).collect()).unwrap_or_default()
}

fn index(state: &State, rows: &[&Row]) -> usize {
    let wanted = state.list.selected.as_ref();
    rows.iter().position(|row| Some(&row.0) == wanted).unwrap_or_default()
}

/// The selected row.
pub(in crate::tui) fn selected(state: &State) -> Option<Row> {
    let rows = visible(state);
    rows.get(index(state, &rows)).map(|row| (*row).clone())
}

/// Where things stand in `area`: the rows, the detail, and the first row shown.
struct Layout {
    rows: Rect,
    detail: Option<Rect>,
    beside: bool,
    top: usize,
}

fn layout(state: &State, area: Rect, count: usize, index: usize) -> Layout {
    let filter = u16::from(state.list.filtering || !state.list.filter.text().is_empty());
    let head = (2 + filter).min(area.height);
    let beside = area.width >= WIDE;
    let below = !beside && area.height >= head + 3 + BELOW;
    let list_height = area.height - head - if below { BELOW + 1 } else { 0 };
    let list_width = if beside { area.width - BESIDE - 3 } else { area.width };
    let rows = Rect { x: area.x, y: area.y + head, width: list_width, height: list_height };
    let detail = if beside {
        Some(Rect { x: area.right() - BESIDE, width: BESIDE, ..area })
    } else if below {
        Some(Rect { y: area.bottom() - BELOW, height: BELOW, ..area })
    } else {
        None
    };
    let height = usize::from(list_height).max(1);
    let top = index.saturating_sub(height / 2).min(count.saturating_sub(height));
    Layout { rows, detail, beside, top }
}

/// The row at a place of the screen.
pub(in crate::tui) fn click(state: &mut State, area: Rect, column: u16, line: u16) {
    let rows = visible(state);
    let found = layout(state, area, rows.len(), index(state, &rows));
    if found.rows.contains(ratatui::layout::Position::new(column, line))
        && let Some(row) = rows.get(found.top + usize::from(line - found.rows.y))
    {
        state.list.selected = Some(row.0.clone());
    }
}

/// The title's right side: how many there are of each status.
pub(in crate::tui) fn counts(state: &State, theme: Theme) -> Line<'static> {
    let Some(files) = &state.files else { return Line::default() };
    let mut spans = Vec::new();
    let statuses = files.profiles.iter().filter_map(|(_, profile)| profile.as_ref().ok());
    let statuses: Vec<Status> = statuses.map(|profile| profile.status(state.now, state.start.expiring_days)).collect();
    for status in
        [Status::Active, Status::Expiring, Status::Expired, Status::Revoked, Status::Unknown, Status::SignedOut]
    {
        let count = statuses.iter().filter(|one| **one == status).count();
        if count > 0 {
            if !spans.is_empty() {
                spans.push(Span::styled(theme.pick(" · ", ", "), theme.dim()));
            }
            spans.push(Span::styled(format!("{count} {}", status.as_str()), theme.status(status)));
        }
    }
    Line::from(spans)
}

/// Widths of the columns in `width`: profile, member, app, bar; zero where there is no room.
fn columns(width: usize) -> (usize, usize, usize, usize) {
    // The marks, status, days and the gaps between.
    let free = width.saturating_sub(4 + 11 + 9);
    let app = if width >= 90 { 14 } else { 11 * usize::from(width >= 76) };
    let bar = if width >= 64 { (free / 6).clamp(9, 20) } else { 0 };
    let rest = free.saturating_sub(app + bar + 2);
    let member = if width >= 50 { rest / 2 } else { 0 };
    (rest - member, member, app, bar)
}

fn cell(text: &str, width: usize) -> String {
    if width == 0 {
        return String::new();
    }
    let text = fit(text, width.saturating_sub(1));
    let pad = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(pad))
}

/// The share of a token's life that is left, in `width` cells.
fn bar(part: f64, width: usize, theme: Theme) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if width < 2 {
        return String::new();
    }
    let width = width - 1;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few cells"
    )]
    let eighths = (part.clamp(0.0, 1.0) * width as f64 * 8.0).round() as usize;
    let full = eighths / 8;
    let mut text = theme.pick("█", "#").repeat(full);
    if full < width && !theme.ascii {
        text.push_str(EIGHTHS[eighths % 8]);
    }
    let used = text.width();
    text + &theme.pick("░", ".").repeat(width - used) + " "
}

/// What is left, short: `54 d`, `3 h`, `12 d ago`.
fn left(state: &State, profile: &Profile) -> String {
    let Some(end) = profile.token.as_ref().and_then(|token| token.expires_at) else { return "-".to_owned() };
    let seconds = end.as_second() - state.now.as_second();
    let days = days_left(state.now, end);
    match seconds {
        ..-86_400 => format!("{} d ago", -seconds / 86_400),
        -86_400..=0 => "over".to_owned(),
        1..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{days} d"),
    }
}

fn row_line(state: &State, row: &Row, is_selected: bool, width: usize, theme: Theme) -> Line<'static> {
    let (name_width, member_width, app_width, bar_width) = columns(width);
    let active = state.files.as_ref().and_then(|files| files.active.as_ref()) == Some(&row.0);
    let style = if is_selected { theme.selected() } else { Style::new() };
    let mut spans = vec![
        Span::styled(if is_selected { theme.pick("› ", "> ") } else { "  " }, style),
        Span::styled(if active { theme.pick("● ", "* ") } else { "  " }, theme.accent()),
        Span::styled(cell(row.0.as_str(), name_width), style),
    ];
    let Ok(profile) = &row.1 else {
        spans.push(Span::styled("cannot be read", theme.bad()));
        return Line::from(spans);
    };
    let member = profile
        .member
        .as_ref()
        .map_or_else(|| "-".to_owned(), |member| clean(member.name.as_deref().unwrap_or(&member.id), 60));
    spans.push(Span::styled(cell(&member, member_width), style));
    spans.push(Span::styled(cell(profile.app.as_str(), app_width), theme.dim()));
    let status = profile.status(state.now, state.start.expiring_days);
    let word = if state.list.checking.contains(&row.0) { "checking" } else { status.as_str() };
    spans.push(Span::styled(cell(word, 11), theme.status(status)));
    if let Some(token) = &profile.token
        && let Some(end) = token.expires_at
    {
        let whole = (end.as_second() - token.issued_at.as_second()).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a share of a bar")]
        let part = (end.as_second() - state.now.as_second()) as f64 / whole as f64;
        spans.push(Span::styled(bar(part, bar_width, theme), theme.status(status)));
    } else {
        spans.push(Span::raw(" ".repeat(bar_width)));
    }
    spans.push(Span::styled(format!("{:>8}", left(state, profile)), theme.status(status)));
    Line::from(spans)
}

/// Draws the list and the detail.
pub(in crate::tui) fn draw(state: &State, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let Some(files) = &state.files else {
        frame.buffer_mut().set_line(area.x, area.y, &Line::styled("Reading profiles ...", theme.dim()), area.width);
        return;
    };
    let rows = visible(state);
    let at = index(state, &rows);
    let places = layout(state, area, rows.len(), at);
    let width = usize::from(places.rows.width);
    draw_head(state, frame, area, width, theme);
    let buffer = frame.buffer_mut();
    if rows.is_empty() {
        let text = if files.profiles.is_empty() {
            "No profiles yet. Press a to sign in to the first."
        } else {
            "No profile fits the filter. Esc clears it."
        };
        buffer.set_line(places.rows.x, places.rows.y, &Line::styled(text, theme.dim()), places.rows.width);
        return;
    }
    let shown = rows.iter().enumerate().skip(places.top).take(usize::from(places.rows.height));
    for (y, (number, row)) in (places.rows.y..).zip(shown) {
        let line = row_line(state, row, number == at, width, theme);
        buffer.set_line(places.rows.x, y, &line, places.rows.width);
    }
    if let (Some(pane), Some(row)) = (places.detail, rows.get(at)) {
        if places.beside {
            for y in area.y..area.bottom() {
                buffer.set_string(pane.x - 2, y, theme.pick("│", "|"), theme.dim());
            }
        } else {
            let rule = theme.pick("─", "-").repeat(usize::from(pane.width));
            buffer.set_string(pane.x, pane.y - 1, rule, theme.dim());
        }
        let page = detail(state, row, theme, usize::from(pane.width));
        page.draw(frame, pane, 0, theme);
    }
}

fn draw_head(state: &State, frame: &mut Frame<'_>, area: Rect, width: usize, theme: Theme) {
    let (name_width, member_width, app_width, bar_width) = columns(width);
    let mut y = area.y;
    if state.list.filtering || !state.list.filter.text().is_empty() {
        let text = state.list.filter.text();
        let line = Line::from(vec![Span::styled("  / ", theme.accent()), Span::raw(clean(text, 200))]);
        frame.buffer_mut().set_line(area.x, y, &line, area.width);
        if state.list.filtering {
            let x = area.x
                + 4
                + u16::try_from(state.list.filter.cursor()).unwrap_or(u16::MAX).min(area.width.saturating_sub(5));
            frame.set_cursor_position((x, y));
        }
        y += 1;
    }
    let head = format!(
        "    {}{}{}{}{}{:>8}",
        cell("PROFILE", name_width),
        cell("MEMBER", member_width),
        cell("APP", app_width),
        cell("STATUS", 11),
        " ".repeat(bar_width),
        "LEFT"
    );
    let buffer = frame.buffer_mut();
    if y < area.bottom() {
        buffer.set_stringn(area.x, y, head, width, theme.dim());
    }
    if y + 1 < area.bottom() {
        buffer.set_string(area.x, y + 1, theme.pick("─", "-").repeat(width), theme.dim());
    }
}

/// Everything about one profile.
fn detail(state: &State, row: &Row, theme: Theme, width: usize) -> Page {
    let mut page = Page::default();
    page.say(theme.strong(), row.0.as_str(), width);
    let profile = match &row.1 {
        Ok(profile) => profile,
        Err(error) => {
            page.say(theme.bad(), &error.to_string(), width);
            page.say(Style::new(), &error.hint, width);
            return page;
        }
    };
    let mut line = |label: &str, value: &str| {
        let room = width.saturating_sub(11).max(8);
        for (number, part) in textwrap::wrap(value, room).into_iter().enumerate() {
            let label = if number == 0 { label } else { "" };
            page.lines.push(Line::from(vec![
                Span::styled(format!("{label:<11}"), theme.dim()),
                Span::raw(part.into_owned()),
            ]));
        }
    };
    if let Some(member) = &profile.member {
        let name = clean(member.name.as_deref().unwrap_or("(no name told)"), 80);
        let email = member.email.as_deref().map(|email| format!(", {}", clean(email, 80))).unwrap_or_default();
        line("Member", &format!("{name}{email}"));
        line("URN", &clean(&member.urn(), 80));
    } else {
        line("Member", "not known");
    }
    if let Some(token) = &profile.token {
        let end = token.expires_at.map_or_else(|| "not told".to_owned(), |end| when::until(state, end));
        line("Expires", &end);
        line("Scopes", &clean(&token.scopes.join(" "), 300));
        let missing = crate::linkedin::scopes::missing(&profile.scopes, &token.scopes);
        if !missing.is_empty() {
            line("Not granted", &clean(&missing.join(" "), 300));
        }
        let refresh = token.refresh.as_ref().map_or_else(
            || "none: sign in again".to_owned(),
            |refresh| refresh.expires_at.map_or_else(|| "yes".to_owned(), |end| when::until(state, end)),
        );
        line("Refresh", &refresh);
        line("Issued", &when::minute(state, token.issued_at));
    } else {
        line("Token", "none: press r to sign in");
        line("Scopes", &clean(&profile.scopes.join(" "), 300));
    }
    let checked = profile.check.map_or_else(
        || "never".to_owned(),
        |check| {
            let ago = when::ago(state.now.as_second() - check.at.as_second());
            format!("{ago} ago, {}", check.verdict.as_str())
        },
    );
    line("Checked", &checked);
    line("App", profile.app.as_str());
    line("Browser", &clean(profile.browser.as_deref().unwrap_or("the system's own"), 120));
    page
}

/// A command on the list.
pub(in crate::tui) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let rows: Vec<Name> = visible(state).into_iter().map(|row| row.0.clone()).collect();
    let at = {
        let rows = visible(state);
        index(state, &rows)
    };
    let last = rows.len().saturating_sub(1);
    let to = match action {
        Action::Up => Some(at.saturating_sub(1)),
        Action::Down => Some((at + 1).min(last)),
        Action::PageUp => Some(at.saturating_sub(10)),
        Action::PageDown => Some((at + 10).min(last)),
        Action::First => Some(0),
        Action::Last => Some(last),
        _ => None,
    };
    if let Some(to) = to {
        state.list.selected = rows.get(to).cloned();
        return Vec::new();
    }
    match action {
        Action::Add => setup::open(state),
        Action::Filter => state.list.filtering = true,
        Action::Back => state.list.filter.wipe(),
        _ => return on_selected(state, action),
    }
    Vec::new()
}

fn on_selected(state: &mut State, action: Action) -> Vec<Effect> {
    let Some((name, profile)) = selected(state) else { return Vec::new() };
    match (action, profile) {
        (Action::Next, _) => vec![Effect::SetActive(name)],
        (Action::Delete, _) => {
            state.overlay = Some(Overlay::Delete(name));
            Vec::new()
        }
        (_, Err(error)) => {
            state.say(format!("{error} {}", error.hint), true);
            Vec::new()
        }
        (Action::Reauthorize, Ok(_)) => {
            state.overlay = Some(Overlay::Reauthorize(name));
            Vec::new()
        }
        (Action::Compose, Ok(profile)) => compose::open(state, &profile),
        (Action::Check, Ok(profile)) => {
            if profile.token.is_none() {
                state.say(format!("{name} has no token to check; press r to sign in."), true);
                return Vec::new();
            }
            if state.list.checking.contains(&name) {
                return Vec::new();
            }
            state.list.checking.push(name.clone());
            vec![Effect::CheckProfile(name)]
        }
        (other, Ok(profile)) => {
            let effects = done::copy(&profile, other);
            if effects.is_empty() {
                state.say(format!("{name} has none to copy; press r to sign in."), true);
            }
            effects
        }
    }
}

/// A key while the filter is typed.
pub(in crate::tui) fn filter_act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Next => state.list.filtering = false,
        Action::Back => {
            state.list.filtering = false;
            state.list.filter.wipe();
        }
        other => return act(state, other),
    }
    Vec::new()
}

/// The sign-in that renews a profile's token.
///
/// # Errors
/// A sentence that says why it cannot start.
pub(in crate::tui) fn renewal(state: &State, name: &Name) -> Result<Request, String> {
    let files = state.files();
    let Some(Ok(profile)) = files.profiles.iter().find(|(known, _)| known == name).map(|(_, profile)| profile) else {
        return Err(format!("The profile {name} cannot be read."));
    };
    let Some(app) = files.apps.iter().find(|app| app.name == profile.app) else {
        return Err(format!("The app {} of this profile is missing or cannot be read.", profile.app));
    };
    Ok(Request {
        app: app.clone(),
        profile: name.clone(),
        scopes: profile.scopes.clone(),
        browser: profile.browser.clone(),
        no_browser: false,
        timeout_seconds: state.start.timeout_seconds,
        show_token: state.start.show_token,
        on_other_member: None,
    })
}

/// The answer to "re-authorize?".
pub(in crate::tui) fn reauthorize(state: &mut State, name: &Name) -> Vec<Effect> {
    state.overlay = None;
    match renewal(state, name) {
        Ok(request) => progress::start(state, request, Origin::List),
        Err(why) => {
            state.say(why, true);
            Vec::new()
        }
    }
}

/// The question before a re-authorization.
pub(in crate::tui) fn reauthorize_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Re-authorize {name}?"));
    let request = match renewal(state, name) {
        Ok(request) => request,
        Err(why) => {
            page.say(theme.bad(), &why, width);
            return page;
        }
    };
    let files = state.files();
    let readable = || files.profiles.iter().filter_map(|(_, profile)| profile.as_ref().ok());
    let member = readable().find(|profile| profile.name == *name).and_then(|profile| profile.member.as_ref());
    if let Some(member) = member {
        let who = clean(member.name.as_deref().unwrap_or(&member.id), 60);
        page.labelled(theme, "Sign in as", &who, "", width);
    }
    page.labelled(theme, "Browser", &setup::browser_words(state, request.browser.as_deref()), "", width);
    page.labelled(theme, "Scopes", &fit(&clean(&request.scopes.join(" "), 300), width.saturating_sub(15)), "", width);
    page.blank();
    page.say(
        theme.dim(),
        "LinkedIn uses whoever is signed in in that browser; another member's token is never put over this one.",
        width,
    );
    let siblings = endangered(&request, readable());
    if !siblings.is_empty() {
        let names: Vec<&str> = siblings.iter().map(Name::as_str).collect();
        page.blank();
        page.say(
            theme.warning(),
            &format!("These scopes differ from those of {}: LinkedIn will end its token.", names.join(", ")),
            width,
        );
    }
    page.blank();
    page.lines.push(choice(theme, "enter", "open the browser"));
    page.lines.push(choice(theme, "esc", "not now"));
    page
}

/// The question before a profile is deleted: what goes, and what stays.
pub(in crate::tui) fn delete_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Delete {name}?"));
    let files = state.files();
    let found = files.profiles.iter().find(|(known, _)| known == name).map(|(_, profile)| profile);
    page.say(Style::new(), "The profile's file goes, and the token in it.", width);
    match found {
        Some(Ok(profile)) => {
            let ends = profile.token.as_ref().and_then(|token| token.expires_at).filter(|end| *end > state.now);
            if let Some(end) = ends {
                page.say(
                    theme.warning(),
                    &format!(
                        "The token itself lives on at LinkedIn, until {}. To end it first: linkedin-tui revoke {name}",
                        when::day(state, end)
                    ),
                    width,
                );
            }
            page.say(theme.dim(), &format!("The app {} stays.", profile.app), width);
        }
        _ => page.say(theme.warning(), "It cannot be read, so nobody knows what is in it.", width),
    }
    page.blank();
    page.lines.push(choice(theme, "y", "delete it"));
    page.lines.push(choice(theme, "esc", "keep it"));
    page
}
