//! How it all looks: title, page, a line for news, hints; overlays above. It only reads.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear};
use unicode_width::UnicodeWidthStr;

use super::dialogs;
use super::screens::compose::Stage;
use super::screens::profiles::jobs;
use super::screens::{compose, done, profiles, progress, setup_page};
use super::state::{Notification, Screen, State, Step};
use super::theme::Theme;
use super::widgets::page::{Link, Page};
use crate::text::{clean, fit, wrap};
use crate::tui::keymap::{self, Action, KeyContext};

/// The least that every screen needs.
const LEAST: (u16, u16) = (60, 20);
/// What the list's title says.
const NAME: &str = "linkedin-tui";
/// Columns that the stepper takes with its names, and the margins.
const LONG_STEPPER: usize = 66;
/// Columns that its marks take, and the margins.
const SHORT_STEPPER: usize = 20;
/// Text wider than this is hard to read.
const WIDEST: u16 = 100;

/// Is the window too small to be of use?
pub(crate) const fn too_small(size: (u16, u16)) -> bool {
    size.0 < LEAST.0 || size.1 < LEAST.1
}

/// Draws everything; gives the addresses that can be opened.
pub fn view(state: &State, theme: Theme, frame: &mut Frame<'_>) -> Vec<Link> {
    let area = frame.area();
    if too_small((area.width, area.height)) {
        small(state, frame, area);
        return Vec::new();
    }
    let hints = hints(state, theme, usize::from(area.width - 2));
    let body = body_in(area, hints.len());
    let foot = Rect { y: body.bottom(), height: area.bottom() - body.bottom(), ..area };
    let mut links = draw_screen(state, theme, frame, area, body);
    for (y, line) in (foot.y + 1..area.bottom()).zip(&hints) {
        frame.buffer_mut().set_line(1, y, line, area.width - 1);
    }
    let dialog = dialog(state, theme, usize::from(area.width.min(WIDEST) - 8));
    if let Some((page, scroll)) = &dialog {
        draw_dialog(page, *scroll, theme, frame, body);
    }
    if let Some(notification) = &state.notification {
        let covered = draw_notification(notification, theme, frame, foot);
        links.retain(|link| link.at.y < covered);
    }
    if theme.ascii {
        plain_marks(frame);
    }
    if dialog.is_some() { Vec::new() } else { links }
}

/// Most lines of a notification.
const MAX_NOTIFICATION_LINES: usize = 3;

/// A notification's lines. One that is too long loses of its beginning, never of its end, where it says what to do.
fn notification_lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = wrap(&clean(text, 600), width);
    if lines.len() > MAX_NOTIFICATION_LINES {
        lines.drain(1..=lines.len() - MAX_NOTIFICATION_LINES);
        if let Some(first) = lines.first_mut() {
            *first = format!("{}…", fit(first, width.saturating_sub(1)).trim_end_matches(['…', ' ']));
        }
    }
    lines
}

/// Says what was just done above the hints, over the last lines of the page where it takes more than its own; gives its first
/// line's place.
fn draw_notification(notification: &Notification, theme: Theme, frame: &mut Frame<'_>, foot: Rect) -> u16 {
    let (mark, style) = if notification.is_error {
        (theme.pick("✗", "!"), theme.bad())
    } else {
        (theme.pick("✓", "*"), theme.good())
    };
    let lines = notification_lines(&notification.text, usize::from(foot.width - 4));
    let more = u16::try_from(lines.len().saturating_sub(1)).unwrap_or_default();
    let top = foot.y.saturating_sub(more);
    frame.render_widget(Clear, Rect { y: top, height: more + 1, ..foot });
    for (number, (y, line)) in (top..).zip(lines).enumerate() {
        let mark = if number == 0 { mark } else { " " };
        frame.buffer_mut().set_line(1, y, &Line::styled(format!("{mark} {line}"), style), foot.width - 1);
    }
    top
}

/// The marks that are made where nobody knows the theme: cut and masked text, words that name a mark.
fn plain_marks(frame: &mut Frame<'_>) {
    for cell in &mut frame.buffer_mut().content {
        match cell.symbol() {
            "…" => drop(cell.set_char('~')),
            "•" | "●" => drop(cell.set_char('*')),
            _ => {}
        }
    }
}

fn small(state: &State, frame: &mut Frame<'_>, area: Rect) {
    let lines = [
        format!("Too small: {}x{}.", area.width, area.height),
        format!("Needed: {}x{}.", LEAST.0, LEAST.1),
        state.press(KeyContext::List, Action::Quit, "quit"),
    ];
    for (y, text) in (area.y..area.bottom()).zip(lines) {
        frame.buffer_mut().set_stringn(area.x, y, text, usize::from(area.width), Style::new());
    }
}

fn body_in(area: Rect, hints: usize) -> Rect {
    let foot = u16::try_from(hints).unwrap_or(1) + 1;
    Rect { x: 2, y: 2, width: area.width - 3, height: area.height.saturating_sub(2 + foot) }
}

/// Where the page stands, by the size last told.
pub(crate) fn body(state: &State) -> Rect {
    let (width, height) = (state.size.0.max(LEAST.0), state.size.1.max(LEAST.1));
    let hints = hints(state, PLAIN, usize::from(width - 2)).len();
    body_in(Rect::new(0, 0, width, height), hints)
}

/// Columns of a page's text: the last two are for the arrow that says that there is more.
fn text_width(body: Rect) -> usize {
    usize::from((body.width - 2).min(WIDEST))
}

/// For measuring, where looks do not matter.
const PLAIN: Theme = Theme { colour: false, ascii: false, light: false, true_colour: false };

/// How many lines of the page, or of what lies above it, are out of sight.
pub(crate) fn overflow(state: &State) -> u16 {
    let body = body(state);
    if let Some((page, _)) = dialog(state, PLAIN, usize::from((body.width + 3).min(WIDEST) - 8)) {
        return page.overflow(dialog_room(&page, body));
    }
    page(state, PLAIN, text_width(body)).map_or(0, |page| page.overflow(body.height))
}

fn page(state: &State, theme: Theme, width: usize) -> Option<Page> {
    Some(match &state.screen {
        Screen::Setup(step) => setup_page(state, *step, theme, width),
        Screen::SignIn(sign_in) => progress::page(state, sign_in, theme, width),
        Screen::Done(outcome) => done::page(state, outcome, theme, width),
        Screen::Compose(post) => compose::page(state, post, theme, width),
        Screen::Profiles => return None,
    })
}

fn draw_screen(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect, body: Rect) -> Vec<Link> {
    if let Some(post) = state.compose().filter(|post| matches!(post.stage, Stage::Writing)) {
        let title = compose::page(state, post, theme, text_width(body)).title;
        header(state, theme, frame, area, (&title, theme.accent()), &compose::counter(post, theme));
        compose::draw(state, post, frame, body, theme);
        return Vec::new();
    }
    let Some(page) = page(state, theme, text_width(body)) else {
        let progress = jobs::progress(state).map(|progress| Span::styled(format!("{progress}   "), theme.accent()));
        let taken = NAME.width() + 4 + badge_width(state) + progress.as_ref().map_or(0, Span::width);
        let mut right = profiles::counts(state, theme, usize::from(area.width).saturating_sub(taken));
        if let Some(progress) = progress {
            right.spans.insert(0, progress);
        }
        header(state, theme, frame, area, (NAME, theme.accent()), &right);
        profiles::draw(state, frame, body, theme);
        return Vec::new();
    };
    let right = match state.screen {
        Screen::Setup(step) => {
            stepper(step, usize::from(area.width).saturating_sub(page.title.width() + badge_width(state)), theme)
        }
        _ => Line::styled(page.right.clone(), theme.dim()),
    };
    let style = if page.title_style == Style::new() { theme.accent() } else { page.title_style.patch(theme.strong()) };
    header(state, theme, frame, area, (&page.title, style), &right);
    page.draw(frame, body, state.scroll, theme)
}

/// The badge as it is shown; nobody may take the sandbox for LinkedIn.
fn badge(state: &State) -> Option<String> {
    state.start.badge.as_ref().map(|badge| format!(" {} ", clean(badge, 40)))
}

/// Columns of the badge and the gap before it.
fn badge_width(state: &State) -> usize {
    badge(state).map_or(0, |badge| badge.width() + 2)
}

/// Title left, `right` and the badge on the right. The badge is whole at every size; what does not fit beside it is cut.
fn header(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect, title: (&str, Style), right: &Line<'_>) {
    let whole = usize::from(area.width.saturating_sub(2));
    let mut line = shortened(right, whole.saturating_sub(badge_width(state)));
    if let Some(badge) = badge(state) {
        line.push_span(Span::raw("  "));
        let style = theme.warning().add_modifier(ratatui::style::Modifier::BOLD | ratatui::style::Modifier::REVERSED);
        line.push_span(Span::styled(badge, style));
    }
    let used = u16::try_from(line.width()).unwrap_or(area.width).min(area.width);
    let room = usize::from(area.width.saturating_sub(used + 3));
    let buffer = frame.buffer_mut();
    buffer.set_string(1, 0, fit(title.0, room), title.1);
    buffer.set_line(area.width.saturating_sub(used + 1), 0, &line, used);
}

/// The line in `room` columns, with "…" where its end is cut.
fn shortened(line: &Line<'_>, room: usize) -> Line<'static> {
    let mut left = room;
    let mut short = Line::default().style(line.style);
    for span in &line.spans {
        let text = fit(&span.content, left);
        left -= text.width().min(left);
        short.push_span(Span::styled(text, span.style));
    }
    short
}

/// Where one is in the setup, in `room` columns; shorter where they are few.
fn stepper(at: Step, room: usize, theme: Theme) -> Line<'static> {
    const STEPS: [(Step, &str); 5] = [
        (Step::Guide, "App"),
        (Step::Credentials, "Credentials"),
        (Step::Scopes, "Scopes"),
        (Step::Redirect, "Redirect"),
        (Step::Review, "Review"),
    ];
    let here = STEPS.iter().position(|(step, _)| *step == at).unwrap_or_default();
    let long = room >= LONG_STEPPER;
    let count = format!("{} of {}", here + 1, STEPS.len());
    if room < SHORT_STEPPER {
        return Line::styled(count, theme.dim());
    }
    let mut spans = Vec::new();
    for (number, (_, name)) in STEPS.iter().enumerate() {
        let (mark, style) = match number.cmp(&here) {
            std::cmp::Ordering::Less => (theme.pick("✓", "x"), theme.good()),
            std::cmp::Ordering::Equal => (theme.pick("●", "*"), theme.accent()),
            std::cmp::Ordering::Greater => (theme.pick("○", "."), theme.dim()),
        };
        if !spans.is_empty() {
            spans.push(Span::styled(if long { theme.pick(" ─ ", " - ") } else { " " }, theme.dim()));
        }
        let text = if long { format!("{mark} {name}") } else { mark.to_owned() };
        spans.push(Span::styled(text, style));
    }
    if !long {
        spans.push(Span::styled(format!(" {count}"), theme.dim()));
    }
    Line::from(spans)
}

/// The hint bar, in as many lines as it takes, three at most; a little closer where that spares a line.
fn hints(state: &State, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let hinted = keymap::hints(state, theme);
    let whole = |gap: usize| hinted.iter().map(|(key, label)| key.width() + 1 + label.width() + gap).sum::<usize>();
    let gap = if whole(3) > width + 3 && whole(2) <= width + 2 { 2 } else { 3 };
    let mut lines = vec![Line::default()];
    let mut used = 0;
    for (key, label) in hinted {
        let needed = key.width() + 1 + label.width() + gap;
        if used + needed > width + gap {
            if lines.len() == 3 {
                break;
            }
            lines.push(Line::default());
            used = 0;
        }
        used += needed;
        if let Some(line) = lines.last_mut() {
            line.push_span(Span::styled(key, theme.strong()));
            line.push_span(Span::styled(format!(" {label}{}", " ".repeat(gap)), theme.dim()));
        }
    }
    lines
}

/// The page of the open dialog.
fn dialog(state: &State, theme: Theme, width: usize) -> Option<(Page, u16)> {
    dialogs::page(state, state.dialog.as_ref()?, theme, width)
}

fn dialog_room(page: &Page, body: Rect) -> u16 {
    u16::try_from(page.lines.len()).unwrap_or(u16::MAX).min(body.height.saturating_sub(4))
}

fn draw_dialog(page: &Page, scroll: u16, theme: Theme, frame: &mut Frame<'_>, body: Rect) {
    let height = dialog_room(page, body) + 4;
    let width = (body.width + 3).min(WIDEST) - 2;
    let area = Rect {
        x: body.x.saturating_sub(1) + (body.width + 1 - width.min(body.width + 1)) / 2,
        y: body.y + (body.height - height.min(body.height)) / 2,
        width: width.min(body.width + 1),
        height: height.min(body.height),
    };
    frame.render_widget(Clear, area);
    let border = if theme.ascii {
        ratatui::symbols::border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        }
    } else {
        BorderType::Rounded.to_border_set()
    };
    let block = Block::bordered().border_set(border).border_style(theme.dim()).title(Span::styled(
        format!(" {} ", fit(&page.title, usize::from(area.width.saturating_sub(6)))),
        theme.accent(),
    ));
    frame.render_widget(block, area);
    let inside = area.inner(Margin::new(2, 2));
    page.draw(frame, inside, scroll, theme);
}
