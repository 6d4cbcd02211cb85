//! The posts that were published with a profile: a table, and the selected post beside it.

use crossterm::event::KeyEvent;
use ratatui::text::{Line, Span};

use super::{comment, compose, copy_text, move_selection, post_statistics, reaction};
use crate::Result;
use crate::linkedin::urn::is_page_urn;
use crate::store::{Name, PublishedPost, SavedDraft};
use crate::text::{clean, columns, fit};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, PostRow};
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::Page;

/// Rows that a page key moves by.
const PAGE_ROWS: usize = 10;
/// The most keys that wait for the posts.
const MAX_QUEUED_KEYS: usize = 64;
/// Columns of the table besides the first line.
const VISIBILITY_WIDTH: usize = 14;
/// Columns of the state at least: `✓ published` and a gap.
const MIN_STATE_WIDTH: usize = 12;
/// Columns of the time at least, so that the text stays where it is from day to day: `2 days ago`.
const MIN_WHEN_WIDTH: usize = 10;
/// Columns of the table from which it has the visibility.
const MIN_VISIBILITY_WIDTH: usize = 60;

/// The list of posts of a profile.
#[derive(Clone, Debug)]
pub struct Posts {
    /// Its number; messages of another list are ignored.
    pub id: u64,
    pub profile: Name,
    /// The posts, the newest first; `None` until they are read.
    rows: Option<Vec<PostRow>>,
    selected: usize,
    /// The URN of the post to select once the posts are read.
    urn_to_select: Option<String>,
    /// The URN of the post that is being deleted.
    deleting: Option<String>,
    /// The keys for the selected post that were pressed before the posts were read.
    queued_keys: Vec<KeyEvent>,
}

/// The post that is deleted after a confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostToDelete {
    pub(crate) name: Name,
    pub(crate) urn: String,
    pub(crate) first_line: String,
}

impl Posts {
    pub(crate) fn selected(&self) -> Option<&PostRow> {
        self.rows.as_ref()?.get(self.selected)
    }

    fn count(&self) -> usize {
        self.rows.as_ref().map_or(0, Vec::len)
    }
}

/// The record of a post that is deleted after a confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordToDelete {
    pub(crate) name: Name,
    pub(crate) post: PublishedPost,
}

/// Returns what opening the selected post opens: the post, or where a post that may have been published would be.
pub(crate) fn open_label(state: &State) -> Option<String> {
    let row = selected(state)?;
    if row.post.is_maybe_published {
        return Some(compose::open_recent_activity_label(Some(&row.post.author)));
    }
    has_url(state).then(|| "open".to_owned())
}

/// Returns whether the selected post has a URL.
pub(crate) fn has_url(state: &State) -> bool {
    selected(state).is_some_and(|row| row.url.is_some() && row.post.deleted_at.is_none())
}

/// Returns what is deleted of the selected post.
pub(crate) fn delete_label(state: &State) -> Option<String> {
    let is_record = selected(state)?.post.is_maybe_published;
    (is_record || is_published(state)).then(|| if is_record { "delete the record" } else { "delete" }.to_owned())
}

pub(crate) fn has_urn(state: &State) -> bool {
    selected(state).is_some_and(|row| row.post.urn.is_some())
}

/// Returns whether a post is selected.
pub(crate) fn has_post(state: &State) -> bool {
    selected(state).is_some()
}

/// Returns whether the selected post is published and can be changed.
pub(crate) fn is_published(state: &State) -> bool {
    selected(state).is_some_and(|row| row.post.urn.is_some() && row.post.deleted_at.is_none())
}

fn selected(state: &State) -> Option<&PostRow> {
    match &state.screen {
        Screen::Posts(posts) => posts.selected(),
        _ => None,
    }
}

/// Sets the reaction of a post's author, before the posts are read again.
pub(crate) fn set_reaction(state: &mut State, urn: &str, reaction: Option<String>) {
    let Screen::Posts(posts) = &mut state.screen else { return };
    let mut rows = posts.rows.iter_mut().flatten();
    if let Some(row) = rows.find(|row| row.post.urn.as_deref() == Some(urn)) {
        row.post.reaction = reaction;
    }
}

/// Opens the list of a profile's posts, with one of them selected.
pub(crate) fn open(state: &mut State, profile: Name, urn_to_select: Option<String>) -> Vec<Effect> {
    let id = state.take_id();
    let posts = Posts {
        id,
        profile: profile.clone(),
        rows: None,
        selected: 0,
        urn_to_select,
        deleting: None,
        queued_keys: Vec::new(),
    };
    state.open_screen(Screen::Posts(Box::new(posts)));
    vec![Effect::ReadPosts { id, name: profile }]
}

/// Returns the effect that reads the posts again, if they are on the screen.
pub(crate) fn reload(state: &State) -> Option<Effect> {
    let Screen::Posts(posts) = &state.screen else { return None };
    Some(Effect::ReadPosts { id: posts.id, name: posts.profile.clone() })
}

/// Queues a key for the selected post while the posts are still being read, and all keys after it. Returns whether it was
/// queued. Leaving the screen does not wait.
pub(crate) fn queue_key(state: &mut State, action: Option<Action>, key: KeyEvent) -> bool {
    let Screen::Posts(posts) = &mut state.screen else { return false };
    let is_for_row = |action: Action| {
        use Action::{
            Comment, CopyUrlToOpen, CopyUrn, Delete, Duplicate, Edit, First, Last, OpenPage, React, Reshare, Statistics,
        };
        action.is_navigation()
            || matches!(
                action,
                Comment
                    | CopyUrlToOpen
                    | CopyUrn
                    | Delete
                    | Duplicate
                    | Edit
                    | First
                    | Last
                    | OpenPage
                    | React
                    | Reshare
                    | Statistics
            )
    };
    let must_wait = action.is_some_and(is_for_row) || !posts.queued_keys.is_empty() && action != Some(Action::Back);
    if posts.rows.is_some() || !must_wait {
        return false;
    }
    if posts.queued_keys.len() < MAX_QUEUED_KEYS {
        posts.queued_keys.push(key);
    }
    true
}

/// Handles the posts that were read. Returns the keys that waited for them.
pub(crate) fn on_read(state: &mut State, id: u64, result: Result<Vec<PostRow>>) -> Vec<KeyEvent> {
    let Screen::Posts(posts) = &mut state.screen else { return Vec::new() };
    if posts.id != id {
        return Vec::new();
    }
    let queued_keys = std::mem::take(&mut posts.queued_keys);
    match result {
        Ok(rows) => {
            // The selection stays on its post.
            let selected = posts.selected().map(|row| (row.post.urn.clone(), row.post.at));
            let is_selected = |row: &PostRow| match (&posts.urn_to_select, &selected) {
                (Some(urn), _) => row.post.urn.as_ref() == Some(urn),
                (None, Some((urn, at))) => row.post.urn == *urn && row.post.at == *at,
                (None, None) => false,
            };
            posts.selected = rows.iter().position(is_selected).unwrap_or(posts.selected);
            posts.urn_to_select = None;
            posts.selected = posts.selected.min(rows.len().saturating_sub(1));
            posts.rows = Some(rows);
        }
        Err(error) => {
            posts.rows.get_or_insert_default();
            state.notify_failure(&error);
        }
    }
    queued_keys
}

pub(crate) fn handle(state: &mut State, mut posts: Box<Posts>, action: Action) -> Vec<Effect> {
    let count = posts.count();
    let last = count.saturating_sub(1);
    let row = posts.selected().cloned();
    let mut effects = Vec::new();
    match (action, row) {
        (Action::Back, _) => {
            state.open_screen(Screen::Profiles);
            return vec![Effect::ReadFiles];
        }
        (Action::Up | Action::Down, _) => posts.selected = move_selection(posts.selected, count, action),
        (Action::PageUp, _) => posts.selected = posts.selected.saturating_sub(PAGE_ROWS),
        (Action::PageDown, _) => posts.selected = (posts.selected + PAGE_ROWS).min(last),
        (Action::First, _) => posts.selected = 0,
        (Action::Last, _) => posts.selected = last,
        (Action::Compose, _) => {
            let files = state.files();
            let name = posts.profile.clone();
            state.screen = Screen::Posts(posts);
            let effects = files.profile(&name).map_or_else(Vec::new, |profile| compose::open(state, profile));
            compose::return_to_posts(state);
            return effects;
        }
        (Action::Duplicate | Action::Reshare, Some(PostRow { post, .. })) => return reuse(state, posts, action, post),
        (Action::OpenPage, Some(PostRow { post, .. })) if post.is_maybe_published => {
            effects.push(Effect::OpenRecentActivity { author: Some(post.author).filter(|author| is_page_urn(author)) });
        }
        (Action::OpenPage, Some(PostRow { url: Some(url), post, .. })) if post.deleted_at.is_none() => {
            effects.push(Effect::OpenPage(url));
        }
        (Action::CopyUrlToOpen, Some(PostRow { url: Some(url), post, .. })) if post.deleted_at.is_none() => {
            effects = copy_text("the post's URL", &url);
        }
        (Action::CopyUrn, Some(PostRow { post: PublishedPost { urn: Some(urn), .. }, .. })) => {
            effects = copy_text("the post's URN", &urn);
        }
        (Action::Statistics, Some(PostRow { post, .. })) if post.deleted_at.is_none() => {
            if let Some(urn) = post.urn {
                effects = post_statistics::open(state, posts.profile.clone(), urn, post.first_line);
            }
        }
        (Action::Comment, Some(row)) if row.post.deleted_at.is_none() => {
            effects = comment::open(state, posts.profile.clone(), row);
        }
        (Action::React, Some(row)) if row.post.deleted_at.is_none() => {
            effects = reaction::open(state, posts.profile.clone(), row);
        }
        (Action::Edit, Some(PostRow { post, .. })) if post.urn.is_some() && post.deleted_at.is_none() => {
            return edit(state, posts, post);
        }
        (Action::Delete, Some(PostRow { post, .. })) if post.is_maybe_published => {
            let target = RecordToDelete { name: posts.profile.clone(), post };
            state.dialog = Some(Dialog::DeleteRecord(Box::new(target)));
        }
        (Action::Delete, Some(PostRow { post, .. })) if post.deleted_at.is_none() => {
            if let Some(urn) = post.urn {
                let target = PostToDelete { name: posts.profile.clone(), urn, first_line: post.first_line };
                state.dialog = Some(Dialog::DeletePost(Box::new(target)));
            }
        }
        _ => {}
    }
    state.screen = Screen::Posts(posts);
    effects
}

/// Opens the form for a new post: with the text and the link of this one, or with this one to reshare.
fn reuse(state: &mut State, posts: Box<Posts>, action: Action, post: PublishedPost) -> Vec<Effect> {
    let name = posts.profile.clone();
    state.screen = Screen::Posts(posts);
    let author = Some(post.author);
    let prefill = match (action, post.urn) {
        (Action::Duplicate, _) if post.text.is_empty() && post.link.is_none() => {
            state.notify_error(if post.attachment.is_empty() {
                "The text of this post was not saved here. Copy it from LinkedIn."
            } else {
                "This post has no text, and its attachment is not saved here."
            });
            return Vec::new();
        }
        (Action::Duplicate, _) => SavedDraft {
            text: post.text,
            visibility: post.visibility,
            link: post.link,
            author,
            ..SavedDraft::default()
        },
        (_, Some(urn)) if post.deleted_at.is_none() => {
            SavedDraft { reshare: Some(urn), author, ..SavedDraft::default() }
        }
        _ => return Vec::new(),
    };
    let files = state.files();
    let effects = files.profile(&name).map_or_else(Vec::new, |profile| compose::open_with(state, profile, prefill));
    compose::return_to_posts(state);
    effects
}

/// Opens the editor on the text of a post.
fn edit(state: &mut State, posts: Box<Posts>, post: PublishedPost) -> Vec<Effect> {
    if post.text.is_empty() {
        state.notify_error("The text of this post was not saved here. Edit it on LinkedIn.");
        state.screen = Screen::Posts(posts);
        return Vec::new();
    }
    let files = state.files();
    if let Some(reason) =
        files.profile(&posts.profile).and_then(|profile| compose::cannot_publish_reason(state, profile))
    {
        state.notify_error(reason);
        state.screen = Screen::Posts(posts);
        return Vec::new();
    }
    compose::open_edit(state, posts.profile, post)
}

/// Deletes the post after its confirmation.
pub(crate) fn delete(state: &mut State, target: &PostToDelete) -> Vec<Effect> {
    let Screen::Posts(posts) = &mut state.screen else { return compose::delete(state, target) };
    posts.deleting = Some(target.urn.clone());
    vec![Effect::DeletePost { id: posts.id, name: target.name.clone(), urn: target.urn.clone() }]
}

/// Handles the result of deleting a post from the list.
pub(crate) fn on_deleted(state: &mut State, id: u64, result: Result<()>) -> Vec<Effect> {
    let Screen::Posts(posts) = &mut state.screen else { return Vec::new() };
    if posts.id != id {
        return Vec::new();
    }
    posts.deleting = None;
    let name = posts.profile.clone();
    match result {
        Ok(()) => state.notify("The post was deleted."),
        Err(error) => {
            let hint = state.hint(&error);
            state.notify_error(format!("The post was not deleted. {error} {hint}"));
        }
    }
    vec![Effect::ReadPosts { id, name }]
}

/// Deletes the record after its confirmation.
pub(crate) fn delete_record(state: &State, RecordToDelete { name, post }: RecordToDelete) -> Vec<Effect> {
    let Screen::Posts(posts) = &state.screen else { return Vec::new() };
    vec![Effect::DeleteRecord { id: posts.id, name, post: Box::new(post) }]
}

pub(crate) fn on_record_deleted(state: &mut State, id: u64) -> Vec<Effect> {
    let Screen::Posts(posts) = &state.screen else { return Vec::new() };
    if posts.id != id {
        return Vec::new();
    }
    let name = posts.profile.clone();
    state.notify("The record was deleted.");
    vec![Effect::ReadPosts { id, name }]
}

/// Returns the dialog that confirms that the record of a post is deleted.
pub(crate) fn delete_record_page(state: &State, target: &RecordToDelete, theme: Theme, width: usize) -> Page {
    let RecordToDelete { post, .. } = target;
    let mut page = Page::new(theme, width, "Delete the record?");
    page.strong(&clean(title(post), 200));
    page.value("Sent", &time_format::format_minute(state, post.at));
    page.blank();
    page.plain("If the post was published, it stays on LinkedIn. The same post is then sent without a question.");
    page.with_choices(state, KeyContext::DeleteRecord)
}

/// Returns the first line of a post, or what is below its text.
fn title(post: &PublishedPost) -> &str {
    Some(post.title()).filter(|title| !title.is_empty()).unwrap_or("(no text)")
}

/// Returns the dialog that confirms that a post is deleted.
pub(crate) fn delete_page(state: &State, target: &PostToDelete, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "Delete the post?");
    if !target.first_line.is_empty() {
        page.strong(&clean(&target.first_line, 200));
    }
    page.dim(&clean(&target.urn, 120));
    page.blank();
    page.warning("It is deleted for everyone. LinkedIn cannot restore it.");
    page.with_choices(state, KeyContext::DeletePost)
}

fn visibility_label(post: &PublishedPost) -> &'static str {
    match post.visibility.as_str() {
        "public" => "Anyone",
        "connections" => "Connections",
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

pub(crate) fn page(state: &State, posts: &Posts, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "Posts published with this program");
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
        let is_deleted = post.deleted_at.is_some();
        let style = if is_deleted { theme.dim() } else { ratatui::style::Style::new() };
        let first_line = fit(&clean(title(post), 200), line_width);
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
    if let Some(row) = posts.selected() {
        page.panel("Post");
        add_detail(&mut page, state, &posts.profile, row);
    }
    page
}

fn add_detail(page: &mut Page, state: &State, profile: &Name, PostRow { post, url }: &PostRow) {
    let at = |at| time_format::format_minute(state, at);
    if post.text.is_empty() {
        page.plain(&clean(&post.first_line, 200));
    } else {
        // What has no URN was published as text.
        compose::add_post_text(page, &post.text, &|_| false);
    }
    page.blank();
    if post.is_maybe_published {
        page.warning(
            "It may have been published, once or not at all: LinkedIn did not confirm it. Look for it on LinkedIn.",
        );
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
        page.value("Link", &clean(link, 200));
    } else if !post.attachment.is_empty() {
        page.value("Attachment", &clean(&post.attachment, 200));
    }
    match comment::author_name(state, profile, post) {
        Some(name) => page.value_with_note("Author", &clean(&name, 80), &clean(&post.author, 120)),
        None => page.value("Author", &clean(&post.author, 120)),
    }
    if let Some(urn) = &post.urn {
        page.value("URN", &clean(urn, 120));
    }
    if let (Some(url), None) = (url, post.deleted_at) {
        page.value("URL", url);
    }
}
