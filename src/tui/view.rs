//! Draws the state: title bar, page or list, status line, key hints, and the dialog over the dimmed screen. It changes nothing.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr;

use super::dialogs;
use super::layout::{MIN_SIZE, Window, is_too_small};
use super::overlays;
use super::screens::compose::Stage;
use super::screens::profiles::jobs;
use super::screens::{compose, posts, profiles, progress, setup_page, signed_in, welcome};
use super::state::{Notification, Screen, SetupStep, State};
use super::theme::Theme;
use super::widgets::page::{Click, DrawnPage, Link, Page, ScrollRange};
use crate::store::Name;
use crate::text::{fit, sanitize};
use crate::tui::keymap::{self, Action, KeyContext, KeyHint};

const PROGRAM_NAME: &str = "linkedin-tui";
/// Columns from which the steps of the setup are shown with their names.
const NAMED_STEPS_WIDTH: usize = 66;
/// Columns from which the steps of the setup are shown as marks.
const STEP_MARKS_WIDTH: usize = 20;
/// Where fewer columns than these remain beside a dialog, the screen behind is cleared there: cut lines are unreadable.
const MIN_VISIBLE_COLUMNS: u16 = 16;

/// What the event loop needs to know about a drawn screen.
#[derive(Clone, Debug, Default)]
pub struct DrawnScreen {
    /// The URLs that the terminal can open.
    pub links: Vec<Link>,
    /// What a click does, by area.
    pub click_targets: Vec<(Rect, Click)>,
    /// Whether a click or the wheel does something. Elsewhere the terminal's own selection works.
    pub reacts_to_mouse: bool,
    /// How far the page, or the dialog over it, can be scrolled.
    pub scroll_range: ScrollRange,
}

/// Draws the whole screen.
pub fn view(state: &State, theme: Theme, frame: &mut Frame<'_>) -> DrawnScreen {
    let area = frame.area();
    if is_too_small((area.width, area.height)) {
        draw_too_small(state, frame, area);
        return DrawnScreen::default();
    }
    let hints = keymap::key_hints(state, theme.is_ascii, state.key_context());
    let status_lines = state.status_lines(area.width);
    let window =
        Window::with_hints_behind((area.width, area.height), &hints, &state.hints_behind(theme.is_ascii), status_lines);
    let covering_overlay = overlays::covering_overlay(state);
    let mut drawn = match covering_overlay {
        Some((at, overlay)) => draw_overlay_screen(state, (at, overlays::title_path(overlay)), theme, frame, &window),
        None => draw_screen(state, theme, frame, &window),
    };
    let width = window.dialog_text_width();
    let dialog = state.dialog.as_ref().filter(|_| covering_overlay.is_none());
    let dialog = dialog.and_then(|dialog| dialogs::page(state, dialog, theme, width));
    let overlays_above = covering_overlay.map_or(0, |(at, _)| at + 1)..state.overlays.len();
    let pages =
        dialog.into_iter().chain(overlays_above.filter_map(|at| overlays::page(state, at, theme, width, &window)));
    let mut pages = pages.peekable();
    while let Some((mut page, scroll)) = pages.next() {
        if pages.peek().is_some() {
            page.cursor = None;
        } else {
            page.scroll_key = scroll_key(state, state.key_context(), theme);
        }
        drawn = draw_dialog(&page, scroll, theme, frame, &window).into();
    }
    let context = state.key_context();
    let has_rows = !drawn.click_targets.is_empty() || matches!(context, KeyContext::List | KeyContext::Filter);
    drawn.reacts_to_mouse = has_rows && !context.is_for_selecting_text();
    draw_hints(&hints, theme, frame, &window);
    if let Some(notification) = &state.notification {
        let has_dialog = state.dialog.is_some() || !state.overlays.is_empty();
        let y = if has_dialog { window.dialog_bottom } else { window.footer.y };
        draw_notification(notification, theme, frame, Rect { y, ..window.footer });
    }
    if theme.is_ascii {
        replace_symbols(frame);
    }
    drawn
}

/// Draws a notification in the status line, which has as many lines as the notification.
fn draw_notification(notification: &Notification, theme: Theme, frame: &mut Frame<'_>, footer: Rect) {
    let (mark, style) = if notification.is_warning {
        ("!", theme.warning())
    } else if notification.is_error {
        (theme.failed_mark().0, theme.error())
    } else if notification.is_neutral {
        (theme.symbol("–", "-"), Style::new())
    } else {
        (theme.done_mark().0, theme.success())
    };
    let lines = notification.lines(footer.width);
    for (number, (y, line)) in (footer.y..).zip(lines).enumerate() {
        let mark = if number == 0 { mark } else { " " };
        // In ASCII a single character would read as cut text.
        let line = if theme.is_ascii { line.replace('…', "...") } else { line };
        frame.buffer_mut().set_line(1, y, &Line::styled(format!("{mark} {line}"), style), footer.width - 1);
    }
}

/// Replaces symbols that code without a theme writes: of truncated and masked text, and in sentences.
fn replace_symbols(frame: &mut Frame<'_>) {
    for cell in &mut frame.buffer_mut().content {
        match cell.symbol() {
            "…" => drop(cell.set_char('~')),
            "•" | "●" => drop(cell.set_char('*')),
            _ => {}
        }
    }
}

fn draw_too_small(state: &State, frame: &mut Frame<'_>, area: Rect) {
    let lines = [
        format!("Too small: {}x{}.", area.width, area.height),
        format!("Needed: {}x{}.", MIN_SIZE.0, MIN_SIZE.1),
        state.key_sentence(KeyContext::List, Action::Quit, "quit"),
    ];
    for (y, text) in (area.y..area.bottom()).zip(lines) {
        frame.buffer_mut().set_stringn(area.x, y, text, usize::from(area.width), Style::new());
    }
}

/// Returns the columns of the title bar beside the path and the badge.
fn room_beside(state: &State, path: &[&str], window: &Window) -> usize {
    let path_width = PROGRAM_NAME.width() + path.iter().map(|part| part.width() + 3).sum::<usize>();
    usize::from(window.footer.width).saturating_sub(path_width + 4 + badge_width(state))
}

/// Returns the key that scrolls a page, or the dialog over it.
fn scroll_key(state: &State, context: KeyContext, theme: Theme) -> String {
    state.config.keymap.key(context, Action::PageDown).map_or_else(String::new, |key| key.label(theme.is_ascii))
}

fn draw_screen(state: &State, theme: Theme, frame: &mut Frame<'_>, window: &Window) -> DrawnScreen {
    let widths = window.page_widths();
    let mut page = match &state.screen {
        Screen::Profiles if state.list.is_detail_open => profiles::detail_page(state, theme, widths),
        Screen::Profiles => {
            draw_profile_list(state, theme, frame, window);
            return DrawnScreen::default();
        }
        Screen::Compose(post) if matches!(post.stage, Stage::Writing) => {
            let path = compose::title_path(post);
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let status = compose::status(state, post, theme, room_beside(state, &path, window));
            draw_title_bar(state, theme, frame, &path, &status);
            compose::draw(state, post, frame, window, theme);
            return DrawnScreen::default();
        }
        Screen::Welcome => welcome::page(state, theme, widths),
        Screen::Setup(step) => setup_page(state, *step, theme, widths),
        Screen::SignIn(sign_in) => progress::page(state, sign_in, theme, widths),
        Screen::SignedIn(signed_in) => signed_in::page(state, signed_in, theme, widths),
        Screen::Compose(post) => compose::page(state, post, theme, widths),
        Screen::Posts(list) => posts::page(state, list, theme, window),
    };
    if state.is_screen_covered() {
        page.cursor = None;
    }
    page.scroll_key = scroll_key(state, state.screen_context(), theme);
    let path = title_path(state);
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let right = match state.screen {
        Screen::Setup(step) => setup_steps(step, room_beside(state, &path, window), theme),
        Screen::Profiles => jobs::progress(state).map_or_else(Line::default, |text| Line::styled(text, theme.accent())),
        _ => Line::default(),
    };
    draw_title_bar(state, theme, frame, &path, &right);
    let mut drawn = DrawnScreen::from(page.draw_panels(frame, window, state.scroll));
    if let Screen::Setup(step) = state.screen {
        let end = window.footer.width.saturating_sub(u16::try_from(badge_width(state)).unwrap_or_default() + 1);
        drawn.click_targets.extend(step_targets(state, step, &right, end));
    }
    drawn
}

/// Returns the areas of the earlier steps in the title bar, which ends at the column `end`: a click opens them.
fn step_targets(state: &State, at: SetupStep, steps: &Line<'_>, end: u16) -> Vec<(Rect, Click)> {
    let current = STEPS.iter().position(|(step, _)| *step == at).unwrap_or_default();
    let first =
        state.setup.entry_step.and_then(|first| STEPS.iter().position(|(step, _)| *step == first)).unwrap_or_default();
    // A setup that is opened at the review has no earlier steps. Too little room shows only the count.
    if state.setup.is_opened_at_review || steps.spans.len() < STEPS.len() {
        return Vec::new();
    }
    let mut x = end.saturating_sub(u16::try_from(steps.width()).unwrap_or(end));
    let mut targets = Vec::new();
    for (number, span) in steps.spans.iter().enumerate() {
        let width = u16::try_from(span.width()).unwrap_or_default();
        // A separator follows each step.
        if number % 2 == 0 && (first..current).contains(&(number / 2)) {
            targets.push((Rect { x, y: 0, width, height: 1 }, Click::OpenStep(number / 2)));
        }
        x += width;
    }
    targets
}

/// The steps of the setup in the title bar.
pub(super) const STEPS: [(SetupStep, &str); 5] = [
    (SetupStep::Guide, "App"),
    (SetupStep::Credentials, "Credentials"),
    (SetupStep::Scopes, "Scopes"),
    (SetupStep::Redirect, "Redirect"),
    (SetupStep::Review, "Review"),
];

impl From<DrawnPage> for DrawnScreen {
    fn from(page: DrawnPage) -> Self {
        let DrawnPage { links, click_targets, scroll_range, .. } = page;
        Self { links, click_targets, scroll_range, reacts_to_mouse: false }
    }
}

/// Draws an overlay that covers the screen.
fn draw_overlay_screen(
    state: &State,
    (at, path): (usize, &[&str]),
    theme: Theme,
    frame: &mut Frame<'_>,
    window: &Window,
) -> DrawnScreen {
    draw_title_bar(state, theme, frame, path, &Line::default());
    let page = overlays::page(state, at, theme, overlays::covering_width(state, at, window), window);
    page.map_or_else(DrawnScreen::default, |(page, scroll)| page.draw_panels(frame, window, scroll).into())
}

/// Returns the path to the screen, which follows the name of the program in the title bar.
fn title_path(state: &State) -> Vec<String> {
    let path = |what: &str, name: &Name| vec![what.to_owned(), name.to_string()];
    match &state.screen {
        Screen::Profiles => match &state.list.selected {
            Some(name) if state.list.is_detail_open => vec![name.to_string()],
            _ => Vec::new(),
        },
        Screen::Welcome => Vec::new(),
        Screen::Setup(_) => match &state.setup.existing_profile {
            Some(name) => path("Re-authorize", name),
            None => vec!["New profile".to_owned()],
        },
        Screen::SignIn(sign_in) => path("Sign in", &sign_in.request.profile),
        Screen::SignedIn(signed_in) => path("Sign in", &signed_in.outcome.profile.name),
        Screen::Compose(post) => compose::title_path(post),
        Screen::Posts(list) => path("Posts", &list.profile),
    }
}

fn draw_profile_list(state: &State, theme: Theme, frame: &mut Frame<'_>, window: &Window) {
    let progress = jobs::progress(state).map(|progress| Span::styled(format!("{progress}   "), theme.accent()));
    let used = PROGRAM_NAME.width() + 4 + badge_width(state) + progress.as_ref().map_or(0, Span::width);
    let mut right = profiles::status_counts(state, theme, usize::from(frame.area().width).saturating_sub(used));
    if let Some(progress) = progress {
        right.spans.insert(0, progress);
    }
    draw_title_bar(state, theme, frame, &[], &right);
    profiles::draw(state, frame, window, theme);
    if state.dialog.is_none() && state.overlays.is_empty() && state.notification.is_none() {
        let width = window.footer.width - 2;
        if let Some(line) = profiles::status_line(state, theme, usize::from(width)) {
            frame.buffer_mut().set_line(1, window.footer.y, &line, width);
        }
    }
}

/// Returns the badge that distinguishes the sandbox from LinkedIn.
fn badge(state: &State) -> Option<String> {
    state.config.badge.as_ref().map(|badge| format!(" {} ", sanitize(badge, 40)))
}

/// Returns the columns of the badge and of the gap before it.
fn badge_width(state: &State) -> usize {
    badge(state).map_or(0, |badge| badge.width() + 2)
}

/// Draws the program's name and the path to the screen on the left, and `right` and the badge on the right. The badge is never
/// truncated.
fn draw_title_bar(state: &State, theme: Theme, frame: &mut Frame<'_>, path: &[&str], right: &Line<'_>) {
    let area = frame.area();
    let room = usize::from(area.width.saturating_sub(2));
    let mut line = truncate_line(right, room.saturating_sub(badge_width(state)));
    if let Some(badge) = badge(state) {
        line.push_span(Span::raw("  "));
        line.push_span(Span::styled(badge, theme.badge()));
    }
    let used = u16::try_from(line.width()).unwrap_or(area.width).min(area.width);
    let room = usize::from(area.width.saturating_sub(used + 3));
    let mut title = Line::from(Span::styled(PROGRAM_NAME, theme.accent()));
    for (number, part) in path.iter().enumerate() {
        title.push_span(Span::styled(theme.symbol(" › ", " > "), theme.dim()));
        let style = if number + 1 == path.len() { theme.strong() } else { Style::new() };
        title.push_span(Span::styled((*part).to_owned(), style));
    }
    let buffer = frame.buffer_mut();
    buffer.set_line(1, 0, &truncate_line(&title, room), area.width);
    buffer.set_line(area.width.saturating_sub(used + 1), 0, &line, used);
}

/// Returns the line in `room` columns, with "…" where its end is cut.
fn truncate_line(line: &Line<'_>, room: usize) -> Line<'static> {
    let mut left = room;
    let mut short = Line::default().style(line.style);
    for span in &line.spans {
        let text = fit(&span.content, left);
        left -= text.width().min(left);
        short.push_span(Span::styled(text, span.style));
    }
    short
}

/// Returns the setup's steps in `room` columns: with their names, as marks, or as a count.
fn setup_steps(at: SetupStep, room: usize, theme: Theme) -> Line<'static> {
    let current = STEPS.iter().position(|(step, _)| *step == at).unwrap_or_default();
    let has_names = room >= NAMED_STEPS_WIDTH;
    let count = format!("{}/{}", current + 1, STEPS.len());
    if room < STEP_MARKS_WIDTH {
        return Line::styled(count, theme.dim());
    }
    let mut spans = Vec::new();
    for (number, (_, name)) in STEPS.iter().enumerate() {
        let (mark, style) = match number.cmp(&current) {
            std::cmp::Ordering::Less => theme.done_mark(),
            std::cmp::Ordering::Equal => (theme.symbol("●", "*"), theme.accent()),
            std::cmp::Ordering::Greater => (theme.symbol("○", "."), theme.dim()),
        };
        if !spans.is_empty() {
            spans.push(Span::styled(if has_names { theme.symbol(" ─ ", " - ") } else { " " }, theme.dim()));
        }
        let text = if has_names { format!("{mark} {name}") } else { mark.to_owned() };
        spans.push(Span::styled(text, style));
    }
    if !has_names {
        spans.push(Span::styled(format!(" {count}"), theme.dim()));
    }
    Line::from(spans)
}

fn draw_hints(hints: &[KeyHint], theme: Theme, frame: &mut Frame<'_>, window: &Window) {
    for (area, at) in &window.hints {
        let KeyHint { key, label, is_primary, .. } = &hints[*at];
        let line = if *is_primary {
            Line::styled(format!(" {key} {label} "), theme.primary())
        } else {
            Line::from(vec![Span::styled(key.as_str(), theme.accent()), Span::styled(format!(" {label}"), theme.dim())])
        };
        frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
    }
}

/// Draws a dialog over the dimmed screen.
fn draw_dialog(page: &Page, scroll: u16, theme: Theme, frame: &mut Frame<'_>, window: &Window) -> DrawnPage {
    let text_width = page.text_width().max(page.title.width() + 2);
    let area = window.dialog(page.lines.len(), text_width);
    dim_screen(theme, frame, window);
    // A blank column on each side keeps the border apart from the text behind.
    let cleared = if area.x <= MIN_VISIBLE_COLUMNS {
        Rect { x: 0, width: window.footer.width, ..area }
    } else {
        Rect { x: area.x - 1, width: area.width + 2, ..area }
    };
    clear(frame, cleared.intersection(frame.area()));
    page.draw_dialog(frame, area, scroll)
}

/// Removes the colors of the screen behind a dialog; the key hints below are the dialog's.
fn dim_screen(theme: Theme, frame: &mut Frame<'_>, window: &Window) {
    let behind = Rect { y: 0, height: window.footer.y, ..window.footer };
    let style = Style::reset().patch(theme.dim());
    frame.buffer_mut().set_style(behind, style);
}

/// Returns whether a symbol is part of the vertical border of a panel.
fn is_border(symbol: &str) -> bool {
    matches!(symbol, "│" | "╭" | "╮" | "╰" | "╯" | "|" | "+")
}

/// Clears an area, and the halves of wide characters at its left and right edge. The border of the screen behind it stays whole.
fn clear(frame: &mut Frame<'_>, area: Rect) {
    let edges = [area.x, area.right().saturating_sub(1)];
    let cells = (area.y..area.bottom()).flat_map(|y| edges.map(|x| (x, y)));
    let border: Vec<_> = cells.map(|at| (at, frame.buffer_mut()[at].clone())).collect();
    if let Some(x) = area.x.checked_sub(1) {
        for y in area.y..area.bottom() {
            let cell = &mut frame.buffer_mut()[(x, y)];
            if cell.symbol().width() > 1 {
                cell.set_char(' ');
            }
        }
    }
    frame.render_widget(Clear, area);
    for (at, cell) in border.into_iter().filter(|(_, cell)| is_border(cell.symbol())) {
        frame.buffer_mut()[at] = cell;
    }
}
