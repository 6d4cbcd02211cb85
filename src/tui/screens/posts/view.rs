//! Draws the posts: the table with the selected post below it, and the questions before something is deleted.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{PostToDelete, Posts, RecordToDelete};
use crate::store::PublishedPost;
use crate::text::{columns, fit, sanitize};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::Window;
use crate::tui::message::PostRow;
use crate::tui::screens::{comment, compose};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::Page;

/// Columns of the visibility: `Connections only` and a gap.
const VISIBILITY_WIDTH: usize = 18;
/// Columns of the state at least: `✓ published` and a gap.
const MIN_STATE_WIDTH: usize = 12;
/// Columns of the time at least, so that the text stays where it is from day to day: `2 days ago`.
const MIN_WHEN_WIDTH: usize = 10;
/// Columns of the table from which it has the visibility.
const MIN_VISIBILITY_WIDTH: usize = 60;

/// Characters of a text's first line that a row shows at most.
const MAX_LINE_CHARS: usize = 400;

/// Returns the dialog that confirms that the record of a post is deleted.
pub(crate) fn delete_record_page(state: &State, target: &RecordToDelete, theme: Theme, width: usize) -> Page {
    let RecordToDelete { post, .. } = target;
    let mut page = Page::new(theme, width, "Delete the record?");
    page.strong(&title(post));
    page.value("Sent", &time_format::format_minute(state, post.at));
    page.blank();
    page.plain("If the post was published, it stays on LinkedIn. The same post is then sent without a question.");
    page.with_choices(state, KeyContext::DeleteRecord)
}

/// Returns the first line of a post, or what is below its text. Its record has the start of the line alone.
fn title(post: &PublishedPost) -> String {
    let first_line = post.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let is_plain = first_line.starts_with(post.first_line.trim_end_matches('…'));
    let line = if is_plain && !first_line.is_empty() { first_line } else { post.title() };
    sanitize(if line.is_empty() { "(no text)" } else { line }, MAX_LINE_CHARS)
}

/// Returns the dialog that confirms that a post is deleted.
pub(crate) fn delete_page(state: &State, target: &PostToDelete, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "Delete the post?");
    if !target.first_line.is_empty() {
        page.strong(&sanitize(&target.first_line, 200));
    }
    page.dim(&sanitize(&target.urn, 120));
    page.blank();
    page.warning("It is deleted for everyone. LinkedIn cannot restore it.");
    page.with_choices(state, KeyContext::DeletePost)
}

fn visibility_label(post: &PublishedPost) -> &'static str {
    match post.visibility.as_str() {
        "public" => "Anyone",
        "connections" => "Connections only",
        _ => "-",
    }
}

fn state_label(posts: &Posts, PostRow { post, .. }: &PostRow) -> &'static str {
    if post.is_maybe_published {
        "maybe published"
    } else if posts.deleting.is_some() && posts.deleting == post.urn {
        "deleting"
    } else if post.deleted_at.is_some() {
        "deleted"
    } else if post.edited_at.is_some() {
        "edited"
    } else {
        "published"
    }
}

pub(crate) fn page(state: &State, posts: &Posts, theme: Theme, window: &Window) -> Page {
    let mut page = Page::new(theme, window.table_text_width(), "Posts published with this program");
    page.is_wide = true;
    let Some(rows) = &posts.rows else {
        page.dim(&format!("Reading the posts{}", theme.ellipsis()));
        return page;
    };
    if rows.is_empty() {
        page.plain(&format!("No posts from profile {} yet.", posts.profile));
        page.blank();
        page.plain(&state.key_sentence(KeyContext::Posts, Action::Compose, "write the first one"));
        return page;
    }
    page.title_note = format!("{}/{}", posts.selected + 1, rows.len());
    add_table(&mut page, state, posts, rows);
    let Some(row) = posts.selected() else { return page };
    // The panels keep their heights while the selection moves: the list has up to half of the rows, the post the others.
    let height = window.panel_rows(2);
    let list_height = rows.len().min((height / 2).saturating_sub(1)).max(1);
    page.crop(1, list_height, posts.selected.saturating_sub(list_height / 2));
    page.panel("Post");
    let start = page.lines.len();
    add_detail(&mut page, state, posts, row);
    if page.crop(start, height.saturating_sub(start), usize::from(state.scroll)) {
        let keys = [Action::ScrollDown, Action::ScrollUp].map(|action| state.key_name(KeyContext::Posts, action));
        page.note_panel(format!("{} scroll", keys.join(" ")));
    }
    page
}

/// Adds the headings and a row for each post.
fn add_table(page: &mut Page, state: &State, posts: &Posts, rows: &[PostRow]) {
    let theme = page.theme;
    let has_visibility = page.width >= MIN_VISIBILITY_WIDTH;
    // The row's mark, a gap after each column.
    let when: Vec<String> = rows.iter().map(|row| time_format::format_relative(state, row.post.at)).collect();
    let when_width = when.iter().map(|when| columns(when)).max().unwrap_or_default().max(MIN_WHEN_WIDTH);
    let state_width = rows.iter().map(|row| 2 + columns(state_label(posts, row))).max().unwrap_or_default();
    let state_width = state_width.max(MIN_STATE_WIDTH);
    let others = 2 + when_width + 2 + if has_visibility { VISIBILITY_WIDTH } else { 0 } + state_width;
    let line_width = page.width.saturating_sub(others + 2).max(10);
    let header = |text: &str, width: usize| format!("{text:<width$}");
    let visibility = if has_visibility { header("VISIBILITY", VISIBILITY_WIDTH) } else { String::new() };
    let titles = format!("  {}  {}  {visibility}STATE", header("WHEN", when_width), header("TEXT", line_width));
    page.lines.push(Line::styled(titles, theme.dim()));
    for (number, (row, when)) in rows.iter().zip(when).enumerate() {
        let post = &row.post;
        let style = if post.deleted_at.is_some() { theme.dim() } else { Style::new() };
        let first_line = fit(&title(post), line_width);
        let pad = " ".repeat(line_width.saturating_sub(columns(&first_line)));
        let visibility = if has_visibility { header(visibility_label(post), VISIBILITY_WIDTH) } else { String::new() };
        let label = state_label(posts, row);
        let (mark, mark_style) = match label {
            "published" | "edited" => theme.done_mark(),
            "deleted" => (theme.symbol("✗", "x"), theme.dim()),
            "maybe published" => ("?", theme.warning()),
            _ => (theme.symbol("…", "~"), theme.dim()),
        };
        let spans = vec![
            Span::styled(format!("{when:<when_width$}  "), theme.dim()),
            Span::styled(format!("{first_line}{pad}  "), style),
            Span::styled(visibility, style),
            Span::styled(mark, mark_style),
            Span::styled(format!(" {label}"), style),
        ];
        page.row(number == posts.selected, spans);
    }
}

fn add_detail(page: &mut Page, state: &State, posts: &Posts, PostRow { post, url, .. }: &PostRow) {
    let at = |at| time_format::format_minute(state, at);
    if post.text.is_empty() {
        page.plain(&sanitize(&post.first_line, 200));
    } else {
        // What has no URN was published as text.
        let is_known: &dyn Fn(&str) -> bool = &|_| false;
        compose::add_post_text(page, &post.text, post.has_mentions().then_some(is_known));
    }
    page.blank();
    if post.is_maybe_published {
        page.warning("It may have been published: LinkedIn did not confirm it. Look for it on LinkedIn.");
        page.blank();
        page.value("Sent", &at(post.at));
    } else {
        page.value("Published", &at(post.at));
    }
    if let Some(edited) = post.edited_at {
        page.value("Edited", &at(edited));
    }
    if let Some(deleted) = post.deleted_at {
        page.value("Deleted", &at(deleted));
    }
    if let Some(link) = &post.link {
        page.value("Link", &sanitize(link, 200));
    } else if let Some(parent) = post.attachment.strip_prefix("reshare: ") {
        let rows = posts.rows.as_deref().unwrap_or_default().iter();
        let own = rows.map(|row| &row.post).find(|own| own.urn.as_deref() == Some(parent));
        page.value("Reshares", &own.map_or_else(|| sanitize(parent, 120), title));
    } else if !post.attachment.is_empty() {
        page.value("Attachment", &sanitize(&post.attachment, 200));
    }
    match comment::author_name(state, &posts.profile, post) {
        Some(name) => page.value_with_note("Author", &sanitize(&name, 80), &sanitize(&post.author, 120)),
        None => page.value("Author", &sanitize(&post.author, 120)),
    }
    if let Some(urn) = &post.urn {
        page.value("URN", &sanitize(urn, 120));
    }
    if let (Some(url), None) = (url, post.deleted_at) {
        page.value("URL", url);
    }
}
