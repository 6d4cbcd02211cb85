//! Draws the form: the text, its options, and beside them the preview.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::attachment::{Attachment, ImageFields, PollFields, format_days, format_info};
use super::{ComposedPost, Part, Stage, missing_scope, names, preview};
use crate::linkedin::little_text;
use crate::linkedin::posts::{MAX_OPTION_CHARS, MAX_QUESTION_CHARS, MAX_TEXT_UNITS, Visibility};
use crate::text::{columns, escape_controls, fit, sanitize, wrap};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::Window;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::{Page, cursor_mark};
use crate::tui::widgets::panel::{draw_panel, draw_rule, inner_area};

/// Rows of the text that the options leave. While the text has the focus, they leave half of the window.
const MIN_TEXT_HEIGHT: u16 = 6;
/// Columns of a choice's label, after its mark.
const LABEL_WIDTH: usize = 15;
/// The completions that are shown below a path.
const MAX_COMPLETIONS: usize = 8;

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
    if post.is_update() { vec!["Posts".to_owned(), name, "Edit".to_owned()] } else { vec!["New post".to_owned(), name] }
}

/// Returns whether the draft is saved, for the title bar.
pub(crate) fn status(state: &State, post: &ComposedPost, theme: Theme) -> Line<'static> {
    if let Some(at) = post.maybe_published_at() {
        let sent = format!("? sent {}, may have been published", time_format::format_relative(state, at));
        return Line::styled(sent, theme.warning());
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
    let mut options = options(state, post, theme, width);
    let frame_rows = if window.is_framed { 2 } else { 1 };
    // The rows of the help are always there, so that the fields stay where they are while the focus moves.
    let help_rows = if post.attachment == Attachment::None { 0 } else { width_to_help_rows(width) };
    let line_count = u16::try_from(options.lines.len()).unwrap_or(u16::MAX).saturating_add(help_rows);
    let has_options = !options.lines.is_empty();
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
        let fields = Rect { height: area.height.saturating_sub(help_rows), ..area };
        if state.is_screen_covered() {
            options.cursor = None;
        }
        draw_page(&options, frame, fields);
        let help = field_help(state, post).map(|help| wrap(&help, usize::from(area.width))).unwrap_or_default();
        for (y, line) in (fields.bottom()..area.bottom()).zip(help) {
            frame.buffer_mut().set_line(area.x, y, &Line::styled(line, theme.dim()), area.width);
        }
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
    let title = if post.is_update() { "Text of the published post" } else { "Text" };
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

/// Returns the lines of the options; none for a published post, of which only the text can change.
fn options(state: &State, post: &ComposedPost, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "");
    if post.is_update() {
        return page;
    }
    let key = |action| state.key_name(KeyContext::Compose, action);
    let is_at = |part| post.part == part;
    let author = author_name(post);
    if post.authors.len() > 1 {
        let note = format!("{}/{}", post.author + 1, post.authors.len());
        let arrows = format!("{} {author} {}", theme.symbol("◂", "<"), theme.symbol("▸", ">"));
        choice(
            &mut page,
            "Posting as",
            &[(arrows, true)],
            &format!("{note}   {}", key(Action::NextAuthor)),
            is_at(Part::Author),
        );
    } else {
        choice(&mut page, "Posting as", &[(author, false)], "", false);
    }
    let reason = match missing_scope(state) {
        Some(scope) => {
            let add = state.key_sentence(KeyContext::Compose, Action::EditScopes, "add it");
            Some(format!("Cannot post: the token lacks the scope {scope}. {add}"))
        }
        None => post.selected_author().and_then(|author| author.refusal.as_ref()).map(|denial| {
            let reason = sanitize(&denial.reason, 300);
            // An earlier refusal does not prevent another try.
            if denial.depends_on_product {
                format!("{reason} Check the app's products first.")
            } else {
                format!("Cannot post. {reason}")
            }
        }),
    };
    for line in reason.iter().flat_map(|reason| wrap(reason, width.saturating_sub(2 + LABEL_WIDTH))) {
        let indent = Span::raw(" ".repeat(2 + LABEL_WIDTH));
        page.lines.push(Line::from(vec![indent, Span::styled(line, theme.warning())]));
    }
    let visibility = [Visibility::Public, Visibility::Connections];
    let visibility = visibility.map(|value| radio(theme, visibility_label(value), post.visibility == value));
    choice(&mut page, "Visibility", &visibility, &key(Action::ChangeVisibility), is_at(Part::Visibility));
    let kinds: Vec<(String, bool)> =
        Attachment::ALL.iter().map(|(kind, name)| radio(theme, name, *kind == post.attachment)).collect();
    choice(&mut page, "Attachment", &kinds, &key(Action::ChangeAttachment), is_at(Part::Attachment));
    add_attachment_fields(&mut page, state, post);
    if post.has_first_comment() {
        let is_focused = is_at(Part::FirstComment);
        let notes = post.first_comment_warning().map(|warning| (theme.warning(), warning)).into_iter().collect();
        page.growing_field("First comment", &post.first_comment, is_focused, notes);
    }
    page
}

/// Returns the rows that the longest help of a field takes.
const fn width_to_help_rows(width: usize) -> u16 {
    if width < 72 { 2 } else { 1 }
}

/// Returns the help of the focused field.
fn field_help(state: &State, post: &ComposedPost) -> Option<String> {
    let is_carousel = post.attachment == Attachment::Carousel;
    let used = |field: &Field, max| format!("{}/{max} characters.", field.trimmed().chars().count());
    let help = match post.part {
        Part::Link => "https:// is added where it is missing.".to_owned(),
        Part::Title
            if post.attachment == Attachment::Link && post.title.trimmed().is_empty() && post.can_preview_link() =>
        {
            let read = state.key_sentence(KeyContext::Compose, Action::PreviewLink, "read it from the page");
            format!("Shown on the link card. {read}")
        }
        Part::Title if post.attachment == Attachment::Link => "Shown on the link card.".to_owned(),
        Part::Title if is_carousel => "Shown above the pages; by default the name of the first file.".to_owned(),
        Part::Title if post.attachment == Attachment::Document => {
            "Shown above the document; by default the name of the file.".to_owned()
        }
        Part::Title | Part::Description => "Optional.".to_owned(),
        Part::Thumbnail => "Optional: a PNG, JPEG or GIF. tab completes the path.".to_owned(),
        Part::Image(_) if is_carousel => "PNG or JPEG: the pages become a PDF. tab completes the path.".to_owned(),
        Part::Image(_) => "PNG, JPEG or GIF. tab completes the path.".to_owned(),
        Part::Alt(_) => "Describe the image for people who cannot see it.".to_owned(),
        Part::Document => "PDF, DOC, DOCX, PPT or PPTX of at most 100 MB. tab completes the path.".to_owned(),
        Part::Video => "MP4 of 75 KB to 500 MB. tab completes the path.".to_owned(),
        Part::Captions => "Optional: a WebVTT file. tab completes the path.".to_owned(),
        Part::Question => used(&post.poll.question, MAX_QUESTION_CHARS),
        Part::Option(number) => used(post.poll.options.get(number)?, MAX_OPTION_CHARS),
        Part::Parent => "The URN of the post, or a link to it.".to_owned(),
        Part::FirstComment => "optional, sent right after the post by its author.".to_owned(),
        Part::Text | Part::Author | Part::Visibility | Part::Attachment | Part::Duration => return None,
    };
    // It stands below all fields.
    Some(format!("{}: {help}", part_name(post)))
}

/// Returns the name of the focused field.
fn part_name(post: &ComposedPost) -> String {
    match post.part {
        Part::Image(number) if post.attachment == Attachment::Carousel => format!("Page {}", number + 1),
        Part::Image(number) => format!("Image {}", number + 1),
        Part::Option(number) => format!("Option {}", number + 1),
        Part::Link => "Link".to_owned(),
        Part::Title if post.attachment == Attachment::Link => "Link title".to_owned(),
        Part::Title => "Title".to_owned(),
        Part::Description => "Description".to_owned(),
        Part::Thumbnail => "Thumbnail".to_owned(),
        Part::Alt(_) => "Alt text".to_owned(),
        Part::Document => "Document".to_owned(),
        Part::Video => "Video".to_owned(),
        Part::Captions => "Captions".to_owned(),
        Part::Question => "Question".to_owned(),
        Part::Parent => "Post".to_owned(),
        Part::FirstComment => "First comment".to_owned(),
        Part::Text | Part::Author | Part::Visibility | Part::Attachment | Part::Duration => String::new(),
    }
}

/// Adds the fields of the selected kind of attachment.
fn add_attachment_fields(page: &mut Page, state: &State, post: &ComposedPost) {
    match post.attachment {
        Attachment::None => {}
        Attachment::Link => {
            let theme = page.theme;
            let note = post.linked_page_note(state, theme, Part::Link).filter(|_| post.problem(Part::Link).is_none());
            match note {
                Some(note) => page.field("  Link", &post.link, post.part == Part::Link, vec![note]),
                None => add_field(page, post, Part::Link, "  Link", &post.link),
            }
            add_field(page, post, Part::Title, "  Link title", &post.title);
            add_field(page, post, Part::Description, "  Description", &post.description);
            add_file(page, post, Part::Thumbnail, "  Thumbnail");
            if let Some((style, note)) = post.linked_page_note(state, theme, Part::Thumbnail) {
                page.indented(2 + LABEL_WIDTH, style, &note);
            }
        }
        Attachment::Images | Attachment::Carousel => {
            for (number, image) in post.images.iter().enumerate() {
                add_image(page, post, number, image);
            }
            if post.attachment == Attachment::Carousel {
                add_field(page, post, Part::Title, "  Title", &post.title);
            }
        }
        Attachment::Document => {
            add_file(page, post, Part::Document, "  Document");
            add_field(page, post, Part::Title, "  Title", &post.title);
        }
        Attachment::Video => {
            add_file(page, post, Part::Video, "  Video");
            add_field(page, post, Part::Title, "  Title", &post.title);
            add_file(page, post, Part::Captions, "  Captions");
            add_file(page, post, Part::Thumbnail, "  Thumbnail");
        }
        Attachment::Poll => add_poll(page, post),
        Attachment::Reshare => add_field(page, post, Part::Parent, "  Post", &post.parent),
    }
}

fn add_poll(page: &mut Page, post: &ComposedPost) {
    let poll = &post.poll;
    add_field(page, post, Part::Question, "  Question", &poll.question);
    for (number, option) in poll.options.iter().enumerate() {
        let is_another = number > 1 && option.trimmed().is_empty();
        let label = if is_another { "  Add option".to_owned() } else { format!("  Option {}", number + 1) };
        add_field(page, post, Part::Option(number), &label, option);
    }
    let theme = page.theme;
    let durations = PollFields::DURATIONS;
    let durations: Vec<(String, bool)> =
        durations.iter().map(|days| radio(theme, &format_days(*days), *days == poll.duration)).collect();
    choice(page, "  Open for", &durations, "", post.part == Part::Duration);
}

/// Adds a field, with what is wrong with it. Its help is below all fields.
fn add_field(page: &mut Page, post: &ComposedPost, part: Part, label: &str, field: &Field) {
    let notes = field_notes(post, page.theme, part);
    page.field(label, field, post.part == part, notes);
}

/// Adds the field of a file, with what is known about the file.
fn add_file(page: &mut Page, post: &ComposedPost, part: Part, label: &str) {
    let theme = page.theme;
    let Some((_, file)) = post.file(part) else { return };
    let is_focused = post.part == part;
    let notes = if is_focused && !post.completions.is_empty() {
        vec![(theme.dim(), completions(&post.completions))]
    } else if let Some(info) = file.info() {
        vec![(theme.success(), format!("{} {}", theme.done_mark().0, format_info(theme, info)))]
    } else {
        field_notes(post, theme, part)
    };
    page.field(label, &file.path, is_focused, notes);
}

/// Returns a choice as a radio button, and whether it is selected.
fn radio(theme: Theme, label: &str, is_selected: bool) -> (String, bool) {
    let mark = if is_selected { theme.symbol("(●)", "(*)") } else { "( )" };
    (format!("{mark} {label}"), is_selected)
}

/// Adds a part with choices, and the key that changes it.
fn choice(page: &mut Page, label: &str, choices: &[(String, bool)], key: &str, is_focused: bool) {
    let theme = page.theme;
    if is_focused {
        page.visible_line = Some(page.lines.len());
    }
    let label_style = if is_focused { theme.accent() } else { theme.strong() };
    let mut spans = vec![cursor_mark(theme, is_focused), Span::styled(format!("{label:<LABEL_WIDTH$}"), label_style)];
    let mut used = 2 + LABEL_WIDTH;
    for (text, is_selected) in choices {
        if used + columns(text) > page.width && used > 2 + LABEL_WIDTH {
            spans.pop();
            page.lines.push(Line::from(std::mem::take(&mut spans)));
            used = 2 + LABEL_WIDTH;
            spans.push(Span::raw(" ".repeat(used)));
        }
        let room = page.width.saturating_sub(used);
        let text = fit(text, room);
        used += columns(&text) + 3;
        let style = if *is_selected && is_focused { theme.accent() } else { Style::new() };
        spans.extend([Span::styled(text, style), Span::raw("   ")]);
    }
    // Without the gap after the last choice.
    spans.pop();
    let gap = (page.width + 3).saturating_sub(used + columns(key));
    if gap > 0 && !key.is_empty() {
        spans.push(Span::styled(format!("{}{key}", " ".repeat(gap)), theme.dim()));
    }
    page.lines.push(Line::from(spans));
}

/// Returns what is wrong with a field.
fn field_notes(post: &ComposedPost, theme: Theme, part: Part) -> Vec<(Style, String)> {
    post.problem(part).map(|problem| (theme.error(), problem)).into_iter().collect()
}

fn add_image(page: &mut Page, post: &ComposedPost, number: usize, image: &ImageFields) {
    let is_empty = image.file.is_empty();
    let is_carousel = post.attachment == Attachment::Carousel;
    if is_empty && number > 0 && !is_carousel {
        page.blank();
    }
    let label = match (is_carousel, is_empty) {
        (false, true) => "  Add image".to_owned(),
        (false, false) => format!("  Image {}", number + 1),
        (true, true) => "  Add page".to_owned(),
        (true, false) => format!("  Page {}", number + 1),
    };
    add_file(page, post, Part::Image(number), &label);
    if !is_empty && !is_carousel {
        add_field(page, post, Part::Alt(number), "  Alt text", &image.alt);
    }
}

fn completions(paths: &[String]) -> String {
    let shown = paths.iter().take(MAX_COMPLETIONS).map(|path| sanitize(path, 60)).collect::<Vec<_>>().join("  ");
    let more = paths.len().saturating_sub(MAX_COMPLETIONS);
    if more > 0 { format!("{shown}  and {more} more") } else { shown }
}
