//! How the compose screen looks: the form with its editor, the preview, and how it ended.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::{Compose, Part, Stage};
use crate::linkedin::little;
use crate::linkedin::posts::MAX_TEXT_UNITS;
use crate::text::{clean, escape_controls, fit, wrap};
use crate::tui::keymap::{Action, KeyContext, choice, choices};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::when;
use crate::tui::widgets::page::{Input, Page};

/// Lines of the form below the editor.
const FORM: u16 = 7;

fn visibility(compose: &Compose) -> &'static str {
    if compose.connections_only { "Connections only" } else { "Anyone" }
}

fn author(compose: &Compose) -> String {
    compose.authors.get(compose.author).map_or_else(String::new, |author| clean(&author.name, 80))
}

/// Draws the form: editor above, fields below.
pub(in crate::tui) fn draw(state: &State, compose: &Compose, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let editor = Rect { height: area.height.saturating_sub(FORM + 1), ..area };
    let bar = theme.pick("│ ", "| ");
    for y in editor.y..editor.bottom() {
        let style = if compose.part == Part::Text { theme.accent() } else { theme.dim() };
        frame.buffer_mut().set_string(editor.x, y, bar, style);
    }
    let inside = Rect { x: editor.x + 2, width: editor.width.saturating_sub(2), ..editor };
    if compose.part == Part::Text {
        frame.render_widget(&compose.text, inside);
        if compose.text.is_empty() {
            recent(state, compose, frame, inside, theme);
        }
    } else {
        Paragraph::new(typed_lines(&compose.words())).wrap(Wrap { trim: false }).render(inside, frame.buffer_mut());
    }
    let form = Rect { y: editor.bottom() + 1, height: FORM.min(area.height), ..area };
    fields(state, compose, theme, usize::from(form.width)).draw(frame, form, 0, theme);
}

/// What was published from here before, while there is no text in its place.
fn recent(state: &State, compose: &Compose, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let lines = compose.recent.iter().filter(|post| post.deleted_at.is_none()).map(|post| {
        let ago = when::ago(state.now.as_second() - post.at.as_second());
        fit(&format!("{ago:>8} ago   {}", clean(&post.first_line, 200)), usize::from(area.width))
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

/// How much of the length is used, for the title's right side.
pub(in crate::tui) fn counter(compose: &Compose, theme: Theme) -> Line<'static> {
    let used = little::utf16_len(&compose.words());
    let style = if used > MAX_TEXT_UNITS {
        theme.bad()
    } else if used * 10 > MAX_TEXT_UNITS * 9 {
        theme.warning()
    } else {
        theme.dim()
    };
    Line::styled(format!("{used} of {MAX_TEXT_UNITS}"), style)
}

fn typed_lines(text: &str) -> String {
    text.split('\n').map(escape_controls).collect::<Vec<_>>().join("\n")
}

fn fields(state: &State, compose: &Compose, theme: Theme, width: usize) -> Page {
    let mut page = Page::default();
    let change = |action| format!("{} change", state.key_name(KeyContext::Compose, action));
    let next_author = if compose.authors.len() > 1 { change(Action::NextAuthor) } else { String::new() };
    for (part, label, value, key) in [
        (Part::Visibility, "Visibility", visibility(compose).to_owned(), change(Action::ChangeVisibility)),
        (Part::Author, "Posting as", author(compose), next_author),
    ] {
        let focused = compose.part == part;
        let style = if focused { theme.selected() } else { theme.strong() };
        let mark = if focused { theme.pick("› ", "> ") } else { "  " };
        let room = width.saturating_sub(17 + key.len() + 3);
        page.lines.push(Line::from(vec![
            Span::styled(format!("{mark}{label:<15}"), style),
            Span::raw(fit(&value, room)),
            Span::styled(format!("   {key}"), theme.dim()),
        ]));
    }
    for (part, label, field) in [
        (Part::Link, "Link", &compose.link),
        (Part::Title, "Link title", &compose.title),
        (Part::Images, "Images", &compose.images),
        (Part::Alt, "Alt text", &compose.alt),
    ] {
        let focused = compose.part == part;
        page.field(theme, &Input { label, field, focused, masked: false, notes: Vec::new() }, width);
    }
    let note = match compose.part {
        Part::Images => "Up to 20 files. Quote names that contain spaces.",
        Part::Alt => "Describes the images. Separate several with |.",
        Part::Title => "LinkedIn does not fetch the title from the page.",
        _ => "",
    };
    let refusal = compose.authors.get(compose.author).and_then(|author| author.refusal.as_deref());
    let (style, note) = match refusal {
        Some(why) if note.is_empty() => (theme.warning(), format!("Cannot post: {}", clean(why, 300))),
        _ => (theme.dim(), note.to_owned()),
    };
    page.lines.push(Line::styled(format!("{:17}{}", "", fit(&note, width.saturating_sub(17))), style));
    page
}

/// The page of every stage but the first.
pub(in crate::tui) fn page(state: &State, compose: &Compose, theme: Theme, width: usize) -> Page {
    match &compose.stage {
        Stage::Writing => Page::titled(format!("New post as {}", compose.profile)),
        Stage::Preview => preview(state, compose, theme, width),
        Stage::Publishing(words) => {
            let mut page = Page::titled("Publishing");
            page.text(Style::new(), words, width);
            page.blank();
            page.text(theme.dim(), "The post is sent only once.", width);
            page
        }
        Stage::Published(live) => {
            let words = if live.duplicate { "Already published" } else { "Published" };
            let mut page = Page::titled(format!("{} {words}", theme.pick("✓", "*")));
            page.title_style = theme.good();
            if live.duplicate {
                page.text(
                    theme.warning(),
                    "LinkedIn rejected it as a duplicate of this post. Nothing was published twice.",
                    width,
                );
                page.blank();
            }
            match (&live.url, &live.urn) {
                (Some(url), Some(urn)) => {
                    page.link(url, theme.accent());
                    page.labelled(theme, "URN", urn, "", width);
                }
                _ => page.text(theme.warning(), "LinkedIn did not return the post's URL.", width),
            }
            for remark in &live.remarks {
                page.text(theme.warning(), &clean(remark, 300), width);
            }
            page.blank();
            page.lines.extend(choices(state, theme, KeyContext::Published));
            page
        }
        Stage::Deleting(live) => {
            let mut page = Page::titled("Delete the post?");
            page.text(Style::new(), live.urn.as_deref().unwrap_or_default(), width);
            page.text(theme.warning(), "The post is deleted for everyone. LinkedIn cannot restore it.", width);
            page.blank();
            page.lines.extend(choices(state, theme, KeyContext::DeletePost));
            page
        }
        Stage::Failed(error) => {
            let mut page = Page::titled(format!("{} Not published", theme.pick("✗", "!")));
            page.title_style = theme.bad();
            page.text(Style::new(), &error.to_string(), width);
            page.blank();
            page.text(theme.strong(), &state.hint(error), width);
            page.blank();
            let text = "re-authorize; the text is saved as a draft";
            let action = (KeyContext::NotPublished, Action::Reauthorize);
            page.lines.extend(choice(state, theme, action, Some(text), width));
            let action = (KeyContext::NotPublished, Action::Back);
            page.lines.extend(choice(state, theme, action, None, width));
            page
        }
    }
}

/// How it will read.
fn preview(state: &State, compose: &Compose, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled("Preview");
    page.text(theme.strong(), &author(compose), width);
    page.text(theme.dim(), &format!("now {} {}", theme.pick("·", "-"), visibility(compose)), width);
    page.blank();
    for line in compose.words().split('\n') {
        if line.trim().is_empty() {
            page.blank();
            continue;
        }
        for part in wrap(&escape_controls(line), width) {
            page.lines.push(hashtags(&part, theme));
        }
    }
    if !compose.link.trimmed().is_empty() {
        page.blank();
        let title = Some(compose.title.trimmed()).filter(|title| !title.is_empty()).unwrap_or("(no title)");
        page.labelled(theme, "Card", &escape_controls(title), "", width);
        page.labelled(theme, "", &clean(compose.link.trimmed(), 300), "", width);
    }
    let images = compose.pictures().unwrap_or_default();
    if !images.is_empty() {
        page.blank();
    }
    for image in images {
        page.labelled(theme, "Image", &clean(&image.path.to_string_lossy(), 200), "", width);
        if let Some(alt) = image.alt {
            page.labelled(theme, "", &escape_controls(&alt), "", width);
        }
    }
    page.blank();
    page.lines.extend(choices(state, theme, KeyContext::Preview));
    page
}

/// A line with its hashtags in the accent, as LinkedIn links them.
fn hashtags(line: &str, theme: Theme) -> Line<'static> {
    let spans = line.split_inclusive(' ').map(|word| {
        let tag = word.starts_with('#') && word.chars().nth(1).is_some_and(char::is_alphanumeric);
        Span::styled(word.to_owned(), if tag { theme.accent() } else { Style::new() })
    });
    Line::from(spans.collect::<Vec<_>>())
}
