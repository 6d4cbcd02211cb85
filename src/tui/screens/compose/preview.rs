//! Draws the post as LinkedIn shows it.

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::attachment::{AttachmentKind, FileField, ImageFields, format_days, format_info};
use super::{ComposedPost, Part, Stage, with_scheme};
use crate::flows::publish::{self, PixelPreview};
use crate::linkedin::little_text::{self, TextPart};
use crate::linkedin::posts::POLL_OPTIONS;
use crate::text::{columns, escape_controls, fit, sanitize, wrap};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

/// Where LinkedIn may fold a text: it documents neither number.
const FOLD_CHARS: usize = 210;
const FOLD_LINES: usize = 3;
/// Columns of a card at most.
const MAX_CARD_WIDTH: usize = 44;
/// Images with a card of their own; the others are counted.
const MAX_CARDS: usize = 4;

/// Adds the post with its author, its text and its attachment.
pub(super) fn add(page: &mut Page, post: &ComposedPost) {
    let theme = page.theme;
    let name = super::view::author_name(post);
    let initials: String = name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect();
    let are_letters = initials.len() == 2 && initials.chars().all(|c| c.is_ascii_alphanumeric());
    let initials = if are_letters { initials } else { "··".to_owned() };
    let initials = if theme.is_ascii { initials.replace('·', "-") } else { initials };
    page.lines.push(Line::from(vec![
        Span::styled(format!("({initials})"), theme.accent()),
        Span::raw("  "),
        Span::styled(fit(&name, page.width.saturating_sub(6)), theme.strong()),
    ]));
    let when = if post.is_edit() { "Edited" } else { "now" };
    let visibility = super::view::visibility_label(post.visibility);
    page.dim(&format!("      {when} {} {visibility}", theme.symbol("·", "-")));
    page.blank();
    let text = post.typed_text();
    if text.trim().is_empty() {
        page.dim("(no text)");
    } else {
        add_post_text(page, &text, Some(&|name| post.is_known(name)));
    }
    if post.attachment != AttachmentKind::None {
        page.blank();
    }
    match post.attachment {
        AttachmentKind::None => {}
        AttachmentKind::Link => add_link(page, post),
        AttachmentKind::Images => add_images(page, post),
        AttachmentKind::Document => add_document(page, post),
        AttachmentKind::Carousel => add_carousel(page, post),
        AttachmentKind::Video => add_video(page, post),
        AttachmentKind::Poll => add_poll(page, post),
        AttachmentKind::Reshare => add_parent(page, post),
    }
    if let Some(comment) = post.first_comment_text() {
        page.blank();
        page.dim("First comment");
        for line in comment.split('\n') {
            page.plain(&escape_controls(line));
        }
    }
}

/// Adds a text with its hashtags and mentions, and where LinkedIn may fold it. A name without a URN is a mention if it is known.
/// `None` is for a text without mentions, which is as it is.
pub(crate) fn add_post_text(page: &mut Page, text: &str, is_known: Option<&dyn Fn(&str) -> bool>) {
    let theme = page.theme;
    let (plain, accents) = to_plain_text(text, is_known);
    let fold = fold_position(&plain).unwrap_or(plain.len());
    page.lines.extend(styled_lines(&plain, 0..fold, &accents, theme, page.width));
    if fold < plain.len() {
        let mark = fit("…see more (LinkedIn may fold here)", page.width);
        page.lines.push(Line::styled(mark, theme.dim()));
        page.lines.extend(styled_lines(&plain, fold..plain.len(), &accents, theme, page.width));
    }
}

/// Returns where LinkedIn may fold a text: the same place in every window, at the start of a line or of a word.
fn fold_position(text: &str) -> Option<usize> {
    let by_lines = text.match_indices('\n').nth(FOLD_LINES - 1).map(|(at, _)| at + 1);
    let by_chars = text.char_indices().nth(FOLD_CHARS).map(|(end, _)| {
        text[..end]
            .rfind(char::is_whitespace)
            .map_or(end, |at| at + text[at..].chars().next().map_or(0, char::len_utf8))
    });
    let at = by_lines.into_iter().chain(by_chars).min()?;
    (!text[at..].trim().is_empty()).then_some(at)
}

/// Returns a text with the names of its mentions, and the parts of it that are mentions and hashtags.
fn to_plain_text(text: &str, is_known: Option<&dyn Fn(&str) -> bool>) -> (String, Vec<Range<usize>>) {
    let mut plain = String::new();
    let mut accents = Vec::new();
    let parts = if is_known.is_some() { little_text::parse_text_parts(text) } else { vec![TextPart::Plain(text)] };
    for part in parts {
        let (shown, is_accent) = match part {
            TextPart::Plain(shown) => (shown, false),
            TextPart::Hashtag(shown) | TextPart::Mention(shown) => (shown, true),
            TextPart::Name { name, .. } if is_known.is_some_and(|is_known| is_known(name)) => (name, true),
            TextPart::Name { source, .. } => (source, false),
        };
        let begin = plain.len();
        let escaped: Vec<String> = shown.split('\n').map(escape_controls).collect();
        plain.push_str(&escaped.join("\n"));
        if is_accent {
            accents.push(begin..plain.len());
        }
    }
    (plain, accents)
}

/// Wraps a part of a text, with the accent where `accents` are.
fn styled_lines(
    plain: &str,
    part: Range<usize>,
    accents: &[Range<usize>],
    theme: Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut line_begin = part.start;
    let text = &plain[part];
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        let mut at = line_begin;
        for row in wrap(line, width) {
            // Wrapping removes only spaces.
            let begin = plain[at..].find(&row).map_or(at, |found| at + found);
            at = begin + row.len();
            lines.push(Line::from(accented(plain, begin..at, accents, theme)));
        }
        line_begin += line.len() + 1;
    }
    lines
}

/// Returns a part of a text as spans, with the accent where `accents` are.
fn accented(plain: &str, part: Range<usize>, accents: &[Range<usize>], theme: Theme) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut at = part.start;
    for accent in accents.iter().filter(|accent| accent.start < part.end && accent.end > part.start) {
        let (begin, end) = (accent.start.max(at), accent.end.min(part.end));
        spans.push(Span::raw(plain[at..begin].to_owned()));
        spans.push(Span::styled(plain[begin..end].to_owned(), theme.accent()));
        at = end;
    }
    spans.push(Span::raw(plain[at..part.end].to_owned()));
    spans.retain(|span| !span.content.is_empty());
    spans
}

fn add_link(page: &mut Page, post: &ComposedPost) {
    let link = post.link.trimmed();
    // A link that cannot be published has no card.
    if link.is_empty() || post.problem(Part::Link).is_some() {
        return;
    }
    let url = url::Url::parse(&with_scheme(link)).ok();
    let host =
        url.as_ref().and_then(url::Url::host_str).map_or_else(|| sanitize(link, 200), |host| sanitize(host, 100));
    let title = escape_controls(post.title.trimmed());
    let title = if title.is_empty() { sanitize(link, 200) } else { title };
    let theme = page.theme;
    let mut texts = vec![(theme.strong(), title), (theme.dim(), host)];
    let description = post.description.trimmed();
    if !description.is_empty() {
        texts.insert(1, (Style::new(), escape_controls(description)));
    }
    if !post.thumbnail.is_empty() {
        let name = escape_controls(post.thumbnail.name());
        texts.insert(0, labeled_file(theme, &format!("Thumbnail: {name}"), &post.thumbnail));
    }
    add_card_with(page, post.thumbnail.picture(), &texts);
}

/// Returns a line about a file, in the style of an error if it cannot be used.
fn labeled_file(theme: Theme, text: &str, file: &FileField) -> (Style, String) {
    match file.problem() {
        Some(_) => (theme.error(), format!("{text} cannot be used")),
        None => (theme.dim(), text.to_owned()),
    }
}

/// Returns what is known about a file.
fn file_state(theme: Theme, file: &FileField) -> (Style, String) {
    match (file.info(), file.problem()) {
        (Some(info), _) => (theme.dim(), format_info(theme, info)),
        (None, Some(_)) => (theme.error(), "cannot be used".to_owned()),
        (None, None) => (theme.dim(), format!("reading{}", theme.ellipsis())),
    }
}

fn add_document(page: &mut Page, post: &ComposedPost) {
    if post.document.is_empty() {
        return;
    }
    let theme = page.theme;
    let title = match post.title.trimmed() {
        "" => post.document.name(),
        title => title,
    };
    add_card(page, &[(theme.strong(), escape_controls(title)), file_state(theme, &post.document)]);
}

/// Adds the document that the images become: its title, its pages and its size.
fn add_carousel(page: &mut Page, post: &ComposedPost) {
    let theme = page.theme;
    let files: Vec<&FileField> = post.images.iter().map(|image| &image.file).filter(|file| !file.is_empty()).collect();
    let Some(first) = files.first() else { return };
    let pages = post.carousel_info().map_or_else(
        || {
            let file = files.iter().find(|file| file.info().is_none()).unwrap_or(first);
            let (style, state) = file_state(theme, file);
            (style, format!("{} {}", escape_controls(file.name()), state))
        },
        |info| (theme.dim(), format_info(theme, info)),
    );
    let name = first.name();
    let title = match post.title.trimmed() {
        "" => format!("{}.pdf", name.rsplit_once('.').map_or(name, |(stem, _)| stem)),
        title => title.to_owned(),
    };
    add_card_with(page, first.picture(), &[(theme.strong(), escape_controls(&title)), pages]);
}

fn add_video(page: &mut Page, post: &ComposedPost) {
    if post.video.is_empty() {
        return;
    }
    let theme = page.theme;
    let name = escape_controls(post.video.name());
    let play = theme.symbol("▶", ">");
    let mut texts = vec![(theme.strong(), format!("{play} {name}")), file_state(theme, &post.video)];
    if !post.title.trimmed().is_empty() {
        texts.insert(1, (Style::new(), escape_controls(post.title.trimmed())));
    }
    for (label, file) in [("Captions", &post.captions), ("Thumbnail", &post.thumbnail)] {
        if !file.is_empty() {
            texts.push(labeled_file(theme, &format!("{label}: {}", escape_controls(file.name())), file));
        }
    }
    add_card(page, &texts);
}

fn add_poll(page: &mut Page, post: &ComposedPost) {
    let theme = page.theme;
    let poll = post.poll.to_poll();
    let question = match poll.question.as_str() {
        "" => "(no question)".to_owned(),
        question => escape_controls(question),
    };
    let question = wrap(&question, page.width.min(MAX_CARD_WIDTH).saturating_sub(4));
    let mut texts: Vec<(Style, String)> = question.into_iter().map(|line| (theme.strong(), line)).collect();
    texts.extend(poll.options.iter().map(|option| (Style::new(), format!("( ) {}", escape_controls(option)))));
    for index in poll.options.len()..*POLL_OPTIONS.start() {
        texts.push((theme.dim(), format!("( ) (option {})", index + 1)));
    }
    texts.push((theme.dim(), format!("Open for {}", format_days(poll.duration))));
    add_card(page, &texts);
}

fn add_parent(page: &mut Page, post: &ComposedPost) {
    let typed = post.parent.trimmed();
    if typed.is_empty() {
        return;
    }
    let theme = page.theme;
    let mut texts = vec![(theme.dim(), "Reshares".to_owned())];
    match publish::parse_post_urn(typed) {
        Ok(urn) => {
            // The text of a post that this program published is known.
            let known = post.recent_posts.iter().find(|known| known.urn.as_ref() == Some(&urn));
            let title = known.map(|known| sanitize(known.title(), 200)).filter(|title| !title.is_empty());
            texts.extend(title.map(|title| (theme.strong(), title)));
            texts.push((if texts.len() > 1 { theme.dim() } else { theme.strong() }, urn));
        }
        Err(_) => texts.push((theme.error(), sanitize(typed, 200))),
    }
    add_card(page, &texts);
}

fn add_images(page: &mut Page, post: &ComposedPost) {
    let theme = page.theme;
    let images: Vec<&ImageFields> = post.images.iter().filter(|image| !image.file.is_empty()).collect();
    for (index, image) in images.iter().take(MAX_CARDS).enumerate() {
        let alt = match image.alt.trimmed() {
            "" => (theme.warning(), "No alt text".to_owned()),
            alt => (theme.dim(), format!("Alt: {}", escape_controls(alt))),
        };
        // Beside the form there is no room to scroll.
        let picture = image.file.picture().filter(|_| index == 0 || !matches!(post.stage, Stage::Writing));
        let name = escape_controls(image.file.name());
        add_card_with(page, picture, &[(theme.strong(), name), file_state(theme, &image.file), alt]);
    }
    if images.len() > MAX_CARDS {
        let more = images.len() - MAX_CARDS;
        page.dim(&format!("and {more} more {}", if more == 1 { "image" } else { "images" }));
    }
}

/// Returns the lines of a picture: each character is the upper half of a cell, and its background the lower one. None where the
/// terminal has too few colors.
fn picture_lines(theme: Theme, picture: &PixelPreview, width: usize) -> Vec<Vec<Span<'static>>> {
    if theme.is_ascii || picture.width == 0 {
        return Vec::new();
    }
    let rows: Vec<&[[u8; 3]]> = picture.pixels.chunks(picture.width).collect();
    let cell = |(upper, lower): (&[u8; 3], Option<&[u8; 3]>)| {
        let style = Style::new().fg(theme.pixel(*upper)?);
        let style = lower.and_then(|lower| theme.pixel(*lower)).map_or(style, |lower| style.bg(lower));
        Some(Span::styled("▀", style))
    };
    let line = |pair: &[&[[u8; 3]]]| {
        let lower = |x: usize| pair.get(1).and_then(|row| row.get(x));
        let cells = pair[0].iter().enumerate().map(|(x, upper)| cell((upper, lower(x))));
        cells.take(width).collect::<Option<Vec<_>>>()
    };
    rows.chunks(2).map_while(line).collect()
}

/// Adds a box with a line for each text.
fn add_card(page: &mut Page, texts: &[(Style, String)]) {
    add_card_with(page, None, texts);
}

/// Adds a box with a picture, and a line for each text.
fn add_card_with(page: &mut Page, picture: Option<&PixelPreview>, texts: &[(Style, String)]) {
    let theme = page.theme;
    let width = page.width.min(MAX_CARD_WIDTH);
    let room = width.saturating_sub(4);
    let edge = |left, right, ascii| {
        let line = theme.symbol("─", "-").repeat(width.saturating_sub(2));
        format!("{}{line}{}", theme.symbol(left, ascii), theme.symbol(right, ascii))
    };
    let side = theme.symbol("│", "|");
    page.lines.push(Line::styled(edge("╭", "╮", "+"), theme.dim()));
    for cells in picture.map(|picture| picture_lines(theme, picture, room)).unwrap_or_default() {
        let pad = " ".repeat(room.saturating_sub(cells.len()));
        let mut line = Line::from(Span::styled(format!("{side} "), theme.dim()));
        line.spans.extend(cells);
        line.push_span(Span::styled(format!("{pad} {side}"), theme.dim()));
        page.lines.push(line);
    }
    for (style, text) in texts {
        let text = fit(text, room);
        let pad = " ".repeat(room.saturating_sub(columns(&text)));
        page.lines.push(Line::from(vec![
            Span::styled(format!("{side} "), theme.dim()),
            Span::styled(text, *style),
            Span::styled(format!("{pad} {side}"), theme.dim()),
        ]));
    }
    page.lines.push(Line::styled(edge("╰", "╯", "+"), theme.dim()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fold_depends_on_the_text_alone() {
        assert_eq!(fold_position(""), None);
        assert_eq!(fold_position("a\nb\nc"), None);
        assert_eq!(fold_position("a\nb\nc\n\n"), None);
        assert_eq!(fold_position("a\n\nb\nc"), Some("a\n\nb\n".len()));
        let words = "word ".repeat(60);
        assert_eq!(fold_position(&words), Some(210), "at the start of a word");
        assert_eq!(fold_position(&"é".repeat(211)), Some(420));
        assert_eq!(fold_position(&"x".repeat(210)), None);
        // The rows of every width are those of the text, in two parts.
        let text = format!("{words}\n#tag end");
        let (plain, accents) = to_plain_text(&text, Some(&|_| false));
        let fold = fold_position(&plain).unwrap();
        for width in [10, 37, 100] {
            let theme =
                Theme { color_depth: crate::host::terminal::ColorDepth::None, is_ascii: false, is_light: false };
            let lines = styled_lines(&plain, 0..fold, &accents, theme, width);
            let shown: Vec<String> = lines.iter().map(ToString::to_string).collect();
            assert_eq!(shown.join(" ").split_whitespace().count(), 42, "{width}: {shown:?}");
        }
    }
}
