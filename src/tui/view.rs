//! How it all looks: title, page, a line for news, hints; overlays above. It only reads.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear};
use unicode_width::UnicodeWidthStr;

use super::screens::compose::Compose;
use super::screens::profiles::{forms, jobs};
use super::screens::progress::Phase;
use super::screens::{compose, deliveries, done, help, permissions, profiles, progress, setup_page};
use super::state::{Overlay, Screen, State, Step, Toast};
use super::theme::Theme;
use super::widgets::page::{Input, Link, Page};
use crate::text::{clean, fit, wrap};
use crate::tui::hint::hint;
use crate::tui::keymap::{self, Action, Binding, Place};

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
#[must_use]
pub const fn too_small(size: (u16, u16)) -> bool {
    size.0 < LEAST.0 || size.1 < LEAST.1
}

/// Draws everything; gives the addresses that can be opened.
pub fn view(state: &State, theme: Theme, frame: &mut Frame<'_>) -> Vec<Link> {
    let area = frame.area();
    if too_small((area.width, area.height)) {
        small(frame, area);
        return Vec::new();
    }
    let hints = hints(state, theme, usize::from(area.width - 2));
    let body = body_in(area, hints.len());
    let foot = Rect { y: body.bottom(), height: area.bottom() - body.bottom(), ..area };
    let mut links = draw_screen(state, theme, frame, area, body);
    for (y, line) in (foot.y + 1..area.bottom()).zip(&hints) {
        frame.buffer_mut().set_line(1, y, line, area.width - 1);
    }
    let overlay = overlay(state, theme, usize::from(area.width.min(WIDEST) - 8));
    if let Some((page, scroll)) = &overlay {
        draw_overlay(page, *scroll, theme, frame, body);
    }
    if let Some(toast) = &state.toast {
        let covered = draw_toast(toast, theme, frame, foot);
        links.retain(|link| link.at.y < covered);
    }
    if theme.ascii {
        plain_marks(frame);
    }
    if overlay.is_some() { Vec::new() } else { links }
}

/// Most lines of a toast.
const TOAST: usize = 3;

/// A toast's lines. One that is too long loses of its beginning, never of its end, where it says what to do.
fn toast_lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = wrap(&clean(text, 600), width);
    if lines.len() > TOAST {
        lines.drain(1..=lines.len() - TOAST);
        if let Some(first) = lines.first_mut() {
            *first = format!("{}…", fit(first, width.saturating_sub(1)).trim_end_matches(['…', ' ']));
        }
    }
    lines
}

/// Says what was just done above the hints, over the last lines of the page where it takes more than its own; gives its first
/// line's place.
fn draw_toast(toast: &Toast, theme: Theme, frame: &mut Frame<'_>, foot: Rect) -> u16 {
    let (mark, style) =
        if toast.bad { (theme.pick("✗", "!"), theme.bad()) } else { (theme.pick("✓", "*"), theme.good()) };
    let lines = toast_lines(&toast.text, usize::from(foot.width - 4));
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

fn small(frame: &mut Frame<'_>, area: Rect) {
    let lines = [
        format!("Too small: {}x{}.", area.width, area.height),
        format!("Needed: {}x{}.", LEAST.0, LEAST.1),
        "q quits.".to_owned(),
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
#[must_use]
pub fn body(state: &State) -> Rect {
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
#[must_use]
pub fn overflow(state: &State) -> u16 {
    let body = body(state);
    if let Some((page, _)) = overlay(state, PLAIN, usize::from((body.width + 3).min(WIDEST) - 8)) {
        return page.overflow(overlay_room(&page, body));
    }
    page(state, PLAIN, text_width(body)).map_or(0, |page| page.overflow(body.height))
}

fn page(state: &State, theme: Theme, width: usize) -> Option<Page> {
    match &state.screen {
        Screen::Setup(step) => Some(setup_page(state, *step, theme, width)),
        Screen::SignIn => Some(match state.sign_in.as_ref() {
            Some(one) if one.failure.is_some() => progress::failure_page(state, theme, width),
            Some(one) if one.other.is_some() => progress::other_page(state, theme, width),
            _ => progress::page(state, theme, width),
        }),
        Screen::Done(outcome) => Some(done::page(state, outcome, theme, width)),
        Screen::Profiles => None,
        Screen::Compose => state.compose.as_ref().map(|post| compose::page(post, theme, width)),
    }
}

fn draw_screen(state: &State, theme: Theme, frame: &mut Frame<'_>, area: Rect, body: Rect) -> Vec<Link> {
    if let Some(post) = state.compose.as_ref().filter(|_| state.place_beneath() == Place::Compose) {
        let title = compose::page(post, theme, text_width(body)).title;
        header(state, theme, frame, area, (&title, theme.accent()), &compose::counter(post, theme));
        compose::draw(state, frame, body, theme);
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

/// Does a binding do anything now?
fn is_live(state: &State, binding: &Binding) -> bool {
    let sign_in = state.sign_in.as_ref();
    let waiting = sign_in.is_some_and(|one| one.phase == Phase::Consent);
    match (binding.place, binding.action) {
        (Place::Progress, Action::ApproveFirst | Action::ApproveSecond | Action::ApproveThird) => {
            waiting && !state.start.sandbox_members.is_empty()
        }
        (Place::Progress, Action::OpenAgain | Action::ShowLink | Action::CopyLink | Action::Paste) => waiting,
        (
            Place::List,
            Action::Reauthorize
            | Action::Refresh
            | Action::Check
            | Action::CheckAll
            | Action::CopyToken
            | Action::Compose
            | Action::Filter,
        ) => state.files.as_ref().is_some_and(|files| !files.rows.is_empty()),
        (Place::Deliveries, Action::Next | Action::Deliver | Action::SendTestToken | Action::Delete) => {
            let files = state.files.as_ref();
            let profile = state.panel().and_then(|panel| files?.profile(&panel.profile));
            profile.is_some_and(|profile| !profile.deliveries.is_empty())
        }
        (Place::Delete, Action::Revoke) => match &state.overlay {
            Some(Overlay::Delete(names)) => profiles::can_revoke(state, names),
            _ => false,
        },
        (Place::Permissions, action) => permissions::is_live(state, action),
        (Place::NotPublished, Action::Reauthorize) => state.compose.as_ref().is_some_and(Compose::needs_sign_in),
        (Place::DifferentMember, Action::RenewTheirs) => progress::own_profile(state).is_some(),
        (Place::Credentials, Action::Reveal) => !state.setup.secret.text().is_empty(),
        (Place::Compose, Action::NextAuthor) => state.compose.as_ref().is_some_and(|post| post.authors.len() > 1),
        _ => true,
    }
}

/// What a key does, in the words of the table where they hold: of several in a row the next is named.
fn label(state: &State, binding: &Binding) -> String {
    match (binding.place, binding.action, state.list.queue.front()) {
        (Place::Done, Action::Next, Some(next)) => format!("next: {}", fit(next.as_str(), 20)),
        _ => binding.label.to_owned(),
    }
}

/// The keys of the hint bar and what they do, those alone that do something now.
fn hinted(state: &State, theme: Theme) -> Vec<(String, String)> {
    let esc = profiles::esc_does(state).filter(|_| state.place() == Place::List);
    let words = |binding: &Binding| match esc {
        Some(label) if binding.action == Action::Back => Some(label.to_owned()),
        _ => (binding.hint && is_live(state, binding)).then(|| label(state, binding)),
    };
    keymap::at(state.place()).filter_map(|one| Some((one.key.shown(theme.ascii), words(one)?))).collect()
}

/// The hint bar, in as many lines as it takes, three at most; a little closer where that spares a line.
fn hints(state: &State, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let hinted = hinted(state, theme);
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

/// What lies above the screen.
fn overlay(state: &State, theme: Theme, width: usize) -> Option<(Page, u16)> {
    match state.overlay.as_ref()? {
        Overlay::Help(place, line) => Some((help::page(*place, theme, width), *line)),
        Overlay::Delete(names) => Some((profiles::delete_page(state, names, theme, width), 0)),
        Overlay::Revoke(name) => Some((profiles::revoke_page(name, theme, width), 0)),
        Overlay::Revoked { name, confirmed, trouble } => {
            Some((profiles::revoked_page(name, *confirmed, trouble.as_ref(), theme, width), 0))
        }
        Overlay::NoRefresh(name) => Some((profiles::no_refresh_page(state, name, theme, width), 0)),
        Overlay::Results => Some((profiles::results_page(state, theme, width), state.scroll)),
        Overlay::Copy(name) => Some((profiles::copy_page(state, name, theme, width), state.scroll)),
        Overlay::Rename(name) => Some((forms::rename_page(state, name, theme, width), 0)),
        Overlay::Edit => Some((forms::edit_page(state, theme, width), 0)),
        Overlay::Export => Some((forms::export_page(state, theme, width), 0)),
        Overlay::Deliveries => Some((deliveries::page(state, theme, width), 0)),
        Overlay::Permissions(panel) => Some((permissions::page(state, panel, theme, width), 0)),
        Overlay::Reauthorize(name) => Some((profiles::reauthorize_page(state, name, theme, width), 0)),
        Overlay::Replace => Some((progress::replace_page(state, theme, width), 0)),
        Overlay::Paste => Some((paste_page(state, theme, width), 0)),
        Overlay::Printed(_) => None,
    }
}

fn paste_page(state: &State, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled("Paste the address that the browser ended on");
    let mut notes = Vec::new();
    if let Some(error) = state.sign_in.as_ref().and_then(|one| one.paste_refused.as_ref()) {
        notes.push((theme.bad(), error.to_string()));
        notes.push((theme.dim(), hint(error)));
    }
    // What is pasted carries a code: nobody needs to read it over a shoulder.
    let input = Input { label: "Address", field: &state.pasting, focused: true, masked: true, notes };
    page.field(theme, &input, width);
    page.blank();
    page.say(
        theme.dim(),
        "After Allow the browser shows \"unable to connect\" where it cannot reach this machine. Copy the whole address \
         from its address bar: it begins with the redirect URL and carries code= and state=.",
        width,
    );
    page
}

fn overlay_room(page: &Page, body: Rect) -> u16 {
    u16::try_from(page.lines.len()).unwrap_or(u16::MAX).min(body.height.saturating_sub(4))
}

fn draw_overlay(page: &Page, scroll: u16, theme: Theme, frame: &mut Frame<'_>, body: Rect) {
    let height = overlay_room(page, body) + 4;
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
