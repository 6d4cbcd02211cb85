//! Draws the form: the text, its options, and beside them the preview.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::{ComposedPost, Part, Stage, form, names, preview};
use crate::linkedin::little_text;
use crate::linkedin::posts::{MAX_TEXT_UNITS, Visibility};
use crate::text::{columns, escape_controls, fit, sanitize};
use crate::tui::layout::Window;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::Page;
use crate::tui::widgets::panel::{draw_panel, draw_rule, inner_area};

/// Rows of the text that the options leave. While the text has the focus, they leave half of the window.
const MIN_TEXT_HEIGHT: u16 = 6;

pub(super) const fn visibility_label(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "Anyone",
        Visibility::Connections => "Connections only",
    }
}

pub(super) fn author_name(post: &ComposedPost) -> String {
    post.selected_author().map_or_else(String::new, |author| sanitize(&author.name, 80))
}

/// Returns the path to the screen in the title bar.
pub(crate) fn title_path(post: &ComposedPost) -> Vec<String> {
    let name = post.profile.to_string();
    if post.is_edit() { vec!["Posts".to_owned(), name, "Edit".to_owned()] } else { vec!["New post".to_owned(), name] }
}

/// Returns whether the draft is saved, or was sent, for the title bar with `room` columns beside the path.
pub(crate) fn status(state: &State, post: &ComposedPost, theme: Theme, room: usize) -> Line<'static> {
    if let Some(at) = post.maybe_published_at() {
        let sent = format!("? sent {}, may have been published", time_format::format_relative(state, at));
        // The name of the profile is more important: the preview warns too that the post may have been published.
        let texts = [sent.as_str(), "? may have been published", "? maybe published", "? unconfirmed"];
        let text = texts.into_iter().find(|text| columns(text) <= room).unwrap_or("?").to_owned();
        return Line::styled(text, theme.warning());
    }
    if !post.is_saved || !matches!(post.stage, Stage::Writing) {
        return Line::default();
    }
    let (mark, style) = theme.done_mark();
    Line::from(vec![Span::styled(mark, style), Span::styled(" draft saved", theme.dim())])
}

/// Draws the form.
pub(crate) fn draw(state: &State, post: &ComposedPost, frame: &mut Frame<'_>, window: &Window, theme: Theme) {
    let body = window.body;
    let main = window.main_column();
    // The screen uses the whole height: a text may be long.
    let page = window.page(true);
    let area = Rect { y: body.y, height: body.height, ..page };
    let left = Rect { width: main.unwrap_or(area.width), ..area };
    let frame_columns = if window.is_framed { 4 } else { 3 };
    let width = usize::from(left.width.saturating_sub(frame_columns));
    let mut options = form::form(state, post, theme, width);
    let frame_rows = if window.is_framed { 2 } else { 1 };
    // Where there is room, the panels keep their sizes while the focus moves to a field with help.
    let help_rows = u16::from(!options.has_note);
    let line_count = u16::try_from(options.page.lines.len()).unwrap_or(u16::MAX).saturating_add(help_rows);
    let has_options = !options.page.lines.is_empty();
    let text_height = if post.part == Part::Text { MIN_TEXT_HEIGHT.max(left.height / 2) } else { MIN_TEXT_HEIGHT };
    let options_height = if has_options {
        line_count.saturating_add(frame_rows).min(left.height.saturating_sub(text_height))
    } else {
        0
    };
    let text_area = Rect { height: left.height - options_height, ..left };
    draw_text(state, post, frame, text_area, window, theme);
    if has_options {
        let area = Rect { y: text_area.bottom(), height: options_height, ..left };
        let is_focused = post.part != Part::Text;
        let area = draw_frame(frame, area, window, theme, ("Options", focus_style(theme, is_focused)), "");
        if state.is_screen_covered() {
            options.page.cursor = None;
        }
        draw_page(&options.page, frame, area);
    }
    names::draw(post, frame, (text_area, left), theme);
    if let Some(main) = main {
        let right = Rect { x: area.x + main, width: area.width - main, ..area };
        draw_panel(frame, right, theme, ("Preview", Style::new()), "");
        let mut page = Page::new(theme, usize::from(right.width.saturating_sub(4)), "");
        preview::add(&mut page, post);
        draw_page(&page, frame, inner_area(right));
    }
}

/// Draws a page in a panel, with the marks of what is above and below in the panel's border.
fn draw_page(page: &Page, frame: &mut Frame<'_>, area: Rect) {
    page.draw(frame, Rect { width: area.width + 2, ..area }, 0);
}

fn focus_style(theme: Theme, is_focused: bool) -> Style {
    if is_focused { theme.accent() } else { Style::new() }
}

/// Draws a panel, or a line with its title where the window is small; returns the area inside.
fn draw_frame(
    frame: &mut Frame<'_>,
    area: Rect,
    window: &Window,
    theme: Theme,
    title: (&str, Style),
    note: &str,
) -> Rect {
    if window.is_framed {
        draw_panel(frame, area, theme, title, note);
        return inner_area(area);
    }
    draw_rule(frame, Rect { height: 1, width: area.width.saturating_sub(2), ..area }, theme, title, note);
    let height = area.height.saturating_sub(1);
    Rect { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(3), height }
}

fn draw_text(state: &State, post: &ComposedPost, frame: &mut Frame<'_>, area: Rect, window: &Window, theme: Theme) {
    let used = little_text::utf16_len(&post.typed_text());
    let note = format!("{used}/{MAX_TEXT_UNITS}");
    let is_focused = post.part == Part::Text;
    let title = if post.is_edit() { "Text of the published post" } else { "Text" };
    let mut inside = draw_frame(frame, area, window, theme, (title, focus_style(theme, is_focused)), &note);
    let counter_style = if used > MAX_TEXT_UNITS {
        theme.error()
    } else if used * 10 > MAX_TEXT_UNITS * 9 {
        theme.warning()
    } else {
        theme.dim()
    };
    let border = if window.is_framed { 2 } else { 3 };
    let width = u16::try_from(columns(&note)).unwrap_or_default();
    let x = area.right().saturating_sub(border + 1 + width);
    frame.buffer_mut().set_style(Rect { x, y: area.y, width, height: 1 }, counter_style);
    if let Some(problem) = post.problem(Part::Text) {
        inside.height = inside.height.saturating_sub(1);
        let line = Line::styled(fit(&problem, usize::from(inside.width)), theme.error());
        frame.buffer_mut().set_line(inside.x, inside.bottom(), &line, inside.width);
    }
    if is_focused {
        frame.render_widget(&post.text, inside);
        if post.text.is_empty() {
            draw_recent(state, post, frame, inside, theme);
        }
    } else {
        Paragraph::new(escape_lines(&post.typed_text())).wrap(Wrap { trim: false }).render(inside, frame.buffer_mut());
    }
    hide_blanks_at_wraps(&post.typed_text(), frame.buffer_mut(), inside);
}

/// Moves rows that begin with the blank of a wrap by one column: in front of a row it would read as a part of the text. The
/// cursor on that blank stays visible.
fn hide_blanks_at_wraps(text: &str, buffer: &mut Buffer, area: Rect) {
    // A blank that was typed at the start of a line is shown; without one, each at the start of a row is that of a wrap.
    if text.is_empty() || area.width < 2 || text.split('\n').any(|line| line.starts_with(' ')) {
        return;
    }
    for y in area.top()..area.bottom() {
        let first = &buffer[(area.x, y)];
        if first.symbol() == " " && !first.modifier.contains(Modifier::REVERSED) {
            for x in area.x..area.right() - 1 {
                buffer[(x, y)] = buffer[(x + 1, y)].clone();
            }
            buffer[(area.right() - 1, y)].reset();
        }
    }
}

fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape_controls).collect::<Vec<_>>().join("\n")
}

/// Lists the posts that this program published before, below an empty editor's placeholder.
fn draw_recent(state: &State, post: &ComposedPost, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let lines = post.recent_posts.iter().filter(|post| post.deleted_at.is_none()).map(|post| {
        let published = time_format::format_relative(state, post.at);
        fit(&format!("{published:>12}   {}", sanitize(&post.first_line, 200)), usize::from(area.width))
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    // The line separates the list from the text of the post.
    let heading = format!("{} Published from this machine", theme.symbol("──", "--"));
    for (y, line) in (area.y + 2..area.bottom()).zip(std::iter::once(heading).chain(lines)) {
        frame.buffer_mut().set_line(area.x, y, &Line::styled(line, theme.dim()), area.width);
    }
}
