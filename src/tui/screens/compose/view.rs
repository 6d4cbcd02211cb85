//! Draws the compose screen: the form with its editor, the preview, and the result.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::{Compose, Part, Stage};
use crate::Code;
use crate::linkedin::little;
use crate::linkedin::posts::{MAX_TEXT_UNITS, Visibility};
use crate::text::{clean, escape_controls, fit, wrap};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::Page;

/// Lines of the fields below the editor.
const FIELDS_HEIGHT: u16 = 7;

const fn visibility_label(compose: &Compose) -> &'static str {
    match compose.visibility {
        Visibility::Public => "Anyone",
        Visibility::Connections => "Connections only",
    }
}

fn author_name(compose: &Compose) -> String {
    compose.selected_author().map_or_else(String::new, |author| clean(&author.name, 80))
}

/// Draws the form: the editor above, the fields below.
pub(crate) fn draw(state: &State, compose: &Compose, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let editor = Rect { height: area.height.saturating_sub(FIELDS_HEIGHT + 1), ..area };
    let bar = theme.symbol("│ ", "| ");
    for y in editor.y..editor.bottom() {
        let style = if compose.part == Part::Text { theme.accent() } else { theme.dim() };
        frame.buffer_mut().set_string(editor.x, y, bar, style);
    }
    let inside = Rect { x: editor.x + 2, width: editor.width.saturating_sub(2), ..editor };
    if compose.part == Part::Text {
        frame.render_widget(&compose.text, inside);
        if compose.text.is_empty() {
            draw_recent(state, compose, frame, inside, theme);
        }
    } else {
        Paragraph::new(escape_lines(&compose.typed_text()))
            .wrap(Wrap { trim: false })
            .render(inside, frame.buffer_mut());
    }
    let form = Rect { y: editor.bottom() + 1, height: FIELDS_HEIGHT.min(area.height), ..area };
    fields(state, compose, theme, usize::from(form.width)).draw(frame, form, 0);
}

/// Lists the posts that this program published before, below an empty editor's placeholder.
fn draw_recent(state: &State, compose: &Compose, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let lines = compose.recent.iter().filter(|post| post.deleted_at.is_none()).map(|post| {
        let published = time_format::format_relative(state, post.at);
        fit(&format!("{published:>12}   {}", clean(&post.first_line, 200)), usize::from(area.width))
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    let heading = "Published from here".to_owned();
    for (y, line) in (area.y + 2..area.bottom()).zip(std::iter::once(heading).chain(lines)) {
        frame.buffer_mut().set_line(area.x, y, &Line::styled(line, theme.dim()), area.width);
    }
}

/// Returns the used and the allowed length of the text.
pub(crate) fn counter(compose: &Compose, theme: Theme) -> Line<'static> {
    let used = little::utf16_len(&compose.typed_text());
    let style = if used > MAX_TEXT_UNITS {
        theme.error()
    } else if used * 10 > MAX_TEXT_UNITS * 9 {
        theme.warning()
    } else {
        theme.dim()
    };
    Line::styled(format!("{used} of {MAX_TEXT_UNITS}"), style)
}

fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape_controls).collect::<Vec<_>>().join("\n")
}

fn fields(state: &State, compose: &Compose, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "");
    let change = |action| format!("{} change", state.key_name(KeyContext::Compose, action));
    let next_author = if compose.authors.len() > 1 { change(Action::NextAuthor) } else { String::new() };
    let is_at = |part| compose.part == part;
    page.selection("Visibility", visibility_label(compose), &change(Action::ChangeVisibility), is_at(Part::Visibility));
    page.selection("Posting as", &author_name(compose), &next_author, is_at(Part::Author));
    page.field("Link", &compose.link, is_at(Part::Link), Vec::new());
    page.field("Link title", &compose.title, is_at(Part::Title), Vec::new());
    page.field("Images", &compose.images, is_at(Part::Images), Vec::new());
    page.field("Alt text", &compose.alt, is_at(Part::Alt), Vec::new());
    let note = match compose.part {
        Part::Images => "Up to 20 files. Quote names that contain spaces.",
        Part::Alt => "Describes the images. Separate several with |.",
        Part::Title => "LinkedIn does not fetch the title from the page.",
        _ => "",
    };
    let refusal = compose.selected_author().and_then(|author| author.refusal.as_deref());
    let (style, note) = match refusal {
        Some(reason) if note.is_empty() => (theme.warning(), format!("Cannot post: {}", clean(reason, 300))),
        _ => (theme.dim(), note.to_owned()),
    };
    page.lines.push(Line::styled(format!("{:17}{}", "", fit(&note, width.saturating_sub(17))), style));
    page
}

/// Returns the page of a stage; while the post is written, only the title of the page is shown.
pub(crate) fn page(state: &State, compose: &Compose, theme: Theme, width: usize) -> Page {
    match &compose.stage {
        Stage::Writing => Page::new(theme, width, format!("New post as {}", compose.profile)),
        Stage::Preview => preview(state, compose, theme, width),
        Stage::Publishing(progress) => {
            let mut page = Page::new(theme, width, "Publishing");
            page.plain(progress);
            page.blank();
            page.dim("The post is sent only once.");
            page
        }
        Stage::Published(published) => {
            let title = if published.is_duplicate { "Already published" } else { "Published" };
            let mut page = Page::new(theme, width, format!("{} {title}", theme.done_mark().0));
            page.title_style = theme.success();
            if published.is_duplicate {
                page.warning("LinkedIn rejected it as a duplicate of this post. Nothing was published twice.");
                page.blank();
            }
            match (&published.url, &published.urn) {
                (Some(url), Some(urn)) => {
                    page.link(url);
                    page.value("URN", urn);
                }
                _ => page.warning("LinkedIn did not return the post's URL."),
            }
            for warning in &published.warnings {
                page.warning(&clean(warning, 300));
            }
            page.with_choices(state, KeyContext::Published)
        }
        Stage::Deleting(published) => {
            let mut page = Page::new(theme, width, "Delete the post?");
            page.plain(published.urn.as_deref().unwrap_or_default());
            page.warning("The post is deleted for everyone. LinkedIn cannot restore it.");
            page.with_choices(state, KeyContext::DeletePost)
        }
        Stage::Failed(error) => {
            let is_unknown = error.code == Code::MaybePublished;
            let title = if is_unknown { "? May have been published" } else { "Not published" };
            let mark = if is_unknown { String::new() } else { format!("{} ", theme.failed_mark().0) };
            let mut page = Page::new(theme, width, format!("{mark}{title}"));
            page.title_style = if is_unknown { theme.warning() } else { theme.error() };
            page.plain(&error.to_string());
            page.blank();
            page.strong(&state.hint(error));
            page.blank();
            let reauthorize = (KeyContext::NotPublished, Action::Reauthorize);
            page.choice(state, reauthorize, Some("re-authorize; the text is saved as a draft"));
            page.choice(state, (KeyContext::NotPublished, Action::Back), None);
            page
        }
    }
}

fn preview(state: &State, compose: &Compose, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "Preview");
    page.strong(&author_name(compose));
    page.dim(&format!("now {} {}", theme.symbol("·", "-"), visibility_label(compose)));
    page.blank();
    for line in compose.typed_text().split('\n') {
        if line.trim().is_empty() {
            page.blank();
            continue;
        }
        for part in wrap(&escape_controls(line), width) {
            page.lines.push(with_hashtags(&part, theme));
        }
    }
    if !compose.link.trimmed().is_empty() {
        page.blank();
        let title = Some(compose.title.trimmed()).filter(|title| !title.is_empty()).unwrap_or("(no title)");
        page.value("Card", &escape_controls(title));
        page.value("", &clean(compose.link.trimmed(), 300));
    }
    let images = compose.draft_images().unwrap_or_default();
    if !images.is_empty() {
        page.blank();
    }
    for image in images {
        page.value("Image", &clean(&image.path.to_string_lossy(), 200));
        if let Some(alt) = image.alt {
            page.value("", &escape_controls(&alt));
        }
    }
    page.with_choices(state, KeyContext::Preview)
}

/// Returns a line with its hashtags in the accent, as LinkedIn links them.
fn with_hashtags(line: &str, theme: Theme) -> Line<'static> {
    let spans = line.split_inclusive(' ').map(|word| {
        let tag = word.starts_with('#') && word.chars().nth(1).is_some_and(char::is_alphanumeric);
        Span::styled(word.to_owned(), if tag { theme.accent() } else { Style::new() })
    });
    Line::from(spans.collect::<Vec<_>>())
}
