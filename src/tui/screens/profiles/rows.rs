//! Draws the list: the filter, the column headings and the visible rows, and the counts and the status line above and below it.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::availability::{Target, empty_list_message, target};
use super::columns::{Columns, GROUP_INDENT, MARKS_WIDTH, STATUS_WIDTH, TIME_LEFT_WIDTH};
use super::layout::{ListLayout, list_layout};
use super::list;
use super::model::{Item, STATUSES, Sort};
use super::{detail, jobs, timeline};
use crate::clock::days_left;
use crate::store::{Profile, Status};
use crate::text::{self, fit};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::Window;
use crate::tui::screens::member_name;
use crate::tui::state::State;
use crate::tui::store_snapshot::{Row, StoreSnapshot};
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::{Page, row_style, undim};
use crate::tui::widgets::panel::{draw_panel, draw_rule};
use crate::tui::widgets::search::search_line;

/// The number of profiles with a status, or of damaged files, in the title bar.
struct Count {
    mark: &'static str,
    style: Style,
    label: &'static str,
    number: usize,
}

/// Adds the numbers of the statuses that have the same mark.
fn add_by_mark(counts: Vec<Count>) -> Vec<Count> {
    let mut sums: Vec<Count> = Vec::new();
    for count in counts {
        match sums.last_mut().filter(|last| last.mark == count.mark) {
            Some(last) => last.number += count.number,
            None => sums.push(count),
        }
    }
    sums
}

/// Returns how many profiles have each status, and how many files are damaged, the most urgent first. Without room for the names
/// of the statuses it shows their marks, and what does not fit in `room` columns is left out from the end.
pub(crate) fn status_counts(state: &State, theme: Theme, room: usize) -> Line<'static> {
    let view = &state.list.view;
    let mut counts: Vec<Count> = STATUSES
        .into_iter()
        .zip(view.counts)
        .map(|(status, count)| {
            let (mark, style) = theme.status_mark(status);
            Count { mark, style, label: status.as_str(), number: count }
        })
        .collect();
    let (mark, style) = theme.failed_mark();
    counts.insert(2, Count { mark, style, label: "damaged", number: view.damaged });
    counts.retain(|count| count.number > 0);
    let named = |count: &Count| format!("{} {} {}", count.mark, count.number, count.label);
    let gap = "   ";
    let width = |texts: &[(String, Style)]| {
        texts.iter().map(|(text, _)| text.width() + gap.width()).sum::<usize>().saturating_sub(gap.width())
    };
    let mut texts: Vec<(String, Style)> = counts.iter().map(|count| (named(count), count.style)).collect();
    if width(&texts) > room {
        // Statuses with the same mark are one number.
        texts.clear();
        for Count { mark, style, number, .. } in add_by_mark(counts) {
            texts.push((format!("{mark} {number}"), style));
        }
    }
    while width(&texts) > room && texts.pop().is_some() {}
    let mut spans = Vec::new();
    for (text, style) in texts {
        if !spans.is_empty() {
            spans.push(Span::raw(gap));
        }
        let (mark, label) = text.split_at(text.find(' ').unwrap_or_default());
        spans.push(Span::styled(mark.to_owned(), style));
        spans.push(Span::raw(label.to_owned()));
    }
    Line::from(spans)
}

/// Returns a text cut and padded to `width` columns, the last of them blank.
fn cell(text: &str, width: usize) -> String {
    if width == 0 {
        return String::new();
    }
    let text = fit(text, width - 1);
    let pad = width - text::columns(&text);
    format!("{text}{}", " ".repeat(pad))
}

/// Returns a bar of `fraction` in `width` cells, the last of them blank. A valid token's bar is dim: those that need attention stand
/// out.
pub(super) fn bar(fraction: f64, width: usize, status: Status, theme: Theme) -> [Span<'static>; 2] {
    let cells = width.saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few cells"
    )]
    let full = (fraction.clamp(0.0, 1.0) * cells as f64).round() as usize;
    let style = theme.status_mark(status).1;
    let style = if status == Status::Active { style.add_modifier(Modifier::DIM) } else { style };
    let blank = " ".repeat(width - cells);
    [
        Span::styled(theme.symbol("━", "=").repeat(full), style),
        Span::styled(format!("{}{blank}", theme.symbol("─", "-").repeat(cells - full)), theme.dim()),
    ]
}

/// Returns whether the token was revoked: nothing of it is left, whatever its expiry.
pub(super) fn is_revoked(state: &State, profile: &Profile) -> bool {
    profile.status(state.now, state.config.expiring_days) == Status::Revoked
}

/// Returns the fraction of its lifetime that a profile's token has left.
pub(super) fn fraction_left(state: &State, profile: &Profile) -> Option<f64> {
    let token = profile.token.as_ref().filter(|_| !is_revoked(state, profile))?;
    let expiry = token.expires_at?;
    let lifetime = (expiry.as_second() - token.issued_at.as_second()).max(1);
    #[expect(clippy::cast_precision_loss, reason = "a fraction of a bar")]
    Some((expiry.as_second() - state.now.as_second()) as f64 / lifetime as f64)
}

/// Returns the time that a token has left: `54 d`, `3 h`, `<1 h ago`, `12 d ago`; `-` without an expiry.
pub(super) fn time_left(state: &State, profile: &Profile) -> String {
    let token = profile.token.as_ref().filter(|_| !is_revoked(state, profile));
    let Some(expiry) = token.and_then(|token| token.expires_at) else { return "-".to_owned() };
    let seconds = expiry.as_second() - state.now.as_second();
    match seconds {
        ..=-86_400 => format!("{} d ago", -seconds / 86_400),
        -86_399..=-3600 => format!("{} h ago", -seconds / 3600),
        -3599..=0 => "<1 h ago".to_owned(),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", days_left(state.now, expiry)),
    }
}

/// Returns a profile's line.
fn row_line(
    state: &State,
    store: &StoreSnapshot,
    row: &Row,
    is_selected: bool,
    columns: &Columns,
    theme: Theme,
) -> Line<'static> {
    let is_marked = state.list.marked.contains(&row.name);
    let (mark, mark_style) = match &row.profile {
        Some(Ok(profile)) => theme.status_mark(profile.status(state.now, state.config.expiring_days)),
        Some(Err(_)) => theme.failed_mark(),
        None => (" ", Style::new()),
    };
    // The rows of a group begin below its name.
    let indent = if state.list.is_grouped { GROUP_INDENT } else { 0 };
    let name_width = columns.name.saturating_sub(indent);
    let mut spans = vec![
        Span::styled(if is_selected { theme.cursor() } else { " " }, theme.accent()),
        Span::styled(if is_marked { theme.symbol("◆", "#") } else { " " }, theme.accent()),
        Span::styled(format!("{:indent$}{mark} ", ""), mark_style),
    ];
    if store.current.as_ref() == Some(&row.name) {
        let name = fit(row.name.as_str(), name_width.saturating_sub(3));
        let pad = " ".repeat(name_width.saturating_sub(text::columns(&name) + 2));
        spans.push(Span::raw(name));
        spans.push(Span::styled(format!(" {}{pad}", theme.symbol("●", "*")), theme.accent()));
    } else {
        spans.push(Span::raw(cell(row.name.as_str(), name_width)));
    }
    match &row.profile {
        Some(Ok(profile)) => spans.extend(profile_cells(state, profile, columns, theme)),
        Some(Err(_)) => spans.push(Span::styled("cannot be read", theme.error())),
        None => spans.push(Span::styled(theme.ellipsis(), theme.dim())),
    }
    Line::from(spans)
}

fn profile_cells(state: &State, profile: &Profile, columns: &Columns, theme: Theme) -> [Span<'static>; 8] {
    let member = profile.member.as_ref().map_or_else(|| "-".to_owned(), member_name);
    let status = profile.status(state.now, state.config.expiring_days);
    let text_style = theme.status(status);
    let [bar_left, bar_rest] = fraction_left(state, profile).map_or_else(
        || [Span::raw(" ".repeat(columns.time_left_bar)), Span::raw("")],
        |fraction| bar(fraction, columns.time_left_bar, status, theme),
    );
    let status = jobs::progress_label(state, &profile.name).unwrap_or(status.as_str());
    let scopes = profile.token.as_ref().map_or(profile.scopes.len(), |token| token.scopes.len());
    let checked =
        profile.last_check().map_or_else(|| "never".to_owned(), |check| time_format::format_relative(state, check.at));
    [
        Span::raw(cell(&member, columns.member)),
        Span::styled(cell(profile.app.as_str(), columns.app), theme.dim()),
        Span::styled(cell(&scopes.to_string(), columns.scopes), theme.dim()),
        Span::styled(cell(&checked, columns.checked), theme.dim()),
        Span::styled(cell(status, STATUS_WIDTH), text_style),
        Span::styled(format!("{:>width$} ", time_left(state, profile), width = TIME_LEFT_WIDTH - 1), text_style),
        bar_left,
        bar_rest,
    ]
}

/// Returns the heading of a group, with the numbers of its profiles by status.
fn group_heading(
    state: &State,
    store: &StoreSnapshot,
    item: (&Row, usize),
    is_selected: bool,
    width: usize,
    theme: Theme,
) -> Line<'static> {
    let (row, count) = item;
    let group = list::group(row);
    let is_folded = state.list.folded.contains(group) && state.list.filter.text().is_empty();
    let name = if group.is_empty() { "no app known" } else { group };
    let mut spans = vec![
        Span::styled(if is_selected { theme.cursor() } else { " " }, theme.accent()),
        Span::styled(if is_folded { theme.symbol(" ▸ ", " + ") } else { theme.symbol(" ▾ ", " - ") }, theme.accent()),
        Span::styled(fit(name, width.saturating_sub(35)), theme.strong()),
        Span::styled(format!("  {count}"), theme.dim()),
    ];
    let profiles = list::filtered_rows(state, store).filter(|row| list::group(row) == group).filter_map(Row::readable);
    let statuses: Vec<Status> = profiles.map(|profile| profile.status(state.now, state.config.expiring_days)).collect();
    let counts = STATUSES.map(|status| {
        let (mark, style) = theme.status_mark(status);
        let number = statuses.iter().filter(|other| **other == status).count();
        Count { mark, style, label: status.as_str(), number }
    });
    for Count { mark, style, number, .. } in add_by_mark(counts.into_iter().filter(|count| count.number > 0).collect())
    {
        spans.push(Span::styled(format!("   {mark}"), style));
        spans.push(Span::styled(format!(" {number}"), theme.dim()));
    }
    Line::from(spans)
}

/// Returns the hinted keys that work on all marked profiles.
fn keys_for_marks(state: &State, theme: Theme) -> Vec<String> {
    let bound = state.config.keymap.bindings(KeyContext::List).filter(|bound| {
        target(bound.binding.action) == Target::MarkedOrSelected
            && bound.binding.is_hint(state)
            && bound.binding.current_label(state).is_some()
    });
    bound.filter_map(|bound| Some(bound.keys.first()?.label(theme.is_ascii))).collect()
}

/// Returns the status line: how many profiles are marked, or how many their members must re-authorize.
pub(crate) fn status_line(state: &State, theme: Theme, width: usize) -> Option<Line<'static>> {
    if let Some(marked) = list::marked_label(state) {
        let keys = keys_for_marks(state, theme).join(" ");
        let store = state.store();
        let has_damaged = state.list.marked.iter().any(|name| store.is_damaged(name));
        let all = Some(format!("{marked}: {keys} work on all of them.")).filter(|_| !has_damaged);
        let mut texts = all.into_iter().chain([format!("{marked}: {keys}")]);
        let text = texts.find(|text| text.width() + 2 <= width).unwrap_or_else(|| format!("{marked}."));
        return Some(Line::from(vec![
            Span::styled(theme.symbol("◆ ", "# "), theme.accent()),
            Span::styled(fit(&text, width.saturating_sub(2)), theme.strong()),
        ]));
    }
    // Its key would be typed into the filter.
    if state.list.is_filtering {
        return None;
    }
    let (due, overdue) = list::due_count(state);
    let (profiles, need) =
        if due == 1 { ("1 profile".to_owned(), "needs") } else { (format!("{due} profiles"), "need") };
    let when = match state.config.expiring_days {
        _ if overdue == due => "now".to_owned(),
        days => {
            let within = if days == 1 { "within a day".to_owned() } else { format!("within {days} days") };
            if overdue > 0 { format!("now or {within}") } else { within }
        }
    };
    let (mark, style) = if overdue > 0 { theme.failed_mark() } else { theme.status_mark(Status::Expiring) };
    let press = |purpose: &str| state.key_sentence(KeyContext::List, Action::ReauthorizeDue, purpose);
    let them = if due == 1 { "it" } else { "them" };
    let start = format!("{profiles} {need} you {when}.");
    let texts = [
        format!(
            "{start} {}",
            press(&format!("re-authorize {them}{}", if due == 1 { "" } else { " one after another" }))
        ),
        format!("{start} {}", press(&format!("re-authorize {them}"))),
        format!("{due} {need} you {when}. {}", press("re-authorize")),
    ];
    let text = texts.into_iter().find(|text| text.width() + 2 <= width);
    let text = text.unwrap_or_else(|| format!("{due} {need} you. {}", press("re-authorize")));
    (due > 0).then(|| {
        Line::from(vec![
            Span::styled(format!("{mark} "), style),
            Span::styled(fit(&text, width.saturating_sub(2)), theme.strong()),
        ])
    })
}

/// Draws the page that replaces a list without profiles.
fn draw_empty(state: &State, frame: &mut Frame<'_>, window: &Window, theme: Theme) {
    let mut page = Page::new(theme, window.page_widths().single, "No profiles yet");
    page.plain(
        "A profile is one member's token for one app. Add one, and this list shows when its token \
                expires.",
    );
    page.blank();
    for action in [Action::Details, Action::Help, Action::Quit] {
        page.choice(state, (KeyContext::List, action), None);
    }
    page.draw_panels(frame, window, 0);
}

/// Draws a panel, or a line with its title where panels have no border.
pub(super) fn draw_frame(frame: &mut Frame<'_>, area: Rect, theme: Theme, is_panel: bool, title: &str, note: &str) {
    if is_panel {
        draw_panel(frame, area, theme, (title, theme.strong()), note);
    } else {
        draw_rule(frame, area, theme, (title, theme.strong()), note);
    }
}

pub(crate) fn draw(state: &State, frame: &mut Frame<'_>, window: &Window, theme: Theme) {
    let area = window.body;
    let Some(store) = &state.store else {
        let text = Line::styled(format!("Reading profiles{}", theme.ellipsis()), theme.dim());
        frame.buffer_mut().set_line(area.x + 2, area.y, &text, area.width - 2);
        return;
    };
    if store.rows.is_empty() {
        draw_empty(state, frame, window, theme);
        return;
    }
    let layout = list_layout(state, window);
    let view = &state.list.view;
    let at =
        list::position(state).map_or_else(|| view.row_count().to_string(), |at| format!("{at}/{}", view.row_count()));
    let position = format!("{at}{}by {}", theme.separator(), state.list.sort.as_str());
    if layout.is_split {
        draw_panel(frame, layout.list, theme, ("Profiles", theme.accent()), &position);
    }
    let width = usize::from(layout.rows.width);
    let columns = Columns::new(store, width, state.list.is_grouped);
    draw_header(state, frame, &layout, &columns, theme);
    let buffer = frame.buffer_mut();
    if view.items.is_empty() {
        let text = Line::styled(format!("  {}", empty_list_message(state, store)), theme.dim());
        buffer.set_line(layout.rows.x, layout.rows.y + 1, &text, layout.rows.width);
    }
    let visible = view.items.iter().enumerate().skip(layout.top).take(usize::from(layout.rows.height));
    for (y, (number, item)) in (layout.rows.y..).zip(visible) {
        let Some(row) = list::row(store, *item) else { continue };
        let is_selected = number == view.selected;
        let line = match item {
            Item::Group(_, count) => group_heading(state, store, (row, *count), is_selected, width, theme),
            Item::Row(_) => row_line(state, store, row, is_selected, &columns, theme),
        };
        buffer.set_style(Rect { y, height: 1, ..layout.rows }, row_style(theme, is_selected));
        buffer.set_line(layout.rows.x, y, &line, layout.rows.width);
        if is_selected {
            undim(buffer, Rect { y, height: 1, ..layout.rows });
        }
    }
    draw_arrows(buffer, &layout, view.items.len(), theme);
    if let Some((title, inside)) = layout.timeline {
        draw_frame(frame, title, theme, layout.is_split, timeline::TITLE, &timeline::describe_selected_expiry(state));
        timeline::draw(state, frame.buffer_mut(), inside, theme);
    }
    if let (Some((title, inside)), Some(row)) = (layout.detail, list::selected(state)) {
        let current =
            if store.current.as_ref() == Some(&row.name) { theme.symbol("● current", "* current") } else { "" };
        if layout.is_split {
            draw_frame(frame, title, theme, true, row.name.as_str(), current);
            detail::draw_pane(state, row, frame, inside, theme);
        } else {
            draw_frame(frame, title, theme, false, format!("{} {current}", row.name).trim_end(), &position);
            detail::draw_summary(state, row, frame, inside, theme);
        }
    } else if let Some((title, inside)) = layout.detail {
        let group = list::selected_group(state);
        let note = if layout.is_split { "" } else { &position };
        let name = match group.as_deref() {
            Some("") => "No app known",
            Some(group) => group,
            None => "Profile",
        };
        draw_frame(frame, title, theme, layout.is_split, name, note);
        match group {
            Some(group) => detail::draw_group(state, &group, frame, inside, theme, layout.is_split),
            None => detail::draw_nothing(frame, Rect { x: inside.x + u16::from(!layout.is_split), ..inside }, theme),
        }
    }
}

/// Draws arrows beside the rows, on the border of a panel, if more rows are above or below.
fn draw_arrows(buffer: &mut Buffer, layout: &ListLayout, count: usize, theme: Theme) {
    let rows = layout.rows;
    if rows.height == 0 {
        return;
    }
    let x = rows.right() + 1;
    if layout.top > 0 {
        buffer.set_stringn(x, rows.y, theme.symbol("↑", "^"), 1, theme.strong());
    }
    if layout.top + usize::from(rows.height) < count {
        buffer.set_stringn(x, rows.bottom() - 1, theme.symbol("↓", "v"), 1, theme.strong());
    }
}

fn draw_header(state: &State, frame: &mut Frame<'_>, layout: &ListLayout, columns: &Columns, theme: Theme) {
    if let Some(area) = layout.filter {
        let total = state.store.as_ref().map_or(0, |store| store.rows.len());
        let count = format!("{}/{total}", state.list.view.row_count());
        let width = usize::from(area.width).saturating_sub(count.len() + 2);
        let has_focus = state.list.is_filtering;
        let placeholder = "Type a name, member, app or status";
        let (line, cursor) = search_line(theme, &state.list.filter, placeholder, has_focus, width);
        frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
        let x = area.right().saturating_sub(u16::try_from(count.len()).unwrap_or(0));
        frame.buffer_mut().set_stringn(x, area.y, &count, count.len(), theme.dim());
        if has_focus && !state.is_screen_covered() {
            frame.set_cursor_position((area.x + u16::try_from(cursor).unwrap_or_default(), area.y));
        }
    }
    let arrow = if state.list.is_descending { theme.symbol(" ↓", " v") } else { theme.symbol(" ↑", " ^") };
    let title =
        |text: &str, sort: Sort| if state.list.sort == sort { format!("{text}{arrow}") } else { text.to_owned() };
    let header = format!(
        "{:MARKS_WIDTH$}{}{}{}{}{}{}{:>width$}",
        "",
        cell(&title("PROFILE", Sort::Name), columns.name),
        cell(&title("MEMBER", Sort::Member), columns.member),
        cell(&title("APP", Sort::App), columns.app),
        cell("SCOPES", columns.scopes),
        cell("CHECKED", columns.checked),
        cell(&title("STATUS", Sort::Status), STATUS_WIDTH),
        title("EXPIRES", Sort::Expiry),
        width = TIME_LEFT_WIDTH - 1
    );
    let area = layout.header;
    frame.buffer_mut().set_stringn(area.x, area.y, header, usize::from(area.width), theme.dim());
}
